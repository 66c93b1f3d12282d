"""The device as the page draws it: wires of elements, layers to scale, magnets with their directions."""

from __future__ import annotations

import math
from typing import Any

import usadel as us
from usadel.description import Interface, Layer
from usadel.explorer.answers.controls import called

ON_TOP = ".on_top."  # in places of contacts on top of layers


def drawing(device: Any) -> list[dict[str, Any]]:
    """Its wires: names of both nodes and the elements between, each with what the sketch shows of it."""
    places, at = [place for place in device.elements_by_place() if ON_TOP not in place], 0
    wires = []
    for line in device.drawing():
        here = places[at : at + len(line.elements)]
        at += len(here)
        elements = [_element(device, place, element) for place, element in zip(here, line.elements, strict=True)]
        before, behind = line.before.rpartition(": ")[2].strip(" ()"), line.behind.strip(" ()")
        wires.append({"before": before, "behind": behind, "elements": elements})
    return wires


def nodes(device: Any) -> list[dict[str, Any]]:
    """The nodes of a network, as the sketch shows them; none of a stack."""
    places = [place for place in device.elements_by_place() if place.startswith("node.")]
    found = [_element(device, place, device.elements_by_place()[place]) for place in places]
    names = [place.removeprefix("node.") for place in places]
    return [{**node, "path": name, "name": name} for node, name in zip(found, names, strict=True)]


def _element(device: Any, place: str, element: Any) -> dict[str, Any]:
    values = device.in_force_at(place)
    forms = {"layer": Layer, "interface": Interface, "junction": us.Junction}
    form = next((name for name, kind in forms.items() if isinstance(element, kind)), "reservoir")
    found = {
        "path": called(device, place),
        "kind": element.kind,
        "form": form,
        "symbol": element.symbol,
        "name": element.name or "",
        "length": values["length"] if form == "layer" else None,
    }
    if form == "layer":
        found["on_top"] = [_on_top(device, f"{place}{ON_TOP}{k}", one) for k, one in enumerate(element.on_top)]
    vector = values.get("magnetization") or values.get("exchange_field")
    if vector and all(isinstance(part, (int, float)) for part in vector) and math.hypot(*vector) > 0:
        found["magnet"] = [part / math.hypot(*vector) for part in vector]
    return found


def _on_top(device: Any, place: str, contact: Any) -> dict[str, Any]:
    """A contact on top of a layer, with the part of it that it covers."""
    return {**_element(device, place, contact), "range": list(device.in_force_at(place)["range"])}
