"""PATH=VALUE on the command line."""

from __future__ import annotations

import tomllib
from typing import Any

import typer


def parse(assignments: list[str]) -> dict[str, Any]:
    """Split ``PATH=VALUE`` texts; of several for one path the last counts.

    A VALUE that is a TOML number, truth value, list or quoted text is taken as that; anything else is left as
    text: an expression such as ``pi/2``, or a word such as ``left``.
    """
    changes: dict[str, Any] = {}
    for text in assignments:
        path, separator, value = text.partition("=")
        path, value = path.strip(), value.strip()
        if not (separator and path and value):
            raise typer.BadParameter(f"--set takes PATH=VALUE, such as temperature=0.1, not '{text}'")
        changes[path] = _literal(value)
    return changes


def _literal(value: str) -> Any:
    try:
        read = tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return value
    if list(read) == ["value"] and isinstance(read["value"], (bool, int, float, list, str)):
        return read["value"]
    return value
