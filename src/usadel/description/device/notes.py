"""What a device may have, but most often has by mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from usadel.description.text.paths import Addressable
from usadel.description.values.measures import is_measure

HOT = 2.0  # Tc: nothing is superconducting far above Tc, so that a temperature in kelvin is the likelier meaning
_TEMPERATURES = ("temperature", "spin_temperature")


def notes(device: Addressable) -> list[str]:
    """One line each; none for most devices."""
    found = list(_hot("", device.written(), device.settings_in_force()))
    for place, element in device.elements_by_place().items():
        found += _hot(f"{element.name or place}.", element.written(), device.in_force_at(place))
    return found


def _hot(prefix: str, written: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    for key in _TEMPERATURES:
        if key in written and not is_measure(written[key]) and abs(values[key]) > HOT:
            yield f"{prefix}{key} = {values[key]:.6g} Tc: is that meant? temperatures are in units of Tc, not in kelvin"
