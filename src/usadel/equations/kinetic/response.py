"""The kinetic equation of what a small change of reservoirs' distributions adds to all distributions.

At a given gap it is linear in h, so ∂h/∂p solves the same equation, driven by ∂h/∂p of the reservoirs concerned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from usadel.algebra.modes import MODES
from usadel.description.device.resolved import Distribution
from usadel.equations.kinetic.distributions import Array
from usadel.equations.kinetic.numbers import KineticNumbers

Derivative = Callable[[Array], Array]
"""∂h/∂p (8, L) at energies (L)."""


@dataclass
class KineticResponse(KineticNumbers):
    """The same numbers, with ∂h/∂p in place of δh.

    Attributes
    ----------
    driven : reservoirs whose distributions change, and ∂h/∂p of each.
    """

    driven: Sequence[tuple[Distribution, Derivative]]

    def given_modes(self, element: Distribution, energy: Array) -> Array:
        """∂h/∂p (8, L) of a reservoir or imposed distribution."""
        found = np.zeros((MODES, energy.size))
        for one, derivative in self.driven:
            if one is element:
                found += derivative(energy)
        return found
