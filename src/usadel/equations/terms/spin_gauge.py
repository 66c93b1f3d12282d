"""General SU(2) gauge field, as of any linear spin-orbit coupling: A_k = a_k·σ (Bergeret, Tokatly, PRB 89, 134517)."""

from __future__ import annotations

from typing import Any

import numpy as np

from usadel.algebra.nambu import SIGMA, Complex
from usadel.description.device.resolved import ResolvedLayer


def _field(direction: int, vector: Any) -> Complex:
    field = np.zeros((3, 2, 2), complex)
    field[direction] = np.einsum("i,iab->ab", np.asarray(vector, float), SIGMA[1:])
    return field


def gauge_field_x(layer: ResolvedLayer) -> Complex:
    """A_x, A_y, A_z (3, 2, 2), in 1/ξ, of `gauge_x`."""
    return _field(0, layer.gauge_x)


def gauge_field_y(layer: ResolvedLayer) -> Complex:
    """The same of `gauge_y`."""
    return _field(1, layer.gauge_y)


def gauge_field_z(layer: ResolvedLayer) -> Complex:
    """The same of `gauge_z`."""
    return _field(2, layer.gauge_z)
