"""Observables of a solved device on its grids, and their errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.contacts import pairing_jumps, spin_energy_jumps
from usadel.discretization.contour import Contour
from usadel.equations.spectral import scheme as spectral
from usadel.equations.spectral.numbers import spin_weight
from usadel.observables.contour import (
    MODES,
    mode_weights,
    normal_accumulation,
    pack_integrals,
    pair_amplitude_weights,
)
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Discrete, Pack

PAIR_CUTOFF = 30.0  # Δ0, of the pair amplitudes where there is a gap, as in S90


@dataclass(frozen=True)
class Profiles:
    """Energy-integrated quantities on all sites.

    Attributes
    ----------
    gap : (sites), complex (Δ0).
    current : (sites, 8), times σA of the layer: charge, spin x y z, energy, spin energy x y z.
    accumulation : (sites, 8), the same modes.
    pairs : (sites, 4), complex: singlet, triplet x y z.
    resistive : (sites, 8), the part of the currents driven by gradients of distributions.
    """

    gap: Complex
    current: Array
    accumulation: Array
    pairs: Complex
    resistive: Array | float = 0.0

    def at(self, sites: Array) -> Profiles:
        """Values at some sites (indices or flags)."""
        resistive = self.resistive if np.ndim(self.resistive) == 0 else np.asarray(self.resistive)[sites]
        return Profiles(self.gap[sites], self.current[sites], self.accumulation[sites], self.pairs[sites], resistive)

    def largest_difference(self, other: Profiles, energy: float = 1.0) -> float:
        """Largest absolute difference of gap, currents and accumulations.

        Energy accumulations and spin-energy currents count times a factor.
        """
        half = MODES // 2
        gap, current = np.abs(self.gap - other.gap), np.abs(self.current - other.current)
        current[:, half + 1 :] *= energy
        accumulation = np.abs(self.accumulation - other.accumulation)
        accumulation[:, half:] *= energy
        return max(float(np.max(part, initial=0.0)) for part in (gap, current, accumulation))


@dataclass(frozen=True)
class Variant:
    """States of all packs, and the gap (sites) that belongs to them."""

    states: list[Complex]
    gap: Complex


def measure(problem: Discrete, contour: Contour, packs: list[Pack], variants: list[Variant]) -> list[Profiles]:
    """Currents, accumulations and pair amplitudes of each variant of the states of all packs."""
    sites = [problem.sites(variant.gap) for variant in variants]
    weights = _weights(problem, contour)
    layer = problem.layout.layer

    def sums(number: int):
        pack = packs[number]
        padded = [pack.padded(full) for full in weights]
        found = []
        for at, variant in zip(sites, variants, strict=True):
            state = variant.states[number]
            slope = spectral.slopes(state, pack.energy, at, problem.offset)
            found.append(pack_integrals(state, slope, layer, *padded))
        return found

    results = parallel(sums, range(len(packs)))
    totals = [[sum(r[k][part] for r in results) for part in range(3)] for k in range(len(variants))]
    return [_profiles(problem, contour, v.gap, *parts) for v, parts in zip(variants, totals, strict=True)]


def _profiles(problem: Discrete, contour: Contour, gap: Complex, current, accumulation, pairs) -> Profiles:
    """Profiles of the sums over all energies: (sites, 8), (sites, 8), (sites, 4), what lies outside them added."""
    layer, layers = problem.layout.layer, problem.network.layers
    cross_section = np.array([k.conductivity * k.area for k in layers])[layer]
    accumulation = accumulation.real
    pairing = np.array([k.pairing is not None for k in layers])[layer]
    raw = pairs[:, 0].copy()
    accumulation[:, 4] += np.where(pairing, 0.5 * (gap.conj() * raw).real - 0.5 * np.abs(gap) ** 2, 0.0)
    accumulation[:, 5:] += (
        np.where(pairing, 0.25 * np.abs(gap) ** 2, 0.0)[:, None] * _spin_tail(problem, contour)[layer]
    )
    accumulation += np.array([normal_accumulation(k) for k in layers])[layer]
    for end in pairing_jumps(problem.network):  # only a logarithmic limit: take the neighbour's value
        at = problem.layout.site(end)
        accumulation[at, 4] = accumulation[at + (1 if end.side == "left" else -1), 4]
    current = current.real
    for end in spin_energy_jumps(problem.network):  # it diverges there: likewise
        at = problem.layout.site(end)
        current[at, 5:] = current[at + (1 if end.side == "left" else -1), 5:]
    pairs[:, 0] = raw - np.where(pairing, _divergence(problem, contour)[layer] * gap, 0.0)
    return Profiles(gap, current * cross_section[:, None], accumulation, pairs)


def _weights(problem: Discrete, contour: Contour) -> list[Complex]:
    count = contour.energies.size
    flows = [
        mode_weights(shares, count, spin_weight(layer))
        for layer, shares in zip(problem.network.layers, contour.current, strict=True)
    ]
    modes = [mode_weights(shares, count) for shares in contour.current]
    pairs = [pair_amplitude_weights(shares, count) for shares in contour.gap]
    return [np.array([m[k] for m in group]) for group in (flows, modes, pairs) for k in range(2)]


def _divergence(problem: Discrete, contour: Contour) -> Array:
    """What the logarithmic tail Δ/ω of the singlet amplitude adds beyond the cutoff, per layer."""
    from usadel.equations.gap import normalization

    return np.array([normalization(shares) for shares in contour.gap]) - np.arccosh(PAIR_CUTOFF)


def conservation_error(problem: Discrete, profiles: Profiles) -> float:
    """Largest variation along a layer of the currents that this device conserves there.

    Charge and energy are conserved where the gap is absent or self-consistent, spin where nothing acts on it.
    """
    worst = 0.0
    for k, layer in enumerate(problem.network.layers):
        current = profiles.current[problem.layout.slice(k)]
        variation = np.ptp(current, axis=0)
        if not layer.has_given_gap:
            worst = max(worst, float(variation[0]))
        if not layer.mixes_spin:
            worst = max(worst, float(variation[1:4].max()))
    return worst


def _spin_tail(problem: Discrete, contour: Contour) -> Array:
    """(layers, 3): u Σ_s s [Σₙ 2πT_s/ωₙ + ln T_s], the logarithmic tail of the spin energy where Ts is not zero."""
    tails = []
    for layer, shares in zip(problem.network.layers, contour.current, strict=True):
        sums = [s.spin * (float(np.sum(s.weight / s.omega)) + s.part * np.log(s.temperature)) for s in shares]
        tails.append(sum(sums) * np.asarray(layer.spin_axis, float))
    return np.array(tails)


__all__ = ["Profiles", "conservation_error", "measure"]
