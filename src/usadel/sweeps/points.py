"""A unit of a sweep solved: runs in whatever process, and hands back the record of its points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel._cores import one_thread
from usadel.kinetics.refine import kinetics_of
from usadel.maps.plan import Changes
from usadel.maps.record import CONVERGED, Point, encode
from usadel.maps.task import Task, failed
from usadel.observables.conservation import conservation_error
from usadel.results import schema
from usadel.solution.result import SPECTRAL_TOLERANCE, LiveSolution
from usadel.solution.solve import follow
from usadel.solution.variables import moved, variables

if TYPE_CHECKING:
    from usadel.description import Device, Stack
    from usadel.discretization.space import Grid

Array = NDArray[Any]

FRACTIONS = tuple(float(z) for z in np.linspace(0.0, 1.0, 33))
"""Places in each layer, in units of its length, at which a sweep has its profiles."""
ENERGIES = 301  # of a map over a range of energies: all points of a sweep need the same ones


def solve_unit(task: Task) -> bytes:
    """The record of a unit: the first point solved from nothing, each other one the state that follows."""
    device, last = task.device, None
    points = []
    with one_thread():
        for changes in task.changes:
            last, point = _solved(device, changes, last)
            points.append(point)
    return encode(points)


def _solved(device: Stack | Device, changes: Changes, start: LiveSolution | None) -> tuple[LiveSolution | None, Point]:
    """A point, and the solution that the next one starts from."""
    try:
        result = follow(device.replace(changes), start)
        return result, Point(CONVERGED, values=measured(result))
    except Exception as error:
        return start, failed(error)


def measured(result: LiveSolution) -> dict[str, Array]:
    """Everything that is kept of a point: the variables that are wanted, profiles at `FRACTIONS` of each layer."""
    solved, problem = result.solved, result.solved.solution.problem
    matrix = fractions_matrix(problem.grids)
    found: dict[str, Any] = {
        "residual": solved.solution.outcome.residual,
        "estimated_error": solved.error,
        "conservation_error": conservation_error(problem, solved.profiles),
        "length": np.array([layer.length for layer in problem.network.layers]),
    }
    found |= {name: float(value) for name, value in vars(solved.standing).items() if value is not None}
    found |= moved(variables(solved), lambda profile: profile @ matrix.T)
    found |= _maps(result, lambda values: np.moveaxis(np.tensordot(values, matrix, (-2, 1)), -1, -2))
    return {name: np.asarray(value) for name, value in found.items() if _is_kept(result, name)}


def _is_kept(result: LiveSolution, name: str) -> bool:
    return name not in schema.VARIABLES or result.wants(name)


def _maps(result: LiveSolution, move: Callable[[Array], Array]) -> dict[str, Array]:
    """Maps over energy that were asked for; `move` carries (…, position, energy) to the fractions."""
    asked = set(schema.MAPS).intersection(result.device.output.quantities or ())
    if not asked:
        return {}
    energies, found = energies_of(result.device), dict[str, Array]()
    if {"dos", "dos_spin"} & asked:
        spectrum = result.dos(energies, tolerance=max(SPECTRAL_TOLERANCE, float(result.device.value("tolerance"))))
        found |= {name: move(spectrum[name].values) for name in ("dos", "dos_spin")}
    if "distribution" in asked and kinetics_of(result.solved) is not None:
        found["distribution"] = move(result.distribution(energies).distribution.values)
    return found


def energies_of(device: Stack | Device) -> Array:
    """Energies (Δ0) of maps, the same at all points: those of `output.energies`, of a range `ENERGIES` of them."""
    request = device.energies()
    if request.points is not None:
        return np.asarray(request.points)
    return np.linspace(request.start, request.stop, ENERGIES)


def fractions_matrix(grids: Sequence[Grid]) -> Array:
    """Matrix (layers × `FRACTIONS`, sites) of the scheme's interpolation, layer by layer."""
    parts = [grid.interpolation(np.array(FRACTIONS)) for grid in grids]
    matrix = np.zeros((sum(len(part) for part in parts), sum(part.shape[1] for part in parts)))
    row = column = 0
    for part in parts:
        matrix[row : row + part.shape[0], column : column + part.shape[1]] = part
        row, column = row + part.shape[0], column + part.shape[1]
    return matrix
