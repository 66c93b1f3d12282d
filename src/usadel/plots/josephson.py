"""Current-phase relations: the current over the phase, or critical currents and ground states over an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import CubicSpline

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.style import BLACK, BLUE, FAINT, ROOM, VERMILLION, drawing, label, symbol_with_units
from usadel.results.josephson import JUNCTION

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_UNSTABLE = (0, (4, 2))
_FINE = 721  # points of a smooth curve
_CAPTIONS = {"forward": "critical currents", "backward": None}


def is_josephson(data: xr.Dataset) -> bool:
    """Whether a dataset holds current-phase relations."""
    return data.attrs.get("procedure") == JUNCTION


def josephson(data: Given, ax: Axes | None = None) -> Axes:
    """Draw a current-phase relation, or the critical currents of several along their axis.

    Of a relation unstable parts are dashed, critical currents are dots, and a line marks the ground state. Along an
    axis squares are the phase of the ground state, and dotted lines mark where it changes between 0 and π.

    Parameters
    ----------
    data : xarray.Dataset or Josephson
        As in the result file of ``usadel josephson``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data holds no current-phase relation.
    """
    data = dataset_of(data)
    if not is_josephson(data):
        raise PlotError("the data holds no current-phase relation")
    with drawing(ax) as axes:
        if data.attrs["parameter"]:
            _critical_currents(axes, data, str(data.attrs["parameter"]))
        else:
            _relation(axes, data)
    return axes


def _relation(axes: Axes, data: xr.Dataset) -> None:
    phase, current = data["phase"].values, data["current"].values
    stable = data["stable"].values == 1
    axes.axhline(0.0, color=FAINT, linewidth=0.8, zorder=1)
    if _is_smooth(data):
        fine = np.linspace(phase[0], phase[-1], _FINE)
        axes.plot(fine / np.pi, CubicSpline(phase, current)(fine), color=BLUE)
        axes.plot(phase / np.pi, current, ".", color=BLUE)
    else:
        lonely = "." if np.isnan(current).any() else None  # phases next to which others failed
        axes.plot(phase / np.pi, np.where(stable, current, np.nan), color=BLUE, marker=lonely)
    if not stable.all():
        edge = ~stable | np.roll(~stable, 1) | np.roll(~stable, -1)  # up to the folds at both ends
        axes.plot(phase / np.pi, np.where(edge, current, np.nan), color=BLUE, linestyle=_UNSTABLE, label="unstable")
    for way, sign in (("forward", 1.0), ("backward", -1.0)):
        place = float(data[f"phase_{way}"]) / np.pi, sign * float(data[f"critical_current_{way}"])
        axes.plot(*place, "o", color=BLACK, markersize=4.5, label=_CAPTIONS[way], zorder=3)
    ground = float(data["ground_state_phase"]) / np.pi
    if np.isfinite(ground):
        axes.axvline(ground % 2, color=VERMILLION, linestyle=":", linewidth=1.2, label="ground state")
    axes.margins(x=ROOM)
    axes.legend()
    axes.set(xlabel=r"Phase difference $\varphi/\pi$", ylabel=label(data["current"]))


def _is_smooth(data: xr.Dataset) -> bool:
    """Whether the current is known, and a function of the phase."""
    phase, current = data["phase"].values, data["current"].values
    return bool(phase.size > 3 and np.all(np.diff(phase) > 0) and np.all(np.isfinite(current)))


def _critical_currents(axes: Axes, data: xr.Dataset, path: str) -> None:
    values = data[path].values
    forward, backward = (data[f"critical_current_{way}"].values for way in ("forward", "backward"))
    state = axes.twinx()
    state.plot(values, np.abs(data["ground_state_phase"].values) / np.pi, "s", color=FAINT, markersize=3)
    state.set_ylim(-0.05, 1.05)
    state.set_ylabel(r"Ground state $|\varphi_0|/\pi$")
    state.grid(visible=False)
    axes.plot(values, forward, "o-", color=BLUE, markersize=3, label="from left to right")
    if np.nanmax(np.abs(forward - backward), initial=0.0) > data.attrs["estimated_error"]:
        axes.plot(values, backward, "o--", color=VERMILLION, markersize=3, markerfacecolor="none", label="back")
        axes.legend()
    for value in data["crossing"].values if "crossing" in data.coords else []:
        axes.axvline(value, color=FAINT, linestyle=":", linewidth=1.2, zorder=1)
    for each in (axes, state):
        each.margins(x=ROOM)
    axes.set_ylim(bottom=0.0)
    symbol = symbol_with_units(data["critical_current_forward"])
    axes.set(xlabel=label(data[path]), ylabel=f"Critical current {symbol}")
