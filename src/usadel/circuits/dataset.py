"""The dataset of the linear response of a device: terminals driven, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel.errors import ResultError
from usadel.results import schema

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[Any]

CURRENTS = ("charge", "energy", "spin_x", "spin_y", "spin_z")
DRIVES = ("voltage", "temperature", "spin_voltage_x", "spin_voltage_y", "spin_voltage_z", "phase")
LABELS = {
    "response": (("terminal", "current", "driven", "drive"), "Derivative of the current into the device", "L"),
    "torque_response": (("interface", "component", "driven", "drive"), "Derivative of the torque", r"\partial\tau"),
    "response_error": (("driven", "drive"), "Estimated error of the derivatives by a drive", r"\delta L"),
}
"""Variable -> dimensions, long name, symbol."""
DRIVEN = ("voltage", "temperature", "spin_voltage", "spin_voltage", "spin_voltage", "phase")
"""What a terminal is held at that each of `DRIVES` changes."""
ANSWERING = ("charge_current", "energy_current", "spin_current", "spin_current", "spin_current")
"""Variable whose unit each of `CURRENTS` has."""


def response_dataset(
    held: xr.Dataset, values: Mapping[str, Array], missing: Sequence[str], attributes: Mapping[str, Any]
) -> xr.Dataset:
    """Return the labelled dataset of a response.

    Parameters
    ----------
    held : of the terminals, with their currents.
    values : by the names in `LABELS`.
    missing : why entries are NaN, for a terminal and drive each.
    attributes : of the solve that the derivatives were taken about.
    """
    variables: dict[str, Any] = {}
    for name, (dims, long_name, symbol) in LABELS.items():
        if name in values:
            about = {"units": "units of what answers over those of the drive", "long_name": long_name, "symbol": symbol}
            variables[name] = (dims, values[name], about)
    names = list(held["terminal"].values)
    coords: dict[str, Any] = {"driven": names, "drive": list(DRIVES), "current": list(CURRENTS)}
    if "torque_response" in values:
        coords["interface"] = np.arange(values["torque_response"].shape[0])
    own = {"procedure": schema.RESPONSE, "format_version": schema.FORMAT_VERSION, "missing": "\n".join(missing)}
    return held.assign(variables).assign_coords(coords).assign_attrs(own | dict(attributes))


def entries_in_si(data: xr.Dataset, worth: Callable[[str], float]) -> dict[str, Array]:
    """Variable -> what one unit of each of its entries is in SI; worth: of units as files have them."""
    currents = np.array([worth(schema.VARIABLES[name].units) for name in ANSWERING])
    drives = np.array([worth(data[name].attrs["units"]) for name in DRIVEN])
    found = {"response": currents[:, None, None] / drives}
    if "torque_response" in data:
        found["torque_response"] = worth(schema.VARIABLES["torque"].units) / drives
    return found


def check_response(data: xr.Dataset) -> None:
    """Refuse what no response is; raises ResultError."""
    for name, (dims, _, _) in LABELS.items():
        if name not in data.variables and name != "torque_response":
            raise ResultError(f"'{name}' is missing")
        if name in data.variables and (data[name].dims != dims or data[name].dtype.kind != "f"):
            raise ResultError(f"'{name}' has dimensions ({', '.join(map(str, data[name].dims))}) or is no number")
    for name, labels in (("current", CURRENTS), ("drive", DRIVES)):
        if tuple(data[name].values) != labels:
            raise ResultError(f"coordinate '{name}' is not {', '.join(labels)}")
    if "terminal" not in data.coords or list(data["terminal"].values) != list(data["driven"].values):
        raise ResultError("the terminals that are driven are not those that answer")
