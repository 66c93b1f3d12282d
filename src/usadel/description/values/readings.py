"""What a number with a unit stands for at a key: its number in the unit of the key, by the scale of the device."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from usadel.description.values.measures import Measure, read_measure
from usadel.description.values.metal import CHARGE, FLUX_QUANTUM, MAGNETON, PLANCK, UNITS, ReferenceMetal
from usadel.errors import InputError, shown

NO_SCALE = (
    "has a unit; allowed: a table [scale] with critical_temperature, and coherence_length or diffusion, or plain "
    "numbers, of lengths in ξ, of energies in Δ0, of temperatures in Tc, of voltages in Δ0/|e|"
)


@dataclass(frozen=True)
class Around:
    """What a reading may need to know.

    Attributes
    ----------
    metal : the reference metal; None if the device has no scale.
    value : what is in force at another key of the same element.
    reference : of an interface, the layer whose G_N its ratios refer to.
    """

    metal: ReferenceMetal | None
    value: Callable[[str], Any]
    reference: Any = None


@dataclass(frozen=True)
class Reading:
    """Another quantity by which a number may be given.

    Attributes
    ----------
    unit : SI unit, one of `measures.DIMENSIONS`.
    number : number in the unit of the key, of a value in that SI unit.
    """

    unit: str
    number: Callable[[float, ReferenceMetal, Around], float]


ZEEMAN = Reading("T", lambda field, metal, at: MAGNETON * field / metal.gap)
"""An exchange field by the magnetic field that splits the spins of free electrons (g = 2) as much: h = μ_B B."""

BIAS = Reading("V", lambda voltage, metal, at: CHARGE * voltage / metal.gap)
"""An energy by a voltage: eV."""

PRECESSION = Reading("Hz", lambda frequency, metal, at: PLANCK * frequency / metal.gap)
"""An energy ħΩ by the frequency Ω/2π."""


def _in_plane(field: float, metal: ReferenceMetal, at: Around) -> float:
    """C_dp = ⅓ D (πBξd/Φ0)² of a film of thickness d ≪ ξ in a field B in its plane, D relative to the reference."""
    thickness = at.value("thickness")
    if thickness is None:
        raise InputError("is a magnetic field in the plane of a film: needs its thickness")
    flux = math.pi * field * metal.length**2 * thickness / FLUX_QUANTUM
    return float(at.value("diffusion") * flux**2 / 3)


IN_PLANE = Reading("T", _in_plane)
"""An orbital depairing by the field in the plane of a film."""

RESISTIVITY = Reading("ohm m", lambda resistivity, metal, at: 1 / (resistivity * metal.conductivity))
"""A conductivity by its inverse."""


def read(text: str, unit: str, also: tuple[Reading, ...]) -> Measure:
    """A number with a unit, checked to be one that a key in `unit` can have; raises `InputError`."""
    own = [UNITS[unit].si] if unit in UNITS else []
    return read_measure(text, [*own, *(reading.unit for reading in also)], unit)


def number(text: str, unit: str, also: tuple[Reading, ...], around: Around) -> float:
    """What it stands for, in `unit`.

    Raises
    ------
    InputError
        If the unit is that of something else, or not enough is known of the reference metal.
    """
    measure, metal = read(text, unit, also), around.metal
    if measure.unit == "rad":
        return measure.value
    if metal is None:
        raise InputError(f"{shown(text)} {NO_SCALE}")
    try:
        for reading in also:
            if reading.unit == measure.unit:
                return reading.number(measure.value, metal, around)
        return measure.value / metal.worth(unit)
    except ZeroDivisionError:
        raise InputError(f"{shown(text)} must not be zero") from None
    except InputError as error:
        raise InputError(f"{shown(text)} {error.problem}") from None


PARAMETERS = MappingProxyType(
    {UNITS[unit].si: unit for unit in ("rad", "ξ", "1/ξ", "Tc", "Δ0", "Δ0/|e|", "D0", "σ0", "A0", "Δ0/(|e| R_ξ)")}
)
"""SI unit -> unit of the program, of what means the same at every key."""
