"""Sweeps: lines over one axis, maps over two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.profiles import components_of, variable_of
from usadel.plots.style import BLACK, COMPONENTS, DENSITY_MAP, ROOM, SCALAR, SIGNED_MAP, drawing, label, plain
from usadel.results.summary import layer_names

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_DASHES = {"up": "-", "down": (0, (5, 1.5))}
_HATCH = "////"
_ONE_SIGN = 1e-3  # of the largest value; of the other sign below that are roundings


def sweep(data: Given, quantity: str = "gap", component: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw a quantity over the axes of a sweep: over one as lines with dots, over two as a map.

    It is taken in the middle of the layer where it is largest; above the axes stands which one. Where rows were
    followed both ways, the way down is dashed; of a map the way up is shown, hatched where both differ by more than
    their errors. Points that failed stay empty.

    Parameters
    ----------
    data : xarray.Dataset or Sweep
        Of a sweep over one or two axes that have more than one value; of more, `data.isel` or `data.sel` some.
    quantity : str
        A variable along `fraction`, or the torque.
    component : str, optional
        Spin component; by default all on a line, and the largest on a map.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data is no sweep, has no such quantity, or too many axes.
    """
    data = dataset_of(data)
    if not is_sweep(data):
        raise PlotError("the data is no sweep")
    variable = variable_of(data, quantity)
    if not {"fraction", "interface"} & set(variable.dims):
        raise PlotError(f"'{quantity}' is no quantity along the device")
    values, where = _at_place(data, variable.squeeze(axes_of(data, 1)))
    axes = [name for name in axes_of(data) if name in values.dims]
    if set(values.dims) - {*axes, "component", "direction"}:
        raise PlotError(f"'{quantity}' is resolved in energy; of a sweep, choose one point first, as by data.isel")
    if len(axes) not in (1, 2):
        text = f"{len(axes)} axes ({', '.join(axes)})" if axes else "a single point"
        raise PlotError(f"sweeps are drawn over one or two axes, and the data has {text}; choose with data.isel")
    shown = components_of(variable, component)
    with drawing(ax) as made:
        made.set_title(plain(where), fontsize="small")
        if len(axes) == 1:
            _lines(made, data[axes[0]], values, shown)
        else:
            _map(made, data, values, shown, axes)
    return made


def is_sweep(data: xr.Dataset) -> bool:
    """Whether a dataset is that of a sweep, or a part of one."""
    return "fraction" in data.dims and "status" in data


def axes_of(data: xr.Dataset, size: int | None = None) -> list[str]:
    """Axes of a sweep in the order of the file, but for directions; only those of a size if it is given."""
    return [str(d) for d in data["status"].dims if d != "direction" and size in (None, data.sizes[d])]


def _at_place(data: xr.Dataset, variable: xr.DataArray) -> tuple[xr.DataArray, str]:
    """A quantity where it is shown, and in words where that is."""
    if "interface" in variable.dims:
        where = _largest(variable, "interface", range(variable.sizes["interface"]))
        return variable.isel(interface=where), f"at interface {where}"
    layer, fraction = data["layer"].values, data["fraction"].values
    middles = [int(np.flatnonzero(layer == k)[np.abs(fraction[layer == k] - 0.5).argmin()]) for k in np.unique(layer)]
    place = _largest(variable, "fraction", middles)
    return variable.isel(fraction=place), f"in the middle of {layer_names(data)[int(layer[place])]}"


def _largest(variable: xr.DataArray, dim: str, places: Any) -> int:
    """That of some places along a dimension at which a quantity is largest."""
    sizes = [float(np.nanmax(np.abs(variable.isel({dim: k}).values), initial=0.0)) for k in places]
    return int(list(places)[int(np.argmax(sizes))])


def _lines(axes: Axes, along: xr.DataArray, values: xr.DataArray, shown: list[str]) -> None:
    directions = [str(name) for name in values["direction"].values] if "direction" in values.dims else [None]
    names: list[str | None] = [*shown] or [None]
    for name in names:
        curve = values.sel(component=name) if name else values
        color = COMPONENTS[name][0] if name else SCALAR
        for direction in directions:
            drawn = curve.sel(direction=direction) if direction else curve
            words = [f"${name}$"] if name and len(shown) > 1 else []
            words += [direction] if direction and len(directions) > 1 else []
            look: dict[str, Any] = {"linestyle": _DASHES.get(direction or "up", "-"), "color": color}
            axes.plot(along.values, drawn.values, marker="o", markersize=2.5, label=" ".join(words) or None, **look)
    axes.margins(x=ROOM)
    axes.set_xlabel(label(along))
    axes.set_ylabel(label(values, shown[0] if len(shown) == 1 else None, "\n"))
    if len(names) > 1 or len(directions) > 1:
        axes.legend(ncols=len(names))


def _map(axes: Axes, data: xr.Dataset, values: xr.DataArray, shown: list[str], names: list[str]) -> None:
    if "component" in values.dims:
        sizes = [float(np.nanmax(np.abs(values.sel(component=name).values), initial=0.0)) for name in shown]
        shown = [shown[int(np.argmax(sizes))]]
        values = values.sel(component=shown[0])
    values = values.transpose(*names, ...)
    vertical, horizontal = data[names[0]], data[names[1]]
    both = values if "direction" in values.dims else values.expand_dims("direction", -1)
    drawn = both.isel(direction=0).values
    low, high = float(np.nanmin(drawn, initial=0.0)), float(np.nanmax(drawn, initial=0.0))
    look: dict[str, Any] = {"cmap": DENSITY_MAP}
    if min(-low, high) > _ONE_SIGN * max(-low, high):
        most = max(-low, high)
        look = {"cmap": SIGNED_MAP, "vmin": -most, "vmax": most}
    mesh = axes.pcolormesh(horizontal.values, vertical.values, drawn, shading="nearest", **look)
    axes.figure.colorbar(mesh, ax=axes, label=label(values, shown[0] if shown else None, "\n"))
    if both.sizes["direction"] == 2:
        _hatch(axes, data, both, horizontal, vertical)
    axes.set(xlabel=label(horizontal), ylabel=label(vertical))


def _hatch(axes: Axes, data: xr.Dataset, both: xr.DataArray, horizontal: xr.DataArray, vertical: xr.DataArray) -> None:
    """Hatch where the ways up and down differ by more than their errors."""
    allowed = data["estimated_error"].squeeze(axes_of(data, 1)).sum("direction").transpose(*both.dims[:2]).values
    apart = np.abs(both.isel(direction=0).values - both.isel(direction=1).values) > allowed
    if apart.any() and min(apart.shape) > 1:
        edges = (horizontal.values, vertical.values, apart.astype(float))
        axes.contourf(*edges, levels=[0.5, 1.5], colors="none", hatches=[_HATCH])
        axes.contour(*edges, levels=[0.5], colors=BLACK, linewidths=0.7)
