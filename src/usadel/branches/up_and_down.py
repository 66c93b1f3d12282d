"""The sweeps of an experiment: along a stable branch to where it ends in a fold, then a jump to what is stable there.

Where a branch loses its stability, the gap is pushed a little in the unstable direction and relaxed by damped
fixed-point sweeps, at that value of the parameter; the sweep goes on from the solution that this leads to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count, pairwise
from typing import TYPE_CHECKING

import numpy as np

from usadel.accuracy.refine import solve_refined
from usadel.branches.branch import Branch, BranchPoint, branch_of
from usadel.branches.tracer import Tracer
from usadel.energies.contour import Contour
from usadel.errors import NotConverged
from usadel.gap.newton_schur import relax
from usadel.gap.state import GapState
from usadel.solution.failures import ends_all, in_words, kept
from usadel.solution.solve import solve
from usadel.solvers import continuation
from usadel.solvers.budget import Budget
from usadel.solvers.continuation import Point
from usadel.solvers.status import Status
from usadel.states.problem import Array
from usadel.states.transfer import carry, neighbour

if TYPE_CHECKING:
    from usadel.description import Device, Stack


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    push: float = 0.05  # Δ0, in the unstable direction
    beyond: float = 1e-3  # of the range: as far beyond its transition the normal state is left
    jumped: float = 0.5  # of the gap there, that is left at the transition itself if this is no continuous one
    most_jumps: int = 20
    same: float = 1e-7  # of the range: jumps up and down that are nearer are one continuous transition, located twice


OPTIONS = Options()


@dataclass
class Leg:
    """A part of a sweep between two jumps: a tracer, and the points that it recorded."""

    tracer: Tracer
    points: list[BranchPoint] = field(default_factory=list)

    @property
    def located(self) -> list[Point]:
        """Points of the curve; none in the normal state."""
        return self.tracer.located

    @property
    def span(self) -> tuple[float, float]:
        """First and last value of the parameter."""
        return self.points[0].parameter, self.points[-1].parameter

    def solution(self) -> GapState:
        """The solution at its end."""
        if not self.located or self.points[-1].gap_closing:
            return self.tracer.normal.solution(self.points[-1].parameter)
        self.tracer.curve.mix([self.located[-1].snapshot], np.ones(1))
        return self.tracer.curve.state

    def recorded(self, value: float) -> BranchPoint | None:
        """The point that was recorded at a value of the parameter, if one was."""
        for point in self.points:
            if abs(point.parameter - value) <= OPTIONS.same * self.tracer.scale:
                return replace(point, parameter=value)
        return None

    def at(self, value: float) -> BranchPoint:
        """The solution at a value of the parameter."""
        if (point := self.recorded(value)) is not None:
            return point
        if not self.located:
            return self.tracer.normal.point(value)
        scaled = value / self.tracer.scale
        pairs = [pair for pair in pairwise(self.located) if pair[0].y.size == pair[1].y.size]  # on one grid
        if not pairs:
            return BranchPoint(value)
        pair = min(pairs, key=lambda pair: _outside(scaled, pair[0].parameter, pair[1].parameter))
        found = continuation.at_parameter(self.tracer.curve, *pair, scaled, self.tracer.settings.goal)
        return BranchPoint(value) if found is None else replace(self.tracer.record(found), parameter=value)


Sample = Callable[[Leg, float], BranchPoint]


def _outside(value: float, first: float, second: float) -> float:
    """How far a value lies outside the interval of two others."""
    return max(min(first, second) - value, value - max(first, second), 0.0)


def sweeps(device: Stack | Device, path: str, start: float, stop: float, step: float) -> Branch:
    """The sweep from start to stop and the one back, at common values of the parameter; see `usadel.trace`."""
    up: list[Leg] = []
    down: list[Leg] = []
    failures: list[str] = []
    numbers = count(1)

    def sweep(a: float, b: float, first: GapState | None, stretches: list[Leg]) -> GapState | None:
        return _sweep(lambda: Tracer(device, path, a, b, step, numbers), first, stretches, failures)

    def branch(end: str, sample: Sample, values: Array) -> Branch:
        done = [[s for s in stretches if s.points] for stretches in (up, down)]
        grid = _common_values(start, stop, values, [s.span[1] for stretches in done for s in stretches[:-1]])
        directions = [
            _sampled(stretches, grid, back, sample) for stretches, back in zip(done, (False, True), strict=True)
        ]
        advice = failures[0] if failures else ""
        return branch_of(device.replace({path: float(start)}), path, directions, end, advice=advice)

    def where() -> str:
        ends = [s.span[1] for s in (*up, *down) if s.points]
        return f"{'down' if down else 'up'} after {path} = {ends[-1]:g}" if ends else f"{path} = {start:g}"

    def as_recorded() -> Branch:
        """What there is without another solve: whoever stops a program does not wait."""
        values = np.array([point.parameter for s in (*up, *down) for point in s.points])
        return branch("interrupted", lambda leg, value: leg.recorded(value) or BranchPoint(value), values)

    def begun() -> bool:
        return any(s.points for s in up)

    with kept(where, begun, failures, as_recorded):
        last = sweep(start, stop, None, up)
        if last is not None:
            sweep(stop, start, last, down)
    with kept(where, begun, failures, as_recorded):
        complete = bool(down) and bool(down[-1].points) and down[-1].span[1] == start
        uniform = np.linspace(start, stop, int(np.ceil(1 / step)) + 1)
        return branch("start" if complete else "failed", partial(_survived, path, failures), uniform)
    return as_recorded()


def _sweep(make, solution: GapState | None, stretches: list[Leg], failures: list[str]) -> GapState | None:
    """Add the stretches of one sweep; the solution at its end, None if it did not get there."""
    tracer = make()
    value = tracer.begin
    if solution is None:
        try:
            solution = solve(tracer.family.device_at(value)).state
        except NotConverged as failure:
            failures.append(f"{tracer.path} = {value:g}: {failure.advice}")
            return None
    for _ in range(OPTIONS.most_jumps):
        stretch = Leg(tracer)
        stretches.append(stretch)
        if not _walk(stretch, solution, value):
            return None
        value = stretch.span[1]
        if value == tracer.stop:
            return stretch.solution()
        landed = _jump(stretch)
        if landed is None:
            failures.append(f"{tracer.path} = {value:g}: no stable solution was found to jump to")
            return None
        value, solution = landed
        tracer = make()
    return None


def _walk(stretch: Leg, solution: GapState, value: float) -> bool:
    """Follow a branch while it is stable; False if that fails."""
    tracer = stretch.tracer
    for point in tracer.points_from(solution, value):
        if not point.profiles:
            return False
        stretch.points.append(point)
        unstable = len(stretch.points) > 1 and not point.stable
        if point.fold or point.gap_closing or unstable:
            break
    return True


def _jump(stretch: Leg) -> tuple[float, GapState] | None:
    """Value of the parameter and solution from which the sweep goes on; None if none is found."""
    tracer, value = stretch.tracer, stretch.span[1]
    if stretch.located and stretch.points[-1].gap_closing:
        return value, stretch.solution()  # the gap has vanished continuously
    if stretch.located:
        return _settled(tracer, value, stretch.solution(), _pushed(stretch))
    beyond = value + OPTIONS.beyond * (tracer.stop - tracer.begin)
    normal, start = tracer.normal.state(value), stretch.solution()
    mode = carry(normal.problem, start.problem, normal.mode.real)
    found = _settled(tracer, beyond, start, OPTIONS.push * mode)
    if found is None:
        return None
    back = solve_refined(tracer.family.network_at(value), tracer.tolerance, found[1])
    kept_gap, gap = (float(np.max(np.abs(each))) for each in (back.solution.gap, found[1].gap))
    jumps = back.status == Status.CONVERGED and kept_gap > OPTIONS.jumped * gap
    return (value, back.solution.state) if jumps else found


def _pushed(stretch: Leg) -> Array:
    """The gap at the end of a stretch, pushed in the unstable direction, away from the stretch."""
    curve, last = stretch.tracer.curve, stretch.located[-1]
    size = curve.unknowns().size - 1
    values, vectors = np.linalg.eig(last.jacobian[:size, :size])
    direction = vectors[:, int(np.argmin(values.real))].real
    direction *= np.sign(direction @ last.tangent[:-1]) or 1.0
    mode = curve.basis.expand(curve.basis.spread(direction))
    return curve.state.gap + OPTIONS.push * mode / np.max(np.abs(mode))


def _settled(tracer: Tracer, value: float, near: GapState, gap: Array) -> tuple[float, GapState] | None:
    """The solution that a gap relaxes to at a value of the parameter, on grids like those of another solution."""
    network = tracer.family.network_at(value)
    problem = neighbour(near.problem, network)
    contour = Contour(network, Budget(tracer.tolerance).rule)
    state = GapState(problem, contour, problem.packs(contour.energies, gap), gap, near.parts)
    refined = solve_refined(network, tracer.tolerance, relax(state, state.basis()))
    return (value, refined.solution.state) if refined.status == Status.CONVERGED else None


def _common_values(start: float, stop: float, values: Array, jumps: list[float]) -> list[tuple[float, int]]:
    """Values of the parameter from start to stop; jumps are there twice, as (value, 0) and (value, 1)."""
    near = OPTIONS.same * abs(stop - start)
    jumps = [v for k, v in enumerate(jumps) if all(abs(v - other) > near for other in jumps[:k])]
    apart = [float(v) for v in values if all(abs(v - jump) > near for jump in jumps)]
    found = {(v, 0) for v in apart} | {(float(v), k) for v in jumps for k in (0, 1)}
    return sorted(found, key=lambda pair: (np.sign(stop - start) * pair[0], pair[1]))


def _sampled(stretches: list[Leg], grid: list[tuple[float, int]], backwards: bool, sample: Sample) -> list[BranchPoint]:
    """The sweep at common values; of the two at a jump, one lies before it and one behind."""
    points = []
    for value, copy in grid:
        inside = [s for s in stretches if min(s.span) <= value <= max(s.span)]
        behind = (copy == 1) != backwards
        points.append(sample(inside[-1 if behind else 0], value) if inside else BranchPoint(value))
    return points


def _survived(path: str, failures: list[str], leg: Leg, value: float) -> BranchPoint:
    """The solution at a value; a point without values, and the reason, where that fails."""
    try:
        return leg.at(value)
    except Exception as error:
        if ends_all(error):
            raise
        failures.append(f"{path} = {value:g}: {in_words(error)}")
        return BranchPoint(value)
