"""Density of states, with spin, at both signs of the energy.

N(E; p) = Re[g_s + g_t·p],  ĝ₁₁ = g_s + g_t·σ,   ĝ₁₁(-E) = -ĝ₂₂(E)*
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import SIGMA, Complex
from usadel.algebra.riccati import halves, inverse_one_minus
from usadel.algebra.spin_symmetry import ELECTRONS, GENERAL, HOLES, SpinSymmetry


def both_signs(state: Complex, symmetry: SpinSymmetry = GENERAL) -> np.ndarray:
    """(2, 4, sites, L): spin average and spin x, y, z parts of N/N0 at E, and at -E, of states (sites, 2E, L) at E."""
    gamma, tilde = halves(state)
    electrons, holes = inverse_one_minus(gamma, tilde), inverse_one_minus(tilde, gamma)
    parts = (electrons, SIGMA, ELECTRONS), (holes, SIGMA.conj(), HOLES)  # ½Re Tr σX* = ½Re Tr σ*X
    return np.stack([_spin_parts(n, symmetry.weights(_traces(sigma), block)) for n, sigma, block in parts])


def _traces(matrices: Complex) -> Complex:
    """Weights (4, 4) of the entries of X in ½Tr σₖX, one column for each of four matrices."""
    return np.asarray(0.5 * matrices.swapaxes(1, 2).reshape(4, 4).T)


def _spin_parts(n: Complex, weights: Complex) -> np.ndarray:
    """Re of sums of the entries of 2n - 1 with weights (E, 4)."""
    found = 2 * np.moveaxis((weights.T @ n).real, -2, 0)
    found[0] -= 1
    return found
