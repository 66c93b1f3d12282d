"""Branches of solutions over the parameter that was traced: stable parts solid, unstable ones dashed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.layers import layer_at, layers_of
from usadel.plots.profiles import NOTHING, components_of, variable_of
from usadel.plots.style import BLACK, COMPONENTS, ROOM, SCALAR, drawing, label, per_unit, plain, styled

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Interval = tuple[float, float]
FREE_ENERGY = "free_energy"
BISTABLE, NORMAL = "#f3e3c3", "#dcdcdc"
MEANINGS = {BISTABLE: "more than one stable state", NORMAL: "only the normal state is stable"}
_LINE, _WIDE = 0.2, 6.0  # inches: height of a line below a figure, and width at which all it explains fits into one
_DOT = {"marker": "o", "markersize": 4.5}
MARKS = {
    "fold": (_DOT, True, "fold"),
    "gap_closing": (_DOT, False, "gap vanishes"),
    "transition": ({"marker": "D", "markersize": 5.0}, False, "equal free energies"),
}
"""Marker of the points of a branch that are marked by a variable, whether it is filled, and what it means."""
UNSTABLE, BACK, JUMP = (0, (4, 2)), (0, (5, 1.5)), ":"


def branch(
    data: Given,
    quantity: str = "gap",
    component: str | Sequence[str] | None = None,
    ax: Axes | None = None,
    position: float | None = None,
) -> Axes:
    """Draw a quantity along a traced branch, or along the sweeps up and down.

    Stable parts are solid, unstable ones dashed; folds are filled dots, points at which the gap vanishes open ones,
    transitions of first order open diamonds.
    Where more than one solution is stable the background is tinted, where only the normal state is, grey; it stays
    white where nothing changes. Of sweeps the one back is dashed, and jumps are dotted. A new figure says so below
    the axes; in given axes call :func:`explain` for that.

    Parameters
    ----------
    data : xarray.Dataset or Branch
        Of a trace.
    quantity : str
        A variable along position, with or without spin components, or the free energy.
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
    data = dataset_of(data)
    if "branch_point" not in data.dims:
        raise PlotError("the data is no traced branch")
    variable = variable_of(data, quantity)
    if "position" not in variable.dims and quantity != FREE_ENERGY:
        raise PlotError(f"'{quantity}' is no quantity along position")
    shown = components_of(variable, component)
    at = at_place(variable, position)
    own = ax is None
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
            ax.margins(x=ROOM)
            _keep_rounding_small(ax, data, at)
        if len(shown) > 1:
            ax.legend(ncols=len(shown))
        if own:
            explain(ax.figure, data, position)  # type: ignore[arg-type]
    return ax


def explain(figure: Figure, data: xr.Dataset, position: float | None = None, tints: Sequence[str] = ()) -> None:
    """Write below a figure of a trace what its lines, dots and tints mean, and where the values are taken.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        With constrained layout; it grows by what is written.
    data : xarray.Dataset
        Of the trace.
    position : float, optional
        As in :func:`branch`.
    tints : sequence of str
        Colours, of those in `MEANINGS`, that were added to the figure.
    """
    entries = _sweep_entries(data) if "direction" in data.dims else _branch_entries(data, tints)
    place = f"x = {position:.4g}\\,\\xi" if position is not None else ""
    where = f"Values at ${place}$" if place else "Values in the middle of the device"
    layers = layers_of(data)
    if len(layers) > 1:
        at = 0.5 * layers[-1].stop if position is None else position
        where += f" (in {plain(layer_at(layers, at).name)})"
    if not data.attrs.get("converged", 1):
        where = f"Not converged: residual {data.attrs.get('residual', np.nan):.0e}\n{where}"
    columns = 2 if figure.get_figwidth() < _WIDE else max(1, len(entries))
    figure.set_figheight(figure.get_figheight() + _LINE * (1 + math.ceil(len(entries) / columns)))
    with styled():
        figure.legend(handles=entries, title=where, ncols=columns, loc="outside lower center", title_fontsize="small")


