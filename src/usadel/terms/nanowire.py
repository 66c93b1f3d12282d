"""Rashba coupling of a nanowire, with a normal along y: A = (0, 0, -ασx) along the junction."""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import SIGMA, Complex
from usadel.description.device.resolved import ResolvedLayer
from usadel.terms.term import Gauge


def gauge_field(layer: ResolvedLayer) -> Complex:
    """A_x, A_y, A_z (3, 2, 2), in 1/ξ."""
    return layer.nanowire * np.stack([0 * SIGMA[0], 0 * SIGMA[0], -SIGMA[1]])


TERM = Gauge("nanowire", gauge_field)
