"""What a device may have, but most often has by mistake."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from usadel.description.elements.element import Element
from usadel.description.elements.materials import Layer
from usadel.description.text.paths import Addressable
from usadel.description.values.measures import is_measure

HOT = 2.0  # Tc: nothing is superconducting far above Tc, so that a temperature in kelvin is the likelier meaning
THICK = 0.5  # ξ√D: 1 % of what two magnets on top of a film do, by a film in two dimensions
_TEMPERATURES = ("temperature", "spin_temperature")


def notes(device: Addressable) -> list[str]:
    """One line each; none for most devices."""
    found = list(_hot("", device.written(), device.settings_in_force()))
    for place, element in device.elements_by_place().items():
        found += _hot(f"{element.name or place}.", element.written(), device.in_force_at(place))
        found += _thick(element.name or place, element, device, place)
    return found


def _thick(name: str, element: Element, device: Addressable, place: str) -> Iterator[str]:
    """A contact on top acts on the whole thickness of a layer."""
    if isinstance(element, Layer) and element.on_top:
        thickness = device.in_force_at(place)["thickness"] / math.sqrt(device.in_force_at(place)["diffusion"])
        if thickness > THICK:
            yield (
                f"{name}: thickness/√diffusion = {thickness:.3g} ξ: contacts on top are taken to act on the whole "
                f"thickness, which is good to about 1 % below {THICK:g}"
            )


def _hot(prefix: str, written: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    for key in _TEMPERATURES:
        if key in written and not is_measure(written[key]) and abs(values[key]) > HOT:
            yield f"{prefix}{key} = {values[key]:.6g} Tc: is that meant? temperatures are in units of Tc, not in kelvin"
