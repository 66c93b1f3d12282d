"""First derivatives of a driven device by its gap and by voltages, on the grids of its kinetic equation.

Pairs and currents change as on the contour, where G[Δ] and the currents of the reference equilibrium come from, and as
the integrals over real energies do. Those are adaptive, panel by panel: a panel is one pack of energies, linearized
when it is first met.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import ResolvedReservoir
from usadel.discretization.gap_basis import GapBasis
from usadel.equations.kinetic.response import KineticResponse
from usadel.gap.equation import GapEquation
from usadel.gap.state import GapSolution
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.linearized import LinearizedPack, gap_change, measured_at, unpacked
from usadel.observables.profiles import Candidate, measure
from usadel.progress import counted
from usadel.solvers.condensation import Factors
from usadel.solvers.quadrature import NODE, integrate, integrate_panels, panel_points
from usadel.solvers.status import Status
from usadel.states.newton import solve_states
from usadel.states.parallel import parallel
from usadel.states.problem import Pack, joined
from usadel.states.response import state_response
from usadel.states.transfer import carry_states

Array = NDArray[Any]
Values = Callable[[LinearizedPack], Array]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    states: float = 1e-11  # accuracy of those on the contour
    step: float = 1e-5  # change of γ in central differences of currents on the contour
    kept: float = 3e8  # bytes of linearized packs that are kept; others are linearized anew when they are needed
    at_once: int = 8  # panels between two events


OPTIONS = Options()


@dataclass(frozen=True)
class Change:
    """Derivatives: of the pair amplitude G + G_δh (sites), of currents into layers' ends (ends, rows); their error."""

    pairs: Complex
    current: Array
    error: float = 0.0

    def times(self, factor: float) -> Change:
        """A multiple of it."""
        return Change(factor * self.pairs, factor * self.current, abs(factor) * self.error)

    def plus(self, factor: float, other: Change) -> Change:
        """The sum with a multiple of another one."""
        more = other.times(factor)
        return Change(self.pairs + more.pairs, self.current + more.current, self.error + more.error)


@dataclass(frozen=True)
class ByGap:
    """A change of the gap (sites)."""

    gap: Complex


@dataclass(frozen=True)
class ByVoltage:
    """A change of the voltages of some reservoirs, by how much."""

    driven: Sequence[tuple[ResolvedReservoir, float]]


class Perturbation:
    """Small changes of a solved device.

    kinetics : the kinetic equation at its gap; solution : of the gap equation, perhaps on other grids.
    panels : (n, 2), of the energies; `adaptive` : whether they are refined where changes ask for it. Then what is
    linearized is kept, for many changes one after the other; else all are asked for at once.
    """

    def __init__(self, kinetics: Kinetics, solution: GapSolution, layers: list[int], panels: Array, adaptive: bool):
        kinetics = kinetics.general
        self.problem, self.kinetics, self.panels, self._adaptive = kinetics.problem, kinetics, panels, adaptive
        self.basis = GapBasis(self.problem.layout, layers, 2)
        self.contour = solution.contour
        self.equation = GapEquation(self.problem, self.contour, self.basis)
        self.status = Status.CONVERGED
        self._at = measured_at(kinetics, self.basis)
        self._packs: dict[tuple[float, float], Pack] = {}
        self._linearized: dict[tuple[float, float], LinearizedPack] = {}
        states = carry_states(solution.problem, self.problem, joined(solution.packs))
        packs = self.problem.packs(self.contour.energies, kinetics.gap, states=states)
        found = solve_states(self.problem, packs, kinetics.gap, OPTIONS.states)
        self._note(found.status)
        sites = self.problem.sites(kinetics.gap)
        self._contour = [(pack, self.problem.linear_step(pack, sites, [])[2]) for pack in found.packs]

    def changes(self, asked: Sequence[ByGap | ByVoltage]) -> list[Change]:
        """Derivatives along some changes, with the same energies for all of them."""
        values, units = zip(*map(self._values, asked), strict=True)
        integral, error = self._integral(lambda pack: np.stack([value(pack) for value in values]))
        found = []
        for one, unit, added in zip(asked, units, integral, strict=True):
            pairs, current = unpacked(self.kinetics, self._at, added)
            change = Change(unit * pairs, unit * current, unit * error)
            found.append(change.plus(1.0, self._on_contour(one.gap)) if isinstance(one, ByGap) else change)
        return found

    def imbalance(self, gap: Complex, change: Change) -> Complex:
        """-(∂F/∂Δ) along a change of the gap, (sites)."""
        return self.equation.coupling * gap - change.pairs

    def _values(self, asked: ByGap | ByVoltage) -> tuple[Values, float]:
        """What is integrated, for a gap that changes by at most 1, and how much it does change."""
        kinetics = self.kinetics
        if isinstance(asked, ByVoltage):
            system = kinetics.system
            numbers = KineticResponse(system.system, system.rows, system.temperature, asked.driven)
            return lambda pack: pack.by_voltage(numbers), 1.0
        unit = float(np.max(np.abs(asked.gap))) or 1.0
        change = gap_change(kinetics, asked.gap / unit)
        return lambda pack: pack.by_gap(change), unit

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
        if self._adaptive and (1 + len(self._linearized)) * linearized.nbytes < OPTIONS.kept:
            self._linearized[key] = linearized
        return linearized

    def _on_contour(self, gap: Complex) -> Change:
        """Derivatives of G and of the currents of the reference equilibrium along a change of the gap (sites)."""
        moved = parallel(lambda one: self._moved(*one, gap), self._contour)
        pairs: Complex = np.sum([part[0] for part in moved], axis=0)
        largest = max([float(np.max(np.abs(gap))), *(float(np.max(np.abs(part[1]))) for part in moved)])
        step = OPTIONS.step / (largest or 1.0)
        packs = [pack for pack, _ in self._contour]
        beside = [
            Candidate(
                [pack.state + s * part[1] for pack, part in zip(packs, moved, strict=True)],
                self.kinetics.gap + s * gap,
            )
            for s in (step, -step)
        ]
        ahead, behind = measure(self.problem, self.contour, packs, beside)
        current = (ahead.current[self._at.ends] - behind.current[self._at.ends]) / (2 * step)
        return Change(pairs, current)

    def _moved(self, pack: Pack, factors: Factors, gap: Complex) -> tuple[Complex, Complex]:
        """Changes of G (sites) and of the states (sites, 8, L) of a pack of the contour."""
        sites, moved = (self.problem.sites(self.kinetics.gap + change) for change in (0, gap))
        x, status = state_response(self.problem, pack, factors, sites, moved)
        self._note(status)
        return self.equation.response(pack, x[:, :, None])[1][:, 0], self.problem.by_site(x)

    def _note(self, status: Status) -> None:
        self.status = Status(max(int(self.status), int(status)))


def _key(energies: Array) -> tuple[float, float]:
    """What a panel's pack is found by."""
    return float(energies[0]), float(energies[-1])
