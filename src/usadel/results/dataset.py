"""From bare arrays to a labelled dataset, refusing anything that cannot be a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from usadel.errors import ResultError
from usadel.results import schema
from usadel.results.schema import Entry

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

_ROUNDING = 1e-6  # what the resolution of the energy grid may add to a density of states that is zero


def build_dataset(values: Mapping[str, Any], coords: Mapping[str, Any], attrs: Mapping[str, Any]) -> xr.Dataset:
    """Return the dataset of a result, with every variable labelled.

    Parameters
    ----------
    values : mapping of str to array
        Variables by their names in the result file. Shapes follow the schema, e.g. ``(component, position)``.
    coords : mapping of str to array
        ``position`` (ξ, strictly increasing), ``layer`` (one integer per position), names of layers and wires
        along position, and whichever of ``energy``, ``interface`` the variables use. ``component`` is x, y, z and
        may be left out.
    attrs : mapping of str to value
        Global attributes: those of :data:`~usadel.results.schema.REQUIRED_ATTRIBUTES` and any further text
        or number.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    ResultError
        If anything is missing, unknown, misshapen, complex, not finite (unless ``converged`` is 0), a density
        of states is negative, or a current is not the sum of its parts.
    """
    import xarray as xr

    attributes = check_attributes(attrs)
    converged = attributes["converged"] == 1
    coordinates = check_coordinates(values, coords)
    sizes = {name: array.size for name, array in coordinates.items() if name in schema.entry(name).dims}
    arrays = {name: _check_values(name, value, sizes, converged) for name, value in values.items()}
    if converged:
        _check_dos(arrays)
        _check_parts(arrays)
    return xr.Dataset(labels_for(arrays, schema.VARIABLES), labels_for(coordinates, schema.COORDINATES), attributes)


def labels_for(arrays: Mapping[str, np.ndarray], table: Mapping[str, Entry]) -> dict[str, Any]:
    """Return arrays with their dimensions and attributes, as xarray takes them, in the order of the schema."""
    return {name: (item.dims, arrays[name], item.attrs) for name, item in table.items() if name in arrays}


def check_attributes(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the global attributes as plain text and numbers, or refuse them."""
    import numpy as np

    missing = [name for name in schema.REQUIRED_ATTRIBUTES if name not in attrs]
    if missing:
        raise ResultError(f"missing attribute: {', '.join(missing)}")
    checked: dict[str, Any] = {}
    for name, value in attrs.items():
        if isinstance(value, (bool, np.bool_, int, np.integer)):
            checked[name] = int(value)
        elif isinstance(value, (float, np.floating)):
            checked[name] = float(value)
        elif isinstance(value, str):
            checked[name] = value
        else:
            raise ResultError(f"attribute '{name}' is neither text nor a number: {type(value).__name__}")
    if checked["converged"] not in (0, 1):
        raise ResultError(f"attribute 'converged' is {checked['converged']}; it is 0 or 1")
    for name in ("residual", "estimated_error", "conservation_error"):
        size = checked[name]
        if isinstance(size, str) or size < 0 or (checked["converged"] and not np.isfinite(size)):
            raise ResultError(f"attribute '{name}' is {size}; it must be a finite number, zero or more")
        checked[name] = float(size)
    checked.setdefault("format_version", schema.FORMAT_VERSION)
    return checked


