"""Exchange field: Σ̂ = h·σ̂ (Eq. S92 of the 2019 supplement)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from usadel.algebra.nambu import Complex, spin
from usadel.description.device.resolved import ResolvedLayer
from usadel.description.values.profiles import Expression
from usadel.terms.sampling import samples
from usadel.terms.term import PLACES, Constant


def self_energy(layer: ResolvedLayer, z: Any) -> Complex | None:
    """h(z)·σ̂ (n, 4, 4), h in Δ0."""
    return None if layer.exchange is None else spin(layer.exchange.at(z).T)


def _largest(layer: ResolvedLayer, z: Any) -> float:
    """Largest component of the field at relative positions z."""
    return 0.0 if layer.exchange is None else float(np.max(np.abs(layer.exchange.at(z))))


def rate(layer: ResolvedLayer) -> float:
    """Largest component of the field anywhere, however narrow its place."""
    given = layer.exchange.given if layer.exchange is not None else ()
    narrow = [float(np.max(np.abs(samples(part.text)[1]))) for part in given if isinstance(part, Expression)]
    return max(_largest(layer, PLACES), *narrow, 0.0)


def wave_number(layer: ResolvedLayer) -> float:
    """√(2h/D), of the field at every fourth place: a first grid need not know more."""
    return math.sqrt(2 * _largest(layer, PLACES[::4]) / layer.diffusion)


TERM = Constant("exchange_field", self_energy, rate, wave_number)