def _branch_entries(data: xr.Dataset, tints: Sequence[str]) -> list[Artist]:
    """One for each kind of line, dot and tint that a branch has."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[Artist] = []
    if not data["stable"].values.all():
        entries = [
            Line2D([], [], color=BLACK, label="stable"),
            Line2D([], [], color=BLACK, linestyle=UNSTABLE, label="unstable"),
        ]
    for name, (_, _, text) in MARKS.items():
        if name in data and (data[name].values == 1).any():
            entries.append(Line2D([], [], **_marker(name, BLACK), linestyle="", label=text))
    tinted = dict.fromkeys([*(colour for _, _, colour in tinted_ranges(data)), *tints])
    return entries + [Patch(color=colour, linewidth=0, label=MEANINGS[colour]) for colour in tinted]


def _sweep_entries(data: xr.Dataset) -> list[Artist]:
    """One for each kind of line that two sweeps have."""
    from matplotlib.lines import Line2D

    name = plain(parameter_of(data))
    values = data[parameter_of(data)].values
    lines: list[tuple[Any, str]] = [("-", f"{name} from {values[0]:.6g} to {values[-1]:.6g}"), (BACK, "back")]
    if (np.diff(values) == 0).any():
        lines.append((JUMP, "jump"))
    return [Line2D([], [], color=BLACK, linestyle=style, label=text) for style, text in lines]


def at_place(variable: xr.DataArray, position: float | None = None) -> xr.DataArray:
    """A quantity at the node next to a position (ξ), by default next to the middle of the device, if it has places."""
    if "position" not in variable.dims:
        return variable
    nodes = variable["position"].values
    place = 0.5 * float(nodes[-1]) if position is None else position
    return variable.isel(position=int(np.abs(nodes - place).argmin()))


def _keep_rounding_small(ax: Axes, data: xr.Dataset, curve: xr.DataArray) -> None:
    """Axes of a unit for what is zero within its error, such as a charge in the middle of a symmetric device."""
    noise = max(NOTHING, float(data.attrs["estimated_error"])) * per_unit(curve)
    if np.nanmax(np.abs(curve.values), initial=0.0) < noise:
        ax.set_ylim(-1.0, 1.0)


def parameter_of(data: xr.Dataset) -> str:
    """Name of the parameter that was traced."""
    return str(data.attrs["parameter"])


def _draw(ax: Axes, data: xr.Dataset, curve: xr.DataArray, look: dict[str, Any]) -> None:
    parameter = data[parameter_of(data)].values
    if "direction" in data.dims:
        for direction, dashes in (("up", "-"), ("down", BACK)):
            values = curve.sel(direction=direction).values
            # what was interrupted has each sweep at its own values
            shown = np.isfinite(values) | (data.attrs.get("branch_end") != "interrupted")
            at, values = parameter[shown], values[shown]
            jump = np.flatnonzero(np.diff(at) == 0) + 1
            ax.plot(np.insert(at, jump, np.nan), np.insert(values, jump, np.nan), linestyle=dashes, **look)
            look = {key: value for key, value in look.items() if key != "label"}
            for k in jump:
                ax.plot(at[k - 1 : k + 1], values[k - 1 : k + 1], linestyle=JUMP, linewidth=1.0, **look)
        return
    for run, stable in _runs(data["stable"].values):
        ax.plot(parameter[run], curve.values[run], linestyle="-" if stable else UNSTABLE, **look)
        look = {key: value for key, value in look.items() if key != "label"}
    for name in MARKS:
        if name in data:
            marked = data[name].values == 1
            ax.plot(parameter[marked], curve.values[marked], linestyle="", zorder=3, **_marker(name, look["color"]))


def _marker(name: str, color: str) -> dict[str, Any]:
    marker, filled, _ = MARKS[name]
    return marker | {"color": color, "markerfacecolor": color if filled else "white"}


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
        if not data["gap_closing"].values.any():  # no gap that could open, or none that does
            return [], []
        runs = [run for run, stable in _runs(data["stable"].values) if stable]
        return [], [(float(np.min(parameter[run])), float(np.max(parameter[run]))) for run in runs]
    normal = []
    for value in parameter[data["gap_closing"].values == 1]:
        edge = max(parameter.max(), value) if value > parameter[0] else min(parameter.min(), value)
        normal.append((float(min(value, edge)), float(max(value, edge))))
    return gapped, normal


def tinted_ranges(data: xr.Dataset) -> list[tuple[float, float, str]]:
    """Ranges of the parameter with their tint; none if one would cover everything and so tell nothing apart."""
    gapped, normal = stable_intervals(data)
    edges = sorted({edge for interval in (*gapped, *normal) for edge in interval})
    found = []
    for low, high in pairwise(edges):
        middle = 0.5 * (low + high)
        count, bare = (sum(a < middle < b for a, b in part) for part in (gapped, normal))
        if count + bare > 1:
            found.append((low, high, BISTABLE))
        elif bare:
            found.append((low, high, NORMAL))
    parameter = data[parameter_of(data)].values
    whole = sum(high - low for low, high, _ in found) >= np.ptp(parameter)
    return [] if whole and len({colour for _, _, colour in found}) == 1 else found


def _shade(ax: Axes, data: xr.Dataset) -> None:
    """Tint what is bistable; grey where only the normal state is stable."""
    for low, high, colour in tinted_ranges(data):
        ax.axvspan(low, high, color=colour, linewidth=0, zorder=0)
    ax.axhline(0.0, color=BLACK, linewidth=0.5, zorder=1)
