"""The kinetic equation of what a small change of one reservoir's voltage adds to all distributions.

At a given gap it is linear in h, so ∂h/∂V solves the same equation, driven by ∂h/∂V of that reservoir alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from usadel.equations.distributions import Array, voltage_derivative
from usadel.equations.kinetic_system import KineticSystem


@dataclass
class KineticResponse(KineticSystem):
    """The same numbers, with ∂h/∂V in place of δh.

    Attributes
    ----------
    driven : the reservoir whose voltage changes.
    """

    driven: Any

    def _given_modes(self, element: Any, energy: Array) -> Array:
        change = voltage_derivative(element, energy)
        return change if element is self.driven else 0.0 * change
