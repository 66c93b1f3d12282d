"""The nonlocal spin conductance ∂J/∂V_s and the torques on both magnets, against their angle and the temperature.

J is the spin current along z, from the reservoir that is driven to the other one. A turn of all spins by π about the
first magnet takes θ to -θ, so that the part odd in m₁×m₂ is what couples x to y or z: no second solution is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import usadel as us
from usadel.studies.inverse_effect import devices, figures
from usadel.studies.inverse_effect.devices import LEFT, RIGHT
from usadel.studies.inverse_effect.part import COMPONENTS, Found, Measured, Part, gathered, solved

ANGLES = tuple(float(a) for a in np.round(np.linspace(0, 1, 13), 12))  # π
TEMPERATURES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9)  # Tc
CROSSED = 0.5  # π, of the figure against temperature
METALS = ("S", "N")
UNITS = "(hbar/2) N_0 D / xi"  # over those of a spin voltage
DRIVES = [f"spin_voltage_{c}" for c in COMPONENTS]


def measure_angle(task: tuple[str, float]) -> dict[str, Any]:
    """Of (metal, angle), at a given gap."""
    name, angle = task
    return measure(devices.spin_valve(angle, normal=name == "N"))


def measure_temperature(temperature: float) -> dict[str, Any]:
    """At the gap that the device has."""
    return measure(devices.spin_valve(CROSSED, rigid=False, temperature=temperature))


def measure(device: us.Stack) -> dict[str, Any]:
    """Conductance (component, axis), torques (magnet, component, axis) that follow V_s, those at rest, and the gap."""
    result = solved(device)
    response = result.response()
    torques = response.torque_response.sel(driven=LEFT, drive=DRIVES).transpose("interface", "component", "drive")
    into_right = response.nonlocal_spin_conductance(LEFT, RIGHT)
    return {
        "conductance": -into_right.values,
        "torque_response": torques.values,
        "torque": result.data.torque.transpose("interface", "component").values,
        "gap": float(result.data.gap.mean()) if "gap" in result.data else 0.0,
        "converged": int(result.converged and response.data.attrs["converged"]),
    }


def _dataset(measured: Measured, along: dict[str, Sequence[Any]]) -> xr.Dataset:
    tensor = ("component", "axis")
    dims = {"conductance": tensor, "torque_response": ("magnet", *tensor), "torque": ("magnet", "component")}
    data = gathered(measured, along, dims, magnet=[1, 2], axis=list(COMPONENTS))
    data["conductance"].attrs = {"long_name": "Nonlocal spin conductance", "units": UNITS}
    data["torque_response"].attrs = {"long_name": "Torque per spin voltage", "units": UNITS}
    return data


def against_angle(measured: Measured) -> Found:
    """Against the angle θ/π, at Δ = 0.9 and T = 0.1 Tc."""
    data = _dataset(measured, {"metal": METALS, "angle": ANGLES})
    table = {
        name: {
            row + column: data.conductance.sel(metal=name, component=row, axis=column).values.tolist()
            for row in COMPONENTS
            for column in COMPONENTS
        }
        for name in METALS
    }
    return data, {"nonlocal_spin_conductance": {"theta_over_pi": list(ANGLES), **table}}


def against_temperature(measured: Measured) -> Found:
    """Against temperature at θ = 90°, with a self-consistent gap; the last temperature is above the critical one."""
    data = _dataset(measured, {"temperature": TEMPERATURES})
    odd = {f"{c}{a}": data.torque_response.sel(magnet=2, component=c, axis=a).values.tolist() for c, a in ("zx", "xz")}
    return data, {"temperature": list(TEMPERATURES), "gap": data.gap.values.tolist(), "torque_per_spin_voltage": odd}


ANGLE = Part([(name, angle) for name in METALS for angle in ANGLES], measure_angle, against_angle, figures.angle)
TEMPERATURE = Part(TEMPERATURES, measure_temperature, against_temperature, figures.temperature)
