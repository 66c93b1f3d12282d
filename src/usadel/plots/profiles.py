"""Quantities along the device, and torques at its interfaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.layers import Layer, layers_of, mark_layers
from usadel.plots.style import COMPONENTS, SCALAR, drawing, label, per_unit, small_multiplier
from usadel.results.schema import nearest

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

NOTHING = 1e-9  # below this, in units of the program, a curve is a zero with rounding errors
_FLAT = 0.02  # a curve that varies by less than this fraction is shown with zero in view


def variable_of(data: xr.Dataset, quantity: str) -> xr.DataArray:
    """Return a variable of a dataset.

    Raises
    ------
    PlotError
        If there is none of that name; the message lists those there are.
    """
    if quantity not in data.data_vars:
        known = [str(name) for name in data.data_vars]
        hint = nearest(quantity, known)
        raise PlotError(f"no quantity '{quantity}'{hint or ';'} the data holds: {', '.join(known)}")
    return data[quantity]


def components_of(variable: xr.DataArray, component: str | Sequence[str] | None) -> list[str]:
    """Return the spin components to draw: all, or those asked for; none for a scalar.

    Raises
    ------
    PlotError
        If a component is asked of a scalar, or it is not x, y or z.
    """
    known = [str(name) for name in variable["component"].values] if "component" in variable.dims else []
    if component is None:
        return known
    if not known:
        raise PlotError(f"'{variable.name}' has no spin components")
    asked = list(component)
    if not asked or not set(asked) <= set(known):
        raise PlotError(f"'{variable.name}' has the components {', '.join(known)}, not '{component}'")
    return asked


def profile(
    data: Given,
    quantity: str,
    ax: Axes | None = None,
    component: str | Sequence[str] | None = None,
) -> Axes:
    """Draw a quantity along the device.

    Axes that already hold something keep their labels and limits.

    Parameters
    ----------
    data : xarray.Dataset or Solution
        A single solution.
    quantity : str
        A variable that depends on position, with or without spin components.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.
    component : str or sequence of str, optional
        Spin components to draw, e.g. "z" or "xz"; by default all.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data has no such quantity along position.
    """
    data = dataset_of(data, [quantity])
    variable = variable_of(data, quantity)
    if set(variable.dims) - {"component"} != {"position"}:
        dims = ", ".join(map(str, variable.dims))
        raise PlotError(f"'{quantity}' is not a profile along position: it depends on {dims}")
    shown = components_of(variable, component)
    layers = layers_of(data)
    if quantity == "gap_phase" and "gap" in data:
        variable = variable.where(data["gap"] != 0)  # a phase of nothing has no value
    with drawing(ax) as ax:
        fresh = not ax.has_data()
        _draw_curves(ax, variable, shown, layers)
        if fresh:
            mark_layers(ax, layers)
            _set_limits(ax, variable.sel(component=shown) if shown else variable)
            ax.set_xlim(layers[0].start, layers[-1].stop)
            ax.set_xlabel(label(data["position"]))
            ax.set_ylabel(label(variable, shown[0] if len(shown) == 1 else None, "\n"))
            small_multiplier(ax)
    return ax


def torque(data: Given, ax: Axes | None = None, component: str | Sequence[str] | None = None) -> Axes:
    """Draw the torque on each interface magnet as bars.

    Parameters
    ----------
    data : xarray.Dataset or Solution
        A single solution with `torque`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.
    component : str or sequence of str, optional
        Spin components to draw; by default all.

    Returns
    -------
    matplotlib.axes.Axes
    """
    data = dataset_of(data)
    variable = variable_of(data, "torque")
    shown = components_of(variable, component)
    places = np.arange(variable.sizes["interface"])
    width = 0.7 / len(shown)
    with drawing(ax) as ax:
        for index, name in enumerate(shown):
            offset = (index - 0.5 * (len(shown) - 1)) * width
            heights = variable.sel(component=name).values
            ax.bar(places + offset, heights, 0.9 * width, color=COMPONENTS[name][0], label=f"${name}$")
        ax.axhline(0.0, color="#303030", linewidth=0.7)
        ax.set_xticks(places, [str(place) for place in data["interface"].values])
        ax.set_xlim(-0.6, places[-1] + 0.6)
        _set_limits(ax, variable.sel(component=shown), zero=True)
        ax.set_xlabel("Interface, counted from 0")
        ax.set_ylabel(label(variable, shown[0] if len(shown) == 1 else None, "\n"))
        small_multiplier(ax)
        _legend(ax, len(shown), handlelength=0.8)
    return ax


def _draw_curves(ax: Axes, variable: xr.DataArray, shown: list[str], layers: list[Layer]) -> None:
    """Draw the components asked for, or the scalar."""
    position = variable["position"].values
    for name in shown:
        color, dashes = COMPONENTS[name]
        look = {"color": color, "linestyle": dashes, "label": f"${name}$"}
        _draw(ax, position, variable.sel(component=name).values, layers, look)
    if not shown:
        _draw(ax, position, variable.values, layers, {"color": SCALAR})
    _legend(ax, len(shown))


def _draw(ax: Axes, position: np.ndarray, curve: np.ndarray, layers: list[Layer], look: dict[str, Any]) -> None:
    """Draw one line that is interrupted at every interface, so that a jump is a jump and not a slope."""
    breaks = [layer.nodes.start for layer in layers[1:]]
    ax.plot(np.insert(position, breaks, np.nan), np.insert(curve, breaks, np.nan), **look)


def _legend(ax: Axes, entries: int, **options: Any) -> None:
    if entries > 1:
        ax.legend(ncols=entries, **options)


def _set_limits(ax: Axes, variable: xr.DataArray, *, zero: bool = False) -> None:
    """Choose limits that do not blow up rounding errors of a constant, or of zero, into a curve."""
    finite = variable.values[np.isfinite(variable.values)]
    if not finite.size:
        ax.text(0.5, 0.5, "no finite values", transform=ax.transAxes, ha="center", va="center")
        return
    low, high = float(finite.min()), float(finite.max())
    size = max(abs(low), abs(high))
    if size < NOTHING * per_unit(variable):
        ax.set_ylim(-1.0, 1.0)
        return
    if zero or high - low < _FLAT * size:
        low, high = min(low, 0.0), max(high, 0.0)
    margin = 0.08 * (high - low)
    room = 2.0 * margin if "component" in variable.dims and variable.sizes["component"] > 1 else margin
    ax.set_ylim(low - margin, high + room)
