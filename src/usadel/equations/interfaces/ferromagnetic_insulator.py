"""Insulating magnet, σA ĝ∂ĝ = -(n/2) iG_φ [m·σ̂, ĝ] (S89 of the 2019 supplement without transmission)."""

from __future__ import annotations

from typing import Any

from usadel.algebra.nambu import Complex, spin


def across(interface: Any, unit: float) -> None:
    """Nothing is transmitted."""


def own(interface: Any, unit: float, side: str) -> Complex:
    """S = -(i/2) G_φ m·σ̂."""
    return -0.5j * interface.spin_mixing * unit * spin(interface.magnetization)
