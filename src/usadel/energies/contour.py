"""Complex energies at which a device with imposed distributions is solved, and what they are worth.

tanh[(E ± V)/2T] has poles at ∓V + iωₙ, so energy integrals of retarded quantities become sums over shifted
Matsubara points. In a layer with voltage V, spin voltage Vs, temperature T, spin temperature Ts (s = ±1):

    gap:       points   V - sVs + iω,  frequencies of T - sTs, in a layer with a Debye energy those below it
    currents:  points -(V + sVs) + iω, frequencies of T + sTs

Points with negative real part follow from ĝ(-ε*) = tilde of ĝ(ε), so only real parts |V ± Vs| are solved, once each.
Along a curve of devices the same points serve the same shares throughout: real parts that pass through zero change
their sign, and those that differ somewhere stay apart where they meet.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import SIGMA, Complex
from usadel.description.device.resolved import Network
from usadel.discretization.contacts import UNCOVERED, conductance_ratio, leaking_ends, pairing_jumps, sides
from usadel.discretization.textures import features, texture
from usadel.energies.cutoff import cutoff_rule
from usadel.energies.rules import matsubara_rule
from usadel.terms import energy_scale

Array = NDArray[Any]
GAPS = 3.0  # times the largest gap: energy up to which it gives spectra structure
REACH = 1e7  # Δ0, up to which boundary layers count beside solved distributions: grids are not made deep at their ends


@dataclass(frozen=True)
class Share:
    """The points that belong to one spin of one layer's distribution.

    Attributes
    ----------
    spin : s = ±1.
    points : which energies of the contour.
    mirrored : whether the quantity is needed at -ε* instead of ε.
    omega, weight : points (Δ0) and weights of Σ 2πT over Matsubara frequencies.
    variation : change of the weights that measures the error of the sum, see `energies.rules.Rule`.
    energy : real part of the point that is meant (Δ0), before adding iω.
    temperature : T of this spin (Tc); part : how much of the distribution it is, already in the weights.
    projector : ½(1 + s u·σ), (2, 2).
    cutoff : where the frequencies end (Δ0); None if they do not.
    """

    spin: int
    points: slice
    mirrored: bool
    omega: Array
    weight: Array
    variation: Array
    energy: float
    temperature: float
    part: float
    projector: Complex
    cutoff: float | None


@dataclass(frozen=True)
class PointFamily:
    """Points with one real part (Δ0) and the frequencies of one temperature (Tc); for the rest see `Share`."""

    points: slice
    real: float
    temperature: float
    cutoff: float | None
    omega: Array
    weight: Array
    variation: Array


class Contour:
    """Shifted Matsubara points of all layers of a network.

    `like`: contour of a neighbouring device, whose choices are kept, so that the points move continuously; but what
    shared points there and has no equal ones here gets points of its own.
    `coldest`: the lowest temperature (Tc) of all these devices; `tighter`: by how much more accurate than `like`.

    Attributes
    ----------
    gap, pairs, current : shares of each layer, for its gap equation, for pair amplitudes, and for all else; `pairs` are
        `gap` but for a cutoff.
    energies : all points.
    """

    def __init__(
        self,
        network: Network,
        tolerance: float,
        like: Contour | None = None,
        coldest: float = np.inf,
        tighter: float = 1.0,
    ):
        self._families: list[PointFamily] = []
        self._places: list[tuple[int, int]] = []  # of each share: number of its family, and sign of ε in it
        self._known = None if like is None else like._places
        self._tolerance: float = tolerance / current_scale(network) if like is None else like._tolerance / tighter
        self._scale: float = spectral_scale(network) if like is None else like._scale
        self._coldest: float = coldest if like is None else min(coldest, like._coldest, coldest_of(network))
        self._leaks: bool = singlets_leak(network) if like is None else like._leaks
        driven = any(layer.nonequilibrium for layer in network.layers)
        self._reach: float = REACH if driven else np.inf
        cutoffs = [layer.cutoff for layer in network.layers]
        self.gap = [self._shares(k, gap=True, cutoff=cutoff) for k, cutoff in zip(network.layers, cutoffs, strict=True)]
        self.current = [self._shares(layer, gap=False) for layer in network.layers]
        self.pairs = [
            shares if cutoff is None else self._shares(layer, gap=True)
            for layer, shares, cutoff in zip(network.layers, self.gap, cutoffs, strict=True)
        ]
        self.energies: Complex = np.concatenate([family.real + 1j * family.omega for family in self._families])

    def structure(self) -> tuple:
        """Equal for contours whose points and weights depend smoothly on the device's numbers."""
        shares = [share for layer in (*self.gap, *self.current, *self.pairs) for share in layer]
        kinds = tuple((s.points.start, s.points.stop, s.mirrored, s.cutoff is None) for s in shares)
        endless = [s for s in shares if s.cutoff is None]
        return self.energies.size, kinds, tuple(round(float(np.log(s.omega[-1] / s.temperature)), 3) for s in endless)

    def varied(self) -> Contour:
        """The same points with varied weights: what that changes measures the error of the sums over energy."""
        other = copy(self)
        other.gap, other.current, other.pairs = (
            [[replace(share, weight=share.weight + share.variation) for share in shares] for shares in layers]
            for layers in (self.gap, self.current, self.pairs)
        )
        return other

    def _shares(self, layer, gap: bool, cutoff: float | None = None) -> list[Share]:
        """Both spins; under transverse voltages, h4…h7 = 0, half of them at the voltages and half at the opposite."""
        electrodes = (1, -1) if layer.transverse else (1,)
        return [self._share(layer, s, c, 1 / len(electrodes), gap, cutoff) for c in electrodes for s in (1, -1)]

    def _share(self, layer, s: int, c: int, part: float, gap: bool, cutoff: float | None) -> Share:
        sign = -s if gap else s
        shift = c * (layer.voltage + sign * layer.spin_voltage)
        temperature = layer.temperature + sign * layer.spin_temperature
        energy = shift if gap else -shift
        family, orientation = self._placed(energy, temperature, cutoff)
        axis = np.einsum("i,ijk->jk", np.asarray(layer.spin_axis, float), SIGMA[1:])
        projector = 0.5 * (SIGMA[0] + s * axis)
        return Share(
            s, family.points, orientation < 0, family.omega, part * family.weight, part * family.variation, energy,
            temperature, part, projector, cutoff,
        )  # fmt: skip

    def _placed(self, energy: float, temperature: float, cutoff: float | None) -> tuple[PointFamily, int]:
        """The family of points at ±energy + iω of a temperature, and the sign with which a share has them."""
        known = None if self._known is None else self._known[len(self._places)]
        number = self._shared((abs(energy), temperature, cutoff), known)
        sign = (-1 if energy < 0 else 1) if known is None else known[1]
        if number is None:
            number = len(self._families)
            self._families.append(self._family(sign * energy, temperature, cutoff))
        elif sign * energy != self._families[number].real:
            sign = -sign
        self._places.append((number, sign))
        return self._families[number], sign

    def _shared(self, kind: tuple[float, float, float | None], known: tuple[int, int] | None) -> int | None:
        """Number of a family with the points of a share, by those of the shares before it; None if there is none.

        kind : |energy|, temperature and cutoff.
        """
        for place, (number, _) in enumerate(self._places):
            family = self._families[number]
            if (abs(family.real), family.temperature, family.cutoff) != kind:
                continue
            if known is None or self._known is None or self._known[place][0] == known[0]:
                return number
        return None

    def _family(self, real: float, temperature: float, cutoff: float | None) -> PointFamily:
        if cutoff is None:
            accuracy = (self._tolerance, self._scale, self._coldest, self._leaks, self._reach)
            omega, weight, variation = matsubara_rule(temperature, *accuracy)
        else:
            omega, weight, variation = cutoff_rule(temperature, cutoff, self._tolerance, self._coldest)
        first = self._families[-1].points.stop if self._families else 0
        return PointFamily(slice(first, first + omega.size), real, temperature, cutoff, omega, weight, variation)


