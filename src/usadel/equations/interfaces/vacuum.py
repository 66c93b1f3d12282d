"""Nothing: ĝ∂ĝ = 0."""

from __future__ import annotations

from usadel.description.elements.interfaces import Side, VacuumLaw
from usadel.equations.scattering import Scattering


def scattering(interface: VacuumLaw, unit: float, side: Side) -> Scattering:
    """S = 0."""
    return Scattering()
