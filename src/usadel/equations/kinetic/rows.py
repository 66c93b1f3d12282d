"""The rows of the kinetic equation: one per unknown node, in the order and with the joints of the spectral equation.

inside:            J from the left cell = J into the right cell
end at a law:      n J = ¼Tr ρᵢ(…), see `kinetic.laws`; in a half-metal only the part that concerns its modes
joint, junction:   h continuous, Σ σA J into all layers = what flows in through laws
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.equations.kinetic.laws import add_law, add_source
from usadel.equations.numbers import CONTACT, END, FIXED, INSIDE, SHARED, Link


class Given(NamedTuple):
    """What the unknown distribution meets."""

    boundary: NDArray[np.complex128]  # (laws, 2, 16, L): constant parts of S as in the spectral equation
    source: NDArray[np.complex128]  # (laws, 2, 16, L): S₁ᴷ and last term of Sᴷ of a reservoir behind it
    fixed: NDArray[np.float64]  # (laws, n, L): h of transparent reservoirs
    imposed: NDArray[np.bool_]  # (rows): where h is given
    values: NDArray[np.float64]  # (rows, n, L): and what it is there
    filters: NDArray[np.float64]  # (filters, 2, n, n), numbered as in `Rows`, see `terms.half_metal`
    modes: NDArray[np.int64]  # (n): which modes there are


def assemble(state, flux, cell, sites, rows, given, chain_rows):
    """Blocks and right-hand side of the kinetic equation of one pack of energies.

    Parameters
    ----------
    flux : (cells, 2, 2, n², L), from `condense_cells`; cell (sites): the cell to the right of a site, or -1.

    Returns
    -------
    blocks (chain_rows, 3, n², L), hub_here and hub_inside (hub ends, n², L), rhs (rows, n, L).
    """
    blocks, here, inside, rhs = _without_links(state, flux, cell, sites, rows, given, chain_rows)
    first_hub_end = rows.first_end[chain_rows]
    for link in law_links(rows, sites):
        if given.imposed[link.row]:
            continue
        law, near, linked = link.law, state[link.here], link.across >= 0
        if link.end < 0:
            own, other = blocks[link.row, 1], blocks[link.row, 1 - rows.forward[link.row] if linked else 1]
        else:
            own, other = here[link.end - first_hub_end], inside[link.end - first_hub_end]
        constant, twice, echo = given.boundary[law], rows.law_twice[law], rows.law_echo[law]
        beyond = state[link.across] if linked else near
        filtered = link.end < 0 and rows.law_filter[law] >= 0
        own_part, other_part = (np.zeros_like(own), np.zeros_like(own)) if filtered else (own, other)
        add_law(
            own_part, other_part, -link.weight, near, beyond, linked, constant, rows.law_map[law], twice, echo,
            given.modes,
        )  # fmt: skip
        if not linked:
            source, echo_source = given.source[law]
            add_source(rhs[link.row], link.weight, near, constant[0], source, echo_source, twice, given.modes)
        if filtered:
            passed, absorbed = given.filters[rows.law_filter[law]]
            n = given.modes.size
            own += (passed @ own_part.reshape(n, -1)).reshape(own.shape) - link.weight * absorbed.reshape(n * n, 1)
            if linked:
                other += (passed @ other_part.reshape(n, -1)).reshape(own.shape)
            rhs[link.row] = passed @ rhs[link.row]
    return blocks, here, inside, rhs


def law_links(rows, sites):
    """Every row's part in a law: ends, contacts, and ends that meet a hub through a law."""
    for row in map(int, np.flatnonzero((rows.kind == END) | (rows.kind == CONTACT))):
        site = int(rows.site[row])
        across = int(rows.other[row]) if rows.kind[row] == CONTACT else -1
        yield Link(row, site, across, int(rows.law[row]), float(sites.step[site] * sites.stretch[site]), -1)
    for end in map(int, np.flatnonzero(rows.end_law >= 0)):
        row = int(np.searchsorted(rows.first_end, end, side="right")) - 1
        across, law = int(rows.end_site[end]), int(rows.end_law[end])
        yield Link(row, int(rows.site[row]), across, law, float(rows.end_weight[end]), end)


