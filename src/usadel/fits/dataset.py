"""The dataset of a fit: numbers with their errors, data beside predictions, and where descents ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel._version import __version__
from usadel.errors import ResultError
from usadel.fits.descent import End, Objective
from usadel.fits.statistics import Estimate
from usadel.quantities.units import units_ascii
from usadel.results import schema

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

Array = NDArray[Any]

OF_NUMBERS = ("value", "standard_error", "lower", "upper")
OF_PAIRS = ("covariance", "correlation")
OF_POINTS = ("data", "fit", "residual")
OF_STARTS = ("start_value", "end_value")
_MEANINGS = {
    "value": "Fitted value",
    "standard_error": "Standard error",
    "lower": "Lower bound",
    "upper": "Upper bound",
    "covariance": "Covariance",
    "correlation": "Correlation",
    "fit": "Fit",
    "residual": "Data less fit",
    "start_value": "Where a descent began",
    "end_value": "Where a descent ended",
    "end_chi_squared": "χ² where a descent ended",
    "end_reason": "Why a descent did not come to an end",
}
_EACH = "units of each parameter"


def fit_dataset(
    device: Stack | Device,
    objective: Objective,
    found: Estimate,
    best: End,
    ends: Sequence[End],
    about: Mapping[str, Any],
) -> xr.Dataset:
    """Return the labelled dataset of a fit.

    Parameters
    ----------
    best, ends : the descent that is believed, and all of them.
    about : `quantity`, `over`, `known` (whether standard errors of the data are), and further attributes.
    """
    import xarray as xr

    free, paths = objective.free, list(objective.free.bounds)
    own = dict(about)
    quantity, over, known = own.pop("quantity"), own.pop("over"), own.pop("known")
    unit = units_ascii(objective.model.unit) if objective.model.unit else "1"
    predicted = objective.data + best.residuals * objective.sigma
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = found.covariance / np.outer(found.errors, found.errors)
    of_numbers = (found.values, found.errors, free.low, free.low + free.width)
    of_points = (objective.data, predicted, objective.data - predicted)
    of_starts = tuple(np.array([free.values(place(end)) for end in ends]) for place in (_began, _ended))
    variables: dict[str, Any] = {
        **{
            name: (("parameter",), array, _said(name, _EACH))
            for name, array in zip(OF_NUMBERS, of_numbers, strict=True)
        },
        "covariance": (("parameter", "other_parameter"), found.covariance, _said("covariance", "product of the units")),
        "correlation": (("parameter", "other_parameter"), correlation, _said("correlation", "1")),
        **{
            name: (("point",), array, _said(name, unit, quantity))
            for name, array in zip(OF_POINTS, of_points, strict=True)
        },
        **{
            name: (("descent", "parameter"), array, _said(name, _EACH))
            for name, array in zip(OF_STARTS, of_starts, strict=True)
        },
        "end_chi_squared": (("descent",), np.array([end.chi_squared for end in ends]), _said("end_chi_squared", "1")),
        "end_reason": (("descent",), np.array([end.reason for end in ends], dtype=str), _said("end_reason", "1")),
    }
    if known:
        about_sigma = {"units": unit, "long_name": "Standard error of the data", "symbol": r"\sigma"}
        variables["sigma"] = (("point",), objective.sigma, about_sigma)
    axis = {"units": "Delta_0/|e|", "long_name": "Voltage of the probe", "symbol": "V"}
    if over in device.paths():
        axis = schema.parameter_attributes(over, device.unit(over))
    coords: dict[str, Any] = {
        "parameter": paths,
        "other_parameter": paths,
        "unit": ("parameter", [units_ascii(device.unit(path)) if device.unit(path) else "1" for path in paths]),
        over: ("point", objective.places[objective.where], axis),
    }
    return xr.Dataset(
        variables, coords, _attributes(device, found, best, paths) | {"quantity": quantity, "over": over} | own
    )


def _attributes(device: Stack | Device, found: Estimate, best: End, paths: Sequence[str]) -> dict[str, Any]:
    return {
        "procedure": schema.FIT,
        "format_version": schema.FORMAT_VERSION,
        "usadel_version": __version__,
        "device": device.to_toml(),
        "parameter": ", ".join(paths),
        "converged": int(not best.reason),
        "estimated_error": best.error,
        "chi_squared": found.chi_squared,
        "degrees_of_freedom": found.degrees,
    }


def _began(end: End) -> Array:
    return end.start


def _ended(end: End) -> Array:
    return end.unknowns


def _said(name: str, units: str, quantity: str = "") -> dict[str, str]:
    return {"units": units, "long_name": _MEANINGS.get(name, quantity)}


def check_fit(data: xr.Dataset) -> None:
    """Refuse what no fit is; raises ResultError."""
    over = data.attrs.get("over")
    for name in ("quantity", "over", "warnings"):
        if not isinstance(data.attrs.get(name), str):
            raise ResultError(f"attribute '{name}' is no text")
    for name in ("chi_squared", "degrees_of_freedom"):
        if not isinstance(data.attrs.get(name), (int, float, np.integer, np.floating)):
            raise ResultError(f"attribute '{name}' is no number")
    shapes = {
        **dict.fromkeys(OF_NUMBERS, ("parameter",)),
        **dict.fromkeys(OF_PAIRS, ("parameter", "other_parameter")),
        **dict.fromkeys((*OF_POINTS, str(over)), ("point",)),
        **dict.fromkeys(OF_STARTS, ("descent", "parameter")),
        "end_chi_squared": ("descent",),
    }
    if "sigma" in data.variables:
        shapes["sigma"] = ("point",)
    for name, dims in shapes.items():
        if name not in data.variables:
            raise ResultError(f"'{name}' is missing")
        if data[name].dims != dims or data[name].dtype.kind not in "iuf":
            raise ResultError(f"'{name}' has dimensions ({', '.join(map(str, data[name].dims))}) or is no number")
    for name, dims in (("unit", ("parameter",)), ("end_reason", ("descent",))):
        if name not in data.variables or data[name].dims != dims or data[name].dtype.kind not in "UO":
            raise ResultError(f"'{name}' is missing, or is no text of each {dims[0]}")
    paths = [str(path) for path in data["parameter"].values] if "parameter" in data.coords else []
    if ", ".join(paths) != str(data.attrs.get("parameter")) or not paths:
        raise ResultError("the parameters are not those that it names")
