"""Matsubara sums that end at a cutoff, for the gap equation of a layer with a Debye energy.

    Σ_{0 < ωₙ < ω_D} 2πT F(ωₙ)

Every frequency stands for the interval ωₙ ± πT and counts with the share of it below the cutoff, in the mean over
cutoffs ω_D ± πT: so the sum and its slopes depend continuously on temperature and cutoff, and it becomes the integral
up to ω_D at zero temperature. Few frequencies are summed as they are. Many are replaced by the nodes of a Gaussian rule
for this very sum: polynomials in ln ω times 1/ω, orthogonal on the frequencies, by Lanczos' method. There is one for
every number of nodes, with positive weights, and it moves smoothly with the temperature.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh_tridiagonal

from usadel.energies.rules import TC, Array, gauss_panels, least_noticed


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    multiple: int = 4  # of which the number of points is one: energies are solved side by side
    most: int = 64  # points of a rule
    frequencies: int = 4000  # that are summed one by one; further out the sum is an integral
    panel: float = 2.0  # ratio of the ends of an interval of that integral
    order: int = 12  # points in it
    lowest: float = 0.1  # 2πT, energy from which on functions are tried
    beyond: float = 10.0  # cutoffs, to where
    per_decade: int = 8  # tried functions


OPTIONS = Options()

SLOPE = np.array([-1, 1]) / 24  # of two neighbouring values: F'/24


@lru_cache(maxsize=256)
def cutoff_rule(
    temperature: float, cutoff: float, tolerance: float, coldest: float = np.inf
) -> tuple[Array, Array, Array]:
    """Points ω (Δ0) and weights w with Σ_{ωₙ < ω_D} 2πT F(ωₙ) ≈ Σ_k w[k] F(ω[k]).

    Parameters
    ----------
    temperature : (Tc); cutoff : ω_D (Δ0).
    tolerance : error for E²/[ω(ω²+E²)] and E/(ω²+E²) at any E.
    coldest : a lower temperature (Tc) whose number of points is to be used.

    Returns
    -------
    ω, w, and the variation of w that measures the error left, see `energies.Rule`.
    """
    spacing = 2 * np.pi * temperature * TC
    count = _count(cutoff / (min(1.0, coldest / temperature) * spacing), tolerance)
    x, weight = _frequencies(cutoff / spacing)
    if x.size <= count:
        node = np.arange(count) + 0.5
        weight = np.pad(weight, (0, count - x.size))
        return spacing * node, spacing * weight, np.zeros(count)
    node, weight = _gaussian(*_recurrence(x, weight, count), count)
    variation = least_noticed(_family(node, cutoff / spacing) * weight / node, weight, tolerance)
    return spacing * node, spacing * weight, spacing * variation


def _frequencies(cutoff: float) -> tuple[Array, Array]:
    """n + ½ below a cutoff (in units of 2πT) with their weights; of many, points of an integral for all but the ends.

    Σ F(n + ½) = ∫ F - [F']/24 (Euler, Maclaurin), with the slopes F' from the two frequencies beyond each end.
    """
    whole = max(0, int(cutoff - 0.5))  # frequencies that count fully
    x, weight = np.arange(min(whole, OPTIONS.frequencies)) + 0.5, np.ones(min(whole, OPTIONS.frequencies))
    if whole > OPTIONS.frequencies + 2:
        begin, end = OPTIONS.frequencies, whole - 2
        panels = int(np.ceil(np.log(end / begin) / np.log(OPTIONS.panel)))
        far, share = gauss_panels(np.geomspace(begin, end, panels + 1), OPTIONS.order)
        weight[-2:] += SLOPE
        x, weight = np.concatenate([x, far, [end + 0.5, end + 1.5]]), np.concatenate([weight, share, 1 - SLOPE])
    elif whole > OPTIONS.frequencies:
        x, weight = np.arange(whole) + 0.5, np.ones(whole)
    last = np.arange(whole, np.ceil(cutoff + 0.5)) + 0.5
    return np.append(x, last), np.append(weight, _below(cutoff - last) - _below(-cutoff - last))


def _below(distance: Array) -> Array:
    """Share of an interval of unit width below a cutoff that is this far above its middle, and as wide."""
    inside = np.clip(distance, -1.0, 1.0)
    return np.asarray(0.5 + inside - 0.5 * inside * np.abs(inside))


def _recurrence(x: Array, weight: Array, count: int) -> tuple[Array, Array, float]:
    """Diagonal, off-diagonal and mass of the Jacobi matrix of Σ (weight/x) p(ln x)."""
    place, measure = np.log(x), weight / x
    vectors = np.zeros((count, x.size))
    diagonal, beside = np.zeros(count), np.zeros(count)
    vector = np.sqrt(measure / measure.sum())
    for k in range(count):
        vectors[k] = vector
        vector = place * vector
        diagonal[k] = vectors[k] @ vector
        for _ in range(2):  # once more against rounding
            vector = vector - (vectors[: k + 1] @ vector) @ vectors[: k + 1]
        beside[k] = np.linalg.norm(vector)
        vector = vector / beside[k]
    return diagonal, beside, float(measure.sum())


def _gaussian(diagonal: Array, beside: Array, mass: float, count: int) -> tuple[Array, Array]:
    """Nodes and weights of the rule with some number of nodes."""
    place, vectors = eigh_tridiagonal(diagonal[:count], beside[: count - 1])
    node = np.exp(place)
    return node, mass * vectors[0] ** 2 * node


def _family(x: Array, cutoff: float) -> Array:
    """x F(x) of the functions that a rule has to sum, (functions, nodes), in units of 2πT."""
    decades = np.log10(OPTIONS.beyond * cutoff / OPTIONS.lowest)
    energy = np.geomspace(OPTIONS.lowest, OPTIONS.beyond * cutoff, int(OPTIONS.per_decade * decades) + 1)[:, None]
    square = x**2 + energy**2
    return np.vstack([energy**2 / square, energy * x / square])


@lru_cache(maxsize=256)
def _count(cutoff: float, tolerance: float) -> int:
    """Smallest number of points, a multiple of `Options.multiple`, that is enough below a cutoff (in units of 2πT)."""
    x, weight = _frequencies(cutoff)
    counts = range(2 * OPTIONS.multiple, OPTIONS.most + 1, OPTIONS.multiple)
    most = min(OPTIONS.most, x.size - 1)
    recurrence = _recurrence(x, weight, most) if most >= counts[0] else None
    family = _family(x, cutoff) / x
    target = family @ weight
    for count in counts:
        if x.size <= count or recurrence is None:
            return count
        node, share = _gaussian(*recurrence, count)
        if np.max(np.abs(_family(node, cutoff) / node @ share - target)) < tolerance:
            return count
    return OPTIONS.most
