"""Continuation of curves that are known in closed form."""

from itertools import pairwise

import numpy as np
import pytest

from usadel.solvers import continuation
from usadel.solvers.continuation import Settings


class Curve:
    """F(u, λ) = 0 with exact or deliberately wrong Jacobians, as a curve for the solver."""

    def __init__(self, function, jacobian, y, wrong=0.0):
        self.function, self.jacobian, self.y, self.wrong = function, jacobian, np.array(y, float), wrong
        self.evaluations = 0

    def unknowns(self):
        return self.y.copy()

    def snapshot(self):
        return self.y.copy()

    def comparable(self, first, second):
        return True

    def mix(self, snapshots, weights):
        self.y = sum(w * s for s, w in zip(snapshots, weights, strict=True))

    def linearize(self, fresh):
        self.evaluations += 1
        return self.jacobian(self.y) * (1 + self.wrong), -self.function(self.y)

    def advance(self, change):
        self.y = self.y + change
        return float(np.max(np.abs(change)))


def cubic(**options):
    """λ = u³ - u + v, v = u²/10: two folds where 3u² + u/5 = 1."""
    return Curve(
        lambda y: np.array([y[0] ** 3 - y[0] + y[1] - y[2], y[1] - 0.1 * y[0] ** 2]),
        lambda y: np.array([[3 * y[0] ** 2 - 1, 1.0, -1.0], [-0.2 * y[0], 1.0, 0.0]]),
        [-1.5, 0.225, -1.65],
        **options,
    )


FOLDS = [(u, u**3 - u + 0.1 * u**2) for u in ((-0.2 - s * np.sqrt(0.04 + 12)) / 6 for s in (1, -1))]


def walk(curve, largest, until):
    """Points of a curve from its iterate upwards in the parameter, until a condition holds."""
    row = np.zeros(curve.unknowns().size)
    row[-1] = 1.0
    first = continuation.start(curve, row, curve.unknowns()[-1], 1e-10, row)
    points = [first]
    for point in continuation.follow(curve, first, Settings(largest, 1e-6, 1e-10)):
        points.append(point)
        if point is None or until(point):
            return points


@pytest.mark.parametrize("wrong", [0.0, 0.05])
@pytest.mark.parametrize("largest", [0.02, 0.1, 0.3])
def test_folds_are_found_whatever_the_step_and_the_jacobian(largest, wrong):
    curve = cubic(wrong=wrong)
    points = walk(curve, largest, lambda p: p.y[0] > 1.2)
    assert all(abs(p.y[2] - (p.y[0] ** 3 - p.y[0] + 0.1 * p.y[0] ** 2)) < 1e-8 for p in points)
    found = []
    for left, right in pairwise(points):
        assert np.linalg.norm(right.y - left.y) < 1.5 * largest
        if left.tangent[-1] * right.tangent[-1] < 0:
            found.append(continuation.turning_point(curve, left, right, 1e-11, 1e-12))
    assert len(found) == 2
    for point, (u, value) in zip(found, FOLDS, strict=True):
        assert point.parameter == pytest.approx(value, abs=1e-9)
        assert point.y[0] == pytest.approx(u, abs=1e-3)
        assert point.tangent[-1] == 0.0


def test_a_full_circle_is_closed():
    circle = Curve(
        lambda y: np.array([y[0] ** 2 + y[1] ** 2 - 1]), lambda y: np.array([[2 * y[0], 2 * y[1]]]), [1.0, 0.0]
    )
    points = walk(circle, 0.1, lambda p: p.y[0] > 0.999 and p.y[1] > -0.2 and p.tangent[-1] > 0.99)
    angles = np.unwrap([np.arctan2(p.y[1], p.y[0]) for p in points])
    assert np.all(np.diff(angles) > 0)
    points = walk(circle, 0.1, lambda p: p.y[0] < -0.5 and p.y[1] < 0)
    assert points[-1].y @ points[-1].y == pytest.approx(1.0, abs=1e-9)


def test_a_point_at_a_given_parameter_is_on_the_branch_between_its_neighbours():
    curve = cubic()
    points = walk(curve, 0.2, lambda p: p.y[0] > 1.2)
    for left, right in pairwise(points):
        if left.tangent[-1] * right.tangent[-1] > 0:
            value = 0.3 * left.parameter + 0.7 * right.parameter
            found = continuation.at_parameter(curve, left, right, value, 1e-12)
            assert found.parameter == pytest.approx(value, abs=1e-12)
            assert left.y[0] < found.y[0] < right.y[0]
            assert found.tangent @ (right.y - left.y) > 0


def test_steps_grow_on_straight_parts_and_shrink_in_bends():
    bend = Curve(
        lambda y: np.array([y[0] - np.tanh(20 * y[1])]),
        lambda y: np.array([[1.0, -20 / np.cosh(20 * y[1]) ** 2]]),
        [-1.0, -1.0],
    )
    points = walk(bend, 0.1, lambda p: p.y[1] > 0.8)
    steps = [np.linalg.norm(b.y - a.y) for a, b in pairwise(points)]
    turns = [np.arccos(min(1, a.tangent @ b.tangent)) for a, b in pairwise(points)]
    assert max(turns) < 2 * continuation.TURN + 1e-6
    assert max(steps) > 0.09 and min(steps[3:]) < 0.05


def test_a_curve_that_ends_is_reported():
    """u = λ, not defined beyond λ = ½: the last point is as near as the smallest step."""
    curve = Curve(
        lambda y: np.array([y[0] - y[1] if y[1] <= 0.5 else np.nan]), lambda y: np.array([[1.0, -1.0]]), [0.0, 0.0]
    )
    points = walk(curve, 0.1, lambda p: False)
    assert points[-1] is None
    assert 0.5 - 1e-5 < points[-2].parameter <= 0.5


def test_bordered_step_leaves_a_free_direction_alone():
    """Two equations of which one is empty: the direction that nothing determines is not moved along."""
    jacobian = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    step = continuation.bordered_step(jacobian, np.array([3.0, 0.0]), np.array([0.0, 0.0, 1.0]), 0.5)
    assert step == pytest.approx([2.0, 0.0, 0.5])


def test_nan_is_not_a_solution():
    nan = Curve(lambda y: np.array([np.nan]), lambda y: np.array([[1.0, 1.0]]), [0.0, 0.0])
    assert continuation.correct(nan, np.array([0.0, 1.0]), 0.0, 1e-8) is None


def test_lagrange_weights_are_exact_for_cubics():
    points = np.array([0.0, 0.3, 0.7, 1.1])
    weights = continuation.lagrange_weights(points, 1.6)
    assert weights @ (points**3 - 2 * points) == pytest.approx(1.6**3 - 3.2)
