"""Several linear equations of one operator that is expensive to apply: all share the directions that it is known along.

    M u_k = b_k,   u_k = Σ_j c_jk d_j with the least residual |b_k - Σ_j c_jk M d_j|

New directions are the residuals themselves, of all equations at once and without what they have in common: for one
equation this is the method of generalized minimal residuals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    at_once: int = 8  # directions: their evaluation shares what one takes, and residuals of many are much alike
    dependent: float = 1e-2  # share of the reduction below which a direction is none of its own
    smallest: float = 1e-3  # of the largest right-hand side: smaller ones need not be reduced as far


OPTIONS = Options()
TINY = 1e-300


@dataclass
class SharedSpace:
    """Images (n, directions) of the directions so far."""

    images: Array | None = field(default=None)

    def extend(self, images: Array) -> None:
        """Add those of further directions (n, m)."""
        self.images = images if self.images is None else np.concatenate([self.images, images], axis=1)

    def solve(self, right: Array, reduction: float) -> tuple[Array, NDArray[np.bool_]]:
        """Shares (directions, equations) of all directions, and where the residual is not reduced as far as wanted."""
        shares, left = self._least(right)
        return shares, _size(left) > reduction * _scale(right)

    def directions(self, right: Array, reduction: float) -> Array:
        """Directions (n, m) along which the operator has to be known next; none where all are solved."""
        left = self._least(right)[1] / np.maximum(_scale(right), TINY)
        wanted = _size(left) > reduction
        if not np.any(wanted):
            return np.zeros((right.shape[0], 0))
        basis, values, _ = np.linalg.svd(left[:, wanted], full_matrices=False)
        kept = values > OPTIONS.dependent * max(reduction, values[0])
        return np.asarray(basis[:, kept][:, : OPTIONS.at_once])

    def _least(self, right: Array) -> tuple[Array, Array]:
        """Shares (directions, equations) with the least residuals, and these."""
        if self.images is None:
            return np.zeros((0, right.shape[1])), right
        shares = np.linalg.lstsq(self.images, right)[0]
        return shares, right - self.images @ shares


def _scale(right: Array) -> Array:
    """What residuals are measured by (equations)."""
    sizes = _size(right)
    return np.asarray(np.maximum(sizes, OPTIONS.smallest * sizes.max(initial=0.0)))


def _size(columns: Array) -> Array:
    return np.asarray(np.linalg.norm(columns, axis=0))
