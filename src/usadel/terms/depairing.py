"""Orbital depairing by a magnetic field or supercurrent: S = (C_dp/4) τ̂3ĝτ̂3.

A homogeneous superconductor has the pair-breaking rate C_dp/2 of Abrikosov and Gorkov; a thin film of thickness d in
a parallel field B has C_dp = D(eBd)²/3ħ (Belzig, Bruder, Schön, Phys. Rev. B 54, 9443).
"""

from __future__ import annotations

from usadel.algebra.nambu import TAU3, Complex, sandwich
from usadel.description.device.resolved import ResolvedLayer
from usadel.terms.term import Linear


def self_energy_map(layer: ResolvedLayer) -> Complex:
    """The map ĝ → S (16, 16), in Δ0."""
    return 0.25 * layer.depairing * sandwich(TAU3, TAU3)


def rate(layer: ResolvedLayer) -> float:
    """Twice the pair-breaking rate."""
    return layer.depairing


TERM = Linear("depairing", self_energy_map, rate)
