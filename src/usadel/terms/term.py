"""What a term of the Usadel equation is: a matrix, the key that switches it on, and how strongly states feel it.

First grids and energy rules ask every term for its `rate` (energy up to which spectra have structure, Δ0) and its
`wave_number` (how fast states vary, 1/ξ). Both follow from the norm of the matrix unless the term says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import ResolvedLayer

Array = NDArray[np.float64]

PLACES = np.linspace(0, 1, 33)  # at which profiles are looked at

Scale = Callable[[ResolvedLayer], float]


def largest_norm(matrices: Complex) -> float:
    """Largest spectral norm of matrices (…, n, n); quick where all of them vanish, as those of most terms do."""
    return float(np.max(np.linalg.norm(matrices, 2, axis=(-2, -1)))) if matrices.any() else 0.0


@dataclass(frozen=True)
class Term:
    """One term.

    Attributes
    ----------
    key : of the description, which gives its strength.
    matrix : see the kinds of terms; zero, or of a `Constant` None, in a layer without the term.
    own_rate, own_wave_number : of a layer, in place of those by the norm of the matrix.
    """

    key: str
    matrix: Callable[..., Complex | None]
    own_rate: Scale | None = None
    own_wave_number: Scale | None = None

    def rate(self, layer: ResolvedLayer) -> float:
        """Energy (Δ0) up to which it gives the spectra of a layer structure; 0 where it does not act."""
        return self._rate(layer) if self.own_rate is None else self.own_rate(layer)

    def wave_number(self, layer: ResolvedLayer) -> float:
        """How fast (1/ξ) it makes states vary; 0 where it does not act."""
        return self._wave_number(layer) if self.own_wave_number is None else self.own_wave_number(layer)

    def _rate(self, layer: ResolvedLayer) -> float:
        raise NotImplementedError

    def _wave_number(self, layer: ResolvedLayer) -> float:
        return math.sqrt(self.rate(layer) / layer.diffusion)


@dataclass(frozen=True)
class Constant(Term):
    """A self-energy Σ̂ in X = -i[Σ̂, ĝ]: matrix(layer, z) is (n, 4, 4) at relative positions z (n), or None."""

    matrix: Callable[[ResolvedLayer, Array], Complex | None]

    def _rate(self, layer: ResolvedLayer) -> float:
        matrix = self.matrix(layer, PLACES)
        return 0.0 if matrix is None else largest_norm(matrix)

    def _wave_number(self, layer: ResolvedLayer) -> float:
        return math.sqrt(2 * self.rate(layer) / layer.diffusion)  # energies differ by twice a field


@dataclass(frozen=True)
class Linear(Term):
    """A self-energy that is linear in ĝ: matrix(layer) is the map ĝ → S (16, 16) in X = [S, ĝ]."""

    matrix: Callable[[ResolvedLayer], Complex]

    def _rate(self, layer: ResolvedLayer) -> float:
        return 4 * largest_norm(self.matrix(layer))


@dataclass(frozen=True)
class Gauge(Term):
    """A gauge field: matrix(layer) are the A_k (3, 2, 2) of ∂̃ₖ = ∂ₖ - i[Âₖ, ·], Âₖ = diag(Aₖ, -Aₖ*)."""

    matrix: Callable[[ResolvedLayer], Complex]

    def _rate(self, layer: ResolvedLayer) -> float:
        return layer.diffusion * self.wave_number(layer) ** 2

    def _wave_number(self, layer: ResolvedLayer) -> float:
        """Twice the largest of the fields in x, y, z: pairs turn twice as fast as electrons."""
        return 2 * largest_norm(self.matrix(layer))
