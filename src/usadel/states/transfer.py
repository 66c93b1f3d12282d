"""Carrying values and problems over: from grid to grid, and from a device to its neighbour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from usadel.description.device.resolved import Network
from usadel.discretization.space import Grid, interpolation_matrix
from usadel.states.problem import Pack, Problem


def neighbour(problem: Problem, network: Network) -> Problem:
    """A neighbouring network on grids of as many nodes, stretched alike; what both have in common is kept."""
    if network.has_spectral_terms_of(problem.network):
        return problem.with_distributions(network)
    layers = zip(network.layers, problem.grids, strict=True)
    return Problem(network, [grid.alike(grid.size, layer.length) for layer, grid in layers])


def carry(old: Problem, new: Problem, values: np.ndarray) -> np.ndarray:
    """Interpolate (sites, …) from the grids of one problem to those of another with as many layers."""
    return carry_between(old.grids, new.grids, values)


def carry_states(old: Problem, new: Problem, states: np.ndarray) -> np.ndarray:
    """The same of states (sites, 2E, L), as the new problem has them; what has not its symmetry is left out."""
    return new.symmetry.adopted(carry(old, new, states), old.symmetry)


def pack_at(pack: Pack, old: Problem, new: Problem, energies: np.ndarray) -> Pack:
    """A pack on the same grids at the boundaries of a neighbouring device, and at its energies (all of them)."""
    energy = energies[pack.index]
    padded = np.concatenate([energy, np.repeat(energy[-1:], pack.energy.size - energy.size)])
    rest = None if pack.rest is None else carry_states(old, new, pack.rest)
    return Pack(pack.index, padded, carry_states(old, new, pack.state), *new.boundaries(padded), rest)


def carry_between(old: Sequence[Grid], new: Sequence[Grid], values: np.ndarray) -> np.ndarray:
    """Interpolate (sites, …) from some grids to others, layer by layer, at equal fractions of their lengths."""
    parts, first = [], 0
    for a, b in zip(old, new, strict=True):
        piece = values[first : first + a.size]
        first += a.size
        if a.size != b.size or not a.has_map_of(b):
            s = a.coordinate(b.x / b.x[-1])
            piece = _interpolated(interpolation_matrix(a.size, s), piece)
        parts.append(piece)
    return np.concatenate(parts)


def _interpolated(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """matrix (new, old) times values (old), (old, n) or states (old, 8, L).

    States go one by one: products this small stay on this thread, where the threads of BLAS would fight our own.
    """
    if values.ndim <= 2:
        moved: np.ndarray = matrix @ values
        return moved
    components = matrix @ np.moveaxis(np.ascontiguousarray(values).view(float), 1, 0)
    return np.ascontiguousarray(np.moveaxis(components, 0, 1)).view(complex)