def coldest_of(network: Network) -> float:
    """Lowest temperature (Tc) of a spin in a layer."""
    return min(layer.temperature - abs(layer.spin_temperature) for layer in network.layers)


def current_scale(network: Network) -> float:
    """Size of the currents that a device may carry, at least 1: σA/L of its most conducting layer."""
    return max(1.0, *(float(k.conductivity * k.area / k.length) for k in network.layers))


def spectral_scale(network: Network) -> float:
    """Energy (Δ0) up to which the spectra of a device have structure.

    Some gaps; what the terms of its layers say; escape rates D/L² of thin layers, and Dκ² at an interface
    that fixes ∂f = κ(f - f'); next to a jump of the pair potential, the rate of diffusion over the distance from which
    on results are covered; the same over the width of a narrow feature of a given one.
    """
    scale = GAPS * network.highest_critical_temperature
    scale = max(scale, *(energy_scale(layer) for layer in network.layers))
    for end, interface in sides(network):
        if interface.kind != "vacuum":
            layer, ratio = network.layers[end.layer], conductance_ratio(network, end)
            scale = max(scale, 2 * max(1.0, ratio**2) * layer.diffusion / (layer.whole or layer.length) ** 2)
    for end in pairing_jumps(network):
        layer = network.layers[end.layer]
        scale = max(scale, 0.5 * layer.diffusion / (UNCOVERED * layer.length) ** 2)
    return max(scale, *_narrow_gaps(network), 0.0)


def _narrow_gaps(network: Network) -> list[float]:
    """Rates of diffusion (Δ0) over the widths of what varies in given gaps: steps of them to all energies below."""
    return [
        0.5 * layer.diffusion / (feature.width * layer.length) ** 2
        for layer in network.layers
        if layer.has_given_gap
        for feature in features(texture(layer))
    ]


def singlets_leak(network: Network) -> bool:
    """Whether singlets leak into another pair potential: at ends, or where a given one is narrow."""
    return bool(leaking_ends(network) or _narrow_gaps(network))
