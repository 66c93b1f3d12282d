"""What the iterations of Newton's method share: when a Jacobian is kept, and how far a step leaves the solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sizes = float | NDArray[Any]

SLOWEST = 0.95  # contraction of steps that is told from a stall at the level of rounding


@dataclass(frozen=True)
class Chords:
    """A Jacobian is kept (chord steps) once steps are small, for as long as they contract.

    Attributes
    ----------
    below : size of a step, below which that begins; ratio : contraction above which the Jacobian is renewed.
    """

    below: float
    ratio: float

    def kept(self, size: Sizes, previous: Sizes, chord: bool, settled: bool | NDArray[np.bool_] = False) -> bool:
        """Whether the next step keeps the Jacobian, by the last two sizes; in all lanes where these are arrays.

        chord : whether the last step kept one; settled : where it does not matter any more whether steps contract.
        """
        contracts = np.asarray(size) < self.ratio * np.asarray(previous)
        return bool(np.all((np.asarray(size) < self.below) & ((not chord) | np.asarray(settled) | contracts)))


def left_over(size: float, previous: float, first: float, least: float = 0.0) -> float:
    """Distance to the solution that a step is expected to leave: size·q/(1-q), the rest of a geometric series.

    Parameters
    ----------
    size, previous : of the step and of the one before, which is infinite or zero if there was none; their ratio is q.
    first : q that is expected then; least : the best that is believed.
    """
    ratio = size / previous if 0.0 < previous < np.inf else first
    ratio = min(max(ratio, least), SLOWEST)
    return size * ratio / (1 - ratio)
