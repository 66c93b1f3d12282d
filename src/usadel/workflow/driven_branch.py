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

from usadel.workflow.branch import Branch, BranchPoint, measured
from usadel.workflow.failures import kept
from usadel.workflow.refine import Progress, Refined
from usadel.workflow.result import NotConverged, Result
from usadel.workflow.solve import solve
from usadel.workflow.stability import is_stable

if TYPE_CHECKING:
    from usadel.description import Device, Stack

POINTWISE = "point by point"


def driven_branch(
    device: Stack | Device, path: str, start: float, stop: float, step: float, both: bool, progress: Progress | None
) -> Branch:
    """Points from start to stop and, with `both`, back again; see `usadel.trace`."""
    values = np.linspace(start, stop, int(np.ceil(1 / step)) + 1)
    first = device.replace({path: float(start)})
    swept: list[BranchPoint] = []
    failures: list[str] = []

    def branch(end: str) -> Branch:
        there, back = swept[: values.size], swept[values.size :]
        missing = [BranchPoint(float(v)) for v in values[: values.size - len(back)]] if both else []
        directions = [there, missing + back[::-1]] if both and len(there) == values.size else [there]
        return Branch(first, path, directions, end, POINTWISE, failures[0] if failures else "")

    result: Result | None = None
    for value in map(float, np.concatenate([values, values[::-1]]) if both else values):
        point = BranchPoint(value)
        with kept(
            partial("{} = {:g}".format, path, value), lambda: bool(swept), failures, lambda: branch("interrupted")
        ):
            point, result = _point(device.replace({path: value}), value, result)
            if progress:
                progress(f"{path} = {value:.4f}, mean gap {float(np.mean(point.profiles['gap'])):.4f}")
        swept.append(point)
    return branch("start" if both else "stop")


def _point(device: Stack | Device, value: float, start: Result | None) -> tuple[BranchPoint, Result]:
    """A point, from another one that converged, or without one if that fails."""
    result = _solved(device, start)
    assert result.refined is not None
    return measured(device, value, result.refined, True, stable=_is_stable(result.refined)), result


def _solved(device: Stack | Device, start: Result | None) -> Result:
    try:
        return solve(device, start=start)
    except NotConverged:
        if start is None:
            raise
        return solve(device)


def _is_stable(refined: Refined) -> bool:
    return refined.kinetics is not None or is_stable(refined.solution) is not False
