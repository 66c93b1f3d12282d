"""Spin-active interface, σA ĝ∂ĝ = (n/2) {G_T[F(ĝ_out), ĝ] - iG_φ[m·σ̂, ĝ]} (S89 of the 2019 supplement)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from usadel.algebra.nambu import Complex, sandwich, spin


def across(interface: Any, unit: float) -> Complex:
    """S = ½ G_T F(ĝ_out), F(v) = T v T, T = 1 + P/(1+√(1-P²)) m·σ̂."""
    polarization = interface.polarization
    transmission = np.eye(4, dtype=complex)
    if polarization:
        factor = polarization / (1 + math.sqrt(1 - polarization**2))
        transmission += factor * spin(interface.magnetization)
    return 0.5 * interface.conductance * unit * sandwich(transmission, transmission)


def own(interface: Any, unit: float, side: str) -> Complex | None:
    """S = -(i/2) G_φ m·σ̂ of the side of the interface that faces this end of a layer."""
    mixing, direction = interface.reflection("right" if side == "left" else "left")
    return -0.5j * mixing * unit * spin(direction) if mixing else None
