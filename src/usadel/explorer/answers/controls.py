"""The controls of a device: every number, flag and choice that it has, with the range that a slider offers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from usadel.description import read_value
from usadel.description.values.keys import Choice, Flag, Key, Quantity, Vector
from usadel.results.schema import COMPONENTS

SPANS = {  # what a slider offers by the unit of its key, where the value itself is not larger: usual experiments
    "Tc": (0.01, 1.2),
    "Δ0": (0.0, 1.0),
    "Δ0/|e|": (0.0, 1.0),
    "ξ": (0.1, 4.0),
    "G_N": (0.0, 2.0),
    "rad": (-math.pi, math.pi),
    "rad/ξ": (-2.0, 2.0),
    "1/ξ": (0.0, 2.0),
}
SPAN = (0.0, 1.0)  # in any other unit
DIRECTION = (-1.0, 1.0)
STEPS = 200  # of a slider, at least; a step is 1, 2 or 5 times a power of ten
LOGARITHMIC = 1e4  # ratio of the bounds of a key from which its slider counts decades
ABOVE = 0.01  # of the span: where a slider begins whose key has to be larger than a bound


@dataclass(frozen=True)
class Control:
    """One value of a device.

    Attributes
    ----------
    path : as `device.replace` knows it, elements by name where they have one.
    label : the key and, of a vector, its component.
    group, owner : whose key it is: "", "parameters", or the path of an element, and its kind.
    meaning, unit, allowed : in words.
    written : whether the file says it; the others have their defaults.
    words : what may be chosen; empty for a number.
    low, high, step : of the slider; of a logarithmic one in decades.
    logarithmic : whether the slider counts decades.
    fixed : whether the page cannot change it: recorded pages have a few sliders only.
    """

    path: str
    label: str
    group: str
    owner: str
    meaning: str
    unit: str
    allowed: str
    written: bool
    words: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    step: float = 0.005
    logarithmic: bool = False
    fixed: bool = False

    def message(self) -> dict[str, Any]:
        """For the page."""
        return asdict(self)


@dataclass(frozen=True)
class _Held:
    """A key of a device or an element: as it is written, and in force."""

    path: str
    group: str
    owner: str
    key: Key
    given: Any
    value: Any
    written: bool

    def parts(self) -> Iterator[tuple[Control, str, float | None]]:
        """Its controls, what stands in the box of each (nothing: the default), and the number in force, if any."""
        label = self.path.rpartition(".")[2]
        if isinstance(self.key, Vector):
            given, value = ((part or (None,) * 3) for part in (self.given, self.value))
            for k, component in enumerate(COMPONENTS):
                number = _number(value[k])
                yield self._control(f"{self.path}.{k}", f"{label} {component}", number), _text(given[k]), number
            return
        number = _number(self.value)
        yield self._control(self.path, label, number), _text(self.given), number

    def _control(self, path: str, label: str, value: float | None) -> Control:
        key, words = self.key, _words(self.key)
        slider = {} if words else _slider(key, value)
        said = key.meaning, key.unit, key.allowed
        return Control(path, label, self.group, self.owner, *said, self.written, words, **slider)


def controls_of(device: Any) -> list[Control]:
    """Every control of a device: its own settings, parameters, then element by element."""
    return [control for held in _held(device) for control, _, _ in held.parts()]


def values_of(device: Any) -> dict[str, tuple[str, float | None]]:
    """Path -> what stands in the box, and the number in force; None where that is no number."""
    return {control.path: (text, number) for held in _held(device) for control, text, number in held.parts()}


def changed(before: Any, now: Any) -> dict[str, str]:
    """Path -> text of what stands in the boxes of one device and not in those of another."""
    known = values_of(before)
    return {path: text for path, (text, _) in values_of(now).items() if known.get(path, ("", None))[0] != text}


def read_box(text: str) -> Any:
    """What was typed into a box as a value of `device.replace`; an empty box stands for the default."""
    return read_value(text) if text.strip() else None


def called(device: Any, place: str) -> str:
    """What paths call a place: the name of what is there, or of the layer that it lies on, if one has a name."""
    elements = device.elements_by_place()
    for head in (place, place.partition(".on_top.")[0]):
        if elements[head].name:
            return str(elements[head].name) + place.removeprefix(head)
    return place.removeprefix("node.")


def _held(device: Any) -> Iterator[_Held]:
    values, written = device.settings_in_force(), device.written()
    for name, key in device.settings().items():
        if _is_shown(key):
            yield _Held(name, "", "", key, device.given(name), values[name], name in written)
    number = Quantity(meaning="Parameter of expressions")
    for name, given in device.parameters.items():
        yield _Held(name, "parameters", "", number, given, device.value(name), True)
    for place, element in device.elements_by_place().items():
        yield from _of_element(device, place, element)


def _of_element(device: Any, place: str, element: Any) -> Iterator[_Held]:
    group = called(device, place)
    values: Mapping[str, Any] = device.in_force_at(place)
    written = element.written()
    for name, key in element.keys().items():
        if _is_shown(key):
            yield _Held(f"{group}.{name}", group, element.kind, key, element.given(name), values[name], name in written)


def _is_shown(key: Key) -> bool:
    return isinstance(key, (Quantity, Vector, Flag, Choice))


def _words(key: Key) -> tuple[str, ...]:
    """What may be chosen; an empty word stands for the default of a key that may be left out."""
    if not isinstance(key, (Flag, Choice)):
        return ()
    return (("",) if key.optional else ()) + (("true", "false") if isinstance(key, Flag) else key.words)


def _slider(key: Key, value: float | None) -> dict[str, Any]:
    """Ends and step of a slider that has the value within it."""
    least, most = (_bound(key, name) for name in ("at_least", "at_most"))
    if least and most and most / least >= LOGARITHMIC:
        low, high = math.log10(least), math.log10(most)
        return {"low": low, "high": high, "step": 0.1, "logarithmic": True}
    low, high = DIRECTION if getattr(key, "direction", False) else SPANS.get(key.unit, SPAN)
    if isinstance(key, Vector) and not key.direction:
        low = -high
    if value is not None:
        low, high = min(low, 2 * value), max(high, 2 * value)
    above, below = _bound(key, "above"), _bound(key, "below")
    edge = ABOVE * (high - low)
    low = max(low, *(bound for bound in (least, None if above is None else above + edge) if bound is not None), low)
    high = min(high, *(bound for bound in (most, None if below is None else below - edge) if bound is not None), high)
    if value is not None:  # one closer to a bound than a slider begins
        low, high = min(low, value), max(high, value)
    return {"low": low, "high": high, "step": _step(high - low)}


def _bound(key: Key, name: str) -> float | None:
    return getattr(key, name, None)


def _step(span: float) -> float:
    power = 10.0 ** math.floor(math.log10(span / STEPS))
    return next(round(n * power, 12) for n in (5, 2, 1) if n * power <= span / STEPS)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else f"{value:.12g}"
