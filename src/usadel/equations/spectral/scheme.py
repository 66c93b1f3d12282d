"""The Usadel equation of the retarded propagator on the grids of a device (S92-S95 of the 2019 supplement).

    D γ'' = R(S) - 2D γ'Ñγ̃γ',   S = -i[(E+iΓ)τ̂3 + Δ̂ + h·σ̂] + self-energies linear in ĝ

A gauge field along the junction makes the derivatives covariant, see `equations.gauge`.

`Sites` holds the numbers of every node of every layer ("site"), `Rows` one equation for every unknown node.
All functions take one pack of energies: states (sites, 8, L).
"""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.algebra.lanes import add_halves, copy
from usadel.equations.matrix_current import (
    apply_map,
    gradient_jacobian,
    gradient_term,
    normalizations,
    propagator_jacobian,
    riccati_jacobian,
    riccati_rows,
    riccati_rows_linear,
)
from usadel.equations.numbers import (
    AT_END,
    CONTACT,
    END,
    FIXED,
    INSIDE,
    NEIGHBOUR,
    NEXT_TO_END,
    OWN,
    SHARED,
    Rows,
    Sites,
    links,
)
from usadel.equations.spectral.contact import add_link, add_link_other, add_link_own
from usadel.equations.spectral.gauge import add_generator, gauge_jacobian
from usadel.equations.spectral.local import self_energy, spectral_radius

__all__ = ["Rows", "Sites", "jacobian", "residual", "slopes", "spectral_radius"]


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
def right_hand_sides(fhat, chosen, state, energy, sites):
    """fhat (sites, 8, L) = x'² f(u, u_s/x') + (x''/x') u_s at the chosen sites."""
    lanes = energy.size
    s = np.empty((16, lanes), np.complex128)
    w = np.empty((24, lanes), np.complex128)
    n = np.empty((4, lanes), np.complex128)
    nt = np.empty((4, lanes), np.complex128)
    du = np.empty((8, lanes), np.complex128)
    f = np.empty((8, lanes), np.complex128)
    for site in chosen:
        u = state[site]
        normalizations(n, nt, u, w[0:4])
        self_energy(s, site, sites, energy, u, n, nt, w[0:16])
        riccati_rows(f, s, u, w[0:4])
        derivative(du, state, site, sites)
        x1 = sites.stretch[site]
        for c in range(8):
            for l in range(lanes):
                fhat[site, c, l] = sites.curvature[site] * du[c, l]
                du[c, l] /= x1
        if sites.gauge_index[site] >= 0:
            generator = sites.gauges[sites.gauge_index[site]]
            add_halves(f, 1.0, generator, du)
            add_halves(du, -1.0, generator, u)  # now Du
            add_halves(f, 1.0, generator, du)
        gradient_term(f, u, du, n, nt, w[0:8])
        for c in range(8):
            for l in range(lanes):
                fhat[site, c, l] += x1 * x1 * f[c, l]


@kernel
def add_defect(out, end, state, fhat, sites, rows):
    """out (8, L) += weight (u[inner] - u[end] - h² Σ w f̂ - h x' n Gu), the inward h x' Du of an end of a layer."""
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
    if sites.gauge_index[site] >= 0:
        factor = -weight * (inner - site) * sites.step[site] * sites.stretch[site]
        add_halves(out, factor, sites.gauges[sites.gauge_index[site]], state[site])


def residual(state, energy, sites, rows, boundary, fixed):
    """Residual (rows, 8, L) of every row of the scheme.

    boundary (laws, 2, 16, L): the parts of S of each interface law that depend on no unknown, S₁ and those of second
    order beside it; fixed (laws, 8, L): states of transparent reservoirs.
    """
    out = np.zeros((rows.kind.size, 8, energy.size), complex)
    for link in links(rows, sites):
        add_link(out[link.row], link.weight, *_states(link, state), *_numbers(link, rows, boundary))
    fhat = np.empty_like(state)
    right_hand_sides(fhat, np.arange(state.shape[0]), state, energy, sites)
    add_residual_without_links(out, state, fhat, sites, rows, boundary, fixed)
    return out


def _states(link, state):
    return state[link.here], state[link.across]


def _numbers(link, rows, boundary):
    law = link.law
    return boundary[law, 0], rows.law_map[law], rows.law_twice[law], rows.law_echo[law]


@kernel
def _add_constant_part(out, weight, constant, here, s, w, slope):
    """out (8, L) -= weight R(S) of the parts constant (2, 16, L) of S; s (16, L), w (4, L), slope (8, L) scratch."""
    for e in range(16):
        for l in range(out.shape[1]):
            s[e, l] = constant[0, e, l] + constant[1, e, l]
    riccati_rows(slope, s, here, w)
    for c in range(8):
        for l in range(out.shape[1]):
            out[c, l] -= weight * slope[c, l]


