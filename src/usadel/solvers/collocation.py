"""Linear first-order systems in flux form, condensed cell by cell to their nodes.

    M h' = J - Q h,   J' = -R h,      h (n) and J (n), all coefficients real n×n

Two Gauss points per cell: fourth order at the nodes, symmetric, stable for any ratio of the coefficients; the flux is
conserved to rounding where a row of R vanishes, and harmonic means of M appear by themselves.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from usadel._compile import Constant, constant, kernel
from usadel.solvers.real_elimination import add_product, invert

Array = NDArray[np.float64]

GAUSS = np.array([0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6])  # of the cell
_E = np.sqrt(3) / 6


def condense_cells(m: Array, q: Array, r: Array, width: Array) -> Array:
    """Fluxes at both ends of every cell from the values at its ends.

    Parameters
    ----------
    m, q, r : (cells, 2, n², L), coefficients at the Gauss points.
    width : (cells, 2), h dx/ds at the Gauss points, by which derivatives are divided.

    Returns
    -------
    flux : (cells, 2, 2, n², L): J at the left and right end, by h at the left and right end.

    With κ = h k = (Δh + d, Δh - d) and hᵢ = h_left + cᵢ Δh + e d the difference of the two collocation equations
    determines d, their mean J_left.
    """
    return np.asarray(_condense_cells(m, q, r, width, constant(math.isqrt(m.shape[2]))))


@kernel
def _condense_cells(m: Array, q: Array, r: Array, width: Array, of: Constant) -> Array:
    n, cells, lanes = len(of), m.shape[0], m.shape[3]
    flux = np.empty((cells, 2, 2, n * n, lanes))
    inverse = np.empty((n * n, lanes))
    rhs = np.empty((2, n * n, lanes))
    d = np.empty((2, n * n, lanes))  # by h_left, Δh
    mean = np.empty((n * n, lanes))
    source = np.empty((n * n, lanes))
    for cell in range(cells):
        w1, w2 = width[cell, 0], width[cell, 1]
        c1, c2 = GAUSS[0], GAUSS[1]
        m1, m2 = m[cell, 0], m[cell, 1]
        q1, q2, r1, r2 = q[cell, 0], q[cell, 1], r[cell, 0], r[cell, 1]
        left, right = flux[cell, 0], flux[cell, 1]
        for e in range(n * n):
            for l in range(lanes):
                a1, a2 = m1[e, l] / w1, m2[e, l] / w2
                s1, s2 = w1 * r1[e, l], w2 * r2[e, l]
                inverse[e, l] = a1 + a2 + _E * (q1[e, l] - q2[e, l]) - _E * _E * (s1 + s2)
                rhs[0, e, l] = -(q1[e, l] - q2[e, l] - _E * (s1 + s2))
                rhs[1, e, l] = -(a1 - a2 + c1 * q1[e, l] - c2 * q2[e, l] - _E * (c1 * s1 + c2 * s2))
                d[0, e, l] = 0.0
                d[1, e, l] = 0.0
                # J_left and ∫R h by h_left, Δh and d
                left[0, e, l] = 0.5 * (q1[e, l] + q2[e, l] + c2 * s1 + c1 * s2)
                left[1, e, l] = 0.5 * (a1 + a2 + c1 * q1[e, l] + c2 * q2[e, l] + c1 * c2 * (s1 + s2))
                mean[e, l] = 0.5 * (a1 - a2 + _E * (q1[e, l] + q2[e, l] + c2 * s1 + c1 * s2))
                right[0, e, l] = -0.5 * (s1 + s2)
                right[1, e, l] = -0.5 * (c1 * s1 + c2 * s2)
                source[e, l] = -0.5 * _E * (s1 + s2)
        invert(inverse, of)
        for part in range(2):
            add_product(d[part], 1.0, inverse, rhs[part], n, of)
            add_product(left[part], 1.0, mean, d[part], n, of)
            add_product(right[part], 1.0, source, d[part], n, of)
        for e in range(n * n):
            for l in range(lanes):
                right[0, e, l] += left[0, e, l]
                right[1, e, l] += left[1, e, l]
                left[0, e, l] -= left[1, e, l]
                right[0, e, l] -= right[1, e, l]
    return flux


def inside_cells(
    m: Array, q: Array, r: Array, width: Array, left: Array, right: Array, source: Array | None = None
) -> tuple[Array, Array, Array]:
    """What is inside of cells, by h (cells, n, L) at their left and right ends; m, q, r, width as in `condense_cells`.

    source : (cells, 2, n, L), s of J' = s - R h at the Gauss points; None for 0.

    Returns
    -------
    h, k : (cells, 2, n, L), h and dh/dx at the Gauss points.
    answer : (cells, 2, n², L), J at the left and right end by the mismatch of the collocation equations, h fixed there.
    """
    source = np.zeros((0, 2, *left.shape[1:])) if source is None else source
    h, k, answer = _inside_cells(m, q, r, width, left, right, source, constant(left.shape[1]))
    return h, k, answer


@kernel
def _inside_cells(
    m: Array, q: Array, r: Array, width: Array, left: Array, right: Array, source: Array, of: Constant
) -> tuple[Array, Array, Array]:
    n, cells, lanes = len(of), m.shape[0], m.shape[3]
    h = np.empty((cells, 2, n, lanes))
    k = np.empty((cells, 2, n, lanes))
    answer = np.zeros((cells, 2, n * n, lanes))
    inverse = np.empty((n * n, lanes))
    by = np.empty((2, n * n, lanes))  # mismatch by h_left, Δh
    mean = np.empty((2, n * n, lanes))
    ends = np.empty((2, n, lanes))
    d = np.empty((n, lanes))
    for cell in range(cells):
        w1, w2 = width[cell, 0], width[cell, 1]
        c1, c2 = GAUSS[0], GAUSS[1]
        for e in range(n * n):
            for l in range(lanes):
                a1, a2 = m[cell, 0, e, l] / w1, m[cell, 1, e, l] / w2
                s1, s2 = w1 * r[cell, 0, e, l], w2 * r[cell, 1, e, l]
                q1, q2 = q[cell, 0, e, l], q[cell, 1, e, l]
                inverse[e, l] = a1 + a2 + _E * (q1 - q2) - _E * _E * (s1 + s2)
                by[0, e, l] = q1 - q2 - _E * (s1 + s2)
                by[1, e, l] = a1 - a2 + c1 * q1 - c2 * q2 - _E * (c1 * s1 + c2 * s2)
                mean[0, e, l] = 0.5 * (a1 - a2 + _E * (q1 + q2 + c2 * s1 + c1 * s2))
                mean[1, e, l] = mean[0, e, l] - 0.5 * _E * (s1 + s2)
        invert(inverse, of)
        for side in range(2):
            add_product(answer[cell, side], -1.0, mean[side], inverse, n, of)
        for i in range(n):
            for l in range(lanes):
                ends[0, i, l] = left[cell, i, l]
                ends[1, i, l] = right[cell, i, l] - left[cell, i, l]
                h[cell, 0, i, l] = 0.0
                d[i, l] = 0.0
                if cell < source.shape[0]:
                    h[cell, 0, i, l] -= _E * (w1 * source[cell, 0, i, l] + w2 * source[cell, 1, i, l])
        for part in range(2):
            add_product(h[cell, 0], -1.0, by[part], ends[part], 1, of)
        add_product(d, 1.0, inverse, h[cell, 0], 1, of)
        for i in range(n):
            for l in range(lanes):
                k[cell, 0, i, l] = (ends[1, i, l] + d[i, l]) / w1
                k[cell, 1, i, l] = (ends[1, i, l] - d[i, l]) / w2
                h[cell, 0, i, l] = ends[0, i, l] + c1 * ends[1, i, l] + _E * d[i, l]
                h[cell, 1, i, l] = ends[0, i, l] + c2 * ends[1, i, l] + _E * d[i, l]
    return h, k, answer


def changed_fluxes(changes: Array, width: Array, answer: Array) -> Array:
    """Changes of J (cells, 2, n, L) at the ends of cells, h fixed there, by those of M h' + Q h and of R h inside.

    changes : (cells, 2, 2, n, L), of both at the Gauss points; width, answer : as in `inside_cells`.
    """
    return np.asarray(_changed_fluxes(changes, width, answer, constant(changes.shape[3])))


@kernel
def _changed_fluxes(changes: Array, width: Array, answer: Array, of: Constant) -> Array:
    n, cells, lanes = len(of), changes.shape[0], changes.shape[4]
    out = np.empty((cells, 2, n, lanes))
    mismatch = np.empty((n, lanes))
    c1, c2 = GAUSS[0], GAUSS[1]
    for cell in range(cells):
        for i in range(n):
            for l in range(lanes):
                f1, f2 = changes[cell, 0, 0, i, l], changes[cell, 1, 0, i, l]
                s1, s2 = width[cell, 0] * changes[cell, 0, 1, i, l], width[cell, 1] * changes[cell, 1, 1, i, l]
                mismatch[i, l] = f1 - f2 - _E * (s1 + s2)
                out[cell, 0, i, l] = 0.5 * (f1 + f2 + c2 * s1 + c1 * s2)
                out[cell, 1, i, l] = out[cell, 0, i, l] - 0.5 * (s1 + s2)
        for side in range(2):
            add_product(out[cell, side], 1.0, answer[cell, side], mismatch, 1, of)
    return out


def merge_cells(flux: Array, first: NDArray[np.int64]) -> Array:
    """Fluxes at both ends of groups of neighbouring cells, (groups, 2, 2, n², L), the nodes inside eliminated.

    flux (cells, 2, 2, n², L), from `condense_cells`; first (groups + 1): where each group begins.
    """
    return np.asarray(_merge_cells(flux, first, constant(math.isqrt(flux.shape[3]))))


@kernel
def _merge_cells(flux: Array, first: NDArray[np.int64], of: Constant) -> Array:
    n, groups, lanes = len(of), first.size - 1, flux.shape[4]
    out = np.empty((groups, 2, 2, n * n, lanes))
    inverse = np.empty((n * n, lanes))
    by_left = np.empty((n * n, lanes))
    by_right = np.empty((n * n, lanes))
    for group in range(groups):
        here = out[group]
        here[:] = flux[first[group]]
        for cell in range(first[group] + 1, first[group + 1]):
            after = flux[cell]
            for e in range(n * n):
                for l in range(lanes):
                    inverse[e, l] = here[1, 1, e, l] - after[0, 0, e, l]  # J is the same on both sides
                    by_left[e, l] = 0.0
                    by_right[e, l] = 0.0
            invert(inverse, of)
            add_product(by_left, -1.0, inverse, here[1, 0], n, of)
            add_product(by_right, 1.0, inverse, after[0, 1], n, of)
            add_product(here[0, 0], 1.0, here[0, 1], by_left, n, of)
            here[1, 0] = 0.0
            add_product(here[1, 0], 1.0, after[1, 0], by_left, n, of)
            here[1, 1] = after[1, 1]
            add_product(here[1, 1], 1.0, after[1, 0], by_right, n, of)
            inverse[:] = here[0, 1]
            here[0, 1] = 0.0
            add_product(here[0, 1], 1.0, inverse, by_right, n, of)
    return out
