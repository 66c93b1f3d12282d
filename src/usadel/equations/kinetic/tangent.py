"""What a change of the states does to the kinetic equation of given distributions.

With ĝ → ĝ + ĝ' the fluxes and sources of `coefficients`, applied to given k = ∂h and h, change by

    (Mk + Qh)ᵢ' = ¼Tr ρᵢ[ĝ'K(k) + ĝK'(k) + Y'ĥ - ĥY'ᴬ],   K(x) = ĝx̂ - x̂ĝᴬ,   K' = ĝ'x̂ - x̂ĝ'ᴬ,
    (Rh)ᵢ' = -¼Tr ρᵢ(SK(h) - K(h)Sᴬ + Sᴷĝᴬ - ĝSᴷ)'.

By the product rule, not by differences: below the gap M is of the order of the square of the broadening. Without the
8×8 matrices this takes a fraction of the time that they do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.algebra.lanes import add_halves, add_nambu_product, add_product, multiply
from usadel.algebra.modes import MODES
from usadel.equations.kinetic.coefficients import COLUMN, DIAGONAL, PLACE, VALUE, add_commutator, add_diagonal, advanced
from usadel.equations.kinetic.laws import add_law, add_source
from usadel.equations.kinetic.rows import Given, law_links
from usadel.equations.matrix_current import apply_map, normalizations
from usadel.equations.numbers import FIXED, INSIDE, Rows, Sites

Array = NDArray[Any]


@kernel
def add_triple(out, a, b, c, w):
    """out (4, L) += a b c; w is scratch (4, L)."""
    multiply(w, a, b, None)
    add_product(out, 1.0, w, c, None)


@kernel
def add_along(out, left, right, v, w):
    """out (16, L) += changes of N, Ñ, Nγ, Ñγ̃ by v (8, L) = (γ', γ̃'), of which left and right (16, L) are the factors.

    N' = Nγ'Ñγ̃ + Nγγ̃'N, (Nγ)' = Nγ'Ñ + Nγγ̃'Nγ, and the same with tildes exchanged; w is scratch (4, L).
    """
    a, b = v[0:4], v[4:8]
    add_triple(out[0:4], left[0:4], a, right[12:16], w)
    add_triple(out[0:4], left[8:12], b, right[0:4], w)
    add_triple(out[4:8], left[4:8], b, right[8:12], w)
    add_triple(out[4:8], left[12:16], a, right[4:8], w)
    add_triple(out[8:12], left[0:4], a, right[4:8], w)
    add_triple(out[8:12], left[8:12], b, right[8:12], w)
    add_triple(out[12:16], left[4:8], b, right[0:4], w)
    add_triple(out[12:16], left[12:16], a, right[12:16], w)


@kernel
def parts_of(parts, u, w):
    """parts (16, L) = N, Ñ, Nγ, Ñγ̃ of u (8, L); w is scratch (4, L)."""
    normalizations(parts[0:4], parts[4:8], u, w, None)
    multiply(parts[8:12], parts[0:4], u[0:4], None)
    multiply(parts[12:16], parts[4:8], u[4:8], None)


@kernel
def to_propagator(g, parts, one):
    """g (16, L) = ĝ from N, Ñ, Nγ, Ñγ̃ with one = 1; of their changes, with one = 0, its change."""
    for i in range(4):
        unit = one if (i == 0 or i == 3) else 0.0
        for l in range(g.shape[1]):
            g[i, l] = 2.0 * parts[i, l] - unit
            g[4 + i, l] = 2.0 * parts[8 + i, l]
            g[8 + i, l] = -2.0 * parts[12 + i, l]
            g[12 + i, l] = unit - 2.0 * parts[4 + i, l]


@kernel
def current_tangent(y, parts, changed, slope, slope_changed):
    """y (16, L) = diagonal blocks of (ĝ∂ĝ)', from N, Ñ, Nγ, Ñγ̃, their changes, derivatives, and changes of these."""
    y[:] = 0.0
    for e in range(4):
        for l in range(y.shape[1]):
            y[e, l] = -2.0 * slope_changed[e, l]
            y[12 + e, l] = -2.0 * slope_changed[4 + e, l]
    add_product(y[0:4], 4.0, changed[0:4], slope[0:4], None)
    add_product(y[0:4], 4.0, parts[0:4], slope_changed[0:4], None)
    add_product(y[0:4], -4.0, changed[8:12], slope[12:16], None)
    add_product(y[0:4], -4.0, parts[8:12], slope_changed[12:16], None)
    add_product(y[12:16], 4.0, changed[4:8], slope[4:8], None)
    add_product(y[12:16], 4.0, parts[4:8], slope_changed[4:8], None)
    add_product(y[12:16], -4.0, changed[12:16], slope[8:12], None)
    add_product(y[12:16], -4.0, parts[12:16], slope_changed[8:12], None)


