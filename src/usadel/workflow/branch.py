"""What a trace returns: points of a branch, each a solved device, and the labelled dataset of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel._version import __version__
from usadel.discretization.space import Grid, interpolation_matrix
from usadel.workflow.measure import COPY, conservation_error
from usadel.workflow.refine import Refined
from usadel.workflow.result import Result

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack


@dataclass(frozen=True)
class BranchPoint:
    """One point of a branch.

    Attributes
    ----------
    parameter : value of the parameter.
    profiles : quantities by name, position last, on the nodes of `grids`; torque: (component, interface). Empty if
        the point failed.
    stable, fold, gap_closing, converged : what the point is; stable is None where it is yet to be told.
    residual, error, conservation : of the scheme; estimated; of the conserved currents.
    """

    parameter: float
    profiles: dict[str, np.ndarray] = field(default_factory=dict)
    grids: tuple[Grid, ...] = ()
    stable: bool | None = False
    fold: bool = False
    gap_closing: bool = False
    converged: bool = False
    residual: float = np.nan
    error: float = np.nan
    conservation: float = np.nan


def measured(device: Stack | Device, parameter: float, refined: Refined, converged: bool, **marks: Any) -> BranchPoint:
    """The point of a solved device."""
    problem = refined.solution.problem
    return BranchPoint(
        parameter,
        Result(device, refined).profiles(),
        tuple(problem.grids),
        converged=converged,
        residual=refined.solution.residual,
        error=refined.error,
        conservation=conservation_error(problem, refined.profiles),
        **marks,
    )


class Interrupted(KeyboardInterrupt):
    """A trace was interrupted (Ctrl-C); `result` is the branch as far as it got."""

    def __init__(self, result: Branch):
        super().__init__("interrupted")
        self.result = result


def is_interruption(error: BaseException) -> bool:
    """Whether an exception is a Ctrl-C; inside a compiled kernel it arrives wrapped."""
    causes = (error, error.__cause__, error.__context__)
    return any(isinstance(cause, KeyboardInterrupt) for cause in causes[: 3 if isinstance(error, SystemError) else 1])


@dataclass
class Branch:
    """A traced branch, or the up and down sweeps of an experiment.

    Attributes
    ----------
    device : the description, at the start of the branch.
    path : the parameter, as it was named.
    directions : one sequence of points, or two, up and down, at the same values of the parameter.
    end : why a branch ends: "stop", "start", "gap_closing", "points" (too many), "failed", or "interrupted".
    method : "arclength", or "point by point": then neither folds, gap closings nor stability are computed.
    advice : where and why the first point failed, if it is known.
    """

    device: Stack | Device
    path: str
    directions: list[list[BranchPoint]]
    end: str
    method: str = "arclength"
    advice: str = ""

    def __repr__(self) -> str:
        word = "converged" if self.converged else "NOT CONVERGED"
        points = sum(len(points) for points in self.directions)
        return f"<usadel.Branch in {self.path}: {points} points, {word}, ends at {self.end}>"

    @property
    def converged(self) -> bool:
        """Whether every point reached its tolerance and the branch its end."""
        return self.end in ("stop", "start", "gap_closing") and all(p.converged for d in self.directions for p in d)

    @property
    def folds(self) -> list[float]:
        """Values of the parameter at the folds, in the order of the branch."""
        return [p.parameter for points in self.directions for p in points if p.fold]

    @property
    def gap_closings(self) -> list[float]:
        """Values of the parameter at which the gap vanishes."""
        return [p.parameter for points in self.directions for p in points if p.gap_closing]

    @cached_property
    def data(self) -> xr.Dataset:
        """All quantities of all points, as in the result file."""
        from usadel.results import build_branch_dataset

        grids, unit = self._finest(), self.device.unit(self.path)
        values = [[_resampled(point, grids) for point in points] for points in self.directions]
        return build_branch_dataset(values, self.path, unit, self._coordinates(grids), self._attributes())

    def save(self, path: str | Path) -> None:
        """Write the dataset as netCDF; the file appears complete or not at all."""
        from usadel.results import save

        save(self.data, path)

    def _finest(self) -> list[Grid]:
        """Finest grids of all points, scaled to the lengths at the start of the branch."""
        solved = [p.grids for points in self.directions for p in points if p.grids]
        if not solved:
            return []
        return [max((grids[k] for grids in solved), key=lambda g: g.size) for k in range(len(solved[0]))]

    def _coordinates(self, grids: Sequence[Grid]) -> dict[str, Any]:
        if not grids:  # no point was solved
            return {"position": np.zeros(1), "layer": np.zeros(1, int)}
        start, position, layer = 0.0, [], []
        for k, (grid, description) in enumerate(zip(grids, self.device.network().layers, strict=True)):
            x = description.length * grid.x / grid.x[-1]
            x[0] += 0.5 * COPY * description.length * (k > 0)
            x[-1] -= 0.5 * COPY * description.length * (k < len(grids) - 1)
            position.append(start + x)
            layer.append(np.full(grid.size, k))
            start += description.length
        return {"position": np.concatenate(position), "layer": np.concatenate(layer)}

    def _attributes(self) -> dict[str, Any]:
        points = [p for points in self.directions for p in points]

        def worst(name: str) -> float:
            return float(np.fmax.reduce([getattr(p, name) for p in points]))

        return {
            "converged": int(self.converged),
            "residual": worst("residual"),
            "estimated_error": worst("error"),
            "conservation_error": worst("conservation"),
            "usadel_version": __version__,
            "device": self.device.to_toml(),
            "parameter": self.path,
            "branch_end": self.end,
            "method": self.method,
        } | ({"advice": self.advice} if self.advice else {})


def _resampled(point: BranchPoint, grids: Sequence[Grid]) -> dict[str, Any]:
    """Values of a point at the fractions of each layer that the nodes of given grids stand at."""
    values: dict[str, Any] = {
        "parameter": point.parameter,
        "stable": int(bool(point.stable)),
        "fold": int(point.fold),
        "gap_closing": int(point.gap_closing),
        "converged": int(point.converged),
        "residual": point.residual,
        "estimated_error": point.error,
        "conservation_error": point.conservation,
    }
    if not point.profiles:
        return values
    profiles = dict(point.profiles)
    pair_potential = profiles["gap"] * np.exp(1j * profiles["gap_phase"])  # moduli and angles are no smooth functions
    for name, profile in profiles.items():
        values[name] = profile if name == "torque" else _interpolated(profile, point.grids, grids)
    pair_potential = _interpolated(pair_potential, point.grids, grids)
    values["gap"] = np.abs(pair_potential)
    values["gap_phase"] = np.where(values["gap"] > 0, np.angle(pair_potential), 0.0)
    return values


def _interpolated(profile: np.ndarray, own: Sequence[Grid], grids: Sequence[Grid]) -> np.ndarray:
    parts, offset = [], 0
    for grid, target in zip(own, grids, strict=True):
        piece = profile[..., offset : offset + grid.size]
        offset += grid.size
        if grid.size != target.size or grid.strength != target.strength:
            s = grid.coordinate(target.x / target.x[-1])
            piece = piece @ interpolation_matrix(grid.size, s).T
        parts.append(piece)
    return np.concatenate(parts, axis=-1)
