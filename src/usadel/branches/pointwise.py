"""A branch of devices whose distributions, or exchange fields that follow the spins, are solved for, point by point.

Every point starts from the last one (where that fails, from the BCS gap), so that the branch goes on as long as it
exists and then jumps, as in an experiment. Folds are not located. With solved distributions stability is that of the
iteration, which relaxes towards stable gaps but computes no eigenvalue; with exchange fields it is that of the gap at
the field found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from usadel.accuracy.refine import Solved
from usadel.branches.branch import Branch, BranchPoint, branch_of, measured
from usadel.errors import Interrupted, NotConverged, is_interruption
from usadel.gap.stability import is_stable
from usadel.gap.state import has_unknown_gap
from usadel.kinetics.refine import kinetics_of
from usadel.progress import tell, unheard
from usadel.solution.result import LiveSolution
from usadel.solution.solve import solve

if TYPE_CHECKING:
    from usadel.description import Device, Stack

POINTWISE = "point by point"


def stations(start: float, stop: float, step: float) -> np.ndarray:
    """Values of the parameter at which such a branch has its points."""
    return np.linspace(start, stop, int(np.ceil(1 / step)) + 1)


def driven_branch(device: Stack | Device, path: str, start: float, stop: float, step: float, both: bool) -> Branch:
    """Points from start to stop and, with `both`, back again; see `usadel.trace`."""
    values = stations(start, stop, step)
    first = device.replace({path: float(start)})
    swept: list[BranchPoint] = []
    failures: list[str] = []

    def branch(end: str) -> Branch:
        there, back = swept[: values.size], swept[values.size :]
        missing = [BranchPoint(float(v)) for v in values[: values.size - len(back)]] if both else []
        directions = [there, missing + back[::-1]] if both and len(there) == values.size else [there]
        return branch_of(first, path, directions, end, POINTWISE, failures[0] if failures else "")

    try:
        for point in _points(device, path, np.concatenate([values, values[::-1]]) if both else values, failures):
            swept.append(point)
    except (KeyboardInterrupt, SystemError) as error:
        if not swept or not is_interruption(error):
            raise
        with unheard():
            raise Interrupted(branch("interrupted")) from None
    return branch("start" if both else "stop")


def _points(device: Stack | Device, path: str, values: np.ndarray, failures: list[str]) -> Iterator[BranchPoint]:
    """Points at given values, each from the last one that converged, or without one if that fails.

    Why others failed is added to `failures`.
    """
    result: LiveSolution | None = None
    tell("trace", 0, values.size)
    for number, value in enumerate(map(float, values)):
        at = device.replace({path: value})
        try:
            result = _solved(at, result)
        except NotConverged as failure:
            failures.append(f"{path} = {value:g}: {failure.advice}")
            tell("trace", number + 1, values.size, f"{path} = {value:.4f}, failed")
            yield BranchPoint(value)
            continue
        point = measured(value, result.solved, True, stable=_is_stable(result.solved))
        mean = float(np.mean(point.profiles["gap"]))
        tell("trace", number + 1, values.size, f"{path} = {value:.4f}, mean gap {mean:.4f}")
        yield point


def _solved(device: Stack | Device, start: LiveSolution | None) -> LiveSolution:
    try:
        return solve(device, start=start)
    except NotConverged:
        if start is None:
            raise
        return solve(device)


def _is_stable(refined: Solved) -> bool:
    solution = refined.solution
    return kinetics_of(refined) is not None or not has_unknown_gap(solution) or is_stable(solution) is not False
