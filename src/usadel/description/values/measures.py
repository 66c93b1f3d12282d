"""Numbers with units, such as "30 nm" or "0.3 meV". The only module that knows pint, which is an extra."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from usadel.errors import InputError, shown

LONGEST = 100  # characters

DIMENSIONS = MappingProxyType(
    {
        # coherent SI unit: (what is measured in it, an example)
        "rad": ("an angle", "90 deg"),
        "m": ("a length", "30 nm"),
        "1/m": ("an inverse length", "0.1 nm^-1"),
        "rad/m": ("an angle per length", "0.1 rad/nm"),
        "m^2": ("an area", "100 nm^2"),
        "K": ("a temperature", "1.2 K"),
        "J": ("an energy", "0.3 meV"),
        "V": ("a voltage", "5 µV"),
        "T": ("a magnetic field", "20 mT"),
        "Hz": ("a frequency", "10 GHz"),
        "s": ("a time", "10 ps"),
        "A": ("a current", "2 nA"),
        "S": ("a conductance", "0.1 S"),
        "ohm": ("a resistance", "50 ohm"),
        "S/m": ("a conductivity", "1e7 S/m"),
        "ohm m": ("a resistivity", "10 µΩ cm"),
        "S/m^2": ("a conductance per area", "1e14 S/m^2"),
        "ohm m^2": ("a resistance times area", "2 fΩ m^2"),
        "m^2/s": ("a diffusion coefficient", "5 cm^2/s"),
    }
)

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_UNIT = r"(?:\d+\s*/\s*)?(?!pi\b)[^\W\d_].*|[°%Å].*"
_MEASURE = re.compile(rf"({_NUMBER})\s*({_UNIT})", re.DOTALL)
_SPELT = MappingProxyType(  # what pint takes for the same as others: radians per second, per cent
    {"Hz": re.compile(r"[fpnuµμmkMGT]?Hz"), "rad": re.compile(r"[mµμu]?rad|deg|degrees?|°|turns?")}
)


@dataclass(frozen=True)
class Measure:
    """A number with a unit.

    Attributes
    ----------
    value : in `unit`, one of `DIMENSIONS`.
    text : as it was written.
    """

    value: float
    unit: str
    text: str


def is_measure(text: Any) -> bool:
    """Whether a value is a number with something behind it that may be a unit, and is no expression."""
    found = _MEASURE.fullmatch(text.strip()) if isinstance(text, str) else None
    return found is not None and not _is_expression(text)


def _is_expression(text: str) -> bool:
    """Whether Python could read it, as it can "0x10" and "1_000"."""
    try:
        compile(text.strip(), "", "eval", flags=0x400)  # ast.PyCF_ONLY_AST
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def read_measure(text: str, allowed: Collection[str], plain: str | None = None) -> Measure:
    """A number with a unit, in the first of the `allowed` units that it fits.

    plain : unit of a number without one, of which the message speaks; None: such a number is not allowed.

    Raises
    ------
    InputError
        If the unit is unknown, or that of something else; if pint is not installed.
    """
    number, symbols = _parts(text)
    instead = f"allowed: {_listed(allowed, plain)}"
    try:
        factors = {unit: _factor(symbols, unit) for unit in DIMENSIONS}
    except _Unreadable as error:
        raise InputError(f"{shown(text)} {error}; {instead}") from None
    for unit in allowed:
        factor = factors[unit]
        if factor is not None:
            value = number * factor
            if not math.isfinite(value):
                raise InputError(f"{shown(text)} is not a finite number")
            return Measure(value, unit, text)
    known = [DIMENSIONS[unit][0] for unit, factor in factors.items() if factor is not None]
    raise InputError(f"{shown(text)} is {known[0] if known else 'in a unit of something else'}; {instead}")


def _parts(text: str) -> tuple[float, str]:
    """Number and unit."""
    found = _MEASURE.fullmatch(text.strip())
    if found is None or len(text) > LONGEST:
        raise InputError(f"{shown(text)} is not a number with a unit, such as 30 nm")
    return float(found[1]), found[2].replace("·", "*").replace("Ohm", "ohm")


def _listed(allowed: Collection[str], plain: str | None) -> str:
    known = [f"{DIMENSIONS[unit][0]} such as {DIMENSIONS[unit][1]}" for unit in allowed]
    if plain is not None:
        known.append(f"a plain number in {plain}" if plain else "a plain number")
    return " or ".join(known)


class _Unreadable(Exception):
    """A unit that is none, or none in which a physical quantity is counted from zero."""


@lru_cache(maxsize=1024)
def _factor(symbols: str, unit: str) -> float | None:
    """How many `unit` one of the unit in `symbols` is; None if it is one of something else; raises `_Unreadable`."""
    registry = _registry()
    try:
        theirs, ours = registry.parse_units(symbols), registry.parse_units(unit)
        if theirs.dimensionality != ours.dimensionality or (unit in _SPELT and not _SPELT[unit].fullmatch(symbols)):
            return None
        zero, one = (float(registry.convert(number, theirs, ours)) for number in (0.0, 1.0))
    except Exception as error:  # pint's own are many, and some are those of the tokenizer
        raise _Unreadable(f"has an unknown unit, {shown(symbols)}") from error
    if zero != 0:
        raise _Unreadable(f"is in a unit that does not count from zero, {shown(symbols)}")
    return one


@lru_cache(maxsize=1)
def _registry() -> Any:
    try:
        from pint import UnitRegistry
    except ImportError:
        raise InputError("values with units need pint; install it with: pip install 'usadel[units]'") from None
    return UnitRegistry()
