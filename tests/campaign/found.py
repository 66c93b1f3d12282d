"""What a solve found, as arrays that can be sent from process to process, and how far two of them are apart."""

import contextlib
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from profile_columns import (
    ACCUMULATIONS,
    CURRENTS,
    SPIN_ACCUMULATION,
    SPIN_CURRENT,
    SPIN_ENERGY_ACCUMULATION,
    SPIN_ENERGY_CURRENT,
    side_by_side,
)

import usadel as us
from usadel.description.device.device import Device, Stack, is_network

NEXT_TO = 0.05  # of a layer, beside jumps of the pair potential: docs/convergence.md, "What the numbers do not cover"
BARRIER = 1e-4  # ξ beside opaque contacts between different pair potentials: likewise
VECTORS = (SPIN_CURRENT, SPIN_ENERGY_CURRENT, SPIN_ACCUMULATION, SPIN_ENERGY_ACCUMULATION)


@dataclass(frozen=True)
class Found:
    """Values at the nodes of all layers.

    Attributes
    ----------
    grids : of the layers.
    values : gap, currents, accumulations of each layer, (nodes, 17), complex.
    covered : which of them the error estimate speaks of.
    error, conservation : estimated error, conservation error.
    fixed : whether a reservoir fixes the phase.
    free : whether a gap is an unknown.
    numbers : nodes, energies and what else says how large the problem was.
    """

    grids: list[Any]
    values: list[np.ndarray]
    covered: list[np.ndarray]
    error: float
    conservation: float
    fixed: bool
    free: bool
    numbers: dict[str, Any]


def device_of(tables):
    """The device that tables describe."""
    return (Device if is_network(tables) else Stack).from_tables(tables)


def solved(tables, threads=1, start=None, **changes):
    """The result of a device with other settings; raises what `usadel.solve` raises."""
    os.environ["USADEL_THREADS"] = str(threads)
    device = device_of(tables | changes)
    return us.solve(device, start=start)


def found(result):
    """Arrays of a result."""
    problem = result.state.problem
    network, layout = problem.network, problem.layout
    values = side_by_side(result.solved.profiles)
    attributes = result.profiles().attrs
    numbers = {key: attributes[key] for key in ("nodes", "energies", "stable", "lower_state") if key in attributes}
    return Found(
        list(problem.grids),
        [values[layout.slice(k)] for k in range(len(problem.grids))],
        _covered(network, problem.grids),
        float(result.error),
        float(attributes["conservation_error"]),
        network.fixes_phase,
        network.has_unknown_gap,
        numbers,
    )


def _covered(network, grids):
    """Which values the error estimate speaks of (docs/convergence.md), layer by layer: (nodes, 17)."""
    flags = [np.ones((grid.size, 1 + CURRENTS.size + ACCUMULATIONS.size), bool) for grid in grids]
    for one, other, law in _meetings(network):
        depth = grids[one.layer].x if one.side == "left" else grids[one.layer].x[-1] - grids[one.layer].x
        near = depth <= NEXT_TO * grids[one.layer].x[-1]
        if _pairing_jumps(network.layers[one.layer].pairing, other):
            flags[one.layer][near if law.kind == "transparent" else depth < BARRIER] = False
        if getattr(law, "second_order", 0.0):
            flags[one.layer][np.ix_(near, SPIN_ENERGY_CURRENT)] = False
    return flags


def _pairing_jumps(mine, other):
    """Whether the pair potentials of neighbours differ: two unknowns of one coupling follow from one pair amplitude."""
    unknown = all(getattr(pairing, "self_consistent", False) for pairing in (mine, other))
    alike = unknown and mine.coupling == other.coupling
    return other is not NOTHING and not (mine is None and other is None) and not alike


NOTHING = object()
"""Behind an end at which nothing is."""


def _meetings(network):
    """Ends of layers with the pairing of a neighbour and the law between them."""
    for end in network.terminations:
        yield end.end, NOTHING if end.reservoir is None else end.pairing, end.interface
    for contact in network.contacts:
        for one, other in ((contact.left, contact.right), (contact.right, contact.left)):
            yield one, network.layers[other.layer].pairing, contact.interface
    for junction in network.junctions:
        for one, law in junction.ends:
            for other, its in junction.ends:
                if other != one:
                    yield one, network.layers[other.layer].pairing, its if law.kind == "transparent" else law


def differences(first, other, reading):
    """Differences of two results at the nodes of the first, layer by layer: (nodes, 17); not covered is 0."""
    out, turn = [], _common_turn(first, other, reading)
    for layer, grid in enumerate(first.grids):
        z = grid.x / grid.x[-1]
        values = np.array([_read(other, *reading.place(layer, one)) for one in z])
        values[:, 0] *= turn
        values[:, CURRENTS] *= reading.current
        for vector in VECTORS:
            values[:, vector] = values[:, vector] @ reading.turn
        covered = first.covered[layer] & np.array([_is_covered(other, *reading.place(layer, one)) for one in z])
        out.append(np.where(covered, values - first.values[layer], 0.0))
    return out


def _read(other, layer, z):
    return (other.grids[layer].interpolation(np.array([z])) @ other.values[layer])[0]


def _is_covered(other, layer, z):
    """Whether both nodes around a place are covered."""
    x, flags = other.grids[layer].x, other.covered[layer]
    at = np.clip(np.searchsorted(x, z * x[-1]), 1, x.size - 1)
    return flags[at - 1] & flags[at]


def _common_turn(first, other, reading):
    """Factor of the other's gap: of the phase that all have more, or any if no reservoir fixes the phase."""
    if first.fixed:
        return np.exp(-1j * reading.phase)
    overlap = 0.0
    for layer, values in enumerate(first.values):
        middle = values.shape[0] // 2
        z = first.grids[layer].x[middle] / first.grids[layer].x[-1]
        overlap += values[middle, 0] * np.conj(_read(other, *reading.place(layer, z))[0])
    return overlap / abs(overlap) if abs(overlap) > 1e-6 else 1.0


def largest(parts):
    """Size, layer, node and column of the largest difference."""
    sizes = [np.abs(part) for part in parts]
    layer = int(np.argmax([size.max() for size in sizes]))
    node, column = np.unravel_index(int(np.argmax(sizes[layer])), sizes[layer].shape)
    return float(sizes[layer][node, column]), layer, int(node), int(column)


@contextlib.contextmanager
def silent():
    """Nothing on the error stream, whoever writes there."""
    with open(os.devnull, "w", encoding="ascii") as nowhere, contextlib.redirect_stderr(nowhere):  # noqa: PTH123
        yield
