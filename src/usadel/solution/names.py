"""Names of layers and wires as coordinates along position."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from usadel.description import Device
from usadel.description.elements.materials import Layer
from usadel.errors import ResultError
from usadel.results.dataset import labels_for
from usadel.results.schema import COORDINATES

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Stack

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


def coordinates(device: Stack | Device, position: Array, layer: Indices) -> dict[str, NDArray]:
    """Everything that labels places of a device: their layers and, in a network, their wires.

    Parameters
    ----------
    position : (places), ξ, along all layers.
    layer : (places), index of the layer.
    """
    network = device.network()
    found: dict[str, NDArray] = {"position": position, "layer": layer}
    found["layer_name"] = np.array(network.layer_names)[layer]
    found["layer_kind"] = np.array(layer_kinds(device))[layer]
    if isinstance(device, Device):
        wires = _wires(device)
        found["wire"] = wires[layer]
        found["wire_name"] = np.array([f"wire {k}" for k in range(len(device.wires))])[found["wire"]]
        edges = np.concatenate([[0.0], np.cumsum([one.length for one in network.layers])])
        found["wire_position"] = position - edges[np.searchsorted(wires, found["wire"])]
    return found


def layer_kinds(device: Stack | Device) -> list[str]:
    """Kinds of all layers, in the order of the solved ones."""
    kinds = [element.kind for element in device.elements_by_place().values() if isinstance(element, Layer)]
    return [kinds[k] for k in device.network().written]


def _wires(device: Device) -> Indices:
    """(layers): index of the wire of each layer."""
    layers = [sum(isinstance(element, Layer) for element in wire.elements) for wire in device.wires]
    return np.repeat(np.arange(len(layers)), layers)[list(device.network().written)]


def named(data: xr.Dataset, device: Stack | Device) -> xr.Dataset:
    """A dataset that was read, with the names that files of 0.1.0 lack; its layers have to be those of the device."""
    if "layer" in data.coords and np.max(data["layer"].values) >= len(device.network().layers):
        raise ResultError(f"layer {np.max(data['layer'].values)} is none of the device")
    if "layer" not in data.coords or "layer_name" in data.coords:
        return data
    found = coordinates(device, data["position"].values, data["layer"].values)
    missing = {name: value for name, value in found.items() if name not in data.coords}
    return data.assign_coords(labels_for(missing, COORDINATES))
