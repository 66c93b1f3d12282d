"""Points in energy: compressed Matsubara sums, and panels on the real axis.

A sum over Matsubara frequencies, Σ_n 2πT F(ωₙ), of a function analytic in the upper half plane needs only a
selection of them: F is a superposition of 1/(ω+iE) - 1/ω and of the half-integer powers that boundary layers
leave at high energy, and the rule integrates this family. Nodes come from a pivoted QR factorization of the
family at candidate frequencies, weights from least squares against its exact sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special

Array = NDArray[Any]

TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0
HIGHEST_ENERGY = 1e5  # of the family, in Δ0
BEYOND = 300.0  # candidate frequencies reach this much further, so that no weight grows large
FULL_WEIGHT = 3.0  # energies (Δ0) above which the family counts less, as spectra decay; at least


@dataclass(frozen=True)
class Rule:
    """Σ_n F(n + ½) ≈ Σ_k weight[k] F(node[k])."""

    node: Array
    weight: Array
    error: float


@lru_cache(maxsize=64)
def _rule(decade: int, tolerance: float, octave: int) -> Rule:
    """Rule for a Matsubara spacing 2πT/Δ0 of at least 10**(decade/8), full weight up to `FULL_WEIGHT`·2**octave."""
    spacing = 10.0 ** (decade / 8)
    largest, top = HIGHEST_ENERGY / spacing, FULL_WEIGHT * 2.0**octave / spacing
    candidates = np.round(np.geomspace(14, BEYOND * largest, int(12 * np.log10(BEYOND * largest / 14))))
    node = np.unique(np.concatenate([np.arange(14), candidates])) + 0.5
    scale = np.gradient(node)
    scale[:12] = 1.0
    energy = np.geomspace(0.03, largest, int(8 * np.log10(largest / 0.03)) + 1)
    layer = np.geomspace(0.03, largest / 10, int(3 * np.log10(largest / 0.03)) + 1)
    e, k = energy[:, None], layer[:, None]
    family = np.vstack([e**2 / (node * (node**2 + e**2)), e / (node**2 + e**2), 0.1 * np.sqrt(k) / (node + k) ** 1.5])
    sums = np.concatenate(
        [
            (special.digamma(0.5 + 1j * energy) - special.digamma(0.5)).real,
            0.5 * np.pi * np.tanh(np.pi * energy),
            0.1 * np.sqrt(layer) * special.zeta(1.5, 0.5 + layer),
        ]
    )
    decay = 1.0 / np.maximum(1.0, energy / top)
    importance = np.concatenate([decay, decay, np.ones(layer.size)])
    matrix, target = family * importance[:, None] * scale, sums * importance
    q, r, order = linalg.qr(matrix, mode="economic", pivoting=True)
    projected = q.T @ target
    for count in range(6, min(matrix.shape) + 1):
        weight = linalg.solve_triangular(r[:count, :count], projected[:count])
        error = float(np.max(np.abs(matrix[:, order[:count]] @ weight - target)))
        if error < tolerance:
            break
    chosen = order[:count]
    ascending = np.argsort(chosen)
    return Rule(node[chosen][ascending], (weight * scale[chosen])[ascending], error)


def matsubara_rule(temperature: float, tolerance: float, scale: float = 0.0) -> tuple[Array, Array]:
    """Frequencies ω (Δ0) and weights w with Σ_n 2πT F(ωₙ) ≈ Σ_k w[k] F(ω[k]), for F vanishing faster than 1/ω.

    Parameters
    ----------
    temperature : temperature (Tc).
    tolerance : error for functions of the family with unit weight.
    scale : energy (Δ0) up to which spectra have structure of order one.
    """
    spacing = 2 * np.pi * temperature * TC
    octave = int(np.clip(np.ceil(np.log2(max(scale, FULL_WEIGHT) / FULL_WEIGHT)), 0, 10))
    rule = _rule(int(np.floor(8 * np.log10(spacing))), tolerance, octave)
    return spacing * rule.node, spacing * rule.weight


def gauss_panels(edges: Array, order: int) -> tuple[Array, Array]:
    """Gauss-Legendre points and weights on consecutive panels."""
    node, weight = np.polynomial.legendre.leggauss(order)
    lower, width = edges[:-1, None], np.diff(edges)[:, None]
    return (lower + 0.5 * width * (node + 1)).ravel(), (0.5 * width * weight).ravel()
