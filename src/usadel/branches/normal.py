"""The normal state of a device along a parameter: Δ = 0, stable or not, and the values at which a gap opens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from usadel.accuracy.refine import Solved
from usadel.branches.branch import BranchPoint, measured
from usadel.description.device.family import Family
from usadel.discretization.choice import make_grids
from usadel.energies.contour import Contour
from usadel.gap.linearization import SpectralLinearization
from usadel.gap.normal_state import NormalState, normal_state
from usadel.gap.state import GapState, Outcome, Solution
from usadel.observables.profiles import Candidate, measure
from usadel.solvers.budget import Budget
from usadel.solvers.status import Status
from usadel.states.problem import Problem


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    secants: int = 30
    eigenvalue: float = 0.3  # error allowed in eigenvalues, in tolerances
    exact: float = 0.03  # distance (in tolerances) from the transition at which the search for it ends


OPTIONS = Options()


class NormalBranch:
    """Normal states of a family of devices, on grids with at least the given nodes."""

    def __init__(self, family: Family, tolerance: float, nodes: list[int]):
        self._family, self._tolerance, self._nodes = family, tolerance, nodes
        self._last: NormalState | None = None
        self.state = lru_cache(maxsize=16)(self._state)

    def _state(self, value: float) -> NormalState:
        accuracy = OPTIONS.eigenvalue * self._tolerance
        self._last = normal_state(self._family.network_at(value), accuracy, self._last, self._nodes)
        return self._last

    def stable(self, value: float) -> bool:
        """Whether the lowest eigenvalue of the linearized gap problem is positive."""
        return self.state(float(value)).value > 0

    def transition(self, left: float, right: float, within: float) -> float | None:
        """Where the lowest eigenvalue is zero, by secants; None if not found, or further than `within` from both."""
        a, b = float(left), float(right)
        low, high = min(a, b) - within, max(a, b) + within
        fa, fb = self.state(a).value, self.state(b).value
        for _ in range(OPTIONS.secants):
            if not (np.isfinite(fa) and np.isfinite(fb)) or fa == fb:
                return None
            step = fb * (b - a) / (fb - fa)
            a, fa, b = b, fb, float(np.clip(b - step, low, high))
            if abs(step) < OPTIONS.exact * self._tolerance:
                return b if self.state(a).status == Status.CONVERGED else None
            fb = self.state(b).value
        return None

    def solution(self, value: float) -> GapState:
        """The normal state at a value of the parameter, on the grids that were asked for."""
        network = self._family.network_at(value)
        problem = Problem(network, make_grids(network, self._nodes))
        contour = Contour(network, Budget(self._tolerance).rule)
        gap = np.zeros(problem.layout.sites, complex)
        return GapState(problem, contour, problem.packs(contour.energies, gap), gap, 1)

    def point(self, value: float, **marks: Any) -> BranchPoint:
        """The normal state as a point of a branch; its error is that of the eigenvalue."""
        value = float(value)
        s, state = self.solution(value), self.state(value)
        (profiles,) = measure(s.problem, s.contour, s.packs, [Candidate([p.state for p in s.packs], s.gap)])
        sites = s.problem.sites(s.gap)
        residual = max(float(np.max(np.abs(s.problem.residual(pack, sites)))) for pack in s.packs)
        linearization = SpectralLinearization(s.problem, s.packs, [])
        solution = Solution(s, linearization, Outcome(state.status, residual))
        refined = Solved(solution, profiles, state.error, state.status, 0)
        marks.setdefault("stable", state.value > 0)
        return measured(value, refined, state.status == Status.CONVERGED, **marks)
