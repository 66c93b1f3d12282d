"""What a device looks like, in text: a drawing, and every value in force with its unit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from usadel.description.elements.element import Element
from usadel.description.elements.interfaces import Interface
from usadel.description.elements.materials import Layer
from usadel.description.text.paths import Addressable
from usadel.description.values import handy
from usadel.description.values.keys import Key
from usadel.description.values.metal import UNITS, ReferenceMetal

WIDTH = 100


@dataclass(frozen=True)
class Drawn:
    """One line of a drawing: elements from left to right, and what stands before and behind them."""

    elements: tuple[Element, ...]
    before: str = ""
    behind: str = ""


class Energies(Protocol):
    """A range of energies, or the energies themselves."""

    @property
    def start(self) -> float:
        """Lowest one (Δ0)."""
        ...

    @property
    def stop(self) -> float:
        """Highest one (Δ0)."""
        ...

    @property
    def points(self) -> tuple[float, ...] | None:
        """All of them; None: as many as it takes."""
        ...


class Sketchable(Addressable, Protocol):
    """A device that can be drawn."""

    @property
    def title(self) -> str:
        """One line about it."""
        ...

    def drawing(self) -> Sequence[Drawn]:
        """Its lines of elements."""
        ...

    def remarks(self) -> Mapping[str, Sequence[str]]:
        """Place of an element -> what follows from its values and place, such as a conductance."""
        ...

    def notes(self) -> Sequence[str]:
        """What is most often a mistake, one line each."""
        ...

    def metal(self) -> ReferenceMetal | None:
        """The reference metal in SI; None without a scale."""
        ...

    def energies(self) -> Energies:
        """Energies at which the density of states is wanted."""
        ...

    def quantities(self) -> tuple[str, ...] | None:
        """Result variables that are wanted; None: all."""
        ...


def sketch(device: Sketchable) -> str:
    """Title, settings, a drawing, and one paragraph for each element."""
    lines = [device.title] if device.title else []
    lines += _wrapped("", settings_text(device))
    if device.scale is not None:
        lines += _wrapped("scale: ", scale_text(device))
    if device.parameters:
        lines += _wrapped("parameters: ", parameters_text(device))
    lines += ["", *(f"  {line.before}{_chain(line.elements)}{line.behind}" for line in device.drawing()), ""]
    remarks = device.remarks()
    for place, element in device.elements_by_place().items():
        values = values_text(element, device.in_force_at(place), device.metal()) + list(remarks.get(place, ()))
        title = " ".join(part for part in (place, element.kind, f'"{element.name}"' if element.name else "") if part)
        lines += [title, *_wrapped("    ", values)]
    lines += [f"note: {note}" for note in device.notes()]
    return "\n".join(lines)


def settings_text(device: Sketchable, only: Iterable[str] | None = None) -> list[str]:
    """Settings in force with their units, and what is computed: all, or of the keys in `only`."""
    keys, values = device.settings(), device.settings_in_force()
    metal = device.metal()
    found = [
        f"{key} = {_in_unit(values[key], keys[key])}{_in_si(values[key], keys[key], metal)}"
        for key in _NUMBERS
        if only is None or key in only
    ]
    if only is None or "output" in only:
        energies = device.energies()
        points = f" ({len(energies.points)} energies)" if energies.points else ""
        found.append(f"energies = {energies.start:g} to {energies.stop:g} Δ0{points}")
        quantities = device.quantities()
        if quantities is not None:
            found.append(f"quantities = {' '.join(quantities)}")
    return found


def scale_text(device: Sketchable) -> list[str]:
    """The reference metal in SI, with what follows from it."""
    metal = device.metal()
    assert metal is not None
    known = (("Tc", "Tc"), ("Δ0", "Δ0"), ("ξ", "ξ"), ("D0", "D0"), ("σ0", "σ0"), ("A0", "A0"), ("1/R_ξ", "1/R_ξ"))
    return [f"{name} = {_si_text(metal, unit, 1.0)}" for name, unit in known if metal.knows(unit)]


def _si_text(metal: ReferenceMetal, unit: str, *values: float) -> str:
    """One number in a unit, or a vector, in SI."""
    return handy.text(*(value * metal.worth(unit) for value in values), si=UNITS[unit].si)


def parameters_text(device: Sketchable) -> list[str]:
    """Parameters with their values, and the expressions that they come from."""
    names = device.parameters_in_force()
    return [f"{name} = {_with_source(raw, names.get(name))}" for name, raw in device.parameters.items()]


_TOLD_ELSEWHERE = ("name", "relative_to", "on_top", "reservoir")
_NUMBERS = ("temperature", "inelastic", "tolerance")


def _with_source(raw: float | str, value: float | None) -> str:
    if value is None:
        return str(raw)
    return f"{value:.6g} ({raw})" if isinstance(raw, str) else f"{value:.6g}"


def _chain(elements: Iterable[Element]) -> str:
    """Symbols from left to right; a colon where neighbours touch transparently."""
    parts: list[str] = []
    before: Element | None = None
    for element in elements:
        if before is not None and not isinstance(before, Interface) and not isinstance(element, Interface):
            parts.append(":")
        name = f"{element.symbol}({element.name})" if element.name not in (None, element.symbol) else ""
        parts.append((name or element.symbol) + _on_top(element))
        before = element
    return " ".join(parts)


def _on_top(element: Element) -> str:
    """Symbols of what lies on top of it."""
    contacts = element.on_top if isinstance(element, Layer) else ()
    return "".join(f"^({one.symbol}{one.reservoir.symbol if one.reservoir else ''})" for one in contacts)


def values_text(
    element: Element,
    in_force: Mapping[str, Any],
    metal: ReferenceMetal | None = None,
    only: Iterable[str] | None = None,
) -> list[str]:
    """Values in force with their units, also in SI, and the expressions they come from: of all keys, or of some."""
    found = []
    for name, key in element.keys().items():
        if name in _TOLD_ELSEWHERE or (only is not None and name not in only):
            continue
        raw, value = element.given(name), in_force[name]
        if name in in_force.get("floating", ()):
            found.append(f"{name}: found, for it floats")
            continue
        if value is None:
            found.append(f"{name}: {key.absent}")
            continue
        in_si = _in_si(value, key, metal)
        text = f"{name} = {_in_unit(value, key)}{in_si}"
        expressions = [str(part) for part in _parts(raw) if isinstance(part, str) and f"({part})" not in in_si]
        changed = expressions and raw != value and not isinstance(value, str)
        found.append(f"{text} from {', '.join(expressions)}" if changed else text)
    return found


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _in_unit(value: Any, key: Key) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        text = "(" + ", ".join(_short(part) for part in value) + ")" if value else "none"
    else:
        text = _short(value)
    return f"{text} {key.unit}" if key.unit else text


def _in_si(value: Any, key: Key, metal: ReferenceMetal | None) -> str:
    """The same in SI, in brackets; empty for zero, for what has no unit, and where the scale does not tell."""
    numbers = [part for part in _parts(value) if isinstance(part, float)]
    if metal is None or key.unit == "rad" or len(numbers) < len(_parts(value)) or not any(numbers):
        return ""
    text = _si_text(metal, key.unit, *numbers) if metal.knows(key.unit) else ""
    if text.startswith("("):
        return f" = {text}"
    return f" ({text})" if text else ""


def _short(value: Any) -> str:
    """Six digits; what rounding left of a zero is shown as zero."""
    if isinstance(value, str):
        return value
    return f"{0.0 if abs(value) < 1e-15 else value:.6g}"


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
