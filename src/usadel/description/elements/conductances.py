"""Conductances of interfaces as they are measured, in the units of the program."""

from __future__ import annotations

import math

from usadel.description.values.metal import ReferenceMetal
from usadel.description.values.readings import Around, Reading


def normal_factor(polarization: float, second_order: float) -> float:
    """Normal-state conductance over G_T: (2/(1+q)) (1 - t(1+P²)/(1+q)), q = √(1-P²)."""
    q = math.sqrt(1 - polarization**2)
    return 2 / (1 + q) * (1 - second_order * (1 + polarization**2) / (1 + q))


def _ratio(conductance: float, metal: ReferenceMetal, at: Around) -> float:
    """A conductance (S) over G_N = σA/L."""
    return float(conductance / (at.reference.conductance * metal.conductance))


def _ratio_per_area(conductance: float, metal: ReferenceMetal, at: Around) -> float:
    """A conductance per area (S/m²) over G_N/A = σ/L; the area is that of the layer."""
    return float(conductance * metal.length / metal.conductivity * at.reference.area / at.reference.conductance)


def _of_normal_state(given: Reading, expanded: bool = True) -> Reading:
    """G_T of an interface that polarizes from what is measured in the normal state; `expanded`: to second order."""

    def number(value: float, metal: ReferenceMetal, at: Around) -> float:
        second_order = at.value("second_order") if expanded else 0.0
        return given.number(value, metal, at) / normal_factor(at.value("polarization"), second_order)

    return Reading(given.unit, number)


MIXING = (Reading("S", _ratio), Reading("S/m^2", _ratio_per_area))
"""What is given absolutely instead of relative to G_N."""

_RESISTANCE = Reading("ohm", lambda resistance, metal, at: _ratio(1 / resistance, metal, at))
_RESISTANCE_AREA = Reading("ohm m^2", lambda resistance, metal, at: _ratio_per_area(1 / resistance, metal, at))
CONDUCTING = (*MIXING, _RESISTANCE, _RESISTANCE_AREA)

POLARIZING = tuple(map(_of_normal_state, CONDUCTING))
"""Measured values, which are those of the normal state, of an interface that polarizes."""


def _over_layer(conductance: float, metal: ReferenceMetal, at: Around) -> float:
    """A conductance per area (S/m²) in σ/ξ of the layer that it lies on."""
    return float(conductance * metal.length / metal.conductivity / at.reference.conductivity)


PER_AREA = (
    Reading("S/m^2", _over_layer),
    Reading("ohm m^2", lambda resistance, metal, at: _over_layer(1 / resistance, metal, at)),
)
"""What is given absolutely instead of relative to σ/ξ of a layer."""
PER_AREA_POLARIZING = tuple(_of_normal_state(reading, expanded=False) for reading in PER_AREA)
