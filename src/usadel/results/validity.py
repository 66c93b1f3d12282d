"""What a dataset that was read from a file has to be, before anything is drawn or computed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usadel.errors import ResultError
from usadel.results import schema
from usadel.results.branches import DIRECTIONS
from usadel.results.critical import PREFIX, sought
from usadel.results.josephson import ALONG, JUNCTION, SCALARS

if TYPE_CHECKING:
    import xarray as xr

_TEXTS = ("device", "parameter", "source", "status", "advice", "branch_end", "method", schema.SOLVED_LAYERS)
_NUMBERS = ("residual", "estimated_error", "conservation_error", "spectral_error", "bias_phase")
_KINDS = {"real": "iuf", "integer": "iu", "text": "UO", "label": "iuUO"}
_LARGEST = 1e30  # of a number in whatever unit; larger ones come of flipped bits, and overflow in figures


def check_result(data: xr.Dataset, procedure: str) -> None:
    """Refuse what no procedure has written: a file may be damaged although every checksum in it holds.

    Parameters
    ----------
    data : xarray.Dataset
        As read; variables that the schema does not know are the user's own and are left alone.
    procedure : str
        What it is the result of: "solve", "trace", "critical", "sweep", "josephson", "response" or "fit".

    Raises
    ------
    ResultError
        If anything is missing, or has other dimensions, another type, or values that cannot be.
    """
    _check_attributes(data)
    if procedure in (schema.RESPONSE, schema.FIT):
        return  # their own classes know
    if procedure == "critical":
        _check_critical(data)
        return
    if procedure == JUNCTION:
        _check_josephson(data)
        return
    if procedure == "sweep":
        _check_sweep(data)
        return
    along = _points(data) if procedure == "trace" else ()
    table = dict(schema.VARIABLES) | (dict(schema.BRANCH_VARIABLES) if along else {})
    present = [entry for name, entry in table.items() if name in data.variables]
    needed = {"position", "layer", *(dim for entry in present for dim in entry.dims)}
    if along:
        needed |= set(schema.BRANCH_VARIABLES) - schema.NEWER_BRANCH_VARIABLES
    for name in sorted(needed):
        _require(data, name)
    for entry in present:
        _check(data, entry.name, entry.kind, (*along, *entry.dims))
    for entry in schema.COORDINATES.values():
        if entry.name in data.variables:
            _check(data, entry.name, entry.kind, entry.dims)
            if entry.kind == "real":
                _check_finite(data, entry.name, increasing=entry.name in entry.dims)
    _check_labels(data)
    if data.attrs["converged"] == 1:
        for entry in present:
            if entry.kind == "real" and not along:
                _check_finite(data, entry.name)


def _check_attributes(data: xr.Dataset) -> None:
    for name in _TEXTS:
        if not isinstance(data.attrs.get(name, ""), str):
            raise ResultError(f"attribute '{name}' is no text")
    for name in ("converged", *_NUMBERS):
        if not _is_number(data.attrs.get(name, 0)):
            raise ResultError(f"attribute '{name}' is no number")
    if data.attrs["converged"] not in (0, 1):
        raise ResultError(f"attribute 'converged' is {data.attrs['converged']}; it is 0 or 1")


def _is_number(value: Any) -> bool:
    import numpy as np

    return isinstance(value, (int, float, np.integer, np.floating)) or (
        isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "iuf"
    )


def _points(data: xr.Dataset) -> tuple[str, ...]:
    """Dimensions of a branch in front of those of a single result."""
    parameter = data.attrs.get("parameter")
    if not parameter or "branch_point" not in data.dims:
        raise ResultError("it says no parameter, or has no points, of a branch")
    _require(data, parameter)
    _check(data, parameter, "real", ("branch_point",))
    _check_finite(data, parameter)
    if "direction" not in data.dims:
        return ("branch_point",)
    _require(data, "direction")
    if tuple(data["direction"].values) != DIRECTIONS:
        raise ResultError("coordinate 'direction' is not up, down")
    return ("direction", "branch_point")


def _check_critical(data: xr.Dataset) -> None:
    path = sought(data)
    if path is None:
        raise ResultError("it holds no critical value")
    dims = data[f"{PREFIX}{path}"].dims
    for name in (f"{PREFIX}{path}", f"closing_{path}", f"fold_{path}", "estimated_error"):
        _require(data, name)
        _check(data, name, "real", dims)
    for name in ("transition_order", "converged"):
        _require(data, name)
        _check(data, name, "integer", dims)
    for axis in map(str, dims):
        _require(data, axis)
        _check(data, axis, "real", (axis,))
        _check_finite(data, axis)


def _check_sweep(data: xr.Dataset) -> None:
    """Each variable has the axes in front, and fractions of layers for positions."""
    for name in ("converged", "status", "advice", "estimated_error", "fraction", "layer", "position"):
        _require(data, name)
    axes = data["converged"].dims
    paths = str(data.attrs.get("parameter", "")).split(", ")
    for name in (*paths, *map(str, axes)):
        _require(data, name)
    for path in paths:
        if len(data[path].dims) != 1 or data[path].dims[0] not in axes:
            raise ResultError(f"'{path}' is no axis")
        _check(data, path, "real", data[path].dims)
        _check_finite(data, path)
    for name, kind in (("converged", "integer"), ("status", "text"), ("advice", "text"), ("estimated_error", "real")):
        _check(data, name, kind, axes)
    _check(data, "fraction", "real", ("fraction",))
    _check_finite(data, "fraction")
    _check(data, "layer", "integer", ("fraction",))
    for entry in schema.VARIABLES.values():
        if entry.name in data.variables:
            own = ("fraction" if dim == "position" else dim for dim in entry.dims)
            _check(data, entry.name, entry.kind, (*axes, *own))
    _check_labels(data)


def _check_josephson(data: xr.Dataset) -> None:
    """Currents over phases, and what was located, with axes in front if there are any."""
    path = data.attrs.get("parameter", "")
    axes = tuple(path.split(", ")) if path else ()
    for name in ("current", "harmonics", "phase", *SCALARS, *axes):
        _require(data, name)
    for name in ALONG:
        if name in data.variables:
            _check(data, name, "real", (*axes, "phase"))
    for name in SCALARS:
        _check(data, name, "real", axes)
    _check(data, "harmonics", "real", (*axes, "harmonic", "part"))
    for name in ("phase", *axes):
        _check(data, name, "real", (name,))
        _check_finite(data, name)


def _check_labels(data: xr.Dataset) -> None:
    """Components, modes and layers, which others are found by."""
    import numpy as np

    for name, labels in (("component", schema.COMPONENTS), ("mode", schema.MODES)):
        if name in data.variables and tuple(data[name].values) != labels:
            raise ResultError(f"coordinate '{name}' is not {', '.join(labels)}")
    layer = data["layer"].values
    if layer.size == 0 or layer[0] < 0 or np.any(np.diff(layer) < 0):
        raise ResultError("layers are not numbered from left to right")


def _require(data: xr.Dataset, name: str) -> None:
    if name not in data.variables:
        raise ResultError(f"'{name}' is missing")


def _check(data: xr.Dataset, name: str, kind: str, dims: tuple[Any, ...]) -> None:
    import numpy as np

    variable = data[name]
    if variable.dtype.kind not in _KINDS[kind]:
        raise ResultError(f"'{name}' has type {variable.dtype}; it is {kind}")
    if variable.dims != dims:
        raise ResultError(f"'{name}' has dimensions ({', '.join(map(str, variable.dims))}); it has ({', '.join(dims)})")
    if variable.dtype.kind == "f" and np.any(np.abs(variable.values) > _LARGEST):
        raise ResultError(f"'{name}' holds values that are too large")


def _check_finite(data: xr.Dataset, name: str, increasing: bool = False) -> None:
    import numpy as np

    values = data[name].values
    if not np.all(np.isfinite(values)):
        raise ResultError(f"'{name}' holds values that are no numbers")
    if increasing and np.any(np.diff(values) <= 0):
        raise ResultError(f"'{name}' does not increase")
