"""Elements and settings from the tables of a file, and the tables that they are written as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from usadel.description.device.covered import on_top_of
from usadel.description.elements.element import Description, Element
from usadel.description.elements.kinds import NODE_KINDS, STACK_KINDS
from usadel.description.text.toml import Table
from usadel.description.values.keys import Key
from usadel.errors import InputError, listed, shown, unknown

Tables = Mapping[str, Any]


def settings_of(tables: Tables, settings: Mapping[str, Key], shape: Iterable[str]) -> dict[str, Any]:
    """The settings of a device; refuses keys that neither belong to them nor to its shape."""
    allowed = [*settings, *shape]
    for key in tables:
        if key not in allowed:
            raise InputError(unknown("key", key, allowed), key=key)
    return {key: tables[key] for key in settings if key in tables}


def list_of(value: Any, place: str) -> list[Tables]:
    """A list of tables that is not empty."""
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
        what = "is missing" if value is None else f"must be a list of tables, not {shown(value)}"
        name = ".".join(part for part in place.split(".") if not part.isdigit())
        raise InputError(f"{what}; write at least one [[{name}]]", key=place)
    return value


def elements_of(value: Any, place: str) -> list[Element]:
    """The elements of a chain."""
    return [_element(table, f"{place}.{i}", STACK_KINDS) for i, table in enumerate(list_of(value, place))]


def nodes_of(value: Any) -> dict[str, Element]:
    """The nodes of a network by name."""
    if not isinstance(value, dict):
        raise InputError("must be tables [node.NAME]", key="node")
    return {name: _element(table, f"node.{name}", NODE_KINDS) for name, table in value.items()}


def _element(table: Any, place: str, kinds: Mapping[str, type[Element]]) -> Element:
    if not isinstance(table, dict):
        raise InputError(f"must be a table with a kind, not {shown(table)}", key=place)
    kind = table.get("kind")
    if not isinstance(kind, str):
        what = "is required" if kind is None else f"must be a string, not {shown(kind)}"
        raise InputError(f"{what}; allowed: {listed(kinds)}", key=f"{place}.kind")
    if kind not in kinds:
        raise InputError(unknown("kind", kind, kinds), key=f"{place}.kind")
    try:
        return kinds[kind](**{key: value for key, value in table.items() if key != "kind"})
    except InputError as error:
        raise error.under(place) from None


def table_of(header: str, holder: Description, place: str, without: tuple[str, ...] = ()) -> Table:
    """What was given of an element, or of anything with keys."""
    written = {key: value for key, value in holder.written().items() if key not in without}
    kind = {"kind": holder.kind} if isinstance(holder, Element) else {}
    return Table(header, kind | written, place, {key: holder.keys()[key].unit for key in written})


def tables_of(name: str, element: Element, place: str) -> list[Table]:
    """The table ``[[name]]`` of an element, and those of what lies on top of it."""
    own = table_of(f"[[{name}]]", element, place, ("on_top",))
    return [own, *(table_of(f"[[{name}.on_top]]", contact, at) for at, contact in on_top_of(place, element))]
