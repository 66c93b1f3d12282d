"""Spin-active interface (S89 of the 2019 supplement; second order from the scattering condition of one channel).

    σA ĝ∂ĝ = (n/2) {G_T[S, ĝ] - iG_φ[M, ĝ]
                    + G_T(-(t/4)[SĝS, ĝ] + (ϑ²/4t)[MĝM, ĝ] + (i/4)ϑ[SĝM + MĝS, ĝ]
                          + (i/4)ϑ_out[F(ĝ_out M_out ĝ_out - M_out), ĝ])}

S = F(ĝ_out), F(v) = v + P/(1+q) {M_t, v} + (1-q)/(1+q) M_t v M_t with q = √(1-P²), which is T v T with T = 1 + P/(1+q)
M_t. M_t is the magnetization of the transmission, M and M_out those of the reflection here and beyond, ϑ/t = G_φ/G_T.
The terms in t, ϑ and ϑ²/t are one, -(1/4t)[KĝK, ĝ] with K = tS - iϑM. Every order conserves charge and energy.
"""

from __future__ import annotations

import math

from usadel.algebra.nambu import Complex, spin
from usadel.description.elements.interfaces import Side, SpinActiveLaw
from usadel.equations.scattering import NOTHING, ONE, Scattering


def scattering(interface: SpinActiveLaw, unit: float, side: Side) -> Scattering:
    """S₀ = -(i/2) G_φ M, c = t/2G_T, R = (i/8) t G_φ,out M_out."""
    conductance, t = interface.conductance * unit, interface.second_order
    beyond = _reflection(interface, unit, "right" if side == "left" else "left")
    return Scattering(
        conductance=conductance,
        transmission=_transmission(interface),
        reflection=_reflection(interface, unit, side),
        twice=0.5 * t / conductance,
        echo=-0.25 * t * beyond,
    )


def _reflection(interface: SpinActiveLaw, unit: float, side: Side) -> Complex:
    mixing, direction = interface.reflection(side)
    return -0.5j * mixing * unit * spin(direction) if mixing and direction else NOTHING


def _transmission(interface: SpinActiveLaw) -> Complex:
    p, direction = interface.polarization, interface.magnetization
    return ONE + p / (1 + math.sqrt(1 - p**2)) * spin(direction) if p and direction else ONE
