"""What a trace returns: points of a branch, each a solved device, and the labelled dataset of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from usadel._version import __version__
from usadel.accuracy.refine import Solved
from usadel.discretization.space import Grid, along_device
from usadel.observables.conservation import conservation_error
from usadel.results.branches import branch_rows, build_branch_dataset
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows
from usadel.results.schema import VARIABLES
from usadel.solution.names import coordinates
from usadel.solution.variables import moved, variables
from usadel.states.transfer import carry_between

if TYPE_CHECKING:
    from usadel.description import Device, Stack

ARCLENGTH = "arclength"
LOST = "some points failed, or the branch was lost; try a larger tolerance or another range"


@dataclass(frozen=True)
class BranchPoint:
    """One point of a branch.

    Attributes
    ----------
    parameter : value of the parameter.
    profiles : quantities by name, position last, on the nodes of `grids`; torque: (component, interface). Empty if
        the point failed.
    stable, fold, gap_closing, transition, converged : what the point is; stable is None where it is yet to be told.
    energy_error : of the free energy.
    residual, error, conservation : of the scheme; estimated; of the conserved currents.
    """

    parameter: float
    profiles: dict[str, np.ndarray] = field(default_factory=dict)
    grids: tuple[Grid, ...] = ()
    stable: bool | None = False
    fold: bool = False
    gap_closing: bool = False
    transition: bool = False
    converged: bool = False
    residual: float = np.nan
    error: float = np.nan
    conservation: float = np.nan
    energy_error: float = np.nan


def measured(parameter: float, refined: Solved, converged: bool, **marks: Any) -> BranchPoint:
    """The point of a solved device."""
    problem = refined.solution.problem
    return BranchPoint(
        parameter,
        variables(refined),
        tuple(problem.grids),
        converged=converged,
        residual=refined.solution.outcome.residual,
        error=refined.error,
        conservation=conservation_error(problem, refined.profiles),
        energy_error=np.nan if refined.free_energy is None else refined.free_energy.error,
        **marks,
    )


class Branch(Labelled):
    """A traced branch, or the up and down sweeps of an experiment."""

    procedure: ClassVar[str] = "trace"
    public_name: ClassVar[str] = "Branch"
    device: Stack | Device

    @property
    def path(self) -> str:
        """The parameter, as it was named."""
        return str(self.data.attrs["parameter"])

    @property
    def end(self) -> str:
        """Why it ends: "stop", "start", "gap_closing", "points" (too many), "failed", or "interrupted"."""
        return str(self.data.attrs["branch_end"])

    @property
    def method(self) -> str:
        """ "arclength", or "point by point": then neither folds, gap closings nor stability are computed."""
        return str(self.data.attrs.get("method", ARCLENGTH))

    @property
    def folds(self) -> list[float]:
        """Values of the parameter at the folds, in the order of the branch."""
        return self._marked("fold")

    @property
    def gap_closings(self) -> list[float]:
        """Values of the parameter at which the gap vanishes."""
        return self._marked("gap_closing")

    @property
    def transitions(self) -> list[float]:
        """Values of the parameter at which two stable states have the same free energy, the lowest there (Maxwell)."""
        return sorted(set(self._marked("transition"))) if "transition" in self.data else []

    def summary(self) -> Rows:
        """The branch in a few rows of label and text."""
        return branch_rows(self.data, "", self.beside)

    def _marked(self, name: str) -> list[float]:
        parameter, marks = self.data[self.path].values, np.atleast_2d(self.data[name].values)
        return [float(value) for row in marks for value in parameter[row == 1]]

    def _about(self) -> str:
        return f" in {self.path}, {self.data[self.path].size} points, ends at {self.end}"


def branch_of(
    device: Stack | Device,
    path: str,
    directions: Sequence[Sequence[BranchPoint]],
    end: str,
    method: str = ARCLENGTH,
    advice: str = "",
) -> Branch:
    """The branch of some points.

    Parameters
    ----------
    device : the description, at the start of the branch.
    path : the parameter, as it was named.
    directions : one sequence of points, or two, up and down, at the same values of the parameter.
    end, method : see `Branch`.
    advice : why the first point failed, if it is known.
    """
    points = [point for points in directions for point in points]
    grids = _finest(points)
    values = [[_resampled(point, grids) for point in points] for points in directions]
    complete = end in ("stop", "start", "gap_closing") and all(point.converged for point in points)

    def worst(name: str) -> float:
        return float(np.fmax.reduce([getattr(point, name) for point in points]))

    attributes = {
        "procedure": Branch.procedure,
        "converged": int(complete),
        "residual": worst("residual"),
        "estimated_error": worst("error"),
        "conservation_error": worst("conservation"),
        "usadel_version": __version__,
        "device": device.to_toml(),
        "parameter": path,
        "branch_end": end,
        "method": method,
    }
    if not complete:
        attributes["advice"] = advice or ("interrupted before its end" if end == "interrupted" else LOST)
    coords = _coordinates(device, grids)
    if any("terminal" in VARIABLES[name].dims for point in points for name in point.profiles):
        coords["terminal"] = np.array(list(device.network().terminal_reservoirs))
    data = build_branch_dataset(values, path, device.unit(path), coords, attributes)
    errors = [point.energy_error for point in points if np.isfinite(point.energy_error)]
    if "free_energy" in data and errors:
        data["free_energy"].attrs["estimated_error"] = max(errors)
    return Branch(device, data)


def _finest(points: Sequence[BranchPoint]) -> list[Grid]:
    """Finest grids of all points."""
    solved = [point.grids for point in points if point.grids]
    if not solved:
        return []
    return [max((grids[k] for grids in solved), key=lambda g: g.size) for k in range(len(solved[0]))]


def _coordinates(device: Stack | Device, grids: Sequence[Grid]) -> dict[str, Any]:
    """Positions and names of nodes, on grids scaled to the lengths of a device."""
    if not grids:
        return coordinates(device, np.zeros(1), np.zeros(1, int))
    lengths = [layer.length for layer in device.network().layers]
    position = along_device([a * grid.x / grid.x[-1] for a, grid in zip(lengths, grids, strict=True)], lengths)
    return coordinates(device, position, np.repeat(np.arange(len(grids)), [grid.size for grid in grids]))


def _resampled(point: BranchPoint, grids: Sequence[Grid]) -> dict[str, Any]:
    """Values of a point at the fractions of each layer that the nodes of given grids stand at."""
    values: dict[str, Any] = {
        "parameter": point.parameter,
        "stable": int(bool(point.stable)),
        "fold": int(point.fold),
        "gap_closing": int(point.gap_closing),
        "transition": int(point.transition),
        "converged": int(point.converged),
        "residual": point.residual,
        "estimated_error": point.error,
        "conservation_error": point.conservation,
    }
    if not point.profiles:
        return values

    def move(profile: np.ndarray) -> np.ndarray:
        return np.moveaxis(carry_between(point.grids, grids, np.moveaxis(profile, -1, 0)), 0, -1)

    return values | moved(point.profiles, move)
