"""Datasets of critical values: one number per point of a map, or a single one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from usadel.results import schema

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

PREFIX = "critical_"


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


def critical_text(data: xr.Dataset) -> str:
    """What the terminal shows: the value, its order and error; of a map its range."""
    import numpy as np

    path = sought(data)
    values, orders = data[f"{PREFIX}{path}"].values, data["transition_order"].values
    error = data.attrs["estimated_error"]
    if values.ndim == 0:
        digits = 6 if not 0 < error < 1 else int(np.clip(np.ceil(-np.log10(error)), 1, 12))
        lines = [f"{path} = {float(values):.{digits}f}", f"order {int(orders)}, estimated error {error:.0e}"]
        for name, text in (("closing", "normal state stable beyond"), ("fold", "superconducting state ends at")):
            place = float(data[f"{name}_{path}"].values)
            if int(orders) == 1 and np.isfinite(place):
                lines.append(f"{text} {place:.{digits}f}")
        return "\n".join(lines)
    found = values[np.isfinite(values)]
    span = f"{found.min():.6g} to {found.max():.6g}" if found.size else "nowhere"
    done = data["converged"].values == 1
    counts = ", ".join(f"{np.count_nonzero(done & (orders == n))} of order {n}" for n in (1, 2))
    counts += f", {np.count_nonzero(done & (orders == 0))} without transition"
    counts += f", {np.count_nonzero(~done)} failed" if not done.all() else ""
    return f"{path} = {span}, {values.size} points: {counts}"
