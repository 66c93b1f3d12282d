"""Branches of solutions over the parameter that was traced: stable parts solid, unstable ones dashed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel.errors import PlotError
from usadel.plots.profiles import components_of, variable_of
from usadel.plots.style import BLACK, COMPONENTS, SCALAR, drawing, label

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Interval = tuple[float, float]
BISTABLE, NORMAL = "#f3e3c3", "#dcdcdc"


def branch(
    data: xr.Dataset,
    quantity: str = "gap",
    component: str | Sequence[str] | None = None,
    ax: Axes | None = None,
    position: float | None = None,
) -> Axes:
    """Draw a quantity along a traced branch, or along the sweeps up and down.

    Stable parts are solid, unstable ones dashed; folds are filled dots, points at which the gap vanishes open ones.
    Where more than one solution is stable the background is tinted, where only the normal state is, grey. Of sweeps
    the one back is dashed, and jumps are dotted.

    Parameters
    ----------
    data : xarray.Dataset
        Of a trace.
    quantity : str
        A variable along position, with or without spin components.
    component : str or sequence of str, optional
        Spin components to draw; by default all.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.
    position : float, optional
        Where in the device (ξ); by default in its middle.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data is no trace, or has no such quantity along position.
    """
    if "branch_point" not in data.dims:
        raise PlotError("the data is no traced branch")
    variable = variable_of(data, quantity)
    if "position" not in variable.dims:
        raise PlotError(f"'{quantity}' is no quantity along position")
    shown = components_of(variable, component)
    place = 0.5 * float(data["position"][-1]) if position is None else position
    at = variable.isel(position=int(np.abs(data["position"].values - place).argmin()))
    with drawing(ax) as ax:
        fresh = not ax.has_data()
        if fresh and "direction" not in data.dims:
            _shade(ax, data)
        names: list[str | None] = [*shown] or [None]
        for name in names:
            look = {"color": COMPONENTS[name][0], "label": f"${name}$"} if name else {"color": SCALAR}
            _draw(ax, data, at.sel(component=name) if name else at, look)
        if fresh:
            ax.set_xlabel(label(data[parameter_of(data)]))
            ax.set_ylabel(label(variable, shown[0] if len(shown) == 1 else None, "\n"))
        if len(shown) > 1:
            ax.legend(ncols=len(shown))
    return ax


def parameter_of(data: xr.Dataset) -> str:
    """Name of the parameter that was traced."""
    return str(data.attrs["parameter"])


def _draw(ax: Axes, data: xr.Dataset, curve: xr.DataArray, look: dict[str, Any]) -> None:
    parameter = data[parameter_of(data)].values
    if "direction" in data.dims:
        for direction, dashes in (("up", "-"), ("down", (0, (5, 1.5)))):
            values = curve.sel(direction=direction).values
            # what was interrupted has each sweep at its own values
            shown = np.isfinite(values) | (data.attrs.get("branch_end") != "interrupted")
            at, values = parameter[shown], values[shown]
            jump = np.flatnonzero(np.diff(at) == 0) + 1
            ax.plot(np.insert(at, jump, np.nan), np.insert(values, jump, np.nan), linestyle=dashes, **look)
            look = {key: value for key, value in look.items() if key != "label"}
            for k in jump:
                ax.plot(at[k - 1 : k + 1], values[k - 1 : k + 1], linestyle=":", linewidth=1.0, **look)
        return
    for run, stable in _runs(data["stable"].values):
        ax.plot(parameter[run], curve.values[run], linestyle="-" if stable else (0, (4, 2)), **look)
        look = {key: value for key, value in look.items() if key != "label"}
    for name, fill in (("fold", look["color"]), ("gap_closing", "white")):
        marked = data[name].values == 1
        ax.plot(
            parameter[marked], curve.values[marked], "o", markersize=4.5, color=look["color"], markerfacecolor=fill,
            zorder=3,
        )  # fmt: skip


def _runs(stable: np.ndarray) -> list[tuple[slice, bool]]:
    """Parts of a branch of equal stability; unstable ones reach to the folds at both ends, which count as stable."""
    edges = [0, *(np.flatnonzero(np.diff(stable)) + 1), stable.size]
    return [(slice(a, b) if stable[a] else slice(max(0, a - 1), b + 1), bool(stable[a])) for a, b in pairwise(edges)]


def stable_intervals(data: xr.Dataset) -> tuple[list[Interval], list[Interval]]:
    """Ranges of the parameter where solutions with a gap are stable, one per stable part, and where the normal one is.

    A gap vanishes at the end of a branch; the normal state is stable on the far side from its start.
    """
    parameter, gap = data[parameter_of(data)].values, data["gap"].values
    gapped = []
    for run, stable in _runs(data["stable"].values):
        if stable and np.nanmax(gap[run], initial=0.0) > 0 and np.ptp(parameter[run]) > 0:
            gapped.append((float(np.min(parameter[run])), float(np.max(parameter[run]))))
    if not np.nanmax(gap, initial=0.0) > 0:
        runs = [run for run, stable in _runs(data["stable"].values) if stable]
        return [], [(float(np.min(parameter[run])), float(np.max(parameter[run]))) for run in runs]
    normal = []
    for value in parameter[data["gap_closing"].values == 1]:
        edge = max(parameter.max(), value) if value > parameter[0] else min(parameter.min(), value)
        normal.append((float(min(value, edge)), float(max(value, edge))))
    return gapped, normal


def _shade(ax: Axes, data: xr.Dataset) -> None:
    """Tint what is bistable; grey where only the normal state is stable."""
    gapped, normal = stable_intervals(data)
    edges = sorted({edge for interval in (*gapped, *normal) for edge in interval})
    for low, high in pairwise(edges):
        middle = 0.5 * (low + high)
        count, bare = (sum(a < middle < b for a, b in part) for part in (gapped, normal))
        if count + bare > 1:
            ax.axvspan(low, high, color=BISTABLE, linewidth=0, zorder=0)
        elif bare:
            ax.axvspan(low, high, color=NORMAL, linewidth=0, zorder=0)
    ax.axhline(0.0, color=BLACK, linewidth=0.5, zorder=1)
