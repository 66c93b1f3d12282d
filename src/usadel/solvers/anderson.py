"""Anderson's acceleration of a fixed-point iteration x → x + f(x)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    depth: int = 10  # steps that are remembered
    # singular values of the remembered changes of f below this, relative to the largest, count as zero
    dependent: float = 1e-10


OPTIONS = Options()


class Anderson:
    """Quasi-Newton steps whose Jacobian is -1 but for the secants of the last iterates (type II)."""

    def __init__(self) -> None:
        self._x: list[Array] = []
        self._f: list[Array] = []

    def add(self, x: Array, f: Array) -> None:
        """Remember f(x)."""
        self._x, self._f = [*self._x[-OPTIONS.depth :], x], [*self._f[-OPTIONS.depth :], f]

    def step(self, f: Array) -> Array:
        """The change of x that is expected to change the iteration's step by -f."""
        if len(self._x) < 2:
            return f
        dx, df = np.diff(self._x, axis=0).T, np.diff(self._f, axis=0).T
        share = np.linalg.lstsq(df, f, rcond=OPTIONS.dependent)[0]
        return np.asarray(f - (dx + df) @ share)

    def forget(self) -> None:
        """Start anew."""
        self._x, self._f = [], []