@kernel
def _add(block, factor, part):
    for e in range(block.shape[0]):
        for l in range(block.shape[1]):
            block[e, l] += factor * part[e, l]


@kernel
def _add_inward_flux(here, inside, weight, site, inner, flux, cell):
    """here, inside (n², L) += weight × the inward J of an end by h of the end and of its neighbour."""
    if inner > site:
        _add(here, weight, flux[cell[site], 0, 0])
        _add(inside, weight, flux[cell[site], 0, 1])
    else:
        _add(here, -weight, flux[cell[inner], 1, 1])
        _add(inside, -weight, flux[cell[inner], 1, 0])


@kernel
def _identity(block, n):
    for i in range(n):
        for l in range(block.shape[1]):
            block[(n + 1) * i, l] = 1.0


@kernel
def _without_links(state, flux, cell, sites, rows, given, chain_rows):
    lanes, n = state.shape[2], given.modes.size
    count = rows.kind.size
    first_hub_end = rows.first_end[chain_rows]
    blocks = np.zeros((chain_rows, 3, n * n, lanes))
    hub_here = np.zeros((rows.end_site.size - first_hub_end, n * n, lanes))
    hub_inside = np.zeros((rows.end_site.size - first_hub_end, n * n, lanes))
    rhs = np.zeros((count, n, lanes))
    for row in range(count):
        kind, site, forward = rows.kind[row], rows.site[row], rows.forward[row]
        if given.imposed[row]:
            for c in range(n):
                for l in range(lanes):
                    rhs[row, c, l] = given.values[row, c, l]
            if row < chain_rows:
                _identity(blocks[row, 1], n)
            else:
                _identity(hub_here[rows.first_end[row] - first_hub_end], n)
            continue
        if kind == INSIDE:
            left, right = cell[site - 1], cell[site]
            _add(blocks[row, 1 - forward], 1.0, flux[left, 1, 0])
            _add(blocks[row, 1], 1.0, flux[left, 1, 1])
            _add(blocks[row, 1], -1.0, flux[right, 0, 0])
            _add(blocks[row, 1 + forward], -1.0, flux[right, 0, 1])
        elif kind == FIXED:
            _identity(blocks[row, 1], n)
            for c in range(n):
                for l in range(lanes):
                    rhs[row, c, l] = given.fixed[rows.law[row], c, l]
        for end in range(rows.first_end[row], rows.first_end[row + 1]):
            if rows.end_law[end] >= 0:
                continue
            at, inner = rows.end_site[end], rows.end_inner[end]
            weight = rows.end_weight[end] * sites.step[at] * sites.stretch[at]
            if row < chain_rows:
                inside = 2 * (end - rows.first_end[row]) if kind == SHARED else 1 + forward
                _add_inward_flux(blocks[row, 1], blocks[row, inside], weight, at, inner, flux, cell)
            else:
                hub_end = end - first_hub_end
                _add_inward_flux(hub_here[hub_end], hub_inside[hub_end], weight, at, inner, flux, cell)
    return blocks, hub_here, hub_inside, rhs


def at_nodes(flux: NDArray[np.float64], cell: NDArray[np.int64], offset: NDArray[np.int64]) -> NDArray[np.float64]:
    """Fluxes (cells, 2, n, L) at both ends of all cells, at every site (sites, n, L)."""
    last = np.zeros(cell.size, np.int64)
    last[offset[1:] - 1] = 1
    return np.asarray(flux[cell[np.arange(cell.size) - last], last])


@kernel
def node_fluxes(h, flux, cell, offset):
    """J (sites, n, L) at every site from h (sites, n, L); offset (layers+1): first site of every layer."""
    n, lanes = h.shape[1], h.shape[2]
    out = np.zeros(h.shape)
    for layer in range(offset.size - 1):
        last = offset[layer + 1] - 1
        for site in range(offset[layer], last + 1):
            side = 1 if site == last else 0
            left = site - side
            for end in range(2):
                block = flux[cell[left], side, end]
                for i in range(n):
                    for j in range(n):
                        for l in range(lanes):
                            out[site, i, l] += block[n * i + j, l] * h[left + end, j, l]
    return out
