"""First derivatives of a driven device by its gap and by reservoirs, on the grids of its kinetic equation.

Pairs and currents change as on the contour, where G[Δ] and the currents of the reference equilibrium come from, and as
the integrals over real energies do. Those are adaptive, panel by panel: a panel is one pack of energies, linearized
when it is first met, for all changes that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.discretization.gap_basis import GapBasis
from usadel.equations.kinetic.response import KineticResponse
from usadel.gap.equation import GapEquation
from usadel.gap.state import AnySolution
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.linearized import LinearizedPack, gap_change, measured_at, reservoir_change, unpacked
from usadel.progress import counted
from usadel.response.contour import ContourPerturbation
from usadel.response.drives import Drive
from usadel.response.places import Places
from usadel.solvers.quadrature import NODE, integrate, integrate_panels, panel_points
from usadel.solvers.status import Status
from usadel.states.parallel import parallel
from usadel.states.problem import Pack, Problem, joined
from usadel.states.transfer import carry, carry_states

Array = NDArray[Any]
Values = Callable[[LinearizedPack], Array]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    kept: float = 3e8  # bytes of linearized packs that are kept; others are linearized anew when they are needed
    at_once: int = 8  # panels between two events


OPTIONS = Options()


@dataclass(frozen=True)
class Change:
    """Derivatives: of the pair amplitude G + G_δh (sites), of what is measured (numbers); their error."""

    pairs: Complex
    measured: Array
    error: float = 0.0

    def times(self, factor: float) -> Change:
        """A multiple of it."""
        return Change(factor * self.pairs, factor * self.measured, abs(factor) * self.error)

    def plus(self, factor: float, other: Change) -> Change:
        """The sum with a multiple of another one."""
        more = other.times(factor)
        return Change(self.pairs + more.pairs, self.measured + more.measured, self.error + more.error)


@dataclass(frozen=True)
class ByGap:
    """A change of the gap (sites)."""

    gap: Complex


class Perturbation:
    """Small changes of a solved device.

    kinetics : the kinetic equation at its gap; solution : of the reference equilibrium, perhaps on other grids; None:
    no change of states is asked for. layers : whose gap is an unknown. contour : grids of the reference equilibrium;
    None: those of the kinetic equation.
    panels : (n, 2), of the energies; `adaptive` : whether they are refined where changes ask for it; `keeps` : whether
    what is linearized is kept, for many changes one after the other; else all are asked for at once.
    """

    def __init__(
        self,
        kinetics: Kinetics,
        solution: AnySolution | None,
        layers: list[int],
        places: Places,
        panels: Array,
        adaptive: bool,
        keeps: bool = False,
        contour: Problem | None = None,
    ):
        kinetics = kinetics.general
        self.problem, self.kinetics, self.panels = kinetics.problem, kinetics, panels
        self._adaptive, self._keeps = adaptive, keeps
        self.basis = GapBasis(self.problem.layout, layers, 2)
        self.status = Status.CONVERGED
        self._at = measured_at(kinetics, self.basis, places.ends, places.laws, places.tops)
        self._laws = list(places.laws)
        self._packs: dict[tuple[float, float], Pack] = {}
        self._linearized: dict[tuple[float, float], LinearizedPack] = {}
        self.equation = GapEquation(self.problem, solution.contour, self.basis) if solution and layers else None
        self._contour = None
        if solution is not None:
            problem = self.problem if contour is None else contour
            gap = carry(solution.problem, problem, solution.gap) if contour else kinetics.gap
            states = carry_states(solution.problem, problem, joined(solution.packs))
            self._contour = ContourPerturbation(
                problem, solution.contour, gap, states, self.equation, places.ends, places.laws, places.tops
            )

    def changes(self, asked: Sequence[ByGap | Drive]) -> list[Change]:
        """Derivatives along some changes, with the same energies for all of them."""
        parts = [self._values(one) for one in asked]

        def values(pack: LinearizedPack) -> Array:
            return np.stack([np.sum([value(pack) for value in own], axis=0) for own, _ in parts])

        integral, error = self._integral(values)
        found = []
        for one, (_, unit), added in zip(asked, parts, integral, strict=True):
            pairs, measured = self._unpacked(added)
            found.append(self._with_contour(one, Change(unit * pairs, unit * measured, unit * error)))
        if self._contour is not None:
            self._note(self._contour.status)
        return found

    @property
    def numbers(self) -> int:
        """How many are measured."""
        return self._at.currents + 3 * len(self._laws)

    def imbalance(self, gap: Complex, change: Change) -> Complex:
        """-(∂F/∂Δ) along a change of the gap, (sites)."""
        assert self.equation is not None
        return self.equation.coupling * gap - change.pairs

    def _unpacked(self, added: Array) -> tuple[Complex, Array]:
        """Pairs (sites) and what is measured, spins from beyond that no distribution changes included."""
        pairs, found = unpacked(self.kinetics, self._at, added)
        currents = found.size - 3 * len(self._at.laws)
        spins = dict(zip(self._at.laws, found[currents:].reshape(-1, 3), strict=True))
        return pairs, np.concatenate([found[:currents], *(spins.get(law, np.zeros(3)) for law in self._laws)])

    def _with_contour(self, asked: ByGap | Drive, change: Change) -> Change:
        """With the derivatives of the reference equilibrium."""
        if isinstance(asked, ByGap):
            assert self._contour is not None
            moved = self._contour.by_gap(asked.gap)
        elif asked.states is not None and self._contour is not None:
            one = asked.states
            networks = one.networks(self._contour.problem.network)
            moved = self._contour.by_reservoirs(*networks, one.step)
        else:
            return change
        if self.equation is None:
            return replace(change, measured=change.measured + moved.measured)
        return replace(change, pairs=change.pairs + moved.pairs, measured=change.measured + moved.measured)

    def _values(self, asked: ByGap | Drive) -> tuple[list[Values], float]:
        """What is integrated, for a gap that changes by at most 1, and how much it does change."""
        kinetics = self.kinetics
        if isinstance(asked, ByGap):
            unit = float(np.max(np.abs(asked.gap))) or 1.0
            by_gap = gap_change(kinetics, asked.gap / unit)
            return [lambda pack: pack.by_gap(by_gap)], unit
        found: list[Values] = []
        if asked.distributions:
            system = kinetics.system
            numbers = KineticResponse(system.system, system.rows, system.temperature, asked.distributions)
            found.append(lambda pack: pack.by_distributions(numbers))
        if asked.states is not None:
            networks = asked.states.networks(self.problem.network)
            moved = reservoir_change(kinetics, *networks, asked.states.step)
            found.append(lambda pack: pack.by_reservoirs(moved))
        return found, 1.0

    def _integral(self, values: Values) -> tuple[Array, float]:
        """Integrals over energy, and their error."""
        function = partial(self._at_energies, values)
        if not self._adaptive:
            return integrate_panels(function, self.panels), 0.0
        found = integrate(function, np.unique(self.panels), self.kinetics.tolerance)
        self.panels = found.panels
        wanted = set(map(_key, panel_points(found.panels)[0].reshape(-1, NODE.size)))
        for known in (self._packs, self._linearized):
            for key in set(known) - wanted:
                del known[key]
        return found.value, found.error

    def _at_energies(self, values: Values, energies: Array) -> Array:
        """Values (…, energies) at the points of some panels."""
        panels = energies.reshape(-1, NODE.size)
        groups = [panels[k : k + OPTIONS.at_once] for k in range(0, len(panels), OPTIONS.at_once)]
        parts: list[Array] = []
        for group in counted("energies", groups, np.size):
            parts += parallel(lambda panel: self._at_panel(values, panel), group)
        return np.concatenate(parts, axis=-1)

    def _at_panel(self, values: Values, energies: Array) -> Array:
        """Values (…, energies) at the points of a panel."""
        pack = self._pack(energies)
        found = values(pack)
        self._note(pack.status)
        return found

    def _pack(self, energies: Array) -> LinearizedPack:
        """The linearized equations at the energies of a panel."""
        key = _key(energies)
        if key in self._linearized:
            return self._linearized[key]
        if key not in self._packs:
            found = self.kinetics.few_states(energies)
            self._note(Status(int(found.status.max())))
            self._packs[key] = found.pack
        linearized = LinearizedPack(self.kinetics, self._at, self._packs[key])
        if self._keeps and (1 + len(self._linearized)) * linearized.nbytes < OPTIONS.kept:
            self._linearized[key] = linearized
        return linearized

    def _note(self, status: Status) -> None:
        self.status = Status(max(int(self.status), int(status)))


def _key(energies: Array) -> tuple[float, float]:
    """What a panel's pack is found by."""
    return float(energies[0]), float(energies[-1])
