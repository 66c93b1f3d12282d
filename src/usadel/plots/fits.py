"""Fits beside the data, and what they leave of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.style import BLUE, ROOM, VERMILLION, drawing, label, per_unit
from usadel.results.schema import FIT
from usadel.units.dataset import LEFT_OUT

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes


def is_fit(data: xr.Dataset) -> bool:
    """Whether a dataset holds a fit."""
    return data.attrs.get("procedure") == FIT


def fit(data: Given, ax: Axes | None = None) -> Axes:
    """Draw data as points, with bars of their standard errors if they are known, and the fit as a line.

    Parameters
    ----------
    data : xarray.Dataset or Fit
        As in the result file of ``usadel fit``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data holds no fit.
    """
    data = _fit_of(data)
    order = np.argsort(_axis(data).values, kind="stable")
    with drawing(ax) as axes:
        _points(axes, data, "data")
        axes.plot(_axis(data).values[order], _like(data, "fit", "data")[order], color=VERMILLION, label="fit")
        axes.set_ylabel(label(data["data"], None, "\n"))
        axes.legend()
    return axes


def residuals(data: Given, ax: Axes | None = None) -> Axes:
    """Draw data less fit as points, with bars of the standard errors of the data; arguments and errors as of `fit`."""
    data = _fit_of(data)
    with drawing(ax) as axes:
        _points(axes, data, "residual")
        axes.axhline(0.0, color=VERMILLION)
        axes.set_ylabel(label(data["residual"], None, "\n"))
    return axes


def _fit_of(given: Given) -> xr.Dataset:
    data = dataset_of(given)
    if not is_fit(data):
        raise PlotError("the data holds no fit")
    if not {"data", data.attrs["over"]} <= set(map(str, data.variables)):
        raise PlotError(f"real units of the data are not known: {data.attrs.get(LEFT_OUT, '')}")
    return data


def _like(data: xr.Dataset, name: str, other: str) -> np.ndarray:
    """Values in the unit of another variable: each is shown in real units of its own."""
    return np.asarray(data[name].values * (per_unit(data[other]) / per_unit(data[name])))


def _axis(data: xr.Dataset) -> xr.DataArray:
    return data[str(data.attrs["over"])]


def _points(axes: Axes, data: xr.Dataset, name: str) -> None:
    bars = _like(data, "sigma", name) if "sigma" in data else None
    axes.errorbar(
        _axis(data).values, data[name].values, bars, fmt="o", color=BLUE, markersize=3, linewidth=0.8, label="data"
    )
    axes.margins(x=ROOM)
    axes.set_xlabel(label(_axis(data)))
