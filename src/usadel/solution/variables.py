"""From a solved device to the variables of the result file that are not resolved in energy, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.refine import Solved
from usadel.observables.variables import gap_variables, profile_variables
from usadel.solution.torque import absorbed_spin

Array = NDArray[Any]


def variables(solved: Solved) -> dict[str, Array]:
    """All of them, position last; torque: (component, interface), where an interface has a magnet."""
    return profile_variables(solved.profiles) | torques(solved)


def torques(solved: Solved) -> dict[str, Array]:
    """`torque` (component, interface), where an interface has a magnet."""
    torque = absorbed_spin(solved)
    return {} if torque is None else {"torque": torque}


def moved(values: Mapping[str, Array], move: Callable[[Array], Array]) -> dict[str, Array]:
    """Variables carried to other positions by an interpolation along the last axis; a torque stays as it is.

    The gap moves as a complex number: modulus and angle are no smooth functions.
    """
    found = {name: value if name == "torque" else move(value) for name, value in values.items() if name != "gap"}
    gap = move(values["gap"] * np.exp(1j * values["gap_phase"]))
    return found | gap_variables(gap)
