"""Pseudo-arclength continuation of a curve F(y) = 0 in n+1 unknowns, the last of which is the parameter.

The curve is an object that holds an iterate (with whatever hidden state belongs to it), linearizes F there and moves:
this module chooses predictors, steps and the row that borders the Jacobian (Keller 1977; Allgower and Georg, chapters
6 and 9). Distances are Euclidean in y, which the curve scales.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from usadel.solvers.newton import left_over
from usadel.work import bounded, exhausted

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    null: float = 1e-9  # singular values of a bordered Jacobian below this, relative to the largest, are no equations
    iterations: int = 25
    settled: float = 1e-3  # changes below which the Jacobian is taken that belongs to the point
    contraction: float = 0.2  # at least expected of the next step, however well the last one contracted
    first_ratio: float = 0.5  # the same of a first step
    renew: float = 0.4  # contraction of chord steps above which the Jacobian is renewed
    diverged: float = 3.0  # growth of a change that ends an attempt
    order: int = 3  # of the polynomial predictor
    predicted: float = 3e-4  # wanted error of the predictor
    growth: float = 1.6  # largest changes of the step
    shrinkage: float = 0.5  # see growth
    secants: int = 25
    bisections: int = 12


OPTIONS = Options()

TURN = 0.3  # rad, wanted angle between tangents of neighbouring points; twice this is refused


class Curve(Protocol):
    """An iterate of F(y) = 0."""

    def unknowns(self) -> Array:
        """y (n+1) of the iterate, scaled."""

    def snapshot(self) -> Any:
        """All that is needed to return to this iterate."""

    def comparable(self, first: Any, second: Any) -> bool:
        """Whether linear combinations of two snapshots make sense."""

    def mix(self, snapshots: Sequence[Any], weights: Array) -> None:
        """Go to a linear combination of snapshots; the weights add up to one."""

    def linearize(self, fresh: bool) -> tuple[Array, Array]:
        """Jacobian (rows, n+1) and residual (rows) of Newton's step J dy = -F; an old Jacobian may do if not fresh."""

    def advance(self, change: Array) -> float:
        """Move by dy; returns the size of the change in the curve's own measure."""


@dataclass(frozen=True)
class Settings:
    """Largest and smallest step (arclength), and the change at which the corrector ends."""

    largest: float
    smallest: float
    goal: float


@dataclass(frozen=True)
class Point:
    """A solution on the curve.

    Attributes
    ----------
    y, tangent : (n+1) unknowns and unit tangent; snapshot : the curve's own.
    jacobian : (rows, n+1), taken at the point.
    missed : size of the first correction; steps : of the corrector.
    """

    y: Array
    tangent: Array
    snapshot: Any
    jacobian: Array
    missed: float
    steps: int

    @property
    def parameter(self) -> float:
        """Last unknown, scaled."""
        return float(self.y[-1])

    @property
    def parameter_slope(self) -> float:
        """Change of the parameter per arclength; 0 in a fold."""
        return float(self.tangent[-1])


def bordered_step(jacobian: Array, residual: Array, row: Array, remainder: float) -> Array:
    """dy with J dy = residual and row·dy = remainder; of least norm where J leaves a direction free."""
    matrix = np.vstack([jacobian, row])
    if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(residual))):
        return np.full(row.size, np.nan)
    right = np.append(residual, remainder)
    if matrix.shape[0] == matrix.shape[1]:
        with suppress(np.linalg.LinAlgError):
            exact: Array = np.linalg.solve(matrix, right)
            return exact
    shortest: Array = np.linalg.lstsq(matrix, right, rcond=OPTIONS.null)[0]
    return shortest


def tangent(jacobian: Array, along: Array) -> Array:
    """Unit null vector of J, turned to point along a given direction."""
    step = bordered_step(jacobian, np.zeros(jacobian.shape[0]), along, 1.0)
    unit: Array = step / np.linalg.norm(step)
    return unit


def correct(curve: Curve, row: Array, target: float, goal: float) -> Point | None:
    """Newton's method with the condition row·y = target; None if it fails.

    The Jacobian is kept (chord steps) until it contracts badly; the one that the point keeps is made where the change
    is below `Options.settled`.
    """
    previous, missed = np.inf, np.nan
    fresh, settled = True, None
    for steps in range(1, OPTIONS.iterations + 1):
        if exhausted():
            return None
        jacobian, residual = curve.linearize(fresh)
        change = bordered_step(jacobian, residual, row, target - float(row @ curve.unknowns()))
        size = curve.advance(change) if np.all(np.isfinite(change)) else np.inf
        if not np.isfinite(size) or (size > OPTIONS.diverged * previous and fresh):
            return None
        missed = size if steps == 1 else missed
        ratio = min(1.0, size / previous) if np.isfinite(previous) else 1.0
        if fresh and size < OPTIONS.settled:
            settled = jacobian
        if settled is not None and left_over(size, previous, OPTIONS.first_ratio, OPTIONS.contraction) < goal:
            return Point(curve.unknowns(), tangent(settled, row), curve.snapshot(), settled, missed, steps)
        slow = ratio > OPTIONS.renew and steps > 1
        fresh = slow or (settled is None and size * min(ratio, OPTIONS.renew) < OPTIONS.settled)
        previous = size
    return None


@bounded("solve")
def start(curve: Curve, row: Array, target: float, goal: float, along: Array) -> Point | None:
    """First point, at row·y = target, with its tangent turned along a direction."""
    point = correct(curve, row, target, goal)
    if point is None:
        return None
    return replace(point, tangent=tangent(point.jacobian, along))


