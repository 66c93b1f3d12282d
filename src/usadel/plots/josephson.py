"""Current-phase relations: the current over the phase, or critical currents and ground states over one or two axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LogNorm
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.style import BLACK, BLUE, DENSITY_MAP, FAINT, ROOM, VERMILLION, drawing, label, symbol_with_units
from usadel.results.josephson import JUNCTION

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_UNSTABLE = (0, (4, 2))
_FINE = 721  # points of a smooth curve
_WIDE = 30.0  # ratio of critical currents from which the scale counts decades
_CAPTIONS = {"forward": "critical currents", "backward": None}


def is_josephson(data: xr.Dataset) -> bool:
    """Whether a dataset holds current-phase relations."""
    return data.attrs.get("procedure") == JUNCTION


def josephson(data: Given, ax: Axes | None = None) -> Axes:
    """Draw a current-phase relation, or the critical currents of several along their axis.

    Of a relation unstable parts are dashed, critical currents are dots, and a line marks the ground state. Along an
    axis squares are the phase of the ground state, and dotted lines mark where it changes between 0 and π. Over two
    axes the critical current is a map, and lines are where 0 and π have the same energy.

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
        If the data holds no current-phase relation, or more than two axes.
    """
    data = dataset_of(data)
    if not is_josephson(data):
        raise PlotError("the data holds no current-phase relation")
    dims = data["critical_current_forward"].dims
    if len(dims) > 2:
        raise PlotError(f"critical currents are drawn over one or two axes, and the data holds {len(dims)}")
    draw = (_relation, _critical_currents, _map)[len(dims)]
    with drawing(ax) as axes:
        draw(axes, data)
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


def _critical_currents(axes: Axes, data: xr.Dataset) -> None:
    path = data["critical_current_forward"].dims[0]
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
    if _spans_decades(forward):
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0.0)
    symbol = symbol_with_units(data["critical_current_forward"])
    axes.set(xlabel=label(data[path]), ylabel=f"Critical current {symbol}")


def _spans_decades(currents: NDArray[np.float64]) -> bool:
    """Whether small ones would not be seen beside large ones."""
    positive = currents[currents > 0]
    return bool(positive.size and positive.max() > _WIDE * positive.min())


def _map(axes: Axes, data: xr.Dataset) -> None:
    """The larger of both critical currents."""
    forward, energy = data["critical_current_forward"], data["pi_energy"].values
    vertical, horizontal = (data[name] for name in forward.dims)
    largest = np.fmax(forward.values, data["critical_current_backward"].values)
    norm = LogNorm() if _spans_decades(largest) else None
    look: dict[str, Any] = {"cmap": DENSITY_MAP, "norm": norm, "shading": "nearest"}
    mesh = axes.pcolormesh(horizontal.values, vertical.values, np.where(largest > 0, largest, np.nan), **look)
    axes.figure.colorbar(mesh, ax=axes, label=f"Critical current {symbol_with_units(forward)}")
    if min(energy.shape) > 1 and np.nanmin(energy) < 0 < np.nanmax(energy):
        axes.contour(horizontal.values, vertical.values, energy, levels=[0.0], colors=[VERMILLION], linewidths=1.2)
        axes.plot([], [], color=VERMILLION, linewidth=1.2, label=r"0-$\pi$ crossing")
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0))
    axes.set(xlabel=label(horizontal), ylabel=label(vertical))
