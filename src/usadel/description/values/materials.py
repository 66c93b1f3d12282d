"""Numbers of materials with their sources: the table `materials.toml`, which holds only what a source states."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from usadel.errors import InputError, unknown

__all__ = ["Measured", "materials"]


@dataclass(frozen=True)
class Measured:
    """A number of a material.

    Attributes
    ----------
    quantity : what was measured, such as "critical_temperature".
    value : with its unit; low, high : its scatter or error, empty where the source gives none.
    sample : of what, and how.
    source : where it is stated.
    """

    quantity: str
    value: str
    sample: str
    source: str
    low: str = ""
    high: str = ""

    def __str__(self) -> str:
        scatter = f" ({self.low} to {self.high})" if self.low else ""
        return f"{self.quantity.replace('_', ' ')} = {self.value}{scatter}: {self.sample}. {self.source}"


def materials(name: str | None = None) -> Mapping[str, tuple[Measured, ...]] | tuple[Measured, ...]:
    """What sources state of materials, or of one of them.

    Films differ: take your own critical temperature and resistivity where you know them.

    Parameters
    ----------
    name : such as "Nb"; an interface as in "Nb|Ni". None: all.

    Returns
    -------
    tuple of Measured, or a mapping of names to these.

    Raises
    ------
    InputError
        If there is nothing of that name.
    """
    return _table() if name is None else known(name)


def known(name: str) -> tuple[Measured, ...]:
    """What sources state of one material; raises `InputError`."""
    table = _table()
    if name not in table:
        raise InputError(unknown("material", name, table))
    return table[name]


def number_of(name: str, quantity: str) -> str | None:
    """The first number of a quantity of a material, with its unit; None if no source was found for one."""
    return next((entry.value for entry in known(name) if entry.quantity == quantity), None)


def wanted() -> Mapping[str, str]:
    """Quantity -> materials for which a source is wanted."""
    return MappingProxyType(_tables()["wanted"])


def materials_text(name: str | None = None) -> str:
    """The table, or what stands there of one material, for the terminal."""
    shown = _table() if name is None else {name: known(name)}
    lines = [f"{material}\n" + "\n".join(f"    {entry}" for entry in entries) for material, entries in shown.items()]
    if name is None:
        lines.append("sources are wanted for\n" + "\n".join(f"    {key}: {names}" for key, names in wanted().items()))
    return "\n".join(lines)


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[Measured, ...]]:
    tables = _tables()
    sources = tables["sources"]
    named = {name: entries for name, entries in tables.items() if name not in ("sources", "wanted")}
    return MappingProxyType(
        {
            name: tuple(Measured(**{**entry, "source": sources[entry["source"]]}) for entry in entries)
            for name, entries in named.items()
        }
    )


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("materials.toml").read_text(encoding="utf-8"))
