"""Distribution functions of reservoirs and of layers on which one is imposed.

Electrons with spin s along u have tanh[(E + V + sVs)/2(T + sTs)], holes the opposite V and Vs. With
f(c,s) = ¼tanh[(E + cV + csVs)/2(T + sTs)], c, s = ±1:

    h0 = Σf,  h1..3 = uΣ s f,  h4 = Σ c f,  h5..7 = uΣ c s f      (Eqs. (2), (3), (9) of the 2019 paper)

Half-way between electrodes at ±V and ±Vs (`transverse`) h4…h7 vanish.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import CHARGES, MODES, SPIN, SPIN_ENERGY, Mode
from usadel.description.device.resolved import Distribution
from usadel.energies.rules import TC

Array = NDArray[Any]
ROUNDING = 1e-12  # of unit vectors


def modes(element: Distribution, energy: Array) -> Array:
    """h0…h7, (8, L), of a reservoir or layer at real energies (Δ0); one without a voltage is in equilibrium."""
    return _combined(element, energy, lambda x, *_: np.tanh(x))


def reference(temperature: float, energy: Array) -> Array:
    """h0 = tanh(E/2T) and nothing else, (8, L)."""
    h = np.zeros((MODES, energy.size))
    h[Mode.ENERGY] = np.tanh(energy / (2 * temperature * TC))
    return h


def deviation(element: Distribution, temperature: float, energy: Array) -> Array:
    """modes - reference, (8, L), to its own relative accuracy also where all of these are close to one (E ≥ 0)."""
    h = _combined(element, energy, lambda x, *_: tanh_less_one(x))
    h[Mode.ENERGY] -= tanh_less_one(energy / (2 * temperature * TC))
    return h


def voltage_derivative(element: Distribution, energy: Array) -> Array:
    """∂h/∂V, (8, L), of a reservoir (|e|/Δ0)."""
    return _combined(element, energy, lambda x, c, _, width: c / width * _slope(x))


def temperature_derivative(element: Distribution, energy: Array) -> Array:
    """∂h/∂T, (8, L), of a reservoir (1/Tc), at a given Ts."""
    return _combined(element, energy, lambda x, _, __, width: -2 * TC / width * x * _slope(x))


def follows_spin_voltage(element: Distribution, axis: int) -> bool:
    """Whether ∂h/∂(Vs u) by the component of an axis is defined: with a spin temperature only changes along u are."""
    return not element.spin_temperature or abs(abs(element.spin_axis[axis]) - 1.0) < ROUNDING


def spin_voltage_derivative(element: Distribution, axis: int, energy: Array) -> Array:
    """∂h/∂(Vs u) by the component of an axis, (8, L), of a reservoir (1/Δ0): across u that turns by dVs/Vs."""
    unit = np.eye(3)[axis]
    own = np.asarray(element.spin_axis, float) if element.spin_voltage or element.spin_temperature else unit
    along = float(unit @ own)
    across = unit - along * own
    h = along * own_spin_voltage_derivative(replace(element, spin_axis=(own[0], own[1], own[2])), energy)
    if np.max(np.abs(across)) < ROUNDING:
        return h
    spins = modes(element, energy)
    for part in (SPIN_ENERGY, SPIN):
        h[part] += np.multiply.outer(across, own @ spins[part]) / element.spin_voltage
    return h


def own_spin_voltage_derivative(element: Distribution, energy: Array) -> Array:
    """∂h/∂Vs along its own axis, (8, L), of a reservoir (1/Δ0)."""
    return _combined(element, energy, lambda x, c, s, width: c * s / width * _slope(x))


def _slope(x: Array) -> Array:
    """d tanh x/dx."""
    return 1 / np.cosh(np.clip(x, -300, 300)) ** 2


def tanh_less_one(x: Array) -> Array:
    """tanh x - 1, to its own relative accuracy."""
    return -2.0 / (np.exp(np.minimum(2 * x, 700.0)) + 1.0)


def _combined(element: Distribution, energy: Array, function: Callable[[Array, int, int, float], Array]) -> Array:
    """The sums over c and s of ¼ function(x, c, s, w), x = (E + cV + csVs)/w, w = 2(T + sTs), (8, L)."""
    axis = np.asarray(element.spin_axis, float)
    h = np.zeros((MODES, energy.size))
    for c in (1, -1):
        for s in (1, -1):
            width = 2 * (element.temperature + s * element.spin_temperature) * TC
            x = (energy + c * element.voltage + c * s * element.spin_voltage) / width
            f = 0.25 * function(x, c, s, width)
            h[Mode.ENERGY] += f
            h[SPIN_ENERGY] += s * np.multiply.outer(axis, f)
            h[Mode.CHARGE] += c * f
            h[SPIN] += c * s * np.multiply.outer(axis, f)
    if element.transverse:
        h[CHARGES] = 0.0
    return h


def polarization(element: Distribution) -> Array:
    """The axis of the spins of a distribution, (3); zero without any."""
    polarized = bool(element.spin_voltage or element.spin_temperature)
    return polarized * np.asarray(element.spin_axis, float)


def steps(element: Distribution) -> list[tuple[float, float]]:
    """Energies E ≥ 0 (Δ0) of the steps of a distribution, with their widths kB T (Δ0)."""
    return [
        (abs(element.voltage + s * element.spin_voltage), (element.temperature + s * element.spin_temperature) * TC)
        for s in (1, -1)
    ]
