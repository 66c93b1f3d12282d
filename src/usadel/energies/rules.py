"""Points in energy: compressed Matsubara sums, and panels on the real axis.

A sum over Matsubara frequencies, Σ_n 2πT F(ωₙ), of a function analytic in the upper half plane needs few points: F is
a superposition of 1/(ω+iE) - 1/ω and of the half-integer powers that boundary layers leave at high energy, and a rule
that integrates this family is as good as the sum. Nodes and weights are free, as in Gaussian quadrature, and found by
Newton's method with one node more at a time; the lowest nodes come out as the first Matsubara frequencies. At the
tightest tolerances, where this fails, nodes are selected from the frequencies by a pivoted QR factorization.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from usadel.discretization.space import lagrange_matrix

Array = NDArray[Any]

TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    highest_energy: float = 1e5  # of the family, in Δ0; at least ...
    above: float = 30.0  # ... this much above full weight
    beyond: float = 300.0  # candidate frequencies reach this much further, so that no weight grows large
    # Δ0, over the tolerance: up to here boundary layers count where singlets leak, E ~ x ln x ...
    layers: float = 300.0
    furthest_layer: tuple[float, float] = (1e6, 1e9)  # ... within these
    full_weight: float = 3.0  # energies (Δ0) above which the family counts less, as spectra decay; at least
    first: int = 8  # nodes of the first Gaussian rule
    most: int = 48  # nodes of the last one
    tightest: float = 3e-9  # tolerance below which no Gaussian rule is tried
    leaking_most: int = 60  # the same where singlets leak: selected nodes are of no use there
    leaking_tightest: float = 2e-11  # see leaking_most
    gain: float = 0.8  # of the error by one node more: where it is less, the outermost `TAIL` nodes are moved
    tail: int = 4
    # where no rule is found, those of families that contain this one are tried
    wider: tuple[float, ...] = (1.0, 8.0, 64.0)
    multiple: int = 4  # of which the number of nodes is one: energies are solved side by side
    first_steps: int = 40  # of Newton's method for the first and each later Gaussian rule
    steps: int = 15  # see first_steps
    variations: int = 4  # of the weights, whose effects together measure the error of a rule
    largest_variation: float = 0.1  # of a weight, relative
    fixed: float = 0.02  # nodes this close to the first frequencies have settled there


OPTIONS = Options()


@dataclass(frozen=True)
class Rule:
    """Σ_n F(n + ½) ≈ Σ_k weight[k] F(node[k]).

    Attributes
    ----------
    variation : change of the weights that changes the sums of the family by up to the tolerance; what it does to a
        result measures the error that the rule leaves there.
    """

    node: Array
    weight: Array
    variation: Array
    error: float


class Family:
    """Functions of n + ½ that a rule has to sum: x = node, E and κ in units of 2πT.

    E²/[x(x²+E²)], E/(x²+E²) are 1/x - 1/(x+iE); √κ/(x+κ)^{3/2}. At a distance d from a contact that singlets leak
    through, their boundary layer c ω^{-3/2} exp(-d√(2ω/D)) ends at κ ~ D/d², with a weight that falls like κ^{-1/2}.

    `leaks`: energy (Δ0) up to which these layers count, zero without such contacts.

    Attributes
    ----------
    largest : highest energy; target : exact sums, times the importance of each function.
    """

    def __init__(self, spacing: float, top: float, leaks: float, lowest: float, density: tuple[int, int]):
        self.largest = max(OPTIONS.highest_energy, OPTIONS.above * top) / spacing
        furthest = leaks / spacing if leaks else self.largest / 10
        energy = np.geomspace(lowest, self.largest, int(density[0] * np.log10(self.largest / lowest)) + 1)
        layer = np.geomspace(lowest, furthest, int(density[1] * np.log10(10 * furthest / lowest)) + 1)
        decay = np.minimum(1.0, top / spacing / energy)
        fading = np.sqrt(np.minimum(1.0, top / spacing / layer)) if leaks else np.ones_like(layer)
        self._energy, self._layer, self._decay = energy[:, None], layer[:, None], decay[:, None]
        self._size = (fading * np.sqrt(layer))[:, None]
        dispersive = (special.digamma(0.5 + 1j * energy) - special.digamma(0.5)).real
        absorptive = 0.5 * np.pi * np.tanh(np.pi * energy)
        self.target = np.concatenate(
            [decay * dispersive, decay * absorptive, self._size[:, 0] * special.zeta(1.5, 0.5 + layer)]
        )

    def values(self, x: Array) -> Array:
        """(functions, nodes)."""
        e, k = self._energy, self._layer
        square = x**2 + e**2
        return np.vstack([self._decay * e**2 / (x * square), self._decay * e / square, self._size / (x + k) ** 1.5])

    def slopes(self, x: Array) -> Array:
        """Derivatives with respect to ln x, (functions, nodes)."""
        e, k = self._energy, self._layer
        square = x**2 + e**2
        dispersive = -(e**2) * (3 * x**2 + e**2) / (x * square**2)
        absorptive = -2 * e * x**2 / square**2
        return np.vstack([self._decay * dispersive, self._decay * absorptive, -1.5 * x * self._size / (x + k) ** 2.5])


class _Gaussian:
    """Newton's method for nodes and weights, both by their logarithms: all weights are positive."""

    def __init__(self, family: Family, tolerance: float, leaks: bool):
        self.family, self.tolerance = family, tolerance
        self.moves, self.most = leaks, OPTIONS.leaking_most if leaks else OPTIONS.most
        x = np.geomspace(0.5, 1e4 * family.largest, 400)
        measure = x * np.sqrt(np.log(x[1] / x[0]))
        vectors, size, _ = np.linalg.svd(family.values(x) * measure, full_matrices=False)
        self._independent = vectors[:, size > 0.1 * tolerance].T

    def rule(self) -> Rule | None:
        """The smallest rule to the tolerance, with a multiple of `Options.multiple` nodes; None if there is none."""
        place, weight = self._first()
        last = np.inf
        while place.size <= self.most:
            place, weight, error = self._solve(place, weight)
            if self.moves and error > OPTIONS.gain * last and place.size > OPTIONS.first + OPTIONS.tail:
                further = self._solve(*_further_out(place, weight))
                place, weight, error = further if further[2] < error else (place, weight, error)
            last = error
            if error < self.tolerance and place.size % OPTIONS.multiple == 0:
                node, weight = np.exp(place), np.exp(weight)
                variation = least_noticed(self.family.values(node) * weight, weight, self.tolerance)
                return Rule(node, weight, variation, error)
            place, weight = _one_more(place, weight)
        return None

    def _first(self) -> tuple[Array, Array]:
        """Nodes one apart at the lower end and geometrically further up, x = ½ + sinh(aj)/a."""
        j = np.arange(OPTIONS.first)
        low, high = 0.05, 5.0
        while high - low > 1e-9:
            a = 0.5 * (low + high)
            low, high = (a, high) if 0.5 + np.sinh(a * j[-1]) / a < 0.02 * self.family.largest else (low, a)
        return np.log(0.5 + np.sinh(a * j) / a), np.log(np.cosh(a * j))

    def _residual(self, place: Array, weight: Array) -> tuple[Array, Array]:
        columns = self.family.values(np.exp(place)) * np.exp(weight)
        return columns, columns.sum(axis=1) - self.family.target

    def _solve(self, place: Array, weight: Array) -> tuple[Array, Array, float]:
        """Damped steps for the independent combinations of the family's sums."""
        count, damping = place.size, 1e-3
        columns, residual = self._residual(place, weight)
        norm = np.linalg.norm(self._independent @ residual)
        for _ in range(OPTIONS.first_steps if count == OPTIONS.first else OPTIONS.steps):
            slopes = self.family.slopes(np.exp(place)) * np.exp(weight)
            u, s, v = np.linalg.svd(self._independent @ np.hstack([slopes, columns]), full_matrices=False)
            projected = u.T @ (self._independent @ residual)
            for _ in range(8):
                step = -v.T @ (s * projected / (s**2 + (damping * norm) ** 2))
                largest = np.max(np.abs(step))
                if largest < 1.0:
                    columns, new = self._residual(place + step[:count], weight + step[count:])
                    smaller = np.linalg.norm(self._independent @ new)
                    if smaller < norm:
                        break
                damping = max(8 * damping, 1e-6)
            else:
                break
            place, weight, residual = place + step[:count], weight + step[count:], new
            gain, norm, damping = norm / smaller, smaller, 0.1 * damping
            if np.max(np.abs(residual)) < self.tolerance or (gain < 1.1 and largest < 0.1):
                break
        return place, weight, float(np.max(np.abs(residual)))


