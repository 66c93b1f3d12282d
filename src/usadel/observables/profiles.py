"""Observables of a solved device on its grids, and their errors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from usadel.algebra.lanes import is_diagonal
from usadel.algebra.modes import ENERGIES, MODES, SPIN_ENERGY
from usadel.algebra.nambu import Complex
from usadel.discretization.contacts import pairing_jumps, spin_energy_jumps
from usadel.energies.contour import Contour
from usadel.equations.spectral import scheme as spectral
from usadel.observables import columns
from usadel.observables.contour import pack_integrals
from usadel.observables.on_top import currents_on_top
from usadel.observables.outside import Outside
from usadel.quantities import Source
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Pack, Problem

# Ends at which a quantity has only a logarithmic limit or none, by `Quantity.diverges`.
_DIVERGES = {"pairing": pairing_jumps, "spin_energy": spin_energy_jumps}


@dataclass(frozen=True)
class Profiles:
    """Energy-integrated quantities on all sites, in the order of `quantities.columns`.

    Attributes
    ----------
    gap : (sites), complex (Δ0).
    current : (sites, 8), times σA of the layer: the modes in the order of `Mode`; behind them, what else is registered.
    accumulation : (sites, 8), likewise.
    pairs : (sites, 4), complex: singlet, triplet x y z; likewise.
    resistive : (sites, 8), the part of the currents driven by gradients of distributions.
    on_top : (contacts, sites, 8), currents per length into layers from the contacts of `Network.coverings`; likewise.
    """

    gap: Complex
    current: Array
    accumulation: Array
    pairs: Complex
    resistive: Array | float = 0.0
    on_top: Array = field(default_factory=lambda: np.zeros((0, 0, MODES)))

    def at(self, sites: Array) -> Profiles:
        """Values at some sites (indices or flags)."""
        resistive = self.resistive if np.ndim(self.resistive) == 0 else np.asarray(self.resistive)[sites]
        kept = self.gap[sites], self.current[sites], self.accumulation[sites], self.pairs[sites]
        return Profiles(*kept, resistive, self.on_top[:, sites] if self.on_top.size else self.on_top)

    def largest_difference(self, other: Profiles, energy: float = 1.0) -> float:
        """Largest absolute difference of gap, currents and accumulations: of all modes.

        Energy accumulations and spin-energy currents count times a factor.
        """
        gap = np.abs(self.gap - other.gap)
        current, accumulation = (
            np.abs(a[:, :MODES] - b[:, :MODES])
            for a, b in ((self.current, other.current), (self.accumulation, other.accumulation))
        )
        current[:, SPIN_ENERGY] *= energy
        accumulation[:, ENERGIES] *= energy
        return max(float(np.max(part, initial=0.0)) for part in (gap, current, accumulation))

    def with_densities(self, added: Array, cross_section: Array) -> Profiles:
        """The profiles with integrals over real energies of what δh adds.

        added : (sites, numbers), as of `real_axis.densities`; cross_section : (sites), σA.
        """
        pairs, scale = columns.pairs(added), cross_section[:, None]
        accumulation = self.accumulation + added[:, columns.ACCUMULATION]
        for quantity, where in columns.placed(Source.ACCUMULATION):
            if quantity.condensate is not None:
                accumulation[:, where] += quantity.condensate(self.gap, pairs[:, columns.SINGLET_COLUMN])[:, None]
        numbers = self.on_top.shape[0] * self.on_top.shape[2]
        on_top = (scale * added[:, columns.ON_TOP][:, :numbers]).reshape(len(added), *self.on_top.shape[::2])
        return Profiles(
            self.gap,
            self.current + scale * added[:, columns.CURRENT],
            accumulation,
            self.pairs + pairs,
            scale * added[:, columns.RESISTIVE],
            self.on_top + np.moveaxis(on_top, 0, 1) if len(self.on_top) else self.on_top,
        )


@dataclass(frozen=True)
class Candidate:
    """States of all packs, and the gap (sites) that belongs to them."""

    states: list[Complex]
    gap: Complex


def measure(problem: Problem, contour: Contour, packs: list[Pack], variants: list[Candidate]) -> list[Profiles]:
    """Currents, accumulations and pair amplitudes of each variant of the states of all packs."""
    sites = [problem.sites(variant.gap) for variant in variants]
    weights = columns.stacked_contour_weights(problem.network.layers, contour, problem.symmetry)
    layer = problem.layout.layer

    def sums(number: int):
        pack = packs[number]
        padded = [pack.padded(full) for full in weights]
        found = []
        for at, variant in zip(sites, variants, strict=True):
            state = variant.states[number]
            slope = spectral.slopes(state, pack.energy, at, problem.offset)
            arguments = state, slope, layer, *padded, is_diagonal(state)
            found.append(pack_integrals(*arguments))
        return found

    results = parallel(sums, range(len(packs)))
    totals = [[sum(r[k][part] for r in results) for part in range(3)] for k in range(len(variants))]
    profiles = [_profiles(problem, contour, v.gap, *parts) for v, parts in zip(variants, totals, strict=True)]
    if not problem.network.coverings():
        return profiles
    flowing = [currents_on_top(problem, contour, packs, variant.states) for variant in variants]
    return [replace(found, on_top=on_top) for found, on_top in zip(profiles, flowing, strict=True)]


def _profiles(problem: Problem, contour: Contour, gap: Complex, current, accumulation, pairs) -> Profiles:
    """Profiles of the sums over all energies, (sites, numbers) of each source, what lies outside them added."""
    outside = Outside(problem, contour, gap, pairs[:, columns.SINGLET_COLUMN].copy())
    values = {Source.CURRENT: current.real, Source.ACCUMULATION: accumulation.real, Source.PAIRS: pairs}
    for source, array in values.items():
        for quantity, where in columns.placed(source):
            for part in quantity.outside(outside) if quantity.outside is not None else ():
                array[:, where] += part
            for end in _DIVERGES[quantity.diverges](problem.network) if quantity.diverges is not None else ():
                at = problem.layout.site(end)
                array[at, where] = array[at + (1 if end.side == "left" else -1), where]
    currents = values[Source.CURRENT] * problem.cross_section[:, None]
    return Profiles(gap, currents, values[Source.ACCUMULATION], pairs)
