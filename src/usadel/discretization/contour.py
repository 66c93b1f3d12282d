"""Complex energies at which a device with imposed distributions is solved, and what they are worth.

tanh[(E ± V)/2T] has poles at ∓V + iωₙ, so energy integrals of retarded quantities become sums over shifted
Matsubara points. In a layer with voltage V, spin voltage Vs, temperature T, spin temperature Ts (s = ±1):

    gap:       points   V - sVs + iω,  frequencies of T - sTs
    currents:  points -(V + sVs) + iω, frequencies of T + sTs

Points with negative real part follow from ĝ(-ε*) = tilde of ĝ(ε), so only real parts |V ± Vs| are solved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import SIGMA, Complex
from usadel.description.network import Network
from usadel.discretization.energies import matsubara_rule

Array = NDArray[Any]


@dataclass(frozen=True)
class Share:
    """The points that belong to one spin of one layer's distribution.

    Attributes
    ----------
    spin : s = ±1.
    points : which energies of the contour.
    mirrored : whether the quantity is needed at -ε* instead of ε.
    omega, weight : Matsubara frequencies (Δ0) and weights of Σ 2πT.
    energy : real part of the point that is meant (Δ0), before adding iω.
    temperature : T of this spin (Tc).
    projector : ½(1 + s u·σ), (2, 2).
    """

    spin: int
    points: slice
    mirrored: bool
    omega: Array
    weight: Array
    energy: float
    temperature: float
    projector: Complex


class Contour:
    """Shifted Matsubara points of all layers of a network."""

    def __init__(self, network: Network, tolerance: float):
        self._families: dict[tuple[float, float], tuple[slice, Array, Array]] = {}
        self._tolerance, self._scale = tolerance / current_scale(network), spectral_scale(network)
        self._count = 0
        self._energies: list[Complex] = []
        self.gap = [[self._share(layer, s, gap=True) for s in (1, -1)] for layer in network.layers]
        self.current = [[self._share(layer, s, gap=False) for s in (1, -1)] for layer in network.layers]
        self.energies: Complex = np.concatenate(self._energies)

    def _share(self, layer, s: int, gap: bool) -> Share:
        sign = -s if gap else s
        shift = layer.voltage + sign * layer.spin_voltage
        temperature = layer.temperature + sign * layer.spin_temperature
        energy = shift if gap else -shift
        points, omega, weight = self._family(abs(shift), temperature)
        axis = np.einsum("i,ijk->jk", np.asarray(layer.spin_axis, float), SIGMA[1:])
        projector = 0.5 * (SIGMA[0] + s * axis)
        return Share(s, points, energy < 0, omega, weight, energy, temperature, projector)

    def _family(self, shift: float, temperature: float) -> tuple[slice, Array, Array]:
        key = (shift, temperature)
        if key not in self._families:
            omega, weight = matsubara_rule(temperature, self._tolerance, self._scale)
            self._energies.append(shift + 1j * omega)
            self._families[key] = (slice(self._count, self._count + omega.size), omega, weight)
            self._count += omega.size
        return self._families[key]


def current_scale(network: Network) -> float:
    """Size of the currents that a device may carry, at least 1: σA/L of its most conducting layer."""
    return max(1.0, *(float(k.conductivity * k.area / k.length) for k in network.layers))


def spectral_scale(network: Network) -> float:
    """Energy (Δ0) up to which the spectra of a device have structure: exchange fields, rates, thin layers' escape."""
    scale = 0.0
    for layer in network.layers:
        scattering = 8 * (layer.spin_flip + layer.spin_orbit) + layer.depairing
        couplings = layer.rashba**2 + layer.dresselhaus**2 + layer.nanowire**2
        scale = max(scale, scattering, 4 * layer.diffusion * couplings)
        if hasattr(layer, "exchange_field"):
            scale = max(scale, float(np.max(np.abs(layer.profile("exchange_field", np.linspace(0, 1, 33))))))
    ends = [(t.end, t.interface) for t in network.terminations if t.interface.kind != "vacuum"]
    ends += [(end, c.interface) for c in network.contacts for end in (c.left, c.right)]
    ends += [pair for junction in network.junctions for pair in junction.ends]
    for end, interface in ends:
        layer = network.layers[end.layer]
        ratio = getattr(interface, "conductance", None) or abs(getattr(interface, "spin_mixing", 1.0))
        scale = max(scale, 2 * max(1.0, ratio) * layer.diffusion / layer.length**2)
    return scale
