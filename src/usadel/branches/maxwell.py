"""Transitions of first order on a branch: where two stable states have the same free energy, and none a lower one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, pairwise

import numpy as np
from scipy.optimize import brentq

from usadel.branches.branch import BranchPoint
from usadel.branches.tracer import Tracer
from usadel.gap.free_energy import free_energy_of
from usadel.gap.standing import normal_state_exists
from usadel.solvers import continuation
from usadel.solvers.continuation import Point
from usadel.states.problem import Array

ACCURACY = 1e-9  # of the range: of a transition's parameter, as of a fold's
TOLD_APART = 3.0  # errors: a free energy has a sign, or is lower than another, from here on


@dataclass(frozen=True)
class Part:
    """Neighbouring stable points of a branch, with larger and larger or smaller and smaller parameters."""

    points: list[tuple[Point, BranchPoint]]

    @property
    def parameter(self) -> Array:
        """Of its points, in their order."""
        return np.array([recorded.parameter for _, recorded in self.points])

    @property
    def energy(self) -> Array:
        """Free energy of its points."""
        return np.array([float(recorded.profiles["free_energy"]) for _, recorded in self.points])

    def about(self, value: float) -> float:
        """Free energy at a value of the parameter, by linear interpolation; NaN outside."""
        order = np.argsort(self.parameter)
        found: float = np.interp(value, self.parameter[order], self.energy[order], left=np.nan, right=np.nan)
        return found

    def place(self, value: float) -> int:
        """Number of the point behind which a value of the parameter lies."""
        steps = (self.parameter[:-1] - value) * (self.parameter[1:] - value)
        return int(np.argmin(steps))


def with_transitions(tracer: Tracer, points: list[BranchPoint]) -> list[BranchPoint]:
    """The points of a branch, and those at which it has a transition of first order.

    From its superconducting state to the normal one where that is stable, or from one superconducting state to another;
    none without a free energy.
    """
    parts = list(_stable_parts(tracer.arc))
    out = list(points)
    for behind, found in _transitions(tracer, parts):
        at = next(number for number, point in enumerate(out) if point is behind)
        out.insert(at + 1, found)
    return out


def _stable_parts(arc: list[tuple[Point, BranchPoint]]) -> Iterator[Part]:
    part: list[tuple[Point, BranchPoint]] = []
    for point, recorded in arc:
        usable = recorded.stable and recorded.converged and "free_energy" in recorded.profiles
        if usable:
            part.append((point, recorded))
        if not usable or recorded.fold:
            if len(part) > 1:
                yield Part(part)
            part = []
    if len(part) > 1:
        yield Part(part)


def _transitions(tracer: Tracer, parts: list[Part]) -> Iterator[tuple[BranchPoint, BranchPoint]]:
    """The points of transitions, each with the recorded point that it comes after."""
    if not parts:
        return
    if normal_state_exists(tracer.curve.state.problem.network):
        for part in parts:
            for left, right in _crossings(part.parameter, part.energy, part.points):
                value = _root(partial(_energy, tracer, part), left, right, tracer.scale)
                if value is not None and _is_lowest(value, 0.0, parts) and _normal_is_stable(tracer, value):
                    yield _recorded(tracer, part, value)
    for one, other in combinations(parts, 2):
        common = np.array([at for at in one.parameter if np.isfinite(other.about(at))])
        apart = np.array([one.about(at) - other.about(at) for at in common])
        for left, right in _crossings(common, apart, one.points + other.points):

            def difference(at: float, one: Part = one, other: Part = other) -> float:
                return _energy(tracer, one, at) - _energy(tracer, other, at)

            value = _root(difference, left, right, tracer.scale)
            if value is not None and _is_lowest(value, one.about(value), parts):
                yield _recorded(tracer, one, value)
                yield _recorded(tracer, other, value)


def _crossings(
    parameter: Array, energy: Array, points: list[tuple[Point, BranchPoint]]
) -> Iterator[tuple[float, float]]:
    """Neighbouring values of the parameter between which an energy changes its sign."""
    error = TOLD_APART * max(recorded.energy_error for _, recorded in points)
    clear = np.flatnonzero(np.abs(energy) > error)
    for a, b in pairwise(clear):
        if energy[a] * energy[b] < 0:
            yield float(parameter[a]), float(parameter[b])


def _root(function: Callable[[float], float], left: float, right: float, scale: float) -> float | None:
    try:
        return float(brentq(function, left, right, xtol=ACCURACY * scale))
    except ValueError:  # no state was found at a place between those of two others
        return None


def _point(tracer: Tracer, part: Part, value: float) -> Point | None:
    """The point of a part at a value of the parameter; the curve's iterate is there."""
    number = part.place(value)
    (left, _), (right, _) = part.points[number : number + 2]
    return continuation.at_parameter(tracer.curve, left, right, value / tracer.scale, tracer.fine)


def _energy(tracer: Tracer, part: Part, value: float) -> float:
    point = _point(tracer, part, value)
    found = None if point is None else free_energy_of(point.snapshot.state, 0.0)
    return np.nan if found is None else found.value


def _recorded(tracer: Tracer, part: Part, value: float) -> tuple[BranchPoint, BranchPoint]:
    behind = part.points[part.place(value)][1]
    point = _point(tracer, part, value)
    if point is None:
        return behind, BranchPoint(value)
    return behind, replace(tracer.record(point, transition=True), stable=True, parameter=value)


def _is_lowest(value: float, energy: float, parts: list[Part]) -> bool:
    """Whether no part of the branch has a clearly lower free energy than a transition at a value of the parameter."""
    error = TOLD_APART * max(recorded.energy_error for part in parts for _, recorded in part.points)
    others = [part.about(value) for part in parts]
    steps = [abs(part.energy[part.place(value)] - part.energy[part.place(value) + 1]) for part in parts]
    return all(not other < energy - error - step for other, step in zip(others, steps, strict=True))


def _normal_is_stable(tracer: Tracer, value: float) -> bool:
    return tracer.normal_branch(tracer.curve.nodes).stable(value)
