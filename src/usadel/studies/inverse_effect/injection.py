"""The 2019 paper's device with its distribution solved for, and other ways to inject spins into it.

Between reservoirs of one spin voltage an imposed distribution is exact for a spin that is conserved. Otherwise injected
spins precess about the magnets (Hanle), and resistive currents flow; the supercurrent turns with what is left of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import usadel as us
from usadel.studies.inverse_effect import devices, figures
from usadel.studies.inverse_effect.devices import AXES, X, Z
from usadel.studies.inverse_effect.part import Found, Measured, Part, gathered, solved

SPIN_VOLTAGES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)  # Δ0: below the end of the branch
INJECTED = ("x", "z")
DISTRIBUTIONS = ("imposed", "solved")
AVERAGED = ("spin_current_super", "spin_current_resistive", "spin_accumulation")
PLACES = 41  # of profiles
SMALL = 0.1  # Δ0, spin voltage where mixing is varied
CONTACT = 0.5  # G_N, of the contacts there
MIXINGS = tuple(float(m) for m in np.geomspace(0.01, 1.0, 7).round(4))  # G_N
BIASES = (0.1, 0.2, 0.3, 0.4, 0.5)  # Δ0
POLARIZATION = 0.5
SOURCES = ("spin_voltage_x", "spin_voltage_z", "polarized", "half_metal_x", "half_metal_z")


def measure_layer(result: us.Solution) -> dict[str, Any]:
    """Means over the layer of both parts of the spin current and of the accumulation, their profiles, torques."""
    data = result.data
    at = np.linspace(0, devices.LENGTH, PLACES)
    found: dict[str, Any] = {"gap": float(data.gap.mean()), "converged": int(result.converged)}
    for name in AVERAGED:
        values = data[name].transpose("component", "position").values
        profile = np.array([np.interp(at, data.position.values, row) for row in values])
        found |= {f"{name}_profile": profile, name: np.trapezoid(profile, at, axis=1) / devices.LENGTH}
    found["torque"] = data.torque.transpose("interface", "component").values
    return found


def _dataset(measured: Measured, along: dict[str, Sequence[Any]]) -> xr.Dataset:
    dims: dict[str, tuple[str, ...]] = dict.fromkeys(AVERAGED, ("component",))
    dims |= {f"{name}_profile": ("component", "position") for name in AVERAGED}
    places = np.linspace(0, devices.LENGTH, PLACES)
    return gathered(measured, along, dims | {"torque": ("magnet", "component")}, magnet=[1, 2], position=places)


def measure_paper(task: tuple[str, str, float]) -> dict[str, Any]:
    """Of (axis, distribution, spin voltage)."""
    axis, distribution, value = task
    device = devices.fed_from_both_ends(value, AXES[axis], imposed=distribution == "imposed", rigid=False)
    return measure_layer(solved(device))


def against_spin_voltage(measured: Measured) -> Found:
    """Imposed and solved side by side."""
    data = _dataset(measured, {"injected": INJECTED, "distribution": DISTRIBUTIONS, "spin_voltage": SPIN_VOLTAGES})
    last = data.isel(spin_voltage=-1)
    numbers = {
        f"{part}_{axis}_{name}": last[f"spin_current_{part}"].sel(injected=axis, distribution=name).values.tolist()
        for part in ("super", "resistive")
        for axis in INJECTED
        for name in DISTRIBUTIONS
    }
    return data, {"spin_voltage": SPIN_VOLTAGES[-1]} | numbers


def measure_mixing(task: tuple[str, str, float]) -> dict[str, Any]:
    """Of (axis, distribution, G_φ), at a given gap and small spin voltage."""
    axis, distribution, mixing = task
    device = devices.fed_from_both_ends(
        SMALL, AXES[axis], imposed=distribution == "imposed", conductance=CONTACT, spin_mixing=mixing
    )
    return measure_layer(solved(device))


def against_mixing(measured: Measured) -> Found:
    """How far the solved distribution is from the imposed one, relatively, as contacts become stronger than G_φ."""
    data = _dataset(measured, {"injected": INJECTED, "distribution": DISTRIBUTIONS, "spin_mixing": MIXINGS})
    found = data[["converged"]]
    for name in ("spin_current_super", "spin_accumulation"):
        imposed, own = (data[name].sel(distribution=one, drop=True) for one in DISTRIBUTIONS)
        found[f"{name}_change"] = _length(own - imposed) / _length(imposed)
    resistive = data.spin_current_resistive.sel(distribution="solved", drop=True)
    imposed = data.spin_current_super.sel(distribution="imposed", drop=True)
    found["resistive_over_super"] = _length(resistive) / _length(imposed)
    found = found.assign_coords(mixing_over_conductance=("spin_mixing", np.array(MIXINGS) / CONTACT))
    names = ("spin_current_super_change", "spin_accumulation_change", "resistive_over_super")
    return found, {"mixing_over_conductance": found.mixing_over_conductance.values.tolist()} | {
        f"{name}_{axis}": found[name].sel(injected=axis).values.tolist() for name in names for axis in INJECTED
    }


def _length(vector: xr.DataArray) -> xr.DataArray:
    return (vector**2).sum("component") ** 0.5


def source(name: str, value: float) -> us.Stack:
    """The device fed from its left end at a bias, or spin voltage."""
    if name == "polarized":
        return devices.spin_valve(0.5, polarization=POLARIZATION, voltage=value)
    kind, axis = name.rsplit("_", 1)
    if kind == "half_metal":
        return devices.half_metal_source(value, X if axis == "x" else Z)
    return devices.spin_valve(0.5, spin_voltage=value, spin_axis=AXES[axis])


def measure_source(task: tuple[str, float]) -> dict[str, Any]:
    """Of (source, bias): odd and even torque on the second magnet, odd spin currents in S, and the charge current."""
    name, value = task
    results = [solved(source(name, sign * value)) for sign in (1, -1)]
    forward, back = (result.data.torque.transpose("interface", "component").values[-1] for result in results)
    currents = {
        f"odd_spin_current_{part}": 0.5 * np.subtract(*(_in_layer(one, f"spin_current_{part}") for one in results))
        for part in ("super", "resistive")
    }
    current = results[0].terminals.charge_current.values[0]
    return {
        "odd_torque": 0.5 * (forward - back),
        "even_torque": 0.5 * (forward + back),
        **currents,
        "charge_current": float(current),
        "converged": int(all(result.converged for result in results)),
    }


def _in_layer(result: us.Solution, name: str) -> Any:
    """Mean over the layer between the magnets."""
    inside = result.data[name].isel(position=np.flatnonzero(result.data.layer_name == "S"))
    inside = inside.transpose("component", "position")
    place = inside.position.values
    return np.trapezoid(inside.values, place, axis=1) / np.ptp(place)


def by_source(measured: Measured) -> Found:
    """Torques on the second magnet by source and bias."""
    vectors = ("odd_torque", "even_torque", "odd_spin_current_super", "odd_spin_current_resistive")
    dims = dict.fromkeys(vectors, ("component",))
    data = gathered(measured, {"source": SOURCES, "bias": BIASES}, dims)
    numbers: dict[str, Any] = {"bias": list(BIASES)}
    for name in SOURCES:
        numbers[name] = {key: data[key].sel(source=name).values.tolist() for key in measured[0]}
    return data, numbers


_PAIRS = [(axis, name) for axis in INJECTED for name in DISTRIBUTIONS]
PAPER = Part([(*pair, v) for pair in _PAIRS for v in SPIN_VOLTAGES], measure_paper, against_spin_voltage, figures.paper)
MIXING = Part([(*pair, m) for pair in _PAIRS for m in MIXINGS], measure_mixing, against_mixing, figures.mixing)
SOURCE = Part([(name, bias) for name in SOURCES for bias in BIASES], measure_source, by_source, figures.sources)
