"""Tables as TOML: reading with the line of whatever is wrong, and writing what reads back the same."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from usadel.description.elements.element import Description
from usadel.description.text.files import LARGEST, file_text
from usadel.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True)
class Table:
    """A block of a file.

    Attributes
    ----------
    header : such as ``[[stack]]``; empty for the head of a file.
    entries : key -> value: a number, boolean, text, list of numbers and texts, or an element.
    place : by which comments refer to it, such as ``stack.1``.
    units : key -> unit of its number.
    """

    header: str
    entries: Mapping[str, Any]
    place: str = ""
    units: Mapping[str, str] = field(default_factory=dict)


def read_file(path: str | PathLike[str], build: Callable[[dict[str, Any]], T]) -> T:
    """What `build` makes of the tables of a TOML file.

    Raises
    ------
    InputError
        In one line: file, line where known, key, what is wrong and what is allowed.
    """
    return _built(file_text(Path(path), "a TOML file"), str(path), build)


def read(source: str | PathLike[str], build: Callable[[dict[str, Any]], T]) -> T:
    """What `build` makes of the tables of a TOML file, or of the text of one.

    A string is a file name if it is a single line that ends in ``.toml`` or contains neither ``=`` nor ``[``.
    """
    if not isinstance(source, str):
        return read_file(source, build)
    single = "\n" not in source and bool(source.strip())
    if single and (source.endswith(".toml") or not ("=" in source or "[" in source)):
        return read_file(source, build)
    return _built(source, "", build)


def _built(text: str, file: str, build: Callable[[dict[str, Any]], T]) -> T:
    if len(text) > LARGEST:
        raise InputError(f"is larger than the {LARGEST} characters allowed for a device", file=file)
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise InputError("is nested too deeply for a device", file=file) from None
    except ValueError as error:
        raise _syntax(str(error), text).at(file=file) from None
    try:
        return build(tables)
    except InputError as error:
        raise error.at(file=file, line=_line_of(text, error.key)) from None


def _syntax(message: str, text: str) -> InputError:
    found = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    line = None
    if found:
        line = int(found[1]) if found[1] else text.count("\n") + 1
        message = message.replace(found[0], f" in column {found[2]}" if found[2] else " at the end of the file")
    return InputError(f"is not valid TOML: {message}", line=line)


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


def write(tables: Iterable[Table], comments: Mapping[str, str] | None = None) -> str:
    """The text of a TOML file.

    Parameters
    ----------
    tables : iterable of Table
        Its blocks, in order.
    comments : mapping, optional
        Place, such as ``stack.1`` -> comment above it; under the empty place a comment for the head of the file. If
        given, every key is followed by its unit.
    """
    blocks = [_comment(comments, "")]
    for table in tables:
        above = _comment(comments, table.place) if table.place else []
        header = [table.header] if table.header else []
        blocks.append([*above, *header, *_entries(table, with_units=comments is not None)])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _comment(comments: Mapping[str, str] | None, place: str) -> list[str]:
    return [f"# {line}".rstrip() for line in (comments or {}).get(place, "").splitlines()]


def _entries(table: Table, with_units: bool) -> list[str]:
    lines = [f"{bare(key)} = {_value(value)}" for key, value in table.entries.items()]
    if not with_units:
        return lines
    units = [table.units.get(key, "") for key in table.entries]
    width = max((len(line) for line, unit in zip(lines, units, strict=True) if unit and len(line) < 50), default=0)
    return [f"{line:<{width}}  # {unit}" if unit else line for line, unit in zip(lines, units, strict=True)]


def bare(key: str) -> str:
    """A key as it is written, in quotes where it needs them."""
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
    if isinstance(value, Description):
        entries = {"kind": value.kind, **value.written()}
        return "{" + ", ".join(f"{bare(key)} = {_value(part)}" for key, part in entries.items()) + "}"
    return "[" + ", ".join(_value(part) for part in value) + "]"
