"""Kernels of the interface laws of `scattering`: what ĝ on the far side, and a second reflection, add to a row.

    S = S₁ - c S₁ĝS₁ + T(ĝ_out R ĝ_out - R)T

The parts that depend on no solved ĝ are constants of a pack, given to `spectral`; here are the others. `first` is
the constant part of S₁ (4E, L), law_map and echo the maps of `Scattering` (echo only where twice = c is not zero).
At an end without a solved neighbour the maps are zero.
"""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.algebra.lanes import add_nambu_product
from usadel.equations.matrix_current import (
    apply_map,
    normalizations,
    propagator,
    propagator_jacobian,
    riccati_jacobian,
    riccati_rows,
    riccati_rows_linear,
)


@kernel
def add_link(out, weight, here, across, first, law_map, twice, echo, diagonal=None):
    """out (2E, L) -= weight R(S) at the state here, of the S that ĝ(across) and ĝ(here) add."""
    lanes = out.shape[1]
    entries = out.shape[0] // 2
    s = np.zeros((4 * entries, lanes), np.complex128)
    parts = np.zeros((5, 4 * entries, lanes), np.complex128)
    slope = np.empty((2 * entries, lanes), np.complex128)
    scratch = np.empty((entries, lanes), np.complex128)
    law_parts(s, parts, here, across, first, law_map, twice, echo, diagonal)
    riccati_rows(slope, s, here, scratch, diagonal)
    for c in range(2 * entries):
        for l in range(lanes):
            out[c, l] -= weight * slope[c, l]


@kernel
def add_link_own(own, weight, here, across, first, law_map, twice, echo, diagonal=None):
    """own += derivative of `add_link` with respect to the state here."""
    lanes, entries = own.shape[1], here.shape[0] // 2
    s = np.zeros((4 * entries, lanes), np.complex128)
    parts = np.zeros((5, 4 * entries, lanes), np.complex128)
    scratch = np.empty((2 * entries, lanes), np.complex128)
    law_parts(s, parts, here, across, first, law_map, twice, echo, diagonal)
    if twice != 0.0:
        s1 = _repeated(parts[0])
        dg = _propagator_jacobian(here, diagonal)
        a = np.zeros((4 * entries, 2 * entries * lanes), np.complex128)
        ds = np.zeros((4 * entries, 2 * entries * lanes), np.complex128)
        add_nambu_product(a, 1.0, s1, dg, diagonal)
        add_nambu_product(ds, -twice, a, s1, diagonal)
        riccati_rows_linear(own, -weight, ds.reshape(4 * entries, 2 * entries, lanes), here, diagonal)
    for e in range(4 * entries):
        for l in range(lanes):
            s[e, l] *= -weight
    riccati_jacobian(own, s, here, scratch[0:entries], scratch[entries : 2 * entries], diagonal)


@kernel
def add_link_other(other, weight, here, across, first, law_map, twice, echo, diagonal=None):
    """other += derivative of `add_link` with respect to the state across."""
    lanes, entries = other.shape[1], here.shape[0] // 2
    dg = _propagator_jacobian(across, diagonal)
    ds = np.zeros((4 * entries, 2 * entries * lanes), np.complex128)
    apply_map(ds, law_map, dg)
    if twice != 0.0:
        s = np.zeros((4 * entries, lanes), np.complex128)
        parts = np.zeros((5, 4 * entries, lanes), np.complex128)
        law_parts(s, parts, here, across, first, law_map, twice, echo, diagonal)
        s1_g, g_s1, left, right = _repeated(parts[1]), _repeated(parts[2]), _repeated(parts[3]), _repeated(parts[4])
        ds1 = ds.copy()
        add_nambu_product(ds, -twice, ds1, g_s1, diagonal)
        add_nambu_product(ds, -twice, s1_g, ds1, diagonal)
        d_left = np.zeros((4 * entries, 2 * entries * lanes), np.complex128)
        d_right = np.zeros((4 * entries, 2 * entries * lanes), np.complex128)
        apply_map(d_left, echo[0], dg)
        apply_map(d_right, echo[1], dg)
        add_nambu_product(ds, 1.0, d_left, right, diagonal)
        add_nambu_product(ds, 1.0, left, d_right, diagonal)
    riccati_rows_linear(other, -weight, ds.reshape(4 * entries, 2 * entries, lanes), here, diagonal)


@kernel
def law_parts(s, parts, here, across, first, law_map, twice, echo, diagonal=None):
    """s (4E, L) += S without its constants; to second order parts (5, 4E, L) += S₁, S₁ĝ, ĝS₁, Tĝ_outR, ĝ_outT."""
    outside = state_propagator(across, diagonal)
    apply_map(s, law_map, outside)
    if twice != 0.0:
        s1, s1_g, g_s1, left, right = parts[0], parts[1], parts[2], parts[3], parts[4]
        for e in range(s.shape[0]):
            for l in range(s.shape[1]):
                s1[e, l] = first[e, l] + s[e, l]
        g = state_propagator(here, diagonal)
        add_nambu_product(s1_g, 1.0, s1, g, diagonal)
        add_nambu_product(g_s1, 1.0, g, s1, diagonal)
        add_nambu_product(s, -twice, s1_g, s1, diagonal)
        apply_map(left, echo[0], outside)
        apply_map(right, echo[1], outside)
        add_nambu_product(s, 1.0, left, right, diagonal)


@kernel
def state_propagator(u, diagonal=None):
    """ĝ (4E, L) of a state."""
    entries = u.shape[0] // 2
    w = np.empty((3 * entries, u.shape[1]), np.complex128)
    g = np.empty((4 * entries, u.shape[1]), np.complex128)
    normalizations(w[0:entries], w[entries : 2 * entries], u, w[2 * entries : 3 * entries], diagonal)
    propagator(g, u, w[0:entries], w[entries : 2 * entries], diagonal)
    return g


@kernel
def _propagator_jacobian(u, diagonal=None):
    """∂ĝ/∂(γ, γ̃) (4E, 2E L), one direction after the other."""
    lanes, entries = u.shape[1], u.shape[0] // 2
    w = np.empty((4 * entries, lanes), np.complex128)
    dg = np.empty((4 * entries, 2 * entries, lanes), np.complex128)
    normalizations(w[0:entries], w[entries : 2 * entries], u, w[2 * entries : 3 * entries], diagonal)
    propagator_jacobian(dg, u, w[0:entries], w[entries : 2 * entries], w[2 * entries : 4 * entries], diagonal)
    return dg.reshape(4 * entries, 2 * entries * lanes)


@kernel
def _repeated(matrix):
    """A matrix (4E, L) once for each of the directions, (4E, 2E L)."""
    lanes, directions = matrix.shape[1], matrix.shape[0] // 2
    out = np.empty((matrix.shape[0], directions, lanes), np.complex128)
    for e in range(matrix.shape[0]):
        for c in range(directions):
            for l in range(lanes):
                out[e, c, l] = matrix[e, l]
    return out.reshape(matrix.shape[0], directions * lanes)
