"""What lies outside of sums over Matsubara points: the normal state, and the tails that a gap leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from usadel.algebra.modes import CHARGES, MODES, SPIN, SPIN_ENERGY, Mode
from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import ResolvedLayer
from usadel.energies.contour import Contour
from usadel.energies.rules import TC
from usadel.equations.gap import normalization
from usadel.states.problem import Array, Problem

PAIR_CUTOFF = 30.0  # Δ0, of the pair amplitudes where there is a gap, as in S90


@dataclass(frozen=True)
class Outside:
    """What quantities may add to their sums, see `Quantity.outside`.

    Attributes
    ----------
    gap, singlet : (sites), complex; the singlet amplitude as it is summed, without cutoff.
    """

    problem: Problem
    contour: Contour
    gap: Complex
    singlet: Complex

    def where_pairing(self, values: Array) -> Array:
        """Values (sites) in layers with a gap, zero elsewhere, as a column (sites, 1)."""
        pairing = np.array([k.pairing is not None for k in self.problem.network.layers])
        return np.where(pairing[self._layer], values, 0.0)[:, None]

    @cached_property
    def normal(self) -> Array:
        """Accumulations of the normal state, (sites, 8)."""
        return np.array([normal_accumulation(k) for k in self.problem.network.layers])[self._layer]

    @cached_property
    def spin_tail(self) -> Array:
        """(sites, 3): u Σ_s s [Σₙ 2πT_s/ωₙ + ln T_s], the logarithmic tail of the spin energy where Ts is not zero."""
        tails = []
        for layer, shares in zip(self.problem.network.layers, self.contour.current, strict=True):
            sums = [s.spin * (float(np.sum(s.weight / s.omega)) + s.part * np.log(s.temperature)) for s in shares]
            tails.append(sum(sums) * np.asarray(layer.spin_axis, float))
        return np.array(tails)[self._layer]

    @cached_property
    def divergence(self) -> Array:
        """(sites): what the logarithmic tail Δ/ω of the singlet amplitude adds beyond the cutoff, per gap."""
        sums = np.array([normalization(shares) for shares in self.contour.pairs])
        return (sums - np.arccosh(PAIR_CUTOFF))[self._layer]

    @property
    def _layer(self) -> Array:
        return self.problem.layout.layer


def normal_accumulation(layer: ResolvedLayer) -> Array:
    """Accumulations (8) of the normal state: charge, spin, thermal and spin energy (Δ0 units)."""
    axis = np.asarray(layer.spin_axis, float)
    out = np.zeros(MODES)
    for s in (1, -1):
        shift = layer.voltage + s * layer.spin_voltage
        temperature = (layer.temperature + s * layer.spin_temperature) * TC
        energy = 0.5 * (np.pi**2 * temperature**2 / 6 + 0.5 * shift**2)
        out[Mode.CHARGE] -= 0.5 * shift
        out[SPIN] -= 0.5 * s * shift * axis
        out[Mode.ENERGY] += energy * 1.0
        out[SPIN_ENERGY] += energy * s * axis
    if layer.transverse:
        out[CHARGES] = 0.0
    return out
