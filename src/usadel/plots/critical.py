"""Lines and maps of critical values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.style import BLUE, DENSITY_MAP, FAINT, ROOM, VERMILLION, drawing, label
from usadel.results.critical import PREFIX, TRICRITICAL, sought

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes


def critical(data: Given, ax: Axes | None = None) -> Axes:
    """Draw critical values over one axis as a line, over two as a map.

    On a line, transitions of first order are dashed with open circles; thin lines next to them are where the normal
    state loses stability and where the superconducting one ends, with hatches where both are stable; stars are
    tricritical points. On a map those of first order have a dot.

    Parameters
    ----------
    data : xarray.Dataset or Critical
        As in the result file of ``usadel critical --over``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data holds no critical values, a single one, or more than two axes.
    """
    data = dataset_of(data)
    path = sought(data)
    if path is None:
        raise PlotError("the data holds no critical values")
    values = data[f"{PREFIX}{path}"]
    if values.ndim not in (1, 2):
        shape = "a single number" if values.ndim == 0 else f"{values.ndim} axes"
        raise PlotError(f"critical values are drawn over one or two axes, and the data holds {shape}")
    with drawing(ax) as axes:
        if values.ndim == 1:
            _line(axes, data, path)
        else:
            _map(axes, data, path)
    return axes


def _line(axes: Axes, data: xr.Dataset, path: str) -> None:
    values = data[f"{PREFIX}{path}"]
    coordinate = values[values.dims[0]]
    stars = _stars(data, values.dims[0], path)
    order = data["transition_order"].values

    def line(name: str, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A variable along the axis, with the tricritical points, in which all lines meet."""
        places = np.concatenate([coordinate.values, stars[0]])
        heights = np.concatenate([np.where(where, data[f"{name}_{path}"].values, np.nan), stars[1]])
        sorting = np.argsort(places)
        return places[sorting], heights[sorting]

    for number, look in _ORDERS.items():
        if (order == number).any():
            places, heights = line(PREFIX.removesuffix("_"), order == number)
            marked = list(np.flatnonzero(np.isin(places, coordinate.values)))
            axes.plot(places, heights, markevery=marked, **look)
    for name, look in _LIMITS.items():
        places, limit = line(name, order == 1)
        if np.isfinite(limit).sum() > stars.shape[1]:
            axes.plot(places, limit, color=FAINT, linewidth=0.8, zorder=1, **look)
    places, fold = line("fold", order == 1)
    closing = line("closing", order == 1)[1]
    if np.count_nonzero(np.isfinite(fold - closing)) > 1:
        axes.fill_between(places, closing, fold, label="both are stable", zorder=0, **_HATCHED)
    if stars.size:
        axes.plot(*stars, label="tricritical point", **_STAR)
    axes.margins(x=ROOM)
    axes.legend()
    axes.set(xlabel=label(coordinate), ylabel=label(values))


def _stars(data: xr.Dataset, axis: Any, path: str) -> np.ndarray:
    """Tricritical points (2, points): along the axis, and of the parameter."""
    names = [f"{TRICRITICAL}{axis}", f"{TRICRITICAL}{path}"]
    return np.array([data[name].values for name in names]) if names[0] in data.coords else np.zeros((2, 0))


_ORDERS: dict[int, dict[str, Any]] = {
    2: {"linestyle": "-", "marker": "o", "color": BLUE, "markersize": 3, "label": "second order"},
    1: {
        "linestyle": "--", "marker": "o", "color": VERMILLION, "markersize": 3, "markerfacecolor": "none",
        "label": "first order",
    },
}  # fmt: skip
_LIMITS: dict[str, dict[str, Any]] = {
    "fold": {"linestyle": "-", "label": "superconducting state ends"},
    "closing": {"linestyle": ":", "label": "normal state loses stability"},
}

_STAR: dict[str, Any] = {"linestyle": "", "marker": "*", "markersize": 9, "color": "black", "zorder": 3}
_HATCHED: dict[str, Any] = {"facecolor": "none", "edgecolor": FAINT, "hatch": "////", "linewidth": 0.0}


def _map(axes: Axes, data: xr.Dataset, path: str) -> None:
    values = data[f"{PREFIX}{path}"]
    vertical, horizontal = (values[name] for name in values.dims)
    mesh = axes.pcolormesh(horizontal.values, vertical.values, values.values, cmap=DENSITY_MAP, shading="nearest")
    axes.figure.colorbar(mesh, ax=axes, label=label(values))
    first = np.argwhere(data["transition_order"].values == 1)
    if first.size:
        rows, columns = first.T
        axes.plot(horizontal.values[columns], vertical.values[rows], linestyle="", label="first order", **_DOT)
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0))
    axes.set(xlabel=label(horizontal), ylabel=label(vertical))


_DOT: dict[str, Any] = {
    "marker": "o",
    "markersize": 3,
    "color": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 0.5,
}
