"""Exchange field: Σ̂ = h·σ̂ (Eq. S92 of the 2019 supplement)."""

from __future__ import annotations

from typing import Any

from usadel.algebra.nambu import Complex, spin
from usadel.description.device.resolved import ResolvedLayer


def self_energy(layer: ResolvedLayer, z: Any) -> Complex | None:
    """h(z)·σ̂ (n, 4, 4), h in Δ0."""
    return None if layer.exchange is None else spin(layer.exchange.at(z).T)
