"""What a device looks like, in text: a drawing, and every value in force with its unit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from usadel.description.device.base import System
from usadel.description.device.device import Device, Stack
from usadel.description.device.driven import distribution_text
from usadel.description.device.resolved import Network
from usadel.description.elements.element import Description, Element
from usadel.description.elements.interfaces import Interface
from usadel.description.elements.keys import Key
from usadel.description.elements.materials import Layer
from usadel.description.elements.reservoirs import Reservoir

WIDTH = 100


def sketch(device: System) -> str:
    """Title, settings, a drawing, and one paragraph for each element."""
    lines = [device.title] if device.title else []
    lines += _wrapped("", _settings(device))
    if device.parameters:
        names = [f"{name} = {_with_source(device, name)}" for name in device.parameters]
        lines += _wrapped("parameters: ", names)
    lines += ["", *_drawing(device), ""]
    laws = _laws(device.network())
    for place, element in device.elements_by_place().items():
        lines += _paragraph(device, place, element, laws)
    return "\n".join(lines)


def _settings(device: System) -> list[str]:
    keys = device.settings()
    found = [f"{key} = {_in_unit(device._in_force[key], keys[key])}" for key in _NUMBERS]
    energies = device.energies()
    points = f" ({len(energies.points)} energies)" if energies.points else ""
    found.append(f"energies = {energies.start:g} to {energies.stop:g} Δ0{points}")
    if device.output.quantities is not None:
        found.append(f"quantities = {' '.join(device.output.quantities)}")
    return found


_TOLD_ELSEWHERE = ("name", "relative_to")
_NUMBERS = ("temperature", "inelastic", "tolerance")


def _with_source(device: System, name: str) -> str:
    raw, value = device.parameters[name], device.value(name)
    return f"{value:.6g} ({raw})" if isinstance(raw, str) else f"{value:.6g}"


def _drawing(device: System) -> list[str]:
    if isinstance(device, Stack):
        return ["  " + _chain(device.elements)]
    assert isinstance(device, Device)
    lines = []
    for i, wire in enumerate(device.wires):
        start = f"({wire.start}) " if wire.start else ""
        end = f" ({wire.end})" if wire.end else ""
        lines.append(f"  wire.{i}: {start}{_chain(wire.elements)}{end}")
    return lines


def _chain(elements: Iterable[Element]) -> str:
    """Symbols from left to right; a colon where neighbours touch transparently."""
    parts: list[str] = []
    before: Element | None = None
    for element in elements:
        if before is not None and not isinstance(before, Interface) and not isinstance(element, Interface):
            parts.append(":")
        name = f"{element.symbol}({element.name})" if element.name not in (None, element.symbol) else ""
        parts.append(name or element.symbol)
        before = element
    return " ".join(parts)


def _laws(network: Network) -> dict[str, Any]:
    """Resolved interfaces by the place of the element they come from."""
    laws = [termination.interface for termination in network.terminations]
    laws += [contact.interface for contact in network.contacts]
    laws += [law for junction in network.junctions for _, law in junction.ends]
    return {law._place: law for law in laws if law._place}


def _paragraph(device: System, place: str, element: Element, laws: Mapping[str, Any]) -> list[str]:
    network = device.network()
    resolved = device.resolved(place)
    values = _values(element, resolved)
    if isinstance(resolved, Layer):
        values.append(f"distribution: {distribution_text(resolved)}")
        values.append(f"G_N = σA/L = {_conductance(resolved):.6g} /R_ξ")
    law = laws.get(place)
    if law is not None and law.reference is not None:
        values += _ratios(law, network)
    if isinstance(resolved, Reservoir):
        values = values or ["nothing to set"]
    title = " ".join(part for part in (place, element.kind, f'"{element.name}"' if element.name else "") if part)
    return [title, *_wrapped("    ", values)]


def _values(element: Element, resolved: Description) -> list[str]:
    found = []
    for name, key in element.keys().items():
        if name in _TOLD_ELSEWHERE:
            continue
        raw, value = getattr(element, name), getattr(resolved, name)
        if value is None:
            found.append(f"{name}: {key.absent}")
            continue
        text = f"{name} = {_in_unit(value, key)}"
        expressions = [str(part) for part in _parts(raw) if isinstance(part, str)]
        changed = expressions and raw != value and not isinstance(value, str)
        found.append(f"{text} from {', '.join(expressions)}" if changed else text)
    return found


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _in_unit(value: Any, key: Key) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        text = "(" + ", ".join(_short(part) for part in value) + ")"
    else:
        text = _short(value)
    return f"{text} {key.unit}" if key.unit else text


def _short(value: Any) -> str:
    """Six digits; what rounding left of a zero is shown as zero."""
    if isinstance(value, str):
        return value
    return f"{0.0 if abs(value) < 1e-15 else value:.6g}"


def _conductance(layer: Any) -> float:
    return float(layer.conductivity * layer.area / layer.length)


def _ratios(law: Any, network: Network) -> list[str]:
    reference = network.layers[law.reference]
    found = [f"G_N is that of {network.layer_names[law.reference]}"]
    true = law.normal_conductance(_conductance(reference))
    if true is not None:
        found.append(f"true normal-state conductance = {true:.6g} /R_ξ")
    return found


def _wrapped(first: str, parts: list[str]) -> list[str]:
    """Parts separated by commas, broken only between them."""
    glued = ", ".join(part.replace(" ", "\0") for part in parts)
    rest = " " * len(first)
    lines = textwrap.wrap(
        glued,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [line.replace("\0", " ") for line in lines]
