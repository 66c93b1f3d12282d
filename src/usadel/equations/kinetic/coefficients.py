"""Coefficients of the kinetic equation, from the same matrix current and self-energies as the spectral one.

The Keldysh block of D ∂̃(ǧ∂̃ǧ) = [Š, ǧ] with ĝᴷ = Σ hⱼ kⱼ, kⱼ = ĝρⱼ - ρⱼĝᴬ, projected on ρᵢ, is

    ∂J + R h = 0,   J = M ∂h + Q h,
    Mᵢⱼ = ¼Tr ρᵢĝkⱼ = δᵢⱼ - ¼Tr ρᵢĝρⱼĝᴬ,   Qᵢⱼ = ¼Tr ρᵢ(Yρⱼ - ρⱼYᴬ),   Y = ĝ∂̃ĝ,
    Rᵢⱼ = -¼Tr ρᵢ(S kⱼ - kⱼ Sᴬ + Sᴷ ĝᴬ - ĝ Sᴷ),   Sᴷ = map(kⱼ),   Xᴬ = -τ̂3 X† τ̂3 for X = ĝ, Y, S

(S51-S60 of the 2019 supplement; Eqs. (4)-(7) of Morten et al. in the collinear limit). S/D holds neither the energy,
which drops out, nor the broadening Γ, which enters the retarded propagator only and relaxes nothing.
Rows and columns are the modes h0…h7: energy, spin energy x y z, charge, spin x y z; or some of them, where others
vanish. All rows are real.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.algebra.lanes import add_halves
from usadel.algebra.nambu import RHO, Complex, block_diagonal
from usadel.equations.matrix_current import apply_map, matrix_current_diagonal, normalizations, propagator
from usadel.equations.numbers import ALL_MODES

# ρⱼ has one entry VALUE[j, r] in row r, in column COLUMN[j, r].
COLUMN = np.array([[int(np.flatnonzero(row)[0]) for row in rho] for rho in RHO])
VALUE = np.array([[row[np.flatnonzero(row)[0]] for row in rho] for rho in RHO])
# Place of the entry (r, c) of a 4×4 matrix in block order, and among the eight of its diagonal blocks.
PLACE = np.array([[8 * (r // 2) + 4 * (c // 2) + 2 * (r % 2) + c % 2 for c in range(4)] for r in range(4)])
DIAGONAL = np.array([[4 * (r // 2) + 2 * (r % 2) + c % 2 for c in range(4)] for r in range(4)])


class Points(NamedTuple):
    """Where the coefficients are wanted: states are interpolated there from the sites."""

    first: NDArray[np.int64]  # first site of the stencil
    value: NDArray[np.float64]  # (points, width): weights of the state
    slope: NDArray[np.float64]  # (points, width): weights of its derivative d/dx
    constant: NDArray[np.complex128]  # (points, 16): S/D without energy and broadening
    map_index: NDArray[np.int64]  # which self-energy map, -1 for none
    maps: NDArray[np.complex128]  # (maps, 16, 16)
    gauge_index: NDArray[np.int64]  # which gauge field along the junction, -1 for none
    gauges: NDArray[np.complex128]  # (fields, 32), generators as in `equations.gauge`


@kernel
def advanced(out, x):
    """out = -τ̂3 x† τ̂3, both (16, L)."""
    for row in range(4):
        for column in range(4):
            sign = -1.0 if (row < 2) == (column < 2) else 1.0
            at, mirrored = PLACE[row, column], PLACE[column, row]
            for l in range(x.shape[1]):
                out[at, l] = sign * x[mirrored, l].conjugate()


@kernel
def mode_matrix(k, j, g, ga):
    """k (16, L) = kⱼ = ĝρⱼ - ρⱼĝᴬ."""
    for row in range(4):
        for column in range(4):
            right, left = COLUMN[j, column], COLUMN[j, row]
            a, b, at = PLACE[row, right], PLACE[left, column], PLACE[row, column]
            va, vb = VALUE[j, right], VALUE[j, row]
            for l in range(g.shape[1]):
                k[at, l] = va * g[a, l] - vb * ga[b, l]


@kernel
def add_commutator(d, factor, left, right, other_left, other_right):
    """d (8, L) += factor × the diagonal blocks of left·right - other_left·other_right, all (16, L)."""
    for row in range(4):
        for c in range(2):
            column = c + 2 * (row // 2)
            at = DIAGONAL[row, column]
            for inner in range(4):
                a, b = PLACE[row, inner], PLACE[inner, column]
                for l in range(d.shape[1]):
                    d[at, l] += factor * (left[a, l] * right[b, l] - other_left[a, l] * other_right[b, l])


@kernel
def add_diagonal(d, left, right):
    """d (8, L) += the diagonal blocks of left·right, both (16, L)."""
    for row in range(4):
        for c in range(2):
            column = c + 2 * (row // 2)
            at = DIAGONAL[row, column]
            for inner in range(4):
                a, b = PLACE[row, inner], PLACE[inner, column]
                for l in range(d.shape[1]):
                    d[at, l] += left[a, l] * right[b, l]


@kernel
def project(out, column, factor, d, modes):
    """A column of out (n², L) += factor Re ¼Tr ρᵢ d for the n modes i, of the diagonal blocks d (8, L)."""
    for a in range(modes.size):
        i, place = modes[a], modes.size * a + column
        for row in range(4):
            at, weight = DIAGONAL[COLUMN[i, row], row], 0.25 * factor * VALUE[i, row]
            for l in range(d.shape[1]):
                out[place, l] += (weight * d[at, l]).real


@kernel
def add_fields(out, constant, g, modes):
    """out (n², L) -= ¼Tr [ρᵢ, S]kⱼ = ½Re Tr ρⱼ[ρᵢ, S]ĝ of pairing and fields S = Sᴬ (16).

    Where ρᵢ and S commute this is zero, not rounding: with few impurities below the gap nothing else relaxes the modes.
    """
    for a in range(modes.size):
        i = modes[a]
        for row in range(4):
            for column in range(4):
                other = COLUMN[i, column]
                left = VALUE[i, row] * constant[PLACE[COLUMN[i, row], column]]
                entry = left - constant[PLACE[row, other]] * VALUE[i, other]
                if entry != 0.0:
                    for b in range(modes.size):
                        j, place = modes[b], modes.size * a + b
                        last = COLUMN[j, row]
                        factor, at = -0.5 * VALUE[j, last] * entry, PLACE[column, last]
                        for l in range(g.shape[1]):
                            out[place, l] += factor.real * g[at, l].real - factor.imag * g[at, l].imag


@kernel
def add_gradient_rows(m, q, place, g, k, y, d, modes):
    """The column of a mode, given by its place among the modes, of m, q (n², L) += M, Q.

    y (8, L) are the diagonal blocks of Y, d is scratch (8, L).

    M as ¼Tr ρᵢĝkⱼ keeps its digits where kⱼ is small, as below the gap: M is of the order of its square there.
    """
    j = modes[place]
    d[:] = 0.0
    add_diagonal(d, g, k)
    project(m, place, 1.0, d, modes)
    for row in range(4):
        for c in range(2):
            column = c + 2 * (row // 2)
            right, left = COLUMN[j, column], COLUMN[j, row]
            a, b = DIAGONAL[row, right], DIAGONAL[column, left]
            va, vb = VALUE[j, right], VALUE[j, row]
            for l in range(g.shape[1]):
                d[DIAGONAL[row, column], l] = va * y[a, l] + vb * y[b, l].conjugate()
    project(q, place, 1.0, d, modes)


def coefficients(state, points, modes=ALL_MODES):
    """M, Q, R of n modes, each (points, n², L), of states (sites, 8, L)."""
    return _coefficients(state, points, modes)


@kernel
def _coefficients(state, points, modes):
    count, lanes, size = points.first.size, state.shape[2], modes.size**2
    m = np.zeros((count, size, lanes))
    q = np.zeros((count, size, lanes))
    r = np.zeros((count, size, lanes))
    u = np.empty((8, lanes), np.complex128)
    du = np.empty((8, lanes), np.complex128)
    n = np.empty((4, lanes), np.complex128)
    nt = np.empty((4, lanes), np.complex128)
    g = np.empty((16, lanes), np.complex128)
    ga = np.empty((16, lanes), np.complex128)
    y = np.empty((8, lanes), np.complex128)
    s = np.empty((16, lanes), np.complex128)
    k = np.empty((16, lanes), np.complex128)
    sk = np.empty((16, lanes), np.complex128)
    d = np.empty((8, lanes), np.complex128)
    w = np.empty((32, lanes), np.complex128)
    for point in range(count):
        u[:] = 0.0
        du[:] = 0.0
        for j in range(points.value.shape[1]):
            value, slope, site = points.value[point, j], points.slope[point, j], points.first[point] + j
            for c in range(8):
                for l in range(lanes):
                    u[c, l] += value * state[site, c, l]
                    du[c, l] += slope * state[site, c, l]
        if points.gauge_index[point] >= 0:
            add_halves(du, -1.0, points.gauges[points.gauge_index[point]], u, None)
        normalizations(n, nt, u, w[0:4], None)
        propagator(g, u, n, nt, None)
        advanced(ga, g)
        matrix_current_diagonal(y[0:4], y[4:8], u, du, n, nt, w, None)
        add_fields(r[point], points.constant[point], g, modes)
        index = points.map_index[point]
        if index >= 0:
            s[:] = 0.0
            apply_map(s, points.maps[index], g)
        for place in range(modes.size):
            mode_matrix(k, modes[place], g, ga)
            add_gradient_rows(m[point], q[point], place, g, k, y, d, modes)
            if (
                index >= 0
            ):  # Skⱼ - kⱼSᴬ + Sᴷĝᴬ - ĝSᴷ: since kⱼ† = τ̂3kⱼτ̂3, every second term is the conjugate of the first
                sk[:] = 0.0
                apply_map(sk, points.maps[index], k)
                d[:] = 0.0
                add_diagonal(d, s, k)
                add_diagonal(d, sk, ga)
                project(r[point], place, -2.0, d, modes)
    return m, q, r


def mode_gauge(field: Complex) -> NDArray[np.float64]:
    """𝒜ᵢⱼ = ¼Tr(-iρᵢ[Â, ρⱼ]), Â = diag(A, -A*), of a gauge field A (2, 2): ∂̃h = ∂h + 𝒜h, antisymmetric."""
    matrix = block_diagonal(field, -field.conj())
    return np.array([[np.trace(-1j * r @ (matrix @ s - s @ matrix)).real / 4 for s in RHO] for r in RHO])


@kernel
def rotate(matrices, rotations):
    """matrices (points, n², L) become O X Oᵀ with O of rotations (points, n, n)."""
    n = rotations.shape[1]
    half = np.empty((n * n, matrices.shape[2]))
    for point in range(matrices.shape[0]):
        for i in range(n):
            for j in range(n):
                half[n * i + j] = 0.0
                for k in range(n):
                    for l in range(matrices.shape[2]):
                        half[n * i + j, l] += rotations[point, i, k] * matrices[point, n * k + j, l]
        for i in range(n):
            for j in range(n):
                matrices[point, n * i + j] = 0.0
                for k in range(n):
                    for l in range(matrices.shape[2]):
                        matrices[point, n * i + j, l] += half[n * i + k, l] * rotations[point, j, k]


@kernel
def rotate_back(flux, rotations):
    """flux (cells, 2, 2, n², L) for modes rotated by O (cells, n, n) at the right ends becomes that of the modes."""
    n = rotations.shape[1]
    part = np.empty((n * n, flux.shape[4]))
    for cell in range(flux.shape[0]):
        for side in range(2):
            for i in range(n):  # columns of the right node: X O
                for j in range(n):
                    part[n * i + j] = 0.0
                    for k in range(n):
                        for l in range(flux.shape[4]):
                            part[n * i + j, l] += flux[cell, side, 1, n * i + k, l] * rotations[cell, k, j]
            flux[cell, side, 1] = part
        for node in range(2):  # rows of the right end: Oᵀ X
            for i in range(n):
                for j in range(n):
                    part[n * i + j] = 0.0
                    for k in range(n):
                        for l in range(flux.shape[4]):
                            part[n * i + j, l] += rotations[cell, k, i] * flux[cell, 1, node, n * k + j, l]
            flux[cell, 1, node] = part
