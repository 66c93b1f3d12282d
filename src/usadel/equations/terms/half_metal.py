"""Strongly polarized magnets: the spins s = ±1 along m diffuse apart from each other, with D(1 + sP)/2.

    ½D(1 + PM) ∂(ĝ∂ĝ) = [S, ĝ],   σA ½(1 + PM) ĝ∂ĝ = n [QS, ĝ] at an end,   M = m·σ̂,   QS = ½(S + MSM)

Pairs of opposite spins are absent, so that [ĝ, M] = 0: an interface law acts through its part QS that commutes with M.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from usadel.algebra.nambu import SIGMA, Complex, sandwich, spin


def inverse_diffusion(layer: Any) -> Complex:
    """2(1 - PM)/(1 - P²) (4, 4), the inverse of ½(1 + PM)."""
    p = layer.polarization
    return 2.0 / (1.0 - p**2) * (np.eye(4) - p * spin(layer.magnetization))


def equal_spin_law(layer: Any) -> Complex:
    """The map S → 2(1 - PM)/(1 - P²) QS (16, 16) of the matrix of an interface law."""
    m, inverse = spin(layer.magnetization), inverse_diffusion(layer)
    return 0.5 * (sandwich(inverse, np.eye(4)) + sandwich(inverse @ m, m))


def current_weight(layer: Any) -> Complex:
    """½(1 + P m·σ) (2, 2), with which each spin counts in the currents."""
    return 0.5 * (SIGMA[0] + layer.polarization * np.einsum("i,ijk->jk", np.asarray(layer.magnetization), SIGMA[1:]))
