"""How small and how large values may be: far beyond every experiment, and far within what floating point can do.

The equations hold for any numbers, their solution on a computer does not: 1e300 overflows where it is squared, and a
layer of 1e-12 ξ, which no material has, has differences of nothing but rounding. So every quantity has a range, by its
unit, and a value outside is refused when the device is read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """The sizes that a quantity may have.

    Attributes
    ----------
    smallest : of one that has to be positive; others may be zero, and as close to it as they like.
    largest : of any, of either sign.
    """

    smallest: float
    largest: float


RANGES = {
    "ξ": Range(1e-4, 1e6),  # 10 to 1000 nm: from less than an atom to centimetres
    "Tc": Range(1e-8, 1e4),  # from a hundredth of a microkelvin
    "Δ0": Range(1e-12, 1e6),  # some meV: up to keV
    "Δ0/|e|": Range(1e-12, 1e6),
    "ħ/Δ0": Range(1e-6, 1e12),  # a third of a picosecond for some meV: attoseconds to seconds
    "D0": Range(1e-6, 1e6),
    "σ0": Range(1e-9, 1e9),
    "A0": Range(1e-9, 1e9),
    "G_N": Range(1e-15, 1e9),
    "1/ξ": Range(1e-12, 1e4),
    "rad/ξ": Range(1e-12, 1e4),
    "rad": Range(1e-12, 1e6),
}
"""Unit -> sizes of values in it."""

GAPS = Range(1e-12, 1e9)
"""Δ0: some stand for infinite ones."""

COUPLINGS = Range(1e-300, 1e4)
"""Tc, of critical temperatures, whose logarithms count."""

OTHERS = Range(1e-12, 1e9)
"""Sizes of values in any other unit."""

DIRECTION = Range(1e-100, 1e100)
"""Lengths of vectors of which only the direction counts."""

SHORTEST = 1e-4
"""ξ, of L/√D: differences of a state along a shorter layer are lost in rounding."""

MOST_LAYERS = 1000
"""Of a device."""


def range_of(unit: str) -> Range:
    """The sizes of values in a unit."""
    return RANGES.get(unit, OTHERS)


def has_direction(length: float) -> bool:
    """Whether a vector of this length has a direction that can be told."""
    return math.isfinite(length) and DIRECTION.smallest <= length <= DIRECTION.largest
