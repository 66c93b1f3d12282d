"""Spin-flip scattering at magnetic impurities: S = C_sf Σ σ̂ᵢĝσ̂ᵢ, C_sf = ħ/8τ_sf (Eq. 10 of Morten et al., 2004).

A homogeneous superconductor has the pair-breaking rate 6 C_sf of Abrikosov and Gorkov.
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import RHO, Complex, sandwich
from usadel.description.device.resolved import ResolvedLayer
from usadel.terms.term import Linear


def self_energy_map(layer: ResolvedLayer) -> Complex:
    """The map ĝ → S (16, 16), in Δ0."""
    return layer.spin_flip * sum((sandwich(s, s) for s in RHO[1:4]), np.zeros((16, 16)))


def rate(layer: ResolvedLayer) -> float:
    """8 C, ħ/τ."""
    return 8 * layer.spin_flip


TERM = Linear("spin_flip", self_energy_map, rate)
