"""Traced branches: variables of a single result with the points of the branch in front, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from usadel.errors import ResultError
from usadel.results import schema
from usadel.results.dataset import check_attributes, check_coordinates
from usadel.results.rows import Rows, laid_out
from usadel.results.summary import title
from usadel.units.beside import PROGRAM_ONLY, Beside

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

DIRECTIONS = ("up", "down")
_ENDS = {
    "stop": "reaches the end of its range",
    "start": "is back at its start",
    "gap_closing": "ends where the gap vanishes",
    "points": "has too many points: range too long for its steps",
    "failed": "cannot be followed further",
}


def build_branch_dataset(
    directions: Sequence[Sequence[Mapping[str, Any]]],
    path: str,
    unit: str,
    coords: Mapping[str, Any],
    attrs: Mapping[str, Any],
) -> xr.Dataset:
    """Return the dataset of a branch, or of the two sweeps of an experiment.

    Parameters
    ----------
    directions : sequence of sequences of mappings
        The points of a branch; or those of the sweeps up and down, at the same values of the parameter. A point holds
        ``parameter``, the variables of :data:`~usadel.results.schema.BRANCH_VARIABLES`, and those of a single
        result, with its shapes; a failed point holds no results.
    path : str
        Name of the parameter, which becomes a coordinate along ``branch_point``.
    unit : str
        Its unit, as in the reference of keys.
    coords : mapping of str to array
        ``position`` and ``layer``.
    attrs : mapping of str to value
        Global attributes.

    Raises
    ------
    ResultError
        If anything is missing, unknown, misshapen or complex, or a converged point holds values that are not finite.
    """
    import numpy as np
    import xarray as xr

    attributes = check_attributes(attrs)
    points = [point for points in directions for point in points]
    names = [name for name in schema.VARIABLES if any(name in point for point in points)]
    given = dict(coords)
    if "torque" in names:
        given["interface"] = np.arange(next(np.shape(p["torque"])[-1] for p in points if "torque" in p))
    checked = check_coordinates(dict.fromkeys(names), given)
    sizes = {name: array.size for name, array in checked.items() if name in schema.entry(name).dims}
    along = ("branch_point",) if len(directions) == 1 else ("direction", "branch_point")
    variables: dict[str, Any] = {}
    for name, entry in {**schema.BRANCH_VARIABLES, **{name: schema.VARIABLES[name] for name in names}}.items():
        shape = tuple(sizes[dim] for dim in entry.dims)
        stacked = np.array([[_value(point, name, shape) for point in points] for points in directions])
        if entry.kind == "integer":
            stacked = np.nan_to_num(stacked).astype(np.int64)  # a point without a mark is not marked
        variables[name] = ((*along, *entry.dims), stacked[0] if len(directions) == 1 else stacked, entry.attrs)
    labels: dict[str, Any] = {
        name: (schema.COORDINATES[name].dims, array, schema.COORDINATES[name].attrs) for name, array in checked.items()
    }
    labels[path] = ("branch_point", _parameters(directions), schema.parameter_attributes(path, unit))
    if len(directions) == 2:
        labels["direction"] = ("direction", np.array(DIRECTIONS), {"units": "1", "long_name": "Direction of the sweep"})
    return xr.Dataset(variables, labels, attributes)


def _parameters(directions: Sequence[Sequence[Mapping[str, Any]]]) -> np.ndarray:
    import numpy as np

    values = [np.array([float(point["parameter"]) for point in points]) for points in directions]
    if any(value.size != values[0].size or np.any(value != values[0]) for value in values):
        raise ResultError("the sweeps up and down have different values of the parameter")
    return values[0]


def _value(point: Mapping[str, Any], name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Value of one variable at one point, NaN if the point failed."""
    import numpy as np

    if name not in point:
        return np.full(shape, np.nan)
    value = np.asarray(point[name])
    if value.dtype.kind not in "iuf" or value.shape != shape:
        raise ResultError(f"'{name}' has type {value.dtype} and shape {value.shape}; it is real with shape {shape}")
    if point["converged"] and not np.all(np.isfinite(value)):
        raise ResultError(f"'{name}' is not finite at a converged point")
    return value


def branch_summary_text(data: xr.Dataset, seconds: float, path: str, beside: Beside = PROGRAM_ONLY) -> str:
    """Lay out a traced branch, or the sweeps up and down, for a terminal; beside: numbers in real units."""
    return laid_out([*branch_rows(data, f" in {seconds:.2f} s", beside), ("written to", path)], title(data))


def branch_rows(data: xr.Dataset, time: str = "", beside: Beside = PROGRAM_ONLY) -> Rows:
    """What is said of a traced branch, as rows of label and text.

    Parameters
    ----------
    data : xarray.Dataset
        Of a trace.
    time : str
        What follows the number of points.
    beside : Beside
        Numbers in real units.
    """
    import numpy as np

    name = str(data.attrs["parameter"])
    parameter = data[name].values
    values = partial(_values, units=data[name].attrs.get("units", "1"), beside=beside)
    span = f"{name} from {values(parameter[:1], 6)} to {values(parameter[-1:], 6)}"
    word = "yes" if data.attrs["converged"] else "NO"
    rows = Rows([("converged", f"{word}, {data['stable'].size} points{time}")])
    failed = int((data["converged"] == 0).sum())
    if failed:
        rows.append(("failed", f"{failed} points"))
    located = data.attrs.get("method") != "point by point"
    if "direction" in data.dims:
        rows.append(("sweeps", f"{span} and back"))
        if not located:
            rows.append(("up and down", _differing(data, parameter)))
        rows += [(f"jumps {way}", values(_marked(data.sel(direction=way), name))) for way in ("up", "down") if located]
    else:
        end = _ENDS[str(data.attrs["branch_end"])]
        rows.append(("branch", f"{span}; {end}"))
    if not located:
        rows.append(("folds, closings", "not located: each point starts from the last"))
    elif "direction" not in data.dims:
        rows.append(("folds", values(parameter[data["fold"].values == 1])))
        rows.append(("gap vanishes", values(parameter[data["gap_closing"].values == 1])))
        if "free_energy" in data and "transition" in data:
            at = np.unique(parameter[data["transition"].values == 1])
            rows.append(("first-order transition", values(at)))
        rows.append(("stable", f"{int(data['stable'].sum())} of {parameter.size} points"))
    rows.append(("estimated error", f"{data.attrs['estimated_error']:.0e}"))
    rows.append(("conservation error", f"{data.attrs['conservation_error']:.0e}"))
    return rows


def _marked(data: xr.Dataset, name: str) -> np.ndarray:
    """Where a sweep jumps: at folds, and where the normal state becomes unstable."""
    places: np.ndarray = data[name].values[(data["fold"] + data["gap_closing"]).values > 0]
    return places


def _differing(data: xr.Dataset, parameter: np.ndarray) -> str:
    """Where the gaps of both sweeps differ by more than their errors."""
    up, down = (data.sel(direction=way) for way in ("up", "down"))
    apart = abs(up["gap"] - down["gap"]).max("position") > up["estimated_error"] + down["estimated_error"]
    where = parameter[apart.values]
    return f"differ from {where.min():g} to {where.max():g}" if where.size else "alike where both converged"


def _values(values: Iterable[float], digits: int = 8, *, units: str, beside: Beside) -> str:
    return ", ".join(f"{value:.{digits}g}{beside(units, value)}" for value in values) or "none"
