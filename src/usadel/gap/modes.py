"""Modes of A = K - ∂G/∂Δ: which turn all phases, which is softest."""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.discretization.gap_basis import GapBasis
from usadel.states.problem import Array

NULL_OVERLAP = 0.9  # of a mode with the turn of all phases: it is that


def turns_all_phases(network: Network, basis: GapBasis, gap: Complex, vectors: Complex) -> Array:
    """Which modes (columns, of unit norm) turn all phases alike, which costs nothing if no reservoir fixes them."""
    turn = basis.restrict(basis.collect(1j * gap))
    size = float(np.linalg.norm(turn))
    if size == 0.0 or network.fixes_phase:
        return np.zeros(vectors.shape[1], bool)
    return np.abs(turn @ vectors) > NULL_OVERLAP * size
