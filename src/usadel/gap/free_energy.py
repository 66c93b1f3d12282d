"""Free energy of a solved state of the gap equation, where it has one."""

from __future__ import annotations

import numpy as np

from usadel.algebra.modes import MODES
from usadel.gap.condensation import condensation_energy
from usadel.gap.state import GapState
from usadel.observables.profiles import Candidate
from usadel.states.problem import Array
from usadel.thermodynamics.equilibrium import has_free_energy, in_equilibrium
from usadel.thermodynamics.free_energy import FreeEnergy, free_energy


def above_normal(state: GapState, distance: float) -> FreeEnergy | None:
    """How far a state in equilibrium lies above the normal one; None where it cannot be told.

    A gap equation with a Debye energy has no free energy of its own; its work from the normal state takes that place.
    """
    found = free_energy_of(state, distance)
    if found is not None or not in_equilibrium(state.problem.network):
        return found
    value = condensation_energy(state)
    return FreeEnergy(value, 0.0) if np.isfinite(value) else None


def free_energy_of(state: GapState, distance: float, accumulation: Array | None = None) -> FreeEnergy | None:
    """F of a state in equilibrium against the normal state; None out of equilibrium.

    Parameters
    ----------
    distance : error of the gap, see `free_energy`.
    accumulation : (sites, numbers), which devices need whose fields follow the spins.
    """
    problem = state.problem
    if not has_free_energy(problem):
        return None
    spins = np.zeros((problem.layout.sites, MODES)) if accumulation is None else accumulation
    found = Candidate([pack.state for pack in state.packs], state.gap)
    return free_energy(problem, state.contour, state.packs, found, spins, distance)
