"""General SU(2) gauge field, as of any linear spin-orbit coupling: A_k = a_k·σ (Bergeret, Tokatly, PRB 89, 134517)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from usadel.algebra.nambu import SIGMA, Complex
from usadel.description.device.resolved import ResolvedLayer
from usadel.terms.term import Gauge


def _field(direction: int, vector: Any) -> Complex:
    field = np.zeros((3, 2, 2), complex)
    field[direction] = np.einsum("i,iab->ab", np.asarray(vector, float), SIGMA[1:])
    return field


def _term(key: str, direction: int) -> Gauge:
    def gauge_field(layer: ResolvedLayer) -> Complex:
        """A_x, A_y, A_z (3, 2, 2), in 1/ξ."""
        return _field(direction, getattr(layer, key))

    def wave_number(layer: ResolvedLayer) -> float:
        """2|a|."""
        return 2 * math.hypot(*map(float, getattr(layer, key)))

    return Gauge(key, gauge_field, own_wave_number=wave_number)


TERMS = tuple(_term(f"gauge_{name}", direction) for direction, name in enumerate("xyz"))