@kernel
def _add_constant_part_jacobian(own, weight, constant, here, s, w):
    """own (64, L) += its derivative with respect to the state here; s (16, L) and w (8, L) are scratch."""
    for e in range(16):
        for l in range(own.shape[1]):
            s[e, l] = -weight * (constant[0, e, l] + constant[1, e, l])
    riccati_jacobian(own, s, here, w[0:4], w[4:8])


@kernel
def add_residual_without_links(out, state, fhat, sites, rows, boundary, fixed):
    """To what `contact` has added to the residual, all the rest of it; fhat (sites, 8, L) as of `right_hand_sides`."""
    lanes = state.shape[2]
    w = np.empty((4, lanes), np.complex128)
    s = np.empty((16, lanes), np.complex128)
    slope = np.empty((8, lanes), np.complex128)
    for row in range(rows.kind.size):
        kind, site = rows.kind[row], rows.site[row]
        if kind == END or kind == CONTACT:
            hx, law = sites.step[site] * sites.stretch[site], rows.law[row]
            _add_constant_part(out[row], hx, boundary[law], state[site], s, w, slope)
            if rows.law_filter[law] >= 0:
                copy(slope, out[row])
                out[row] = 0.0
                add_halves(out[row], 1.0, rows.filters[rows.law_filter[law]], slope)
        for end in range(rows.first_end[row], rows.first_end[row + 1]):
            law = rows.end_law[end]
            if law < 0:
                add_defect(out[row], end, state, fhat, sites, rows)
            else:
                _add_constant_part(out[row], rows.end_weight[end], boundary[law], state[site], s, w, slope)
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


def slopes(state, energy, sites, offset):
    """Dγ, Dγ̃ (sites, 8, L): wide differences inside, the scheme's own derivative at the ends of layers.

    Without a gauge field D is d/dx. offset (layers+1): first site of every layer.
    """
    ends = np.concatenate([offset[:-1], offset[1:] - 1])
    near_ends = np.unique(sites.first[ends][:, None] + np.arange(sites.w.shape[1]))
    fhat = np.empty_like(state)
    right_hand_sides(fhat, near_ends, state, energy, sites)
    return _slopes(state, fhat, sites, offset)


@kernel
def _slopes(state, fhat, sites, offset):
    """The same from f̂ near the ends."""
    lanes = state.shape[2]
    out = np.empty(state.shape, np.complex128)
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
        if sites.gauge_index[site] >= 0:
            add_halves(out[site], -1.0, sites.gauges[sites.gauge_index[site]], state[site])
    return out


@kernel
def site_jacobians(p, q, state, energy, sites):
    """p (sites, 64, L) = h² ∂f̂/∂u, q (sites, 32, L) = h/2 ∂f̂/∂u_s (its two 4×4 blocks)."""
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
        gauge = sites.gauge_index[site]
        if gauge >= 0:
            add_halves(du, -1.0, sites.gauges[gauge], u)
        gradient_jacobian(fu, fv, u, du, n, nt, w[0:20])
        if gauge >= 0:
            gauge_jacobian(fu, fv, sites.gauges[gauge])
        for e in range(64):
            for l in range(lanes):
                fu[e, l] *= h * h * x1 * x1
        for e in range(32):
            shift = sites.curvature[site] if e % 16 % 5 == 0 else 0.0
            for l in range(lanes):
                fv[e, l] = (fv[e, l] * x1 + shift) * 0.5 * h


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
def add_end_blocks(here, inside, weight, site, inner, p, q, sites):
    """Derivatives of one end's defect: here (64, L) with respect to the end, inside to its neighbour.

    h² (a ∂f̂[0] + b ∂f̂[1]) with the weights AT_END and NEXT_TO_END, and u_s ≈ u[1] - u[0] over h at both nodes.
    """
    sign = float(inner - site)
    _add_unit(here, -weight)
    _add(here, -AT_END * weight, p[site])
    _add_q(here, 2.0 * AT_END * sign * weight, q[site])
    _add_q(here, 2.0 * NEXT_TO_END * sign * weight, q[inner])
    _add_unit(inside, weight)
    _add(inside, -NEXT_TO_END * weight, p[inner])
    _add_q(inside, -2.0 * AT_END * sign * weight, q[site])
    _add_q(inside, -2.0 * NEXT_TO_END * sign * weight, q[inner])
    if sites.gauge_index[site] >= 0:
        factor = -weight * sign * sites.step[site] * sites.stretch[site]
        add_generator(here, factor, sites.gauges[sites.gauge_index[site]])


