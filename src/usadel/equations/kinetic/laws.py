"""How interface laws enter the kinetic equation: the Keldysh block of σA ĝ∂̃ĝ = n [S, ĝ].

    σA n Jᵢ = ¼Tr ρᵢ(S ĝᴷ - ĝᴷ Sᴬ + Sᴷ ĝᴬ - ĝ Sᴷ),   S = S₁ - c S₁ĝS₁ + T(ĝ_out R ĝ_out - R)T

with the S of the spectral equation (`scattering`), Sᴬ = -τ̂3 S† τ̂3, and by the product rule

    Sᴷ = S₁ᴷ - c(S₁ᴷ ĝᴬ S₁ᴬ + S₁ ĝᴷ S₁ᴬ + S₁ ĝ S₁ᴷ) + T(ĝᴷ_out R ĝᴬ_out + ĝ_out R ĝᴷ_out)T,   S₁ᴷ = map(ĝᴷ_out).

To first order, c = R = 0, these are C0, C1 and Cφ of the notation page.
"""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.algebra.lanes import add_nambu_product
from usadel.equations.kinetic.coefficients import add_commutator, advanced, mode_matrix, project
from usadel.equations.matrix_current import apply_map
from usadel.equations.numbers import ALL_MODES
from usadel.equations.spectral.contact import law_parts, state_propagator


def add_law(own, other, factor, here, across, linked, constant, law_map, twice, echo, modes=ALL_MODES):
    """own and other (n², L) += factor × the rows' derivatives by h here and, if `linked`, across the interface.

    Parameters
    ----------
    here, across : (8, L), states; constant : (2, 16, L), the parts of S₁ and of S that no solved ĝ enters.
    law_map (16, 16), twice, echo (2, 16, 16) : numbers of the law, see `Rows`; modes (n).
    """
    law_kernel(own, other, factor, here, across, linked, constant, law_map, twice, echo, modes)


@kernel
def law_kernel(own, other, factor, here, across, linked, constant, law_map, twice, echo, modes):
    """The same within compiled code."""
    lanes = here.shape[1]
    g, ga = state_propagator(here, None), np.empty((16, lanes), np.complex128)
    out, out_a = state_propagator(across, None), np.empty((16, lanes), np.complex128)
    first, first_a = constant[0].copy(), np.empty((16, lanes), np.complex128)
    s, sa = np.zeros((16, lanes), np.complex128), np.empty((16, lanes), np.complex128)
    k = np.empty((16, lanes), np.complex128)
    sk = np.zeros((16, lanes), np.complex128)
    w = np.zeros((16, lanes), np.complex128)
    d = np.empty((8, lanes), np.complex128)
    parts = np.zeros((5, 16, lanes), np.complex128)
    advanced(ga, g)
    advanced(out_a, out)
    if linked:
        apply_map(first, law_map, out)
        law_parts(s, parts, here, across, constant[0], law_map, twice, echo, None)
    elif twice != 0.0:
        add_nambu_product(w, 1.0, first, g, None)
        add_nambu_product(s, -twice, w, first, None)
    s += constant[0] + constant[1]
    advanced(first_a, first)
    advanced(sa, s)
    for place in range(modes.size):
        mode_matrix(k, modes[place], g, ga)
        d[:] = 0.0
        add_commutator(d, 1.0, s, k, k, sa)
        if twice != 0.0:
            w[:] = 0.0
            sk[:] = 0.0
            add_nambu_product(w, 1.0, first, k, None)
            add_nambu_product(sk, -twice, w, first_a, None)
            add_commutator(d, 1.0, sk, ga, g, sk)
        project(own, place, factor, d, modes)
    if not linked:
        return
    for place in range(modes.size):
        mode_matrix(k, modes[place], out, out_a)
        sk[:] = 0.0
        apply_map(sk, law_map, k)
        if twice != 0.0:
            add_second_order(sk, g, ga, first, first_a, twice)
            add_echo(sk, k, out, out_a, echo)
        d[:] = 0.0
        add_commutator(d, 1.0, sk, ga, g, sk)
        project(other, place, factor, d, modes)


@kernel
def add_second_order(sk, g, ga, first, first_a, twice):
    """sk (16, L), given as S₁ᴷ, -= c(S₁ᴷ ĝᴬ S₁ᴬ + S₁ ĝ S₁ᴷ)."""
    sk1 = sk.copy()
    w = np.zeros(sk.shape, np.complex128)
    add_nambu_product(w, 1.0, sk1, ga, None)
    add_nambu_product(sk, -twice, w, first_a, None)
    w[:] = 0.0
    add_nambu_product(w, 1.0, first, g, None)
    add_nambu_product(sk, -twice, w, sk1, None)


@kernel
def add_echo(sk, k, out, out_a, echo):
    """sk (16, L) += T(k R ĝᴬ_out + ĝ_out R k)T of k = ĝᴷ_out."""
    left = np.zeros(sk.shape, np.complex128)
    right = np.zeros(sk.shape, np.complex128)
    apply_map(left, echo[0], k)
    apply_map(right, echo[1], out_a)
    add_nambu_product(sk, 1.0, left, right, None)
    left[:] = 0.0
    right[:] = 0.0
    apply_map(left, echo[0], out)
    apply_map(right, echo[1], k)
    add_nambu_product(sk, 1.0, left, right, None)


def add_source(out, factor, here, first, source, echo_source, twice, modes=ALL_MODES):
    """out (n, L) += factor ¼Tr ρᵢ(Sᴷĝᴬ - ĝSᴷ) of a reservoir behind the law.

    first, source, echo_source : (16, L), S₁, S₁ᴷ and the last term of Sᴷ; modes (n).
    """
    source_kernel(out, factor, here, first, source, echo_source, twice, modes)


@kernel
def source_kernel(out, factor, here, first, source, echo_source, twice, modes):
    """The same within compiled code."""
    lanes = here.shape[1]
    g, ga = state_propagator(here, None), np.empty((16, lanes), np.complex128)
    first_a = np.empty((16, lanes), np.complex128)
    d = np.zeros((8, lanes), np.complex128)
    rows = np.zeros((modes.size**2, lanes))
    sk = source.copy()
    advanced(ga, g)
    advanced(first_a, first)
    if twice != 0.0:
        add_second_order(sk, g, ga, first, first_a, twice)
        sk += echo_source
    add_commutator(d, 1.0, sk, ga, g, sk)
    project(rows, 0, factor, d, modes)
    for i in range(modes.size):
        for l in range(lanes):
            out[i, l] += rows[modes.size * i, l]
