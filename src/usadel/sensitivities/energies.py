"""How what solved distributions add follows a number of the device: one integral over real energies.

The kinetic equation is linear, and its numbers follow from states and device. At each energy the states' tangent is
found from their stored factors; the equation is then eliminated at states one step ahead and behind, and, at fixed
states, for each neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import equilibrium
from usadel.progress import counted
from usadel.sensitivities.base import gap_beside, in_common_symmetry, problems_of
from usadel.sensitivities.neighbours import Neighbours
from usadel.sensitivities.spectrum import beside_pack, state_change
from usadel.solvers.quadrature import NODE, integrate
from usadel.solvers.status import Status
from usadel.states.parallel import parallel
from usadel.states.problem import Pack

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    at_once: int = 8  # panels between two events
    step: float = 1e-5  # change of γ in central differences of linear solutions: 1e-10 of error, as much of rounding
    # derivatives are as large as the inverse of the number: it counts as this much at least in their accuracy
    smallest: float = 1e-2


OPTIONS = Options()


@dataclass(frozen=True)
class Added:
    """Derivatives of what δh adds: densities (sites, numbers) on the grids of the kinetic equation, spins (laws, 3)."""

    densities: Array
    spins: Array
    error: float
    status: Status


class EnergyTangent:
    """Derivatives along one number.

    kinetics : the equation at the gap of the solution; family : of networks with solved distributions.
    laws : interfaces that spins enter from beyond. panels : (n, 2), of energies to start from.
    """

    def __init__(self, kinetics: Kinetics, family: Neighbours, laws: Sequence[int], panels: Array):
        self._family, self._laws, self._panels = family, list(laws), panels
        quiet = family.having(equilibrium)
        problem = in_common_symmetry(kinetics.problem, quiet)
        self._problems = problems_of(problem, quiet)
        self.kinetics = kinetics if problem is kinetics.problem else kinetics.on(problem, kinetics.gap)
        beside = [self._neighbour(number, kinetics.gap) for number in range(len(self._problems))]
        common = self.kinetics.system.symmetry
        for each in beside:
            common = common.common(each.system.symmetry)
        if common != self.kinetics.system.symmetry:
            self.kinetics = replace(self.kinetics)
            self.kinetics.system = replace(self.kinetics.numbers(), symmetry=common)
        self.status = Status.CONVERGED

    def along(self, gap: Complex) -> Added:
        """With a derivative of the gap (sites on its grids) where that is an unknown."""
        moved = [
            self._neighbour(number, self.kinetics.gap + shift * gap) for number, shift in enumerate(self._family.shifts)
        ]
        sites = [each.problem.sites(each.gap) for each in moved]

        def values(energies: Array) -> Array:
            pack = self.kinetics.few_states(energies)
            self._note(Status(int(pack.status.max())))
            return self._at(pack.pack, moved, sites)

        def function(energies: Array) -> Array:
            panels = energies.reshape(-1, NODE.size)
            groups = [panels[k : k + OPTIONS.at_once] for k in range(0, len(panels), OPTIONS.at_once)]
            parts: list[Array] = []
            for group in counted("energies", groups, np.size):
                parts += parallel(values, group)
            return np.concatenate(parts, axis=-1)

        accuracy = self.kinetics.tolerance / np.clip(self._family.size, OPTIONS.smallest, 1.0)
        found = integrate(function, np.unique(self._panels), float(accuracy))
        self._panels = found.panels
        spins = 3 * len(self._laws)
        densities = found.value[: found.value.size - spins].reshape(self.kinetics.problem.layout.sites, -1)
        return Added(densities, found.value[found.value.size - spins :].reshape(-1, 3), found.error, self.status)

    def _neighbour(self, number: int, gap: Complex) -> Kinetics:
        """The kinetic equation of a neighbour, at its own gap where that is given."""
        problem = self._problems[number]
        own = gap_beside(self.kinetics.problem, problem, gap)
        return Kinetics(self._family.networks[number], problem, own, self.kinetics.tolerance)

    def _at(self, pack: Pack, moved: Sequence[Kinetics], sites: Sequence[Any]) -> Array:
        """Derivatives (numbers, energies) at a pack of energies."""
        problem, here = self.kinetics.problem, self.kinetics.problem.sites(self.kinetics.gap)
        factors = problem.linear_step(pack, here, [])[2]
        beside = [beside_pack(pack, each.problem) for each in moved]
        others = [(other, each.problem, at) for other, each, at in zip(beside, moved, sites, strict=True)]
        change, status = state_change(problem, pack, factors, here, self._family, others)
        self._note(status)
        explicit = self._family.derivative(
            [self._measured(each, other) for each, other in zip(moved, beside, strict=True)]
        )
        step = OPTIONS.step / np.maximum(np.max(np.abs(change), axis=(0, 1)), 1e-300)
        ahead, behind = (self._measured(self.kinetics, pack.at(pack.state + s * step * change)) for s in (1.0, -1.0))
        return np.asarray(explicit + (ahead - behind) / (2 * step))[:, : pack.count]

    def _measured(self, kinetics: Kinetics, pack: Pack) -> Array:
        densities, spins = kinetics.added_at(pack, self._laws)
        return np.concatenate([densities.reshape(-1, pack.energy.size), spins.reshape(-1, pack.energy.size)])

    def _note(self, status: Status) -> None:
        self.status = Status(max(int(self.status), int(status)))
