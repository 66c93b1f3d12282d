"""Devices as TOML files: reading with the line of whatever is wrong, and writing what reads back the same."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from usadel.description.device.base import System
from usadel.description.device.device import Device, Stack, Wire
from usadel.description.elements.element import Description, Element
from usadel.description.elements.kinds import NODE_KINDS, STACK_KINDS
from usadel.description.text.files import LARGEST, file_text
from usadel.errors import InputError, listed, shown, unknown


def load_device(path: str | PathLike[str]) -> Stack | Device:
    """Read a device, chain or network, from a TOML file.

    Raises
    ------
    InputError
        In one line: file, line where known, key, what is wrong and what is allowed.
    """
    return _parsed(file_text(Path(path), "a TOML file"), str(path))


def read(source: str | PathLike[str]) -> Stack | Device:
    """Read a device from a TOML file or from the text of one.

    A string is a file name if it is a single line that ends in ``.toml`` or contains neither ``=`` nor ``[``.
    """
    if not isinstance(source, str):
        return load_device(source)
    single = "\n" not in source and bool(source.strip())
    if single and (source.endswith(".toml") or not ("=" in source or "[" in source)):
        return load_device(source)
    return _parsed(source, "")


def _parsed(text: str, file: str) -> Stack | Device:
    if len(text) > LARGEST:
        raise InputError(f"is larger than the {LARGEST} characters allowed for a device", file=file)
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise InputError("is nested too deeply for a device", file=file) from None
    except ValueError as error:
        raise _syntax(str(error), text).at(file=file) from None
    try:
        return _device(table)
    except InputError as error:
        raise error.at(file=file, line=_line_of(text, error.key)) from None


def _syntax(message: str, text: str) -> InputError:
    found = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    line = None
    if found:
        line = int(found[1]) if found[1] else text.count("\n") + 1
        message = message.replace(found[0], f" in column {found[2]}" if found[2] else " at the end of the file")
    return InputError(f"is not valid TOML: {message}", line=line)


def _device(table: dict[str, Any]) -> Stack | Device:
    network = "wire" in table or "node" in table
    shape = ("wire", "node") if network else ("stack",)
    allowed = [*System.settings(), *shape]
    for key in table:
        if network and key == "stack":
            raise InputError("a device is either [[stack]] or [[wire]] with [node.NAME], not both", key=key)
        if key not in allowed:
            raise InputError(unknown("key", key, allowed), key=key)
    settings = {key: table[key] for key in System.settings() if key in table}
    if network:
        return Device(_wires(table.get("wire")), _nodes(table.get("node", {})), **settings)
    return Stack(_elements(table.get("stack"), "stack"), **settings)


def _tables(value: Any, place: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
        what = "is missing" if value is None else f"must be a list of tables, not {shown(value)}"
        name = ".".join(part for part in place.split(".") if not part.isdigit())
        raise InputError(f"{what}; write at least one [[{name}]]", key=place)
    return value


def _elements(value: Any, place: str) -> list[Element]:
    tables = _tables(value, place)
    return [_element(table, f"{place}.{i}", STACK_KINDS) for i, table in enumerate(tables)]


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


def _wires(value: Any) -> list[Wire]:
    wires = []
    for i, table in enumerate(_tables(value, "wire")):
        place = f"wire.{i}"
        for key in table:
            if key not in ("start", "end", "stack"):
                raise InputError(unknown("key", key, ["start", "end", "stack"]), key=f"{place}.{key}")
        elements = _elements(table.get("stack"), f"{place}.stack")
        try:
            wires.append(Wire(elements, **{key: table[key] for key in table if key != "stack"}))
        except InputError as error:
            raise error.under(place) from None
    return wires


def _nodes(value: Any) -> dict[str, Element]:
    if not isinstance(value, dict):
        raise InputError("must be tables [node.NAME]", key="node")
    return {name: _element(table, f"node.{name}", NODE_KINDS) for name, table in value.items()}


def _line_of(text: str, key: str) -> int | None:
    """Line of a key, or of the table that ought to hold it; None if it cannot be found."""
    lines = _lines(text)
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return None


_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")


def _lines(text: str) -> dict[str, int]:
    """Path -> line for the tables and keys of a file, as far as they are written in the usual way."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            section = _section(header[2], header[1] == "[[", counts)
            found.setdefault(section, number)
        elif entry := _KEY.match(line):
            name = ".".join(part.strip(" \"'") for part in entry[1].split("."))
            found.setdefault(f"{section}.{name}" if section else name, number)
    return found


def _section(name: str, array: bool, counts: dict[str, int]) -> str:
    """Path of a table: ``wire.0.stack.1`` for the second [[wire.stack]] of the first [[wire]]."""
    parts = [part.strip(" \"'") for part in name.split(".")]
    path = ""
    for i, part in enumerate(parts):
        path = f"{path}.{part}" if path else part
        if array and i == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = f"{path}.{counts[path]}"
    return path


def write(device: System, comments: Mapping[str, str] | None = None) -> str:
    """The text of a TOML file that reads back as the same device; only what was given is written.

    Parameters
    ----------
    device : System
        The device.
    comments : mapping, optional
        Place, such as ``stack.1`` -> comment above it; under the empty place a comment for the head of the file. If
        given, every key is followed by its unit.
    """
    page = _Page(comments)
    blocks = [page.above(""), page.entries(device, "", ("parameters", "output", "elements", "wires", "nodes"))]
    if device.parameters:
        entries = [_entry(name, value) for name, value in device.parameters.items()]
        blocks.append(["[parameters]", *entries])
    if device.output.written():
        blocks.append(["[output]", *page.entries(device.output, "output")])
    if isinstance(device, Stack):
        blocks += [page.block("[[stack]]", element, f"stack.{i}") for i, element in enumerate(device.elements)]
    if isinstance(device, Device):
        blocks += [page.block(f"[node.{_bare(name)}]", node, f"node.{name}") for name, node in device.nodes.items()]
        for i, wire in enumerate(device.wires):
            blocks.append(["[[wire]]", *page.entries(wire, f"wire.{i}", ("elements",))])
            blocks += [
                page.block("[[wire.stack]]", element, f"wire.{i}.stack.{j}") for j, element in enumerate(wire.elements)
            ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


class _Page:
    """Blocks of lines, with comments if there are any."""

    def __init__(self, comments: Mapping[str, str] | None) -> None:
        self.comments = comments

    def above(self, place: str) -> list[str]:
        text = (self.comments or {}).get(place, "")
        return [f"# {line}".rstrip() for line in text.splitlines()]

    def block(self, header: str, element: Element, place: str) -> list[str]:
        return [*self.above(place), header, _entry("kind", element.kind), *self.entries(element, place)]

    def entries(self, holder: Description, place: str, skip: tuple[str, ...] = ()) -> list[str]:
        written = {key: value for key, value in holder.written().items() if key not in skip}
        lines = [_entry(key, value) for key, value in written.items()]
        if self.comments is None:
            return lines
        units = [holder.keys()[key].unit for key in written]
        width = max((len(line) for line, unit in zip(lines, units, strict=True) if unit and len(line) < 50), default=0)
        return [f"{line:<{width}}  # {unit}" if unit else line for line, unit in zip(lines, units, strict=True)]


def _entry(key: str, value: Any) -> str:
    return f"{_bare(key)} = {_value(value)}"


def _bare(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (int, float)):
        return repr(float(value)).removesuffix(".0")
    return "[" + ", ".join(_value(part) for part in value) + "]"
