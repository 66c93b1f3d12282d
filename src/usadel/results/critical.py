"""Datasets of critical values: one number per point of a map, or a single one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from usadel.results import schema
from usadel.results.rows import Rows

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

PREFIX = "critical_"
TRICRITICAL = "tricritical_"


def critical_dataset(
    path: str,
    axes: Mapping[str, np.ndarray],
    values: Mapping[str, np.ndarray],
    orders: np.ndarray,
    converged: np.ndarray,
    units: Mapping[str, str],
    attrs: Mapping[str, Any],
) -> xr.Dataset:
    """Return the labelled dataset of critical values.

    Parameters
    ----------
    path : str
        The parameter that was sought.
    axes : mapping
        Path -> values of each axis.
    values : mapping
        ``critical``, ``closing``, ``fold`` and ``error``, one number per point of the axes.
    orders, converged : array
        Order of the transition (0: none) and whether the search reached its tolerance, likewise.
    units : mapping
        Path -> unit, as in the reference of keys.
    attrs : mapping
        Further global attributes.
    """
    import numpy as np
    import xarray as xr

    unit = schema.units_ascii(units[path])
    dims = tuple(axes)

    def entry(array: np.ndarray, long_name: str, units: str = unit, symbol: str = "") -> tuple[Any, ...]:
        return dims, array, {"units": units, "long_name": long_name, "symbol": symbol or schema.parameter_symbol(path)}

    variables = {
        f"{PREFIX}{path}": entry(values["critical"], f"Critical {path}"),
        f"closing_{path}": entry(values["closing"], f"{path} where the normal state loses stability"),
        f"fold_{path}": entry(values["fold"], f"{path} where the superconducting state ends"),
        "transition_order": entry(orders, "Order of the transition, 0 where there is none", "1", "n"),
        "estimated_error": entry(values["error"], f"Estimated error of critical_{path}"),
        "converged": entry(converged.astype(np.int64), "Whether the search reached its tolerance", "1", "c"),
    }
    coords = {name: (name, axis, schema.parameter_attributes(name, units[name])) for name, axis in axes.items()}
    errors = values["error"][np.isfinite(values["error"])]
    attributes = {
        "converged": int(converged.all()),
        "estimated_error": float(errors.max()) if errors.size else float("nan"),
        "format_version": schema.FORMAT_VERSION,
        "procedure": "critical",
        "parameter": path,
    }
    return xr.Dataset(variables, coords, {**attributes, **attrs})


def sought(data: xr.Dataset) -> str | None:
    """The parameter whose critical values a dataset holds; None for other datasets."""
    found = [str(name) for name in data.data_vars if str(name).startswith(PREFIX)]
    return found[0].removeprefix(PREFIX) if found and "transition_order" in data else None


_ORDERS = {1: "the gap jumps", 2: "the gap opens continuously", 0: "no transition"}


def critical_text(data: xr.Dataset) -> str:
    """What the terminal shows: the value, its order and error; of a map its range."""
    rows = critical_rows(data)
    if data["transition_order"].ndim:
        head = f"{sought(data)} = {rows[0][1]}, {rows[1][1]} points: {rows[2][1]}"
        return "\n".join([head, *map(" at ".join, tricritical_rows(data))])
    (path, value), (_, order), (_, error), *limits = rows
    return "\n".join([f"{path} = {value}", f"{order}, estimated error {error}", *map(" ".join, limits)])


def critical_rows(data: xr.Dataset, unit: str = "") -> Rows:
    """What is said of critical values, as rows of label and text: value, order, error and limits; of a map its range,
    number of points, and how many of each kind. The unit, if it is to be written, begins with a space.
    """
    path = str(sought(data))
    values, orders = data[f"{PREFIX}{path}"].values, data["transition_order"].values
    if values.ndim:
        return _map_rows(path, values, orders, data["converged"].values == 1, unit)
    number, order, error = _rounding(data.attrs["estimated_error"], unit), int(orders), data.attrs["estimated_error"]
    rows = Rows([(path, number(float(values))), ("transition", f"order {order} ({_ORDERS[order]})")])
    rows.append(("estimated error", f"{error:.0e}"))
    for name, text in (("closing", "normal state stable beyond"), ("fold", "superconducting state ends at")):
        place = float(data[f"{name}_{path}"].values)
        if order == 1 and math.isfinite(place):
            rows.append((text, number(place)))
    return rows


def _rounding(error: float, unit: str) -> Callable[[float], str]:
    """Numbers with as many digits as their error leaves."""
    digits = min(max(math.ceil(-math.log10(error)), 1), 12) if 0 < error < 1 else 6
    return lambda value: f"{value:.{digits}f}{unit}"


def _map_rows(path: str, values: np.ndarray, orders: np.ndarray, done: np.ndarray, unit: str) -> Rows:
    import numpy as np

    found = values[np.isfinite(values)]
    span = f"{found.min():.6g} to {found.max():.6g}{unit}" if found.size else "nowhere"
    counts = ", ".join(f"{np.count_nonzero(done & (orders == n))} of order {n}" for n in (1, 2))
    counts += f", {np.count_nonzero(done & (orders == 0))} without transition"
    counts += f", {np.count_nonzero(~done)} failed" if not done.all() else ""
    return Rows([(path, span), ("points", str(values.size)), ("transitions", counts)])


def tricritical_rows(data: xr.Dataset) -> Rows:
    """Where the order of transitions changes, one row for each such point; none where there are none."""
    found = {str(name).removeprefix(TRICRITICAL): data[name].values for name in data.coords if _is_tricritical(name)}
    count = next((values.size for values in found.values()), 0)
    texts = [", ".join(f"{path} = {values[k]:.6g}" for path, values in found.items()) for k in range(count)]
    return Rows([("tricritical point", text) for text in texts])


def _is_tricritical(name: Any) -> bool:
    return str(name).startswith(TRICRITICAL)
