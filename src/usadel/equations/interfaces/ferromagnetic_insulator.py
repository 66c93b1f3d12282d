"""Insulating magnet (S89 of the 2019 supplement without transmission), with M = m·σ̂ and mixing angle ϑ:

    σA ĝ∂ĝ = (n/2) G_φ {-i[M, ĝ] + (ϑ/4)[MĝM, ĝ]}

The second term is that of Eschrig, Cottet, Belzig, Linder, New J. Phys. 17, 083037 (2015) for a reflecting channel.
"""

from __future__ import annotations

from usadel.algebra.nambu import spin
from usadel.description.elements.interfaces import FerromagneticInsulatorLaw, Side
from usadel.equations.scattering import Scattering


def scattering(interface: FerromagneticInsulatorLaw, unit: float, side: Side) -> Scattering:
    """S₀ = -(i/2) G_φ M, c = ϑ/2G_φ."""
    mixing = interface.spin_mixing * unit
    twice = 0.5 * interface.second_order / mixing if mixing else 0.0
    return Scattering(reflection=-0.5j * mixing * spin(interface.magnetization), twice=twice)
