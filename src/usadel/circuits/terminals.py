"""What flows into a device at its terminals, and what these are held at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel.description.device.resolved import Network, Termination
from usadel.results.schema import COMPONENTS, FOUND, VARIABLES

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[Any]

CURRENTS = ("charge_current", "energy_current", "spin_current")
HELD = {
    "voltage": ("Delta_0/|e|", "Voltage", "V"),
    "temperature": ("T_c", "Temperature", "T"),
    "spin_voltage": ("Delta_0", "Spin voltage along its axis", "eV_s"),
    "phase": ("rad", "Phase", r"\varphi"),
}
"""What a terminal is held at -> units, long name, symbol."""


def terminal_dataset(network: Network, data: xr.Dataset) -> xr.Dataset:
    """Currents into the device at every terminal, on the layer's side of its contact, and what it is held at.

    Parameters
    ----------
    data : of a solution, along its positions.
    """
    import xarray as xr

    ends, names = network.terminals(), list(network.terminal_reservoirs)
    variables: dict[str, Any] = {}
    for name in CURRENTS:
        entry = VARIABLES[name]
        dims = ("component", "terminal") if entry.has_components else ("terminal",)
        if f"terminal_{name}" in data:
            values = data[f"terminal_{name}"].values
        else:
            into = [_into(data[name].values, data["layer"].values, ends[one]) for one in names]
            values = np.stack(into, axis=-1) if into else np.zeros((*data[name].shape[:-1], 0))
        variables[name] = (dims, values, entry.attrs)
    for name, values in held(network).items():
        if FOUND.get(name) in data:
            values = np.where(np.isfinite(values), data[FOUND[name]].values, values)
        units, long_name, symbol = HELD[name]
        variables[name] = (("terminal",), values, {"units": units, "long_name": long_name, "symbol": symbol})
    return xr.Dataset(variables, {"terminal": names, "component": list(COMPONENTS)})


def held(network: Network) -> Mapping[str, Array]:
    """What each terminal is held at; NaN where it has none such."""
    found: dict[str, list[float]] = {name: [] for name in HELD}
    for reservoir in network.terminal_reservoirs.values():
        normal = reservoir.pairing is None
        found["voltage"].append(reservoir.voltage if normal else 0.0)
        found["temperature"].append(reservoir.temperature)
        found["spin_voltage"].append(reservoir.spin_voltage if normal else np.nan)
        found["phase"].append(np.nan if reservoir.pairing is None else reservoir.pairing.phase)
    return {name: np.array(values) for name, values in found.items()}


def _into(values: Array, layer: Array, ends: list[Termination]) -> Array:
    """Sum of currents (…, position) into the device at some ends."""
    total = np.zeros(values.shape[:-1])
    for t in ends:
        inside = np.flatnonzero(layer == t.end.layer)
        total = total + (values[..., inside[0]] if t.end.side == "left" else -values[..., inside[-1]])
    return total
