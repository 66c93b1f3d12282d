"""Energy-resolved quantities: maps over position and energy, and cuts through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.layers import Layer, layer_at, layers_of, mark_layers
from usadel.plots.profiles import components_of, variable_of
from usadel.plots.style import CYCLE, DENSITY_MAP, SIGNED_MAP, drawing, label, plain
from usadel.results.schema import units_latex

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

TUNNEL = "tunnel_conductance"
_BRIGHTEST = 3.0  # in N0, where the map ends: the peaks of sharp gap edges would leave the rest dark
_MOST_CUTS = len(CYCLE)


def dos_map(data: Given, ax: Axes | None = None, component: str | None = None, quantity: str | None = None) -> Axes:
    """Draw the density of states over position and energy.

    Parameters
    ----------
    data : xarray.Dataset or Solution
        A single solution with `dos`, or with `dos_spin` for a component; a result has them computed.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.
    component : str, optional
        Draw the spin density of states along x, y or z instead.
    quantity : str, optional
        Another variable over position and energy; of a vector the largest component if none is asked for.

    Returns
    -------
    matplotlib.axes.Axes
    """
    quantity = quantity or ("dos_spin" if component else "dos")
    data = dataset_of(data, [quantity])
    variable, component = _resolved(data, quantity, component)
    look, extend = _colours(variable.values)
    return energy_map(data, variable, label(variable, component, "\n"), look, extend, ax)


def energy_map(
    data: xr.Dataset, variable: xr.DataArray, name: str, look: dict[str, Any], extend: str, ax: Axes | None
) -> Axes:
    """Draw values (position, energy) as a map with a colour bar."""
    layers = layers_of(data)
    energy, position, values = data["energy"].values, data["position"].values, variable.values
    with drawing(ax) as ax:
        for layer in layers:
            where = layer.nodes
            mesh = ax.pcolormesh(position[where], energy, values[where].T, shading="gouraud", rasterized=True, **look)
        bar = ax.figure.colorbar(mesh, ax=ax, extend=extend, pad=0.02, aspect=28)
        bar.outline.set_visible(False)
        bar.set_label(name)
        mark_layers(ax, layers, over_map=True)
        ax.grid(False)
        ax.set_xlim(position[0], position[-1])
        ax.set_ylim(energy[0], energy[-1])
        ax.set_xlabel(label(data["position"]))
        ax.set_ylabel(label(data["energy"]))
    return ax


def spectrum(
    data: Given,
    quantity: str = "dos",
    positions: Sequence[float] | None = None,
    ax: Axes | None = None,
    component: str | None = None,
) -> Axes:
    """Draw an energy-resolved quantity against energy at some positions.

    Parameters
    ----------
    data : xarray.Dataset or Solution
        A single solution; a result has the density of states and distributions computed.
    quantity : str
        A variable over position and energy, with or without spin components.
    positions : sequence of float, optional
        Positions (ξ), interpolated between nodes; by default the centres of the layers, at most five; of a single
        layer its ends, too.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.
    component : str, optional
        Spin component; by default the largest.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data has no such quantity, or a position lies outside the device.
    """
    data = dataset_of(data, [quantity])
    variable, component = _resolved(data, quantity, component)
    return energy_cuts(data, variable, label(variable, component, "\n"), positions, ax)


def energy_cuts(
    data: xr.Dataset, variable: xr.DataArray, name: str, positions: Sequence[float] | None, ax: Axes | None
) -> Axes:
    """Draw values (position, energy) against energy at some positions."""
    layers = layers_of(data)
    if positions is None:
        positions = _telling(layers)
    energy, unit = data["energy"].values, units_latex(data["position"].attrs.get("units", "xi"))
    curves = [_at(data["position"].values, variable.values, float(place)) for place in positions]
    with drawing(ax) as ax:
        for index, (place, curve) in enumerate(zip(positions, curves, strict=True)):
            color, dashes = CYCLE[index % len(CYCLE)]
            where = f" ({plain(layer_at(layers, place).name)})" if len(layers) > 1 else ""
            ax.plot(energy, curve, color=color, linestyle=dashes, label=f"$x = {place:.4g}\\,{unit}${where}")
        ax.set_xlim(energy[0], energy[-1])
        if variable.min() >= 0 and curves:
            ax.set_ylim(
                0, (1.05 + 0.09 * len(curves)) * max(1e-3, *(np.nanmax(curve, initial=0.0) for curve in curves))
            )
        ax.set_xlabel(label(data["energy"]))
        ax.set_ylabel(name)
        if variable.min() >= 0:
            ax.legend(loc="upper right")
        else:
            ax.legend()
    return ax


def tunnel_conductance(data: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Draw dI/dV of a tunnel contact against its voltage: a curve for each position, or a map of many.

    Parameters
    ----------
    data : xarray.Dataset
        What `Solution.tunnel_conductance` returns.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    variable = variable_of(data, TUNNEL)
    places, volts = data["position"].values, data["voltage"].values
    with drawing(ax) as ax:
        if places.size > _MOST_CUTS and np.all(np.diff(places) > 0):
            look, extend = _colours(variable.values)
            mesh = ax.pcolormesh(places, volts, variable.values.T, shading="gouraud", rasterized=True, **look)
            ax.figure.colorbar(mesh, ax=ax, extend=extend, pad=0.02, aspect=28).set_label(label(variable))
            ax.grid(False)
            ax.set_xlabel(label(data["position"]))
            ax.set_ylabel(label(data["voltage"]))
            return ax
        unit = units_latex(data["position"].attrs.get("units", "xi"))
        for index, (place, curve) in enumerate(zip(places, variable.values, strict=True)):
            color, dashes = CYCLE[index % len(CYCLE)]
            ax.plot(volts, curve, color=color, linestyle=dashes, label=f"$x = {place:.4g}\\,{unit}$")
        ax.set_xlim(volts[0], volts[-1])
        ax.set_xlabel(label(data["voltage"]))
        ax.set_ylabel(label(variable, separator="\n"))
        ax.legend()
    return ax


def _telling(layers: Sequence[Layer]) -> list[float]:
    """Centres of the layers, at most five; of a single layer its ends, too."""
    if len(layers) == 1:
        return [layers[0].start, layers[0].centre, layers[0].stop]
    centres = [layer.centre for layer in layers]
    return centres[:: -(-len(centres) // _MOST_CUTS)]


def dos_cuts(
    data: Given,
    positions: Sequence[float] | None = None,
    ax: Axes | None = None,
    component: str | None = None,
) -> Axes:
    """Draw the density of states against energy at some positions.

    Parameters
    ----------
    data : xarray.Dataset or Solution
        A single solution with `dos`, or with `dos_spin` for a component; a result has them computed.
    positions : sequence of float, optional
        Positions (ξ); by default the centres of the layers, of a single layer its ends, too.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.
    component : str, optional
        Draw the spin density of states along x, y or z instead.

    Returns
    -------
    matplotlib.axes.Axes
    """
    return spectrum(data, "dos_spin" if component else "dos", positions, ax, component)


def _resolved(data: xr.Dataset, quantity: str, component: str | None) -> tuple[xr.DataArray, str | None]:
    """Return a variable over (position, energy) and the spin component it is."""
    variable = variable_of(data, quantity)
    if set(variable.dims) - {"component"} != {"position", "energy"}:
        dims = ", ".join(map(str, variable.dims))
        raise PlotError(f"'{quantity}' is not resolved in energy: it depends on {dims}")
    if "component" not in variable.dims:
        components_of(variable, component)  # refuses a component of a scalar
        return variable.transpose("position", "energy"), None
    if component is None:
        sizes = np.nanmax(np.abs(variable.transpose("component", ...).values), axis=(1, 2), initial=0.0)
        component = str(variable["component"].values[int(np.argmax(sizes))])
    components_of(variable, [component])
    return variable.sel(component=component).transpose("position", "energy"), component


def _colours(values: np.ndarray) -> tuple[dict[str, Any], str]:
    """Return the colour map with its limits, and which ends of the colour bar are open."""
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    if np.nanmin(values, initial=0.0) < -1e-6 * max(1.0, largest):
        top = min(largest, _BRIGHTEST)
        look = {"vmin": -top, "vmax": top, "cmap": SIGNED_MAP}
        return look, "both" if largest > top else "neither"
    top = min(max(largest, 1.5), _BRIGHTEST)
    return {"vmin": 0.0, "vmax": top, "cmap": DENSITY_MAP}, "max" if largest > top else "neither"


def _at(position: np.ndarray, values: np.ndarray, place: float) -> np.ndarray:
    """Return the spectrum at a position, linear between nodes."""
    if not position[0] <= place <= position[-1]:
        raise PlotError(f"position {place:g} lies outside the device, [{position[0]:g}, {position[-1]:g}]")
    right = int(np.clip(np.searchsorted(position, place), 1, position.size - 1))
    weight = (place - position[right - 1]) / (position[right] - position[right - 1])
    return (1.0 - weight) * values[right - 1] + weight * values[right]
