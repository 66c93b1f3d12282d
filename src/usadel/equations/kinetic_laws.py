"""How interface laws enter the kinetic equation: the Keldysh block of σA ĝ∂̃ĝ = n [S, ĝ].

    σA n Jᵢ = ¼Tr ρᵢ(S kⱼ - kⱼ Sᴬ) hⱼ + ¼Tr ρᵢ(Sᴷĝᴬ - ĝSᴷ),   Sᴷ = map(kⱼ of the other side) hⱼ,   S = own + map(ĝ_out)

which are C0 + Cφ and C1 of the notation page. Every law is known by the same `own` and `across` that the spectral
equation uses.
"""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.equations.kinetic import MODES, add_commutator, add_scattering, advanced, mode_matrix, project
from usadel.equations.matrix_current import apply_map, normalizations, propagator


@kernel
def retarded_and_advanced(g, ga, u):
    """g, ga (16, L) of a state (8, L)."""
    w = np.empty((12, u.shape[1]), np.complex128)
    normalizations(w[0:4], w[4:8], u, w[8:12])
    propagator(g, u, w[0:4], w[4:8])
    advanced(ga, g)


@kernel
def add_own(block, factor, u, s):
    """block (64, L) += factor ¼Tr ρᵢ(S kⱼ - kⱼ Sᴬ) of the state u (8, L) on this side and S (16, L)."""
    lanes = u.shape[1]
    g = np.empty((16, lanes), np.complex128)
    ga = np.empty((16, lanes), np.complex128)
    w = np.empty((56, lanes), np.complex128)
    retarded_and_advanced(g, ga, u)
    add_scattering(block, factor, g, ga, s, np.zeros((16, 16), np.complex128), False, w)


@kernel
def add_link(own, other, factor, here, across, law_map):
    """Transmission: own and other (64, L) += factor × the rows' derivatives by h here and across the interface."""
    lanes = here.shape[1]
    g = np.empty((16, lanes), np.complex128)
    ga = np.empty((16, lanes), np.complex128)
    outside = np.empty((16, lanes), np.complex128)
    outside_a = np.empty((16, lanes), np.complex128)
    k = np.empty((16, lanes), np.complex128)
    s = np.zeros((16, lanes), np.complex128)
    d = np.empty((8, lanes), np.complex128)
    retarded_and_advanced(outside, outside_a, across)
    apply_map(s, law_map, outside)
    add_own(own, factor, here, s)
    retarded_and_advanced(g, ga, here)
    for j in range(MODES):
        mode_matrix(k, j, outside, outside_a)
        s[:] = 0.0
        apply_map(s, law_map, k)
        d[:] = 0.0
        add_commutator(d, 1.0, s, ga, g, s)
        project(other, j, factor, d)


@kernel
def add_source(out, factor, u, sk):
    """out (8, L) += factor ¼Tr ρᵢ(Sᴷĝᴬ - ĝSᴷ) of the state u (8, L) here and a given Sᴷ (16, L)."""
    lanes = u.shape[1]
    g = np.empty((16, lanes), np.complex128)
    ga = np.empty((16, lanes), np.complex128)
    d = np.zeros((8, lanes), np.complex128)
    rows = np.zeros((64, lanes))
    retarded_and_advanced(g, ga, u)
    add_commutator(d, 1.0, sk, ga, g, sk)
    project(rows, 0, factor, d)
    for i in range(MODES):
        for l in range(lanes):
            out[i, l] += rows[8 * i, l]
