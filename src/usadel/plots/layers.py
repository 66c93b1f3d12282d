"""Where layers begin and end along the position axis, and how a figure shows it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from usadel.errors import PlotError
from usadel.plots.style import FAINT, plain
from usadel.results.summary import layer_names

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_NARROW = 0.05  # of the device: a layer thinner than this gets no name


@dataclass(frozen=True)
class Layer:
    """One layer: its name, the slice of its nodes, its ends."""

    name: str
    nodes: slice
    start: float
    stop: float

    @property
    def centre(self) -> float:
        """Position halfway between its ends."""
        return 0.5 * (self.start + self.stop)


def layers_of(data: xr.Dataset) -> list[Layer]:
    """Return the layers of a result from left to right.

    Raises
    ------
    PlotError
        If the dataset has no positions, so is not a single solution of a device.
    """
    if "position" not in data.coords or "layer" not in data.coords or data["position"].ndim != 1:
        raise PlotError("the data has no 'position' with 'layer' along it: not a single solution of a device")
    position, number = data["position"].values, data["layer"].values
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1), number.size]
    names = layer_names(data)
    found = []
    for first, last in pairwise(edges):
        start, stop = float(position[first]), float(position[last - 1])
        found.append(Layer(names[int(number[first])], slice(first, last), start, stop))
    return found


def layer_at(layers: list[Layer], position: float) -> Layer:
    """Return the layer that holds a position; at an interface the one on its left."""
    return next((layer for layer in layers if position <= layer.stop), layers[-1])


def mark_layers(ax: Axes, layers: list[Layer], *, over_map: bool = False) -> None:
    """Draw a thin line at every interface and write the name of every layer that has room above the axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes with the position along x.
    layers : list of Layer
        From :func:`layers_of`.
    over_map : bool
        Draw the lines on top, in white, for a colour map.
    """
    if len(layers) < 2:
        return
    length = layers[-1].stop - layers[0].start
    color, order = ("white", 3.0) if over_map else (FAINT, 0.5)
    for layer in layers[1:]:
        ax.axvline(layer.start, color=color, linewidth=0.7, zorder=order)
    for layer in layers:
        if layer.stop - layer.start > _NARROW * length:
            ax.text(
                layer.centre,
                1.01,
                plain(layer.name),
                transform=ax.get_xaxis_transform(),
                ha="center",
                va="bottom",
                color="#6a6a6a",
                fontsize="small",
            )
