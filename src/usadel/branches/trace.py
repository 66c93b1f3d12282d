"""Tracing a branch of solutions through every fold: `usadel.trace`."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from usadel.branches.branch import Branch, BranchPoint, branch_of
from usadel.branches.maxwell import with_transitions
from usadel.branches.pointwise import driven_branch, stations
from usadel.branches.tracer import Tracer
from usadel.description.device.axes import number_of
from usadel.description.device.driven import has_kinetics
from usadel.description.device.resolved import Network
from usadel.description.device.solvable import check_stationary
from usadel.discretization.textures import features, texture
from usadel.errors import InputError
from usadel.feedback.exchange_field import responding_layers
from usadel.progress import Progress, reporting
from usadel.solution.failures import kept
from usadel.work import bounded

if TYPE_CHECKING:
    from usadel.description import Device, Stack

STEP = 0.015  # largest step: mean change of the gap (Δ0), and of the parameter in units of the range


def trace(
    device: Stack | Device,
    path: str,
    start: float | str,
    stop: float | str,
    *,
    both: bool = False,
    step: float = STEP,
    progress: Progress | None = None,
) -> Branch:
    """Follow the branch of solutions in one parameter, through every fold.

    The branch ends at `stop`, back at `start`, or where the gap vanishes. Folds and vanishing gaps are solved for, and
    are points of their own. Where distributions, or exchange fields that follow the spins, are solved for at any
    point, or something narrow moves in a layer, the branch is followed point by point instead, and neither folds nor
    vanishing gaps are located.

    Parameters
    ----------
    device : what to solve.
    path : the parameter, such as "S.spin_voltage".
    start, stop : its range, numbers or such with units ("30 nm"); `start` may be the larger one.
    both : instead, the sweeps from start to stop and back that an experiment sees, with jumps where a stable branch
        ends in a fold.
    step : largest distance of points: mean change of the gap (Δ0), and change of the parameter per range.
    progress : called with an `Event` now and then; an exception that it raises ends the trace.

    Returns
    -------
    Branch
        With `.data` (xarray.Dataset), `.folds`, `.gap_closings`, `.save(path)`. A branch that could not be followed to
        an end has `converged` False, a last point without values, and says why in `.advice`.

    Raises
    ------
    InputError
        If the path or the range make no sense.
    Interrupted
        After Ctrl-C, if a point was done; a KeyboardInterrupt that carries the branch so far as `.result`.
    """
    first, last = number_of(device, path, start), number_of(device, path, stop)
    _check(device, path, first, last, step)
    with reporting(progress, "trace"):
        return _trace(device, path, first, last, both, step)


@bounded("trace")
def _trace(device: Stack | Device, path: str, start: float, stop: float, both: bool, step: float) -> Branch:
    networks = [device.replace({path: float(value)}).network() for value in stations(start, stop, step)]
    if any(map(_is_followed_pointwise, networks)) or _move_features(networks):
        return driven_branch(device, path, start, stop, step, both)
    if both and device.network().has_unknown_gap:
        from usadel.branches.up_and_down import sweeps

        return sweeps(device, path, start, stop, step)
    tracer = Tracer(device, path, start, stop, step, count(1))
    points: list[BranchPoint] = []
    sequences = [points, points] if both else [points]  # without an unknown gap both sweeps see the same states
    failures = tracer.failures

    def branch(end: str) -> Branch:
        advice = failures[0] if failures else ""
        return branch_of(tracer.family.device_at(start), path, sequences, end, advice=advice)

    def where() -> str:
        return f"after {path} = {points[-1].parameter:g}" if points else f"{path} = {start:g}"

    with kept(where, lambda: bool(points), failures, lambda: branch("interrupted")):
        points.extend(tracer.points())
        if not both:
            points[:] = with_transitions(tracer, points)
        return branch(tracer.end)
    points.append(BranchPoint(points[-1].parameter if points else float(start)))
    return branch("failed")


def _check(device: Stack | Device, path: str, start: float, stop: float, step: float) -> None:
    for name, value in (("start", start), ("stop", stop)):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
            raise InputError(f"{name}: must be a finite number, not {value!r}")
    if start == stop:
        raise InputError(f"the range of {path} is empty: start and stop are both {start:g}")
    if not 0 < step <= 0.2:
        raise InputError(f"step: must be between 0 and 0.2, not {step!r}")
    for value in (start, stop):
        check_stationary(device.replace({path: value}).network())


def _is_followed_pointwise(network: Network) -> bool:
    """Whether distributions, or exchange fields that follow the spins, are unknowns beside the gap."""
    return has_kinetics(network) or (network.has_unknown_gap and bool(responding_layers(network)))


def _move_features(networks: list[Network]) -> bool:
    """Whether something narrow in a layer has several places: a curve of solutions keeps its grids."""
    layers = zip(*(network.layers for network in networks), strict=True)
    places = [{features(texture(layer)) for layer in along} for along in layers]
    return any(len(found - {()}) > 1 for found in places)
