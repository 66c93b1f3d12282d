"""Charge gauge field: A_z = -½∂φ in place of a phase φ of the pairs that grows along the junction."""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import SIGMA, Complex
from usadel.description.device.resolved import ResolvedLayer
from usadel.terms.term import Gauge


def gauge_field(layer: ResolvedLayer) -> Complex:
    """A_x, A_y, A_z (3, 2, 2), in 1/ξ."""
    return -0.5 * layer.phase_gradient * np.stack([0 * SIGMA[0], 0 * SIGMA[0], SIGMA[0]])


TERM = Gauge("phase_gradient", gauge_field)
