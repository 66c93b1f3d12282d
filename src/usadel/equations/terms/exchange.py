"""Exchange field: Σ̂ = h·σ̂ (Eq. S92 of the 2019 supplement)."""

from __future__ import annotations

from typing import Any

from usadel.algebra.nambu import Complex, spin


def self_energy(layer: Any, z: Any) -> Complex:
    """h(z)·σ̂ (n, 4, 4), h in Δ0."""
    return spin(layer.profile("exchange_field", z).T)
