"""From a layout to the numbers of the kernels: terms of every site, laws of every interface."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from usadel.algebra.nambu import TAU3, Complex, block_diagonal, sandwich, to_blocks
from usadel.algebra.riccati import green, homogeneous
from usadel.description.device.resolved import ResolvedLayer, ResolvedReservoir
from usadel.discretization.layout import Integers, Law, Layout, opposite
from usadel.discretization.space import EMBEDDED_WIDTH, WIDTH
from usadel.equations.interfaces import LAWS
from usadel.equations.scattering import Scattering
from usadel.equations.spectral import on_top
from usadel.equations.spectral.gauge import generator, links
from usadel.equations.spectral.on_top import bulk_condensate
from usadel.equations.spectral.scheme import Rows, Sites
from usadel.terms import CONSTANT, GAUGE, LINEAR, half_metal


@dataclass
class SpectralNumbers:
    """The Usadel equation of a network on a layout."""

    layout: Layout

    @cached_property
    def z(self) -> list[np.ndarray]:
        """Relative positions of the nodes of every layer."""
        layers = self.layout.network.layers
        return [g.x / layer.length for g, layer in zip(self.layout.grids, layers, strict=True)]

    @cached_property
    def _constant(self) -> Complex:
        """S/D (sites, 16) without energy and pairing: broadening Γτ̂3 and the constant self-energies."""
        parts = []
        for layer, z in zip(self.layout.network.layers, self.z, strict=True):
            matrix = np.broadcast_to(layer.inelastic * TAU3, (z.size, 4, 4)).astype(complex)
            for term in CONSTANT:
                found = term.matrix(layer, z)
                if found is not None:
                    matrix = matrix - 1j * found
            parts.append(to_blocks(inverse_diffusion(layer) @ matrix + on_top.constant_part(layer.on_top)))
        return np.concatenate(parts)

    @cached_property
    def _energy(self) -> Complex:
        """Coefficient of E in S/D (sites, 16)."""
        per_layer = [to_blocks(-1j * inverse_diffusion(layer) @ TAU3) for layer in self.layout.network.layers]
        return np.array(per_layer)[self.layout.layer]

    @cached_property
    def _maps(self) -> tuple[Integers, Complex]:
        """Index (sites) and maps (maps, 16, 16) of the self-energies that are linear in ĝ, divided by D."""
        index, maps = _indexed([linear_self_energy(layer) for layer in self.layout.network.layers], (16, 16))
        return index[self.layout.layer], maps

    @cached_property
    def _gauges(self) -> tuple[Integers, Complex]:
        """Index (sites) and generators (fields, 32) of the gauge fields along the junction."""
        fields = [gauge_field(layer)[2] for layer in self.layout.network.layers]
        index, generators = _indexed([generator(a) if np.any(a) else None for a in fields], (32,))
        return index[self.layout.layer], generators

    @cached_property
    def _links(self) -> Complex:
        """What carries the state of the next site to each site (sites, 32), see `gauge.links`; 0 without a field."""
        index, generators = self._gauges
        found = np.zeros((self.layout.sites, 32), complex)
        for k, grid in enumerate(self.layout.grids):
            inside = self.layout.slice(k)
            if index[inside.start] >= 0:
                found[inside.start : inside.stop - 1] = links(generators[index[inside.start]], np.diff(grid.x))
        return found

    @cached_property
    def diffusion(self) -> np.ndarray:
        """D of every site."""
        return np.array([layer.diffusion for layer in self.layout.network.layers])[self.layout.layer]

    def sites(self, pairing: Complex, width: int | None = None) -> Sites:
        """Numbers of every site; pairing (sites, 16) is S = -iΔ̂ in block order."""
        layout = self.layout
        first, w, d = self._stencils(WIDTH if width is None else width)
        per_layer = [(np.full(g.size, g.spacing), g.stretch, g.curvature) for g in layout.grids]
        step, stretch, curvature = (np.concatenate(part) for part in zip(*per_layer, strict=True))
        return Sites(
            step, stretch, curvature, first, w, d,
            constant=self._constant + pairing / self.diffusion[:, None],
            energy=self._energy,
            diffusion=self.diffusion,
            map_index=self._maps[0], maps=self._maps[1],
            gauge_index=self._gauges[0], gauges=self._gauges[1], links=self._links,
            on_top=on_top.condensates(layout.network, layout.layer),
        )  # fmt: skip

    def _stencils(self, width: int):
        if min(g.size for g in self.layout.grids) < width:
            raise ValueError(f"every layer needs at least {width} nodes")
        return self.layout.stencil_arrays(width)

    def embedded_sites(self, pairing: Complex) -> Sites:
        """The same with the lower-order stencils of the error estimate."""
        return self.sites(pairing, EMBEDDED_WIDTH)

    @cached_property
    def rows(self) -> Rows:
        """Rows of the scheme, with the maps of the interface laws."""
        rows = self.layout.rows
        ends = [end for row in rows for end in row.ends]
        count = max(1, len(self.layout.laws))
        maps, echoes = np.zeros((count, 16, 16), complex), np.zeros((count, 2, 16, 16), complex)
        for number, law in enumerate(self.layout.laws):
            if law.across is not None:
                maps[number], echoes[number] = self.scattering(law).across, self.scattering(law).echoes
        integers = {
            key: np.array([getattr(row, key) for row in rows], dtype=np.int64)
            for key in ("kind", "site", "forward", "law", "other")
        }
        return Rows(
            **integers,
            first_end=np.concatenate([[0], np.cumsum([len(row.ends) for row in rows])]).astype(np.int64),
            end_site=np.array([end[0] for end in ends], dtype=np.int64),
            end_inner=np.array([end[1] for end in ends], dtype=np.int64),
            end_weight=np.array([end[2] for end in ends], dtype=float),
            end_law=np.array([end[3] for end in ends], dtype=np.int64),
            law_map=maps,
            law_twice=np.array([self.scattering(law).twice for law in self.layout.laws] or [0.0]),
            law_echo=echoes,
            law_filter=self._filters[0],
            filters=self._filters[1],
        )

    @cached_property
    def _filters(self) -> tuple[Integers, Complex]:
        """Index (laws) and spin filters (filters, 32) of the laws at the ends of half-metals."""
        spins = [self.layout.network.layers[law.end.layer].spins for law in self.layout.laws]
        filters = [None if one is None else half_metal.spin_filter(one) for one in spins]
        return _indexed(filters, (32,))

    def _unit(self, law: Law) -> float:
        """G_N = σA/L (in σA/ξ of the reference wire) that the ratios of a law refer to."""
        layers = self.layout.network.layers
        reference = law.interface.reference
        layer = layers[law.end.layer if reference is None else reference]
        return layer.conductance

    def _per_slope(self, law: Law) -> float:
        """1/σA of the layer that the law ends."""
        layer = self.layout.network.layers[law.end.layer]
        return 1.0 / float(layer.conductivity * layer.area)

    def scattering(self, law: Law) -> Scattering:
        """The matrices of a law as the ends of its layer need them, per σA of the layer: ĝ∂ĝ = n [S, ĝ]."""
        if law.interface.kind == "transparent":
            return Scattering()
        if law.across == law.end:  # the law of a junction
            return self.seen_from_beyond(law).scaled(self._per_slope(law))
        found = LAWS[law.interface.kind].scattering(law.interface, self._unit(law), opposite(law.end).side)
        return found.scaled(self._per_slope(law))

    @property
    def scatterings(self) -> list[Scattering]:
        """The matrices of all laws, those of contacts on top included."""
        coverings = self.layout.network.coverings()
        return [*map(self.scattering, self.layout.laws), *(on_top.scattering(covering) for _, covering in coverings)]

    def seen_from_beyond(self, law: Law) -> Scattering:
        """The matrices of the same interface for what lies behind it, a reservoir or junction: σA ĝ∂ĝ = n [S, ĝ]."""
        return LAWS[law.interface.kind].scattering(law.interface, self._unit(law), law.end.side)

    def boundaries(self, energy: np.ndarray) -> tuple[Complex, Complex]:
        """Constant parts of S of every law (laws, 2, 16, L) and given states (laws, 8, L).

        Of S there are the part S₁ of first order, and the part of second order beside it, both as far as no solved ĝ
        enters. energy (L,) are complex energies without the broadening Γ, which each reservoir adds itself.
        """
        laws = self.layout.laws
        count = max(1, len(laws))
        matrices = np.zeros((count, 2, 16, energy.size), complex)
        states = np.zeros((count, 8, energy.size), complex)
        for number, law in enumerate(laws):
            outside, found = None, self.scattering(law)
            if law.reservoir is not None:
                states[number] = reservoir_state(law.reservoir, energy)
                outside = green(states[number])
            for order, part in enumerate((found.first(outside), found.returned(outside))):
                matrices[number, order] = to_blocks(part).T if outside is not None else to_blocks(part)[:, None]
        return matrices, states


def _indexed(found: list[Complex | None], shape: tuple[int, ...]) -> tuple[Integers, Complex]:
    """Where in the array of those that exist each one is, -1 for None; an array of one zero if there is none."""
    exists = np.array([one is not None for one in found] or [False])
    return np.where(exists, np.cumsum(exists) - 1, -1), np.array(
        [one for one in found if one is not None] or [np.zeros(shape, complex)]
    )


def inverse_diffusion(layer: ResolvedLayer) -> Complex:
    """1/D of a layer, a matrix (4, 4): half-metals tell the spins apart."""
    return (np.eye(4) if layer.spins is None else half_metal.inverse_diffusion(layer.spins)) / layer.diffusion


def spin_weight(layer: ResolvedLayer) -> Complex:
    """What each spin counts in the currents of a layer, (2, 2)."""
    return np.eye(2, dtype=complex) if layer.spins is None else half_metal.current_weight(layer.spins)


def gauge_field(layer: ResolvedLayer) -> Complex:
    """A_x, A_y, A_z (3, 2, 2) of a layer, the sum of all its gauge fields."""
    return sum((term.matrix(layer) for term in GAUGE), np.zeros((3, 2, 2), complex))


def linear_self_energy(layer: ResolvedLayer) -> Complex | None:
    """The map ĝ → S/D (16, 16) of a layer; None if it has none.

    Nothing varies in the plane of a layer, so that gauge fields there leave D Σ∂̃ₖ(ĝ∂̃ₖĝ) = -D [ÂₖĝÂₖ, ĝ].
    """
    found = [term.matrix(layer) for term in LINEAR]
    scattering = [sandwich(inverse_diffusion(layer), np.eye(4)) @ linear for linear in found if np.any(linear)]
    in_plane = [a for a in gauge_field(layer)[:2] if np.any(a)]
    gauge = [sandwich(a, a) for a in block_diagonal(np.array(in_plane), -np.conj(in_plane))] if in_plane else []
    return np.sum(scattering + gauge, axis=0) if scattering or gauge else None


def reservoir_state(reservoir: ResolvedReservoir, energy: np.ndarray) -> Complex:
    """State (8, L) of a bulk reservoir at complex energies (without its own Γ)."""
    broadened = energy + 1j * reservoir.inelastic
    if reservoir.pairing is None:
        return np.zeros((8, energy.size), complex)
    return homogeneous(broadened, np.array(bulk_condensate(reservoir)))