def check_coordinates(values: Mapping[str, Any], coords: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the coordinates as arrays, or refuse them: all that the variables named in `values` need."""
    import numpy as np

    given = dict(coords)
    used = {dim for name in values if name in schema.VARIABLES for dim in schema.VARIABLES[name].dims}
    if "component" in used:
        given.setdefault("component", np.array(schema.COMPONENTS))
    if "mode" in used:
        given.setdefault("mode", np.array(schema.MODES))
    for name in ("position", "layer", *sorted(used)):
        if name not in given:
            raise ResultError(f"missing coordinate '{name}'")
    checked = {name: _check_coordinate(name, value) for name, value in given.items()}
    for name, array in checked.items():
        if "position" in schema.COORDINATES[name].dims and array.size != checked["position"].size:
            raise ResultError(f"{name} has {array.size} values for {checked['position'].size} positions")
    if np.any(np.diff(checked["layer"]) < 0):
        raise ResultError("layer decreases along position; layers are numbered from left to right")
    return checked


def _check_coordinate(name: str, value: Any) -> np.ndarray:
    import numpy as np

    if name not in schema.COORDINATES:
        raise ResultError(f"unknown coordinate '{name}'{schema.nearest(name, list(schema.COORDINATES))}")
    expected = schema.COORDINATES[name]
    array = np.asarray(value)
    if array.ndim != 1 or array.size == 0:
        raise ResultError(f"coordinate '{name}' has shape {array.shape}; it is a list with at least one value")
    if expected.kind == "real":
        array = _as_real(name, array)
        if not np.all(np.isfinite(array)):
            raise ResultError(f"coordinate '{name}' is not finite")
        if name in expected.dims and np.any(np.diff(array) <= 0):
            raise ResultError(f"coordinate '{name}' is not strictly increasing")
    elif expected.kind == "integer" and array.dtype.kind not in "iu":
        raise ResultError(f"coordinate '{name}' has type {array.dtype}; it holds whole numbers")
    elif expected.kind == "text" and array.dtype.kind != "U":
        raise ResultError(f"coordinate '{name}' has type {array.dtype}; it holds text")
    elif expected.kind == "label" and array.dtype.kind not in "iuU":
        raise ResultError(f"coordinate '{name}' has type {array.dtype}; it holds whole numbers or text")
    if name == "component" and tuple(array) != schema.COMPONENTS:
        raise ResultError(f"coordinate 'component' is {list(array)}; it is x, y, z")
    if name == "mode" and tuple(array) != schema.MODES:
        raise ResultError(f"coordinate 'mode' is {list(array)}; it is {', '.join(schema.MODES)}")
    return array


def _as_real(name: str, array: np.ndarray) -> np.ndarray:
    """Return the array as float64, refusing complex numbers, truth values and objects."""
    if array.dtype.kind not in "iuf":
        raise ResultError(f"'{name}' has type {array.dtype}; result files hold real numbers only")
    return array.astype(float)


def _check_values(name: str, value: Any, sizes: Mapping[str, int], converged: bool) -> np.ndarray:
    import numpy as np

    if name not in schema.VARIABLES:
        raise ResultError(f"unknown variable '{name}'{schema.nearest(name, list(schema.VARIABLES))}")
    expected = schema.VARIABLES[name]
    array = _as_real(name, np.asarray(value))
    shape = tuple(sizes[dim] for dim in expected.dims)
    if array.shape != shape:
        raise ResultError(f"'{name}' has shape {array.shape}; {_describe(expected)} is {shape}")
    if converged and not np.all(np.isfinite(array)):
        holes = np.count_nonzero(~np.isfinite(array))
        raise ResultError(f"'{name}' is not finite in {holes} places, yet converged is 1")
    return array


def _describe(expected: Entry) -> str:
    return "(" + ", ".join(expected.dims) + ")"


def _check_dos(arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse a density of states that is negative for electrons of any spin."""
    import numpy as np

    if "dos" not in arrays:
        return
    dos = arrays["dos"]
    allowed = _ROUNDING * max(1.0, float(dos.max()))
    if dos.min() < -allowed:
        raise ResultError(f"'dos' is negative ({dos.min():.3g}): the solution has left the physical branch")
    if "dos_spin" in arrays:
        excess = float((np.linalg.norm(arrays["dos_spin"], axis=0) - dos).max())
        if excess > allowed:
            raise ResultError(
                f"'dos_spin' exceeds 'dos' by {excess:.3g}: one spin would have fewer than no states; an interface of "
                "second order does this where a sharp gap edge meets it: lower `second_order` or raise `inelastic`"
            )


def _check_parts(arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse a current that is not the sum of its supercurrent and resistive parts."""
    import numpy as np

    for name in schema.SPLIT_CURRENTS:
        pieces = [arrays.get(key) for key in (name, f"{name}_super", f"{name}_resistive")]
        total, first, second = pieces
        if total is None or first is None or second is None:
            continue
        scale = 1.0 + max(float(np.abs(piece).max()) for piece in (first, second))
        if np.abs(total - first - second).max() > 1e-9 * scale:
            raise ResultError(f"'{name}' is not the sum of its supercurrent and resistive parts")
