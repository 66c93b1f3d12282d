"""From a solved device to the variables of the result file that are not resolved in energy, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.refine import Solved
from usadel.solution.torque import absorbed_spin

Array = NDArray[Any]


def variables(solved: Solved) -> dict[str, Array]:
    """All of them, position last; torque: (component, interface), where there are interfaces."""
    return profiles(solved) | torques(solved)


def torques(solved: Solved) -> dict[str, Array]:
    """`torque` (component, interface), where there are interfaces."""
    torque = absorbed_spin(solved)
    return {} if torque is None else {"torque": torque}


def profiles(solved: Solved) -> dict[str, Array]:
    """Those along position, from modes (charge of electrons, spin, energy, spin energy)."""
    p = solved.profiles
    resistive = np.zeros_like(p.current) + p.resistive
    values = {
        "gap": np.abs(p.gap), "gap_phase": _phase(p.gap),
        "singlet_real": p.pairs[:, 0].real, "singlet_imag": p.pairs[:, 0].imag,
        "triplet_real": p.pairs[:, 1:].real.T, "triplet_imag": p.pairs[:, 1:].imag.T,
    }  # fmt: skip
    parts = {
        "current": p.current, "current_super": p.current - resistive, "current_resistive": resistive,
        "accumulation": p.accumulation,
    }  # fmt: skip
    for kind, array in parts.items():
        values |= {f"{mode}_{kind}": value for mode, value in _by_mode(array).items()}
    return values


def moved(values: Mapping[str, Array], move: Callable[[Array], Array]) -> dict[str, Array]:
    """Variables carried to other positions by an interpolation along the last axis; a torque stays as it is.

    The gap moves as a complex number: modulus and angle are no smooth functions.
    """
    found = {name: value if name == "torque" else move(value) for name, value in values.items() if name != "gap"}
    gap = move(values["gap"] * np.exp(1j * values["gap_phase"]))
    return found | {"gap": np.abs(gap), "gap_phase": _phase(gap)}


def _phase(gap: Array) -> Array:
    """Angle of a gap, 0 where there is none."""
    return np.where(np.abs(gap) > 0, np.angle(gap), 0.0)


def _by_mode(array: Array) -> dict[str, Array]:
    """Charge (of the positive sign), spin, energy and spin energy of modes (sites, 8)."""
    return {"charge": -array[:, 0], "spin": array[:, 1:4].T, "energy": array[:, 4], "spin_energy": array[:, 5:].T}