@kernel
def _inside_blocks(left, here, right, site, p, q):
    """Derivatives of the row u[n+1] - 2u[n] + u[n-1] - h² (b f̂[n+1] + a f̂[n] + b f̂[n-1]), a = OWN, b = NEIGHBOUR."""
    _add_unit(left, 1.0)
    _add(left, -NEIGHBOUR, p[site - 1])
    _add_q(left, 3.0 * NEIGHBOUR, q[site - 1])
    _add_q(left, OWN, q[site])
    _add_q(left, -NEIGHBOUR, q[site + 1])
    _add_unit(here, -2.0)
    _add(here, -OWN, p[site])
    _add_q(here, 4.0 * NEIGHBOUR, q[site + 1])
    _add_q(here, -4.0 * NEIGHBOUR, q[site - 1])
    _add_unit(right, 1.0)
    _add(right, -NEIGHBOUR, p[site + 1])
    _add_q(right, NEIGHBOUR, q[site - 1])
    _add_q(right, -OWN, q[site])
    _add_q(right, -3.0 * NEIGHBOUR, q[site + 1])


def jacobian(state, energy, sites, rows, boundary, chain_rows):
    """Blocks of the Jacobian with compact weights.

    Returns
    -------
    blocks : (chain_rows, 3, 64, L), derivatives with respect to the previous, the own, and the next node.
    hub_here, hub_inside : (ends, 64, L), derivatives of the rows of hubs, by end.
    """
    lanes, first_hub_end = energy.size, rows.first_end[chain_rows]
    blocks = np.empty((chain_rows, 3, 64, lanes), complex)
    kind = rows.kind[:chain_rows]
    blocks[(kind == END) | (kind == CONTACT)] = 0.0  # the kernel makes all others zero where it needs them
    hub_here, hub_inside = np.zeros((2, rows.end_site.size - first_hub_end, 64, lanes), complex)
    for link in links(rows, sites):
        if link.end < 0:
            own, other = blocks[link.row, 1], blocks[link.row, 1 - rows.forward[link.row]]
        else:
            own, other = hub_here[link.end - first_hub_end], hub_inside[link.end - first_hub_end]
        add_link_own(own, link.weight, *_states(link, state), *_numbers(link, rows, boundary))
        if link.across >= 0:
            add_link_other(other, link.weight, *_states(link, state), *_numbers(link, rows, boundary))
    p, q = (np.empty((state.shape[0], size, lanes), complex) for size in (64, 32))
    site_jacobians(p, q, state, energy, sites)
    add_jacobian_without_links(blocks, hub_here, hub_inside, state, p, q, sites, rows, boundary)
    return blocks, hub_here, hub_inside


@kernel
def add_jacobian_without_links(blocks, hub_here, hub_inside, state, p, q, sites, rows, boundary):
    """To what `contact` has added to the Jacobian, all the rest of it; p, q as of `site_jacobians`."""
    chain_rows, lanes = blocks.shape[0], blocks.shape[3]
    first_hub_end = rows.first_end[chain_rows]
    w = np.empty((8, lanes), np.complex128)
    unfiltered = np.empty((64, lanes), np.complex128)
    s = np.empty((16, lanes), np.complex128)
    for row in range(chain_rows):
        kind, site, forward = rows.kind[row], rows.site[row], rows.forward[row]
        block = blocks[row]
        if kind != END and kind != CONTACT:
            block[:] = 0.0
        else:
            hx, law = sites.step[site] * sites.stretch[site], rows.law[row]
            _add_constant_part_jacobian(block[1], hx, boundary[law], state[site], s, w)
            if rows.law_filter[law] >= 0:
                for k in range(3):
                    copy(unfiltered, block[k])
                    block[k] = 0.0
                    spin_filter = rows.filters[rows.law_filter[law]]
                    add_halves(block[k].reshape(8, 8 * lanes), 1.0, spin_filter, unfiltered.reshape(8, 8 * lanes))
        if kind == INSIDE:
            _inside_blocks(block[1 - forward], block[1], block[1 + forward], site, p, q)
        elif kind == FIXED:
            _add_unit(block[1], -1.0)
        for end in range(rows.first_end[row], rows.first_end[row + 1]):
            inside = 2 * (end - rows.first_end[row]) if kind == SHARED else 1 + forward
            weight, inner = rows.end_weight[end], rows.end_inner[end]
            add_end_blocks(block[1], block[inside], weight, rows.end_site[end], inner, p, q, sites)
    for row in range(chain_rows, rows.kind.size):
        for at in range(rows.first_end[row], rows.first_end[row + 1]):
            end, law, weight = at - first_hub_end, rows.end_law[at], rows.end_weight[at]
            if law < 0:
                site, inner = rows.end_site[at], rows.end_inner[at]
                add_end_blocks(hub_here[end], hub_inside[end], weight, site, inner, p, q, sites)
            else:
                _add_constant_part_jacobian(hub_here[end], weight, boundary[law], state[rows.site[row]], s, w)
