"""First derivatives of the reference equilibrium by gap and reservoirs, on its Matsubara points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import LayerEnd, Network
from usadel.energies.contour import Contour
from usadel.gap.equation import GapEquation
from usadel.observables.beyond import spin_from_beyond
from usadel.observables.on_top import whole
from usadel.observables.profiles import Candidate, Profiles, measure
from usadel.solvers.condensation import Factors
from usadel.solvers.status import Status
from usadel.states import response
from usadel.states.newton import solve_states
from usadel.states.parallel import parallel
from usadel.states.problem import Pack, Problem

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    states: float = 1e-11  # accuracy of those on the contour
    step: float = 1e-5  # change of γ in central differences of currents


OPTIONS = Options()


@dataclass(frozen=True)
class Moved:
    """Derivatives: of G (sites), zero without unknown gaps; of currents at ends and spins from beyond, in one row."""

    pairs: Complex
    measured: Array


class ContourPerturbation:
    """States of a device at the points of a contour, linearized once.

    equation : of the gap, if that is an unknown; ends, laws, tops : where currents and spins from beyond are wanted.
    """

    def __init__(
        self,
        problem: Problem,
        contour: Contour,
        gap: Complex,
        states: Complex,
        equation: GapEquation | None,
        ends: Sequence[LayerEnd],
        laws: Sequence[int],
        tops: Sequence[int],
    ):
        self.problem, self.contour, self.gap, self._equation, self._laws = problem, contour, gap, equation, laws
        self._tops = list(tops)
        self._ends = [problem.layout.site(end) for end in ends]
        found = solve_states(problem, problem.packs(contour.energies, gap, states=states), gap, OPTIONS.states)
        self.status = found.status
        sites = problem.sites(gap)
        self._linearized = [(pack, problem.linear_step(pack, sites, [])[2]) for pack in found.packs]

    def by_gap(self, gap: Complex) -> Moved:
        """Along a change of the gap (sites)."""
        moved = self.problem.sites(self.gap + gap)
        return self._answer(gap, lambda pack: response.by_gap(self.problem, pack, moved), None, 1.0)

    def by_reservoirs(self, ahead: Network, behind: Network, step: float) -> Moved:
        """Along a change of reservoirs, given by networks with those one step ahead and behind."""
        one, other = (self.problem.with_distributions(network) for network in (ahead, behind))

        def source(pack: Pack) -> response.Source:
            return response.by_reservoirs(pack, self.gap, one, other, step)

        return self._answer(np.zeros_like(self.gap), source, (one, other), step)

    def _answer(self, gap: Complex, source: Any, problems: tuple[Problem, ...] | None, step: float) -> Moved:
        parts = parallel(lambda one: self._moved(*one, source), self._linearized)
        pairs: Complex = np.sum([part[0] for part in parts], axis=0)
        states = [part[1] for part in parts]
        fixed = [self._fixed_moved(pack, problems, step) for pack, _ in self._linearized]
        return Moved(pairs, self._measured(states, fixed, gap, problems, step))

    def _moved(self, pack: Pack, factors: Factors, source: Any) -> tuple[Complex, Complex]:
        """Changes of G (sites) and of the states (sites, 2E, L) of a pack."""
        sites = self.problem.sites(self.gap)
        x, status = response.state_response(self.problem, pack, factors, sites, source(pack))
        self.status = Status(max(int(self.status), int(status)))
        pairs = np.zeros_like(self.gap)
        if self._equation is not None:
            pairs = self._equation.response(pack, x[:, :, None])[1][:, 0]
        return pairs, self.problem.by_site(x)

    def _fixed_moved(self, pack: Pack, problems: tuple[Problem, ...] | None, step: float) -> Complex:
        """Changes of the reservoirs' own states."""
        if problems is None:
            return np.zeros_like(pack.fixed)
        ahead, behind = (problem.boundaries(pack.energy)[1] for problem in problems)
        return (ahead - behind) / (2 * step)

    def _currents(self, found: Profiles) -> Array:
        """At ends and through contacts on top, in one row."""
        through = whole(self.problem, found.on_top)[self._tops] if self._tops else np.zeros(0)
        return np.concatenate([found.current[self._ends].ravel(), through.ravel()])

    def _measured(
        self, states: list[Complex], fixed: list[Complex], gap: Complex, problems: tuple[Problem, ...] | None,
        along: float,
    ) -> Array:  # fmt: skip
        """Changes of what is measured by those of states, reservoirs and gap: central differences."""
        parts = [gap, *states, *(fixed if self._laws else [])]
        step = OPTIONS.step / (max(float(np.max(np.abs(part))) for part in parts) or 1.0)
        packs = [pack for pack, _ in self._linearized]
        sides = [
            [
                replace(pack.at(pack.state + s * one), fixed=pack.fixed + s * other)
                for pack, one, other in zip(packs, states, fixed, strict=True)
            ]
            for s in (step, -step)
        ]
        beside = [
            Candidate([pack.state for pack in side], self.gap + s * gap)
            for side, s in zip(sides, (step, -step), strict=True)
        ]
        currents = [self._currents(found) for found in measure(self.problem, self.contour, packs, beside)]
        change = [(currents[0] - currents[1]) / (2 * step)]
        if problems is not None and self._tops:  # what is on top of layers is among the numbers of their sites
            here = Candidate([pack.state for pack in packs], self.gap)
            currents = [self._currents(measure(one, self.contour, packs, [here])[0]) for one in problems]
            change[0] += (currents[0] - currents[1]) / (2 * along)
        for law in self._laws:
            spins = [spin_from_beyond(self.problem, self.contour, side, law) for side in sides]
            change.append((spins[0] - spins[1]) / (2 * step))
        return np.concatenate(change)
