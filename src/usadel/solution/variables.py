"""From a solved device to the variables of the result file that are not resolved in energy, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.refine import Solved
from usadel.circuits.terminals import held
from usadel.gap.condensation import condensation_energy
from usadel.gap.standing import normal_state_exists
from usadel.gap.state import has_unknown_gap
from usadel.kinetics.refine import kinetics_of
from usadel.kinetics.torque import absorbed_spin
from usadel.observables.variables import current_modes, gap_variables, profile_variables
from usadel.response.places import Places
from usadel.results.schema import FOUND, VARIABLES

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[Any]
MOST_ACCURATE = 1e-6  # N0Δ0² per ξA of superconductor: of a work, which depends on the way by more than that


def variables(solved: Solved) -> dict[str, Array]:
    """All of them, position last; torque: (component, interface), where an interface has a magnet; the free energy;
    what floats; what flows in at terminals, where some lie on top of layers."""
    parts = profile_variables(solved.profiles), torques(solved), energies(solved), found(solved), flowing_in(solved)
    return {name: value for part in parts for name, value in part.items()}


def torques(solved: Solved) -> dict[str, Array]:
    """`torque` (component, interface), where an interface has a magnet."""
    torque = absorbed_spin(solved)
    return {} if torque is None else {"torque": torque}


def found(solved: Solved) -> dict[str, Array]:
    """`terminal_voltage` and the like (terminal), of what floats."""
    known = held(solved.solution.problem.network) if solved.found else {}
    return {FOUND[key]: np.nan_to_num(known[key]) for key in solved.found}


def flowing_in(solved: Solved) -> dict[str, Array]:
    """`terminal_charge_current` and the like ((component,) terminal), where currents at ends of layers do not tell."""
    problem = solved.solution.problem
    if len(problem.network.all_terminals()) == len(problem.network.terminals()):
        return {}
    modes = current_modes(Places(problem.layout).of_profiles(problem, solved.profiles))
    return {f"terminal_{name}_current": np.array(modes[name]) for name in ("charge", "energy", "spin")}


def with_errors(solved: Solved, data: xr.Dataset) -> xr.Dataset:
    """With the errors of what has one of its own."""
    if "free_energy" in data and solved.free_energy is not None:
        data["free_energy"].attrs["estimated_error"] = solved.free_energy.error
    for key, error in solved.found.items():
        if FOUND[key] in data:
            data[FOUND[key]].attrs["estimated_error"] = error
    return data


def energies(solved: Solved) -> dict[str, Array]:
    """`free_energy` (), in equilibrium."""
    return {} if solved.free_energy is None else {"free_energy": np.array(solved.free_energy.value)}


def imposed_work(solved: Solved, tolerance: float) -> dict[str, Array]:
    """`work` (), of imposed distributions without a free energy; it takes solutions at other gaps."""
    solution = solved.solution
    imposed = has_unknown_gap(solution) and kinetics_of(solved) is None and solved.free_energy is None
    if not (imposed and normal_state_exists(solution.problem.network)):
        return {}
    found = condensation_energy(solution.state, max(tolerance, MOST_ACCURATE))
    return {"work": np.array(found)} if np.isfinite(found) else {}


def moved(values: Mapping[str, Array], move: Callable[[Array], Array]) -> dict[str, Array]:
    """Variables carried to other positions by an interpolation along the last axis; what has no place stays as it is.

    The gap moves as a complex number: modulus and angle are no smooth functions.
    """
    placed = {name for name in values if "position" in VARIABLES[name].dims}
    found = {name: move(value) if name in placed else value for name, value in values.items() if name != "gap"}
    gap = move(values["gap"] * np.exp(1j * values["gap_phase"]))
    return found | gap_variables(gap)
