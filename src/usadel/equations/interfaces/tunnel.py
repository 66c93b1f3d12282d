"""Tunnel barrier, σA ĝ∂ĝ = (n/2) G_T [ĝ_out, ĝ] (Kupriyanov and Lukichev; S89 of the 2019 supplement at P = 0)."""

from __future__ import annotations

from usadel.description.elements.interfaces import Side, TunnelLaw
from usadel.equations.scattering import Scattering


def scattering(interface: TunnelLaw, unit: float, side: Side) -> Scattering:
    """S = ½ G_T ĝ_out."""
    return Scattering(conductance=interface.conductance * unit)
