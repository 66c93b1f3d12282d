"""The linear response of a device to changes of its reservoirs: of currents at terminals and torques on magnets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.kinetics.grid_error import GAIN, coarser, coarser_problem, on_finer_grids
from usadel.response.drives import Drive
from usadel.response.gap import GapResponse
from usadel.response.operating import OperatingPoint
from usadel.response.perturbation import Perturbation
from usadel.response.places import Places
from usadel.solvers.status import Status
from usadel.states.problem import Array
from usadel.states.transfer import carry
from usadel.work import exhausted

LEVELS = 4  # of grids, where they are free to be refined


@dataclass(frozen=True)
class Responses:
    """Derivatives along some drives.

    Attributes
    ----------
    measured : (drives, numbers), see `Places`; errors : (drives).
    gaps : (drives, sites), of the gap; None where every gap is given.
    """

    measured: Array
    errors: Array
    status: Status
    gaps: Complex | None = None


def responses(at: OperatingPoint, places: Places, drives: Sequence[Drive]) -> Responses:
    """Solve for all of them at once: every energy is linearized once."""
    if at.reference is not None:
        found = GapResponse(at.solution, at.reference, at.kinetics, places, at.panels).to(drives)  # type: ignore[arg-type]
        status = Status(max(int(one.status) for one in found))
        values = np.array([one.measured for one in found])
        gaps = np.array([one.gap for one in found])
        return Responses(values, np.array([one.error for one in found]), _status(status), gaps)
    for _ in range(LEVELS):
        result = _at_given_gap(at, places, drives)
        excess = float(result.grid.max()) / at.kinetics.tolerance
        finer = on_finer_grids(at.kinetics.problem, np.full(len(at.kinetics.problem.grids), excess))
        if excess <= 1.0 or finer is None or exhausted():
            break
        gap = carry(at.kinetics.problem, finer, at.kinetics.gap)
        at = replace(at, kinetics=at.kinetics.on(finer, gap), panels=result.panels)
    return Responses(result.measured, result.grid + result.integral, _status(result.status))


@dataclass(frozen=True)
class _OnGrids:
    """Derivatives (drives, numbers) on given grids, their errors by these (drives) and by the integrals."""

    measured: Array
    grid: Array
    integral: Array
    status: Status
    panels: Array


def _at_given_gap(at: OperatingPoint, places: Places, drives: Sequence[Drive]) -> _OnGrids:
    solution = at.solution if any(drive.states for drive in drives) else None
    contour = None if solution is None else solution.problem
    fine = Perturbation(at.kinetics, solution, [], places, at.panels, adaptive=True, contour=contour)
    ours = fine.changes(drives)
    contour = None if contour is None else coarser_problem(contour)
    rough = Perturbation(coarser(at.kinetics), solution, [], places, fine.panels, adaptive=False, contour=contour)
    theirs = rough.changes(drives)
    measured = np.array([one.measured for one in ours])
    grid = GAIN * np.max(np.abs(measured - np.array([one.measured for one in theirs])), axis=1)
    return _OnGrids(measured, grid, np.array([one.error for one in ours]), fine.status, fine.panels)


def _status(status: Status) -> Status:
    return Status.TOO_MUCH_WORK if exhausted() else status
