"""Distribution functions that are imposed on a layer or reservoir."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from usadel.description.values.profiles import Vector3


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """Electrons with spin s = ±1 along `spin_axis` have the distribution tanh[(E + V + s Vs) / 2(T + s Ts)].

    Attributes
    ----------
    temperature, spin_temperature : T and Ts (Tc).
    voltage, spin_voltage : V (Δ0/|e|) and eVs (Δ0).
    transverse : whether the voltages are those of two sides, ±V and ±Vs, so that only h0…h3 remain.
    """

    temperature: float
    voltage: float = 0.0
    spin_voltage: float = 0.0
    spin_temperature: float = 0.0
    spin_axis: Vector3 = (0.0, 0.0, 1.0)
    transverse: bool = False


NO_DISTRIBUTION = Distribution(temperature=0.0)
"""In place of those that a comparison leaves out."""


def spin_temperature_out_of_range(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the spin temperature among the values in force of a layer or reservoir."""
    temperature, difference = values["temperature"], values["spin_temperature"]
    if abs(difference) >= temperature:
        yield (
            "spin_temperature",
            (
                f"must be smaller in magnitude than the temperature {temperature:g} Tc, not {difference:g}: "
                "both spins need a temperature T ± spin_temperature > 0"
            ),
        )
