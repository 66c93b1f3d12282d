"""The dataset of a traced branch: the variables of a single result with the points of the branch in front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from usadel.errors import ResultError
from usadel.results import schema
from usadel.results.dataset import check_attributes, check_coordinates

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

DIRECTIONS = ("up", "down")


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
            stacked = stacked.astype(np.int64)
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
