"""Following a branch of solutions point by point of its arc, and recording what lies on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.estimate import estimate, rule_error
from usadel.accuracy.refine import Solved, shares_of, with_unseen
from usadel.branches.branch import BranchPoint, measured
from usadel.branches.curve import GapCurve
from usadel.branches.normal import NormalBranch
from usadel.description.device.family import Family
from usadel.discretization.choice import SPECTRAL, following_nodes
from usadel.energies.contour import coldest_of
from usadel.errors import NotConverged
from usadel.gap.settle import stays_real
from usadel.gap.stability import is_stable
from usadel.gap.state import GapState
from usadel.progress import tell
from usadel.solution.failures import require_work
from usadel.solution.result import LiveSolution
from usadel.solution.solve import solve
from usadel.solvers import continuation
from usadel.solvers.budget import Budget
from usadel.solvers.continuation import Point, Settings
from usadel.solvers.status import Status
from usadel.work import bounded

if TYPE_CHECKING:
    from usadel.description import Device, Stack


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    smallest: float = 1e-3  # of the largest step
    goal: float = 0.3  # change at which the corrector stops, in tolerances; the error estimate makes one more step
    fine_goal: float = 0.01  # the same for located points
    # accuracy (in units of the range) of a fold's parameter, where the next parabola would move it
    located: float = 1e-9
    # share of the parameter in the tangent below which errors are measured across the branch, not at fixed λ
    steep: float = 0.5
    small_gap: float = 0.05  # Δ0, mean gap below which the branch is taken to its closing
    most_points: int = 2000
    near: float = 0.05  # of the range: as far from the last point a closing is looked for


OPTIONS = Options()

Array = NDArray[np.float64]


class Tracer:
    """Follows a branch and records its points.

    Attributes
    ----------
    curve : the branch; end : why it ended, see `Branch`; located : the points of the curve so far,
    with those that were moved to finer grids; arc : those that were recorded, with what was.
    numbers : those of the points that are told of, one after the other.
    normal : the normal state, where it was needed; family : the devices.
    recorded : the solution that was measured last; failures : where and why solves did not converge.
    """

    def __init__(
        self, device: Stack | Device, path: str, start: float, stop: float, step: float, numbers: Iterator[int]
    ):
        self.path, self.begin, self.stop = path, float(start), float(stop)
        self.end, self._numbers = "failed", numbers
        self.family, self.step = Family(device, path, self.begin, self.stop), step
        self.tolerance = float(device.value("tolerance"))
        self.scale = abs(stop - start)
        self.curve: GapCurve
        self.recorded: Solved
        self.located: list[Point] = []
        self.arc: list[tuple[Point, BranchPoint]] = []
        self.failures: list[str] = []
        self._stable = True
        self.normal: NormalBranch
        self.settings = Settings(step, OPTIONS.smallest * step, OPTIONS.goal * self.tolerance)
        self.fine = OPTIONS.fine_goal * self.tolerance

    def points(self) -> Iterator[BranchPoint]:
        """Points of the branch, from its start."""
        try:
            first = solve(self.family.device_at(self.begin))
        except NotConverged as failure:
            self.failures.append(f"{self.path} = {self.begin:g}: {failure.advice}")
            yield BranchPoint(self.begin)
            return
        yield from self.points_from(first.state, self.begin)

    def points_from(self, state: GapState, value: float) -> Iterator[BranchPoint]:
        """Points of the branch on which a solution lies, which is the first, in the direction of `stop`."""
        if not state.problem.network.has_unknown_gap:
            yield from self._without_gap(value)
        elif not np.any(state.gap):
            yield from self._normal(value, [g.size for g in state.problem.grids])
        else:
            ends = self.begin, self.stop
            lowest = min(coldest_of(self.family.network_at(end)) for end in ends)
            self.curve = GapCurve(self.family.network_at, state, value, ends, self.tolerance, lowest)
            yield from self._gapped(value, np.sign(self.stop - value))

    def _report(self, point: BranchPoint) -> BranchPoint:
        require_work()
        mean = float(np.mean(point.profiles["gap"])) if point.profiles else np.nan
        tell("trace", next(self._numbers), text=f"{self.path} = {point.parameter:.4f}, mean gap {mean:.4f}")
        return point

    def record(self, point: Point, **marks: bool) -> BranchPoint:
        """Measure the curve's iterate, which is at a point."""
        curve, budget = self.curve, Budget(self.tolerance)
        fixed = np.append(np.zeros(point.tangent.size - 1), 1.0)
        row = fixed if abs(point.tangent[-1]) > OPTIONS.steep else point.tangent
        found = estimate(curve.solution(row), budget.left)
        error = found.error + rule_error(found.solution, found.profiles)
        solved = with_unseen(Solved(found.solution, found.profiles, error, Status.CONVERGED, 0))
        self.recorded = solved
        stable = is_stable(found.solution, critical=marks.get("fold", False))
        return self._report(measured(curve.parameter, solved, solved.error <= self.tolerance, stable=stable, **marks))

    def _gapped(self, value: float, direction: float) -> Iterator[BranchPoint]:
        """Points of a branch with a gap, from the curve's iterate on, first towards larger or smaller parameters."""
        row = np.zeros(self.curve.unknowns().size)
        row[-1] = direction
        first = continuation.start(self.curve, row, float(row @ self.curve.unknowns()), self.settings.goal, row)
        if first is None:
            yield BranchPoint(value)
            return
        yield self._kept(first, self._settled(replace(self.record(first), parameter=value)))
        yield from self._follow(first)

    def _follow(self, last: Point) -> Iterator[BranchPoint]:
        """Points beyond a first one, and everything that lies between them."""
        steps = continuation.follow(self.curve, last, self.settings)
        for _ in range(OPTIONS.most_points):
            point = _next(steps)
            if point is None:
                yield BranchPoint(last.parameter * self.scale)
                return
            if self._is_closing(last, point):
                found = self._closing(last, point)
                if found is not None:
                    self.end = "gap_closing"
                    yield found
                    return
            recorded = self.record(point)
            finer = None if recorded.converged else self._refined(last)
            if finer is not None:
                last = finer
                self.located.append(last)
                steps = continuation.follow(self.curve, last, self.settings)
                continue
            if not recorded.converged:
                point, recorded = self._polished(point, recorded)
            yield from self._between(last, point)
            if self.end != "failed":
                return
            yield self._kept(point, self._settled(recorded))
            last = point
        self.end = "points"

    def _between(self, last: Point, point: Point) -> Iterator[BranchPoint]:
        """A fold between two points, and the last point if the branch leaves its range there."""
        stations = [last, point]
        if last.parameter_slope * point.parameter_slope < 0:
            fold = continuation.turning_point(self.curve, last, point, OPTIONS.located, self.fine)
            if fold is None and self._has_turned(last, point):
                yield BranchPoint(point.parameter * self.scale)
            elif fold is not None and self._bound_beyond(fold) is None:
                recorded = self.record(fold, fold=True)
                self._stable = not self._stable
                yield self._kept(fold, replace(recorded, stable=recorded.stable is not False))
            elif fold is not None:
                stations = [last, fold]
        bound = self._bound_beyond(stations[1])
        if bound is None:
            return
        found = continuation.at_parameter(self.curve, stations[0], stations[1], bound / self.scale, self.fine)
        if found is None:
            yield BranchPoint(bound)
            return
        self.end = "stop" if bound == self.stop else "start"
        recorded = replace(self.record(found), parameter=bound)
        yield self._kept(found, self._settled(recorded))

    def _kept(self, point: Point, recorded: BranchPoint) -> BranchPoint:
        """What was recorded of a point, which is kept."""
        self.located.append(point)
        self.arc.append((point, recorded))
        return recorded

    def _has_turned(self, last: Point, point: Point) -> bool:
        """Whether the parameter itself goes back: near a vanishing gap tangents are not good enough to tell."""
        before = self.located[-2] if len(self.located) > 1 else last
        return (last.parameter - before.parameter) * (point.parameter - last.parameter) <= 0

    def _settled(self, point: BranchPoint) -> BranchPoint:
        """A point whose stability is known: where an eigenvalue is too small to tell, it is that of the last one."""
        self._stable = self._stable if point.stable is None else point.stable
        return replace(point, stable=self._stable)

    def _bound_beyond(self, point: Point) -> float | None:
        """The end of the range beyond which a point lies."""
        value = point.parameter * self.scale
        past = (value - self.begin) / (self.stop - self.begin)
        return self.stop if past >= 1 else self.begin if past <= 0 else None

    def _refined(self, point: Point) -> Point | None:
        """The same point with what the last recorded one lacked, finer grids or phases; None if that fails."""
        curve = self.curve
        if not stays_real(curve.charge, self.tolerance):
            curve.mix([point.snapshot], np.ones(1))
            return self._started(curve.refine(curve.nodes, point.tangent, parts=2))
        nodes, shares = curve.nodes, shares_of(self.recorded)
        finer = [SPECTRAL.nodes(n, share / self.tolerance) for n, share in zip(nodes, shares, strict=True)]
        finer = following_nodes(curve.state.problem.network, finer, self.tolerance)
        if finer == nodes:
            return None
        curve.mix([point.snapshot], np.ones(1))
        along = curve.refine(finer, point.tangent)
        found = self._started(along)
        if found is None:
            curve.refine(nodes, along)  # back: the points so far are those of these grids
        return found

    def _started(self, along: Array) -> Point | None:
        """The curve's iterate solved for again, across a direction."""
        curve = self.curve
        return continuation.start(curve, along, float(along @ curve.unknowns()), self.settings.goal, along)

    def _polished(self, point: Point, recorded: BranchPoint) -> tuple[Point, BranchPoint]:
        """A point solved for more accurately: next to a vanishing gap the last steps of an estimate contract slowly."""
        self.curve.mix([point.snapshot], np.ones(1))
        found = continuation.correct(self.curve, point.tangent, float(point.tangent @ point.y), self.fine)
        return (point, recorded) if found is None else (found, self.record(found))

    def _is_closing(self, last: Point, point: Point) -> bool:
        """Whether the gap is about to vanish, or has changed its sign."""
        gap = point.y[:-1]
        return float(gap @ last.y[:-1]) <= 0 or float(np.linalg.norm(gap)) < OPTIONS.small_gap

    def _closing(self, last: Point, point: Point) -> BranchPoint | None:
        """The point at which the gap vanishes: there the linearized gap problem has the eigenvalue 0."""
        normal = self.normal_branch(self.curve.nodes)
        at = np.array([last.parameter, point.parameter])
        gap = np.array([float(np.sum(p.y[:-1] ** 2)) for p in (last, point)])
        guess = at[1] + np.clip(
            (at[1] - at[0]) * gap[1] / (gap[0] - gap[1]), -OPTIONS.near, OPTIONS.near
        )  # λ - λc ∝ Δ²
        found = normal.transition(at[1] * self.scale, guess * self.scale, within=OPTIONS.near * self.scale)
        return None if found is None else self._report(normal.point(found, gap_closing=True, stable=True))

    def normal_branch(self, nodes: list[int]) -> NormalBranch:
        """The normal state along the parameter."""
        self.normal = NormalBranch(self.family, self.tolerance, nodes)
        return self.normal

    def _normal(self, value: float, nodes: list[int]) -> Iterator[BranchPoint]:
        """Points of the normal state, and those at which a gap opens or closes."""
        normal = self.normal_branch(nodes)
        count = int(np.ceil(abs(self.stop - value) / (self.scale * self.step)))
        for left, right in pairwise(np.linspace(value, self.stop, count + 1)):
            if left == value:
                yield self._report(normal.point(left))
            if normal.stable(left) != normal.stable(right):
                found = normal.transition(left, right, within=0.0)
                yield BranchPoint(right) if found is None else normal.point(found, gap_closing=True, stable=True)
            yield self._report(normal.point(right))
        self.end = "stop"

    def _without_gap(self, value: float) -> Iterator[BranchPoint]:
        """Points of a device whose gaps are all given: the equation of each is solved on its own."""
        count = int(np.ceil(abs(self.stop - value) / (self.scale * self.step)))
        result: LiveSolution | None = None
        for at in np.linspace(value, self.stop, count + 1):
            device = self.family.device_at(at)
            try:
                result = solve(device, start=result)
            except NotConverged as failure:
                self.failures.append(f"{self.path} = {at:g}: {failure.advice}")
                yield BranchPoint(at)
                return
            yield self._report(measured(at, result.solved, True, stable=True))
        self.end = "stop"


@bounded("solve")
def _next(steps: Iterator[Point | None]) -> Point | None:
    """The next point, which all tries together may take the work of a solve for."""
    point = next(steps)
    if point is None:
        require_work()
    return point
