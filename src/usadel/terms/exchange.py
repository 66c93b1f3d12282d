"""Exchange field: Σ̂ = h·σ̂ (Eq. S92 of the 2019 supplement)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from usadel.algebra.nambu import Complex, spin
from usadel.terms.term import PLACES, Constant


def self_energy(layer: Any, z: Any) -> Complex:
    """h(z)·σ̂ (n, 4, 4), h in Δ0."""
    return spin(layer.profile("exchange_field", z).T)


def rate(layer: Any) -> float:
    """Largest component of the field anywhere."""
    return float(np.max(np.abs(layer.profile("exchange_field", PLACES))))


def wave_number(layer: Any) -> float:
    """√(2h/D), of the field at every fourth place: a first grid need not know more."""
    return math.sqrt(2 * float(np.max(np.abs(layer.profile("exchange_field", PLACES[::4])))) / layer.diffusion)


TERM = Constant("exchange_field", self_energy, rate, wave_number)
