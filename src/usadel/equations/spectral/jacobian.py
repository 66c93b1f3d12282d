"""Jacobian of the scheme, block tridiagonal: derivatives of its compact form on three nodes; see `scheme`."""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.algebra.lanes import add_halves, copy
from usadel.algebra.nambu import Complex
from usadel.equations.matrix_current import (
    apply_map,
    gradient_jacobian,
    normalizations,
    propagator_jacobian,
    riccati_jacobian,
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
from usadel.equations.spectral.contact import add_link_other, add_link_own
from usadel.equations.spectral.gauge import adjoint, carried, carried_halves, times_link
from usadel.equations.spectral.local import self_energy
from usadel.equations.spectral.scheme import derivative, differences, link_numbers, link_states


@kernel
def site_jacobians(p, q, state, steps, energy, sites):
    """p (sites, 64, L) = h² ∂f̂/∂u, q (sites, 32, L) = h/2 ∂f̂/∂u_s (its two 4×4 blocks).

    With a gauge field u_s is the covariant derivative, and f̂ what D_s²u is.
    """
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
        derivative(du, steps, site, sites)
        x1, h = sites.stretch[site], sites.step[site]
        for c in range(8):
            for l in range(lanes):
                du[c, l] /= x1
        gauge = sites.gauge_index[site]
        if gauge >= 0:
            add_halves(du, -1.0, sites.gauges[gauge], u)
        gradient_jacobian(fu, fv, u, du, n, nt, w[0:20])
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
    if sites.gauge_index[site] < 0:
        _add_end(here, inside, weight, float(inner - site), p[site], q[site], p[inner], q[inner])
        return
    link, p_inner, q_inner = _carried(sites, site, inner, p, q)
    unturned = np.zeros(inside.shape, np.complex128)
    _add_end(here, unturned, weight, float(inner - site), p[site], q[site], p_inner, q_inner)
    turned = np.empty(inside.shape, np.complex128)
    times_link(turned, unturned, link)
    _add(inside, 1.0, turned)


@kernel
def _add_end(here, inside, weight, sign, p, q, p_inner, q_inner):
    """The same by the derivatives of f̂ at both nodes."""
    _add_unit(here, -weight)
    _add(here, -AT_END * weight, p)
    _add_q(here, 2.0 * AT_END * sign * weight, q)
    _add_q(here, 2.0 * NEXT_TO_END * sign * weight, q_inner)
    _add_unit(inside, weight)
    _add(inside, -NEXT_TO_END * weight, p_inner)
    _add_q(inside, -2.0 * AT_END * sign * weight, q)
    _add_q(inside, -2.0 * NEXT_TO_END * sign * weight, q_inner)


@kernel
def _carried(sites, site, near, p, q):
    """What carries the state of a neighbour here (32), and the derivatives p, q there as they are seen here."""
    link = np.empty(32, np.complex128)
    if near > site:
        for e in range(32):
            link[e] = sites.links[site, e]
    else:
        adjoint(link, sites.links[near])
    lanes = p.shape[2]
    there, halves = np.empty((64, lanes), np.complex128), np.empty((32, lanes), np.complex128)
    scratch = np.empty((64, lanes), np.complex128)
    carried(there, p[near], link, scratch)
    carried_halves(halves, q[near], link, scratch)
    return link, there, halves


@kernel
def _add_inside_blocks(left, here, right, site, p, q, sites):
    """Derivatives of the row u[n+1] - 2u[n] + u[n-1] - h² (b f̂[n+1] + a f̂[n] + b f̂[n-1]), a = OWN, b = NEIGHBOUR.

    With a gauge field all of it is carried to node n. Triplets that turn with the field cost little energy, which plain
    differences on three nodes do not see: near-null vectors of the scheme would not be those of its Jacobian, and
    Newton's method contracts by 0.93 where the field turns them by a rad between nodes.
    """
    if sites.gauge_index[site] < 0:
        _add_inside(left, here, right, p[site - 1], q[site - 1], p[site], q[site], p[site + 1], q[site + 1])
        return
    back, p_left, q_left = _carried(sites, site, site - 1, p, q)
    ahead, p_right, q_right = _carried(sites, site, site + 1, p, q)
    from_left, from_right = np.zeros(left.shape, np.complex128), np.zeros(left.shape, np.complex128)
    _add_inside(from_left, here, from_right, p_left, q_left, p[site], q[site], p_right, q_right)
    times_link(left, from_left, back)
    times_link(right, from_right, ahead)


@kernel
def _add_inside(left, here, right, p_left, q_left, p, q, p_right, q_right):
    """The same by the derivatives of f̂ at the three nodes."""
    _add_unit(left, 1.0)
    _add(left, -NEIGHBOUR, p_left)
    _add_q(left, 3.0 * NEIGHBOUR, q_left)
    _add_q(left, OWN, q)
    _add_q(left, -NEIGHBOUR, q_right)
    _add_unit(here, -2.0)
    _add(here, -OWN, p)
    _add_q(here, 4.0 * NEIGHBOUR, q_right)
    _add_q(here, -4.0 * NEIGHBOUR, q_left)
    _add_unit(right, 1.0)
    _add(right, -NEIGHBOUR, p_right)
    _add_q(right, NEIGHBOUR, q_left)
    _add_q(right, -OWN, q)
    _add_q(right, -3.0 * NEIGHBOUR, q_right)


def jacobian(
    state: Complex, energy: Complex, sites: Sites, rows: Rows, boundary: Complex, chain_rows: int
) -> tuple[Complex, Complex, Complex]:
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
        add_link_own(own, link.weight, *link_states(link, state), *link_numbers(link, rows, boundary))
        if link.across >= 0:
            add_link_other(other, link.weight, *link_states(link, state), *link_numbers(link, rows, boundary))
    p, q = (np.empty((state.shape[0], size, lanes), complex) for size in (64, 32))
    site_jacobians(p, q, state, differences(state), energy, sites)
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
            _add_inside_blocks(block[1 - forward], block[1], block[1 + forward], site, p, q, sites)
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


@kernel
def _add_constant_part_jacobian(own, weight, constant, here, s, w):
    """own (64, L) += its derivative with respect to the state here; s (16, L) and w (8, L) are scratch."""
    for e in range(16):
        for l in range(own.shape[1]):
            s[e, l] = -weight * (constant[0, e, l] + constant[1, e, l])
    riccati_jacobian(own, s, here, w[0:4], w[4:8])
