"""The Usadel equation of the retarded propagator on the grids of a device (S92-S95 of the 2019 supplement).

    D γ'' = R(S) - 2D γ'Ñγ̃γ',   S = -i[(E+iΓ)τ̂3 + Δ̂ + h·σ̂] + self-energies linear in ĝ

`Sites` holds the numbers of every node of every layer ("site"), `Rows` one equation for every unknown node.
All functions take one pack of energies: states (sites, 8, L).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.algebra.lanes import multiply
from usadel.equations.matrix_current import (
    apply_map,
    gradient_jacobian,
    gradient_term,
    normalizations,
    propagator,
    propagator_jacobian,
    riccati_jacobian,
    riccati_rows,
    riccati_rows_linear,
)

INSIDE, END, CONTACT, FIXED, SHARED, HUB = range(6)


class Sites(NamedTuple):
    """Numbers of every site: grid, stencils, and the part of S/D that depends on neither ĝ nor energy."""

    step: NDArray[np.float64]  # h of the layer's uniform grid
    stretch: NDArray[np.float64]  # dx/ds
    curvature: NDArray[np.float64]  # (d²x/ds²)/(dx/ds)
    first: NDArray[np.int64]  # first site of the stencil
    w: NDArray[np.float64]  # (sites, width): weights of f̂ in the site's row
    d: NDArray[np.float64]  # (sites, width): weights of the first derivative d/ds
    constant: NDArray[np.complex128]  # (sites, 16)
    diffusion: NDArray[np.float64]  # D relative to the reference metal
    map_index: NDArray[np.int64]  # which self-energy map, -1 for none
    maps: NDArray[np.complex128]  # (maps, 16, 16): S/D += map ĝ


class Rows(NamedTuple):
    """One row per unknown node: first the chains in their order of elimination, then the hubs of junctions."""

    kind: NDArray[np.int64]
    site: NDArray[np.int64]
    forward: NDArray[np.int64]  # INSIDE: +1 if site+1 comes next in the chain, else -1;
    #                             END, CONTACT: +1 if the inside of the layer comes next, else -1
    law: NDArray[np.int64]  # END, CONTACT: index of the interface law; FIXED: of the given state
    other: NDArray[np.int64]  # CONTACT: the site across the interface
    first_end: NDArray[np.int64]  # (rows+1): range of the row's ends below; one end for END and CONTACT
    end_site: NDArray[np.int64]
    end_inner: NDArray[np.int64]  # the neighbour inside the layer
    end_weight: NDArray[np.float64]  # SHARED: σA/(h dx/ds), normalized to sum 1; else 1
    end_law: NDArray[np.int64]  # HUB: law between the hub and this end, -1 where ĝ is continuous
    law_map: NDArray[np.complex128]  # (laws, 16, 16): CONTACT, and laws at a HUB: S += map ĝ(other side)


@kernel
def self_energy(s, n_site, sites, energy, u, n, nt, w):
    """s (16, L) = S/D of a site; g of linear self-energies goes to scratch w (16, L)."""
    inverse = 1.0 / sites.diffusion[n_site]
    for b in range(16):
        factor = 0.0 + 0.0j
        if b == 0 or b == 3:
            factor = -1j * inverse
        if b == 12 or b == 15:
            factor = 1j * inverse
        constant = sites.constant[n_site, b]
        for l in range(s.shape[1]):
            s[b, l] = constant + factor * energy[l]
    if sites.map_index[n_site] >= 0:
        propagator(w, u, n, nt)
        apply_map(s, sites.maps[sites.map_index[n_site]], w)


@kernel
def derivative(du, state, n_site, sites):
    """du (8, L) = dγ/ds, dγ̃/ds by the wide stencil."""
    for c in range(8):
        for l in range(du.shape[1]):
            du[c, l] = 0.0
    first = sites.first[n_site]
    for j in range(sites.d.shape[1]):
        weight = sites.d[n_site, j]
        for c in range(8):
            for l in range(du.shape[1]):
                du[c, l] += weight * state[first + j, c, l]


@kernel
def right_hand_sides(fhat, state, energy, sites):
    """f̂ (sites, 8, L) = x'² f(u, u_s/x') + (x''/x') u_s at every site."""
    lanes = energy.size
    s = np.empty((16, lanes), np.complex128)
    w = np.empty((24, lanes), np.complex128)
    n = np.empty((4, lanes), np.complex128)
    nt = np.empty((4, lanes), np.complex128)
    du = np.empty((8, lanes), np.complex128)
    f = np.empty((8, lanes), np.complex128)
    for site in range(state.shape[0]):
        u = state[site]
        normalizations(n, nt, u, w[0:4])
        self_energy(s, site, sites, energy, u, n, nt, w[0:16])
        riccati_rows(f, s, u, w[0:4])
        derivative(du, state, site, sites)
        x1 = sites.stretch[site]
        for c in range(8):
            for l in range(lanes):
                du[c, l] /= x1
        gradient_term(f, u, du, n, nt, w[0:8])
        for c in range(8):
            for l in range(lanes):
                fhat[site, c, l] = x1 * x1 * f[c, l] + sites.curvature[site] * x1 * du[c, l]


@kernel
def add_defect(out, end, state, fhat, sites, rows):
    """out (8, L) += weight (u[inner] - u[end] - h² Σ w f̂), the inward derivative h u_s of an end of a layer."""
    site, inner, weight = rows.end_site[end], rows.end_inner[end], rows.end_weight[end]
    first = sites.first[site]
    for c in range(8):
        for l in range(out.shape[1]):
            out[c, l] += weight * (state[inner, c, l] - state[site, c, l])
    for j in range(sites.w.shape[1]):
        factor = weight * sites.step[site] ** 2 * sites.w[site, j]
        for c in range(8):
            for l in range(out.shape[1]):
                out[c, l] -= factor * fhat[first + j, c, l]


@kernel
def law_matrix(s, row, rows, boundary, state, n, nt, w):
    """s (16, L) = S of an interface law: its given part, plus its map applied to ĝ across a contact."""
    law = rows.law[row]
    for b in range(16):
        for l in range(s.shape[1]):
            s[b, l] = boundary[law, b, l]
    if rows.kind[row] == CONTACT:
        across = state[rows.other[row]]
        normalizations(n, nt, across, w[0:4])
        propagator(w[0:16], across, n, nt)
        apply_map(s, rows.law_map[law], w[0:16])


@kernel
def hub_law_matrix(s, end, rows, state, n, nt, w):
    """s (16, L) = S of the law between a hub and one of its ends, as seen from the hub."""
    s[:] = 0.0
    across = state[rows.end_site[end]]
    normalizations(n, nt, across, w[0:4])
    propagator(w[0:16], across, n, nt)
    apply_map(s, rows.law_map[rows.end_law[end]], w[0:16])


@kernel
def residual(state, energy, sites, rows, boundary, fixed):
    """Residual (rows, 8, L) of every row of the scheme.

    boundary (laws, 16, L): S of each interface law, its part that does not depend on the state;
    fixed (laws, 8, L): states of transparent reservoirs.
    """
    lanes = energy.size
    count = rows.kind.size
    out = np.zeros((count, 8, lanes), np.complex128)
    fhat = np.empty((state.shape[0], 8, lanes), np.complex128)
    right_hand_sides(fhat, state, energy, sites)
    s = np.empty((16, lanes), np.complex128)
    w = np.empty((24, lanes), np.complex128)
    n = np.empty((4, lanes), np.complex128)
    nt = np.empty((4, lanes), np.complex128)
    slope = np.empty((8, lanes), np.complex128)
    for row in range(count):
        kind, site = rows.kind[row], rows.site[row]
        for end in range(rows.first_end[row], rows.first_end[row + 1]):
            if rows.end_law[end] < 0:
                add_defect(out[row], end, state, fhat, sites, rows)
            else:
                hub_law_matrix(s, end, rows, state, n, nt, w)
                riccati_rows(slope, s, state[site], w[0:4])
                for c in range(8):
                    for l in range(lanes):
                        out[row, c, l] -= rows.end_weight[end] * slope[c, l]
        if kind == INSIDE:
            first = sites.first[site]
            for c in range(8):
                for l in range(lanes):
                    out[row, c, l] = state[site + 1, c, l] - 2.0 * state[site, c, l] + state[site - 1, c, l]
            for j in range(sites.w.shape[1]):
                factor = sites.step[site] ** 2 * sites.w[site, j]
                for c in range(8):
                    for l in range(lanes):
                        out[row, c, l] -= factor * fhat[first + j, c, l]
        elif kind == FIXED:
            for c in range(8):
                for l in range(lanes):
                    out[row, c, l] = fixed[rows.law[row], c, l] - state[site, c, l]
        elif kind == END or kind == CONTACT:
            law_matrix(s, row, rows, boundary, state, n, nt, w)
            riccati_rows(slope, s, state[site], w[0:4])
            hx = sites.step[site] * sites.stretch[site]
            for c in range(8):
                for l in range(lanes):
                    out[row, c, l] -= hx * slope[c, l]
    return out


@kernel
def slopes(state, energy, sites, offset):
    """dγ/dx, dγ̃/dx (sites, 8, L): wide differences inside, the scheme's own derivative at the ends of layers.

    offset (layers+1): first site of every layer.
    """
    lanes = energy.size
    fhat = np.empty((state.shape[0], 8, lanes), np.complex128)
    right_hand_sides(fhat, state, energy, sites)
    out = np.empty((state.shape[0], 8, lanes), np.complex128)
    for k in range(offset.size - 1):
        for site in range(offset[k], offset[k + 1]):
            derivative(out[site], state, site, sites)
        for side in range(2):
            end = offset[k] if side == 0 else offset[k + 1] - 1
            sign = 1 - 2 * side
            h = sites.step[end]
            for c in range(8):
                for l in range(lanes):
                    out[end, c, l] = sign * (state[end + sign, c, l] - state[end, c, l]) / h
            for j in range(sites.w.shape[1]):
                for c in range(8):
                    for l in range(lanes):
                        out[end, c, l] -= sign * h * sites.w[end, j] * fhat[sites.first[end] + j, c, l]
    for site in range(state.shape[0]):
        for c in range(8):
            for l in range(lanes):
                out[site, c, l] /= sites.stretch[site]
    return out


@kernel
def spectral_radius(state):
    """Largest |eigenvalue| of γγ̃ over all sites, (L): below 1 on the physical branch for Im ε > 0."""
    lanes = state.shape[2]
    out = np.zeros(lanes)
    product = np.empty((4, lanes), np.complex128)
    for site in range(state.shape[0]):
        multiply(product, state[site, 0:4], state[site, 4:8])
        for l in range(lanes):
            half = 0.5 * (product[0, l] + product[3, l])
            root = np.sqrt(half * half - product[0, l] * product[3, l] + product[1, l] * product[2, l])
            radius = max(abs(half + root), abs(half - root))
            if not (radius <= out[l] or out[l] != out[l]):  # NaN stays
                out[l] = radius
    return out


@kernel
def site_jacobians(p, q, state, energy, sites):
    """p (sites, 64, L) = h²/12 ∂f̂/∂u, q (sites, 32, L) = h/24 ∂f̂/∂u_s (its two 4×4 blocks)."""
    lanes = energy.size
    s = np.empty((16, lanes), np.complex128)
    w = np.empty((24, lanes), np.complex128)
    n = np.empty((4, lanes), np.complex128)
    nt = np.empty((4, lanes), np.complex128)
    du = np.empty((8, lanes), np.complex128)
    dg = np.empty((16, 8, lanes), np.complex128)
    ds = np.empty((16, 8, lanes), np.complex128)
    for site in range(state.shape[0]):
        u = state[site]
        fu, fv = p[site], q[site]
        for e in range(64):
            for l in range(lanes):
                fu[e, l] = 0.0
        normalizations(n, nt, u, w[0:4])
        self_energy(s, site, sites, energy, u, n, nt, w[0:16])
        riccati_jacobian(fu, s, u, w[0:4], w[4:8])
        if sites.map_index[site] >= 0:
            propagator_jacobian(dg, u, n, nt, w[0:8])
            ds[:] = 0.0
            apply_map(ds.reshape(16, 8 * lanes), sites.maps[sites.map_index[site]], dg.reshape(16, 8 * lanes))
            riccati_rows_linear(fu, 1.0, ds, u)
        derivative(du, state, site, sites)
        x1, h = sites.stretch[site], sites.step[site]
        for c in range(8):
            for l in range(lanes):
                du[c, l] /= x1
        gradient_jacobian(fu, fv, u, du, n, nt, w[0:20])
        for e in range(64):
            for l in range(lanes):
                fu[e, l] *= h * h * x1 * x1 / 12.0
        for e in range(32):
            shift = sites.curvature[site] if e % 16 % 5 == 0 else 0.0
            for l in range(lanes):
                fv[e, l] = (fv[e, l] * x1 + shift) * h / 24.0


@kernel
def _add_unit(block, factor):
    for i in range(8):
        for l in range(block.shape[1]):
            block[9 * i, l] += factor


@kernel
def _add(block, factor, p):
    for e in range(64):
        for l in range(block.shape[1]):
            block[e, l] += factor * p[e, l]


@kernel
def _add_q(block, factor, q):
    for half in range(2):
        for i in range(4):
            for j in range(4):
                for l in range(block.shape[1]):
                    block[36 * half + 8 * i + j, l] += factor * q[16 * half + 4 * i + j, l]


@kernel
def add_end_blocks(here, inside, weight, site, inner, p, q):
    """Derivatives of one end's defect: here (64, L) with respect to the end, inside to its neighbour.

    h² (∂f̂[0]/3 + ∂f̂[1]/6), with u_s ≈ u[1] - u[0] over h at both nodes.
    """
    sign = float(inner - site)
    _add_unit(here, -weight)
    _add(here, -4.0 * weight, p[site])
    _add_q(here, 8.0 * sign * weight, q[site])
    _add_q(here, 4.0 * sign * weight, q[inner])
    _add_unit(inside, weight)
    _add(inside, -2.0 * weight, p[inner])
    _add_q(inside, -8.0 * sign * weight, q[site])
    _add_q(inside, -4.0 * sign * weight, q[inner])


@kernel
def _inside_blocks(left, here, right, site, p, q):
    """Derivatives of the row u[n+1] - 2u[n] + u[n-1] - h²/12 (f̂[n+1] + 10f̂[n] + f̂[n-1])."""
    _add_unit(left, 1.0)
    _add(left, -1.0, p[site - 1])
    _add_q(left, 3.0, q[site - 1])
    _add_q(left, 10.0, q[site])
    _add_q(left, -1.0, q[site + 1])
    _add_unit(here, -2.0)
    _add(here, -10.0, p[site])
    _add_q(here, 4.0, q[site + 1])
    _add_q(here, -4.0, q[site - 1])
    _add_unit(right, 1.0)
    _add(right, -1.0, p[site + 1])
    _add_q(right, 1.0, q[site - 1])
    _add_q(right, -10.0, q[site])
    _add_q(right, -3.0, q[site + 1])


@kernel
def jacobian(state, energy, sites, rows, boundary, chain_rows):
    """Blocks of the Jacobian with compact weights.

    Returns
    -------
    blocks : (chain_rows, 3, 64, L), derivatives with respect to the previous, the own, and the next node.
    hub_here, hub_inside : (ends, 64, L), derivatives of the rows of hubs, by end.
    """
    lanes = energy.size
    count = rows.kind.size
    p = np.empty((state.shape[0], 64, lanes), np.complex128)
    q = np.empty((state.shape[0], 32, lanes), np.complex128)
    site_jacobians(p, q, state, energy, sites)
    blocks = np.zeros((chain_rows, 3, 64, lanes), np.complex128)
    first_hub_end = rows.first_end[chain_rows]
    hub_ends = rows.first_end[count] - first_hub_end
    hub_here = np.zeros((hub_ends, 64, lanes), np.complex128)
    hub_inside = np.zeros((hub_ends, 64, lanes), np.complex128)
    hub_site = np.empty(hub_ends, np.int64)
    for row in range(chain_rows, count):
        for end in range(rows.first_end[row], rows.first_end[row + 1]):
            hub_site[end - first_hub_end] = rows.site[row]
    s = np.empty((16, lanes), np.complex128)
    w = np.empty((24, lanes), np.complex128)
    n = np.empty((4, lanes), np.complex128)
    nt = np.empty((4, lanes), np.complex128)
    dg = np.empty((16, 8, lanes), np.complex128)
    ds = np.empty((16, 8, lanes), np.complex128)
    slope = np.empty((64, lanes), np.complex128)
    for row in range(chain_rows):
        kind, site, forward = rows.kind[row], rows.site[row], rows.forward[row]
        block = blocks[row]
        if kind == INSIDE:
            _inside_blocks(block[1 - forward], block[1], block[1 + forward], site, p, q)
        elif kind == FIXED:
            _add_unit(block[1], -1.0)
        elif kind == SHARED:
            end = rows.first_end[row]
            for k in range(2):
                add_end_blocks(
                    block[1], block[2 * k], rows.end_weight[end + k], rows.end_site[end + k],
                    rows.end_inner[end + k], p, q,
                )  # fmt: skip
        else:
            end = rows.first_end[row]
            add_end_blocks(block[1], block[1 + forward], 1.0, site, rows.end_inner[end], p, q)
            law_matrix(s, row, rows, boundary, state, n, nt, w)
            slope[:] = 0.0
            riccati_jacobian(slope, s, state[site], w[0:4], w[4:8])
            hx = sites.step[site] * sites.stretch[site]
            _add(block[1], -hx, slope)
            if kind == CONTACT:
                across = state[rows.other[row]]
                normalizations(n, nt, across, w[0:4])
                propagator_jacobian(dg, across, n, nt, w[0:8])
                ds[:] = 0.0
                apply_map(ds.reshape(16, 8 * lanes), rows.law_map[rows.law[row]], dg.reshape(16, 8 * lanes))
                riccati_rows_linear(block[1 - forward], -hx, ds, state[site])
    for end in range(hub_ends):
        at = first_hub_end + end
        weight = rows.end_weight[at]
        if rows.end_law[at] < 0:
            add_end_blocks(hub_here[end], hub_inside[end], weight, rows.end_site[at], rows.end_inner[at], p, q)
        else:
            hub_law_matrix(s, at, rows, state, n, nt, w)
            site = hub_site[end]
            slope[:] = 0.0
            riccati_jacobian(slope, s, state[site], w[0:4], w[4:8])
            _add(hub_here[end], -weight, slope)
            across = state[rows.end_site[at]]
            normalizations(n, nt, across, w[0:4])
            propagator_jacobian(dg, across, n, nt, w[0:8])
            ds[:] = 0.0
            apply_map(ds.reshape(16, 8 * lanes), rows.law_map[rows.end_law[at]], dg.reshape(16, 8 * lanes))
            riccati_rows_linear(hub_inside[end], -weight, ds, state[site])
    return blocks, hub_here, hub_inside
