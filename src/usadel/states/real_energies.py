"""States at real energies: which are solved from which, and how many energies an interpolation needs.

They are the hardest to find from nothing. Only some are: all others start between two neighbours in energy that are
solved already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.progress import tell
from usadel.solvers.status import Status
from usadel.states.newton import PackSolution, solve_pack
from usadel.states.parallel import parallel
from usadel.states.problem import GROUPS, Array, Pack, Problem
from usadel.work import exhausted


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    smallest_broadening: float = 1e-6  # Δ0: keeps real energies off the branch points of a device with Γ = 0
    interpolation: float = 1e-3  # accuracy of linear interpolation between the energies of an adaptive spectrum
    # Δ0, of the states that Newton's method starts from at real energies without neighbours
    start_broadening: float = 0.3
    rounds: int = 14
    alone: int = 16  # energies at least that are solved without neighbours
    kept: float = 5e7  # bytes of states that others may start from


OPTIONS = Options()


Start = list[tuple[float, Complex]]  # weights and states (sites, 8) to interpolate


class Known(NamedTuple):
    """A state found: on the grids refined `level` times, (sites, 8)."""

    level: int
    state: Complex


@dataclass
class KnownStates:
    """States found at real energies, by |E|, as many as memory allows."""

    _by_energy: dict[float, Known] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._by_energy)

    def add(self, energies: Array, states: Complex, status: NDArray[np.int64], level: int = 0) -> None:
        """Keep the states (sites, 8, energies) that converged."""
        for k, energy in enumerate(energies):
            state = states[:, :, k]
            if status[k] == Status.CONVERGED and len(self._by_energy) * state.nbytes < OPTIONS.kept:
                self._by_energy[float(energy)] = Known(level, state.copy())

    def carried(self, move: Callable[[Complex], Complex]) -> KnownStates:
        """The same on another grid, by an interpolation of states (sites, 8, n) of one level."""
        if not self._by_energy:
            return KnownStates()
        moved = move(np.stack([known.state for known in self._by_energy.values()], axis=-1))
        return KnownStates({energy: Known(0, moved[..., k]) for k, energy in enumerate(self._by_energy)})

    def neighbours(self, energies: Array) -> list[list[tuple[float, Known]]]:
        """For each energy its own state if it is known, or those on both sides with their weights; none outside."""
        places = np.array(sorted(self._by_energy))
        found: list[list[tuple[float, Known]]] = []
        for energy, k in zip(energies, np.searchsorted(places, energies), strict=True):
            if float(energy) in self._by_energy:
                found.append([(1.0, self._by_energy[float(energy)])])
            elif 0 < k < places.size:
                left, right = float(places[k - 1]), float(places[k])
                share = float((energy - left) / (right - left))
                found.append([(1.0 - share, self._by_energy[left]), (share, self._by_energy[right])])
            else:
                found.append([])
        return found

    def starts(self, energies: Array) -> list[Start]:
        """The same, of one level."""
        return [[(weight, near.state) for weight, near in found] for found in self.neighbours(energies)]


def solve_energies(
    problem: Problem,
    gap: Complex,
    energies: Array,
    starts: list[Start],
    tolerance: float,
    measured: Callable[[PackSolution], tuple[Array, ...]],
    groups: int | None = None,
) -> tuple[tuple[Array, ...], Complex, NDArray[np.int64]]:
    """Solve the states at energies E ≥ 0, and measure them pack by pack.

    Parameters
    ----------
    starts : of each energy, see `KnownStates`.
    measured : arrays (…, count) of a solved pack; groups : of lanes in one, see `Problem.packs`;
        None: more where states are a few numbers, for calls then take longer than what they do.

    Returns
    -------
    What was measured (…, energies), states (sites, 8, energies), status (energies).
    """
    most = groups or GROUPS * (4 // problem.symmetry.entries)
    packs = problem.packs(energies + 1j * _lift(problem), gap, OPTIONS.start_broadening, groups=most)
    sites = problem.sites(gap)

    def solve(pack: Pack) -> tuple[tuple[Array, ...], Complex, NDArray[np.int64]]:
        solved = solve_pack(problem, started(pack, starts), sites, gap, tolerance)
        return measured(solved), solved.pack.state[:, :, : pack.count], solved.status

    found = parallel(solve, packs)
    values = tuple(np.concatenate(parts, axis=-1) for parts in zip(*(each[0] for each in found), strict=True))
    return values, np.concatenate([each[1] for each in found], axis=-1), np.concatenate([each[2] for each in found])


def solve_few(problem: Problem, gap: Complex, energies: Array, starts: list[Start], tolerance: float) -> PackSolution:
    """Solve the states of one pack of energies E ≥ 0; see `solve_energies`."""
    index, energy = np.arange(energies.size), energies + 1j * _lift(problem)
    pack = problem.pack(index, energy, gap, OPTIONS.start_broadening)
    return solve_pack(problem, started(pack, starts), problem.sites(gap), gap, tolerance)


def _lift(problem: Problem) -> float:
    """Δ0, of real energies off the branch points, where no broadening does that."""
    quiet = min(layer.inelastic for layer in problem.network.layers)
    return 0.0 if quiet > 0 else OPTIONS.smallest_broadening


def started(pack: Pack, starts: list[Start]) -> Pack:
    """The pack with the lanes that have a start set to it."""
    state = pack.state.copy()
    for lane, number in enumerate(pack.index):
        if starts[number]:
            state[:, :, lane] = sum(weight * near for weight, near in starts[number])
    state[:, :, pack.count :] = state[:, :, pack.count - 1 : pack.count]
    return pack.at(state)


def refined_energies(energies: Array, sample: Callable[[Array], Array]) -> tuple[Array, Array]:
    """Given energies and more, until `sample` is linear between them to `Options.interpolation`, and its values."""
    values = sample(energies)
    settled = np.zeros(energies.size - 1, bool)
    for number in range(OPTIONS.rounds):
        open_intervals = np.flatnonzero(~settled)
        if open_intervals.size == 0 or exhausted():
            break
        middle = 0.5 * (energies[open_intervals] + energies[open_intervals + 1])
        found = sample(middle)
        line = 0.5 * (values[..., open_intervals] + values[..., open_intervals + 1])
        good = ~(np.max(np.abs(found - line), axis=(0, 1)) > OPTIONS.interpolation)
        energies, values, settled = _insert(energies, values, settled, open_intervals, middle, found, good)
        tell("refined energies", number + 1, text=f"{energies.size} energies")
    return energies, values


def generations(energies: Array) -> Iterator[Array]:
    """Energies in an order in which all but the first lie between earlier ones; each lies in one part."""
    stride = 1 << max(0, (energies.size // OPTIONS.alone).bit_length() - 1)
    yield energies[::stride]
    while stride > 1:
        yield energies[stride // 2 :: stride]
        stride //= 2


def _insert(
    energies: Array, values: Array, settled: Array, at: Array, middle: Array, found: Array, good: Array
) -> tuple[Array, Array, Array]:
    """Split the intervals `at` in two; both halves of a good one are settled."""
    position = at + 1
    energies = np.insert(energies, position, middle)
    values = np.insert(values, position, found, axis=2)
    halves = settled.copy()
    halves[at] = good
    return energies, values, np.insert(halves, position, good)
