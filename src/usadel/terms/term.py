"""What a term of the Usadel equation is: a matrix, the key that switches it on, and how strongly states feel it.

First grids and energy rules ask every term for its `rate` (energy up to which spectra have structure, Δ0) and its
`wave_number` (how fast states vary, 1/ξ). Both follow from the norm of the matrix unless the term says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from usadel.algebra.nambu import Complex

PLACES = np.linspace(0, 1, 33)  # at which profiles are looked at

Scale = Callable[[Any], float]


@dataclass(frozen=True)
class Term:
    """One term.

    Attributes
    ----------
    key : of the description, which switches it on.
    matrix : see the kinds of terms.
    own_rate, own_wave_number : of a layer, in place of those by the norm of the matrix.
    """

    key: str
    matrix: Callable[..., Complex]
    own_rate: Scale | None = None
    own_wave_number: Scale | None = None

    def acts_on(self, layer: Any) -> bool:
        """Whether a layer has the term."""
        return np.any(np.asarray(getattr(layer, self.key, 0.0)) != 0.0).item()

    def rate(self, layer: Any) -> float:
        """Energy (Δ0) up to which it gives the spectra of a layer structure; 0 where it does not act."""
        if not self.acts_on(layer):
            return 0.0
        return self._rate(layer) if self.own_rate is None else self.own_rate(layer)

    def wave_number(self, layer: Any) -> float:
        """How fast (1/ξ) it makes states vary; 0 where it does not act."""
        if not self.acts_on(layer):
            return 0.0
        return self._wave_number(layer) if self.own_wave_number is None else self.own_wave_number(layer)

    def _rate(self, layer: Any) -> float:
        raise NotImplementedError

    def _wave_number(self, layer: Any) -> float:
        return math.sqrt(self.rate(layer) / layer.diffusion)


@dataclass(frozen=True)
class Constant(Term):
    """A self-energy Σ̂ in X = -i[Σ̂, ĝ]: matrix(layer, z) is (n, 4, 4) at relative positions z (n)."""

    def _rate(self, layer: Any) -> float:
        return float(np.max(np.linalg.norm(self.matrix(layer, PLACES), 2, axis=(-2, -1))))

    def _wave_number(self, layer: Any) -> float:
        return math.sqrt(2 * self.rate(layer) / layer.diffusion)  # energies differ by twice a field


@dataclass(frozen=True)
class Linear(Term):
    """A self-energy that is linear in ĝ: matrix(layer) is the map ĝ → S (16, 16) in X = [S, ĝ]."""

    def _rate(self, layer: Any) -> float:
        return 4 * float(np.linalg.norm(self.matrix(layer), 2))


@dataclass(frozen=True)
class Gauge(Term):
    """A gauge field: matrix(layer) are the A_k (3, 2, 2) of ∂̃ₖ = ∂ₖ - i[Âₖ, ·], Âₖ = diag(Aₖ, -Aₖ*)."""

    def _rate(self, layer: Any) -> float:
        return layer.diffusion * self.wave_number(layer) ** 2

    def _wave_number(self, layer: Any) -> float:
        """Twice the largest of the fields in x, y, z: pairs turn twice as fast as electrons."""
        return 2 * float(np.max(np.linalg.norm(self.matrix(layer), 2, axis=(-2, -1))))
