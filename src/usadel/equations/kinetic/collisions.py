"""Inelastic collisions in the relaxation time approximation: electrons relax towards baths with their own spectrum.

    ∂J + R h = (1/τD) M (h - h_b),   normal metal: D h'' = (h - h_b)/τ

from Š = ǧ_b/2τ with ĝ_bᴷ = ĝĥ_b - ĥ_bĝᴬ. The bath of collisions between electrons has a temperature, a voltage and a
spin voltage of its own at every place, such that these conserve energy, charge and spin; that of phonons has their
temperature, and such voltages. In a layer with pairs there is no voltage: charge goes into the condensate.

A bath is (5) numbers: T (Tc), V (Δ0/|e|), and the vector Vs (Δ0).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import MODES, SPIN, SPIN_ENERGY, Mode
from usadel.energies.rules import TC
from usadel.equations.kinetic.distributions import tanh_less_one

Array = NDArray[Any]

NUMBERS = 5
ROWS = np.array([int(Mode.ENERGY), int(Mode.CHARGE), *range(SPIN.start, SPIN.stop)])
"""Modes of what collisions conserve: energy, of which the integral has a factor E, charge, spin."""
STEP = 1e-4  # of numbers of a bath in central differences; only Newton's steps feel their error


def deviations(baths: Array, temperature: float, energy: Array) -> Array:
    """δh of baths (n, 5) over tanh(E/2T_ref), (n, 8, L), to its own relative accuracy."""
    t, v, spins = baths[:, 0, None], baths[:, 1, None], baths[:, 2:]
    size = np.linalg.norm(spins, axis=1, keepdims=True)
    axis = np.where(size > 0, spins / np.where(size > 0, size, 1.0), [0.0, 0.0, 1.0])[:, :, None]
    h = np.zeros((len(baths), MODES, energy.size))
    for c in (1, -1):
        for s in (1, -1):
            f = 0.25 * tanh_less_one((energy + c * v + c * s * size) / (2 * t * TC))
            h[:, Mode.ENERGY] += f
            h[:, SPIN_ENERGY] += s * axis * f[:, None]
            h[:, Mode.CHARGE] += c * f
            h[:, SPIN] += c * s * axis * f[:, None]
    h[:, Mode.ENERGY] -= tanh_less_one(energy / (2 * temperature * TC))
    return h


def derivatives(baths: Array, energy: Array) -> Array:
    """∂h_b by the numbers of baths, (5, n, 8, L)."""
    found = []
    for k in range(NUMBERS):
        step = np.zeros(NUMBERS)
        step[k] = STEP * (float(np.min(baths[:, 0])) if k == 0 else 1.0)
        ahead, behind = (deviations(baths + way * step, 1.0, energy) for way in (1, -1))
        found.append((ahead - behind) / (2 * step[k]))
    return np.array(found)


def moments(m: Array, h: Array, baths: Array, temperature: float, energy: Array) -> Array:
    """What collisions are to conserve, and its derivatives by the baths: (n, 5 + 25, L).

    ROWS of M(h - h_b), and of M ∂h_b: their integrals over energy are those of F, which is to vanish, and of -∂F.
    m : (n, 64, L); h : (n, 8, L).
    """
    factor = np.ones((NUMBERS, energy.size))
    factor[0] = energy
    matrix = m.reshape(len(m), MODES, MODES, -1)[:, ROWS]
    missing = factor * np.einsum("nijl,njl->nil", matrix, h - deviations(baths, temperature, energy))
    slopes = factor[:, None] * np.einsum("nijl,knjl->nikl", matrix, derivatives(baths, energy))
    return np.concatenate([missing, slopes.reshape(len(m), NUMBERS**2, -1)], axis=1)
