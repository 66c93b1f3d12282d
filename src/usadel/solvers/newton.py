"""What the iterations of Newton's method share: when a Jacobian is kept, and how far a step leaves the solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sizes = float | NDArray[Any]


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
    """Distance to the solution that a step of some size is expected to leave: that size times the contraction.

    Parameters
    ----------
    previous : size of the step before, infinite or zero if there was none.
    first : contraction that is expected then; least : the best that is believed.
    """
    ratio = size / previous if 0.0 < previous < np.inf else first
    return size * min(1.0, max(ratio, least))
