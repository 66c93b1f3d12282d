"""Terminals that float: the voltages, temperatures and spin voltages at which nothing flows into them.

    I(V) = 0,   Q(T) = 0,   u·J(Vs) = 0

of the charge, the energy (counted from the condensate), and the spin along `spin_axis` that leave a reservoir; the spin
is that on the reservoir's side of its contact, whose magnet absorbs some. All are found at once, by Newton's method
with the derivatives of the linear response. Each point is a complete solution; the first ones are rough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.refine import Solved
from usadel.description.device.resolved import Network
from usadel.errors import InputError, NotConverged
from usadel.feedback.terminals import Circuit
from usadel.gap.standing import Standing
from usadel.kinetics.refine import solve_nonequilibrium
from usadel.progress import tell
from usadel.solvers.status import Status
from usadel.work import exhausted

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    rough: float = 1e-4  # tolerance of the solutions on the way
    share: float = 0.4  # of the tolerance, for a solution at given values: what their errors make of it is added
    finest: float = 1e-10  # smallest tolerance of a solution
    iterations: int = 40
    halvings: int = 5  # of a step that does not help
    steady: float = 0.1  # the same ratio below which derivatives need not be computed anew
    helps: float = 0.7  # ratio of what is left before and after a step, below which it does
    longest: float = 1.0  # step of a voltage (Δ0/e)
    colder: float = 0.5  # step of a temperature, relative to it
    singular: float = 1e-9  # ratio of singular values below which nothing holds some value


OPTIONS = Options()


def solve_floating(network: Network, tolerance: float, start: Solved | None) -> Solved:
    """Solve a network with floating terminals to a tolerance; its `found` holds the errors of their values.

    Raises
    ------
    InputError
        If nothing holds some of the values.
    """
    return _Search(Circuit(network), tolerance).run(start)


@dataclass(frozen=True)
class _Point:
    """A solution at some values (unknowns), and what flows out of the terminals there (unknowns)."""

    values: Array
    solved: Solved
    net: Array
    accuracy: float


class _Search:
    """Newton's method for the values of floating terminals.

    gain : largest change of any result per change of a value, as seen so far.
    """

    def __init__(self, circuit: Circuit, tolerance: float) -> None:
        self._circuit, self._tolerance = circuit, tolerance
        self._gain, self._solves = 1.0, 0

    def run(self, start: Solved | None) -> Solved:
        """The solution."""
        circuit, known = self._circuit, start is not None and start.solution.problem.network.floats
        values = circuit.values_of(start) if start is not None and known else circuit.written(circuit.network)
        fine = OPTIONS.share * self._tolerance
        point = self._at(values, max(OPTIONS.rough, fine), start)
        inverse, fresh = None, False
        for _ in range(OPTIONS.iterations):
            if point.solved.status != Status.CONVERGED:
                return point.solved
            if inverse is None:
                try:
                    inverse, fresh = self._inverse(point), True
                except NotConverged:
                    break
            step, uncertain = -inverse @ point.net, np.abs(inverse).sum(axis=1) * point.solved.error
            if np.all(np.abs(step) <= np.maximum(uncertain, OPTIONS.share * fine)):
                if point.accuracy <= fine:
                    result = self._result(point, inverse, np.abs(step) + uncertain)
                    worst = max(result.error, *result.found.values())
                    if worst <= self._tolerance:
                        return result
                    if fine <= OPTIONS.finest:
                        return replace(result, status=Status.TOLERANCE_NOT_REACHED)
                    fine = max(OPTIONS.finest, fine * 0.7 * self._tolerance / worst)
                point = self._at(point.values + self._within(point, step), fine, point.solved)
                continue
            nearer = self._nearer(point, inverse, step)
            if nearer is None and fresh:
                break
            left = 1.0 if nearer is None else float(np.max(np.abs(inverse @ nearer.net)) / np.max(np.abs(step)))
            inverse, fresh = (inverse if left < OPTIONS.steady else None), False
            point = nearer or point
        return replace(point.solved, error=np.inf, status=Status.TOO_MUCH_WORK if exhausted() else Status.UNBALANCED)

    def _at(self, values: Array, accuracy: float, start: Solved | None) -> _Point:
        """The solution at some values."""
        solved = solve_nonequilibrium(self._circuit.having(values), accuracy, start)
        self._solves += 1
        net = self._circuit.net(solved)
        tell("floating terminals", self._solves, text=f"net currents up to {np.max(np.abs(net)):.1e}")
        return _Point(values, solved, net, accuracy)

    def _inverse(self, point: _Point) -> Array:
        """Of the derivatives of what flows out by the values."""
        derivatives = self._circuit.derivatives(point.solved, point.values, point.accuracy)
        left, sizes, right = np.linalg.svd(derivatives)
        if sizes[-1] <= OPTIONS.singular * sizes[0]:
            loose = self._circuit.unknowns[int(np.argmax(np.abs(right[-1])))]
            raise InputError(
                f"{loose.ends[0].name}.floating: nothing holds its {loose.key}: no current depends on it alone; "
                f"allowed: a given {loose.key}"
            )
        return np.asarray((right.T / sizes) @ left.T)

    def _nearer(self, point: _Point, inverse: Array, step: Array) -> _Point | None:
        """A point from which less is left to go; None if there is none along the step."""
        left, shorter = float(np.max(np.abs(step))), self._within(point, step)
        for _ in range(OPTIONS.halvings):
            trial = self._at(point.values + shorter, point.accuracy, point.solved)
            if trial.solved.status == Status.CONVERGED:
                self._learn(point, trial)
                remaining = np.abs(inverse @ trial.net)
                uncertain = np.abs(inverse).sum(axis=1) * trial.solved.error
                if float(remaining.max()) < OPTIONS.helps * left or np.all(remaining <= uncertain):
                    return trial
            if exhausted():
                break
            shorter = 0.5 * shorter
        return None

    def _within(self, point: _Point, step: Array) -> Array:
        return self._circuit.within(point.values, step, OPTIONS.longest, OPTIONS.colder)

    def _learn(self, one: _Point, other: _Point) -> None:
        """The gain, from two points that differ by more than their errors."""
        moved = float(np.max(np.abs(other.values - one.values)))
        if moved < 10 * (one.accuracy + other.accuracy):
            return
        sizes = [[grid.size for grid in each.solved.solution.problem.grids] for each in (one, other)]
        if sizes[0] == sizes[1]:
            change = other.solved.profiles.largest_difference(one.solved.profiles)
            self._gain = max(self._gain, change / moved)

    def _result(self, point: _Point, inverse: Array, errors: Array) -> Solved:
        """The solution of a point with errors (unknowns) of the values that were found, and what they cause."""
        error = point.solved.error + self._gain * float(errors.max())
        # nets rise with the values of stable terminals; where a determinant is negative, other solutions exist
        stable = None if np.linalg.det(inverse) > 0 else False
        found = self._circuit.by_key(errors)
        return replace(point.solved, error=error, found=found, standing=Standing(stable))
