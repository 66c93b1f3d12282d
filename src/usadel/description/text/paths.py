"""The grammar of paths: how a key of a device is called in ``--set``, ``--over`` and `replace`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

from usadel.description.elements.element import Description, Element
from usadel.description.elements.measured import parameter_unit
from usadel.description.values.expressions import evaluate
from usadel.description.values.keys import Key, Number, Vector
from usadel.description.values.measures import is_measure
from usadel.errors import InputError, listed, shown, unknown


class WithParameters(Protocol):
    """Anything with named numbers."""

    @property
    def parameters(self) -> Mapping[str, Number]:
        """Numbers, also with units, or expressions of each other."""
        ...

    def parameters_in_force(self) -> Mapping[str, float]:
        """Their values."""
        ...


class Addressable(WithParameters, Protocol):
    """Anything with settings, parameters, elements at places, and a table of what to write."""

    @property
    def output(self) -> Description:
        """What to write."""
        ...

    def settings(self) -> Mapping[str, Key]:
        """Its own keys, whatever its shape."""
        ...

    def settings_in_force(self) -> Mapping[str, Any]:
        """Their values, expressions evaluated."""
        ...

    def given(self, key: str) -> Any:
        """What stands at one of its keys: the value as written, or its default."""
        ...

    def written(self) -> Mapping[str, Any]:
        """The values that were written."""
        ...

    def elements_by_place(self) -> Mapping[str, Element]:
        """Every element with its place."""
        ...

    def inherited(self) -> Mapping[str, float]:
        """Values in force that elements take from it unless they have their own."""
        ...

    @property
    def scale(self) -> Description | None:
        """The reference metal in real units."""
        ...

    def in_force_at(self, place: str) -> Mapping[str, Any]:
        """Values in force of the element at a place, or of ``output``."""
        ...

    def rebuilt(self, elements: Mapping[str, Element], settings: Mapping[str, Any]) -> Self:
        """The same shape with other elements (by place) and settings."""
        ...


A = TypeVar("A", bound=Addressable)
D = TypeVar("D", bound=Description)


@dataclass(frozen=True)
class Address:
    """Where a path points to.

    Attributes
    ----------
    place : str
        Place of an element (``stack.1``), ``output``, ``parameters``, or empty for a key of the device.
    key : str
        Key or parameter.
    index : int, optional
        Component of a vector.
    """

    place: str
    key: str
    index: int | None = None

    def overlaps(self, other: Address) -> bool:
        """Whether both are the same, or one is a part of the other."""
        shorter, longer = sorted((str(self), str(other)), key=len)
        return f"{longer}.".startswith(f"{shorter}.")

    def __str__(self) -> str:
        return ".".join(str(part) for part in (self.place, self.key, self.index) if part not in ("", None))


def _holders(device: Addressable) -> dict[str, Description]:
    """Everything with keys, by place."""
    scale = {} if device.scale is None else {"scale": device.scale}
    return {**device.elements_by_place(), "output": device.output, **scale}


_TABLES = ("parameters", "output", "scale")


def _settings(device: Addressable) -> list[str]:
    return [key for key in device.settings() if key not in _TABLES]


def _aliases(device: Addressable) -> dict[str, str]:
    """Names of elements -> their places."""
    names: dict[str, str] = {}
    for place, element in device.elements_by_place().items():
        if place.startswith("node."):
            names[place.removeprefix("node.")] = place
        elif element.name is not None:
            names[element.name] = place
    return names


def find(device: Addressable, path: str) -> Address:
    """The address a path stands for.

    Raises
    ------
    InputError
        If there is none, or more than one; the message lists what could be meant.
    """
    if not isinstance(path, str) or not path:
        raise InputError(f"a path must be text such as S.length, not {shown(path)}")
    if path in device.settings():  # also the tables `parameters` and `output` as a whole
        return Address("", path)
    if path.removeprefix("parameters.") in device.parameters:
        return Address("parameters", path.removeprefix("parameters."))
    holders, names = _holders(device), _aliases(device)
    parts = path.split(".")
    places = (names[parts[0]].split(".") if parts[0] in names else parts[:1]) + parts[1:]
    for count in range(len(places) - 1, 0, -1):  # the innermost first: S.on_top.0 before S
        if (place := ".".join(places[:count])) in holders:
            return _in_element(holders[place], place, places[count:], path)
    return _bare(device, holders, parts, path)


def _in_element(element: Description, place: str, rest: list[str], path: str) -> Address:
    keys = element.keys()
    if rest[0] not in keys:
        raise InputError(unknown("key", rest[0], keys), key=path, kind=element.kind)
    address = Address(place, rest[0])
    if len(rest) == 1:
        return address
    if len(rest) == 2 and isinstance(keys[rest[0]], Vector) and rest[1] in ("0", "1", "2"):
        return Address(place, rest[0], int(rest[1]))
    allowed = f"allowed: {address}"
    if isinstance(keys[rest[0]], Vector):
        allowed += f", or {address}.0, .1 and .2 for its components"
    raise InputError(
        f"there is nothing below the key '{rest[0]}' called {shown('.'.join(rest[1:]))}; {allowed}", key=path
    )


def _bare(device: Addressable, holders: Mapping[str, Description], parts: list[str], path: str) -> Address:
    places = {place: holder for place, holder in holders.items() if _may_hold(holder, parts)}
    written = [place for place, holder in places.items() if parts[0] in holder.written()]
    if len(written) == 1:
        return _in_element(holders[written[0]], written[0], parts, path)
    candidates = listed(".".join([place, *parts]) for place in written or places)
    if written:
        raise InputError(f"'{parts[0]}' is written at {len(written)} places; allowed: {candidates}", key=path)
    if places:
        raise InputError(f"'{parts[0]}' is written nowhere; allowed: {candidates}", key=path)
    raise InputError(unknown("path", path, all_paths(device, components=False)))


def _may_hold(holder: Description, parts: list[str]) -> bool:
    key = holder.keys().get(parts[0])
    return key is not None and (len(parts) == 1 or isinstance(key, Vector))


def all_paths(device: Addressable, components: bool = True) -> list[str]:
    """Settings, parameters and keys of elements, those of named elements by name."""
    names = {place: name for name, place in _aliases(device).items()}
    found = [*_settings(device), *device.parameters]
    for place, holder in _holders(device).items():
        for key, what in holder.keys().items():
            path = f"{_called(place, names)}.{key}"
            found.append(path)
            if components and isinstance(what, Vector):
                found += [f"{path}.{i}" for i in range(3)]
    return found


def _called(place: str, names: Mapping[str, str]) -> str:
    """A place, by the name of the element that is there or that it belongs to, if one has a name."""
    for head in (place, place.partition(".on_top.")[0]):
        if head in names:
            return names[head] + place.removeprefix(head)
    return place


def look_up(device: Addressable, address: Address) -> Any:
    """The value at an address as it is written, or its default."""
    if address.place == "parameters":
        return device.parameters[address.key]
    holder = _holders(device)[address.place] if address.place else device
    value = holder.given(address.key)
    return value if address.index is None or value is None else value[address.index]


def evaluated(device: Addressable, address: Address) -> Any:
    """The value in force at an address."""
    if address.place == "parameters":
        names, text = device.parameters_in_force(), device.parameters[address.key]
        return names.get(address.key, text)
    if not address.place:
        return device.settings_in_force()[address.key]
    value = device.in_force_at(address.place)[address.key]
    return value if address.index is None or value is None else value[address.index]


def unit(device: Addressable, address: Address) -> str:
    """Unit of the number at an address; empty for a pure number."""
    if address.place == "parameters":
        written = device.parameters[address.key]
        return parameter_unit(written) if isinstance(written, str) and is_measure(written) else ""
    keys = _holders(device)[address.place].keys() if address.place else device.settings()
    return keys[address.key].unit


def replaced(device: A, changes: Mapping[str, Any]) -> A:
    """A new device with the values at some paths replaced, all at once."""
    holders = _holders(device)
    new: dict[str, dict[str, Any]] = {place: holder.written() for place, holder in holders.items()}
    new[""] = {key: value for key, value in device.written().items() if key in _settings(device)}
    new["parameters"] = dict(device.parameters)
    taken: dict[Address, str] = {}
    for path, value in changes.items():
        address = find(device, path)
        for other, earlier in taken.items():
            if address.overlaps(other):
                raise InputError(f"is set twice: also as {earlier}", key=path)
        taken[address] = path
        _put(new[address.place], address, value, look_up(device, Address(address.place, address.key)))
    touched = {address.place for address in taken}
    elements = {
        place: _remade(element, new[place], place, taken) if place in touched else element
        for place, element in device.elements_by_place().items()
    }
    settings, written = new[""], device.written()
    whole = [address.key for address in taken if not address.place]
    if "parameters" not in whole and ("parameters" in touched or "parameters" in written):
        settings["parameters"] = new["parameters"]
    for place, holder in (("output", device.output), ("scale", device.scale)):
        if place not in whole and holder is not None and (place in touched or place in written):
            settings[place] = _remade(holder, new[place], place, taken)
    return device.rebuilt(elements, settings)


def _put(values: dict[str, Any], address: Address, value: Any, present: Any) -> None:
    if address.index is not None:
        parts = list(values.get(address.key, present))
        parts[address.index] = value
        value = tuple(parts)
    if value is None and address.place != "parameters":
        values.pop(address.key, None)
    else:
        values[address.key] = value


def _remade(holder: D, values: dict[str, Any], place: str, taken: Mapping[Address, str]) -> D:
    try:
        return type(holder)(**values)
    except InputError as error:
        paths = [path for address, path in taken.items() if (address.place, address.key) == (place, error.key)]
        raise (error.at(key=paths[0]) if paths else error.under(place)) from None


def read_assignment(text: str) -> tuple[str, Any]:
    """Path and value of ``PATH=VALUE`` as typed on a command line.

    The value is a number, boolean or list as in TOML; everything else is an expression or a word.
    """
    path, equals, value = text.partition("=")
    if not equals or not path.strip() or not value.strip():
        raise InputError(f"must be PATH=VALUE, such as S.length=1.5, not {shown(text)}")
    return path.strip(), read_value(value)


def read_value(text: str) -> Any:
    """A value as typed on a command line."""
    try:
        table = tomllib.loads(f"value = {text}") if "\n" not in text and "#" not in text else {}
    except (ValueError, RecursionError):
        table = {}
    value = table.get("value") if len(table) == 1 else None
    return value if isinstance(value, (bool, int, float, str, list)) else text.strip()


def read_number(device: WithParameters, text: str | float) -> float:
    """A number as typed on a command line: may be an expression of ``pi`` and the parameters of a device."""
    if not isinstance(text, str):
        return float(text)
    return float(evaluate(text, device.parameters_in_force()))
