"""The Usadel equation of the retarded propagator on the grids of a device (S92-S95 of the 2019 supplement).

    D γ'' = R(S) - 2D γ'Ñγ̃γ',   S = -i[(E+iΓ)τ̂3 + Δ̂ + h·σ̂] + self-energies linear in ĝ

A gauge field along the junction makes the derivatives covariant, see `equations.gauge`.

`Sites` holds the numbers of every node of every layer ("site"), `Rows` one equation for every unknown node.
All functions take one pack of energies: states (sites, 2E, L), E numbers of a matrix of spin, see `algebra.lanes`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.algebra.lanes import add_halves, copy, is_diagonal
from usadel.algebra.nambu import Complex
from usadel.equations.matrix_current import (
    gradient_term,
    normalizations,
    riccati_rows,
)
from usadel.equations.numbers import (
    CONTACT,
    END,
    FIXED,
    INSIDE,
    Rows,
    Sites,
    links,
)
from usadel.equations.spectral.contact import add_link
from usadel.equations.spectral.local import self_energy, spectral_radius

__all__ = ["Rows", "Sites", "differences", "elements", "residual", "slopes", "spectral_radius"]


@kernel
def derivative(du, steps, n_site, sites):
    """du (2E, L) = dγ/ds, dγ̃/ds by the wide stencil, from the differences of neighbours."""
    for c in range(du.shape[0]):
        for l in range(du.shape[1]):
            du[c, l] = 0.0
    first, weight = sites.first[n_site], 0.0
    for j in range(sites.d.shape[1] - 1):
        weight -= sites.d[n_site, j]
        for c in range(du.shape[0]):
            for l in range(du.shape[1]):
                du[c, l] += weight * steps[first + j, c, l]


@kernel
def right_hand_sides(fhat, chosen, state, steps, energy, sites, diagonal=None):
    """fhat (sites, 2E, L) = x'² f(u, u_s/x') + (x''/x') u_s at the chosen sites; steps as of `differences`."""
    lanes, entries = energy.size, state.shape[1] // 2
    s = np.empty((4 * entries, lanes), np.complex128)
    w = np.empty((4 * entries, lanes), np.complex128)
    n = np.empty((entries, lanes), np.complex128)
    nt = np.empty((entries, lanes), np.complex128)
    du = np.empty((2 * entries, lanes), np.complex128)
    f = np.empty((2 * entries, lanes), np.complex128)
    for site in chosen:
        u = state[site]
        normalizations(n, nt, u, w[0:entries], diagonal)
        self_energy(s, site, sites, energy, u, n, nt, w, diagonal)
        riccati_rows(f, s, u, w[0:entries], diagonal)
        derivative(du, steps, site, sites)
        x1 = sites.stretch[site]
        for c in range(2 * entries):
            for l in range(lanes):
                fhat[site, c, l] = sites.curvature[site] * du[c, l]
                du[c, l] /= x1
        if sites.gauge_index[site] >= 0:
            generator = sites.gauges[sites.gauge_index[site]]
            add_halves(f, 1.0, generator, du, diagonal)
            add_halves(du, -1.0, generator, u, diagonal)  # now Du
            add_halves(f, 1.0, generator, du, diagonal)
        gradient_term(f, u, du, n, nt, w[0 : 2 * entries], diagonal)
        for c in range(2 * entries):
            for l in range(lanes):
                fhat[site, c, l] += x1 * x1 * f[c, l]


@kernel
def add_defect(out, end, state, steps, fhat, sites, rows, diagonal=None):
    """out (2E, L) += weight (u[inner] - u[end] - h² Σ w f̂ - h x' n Gu), the inward h x' Du of an end of a layer."""
    site, inner, weight = rows.end_site[end], rows.end_inner[end], rows.end_weight[end]
    first, inwards = sites.first[site], weight * (inner - site)
    for c in range(out.shape[0]):
        for l in range(out.shape[1]):
            out[c, l] += inwards * steps[min(site, inner), c, l]
    for j in range(sites.w.shape[1]):
        factor = weight * sites.step[site] ** 2 * sites.w[site, j]
        for c in range(out.shape[0]):
            for l in range(out.shape[1]):
                out[c, l] -= factor * fhat[first + j, c, l]
    if sites.gauge_index[site] >= 0:
        factor = -weight * (inner - site) * sites.step[site] * sites.stretch[site]
        add_halves(out, factor, sites.gauges[sites.gauge_index[site]], state[site], diagonal)


def differences(state: Complex, rest: Complex | None = None) -> Complex:
    """u[n+1] - u[n] (sites-1, 2E, L), with the digits that the state left out where these are known.

    All derivatives are taken of these. In a thin layer the state is almost constant, and second differences of states
    rounded to 1e-16 would be wrong by 1/(h²L²) times that. An array of its own, for in a kernel the compiler may add in
    any order.
    """
    steps: Complex = state[1:] - state[:-1]
    if rest is not None:
        steps += rest[1:]
        steps -= rest[:-1]
    return steps


def residual(
    state: Complex,
    energy: Complex,
    sites: Sites,
    rows: Rows,
    boundary: Complex,
    fixed: Complex,
    rest: Complex | None = None,
) -> Complex:
    """Residual (rows, 2E, L) of every row of the scheme.

    boundary (laws, 2, 4E, L): the parts of S of each interface law that depend on no unknown, S₁ and those of second
    order beside it; fixed (laws, 2E, L): states of transparent reservoirs; rest (sites, 2E, L): digits left out of the
    state.
    """
    out, diagonal = np.zeros((rows.kind.size, state.shape[1], energy.size), complex), is_diagonal(state)
    for link in links(rows, sites):
        add_link(out[link.row], *link_arguments(link, state, rows, boundary))
    fhat, steps = np.empty_like(state), differences(state, rest)
    right_hand_sides(fhat, np.arange(state.shape[0]), state, steps, energy, sites, diagonal)
    add_residual_without_links(out, state, steps, fhat, sites, rows, boundary, fixed, diagonal)
    return out


def link_arguments(link, state, rows, boundary):
    """What `add_link` takes of a link: its weight, the states on both sides, the numbers of its law."""
    law = link.law
    numbers = boundary[law, 0], rows.law_map[law], rows.law_twice[law], rows.law_echo[law]
    return link.weight, state[link.here], state[link.across], *numbers, is_diagonal(state)


@kernel
def _add_constant_part(out, weight, constant, here, s, w, slope, diagonal=None):
    """out (2E, L) -= weight R(S) of the parts constant (2, 4E, L) of S; s (4E, L), w (E, L), slope (2E, L) scratch."""
    for e in range(s.shape[0]):
        for l in range(out.shape[1]):
            s[e, l] = constant[0, e, l] + constant[1, e, l]
    riccati_rows(slope, s, here, w, diagonal)
    for c in range(out.shape[0]):
        for l in range(out.shape[1]):
            out[c, l] -= weight * slope[c, l]


@kernel
def add_residual_without_links(out, state, steps, fhat, sites, rows, boundary, fixed, diagonal=None):
    """To what `contact` has added to the residual, all the rest of it; fhat as of `right_hand_sides`."""
    lanes, entries = state.shape[2], state.shape[1] // 2
    w = np.empty((entries, lanes), np.complex128)
    s = np.empty((4 * entries, lanes), np.complex128)
    slope = np.empty((2 * entries, lanes), np.complex128)
    for row in range(rows.kind.size):
        kind, site = rows.kind[row], rows.site[row]
        if kind == END or kind == CONTACT:
            hx, law = sites.step[site] * sites.stretch[site], rows.law[row]
            _add_constant_part(out[row], hx, boundary[law], state[site], s, w, slope, diagonal)
            if rows.law_filter[law] >= 0:
                copy(slope, out[row])
                out[row] = 0.0
                add_halves(out[row], 1.0, rows.filters[rows.law_filter[law]], slope, diagonal)
        for end in range(rows.first_end[row], rows.first_end[row + 1]):
            law = rows.end_law[end]
            if law < 0:
                add_defect(out[row], end, state, steps, fhat, sites, rows, diagonal)
            else:
                _add_constant_part(out[row], rows.end_weight[end], boundary[law], state[site], s, w, slope, diagonal)
        if kind == INSIDE:
            first = sites.first[site]
            for c in range(2 * entries):
                for l in range(lanes):
                    out[row, c, l] = steps[site, c, l] - steps[site - 1, c, l]
            for j in range(sites.w.shape[1]):
                factor = sites.step[site] ** 2 * sites.w[site, j]
                for c in range(2 * entries):
                    for l in range(lanes):
                        out[row, c, l] -= factor * fhat[first + j, c, l]
        elif kind == FIXED:
            for c in range(2 * entries):
                for l in range(lanes):
                    out[row, c, l] = fixed[rows.law[row], c, l] - state[site, c, l]


def slopes(state, energy, sites, offset):
    """Dγ, Dγ̃ (sites, 2E, L): wide differences inside, the scheme's own derivative at the ends of layers.

    Without a gauge field D is d/dx. offset (layers+1): first site of every layer.
    """
    ends = np.concatenate([offset[:-1], offset[1:] - 1])
    near_ends = np.unique(sites.first[ends][:, None] + np.arange(sites.w.shape[1]))
    fhat, steps, diagonal = np.empty_like(state), differences(state), is_diagonal(state)
    right_hand_sides(fhat, near_ends, state, steps, energy, sites, diagonal)
    return _slopes(state, steps, fhat, sites, offset, diagonal)


def elements(sites: Sites) -> NDArray[np.float64]:
    """dx (sites) of integrals over the layers, by the interpolants of the scheme, whose hats add up to one."""
    out = np.zeros(sites.step.size)
    np.add.at(out, sites.first[:, None] + np.arange(sites.w.shape[1]), sites.step[:, None] * sites.w)
    return np.asarray(out * sites.stretch)


@kernel
def _slopes(state, steps, fhat, sites, offset, diagonal=None):
    """The same from f̂ near the ends."""
    unknowns, lanes = state.shape[1], state.shape[2]
    out = np.empty(state.shape, np.complex128)
    for k in range(offset.size - 1):
        for site in range(offset[k], offset[k + 1]):
            derivative(out[site], steps, site, sites)
        for side in range(2):
            end = offset[k] if side == 0 else offset[k + 1] - 1
            sign = 1 - 2 * side
            h = sites.step[end]
            for c in range(unknowns):
                for l in range(lanes):
                    out[end, c, l] = steps[end - side, c, l] / h
            for j in range(sites.w.shape[1]):
                for c in range(unknowns):
                    for l in range(lanes):
                        out[end, c, l] -= sign * h * sites.w[end, j] * fhat[sites.first[end] + j, c, l]
    for site in range(state.shape[0]):
        for c in range(unknowns):
            for l in range(lanes):
                out[site, c, l] /= sites.stretch[site]
        if sites.gauge_index[site] >= 0:
            add_halves(out[site], -1.0, sites.gauges[sites.gauge_index[site]], state[site], diagonal)
    return out
