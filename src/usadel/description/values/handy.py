"""Units in which people read what is kept in SI: 30 nm rather than 3e-8 m, 1.4 meV rather than 2.2e-22 J."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from usadel.description.values.metal import CHARGE

DIGITS = 6
_PREFIXES = (
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
    (1e-12, "p"),
    (1e-15, "f"),
)
_SPAN = 0.9995  # of a unit, from which on it is used: 1 meV that rounding left below 1 is not 1000 µeV
_PREFIXED = MappingProxyType(
    # SI unit: (what is shown, how many SI units it is)
    {
        "m": ("m", 1.0), "J": ("eV", CHARGE), "K": ("K", 1.0), "V": ("V", 1.0), "A": ("A", 1.0), "W": ("W", 1.0),
        "S": ("S", 1.0), "ohm": ("Ω", 1.0),
    }
)  # fmt: skip
_FIXED = MappingProxyType(
    {
        "m^2": ("nm^2", 1e-18), "1/m": ("1/nm", 1e9), "rad/m": ("rad/nm", 1e9), "m^2/s": ("cm^2/s", 1e-4),
        "ohm m": ("µΩ cm", 1e-8), "1/(J m^3)": ("1/(eV nm^3)", 1e27 / CHARGE),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Handy:
    """A unit that is read easily.

    Attributes
    ----------
    name : as it is shown; worth : how many SI units it is.
    """

    name: str
    worth: float


def handy(size: float, si: str) -> Handy:
    """The unit for numbers of a size (in the unit `si`)."""
    if si in _FIXED:
        return Handy(*_FIXED[si])
    name, worth = _PREFIXED.get(si, (si, 1.0))
    if si not in _PREFIXED or not size or not math.isfinite(size):
        return Handy(name, worth)
    fitting = [one for one in _PREFIXES if abs(size) >= _SPAN * one[0] * worth]
    factor, prefix = fitting[0] if fitting else _PREFIXES[-1]
    return Handy(prefix + name, factor * worth)


def text(*values: float, si: str) -> str:
    """One number, or the components of a vector, with a unit."""
    unit = handy(max(map(abs, values)), si)
    shown = [f"{value / unit.worth:.{DIGITS}g}" for value in values]
    return f"{shown[0] if len(shown) == 1 else '(' + ', '.join(shown) + ')'} {unit.name}"
