"""Spin-orbit scattering at impurities: S = C_so Σ τ̂3σ̂ᵢĝσ̂ᵢτ̂3, C_so = ħ/8τ_so.

It relaxes triplets and leaves singlets alone. Source: Bergeret, Volkov, Efetov, Rev. Mod. Phys. 77, 1321.
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import RHO, Complex, sandwich
from usadel.description.device.resolved import ResolvedLayer
from usadel.terms.term import Linear


def self_energy_map(layer: ResolvedLayer) -> Complex:
    """The map ĝ → S (16, 16), in Δ0."""
    return layer.spin_orbit * sum((sandwich(s, s) for s in RHO[5:8]), np.zeros((16, 16)))


def rate(layer: ResolvedLayer) -> float:
    """8 C, ħ/τ."""
    return 8 * layer.spin_orbit


TERM = Linear("spin_orbit", self_energy_map, rate)