@kernel
def to_matrix(out, x):
    """out (16, L) = Σ xⱼρⱼ of modes x (8, L)."""
    out[:] = 0.0
    for j in range(MODES):
        for row in range(4):
            for l in range(x.shape[1]):
                out[PLACE[row, COLUMN[j, row]], l] += VALUE[j, row] * x[j, l]


@kernel
def to_keldysh(k, g, ga, x):
    """k (16, L) = ĝx̂ - x̂ĝᴬ, all (16, L)."""
    k[:] = 0.0
    add_nambu_product(k, 1.0, g, x, None)
    add_nambu_product(k, -1.0, x, ga, None)


@kernel
def add_modes(out, factor, d):
    """out (8, L) += factor Re ¼Tr ρᵢ d, of the diagonal blocks d (8, L)."""
    for i in range(MODES):
        for row in range(4):
            at, weight = DIAGONAL[COLUMN[i, row], row], 0.25 * factor * VALUE[i, row]
            for l in range(d.shape[1]):
                out[i, l] += (weight * d[at, l]).real


@kernel
def add_field_modes(out, constant, product):
    """out (8, L) -= ½Re Tr [ρᵢ, S] ĝĥ of pairing and fields S (16); product (16, L) = ĝĥ."""
    for i in range(MODES):
        for row in range(4):
            for column in range(4):
                other = COLUMN[i, column]
                left = VALUE[i, row] * constant[PLACE[COLUMN[i, row], column]]
                entry = 0.5 * (left - constant[PLACE[row, other]] * VALUE[i, other])
                if entry != 0.0:
                    at = PLACE[column, row]
                    for l in range(out.shape[1]):
                        out[i, l] -= entry.real * product[at, l].real - entry.imag * product[at, l].imag


@kernel
def point_changes(state, change, points, pairing, h, k):
    """Changes of Mk + Qh and of Rh, (points, 2, 8, L), by a change of the states.

    Parameters
    ----------
    state, change : (sites, 8, L); points : where, see `Points`; pairing : (points, 16), change of S/D.
    h, k : (points, 8, L), distributions and their covariant derivatives.
    """
    count, lanes = points.first.size, state.shape[2]
    out = np.zeros((count, 2, MODES, lanes))
    small, large = np.empty((5, 8, lanes), np.complex128), np.empty((18, 16, lanes), np.complex128)
    u, du, v, dv, d = small[0], small[1], small[2], small[3], small[4]
    w = np.empty((4, lanes), np.complex128)
    parts, changed, slope, slope_changed = large[0], large[1], large[2], large[3]
    g, ga, dg, dga, y, ya = large[4], large[5], large[6], large[7], large[8], large[9]
    x, kx, dkx, s, ds, sk, dsk, product = (
        large[10], large[11], large[12], large[13], large[14], large[15], large[16], large[17]
    )  # fmt: skip
    for point in range(count):
        u[:] = 0.0
        du[:] = 0.0
        v[:] = 0.0
        dv[:] = 0.0
        for j in range(points.value.shape[1]):
            value, weight, site = points.value[point, j], points.slope[point, j], points.first[point] + j
            for c in range(8):
                for l in range(lanes):
                    u[c, l] += value * state[site, c, l]
                    du[c, l] += weight * state[site, c, l]
                    v[c, l] += value * change[site, c, l]
                    dv[c, l] += weight * change[site, c, l]
        if points.gauge_index[point] >= 0:
            add_halves(du, -1.0, points.gauges[points.gauge_index[point]], u, None)
            add_halves(dv, -1.0, points.gauges[points.gauge_index[point]], v, None)
        parts_of(parts, u, w)
        changed[:] = 0.0
        slope[:] = 0.0
        slope_changed[:] = 0.0
        add_along(changed, parts, parts, v, w)
        add_along(slope, parts, parts, du, w)
        add_along(slope_changed, parts, parts, dv, w)
        add_along(slope_changed, changed, parts, du, w)
        add_along(slope_changed, parts, changed, du, w)
        to_propagator(g, parts, 1.0)
        to_propagator(dg, changed, 0.0)
        advanced(ga, g)
        advanced(dga, dg)
        current_tangent(y, parts, changed, slope, slope_changed)
        advanced(ya, y)
        flux, source = out[point, 0], out[point, 1]
        to_matrix(x, k[point])
        to_keldysh(kx, g, ga, x)
        to_keldysh(dkx, dg, dga, x)
        d[:] = 0.0
        add_diagonal(d, dg, kx)
        add_diagonal(d, g, dkx)
        to_matrix(x, h[point])
        add_commutator(d, 1.0, y, x, x, ya)
        add_modes(flux, 1.0, d)
        product[:] = 0.0
        add_nambu_product(product, 1.0, dg, x, None)
        add_field_modes(source, points.constant[point], product)
        product[:] = 0.0
        add_nambu_product(product, 1.0, g, x, None)
        add_field_modes(source, pairing[point], product)
        index = points.map_index[point]
        if index >= 0:
            to_keldysh(kx, g, ga, x)
            to_keldysh(dkx, dg, dga, x)
            s[:] = 0.0
            ds[:] = 0.0
            sk[:] = 0.0
            dsk[:] = 0.0
            apply_map(s, points.maps[index], g)
            apply_map(ds, points.maps[index], dg)
            apply_map(sk, points.maps[index], kx)
            apply_map(dsk, points.maps[index], dkx)
            d[:] = 0.0
            add_diagonal(d, ds, kx)
            add_diagonal(d, s, dkx)
            add_diagonal(d, dsk, ga)
            add_diagonal(d, sk, dga)
            add_modes(source, -2.0, d)
    return out


