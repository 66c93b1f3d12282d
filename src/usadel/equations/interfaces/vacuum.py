"""Nothing: ĝ∂ĝ = 0."""

from __future__ import annotations

from typing import Any

from usadel.equations.scattering import Scattering


def scattering(interface: Any, unit: float, side: str) -> Scattering:
    """S = 0."""
    return Scattering()
