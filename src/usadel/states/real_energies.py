"""States at real energies: which are solved from which, and how many energies an interpolation needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.progress import tell
from usadel.states.problem import Array, Pack

SMALLEST_BROADENING = 1e-6  # Δ0: keeps real energies off the branch points of a device with Γ = 0
INTERPOLATION = 1e-3  # accuracy of linear interpolation between the energies of an adaptive spectrum
START_BROADENING = 0.3  # Δ0, of the states that Newton's method starts from at real energies without neighbours
ROUNDS = 14
ALONE = 16  # energies at least that are solved without neighbours


class Known(NamedTuple):
    """A state found: on the grids refined `level` times, (sites, 8)."""

    level: int
    state: Complex


States = dict[float, Known]  # by |E|
Start = list[tuple[float, Known]]  # weights and states to interpolate


def refined_energies(energies: Array, sample: Callable[[Array], Array]) -> tuple[Array, Array]:
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
        tell("refined energies", number + 1, text=f"{energies.size} energies")
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


def start_from(pack: Pack, starts: list[Start]) -> None:
    """Start the lanes of a pack from states known, where there are any."""
    for lane, number in enumerate(pack.index):
        if starts[number]:
            pack.state[:, :, lane] = sum(weight * near.state for weight, near in starts[number])
    pack.state[:, :, pack.count :] = pack.state[:, :, pack.count - 1 : pack.count]
