"""Fig. 1a of the 2019 paper as it is drawn, magnets on top of the superconductor, beside magnets at its ends.

The magnets on top lie on the outer fifths of a film of 2.5 ξ, 0.1 ξ thick. Those at the ends of the same film have the
same G_φ in all. As in the paper, a distribution with a spin voltage is imposed on the film.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import usadel as us
from usadel.studies.inverse_effect import figures
from usadel.studies.inverse_effect.devices import AXES, TOLERANCE, X, Y
from usadel.studies.inverse_effect.part import Found, Measured, Part, gathered, solved

LENGTH, THICKNESS, COVERED = 2.5, 0.1, 0.2  # ξ, ξ, part of the length under each magnet
SPIN_MIXING = 0.6  # G_φ/G_N of each magnet
TEMPERATURE = 0.3  # Tc
SPIN_VOLTAGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6)  # Δ0
WHERE = ("on top", "at the ends")
INJECTED = ("x", "z")


def device(where: str, spin_voltage: float, axis: tuple[int, int, int]) -> us.Stack:
    """Magnets along x and y `on top` or `at the ends`."""
    keys: dict[str, Any] = {"name": "S", "length": LENGTH, "spin_voltage": spin_voltage, "spin_axis": axis}
    if where == "on top":
        # G_φ per area in σ/ξ: G_φ/G_N σA/L, spread over COVERED L/THICKNESS times the cross section A
        mixing = SPIN_MIXING / LENGTH * THICKNESS / (COVERED * LENGTH)
        on_top: Any = [
            {"kind": "ferromagnetic_insulator", "spin_mixing": mixing, "magnetization": m, "range": span}
            for m, span in ((X, (0, COVERED)), (Y, (1 - COVERED, 1)))
        ]
        elements: list[Any] = [us.Superconductor(thickness=THICKNESS, on_top=on_top, **keys)]
    else:
        first, second = (us.FerromagneticInsulator(spin_mixing=SPIN_MIXING, magnetization=m) for m in (X, Y))
        elements = [first, us.Superconductor(**keys), second]
    return us.Stack(elements, title=f"Magnets {where}", temperature=TEMPERATURE, tolerance=TOLERANCE)


def measure(task: tuple[str, str, float]) -> dict[str, Any]:
    """Of (where, axis, spin voltage): spin current in the middle, torque on the second magnet, largest gap."""
    where, axis, value = task
    result = solved(device(where, value, AXES[axis]))
    current = result.data.spin_current.transpose("component", "position")
    middle = [np.interp(0.5 * LENGTH, result.data.position.values, row) for row in current.values]
    torques = result.data.torque.transpose("interface", "component").values
    magnets = torques[np.any(np.abs(torques) > 0, axis=1)]
    return {
        "spin_current": np.array(middle),
        "torque": magnets[-1] if magnets.size else np.zeros(3),
        "gap": float(result.data.gap.max()),
        "converged": int(result.converged),
    }


def against_spin_voltage(measured: Measured) -> Found:
    """Spin currents and torques, by where the magnets are."""
    along: dict[str, Sequence[Any]] = {"where": WHERE, "injected": INJECTED, "spin_voltage": SPIN_VOLTAGES}
    data = gathered(measured, along, {"spin_current": ("component",), "torque": ("component",)})
    numbers: dict[str, Any] = {"spin_voltage": list(SPIN_VOLTAGES)}
    for where in WHERE:
        for axis in INJECTED:
            at = data.sel(where=where, injected=axis)
            numbers[f"{where}, {axis}"] = {name: at[name].values.tolist() for name in ("spin_current", "torque")}
    return data, numbers


_TASKS = [(where, axis, value) for where in WHERE for axis in INJECTED for value in SPIN_VOLTAGES]
ON_TOP = Part(_TASKS, measure, against_spin_voltage, figures.on_top)
