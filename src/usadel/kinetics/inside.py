"""What enters inside of layers in the kinetic equation: from reservoirs on top of them, and by inelastic collisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.equations.kinetic.coefficients import Points, coefficients
from usadel.equations.kinetic.collisions import deviations, moments
from usadel.equations.kinetic.numbers import KineticNumbers
from usadel.equations.kinetic.on_top import add_relaxation, flowing_in
from usadel.equations.numbers import Sites
from usadel.kinetics.pieces import inner_cells, merged
from usadel.observables.real_axis import Weights
from usadel.solvers.collocation import changed_fluxes, inside_cells
from usadel.states.problem import Problem

Array = NDArray[Any]


class Condensed(NamedTuple):
    """The kinetic equation of all pieces of cells, in rotated modes.

    Attributes
    ----------
    coefficients : M, Q, R (pieces, 2, n², L).
    flux : (pieces, 2, 2, n², L), J at the ends of pieces by h there.
    source : (pieces, 2, n, L), s of ∂J + Rh = s from reservoirs on top; None without any.
    entering : (cells, 2, n, L), J at the ends of cells by that at h = 0 there.
    """

    coefficients: tuple[Array, Array, Array]
    flux: Array
    source: Array | None
    entering: Array | None


def collision_rates(network: Network) -> Array:
    """1/τD of collisions between electrons and with phonons, (2, layers), 0 where there are none."""
    times = [(k.collisions.electrons, k.collisions.phonons) if k.collisions else (None, None) for k in network.layers]
    diffusion = np.array([k.diffusion for k in network.layers])
    return np.array([[0.0 if time is None else 1 / time for time in pair] for pair in times]).T / diffusion


@dataclass
class Inside:
    """That of a device on grids; sites are its numbers without use of symmetry, baths those of collisions."""

    network: Network
    problem: Problem
    system: KineticNumbers
    sites: Sites
    baths: Array | None

    def add(self, m: Array, r: Array, state: Complex, points: Points, energy: Complex) -> Array | None:
        """s (points, n, L), None where nothing enters; r (points, n², L) gains what is relaxed.

        m : (points, n², L), M; state : (sites, 8, L), in the frame of the modes.
        """
        system, on_top = self.system, self.system.behind(energy)
        if not on_top and self.baths is None:
            return None
        source = np.zeros((r.shape[0], system.modes.size, r.shape[2]))
        layer = self.problem.layout.layer[system.cells.site]
        for _, k, given in on_top:
            add_relaxation(r, source, state, points, np.flatnonzero(layer == k), system.turned(given), system.modes)
        if self.baths is not None:
            self._collide(self.baths, m, r, source, energy.real)
        return source

    def _collide(self, baths: Array, m: Array, r: Array, source: Array, energy: Array) -> None:
        """Add to r (points, n², L) and s (points, n, L) what collisions do, with M (points, n², L)."""
        cells, size = self.system.cells, self.system.modes.size
        stencil = cells.first[:, None] + np.arange(cells.value.shape[1])
        rates = collision_rates(self.network)[:, self.problem.layout.layer[cells.site], None, None]
        for rate, each in zip(rates, baths, strict=True):
            at_points = np.einsum("pw,pwk->pk", cells.value, each[stencil])
            held = self.system.by_modes(deviations(at_points, self.system.temperature, energy))
            r -= rate * m
            source -= rate * np.einsum("pijl,pjl->pil", m.reshape(len(m), size, size, -1), held)

    def entering(self, coefficients: tuple[Array, Array, Array], flux: Array, source: Array) -> Array:
        """J at the ends of cells (cells, 2, n, L) by a source inside of pieces, h being zero at their ends."""
        cells, rotations = self.system.cells, self.system.rotations
        changes = np.stack([np.zeros_like(source), -source], axis=2)
        nothing = np.zeros((source.shape[0], *source.shape[2:]))
        answer = inside_cells(*coefficients, cells.width, nothing, nothing)[2]
        ends = changed_fluxes(changes, cells.width, answer)
        if rotations is not None:
            ends[:, 1] = np.einsum("pji,pjl->pil", rotations[1], ends[:, 1])
        return merged(ends, cells.first_piece, inner_cells(flux, cells.first_piece))

    def measured(self, state: Complex, h: Array, energy: Array, weights: Weights) -> list[Array]:
        """Densities (sites, numbers, L) at states and δh (sites, 8, L), behind those of every device.

        Currents per length and σA from contacts on top, and the moments of baths, see `collisions.moments`.
        """
        found = []
        points = self.system.points_at_sites(self.sites) if self.network.coverings() or self.baths is not None else None
        if points is not None and self.network.coverings():
            found.append(self._on_top(points, state, h, energy, weights))
        if points is not None and self.baths is not None:
            m = coefficients(state, points)[0]
            kinds = np.flatnonzero(collision_rates(self.network).any(axis=1))
            found += [moments(m, h, self.baths[kind], self.system.temperature, energy) for kind in kinds]
        return found

    def _on_top(self, points: Points, state: Complex, h: Array, energy: Array, weights: Weights) -> Array:
        """(sites, contacts × numbers, L)."""
        offset, count = self.problem.offset, len(self.network.coverings())
        out = np.zeros((h.shape[0], count, weights.current.shape[1], energy.size))
        for number, k, given in self.system.behind(energy.astype(complex), insulators=True):
            here = np.arange(offset[k], offset[k + 1])
            flowing = 0.5 * weights.current[k] @ flowing_in(state, h, points, here, given)[here]
            out[here, number] = flowing * energy ** weights.current_power[:, None]
        return out.reshape(h.shape[0], -1, energy.size)
