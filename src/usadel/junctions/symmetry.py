"""Whether the current-phase relation of a junction is odd, I(-φ) = -I(φ), whatever its numbers are."""

from __future__ import annotations

import numpy as np

from usadel.equations.spectral.numbers import gauge_field
from usadel.states.problem import Problem
from usadel.thermodynamics.equilibrium import conserves_spin, in_equilibrium

AXES = np.eye(3)
ROUNDING = 1e-12


def is_odd(problem: Problem) -> bool:
    """Whether I(-φ) = -I(φ) for certain, for a device at φ = 0.

    Time reversal turns phases, currents and spins. If spins along an axis are conserved, a half turn across that axis
    turns them back. So nothing but φ changes its sign in equilibrium, if all phases are alike at φ = 0 and there are no
    vector potentials. Other devices may have the symmetry as well.
    """
    network = problem.network
    return (
        in_equilibrium(network)
        and not any(np.any(gauge_field(layer)) or layer.phase_gradient for layer in network.layers)
        and _phases_are_alike(problem)
        and any(conserves_spin(problem, axis) for axis in AXES)
    )


def _phases_are_alike(problem: Problem) -> bool:
    """Up to π."""
    gap = problem.initial_gap()
    phases = np.array([*(pairing.phase for pairing in problem.network.condensates), *np.angle(gap[gap != 0])])
    return bool(np.all(np.abs(np.exp(2j * (phases - phases[:1])) - 1) <= ROUNDING))