def _one_more(place: Array, weight: Array) -> tuple[Array, Array]:
    """Start for one more node: those that settled at the first frequencies stay, the others move together."""
    count = place.size
    number = np.arange(count)
    settled = max(1, int(np.sum(np.cumprod(np.abs(np.exp(place) - number - 0.5) < OPTIONS.fixed))))
    ratio = (count - settled) / (count - settled + 1)
    new = np.arange(count + 1)
    at = np.where(new < settled, new, settled - 1 + (new - settled + 1) * ratio)
    scaled = np.interp(at, number, weight)
    scaled[settled:] += np.log(ratio) if ratio > 0 else 0.0
    return lagrange_matrix(number, at, 4) @ place, scaled


def _further_out(place: Array, weight: Array) -> tuple[Array, Array]:
    """Start for the same number of nodes with the outermost ones, which lag behind, further out by up to a factor e."""
    ramp = np.zeros(place.size)
    ramp[-OPTIONS.tail :] = np.arange(1, OPTIONS.tail + 1) / OPTIONS.tail
    return place + ramp, weight + ramp


def least_noticed(columns: Array, weight: Array, tolerance: float) -> Array:
    """Sum of the relative changes of the weights that a family notices least, each as large as the tolerance.

    columns : (functions, nodes), what every node contributes to the sum of each function.
    """
    least = np.linalg.svd(columns, full_matrices=False)[2][-OPTIONS.variations :]
    effect = np.max(np.abs(columns @ least.T), axis=0)
    change = np.minimum(tolerance / effect, OPTIONS.largest_variation) @ least
    return weight * change


