"""What small changes of states, distributions and reservoirs do to what flows through contacts on top of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.equations.kinetic.numbers import KineticNumbers
from usadel.equations.kinetic.on_top import Behind, flowing_in
from usadel.equations.spectral.scheme import elements
from usadel.kinetics.equation import Kinetics

Array = NDArray[Any]
STEP = 1e-6  # change of γ in the central differences of interface laws: these are smooth in it

Changes = Mapping[int, Behind]
"""Of what contacts bring, by their numbers."""


class OnTop:
    """The contacts on top of the layers of a device, at the energies and states of a pack."""

    def __init__(self, kinetics: Kinetics, energy: Complex, state: Complex):
        self._kinetics, self._energy, self._state = kinetics, energy, state
        self.given = {number: (k, found) for number, k, found in kinetics.system.behind(energy)}

    def derivative(self, numbers: KineticNumbers) -> Changes:
        """Changes by those of distributions alone, which are given in their place."""
        none = {number: np.zeros_like(one.constant) for number, (_, one) in self.given.items()}
        return {number: Behind(none[number], one.source) for number, _, one in numbers.behind(self._energy)}

    def difference(self, ahead: KineticNumbers, behind: KineticNumbers, step: float) -> Changes:
        """Changes by what is there one step ahead and one behind."""
        pairs = zip(ahead.behind(self._energy), behind.behind(self._energy), strict=True)
        return {
            number: Behind((one.constant - other.constant) / (2 * step), (one.source - other.source) / (2 * step))
            for (number, _, one), (_, _, other) in pairs
        }

    def point_changes(self, moved: Complex, h: Array, changes: Changes | None) -> Array:
        """Changes of Mk + Qh, none, and of R_c h - s at the points, (points, 2, 8, L), h (points, 8, L) being fixed."""
        cells, points = self._kinetics.system.cells, self._kinetics.points
        layer = self._kinetics.problem.layout.layer[cells.site]
        found = np.zeros((h.shape[0], 2, *h.shape[1:]))
        for number, (k, given) in self.given.items():
            chosen = np.flatnonzero(layer == k)
            change = None if changes is None else changes[number]
            step = _step(moved, change)
            ahead, behind = (
                flowing_in(self._state + s * moved, h, points, chosen, _moved(given, change, s)) for s in (step, -step)
            )
            found[:, 1] -= (ahead - behind) / (2 * step)
        return found

    def current_changes(
        self, numbers: Sequence[int], moved: Complex, h: Array, more: Array, changes: Changes | None
    ) -> list[Array]:
        """Changes (rows, L) of the currents into layers from some contacts, by those of states and δh (sites, 8, L)."""
        kinetics = self._kinetics
        share, weights = elements(kinetics.problem.bare_sites), kinetics.weights
        points = kinetics.system.points_at_sites(kinetics.sites) if numbers else None
        known = {number: (k, given) for number, k, given in kinetics.system.behind(self._energy, insulators=True)}
        found = []
        for number in numbers:
            assert points is not None
            k, given = known[number]
            layer, problem = kinetics.network.layers[k], kinetics.problem
            here = np.arange(problem.offset[k], problem.offset[k + 1])
            change = None if changes is None else changes.get(number)
            step = _step(moved, change)
            ahead, behind = (
                flowing_in(self._state + s * moved, h + s * more, points, here, _moved(given, change, s))
                for s in (step, -step)
            )
            flowing = np.tensordot(share, (ahead - behind) / (2 * step), axes=1)
            energy = self._energy.real ** weights.current_power[:, None]
            free = float(layer.conductivity * layer.area * layer.nonequilibrium)
            found.append(free * 0.5 * weights.current[k] @ flowing * energy)
        return found


def _step(moved: Complex, change: Behind | None) -> Array:
    return central_step(moved) if change is None else central_step(moved, change.constant, change.source)


def _moved(given: Behind, change: Behind | None, step: Array) -> Behind:
    if change is None:
        return given
    return Behind(given.constant + step * change.constant, given.source + step * change.source)


def central_step(*parts: Array) -> Array:
    """Step (L) of central differences by changes (…, L)."""
    largest = np.max([np.max(np.abs(part), axis=tuple(range(part.ndim - 1))) for part in parts], axis=0)
    return STEP / np.where(largest > 0, largest, 1.0)
