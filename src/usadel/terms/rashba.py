"""Rashba coupling in the plane of the layer: A = (-ασy, ασx, 0) (Jacobsen, Ouassou, Linder, PRB 92, 024510)."""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import SIGMA, Complex
from usadel.description.device.resolved import ResolvedLayer
from usadel.terms.term import Gauge


def gauge_field(layer: ResolvedLayer) -> Complex:
    """A_x, A_y, A_z (3, 2, 2), in 1/ξ."""
    return layer.rashba * np.stack([-SIGMA[2], SIGMA[1], 0 * SIGMA[0]])


TERM = Gauge("rashba", gauge_field)