def _selected(spacing: float, top: float, tolerance: float) -> Rule:
    """Nodes selected from the frequencies by pivoted QR, weights by least squares."""
    from scipy import linalg  # here: it takes a while to import, and few devices need it

    family = Family(spacing, top, 0.0, 0.03, (8, 3))
    furthest = OPTIONS.beyond * family.largest
    candidates = np.round(np.geomspace(14, furthest, int(12 * np.log10(furthest / 14))))
    node = np.unique(np.concatenate([np.arange(14), candidates])) + 0.5
    scale = np.gradient(node)
    scale[:12] = 1.0
    matrix = family.values(node) * scale
    q, r, order = linalg.qr(matrix, mode="economic", pivoting=True)
    projected = q.T @ family.target
    for count in range(6, min(matrix.shape) + 1):
        weight = linalg.solve_triangular(r[:count, :count], projected[:count])
        error = float(np.max(np.abs(matrix[:, order[:count]] @ weight - family.target)))
        if error < tolerance:
            break
    ascending = np.argsort(order[:count])
    chosen = order[:count][ascending]
    weight = weight[ascending] * scale[chosen]
    # its weights are not unique: variations that the family does not notice would say nothing
    return Rule(node[chosen], weight, np.zeros_like(weight), error)


@lru_cache(maxsize=64)
def _rule(decade: int, tolerance: float, octave: int, leaks: bool, reach: float) -> Rule:
    """Rule for a Matsubara spacing 2πT/Δ0 of at least 10**(decade/8), weight 1 to `Options.full_weight`·2**octave."""
    spacing, top = 10.0 ** (decade / 8), OPTIONS.full_weight * 2.0**octave
    if leaks:
        furthest = min(reach, float(np.clip(OPTIONS.layers / tolerance, *OPTIONS.furthest_layer)))
        for wider in OPTIONS.wider if tolerance >= OPTIONS.leaking_tightest else ():
            family = Family(spacing, wider * top, furthest, 0.1, (8, 4))
            found = _Gaussian(family, tolerance / np.sqrt(2), leaks).rule()  # of complex functions
            if found:
                return found
    if tolerance > OPTIONS.tightest:
        found = _Gaussian(Family(spacing, top, 0.0, 0.1, (8, 4)), tolerance / np.sqrt(2), False).rule()
        if found:
            return found
    return _selected(spacing, top, tolerance)


def matsubara_rule(
    temperature: float,
    tolerance: float,
    scale: float = 0.0,
    coldest: float = np.inf,
    leaks: bool = False,
    reach: float = np.inf,
) -> tuple[Array, Array, Array]:
    """Points ω (Δ0) and weights w with Σ_n 2πT F(ωₙ) ≈ Σ_k w[k] F(ω[k]), for F vanishing faster than 1/ω.

    Parameters
    ----------
    temperature : temperature (Tc).
    tolerance : error for functions of the family with unit weight.
    scale : energy (Δ0) up to which spectra have structure of order one.
    coldest : a lower temperature (Tc) whose rule is to be used: it serves all higher ones, whose points then differ
        by a factor only.
    leaks : whether singlets leak through a contact, see `Family`.
    reach : energy (Δ0) up to which its layers count at most.

    Returns
    -------
    ω, w, and the variation of w that measures the error left (see `Rule`).
    """
    spacing = 2 * np.pi * temperature * TC
    octave = int(np.clip(np.ceil(np.log2(max(scale, OPTIONS.full_weight) / OPTIONS.full_weight)), 0, 26))
    decade = int(np.floor(8 * np.log10(min(1.0, coldest / temperature) * spacing)))
    rule = _rule(decade, tolerance, octave, leaks, reach)
    return spacing * rule.node, spacing * rule.weight, spacing * rule.variation


def gauss_panels(edges: Array, order: int) -> tuple[Array, Array]:
    """Gauss-Legendre points and weights on consecutive panels."""
    node, weight = np.polynomial.legendre.leggauss(order)
    lower, width = edges[:-1, None], np.diff(edges)[:, None]
    return (lower + 0.5 * width * (node + 1)).ravel(), (0.5 * width * weight).ravel()