def follow(curve: Curve, first: Point, settings: Settings) -> Iterator[Point | None]:
    """Points beyond the first, for as long as they are asked for; None and the end where no step succeeds."""
    history = [first]
    step = 0.2 * settings.largest
    while step > settings.smallest:
        point = _try(curve, history, step, settings.goal)
        if point is None:
            step *= OPTIONS.shrinkage
            continue
        yield point
        angle = _angle(point, history[-1])
        history = [*[p for p in history if curve.comparable(p.snapshot, point.snapshot)][-OPTIONS.order :], point]
        wanted = max(OPTIONS.predicted, settings.goal)  # points miss as much themselves, however short the step
        factor = (wanted / max(point.missed, 1e-12)) ** (1 / (1 + min(OPTIONS.order, len(history))))
        factor = min(factor, TURN / max(angle, 1e-12))
        step = min(settings.largest, step * float(np.clip(factor, OPTIONS.shrinkage, OPTIONS.growth)))
    yield None


def _angle(first: Point, second: Point) -> float:
    return float(np.arccos(np.clip(first.tangent @ second.tangent, -1.0, 1.0)))


def _try(curve: Curve, history: list[Point], step: float, goal: float) -> Point | None:
    """One step of a given length; None if the corrector fails, or ends far from where it was sent."""
    last = history[-1]
    row = last.tangent
    target = float(row @ last.y) + step
    _predict(curve, history, row, target)
    point = correct(curve, row, target, goal)
    if point is None or _angle(point, last) > 2 * TURN or np.linalg.norm(point.y - last.y) > 1.5 * step:
        return None
    return point


def _predict(curve: Curve, history: list[Point], row: Array, target: float) -> None:
    """Extrapolate through the last points, as polynomials of row·y; with few of them, go along the tangent."""
    last = history[-1]
    at = np.array([float(row @ p.y) for p in history])
    if len(history) < 3 or np.any(np.diff(at) <= 0):
        curve.mix([last.snapshot], np.ones(1))
        curve.linearize(True)
        curve.advance((target - at[-1]) / float(row @ last.tangent) * last.tangent)
        return
    curve.mix([p.snapshot for p in history], lagrange_weights(at, target))


def lagrange_weights(points: Array, target: float) -> Array:
    """Weights of the polynomial through values at some points, evaluated at the target."""
    weights = np.ones(points.size)
    for j in range(points.size):
        others = np.delete(points, j)
        weights[j] = np.prod((target - others) / (points[j] - others))
    return weights


def between(curve: Curve, left: Point, right: Point, fraction: float, goal: float) -> Point | None:
    """The point at a fraction of the chord from one point to the next."""
    chord = right.y - left.y
    length = float(np.linalg.norm(chord))
    row = chord / length
    curve.mix([left.snapshot, right.snapshot], np.array([1 - fraction, fraction]))
    return correct(curve, row, float(row @ left.y) + fraction * length, goal)


@bounded("solve")
def at_parameter(curve: Curve, left: Point, right: Point, value: float, goal: float) -> Point | None:
    """The point between two others at a given value of the (scaled) parameter; its tangent points to the right."""
    left, right = _present(curve, left), _present(curve, right)
    for _ in range(OPTIONS.bisections):
        fraction = (value - left.parameter) / (right.parameter - left.parameter)
        curve.mix([left.snapshot, right.snapshot], np.array([1 - fraction, fraction]))
        row = np.zeros(curve.unknowns().size)
        row[-1] = np.sign(right.parameter - left.parameter)
        found = correct(curve, row, row[-1] * value, goal)
        if found is not None and _lies_between(found, left, right):
            return found
        middle = between(curve, left, right, fraction, goal)
        if middle is None:
            return None
        if row[-1] * (middle.parameter - value) > 0:
            right = middle
        else:
            left = middle
    return None


def _present(curve: Curve, point: Point) -> Point:
    """A point in the present unknowns of the curve, which may have been refined since; its tangent is left behind."""
    if point.y.size == curve.unknowns().size:
        return point
    curve.mix([point.snapshot], np.ones(1))
    return replace(point, y=curve.unknowns())


def _lies_between(point: Point, left: Point, right: Point) -> bool:
    """Whether a point projects onto the chord from one point to another, with some margin."""
    chord = right.y - left.y
    return bool(-0.1 <= (point.y - left.y) @ chord / (chord @ chord) <= 1.1)


@bounded("solve")
def turning_point(curve: Curve, left: Point, right: Point, accuracy: float, goal: float) -> Point | None:
    """The point near two others at which the parameter is extremal, by successive parabolas.

    Only values of the parameter are used: an approximate Jacobian leaves the result exact.

    Parameters
    ----------
    accuracy : the search ends where the next parabola would change the extremum by less.
    """
    length = float(np.linalg.norm(right.y - left.y))
    slopes = left.parameter_slope, right.parameter_slope
    fractions = [0.0, 1.0, slopes[0] / (slopes[0] - slopes[1])]
    values = [left.parameter, right.parameter]
    for _ in range(OPTIONS.secants):
        point = between(curve, left, right, fractions[-1], goal)
        if point is None:
            return None
        values.append(point.parameter)
        vertex, height = _vertex(np.array(fractions[-3:]), np.array(values[-3:]))
        if abs(height - point.parameter) < accuracy:
            along = point.tangent.copy()
            along[-1] = 0.0
            return replace(point, tangent=along / np.linalg.norm(along))
        if not -1.0 < vertex < 2.0 or length == 0.0:
            return None
        fractions.append(vertex)
    return None


def _vertex(x: Array, y: Array) -> tuple[float, float]:
    """Where the parabola through three points is extremal, and its value there."""
    a, b, c = np.polyfit(x - x[-1], y - y[-1], 2)
    return float(x[-1] - 0.5 * b / a), float(y[-1] + c - 0.25 * b**2 / a)