@kernel
def _add(out, factor, part):
    for i in range(out.shape[0]):
        for l in range(out.shape[1]):
            out[i, l] += factor * part[i, l]


@kernel
def flux_rows(flux, cell, sites, rows, imposed, chain_rows):
    """Rows (rows, n, L) of the kinetic equation by fluxes (cells, 2, n, L) at both ends of all cells, without laws."""
    out = np.zeros((rows.kind.size, flux.shape[2], flux.shape[3]))
    for row in range(rows.kind.size):
        if imposed[row]:
            continue
        site = rows.site[row]
        if rows.kind[row] == INSIDE:
            _add(out[row], 1.0, flux[cell[site - 1], 1])
            _add(out[row], -1.0, flux[cell[site], 0])
        for end in range(rows.first_end[row], rows.first_end[row + 1]):
            if rows.end_law[end] >= 0:
                continue
            at, inner = rows.end_site[end], rows.end_inner[end]
            weight = rows.end_weight[end] * sites.step[at] * sites.stretch[at]
            if inner > at:
                _add(out[row], weight, flux[cell[at], 0])
            else:
                _add(out[row], -weight, flux[cell[inner], 1])
    return out


def law_rows(state: Array, h: Array, sites: Sites, rows: Rows, given: Given) -> Array:
    """What interface laws add to the rows (rows, 8, L) of the kinetic equation at h (sites, 8, L), sources included."""
    lanes = state.shape[2]
    out = np.zeros((rows.kind.size, MODES, lanes))
    for link in law_links(rows, sites):
        if given.imposed[link.row]:
            continue
        law, near, linked = link.law, state[link.here], link.across >= 0
        constant, twice, echo = given.boundary[law], rows.law_twice[law], rows.law_echo[law]
        own, other, source = np.zeros((64, lanes)), np.zeros((64, lanes)), np.zeros((MODES, lanes))
        beyond = state[link.across] if linked else near
        add_law(own, other, -link.weight, near, beyond, linked, constant, rows.law_map[law], twice, echo)
        here = np.einsum("ijl,jl->il", own.reshape(MODES, MODES, lanes), h[link.here])
        if linked:
            here += np.einsum("ijl,jl->il", other.reshape(MODES, MODES, lanes), h[link.across])
        else:
            add_source(source, link.weight, near, constant[0], given.source[law, 0], given.source[law, 1], twice)
        here -= source
        if link.end < 0 and rows.law_filter[law] >= 0:
            passed, absorbed = given.filters[rows.law_filter[law]]
            here = passed @ here - link.weight * absorbed @ h[link.here]
        out[link.row] += here
    return out


def sources(state: Array, sites: Sites, rows: Rows, given: Given) -> Array:
    """Right-hand side (rows, 8, L) of the kinetic equation: what reservoirs and imposed distributions drive."""
    out = -law_rows(state, np.zeros((state.shape[0], MODES, state.shape[2])), sites, rows, given)
    fixed = np.flatnonzero((rows.kind == FIXED) & ~given.imposed)
    out[fixed] = given.fixed[rows.law[fixed]]
    out[given.imposed] = given.values[given.imposed]
    return out
