"""The kinetic equation of what a small change of voltages adds to all distributions.

At a given gap it is linear in h, so ∂h/∂V solves the same equation, driven by ∂h/∂V of the reservoirs concerned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from usadel.description.device.resolved import Distribution
from usadel.equations.kinetic.distributions import Array, voltage_derivative
from usadel.equations.kinetic.numbers import KineticNumbers


@dataclass
class KineticResponse(KineticNumbers):
    """The same numbers, with ∂h/∂V in place of δh.

    Attributes
    ----------
    driven : reservoirs and layers with imposed distributions whose voltages change, and by how much.
    """

    driven: Sequence[tuple[Distribution, float]]

    def given_modes(self, element: Distribution, energy: Array) -> Array:
        """∂h/∂V (8, L) of a reservoir or imposed distribution."""
        share = sum(weight for one, weight in self.driven if one is element)
        return share * voltage_derivative(element, energy)
