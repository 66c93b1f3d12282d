"""What a device predicts for data: one class for each way to find it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from usadel.errors import InputError, unknown
from usadel.quantities.units import units_text
from usadel.results import schema
from usadel.results.critical import PREFIX
from usadel.solution.solve import solve_near
from usadel.solution.spectra import CONDUCTANCE, VOLTAGE
from usadel.transitions.critical import critical

if TYPE_CHECKING:
    from usadel.description import Device, Stack
    from usadel.solution.result import LiveSolution

Array = NDArray[Any]

COMPONENTS = schema.COMPONENTS


@dataclass(frozen=True)
class Answer:
    """What a device predicts.

    Attributes
    ----------
    values : (places).
    error : largest estimated error of these.
    states : solutions that a neighbouring device may start from; empty where there are none.
    """

    values: Array
    error: float
    states: Sequence[LiveSolution] = ()


class Model(Protocol):
    """A way to predict data."""

    @property
    def unit(self) -> str:
        """Unit of the values, as in the reference of keys."""
        ...

    def answer(self, device: Stack | Device, places: Array, near: Answer | None) -> Answer:
        """Predictions at some values of the coordinate.

        near : those of a neighbouring device, to start from. Without it nothing but the device decides.
        """
        ...


@dataclass(frozen=True)
class Observed:
    """A variable of results over a number of the device: at a position, or its mean along the device."""

    variable: str
    component: str
    position: float | None
    over: str
    unit: str

    def answer(self, device: Stack | Device, places: Array, near: Answer | None) -> Answer:
        """Predictions at values of `over`."""
        starts = near.states if near else [None] * len(places)
        found = [
            solve_near(device.replace({self.over: float(place)}), start)
            for place, start in zip(places, starts, strict=True)
        ]
        values = np.array([self._value(result) for result in found])
        return Answer(values, max(result.error for result in found), found)

    def _value(self, result: LiveSolution) -> float:
        data = result.profiles() if self.position is None else result.at(self.position)
        values = data[self.variable]
        if self.component:
            values = values.sel(component=self.component)
        if self.position is not None:
            return float(values.values[0])
        along = data["position"].values
        return float(np.trapezoid(values.values, along) / (along[-1] - along[0]))


@dataclass(frozen=True)
class Transitions:
    """A critical value over another number of the device."""

    find: str
    over: str
    unit: str

    def answer(self, device: Stack | Device, places: Array, near: Answer | None) -> Answer:
        """Predictions at values of `over`; a point without a transition is an `InputError`."""
        found = [critical(device.replace({self.over: float(place)}), self.find) for place in places]
        return Answer(np.array([each.value for each in found]), max(each.error for each in found))


@dataclass(frozen=True)
class Tunnelling:
    """Conductance of a tunnel contact over its voltage."""

    position: float
    unit: str = ""

    def answer(self, device: Stack | Device, places: Array, near: Answer | None) -> Answer:
        """Predictions at voltages (Δ0/|e|)."""
        result = solve_near(device, near.states[0] if near else None)
        data = result.tunnel_conductance(self.position, voltages=places)
        return Answer(data[CONDUCTANCE.name].values[0], float(data.attrs["estimated_error"]), [result])


def model_of(device: Stack | Device, quantity: str, over: str, position: float | None) -> Model:
    """The model of a quantity over a coordinate.

    Raises
    ------
    InputError
        If there is none.
    """
    if quantity == CONDUCTANCE.name:
        if over != VOLTAGE.name:
            raise InputError(f"data: {quantity} is fitted over {VOLTAGE.name}, not over {over or 'nothing'}")
        if position is None:
            raise InputError(f"position: needed for {quantity}, in ξ along the device")
        return Tunnelling(position)
    if quantity.startswith(PREFIX):
        if position is not None:
            raise InputError(f"position: {quantity} has none")
        find = quantity.removeprefix(PREFIX)
        return Transitions(find, over, device.unit(find))
    variable, _, component = quantity.partition(".")
    fitted = [
        name for name, entry in schema.VARIABLES.items() if {"position"} <= set(entry.dims) <= {"component", "position"}
    ]
    if variable not in fitted:
        raise InputError(unknown("quantity", variable, [CONDUCTANCE.name, f"{PREFIX}PATH", *fitted]))
    if (component in COMPONENTS) != ("component" in schema.VARIABLES[variable].dims):
        allowed = ", ".join(f"{variable}.{name}" for name in COMPONENTS) if not component else variable
        raise InputError(f"quantity: {quantity} is no single number at a position; allowed: {allowed}")
    return Observed(variable, component, position, over, units_text(schema.VARIABLES[variable].units))
