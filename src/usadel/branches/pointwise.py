"""A branch of devices whose distributions, or exchange fields that follow the spins, are solved for, point by point.

Every point starts from the last one (where that fails, from the BCS gap), so that the branch goes on as long as it
exists and then jumps, as in an experiment. Folds are not located. With solved distributions stability is that of the
iteration, which relaxes towards stable gaps but computes no eigenvalue; with exchange fields it is that of the gap at
the field found.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from usadel.accuracy.refine import Solved
from usadel.branches.branch import Branch, BranchPoint, branch_of, measured
from usadel.gap.stability import is_stable
from usadel.gap.state import has_unknown_gap
from usadel.kinetics.refine import kinetics_of
from usadel.progress import tell
from usadel.solution.failures import kept
from usadel.solution.result import LiveSolution
from usadel.solution.solve import solve_near
from usadel.solvers.status import Status
from usadel.work import exhausted

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

    result: LiveSolution | None = None
    all_values = np.concatenate([values, values[::-1]]) if both else values
    tell("trace", 0, all_values.size)
    for number, value in enumerate(map(float, all_values)):
        point = BranchPoint(value)
        with kept(
            partial("{} = {:g}".format, path, value), lambda: bool(swept), failures, lambda: branch("interrupted")
        ):
            point, result = _point(device.replace({path: value}), value, result)
            mean = float(np.mean(point.profiles["gap"]))
            tell("trace", number + 1, all_values.size, f"{path} = {value:.4f}, mean gap {mean:.4f}")
        swept.append(point)
        if exhausted() and number + 1 < all_values.size:
            failures.append(f"after {path} = {value:g}: {Status.TOO_MUCH_WORK.advice}")
            return branch("failed")
    return branch("start" if both else "stop")


def _point(device: Stack | Device, value: float, start: LiveSolution | None) -> tuple[BranchPoint, LiveSolution]:
    """A point, from another one that converged, or without one if that fails."""
    result = solve_near(device, start)
    return measured(value, result.solved, True, stable=_is_stable(result.solved)), result


def _is_stable(refined: Solved) -> bool:
    solution = refined.solution
    return kinetics_of(refined) is not None or not has_unknown_gap(solution) or is_stable(solution) is not False
