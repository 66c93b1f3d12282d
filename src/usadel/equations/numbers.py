"""The numbers that the kernels work on: every site, every row, every link through an interface."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import MODES

ALL_MODES = np.arange(MODES)  # of the kinetic equation, where no symmetry leaves some out

INSIDE, END, CONTACT, FIXED, SHARED, HUB = range(6)

# Weights of f̂ in the Jacobian: of a node and of each neighbour inside a layer; at an end, and next to it. Numerov's are
# 10/12, 1/12, 1/3, 1/6; these are nearer to those of wide stencils for waves of a few nodes, at energies whose boundary
# layers the grid does not resolve. There Newton's method contracts by 0.1 instead of 0.3.
OWN, NEIGHBOUR = 0.79, 0.105
AT_END, NEXT_TO_END = 0.295, 0.205


class Condensates(NamedTuple):
    """Superconducting reservoirs on top of layers."""

    first: NDArray[np.int64]  # (sites)
    last: NDArray[np.int64]  # (sites): those on top of a site are first … last-1
    parts: NDArray[np.complex128]  # (contacts, 2, 16): A and B of `spectral.on_top`
    edges: NDArray[np.float64]  # (contacts, 2): Γ and |Δ|


class Sites(NamedTuple):
    """Numbers of every site: grid, stencils, and the part of S/D that depends on neither ĝ nor energy."""

    step: NDArray[np.float64]  # h of the layer's uniform grid
    stretch: NDArray[np.float64]  # dx/ds
    curvature: NDArray[np.float64]  # (d²x/ds²)/(dx/ds)
    first: NDArray[np.int64]  # first site of the stencil
    w: NDArray[np.float64]  # (sites, width): weights of f̂ in the site's row
    d: NDArray[np.float64]  # (sites, width): weights of the first derivative d/ds
    constant: NDArray[np.complex128]  # (sites, 16)
    energy: NDArray[np.complex128]  # (sites, 16): coefficient of E in S/D
    diffusion: NDArray[np.float64]  # D relative to the reference metal
    map_index: NDArray[np.int64]  # which self-energy map, -1 for none
    maps: NDArray[np.complex128]  # (maps, 16, 16): S/D += map ĝ
    gauge_index: NDArray[np.int64]  # which gauge field along the junction, -1 for none
    gauges: NDArray[np.complex128]  # (fields, 32): its generator, see `equations.spectral.gauge`
    links: NDArray[np.complex128]  # (sites, 32): what carries the next site's state here along it; 0 without a field
    on_top: Condensates  # superconducting reservoirs on top of layers


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
    law_map: NDArray[np.complex128]  # (laws, 16, 16): CONTACT, and laws at a HUB: S₁ += map ĝ(other side)
    law_twice: NDArray[np.float64]  # (laws): S -= twice S₁ĝS₁; 0 to first order
    law_echo: NDArray[np.complex128]  # (laws, 2, 16, 16): S += product of two maps of ĝ(other side)
    law_filter: NDArray[np.int64]  # (laws): which spin filter its slope passes in a half-metal, -1 for none
    filters: NDArray[np.complex128]  # (filters, 32), see `terms.half_metal`


class Link(NamedTuple):
    """Part of a law's S that depends on solved states: here, and across an interface (-1: nothing solved there).

    end is that of a hub, else -1.
    """

    row: int
    here: int
    across: int
    law: int
    weight: float
    end: int


def links(rows, sites):
    """All links: of contacts, of ends with a law of second order, and of ends that meet a hub through a law."""
    second = (rows.kind == END) & (rows.law_twice[rows.law] != 0)
    for row in map(int, np.flatnonzero((rows.kind == CONTACT) | second)):
        site = int(rows.site[row])
        across = int(rows.other[row]) if rows.kind[row] == CONTACT else -1
        weight = float(sites.step[site] * sites.stretch[site])
        yield Link(row, site, across, int(rows.law[row]), weight, -1)
    for end in map(int, np.flatnonzero(rows.end_law >= 0)):
        row = int(np.searchsorted(rows.first_end, end, side="right")) - 1
        across, law, weight = int(rows.end_site[end]), int(rows.end_law[end]), float(rows.end_weight[end])
        yield Link(row, int(rows.site[row]), across, law, weight, end)
