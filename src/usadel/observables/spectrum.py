"""The density of states of a solved device: real energies, refined in energy and in space as needed.

States at real energies are the hardest to find from nothing. Only some are: all others start between two neighbours
in energy that are solved already, and on a finer grid from the same energy on the coarser one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.space import interpolation_matrix, stretched_grid
from usadel.observables.dos import both_signs
from usadel.solvers.status import Status
from usadel.states.newton import solve_pack
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Discrete, Pack

SMALLEST_BROADENING = 1e-6  # Δ0: keeps real energies off the branch points of a device with Γ = 0
INTERPOLATION = 1e-3  # accuracy of linear interpolation between the energies of an adaptive spectrum
FIRST_ENERGIES = 49
START_BROADENING = 0.3  # Δ0, of the states that Newton's method starts from at real energies without neighbours
ROUNDS = 14
FINEST = 4  # how often the grids of the gap are refined for a spectrum
NEWTON = 1e-3  # of the tolerance
DIGITS = 12  # energies (Δ0) that agree to so many decimals are one: those at ±E share a state
ALONE = 16  # energies at least that are solved without neighbours


class Known(NamedTuple):
    """A state found: on the grids refined `level` times, (sites, 8)."""

    level: int
    state: Complex


States = dict[float, Known]  # by |E|
Start = list[tuple[float, Known]]  # weights and states to interpolate


@dataclass
class Spectrum:
    """DOS on all sites of a solution, computed on demand and kept.

    Attributes
    ----------
    problem, gap : grids and gap of the solution.
    tolerance : error allowed in N/N0.
    error : largest estimated error so far; status : worst so far.
    """

    problem: Discrete
    gap: Complex
    tolerance: float
    error: float = 0.0
    status: Status = Status.CONVERGED
    _values: dict[float, Array] = field(default_factory=dict)  # (2 signs, 4, sites) by |E|
    _levels: list[tuple[Discrete, Complex]] = field(default_factory=list)

    def at(self, energies: Array) -> Array:
        """(4, sites, energies): spin average and x, y, z parts of N/N0; NaN where the solve failed."""
        return self._at(energies, {})

    def _at(self, energies: Array, known: States) -> Array:
        """The same, from states known at other energies; those found are added."""
        energies = np.asarray(energies, float)
        positive = np.round(np.abs(energies), DIGITS)
        missing = np.array(sorted(set(positive.tolist()) - set(self._values)))
        for chosen in generations(missing):
            self._solve(chosen, known)
        return np.stack(
            [self._values[p][int(e < 0)] for e, p in zip(energies, positive.tolist(), strict=True)], axis=-1
        )

    def adaptive(self, start: float, stop: float, progress: Callable[[str], None] | None = None) -> Array:
        """Energies in [start, stop] between which linear interpolation is good to `INTERPOLATION`."""
        known: States = {}
        return refined_energies(self._first_energies(start, stop), lambda e: self._at(e, known), progress)[0]

    def _first_energies(self, start: float, stop: float) -> Array:
        """Equidistant energies, and both sides of the gap edges."""
        edges = np.unique(np.round(np.abs(self.gap[np.abs(self.gap) > 0]), 3))
        edges = edges[[0, -1]] if edges.size else edges
        special = np.concatenate([edges, -edges, [0.0]])
        inside = special[(special > start) & (special < stop)]
        return np.unique(np.concatenate([np.linspace(start, stop, FIRST_ENERGIES), inside]))

    def _solve(self, energies: Array, known: States) -> None:
        """Solve at E ≥ 0 on the grids that its neighbours needed, then where needed on finer ones."""
        starts = neighbours(energies, known)
        levels = np.array([min((near.level for _, near in found), default=0) for found in starts])
        open_energies = np.ones(energies.size, bool)
        for level in range(FINEST):
            chosen = np.flatnonzero(open_energies & (levels == level))
            if chosen.size == 0:
                continue
            states, values, errors, status = self._on_grids(level, energies[chosen], [starts[k] for k in chosen])
            good = (status == Status.CONVERGED) & (errors <= self.tolerance)
            for place, k in enumerate(chosen):
                key = float(energies[k])
                if status[place] == Status.CONVERGED:
                    known[key] = Known(level, states[:, :, place].copy())
                    starts[k] = [(1.0, known[key])]
                if good[place] or level == FINEST - 1:
                    self._keep(key, values[..., place], errors[place], status[place])
            levels[chosen[~good]] += 1
            open_energies[chosen[good]] = False

    def _keep(self, energy: float, values: Array, error: float, status: int) -> None:
        """The final values (2, 4, sites) at an energy, and what they say of the whole spectrum."""
        if status != Status.CONVERGED:
            values, self.status = np.full_like(values, np.nan), Status(status)
        else:
            self.error = max(self.error, float(np.nan_to_num(error, nan=np.inf)))
            if self.status == Status.CONVERGED and self.error > self.tolerance:
                self.status = Status.TOLERANCE_NOT_REACHED
        self._values[energy] = values

    def _level(self, level: int) -> tuple[Discrete, Complex]:
        """The problem on grids refined `level` times, and its gap."""
        if not self._levels:
            self._levels.append((self.problem, self.gap))
        while len(self._levels) <= level:
            old, gap = self._levels[-1]
            grids = [
                stretched_grid(layer.length, 2 * g.size - 1, g.strength)
                for g, layer in zip(old.grids, old.network.layers, strict=True)
            ]
            parts = [
                interpolation_matrix(a.size, np.linspace(0, 1, b.size)) @ gap[old.layout.slice(k)]
                for k, (a, b) in enumerate(zip(old.grids, grids, strict=True))
            ]
            self._levels.append((Discrete(old.network, grids), np.concatenate(parts)))
        return self._levels[level]

    def _move(self, source: int, target: int) -> Array:
        """Interpolation (sites, sites) from one level to another."""
        old, new = self._level(source)[0], self._level(target)[0]
        out = np.zeros((new.layout.sites, old.layout.sites))
        for k, grid in enumerate(new.grids):
            block = interpolation_matrix(old.grids[k].size, np.linspace(0, 1, grid.size))
            out[new.layout.slice(k), old.layout.slice(k)] = block
        return out

    def _start(self, pack: Pack, level: int, starts: list[Start]) -> None:
        """Start the lanes of a pack from states known, where there are any."""
        for lane, number in enumerate(pack.index):
            parts = starts[number]
            if parts:
                pack.state[:, :, lane] = sum(
                    weight * (near.state if near.level == level else self._at_level(near, level))
                    for weight, near in parts
                )
        pack.state[:, :, pack.count :] = pack.state[:, :, pack.count - 1 : pack.count]

    def _at_level(self, known: Known, level: int) -> Complex:
        return np.tensordot(self._move(known.level, level), known.state, 1)

    def _on_grids(self, level: int, energies: Array, starts: list[Start]):
        """States, values (2 signs, 4, sites of the solution, energies), their estimated errors and status by energy."""
        problem, gap = self._level(level)
        quiet = min(layer.inelastic for layer in problem.network.layers)
        lift = 0.0 if quiet > 0 else SMALLEST_BROADENING
        packs = problem.packs(energies + 1j * lift, gap, START_BROADENING)
        sites, embedded = problem.sites(gap), problem.embedded_sites(gap)
        back = self._move(level, 0)

        def values(pack: Pack):
            self._start(pack, level, starts)
            status = solve_pack(problem, pack, sites, gap, NEWTON * self.tolerance)
            step = problem.chord_step(pack, sites, [problem.residual(pack, embedded)])
            pack.factors = None  # many energies: keep none of their factors
            state = pack.state[:, :, : pack.count]
            moved = state + problem.by_site(step[:, :, 0, : pack.count])
            dos, other = (both_signs(u) for u in (state, moved))
            error = np.max(np.abs(dos - other), axis=(0, 1, 2))
            return state, dos if level == 0 else np.einsum("xy,scye->scxe", back, dos), error, status

        found = parallel(values, packs)
        return tuple(np.concatenate([part[k] for part in found], axis=-1) for k in range(4))


def refined_energies(
    energies: Array, sample: Callable[[Array], Array], progress: Callable[[str], None] | None = None
) -> tuple[Array, Array]:
    """Given energies and more, until linear interpolation of `sample` is good to `INTERPOLATION`, and its values."""
    values = sample(energies)
    settled = np.zeros(energies.size - 1, bool)
    for number in range(ROUNDS):
        open_intervals = np.flatnonzero(~settled)
        if open_intervals.size == 0:
            break
        middle = 0.5 * (energies[open_intervals] + energies[open_intervals + 1])
        found = sample(middle)
        line = 0.5 * (values[..., open_intervals] + values[..., open_intervals + 1])
        good = ~(np.max(np.abs(found - line), axis=(0, 1)) > INTERPOLATION)
        energies, values, settled = _insert(energies, values, settled, open_intervals, middle, found, good)
        if progress:
            progress(f"energies: round {number + 1}, {energies.size} of them")
    return energies, values


def generations(energies: Array) -> Iterator[Array]:
    """Energies in an order in which all but the first lie between earlier ones; each lies in one part."""
    stride = 1 << max(0, (energies.size // ALONE).bit_length() - 1)
    yield energies[::stride]
    while stride > 1:
        yield energies[stride // 2 :: stride]
        stride //= 2


def neighbours(energies: Array, known: States) -> list[Start]:
    """For each energy its own state if it is known, or those on both sides with their weights; none outside."""
    places = np.array(sorted(known))
    at = np.searchsorted(places, energies)
    starts: list[Start] = []
    for energy, k in zip(energies, at, strict=True):
        if float(energy) in known:
            starts.append([(1.0, known[float(energy)])])
        elif 0 < k < places.size:
            share = float((energy - places[k - 1]) / (places[k] - places[k - 1]))
            starts.append([(1.0 - share, known[float(places[k - 1])]), (share, known[float(places[k])])])
        else:
            starts.append([])
    return starts


def _insert(energies, values, settled, at, middle, found, good):
    """Split the intervals `at` in two; both halves of a good one are settled."""
    position = at + 1
    energies = np.insert(energies, position, middle)
    values = np.insert(values, position, found, axis=2)
    halves = settled.copy()
    halves[at] = good
    return energies, values, np.insert(halves, position, good)
