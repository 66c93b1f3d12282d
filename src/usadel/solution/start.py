"""Results to start from: with their states, or from files, where states are solved for at the gap that they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.refine import Solved
from usadel.description.device.driven import has_kinetics
from usadel.description.device.resolved import Network
from usadel.description.values.profiles import Sampled
from usadel.discretization.choice import MOST_NODES, make_grids
from usadel.discretization.space import SMALLEST_GRID, lagrange_matrix
from usadel.energies.contour import Contour
from usadel.errors import InputError, shown
from usadel.feedback.exchange_field import responding_layers, with_fields
from usadel.gap.linearization import SpectralLinearization
from usadel.gap.state import GapState, Outcome
from usadel.gap.state import Solution as StateSolution
from usadel.kinetics.reference import equilibrium
from usadel.observables.profiles import Candidate, measure
from usadel.solution.names import layer_kinds
from usadel.solution.result import LiveSolution, Solution
from usadel.solvers.budget import Budget
from usadel.states.newton import solve_states
from usadel.states.problem import Problem

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

Array = NDArray[Any]

REAL = 1e-9  # of the largest gap: imaginary parts below are rounding


def neighbour_of(start: Solution | None, device: Stack | Device) -> Solved | None:
    """The solution to start from.

    Raises
    ------
    InputError
        If `start` is no result of a solve, or one of another structure, or a file without what is needed of it.
    """
    if start is None:
        return None
    if not isinstance(start, Solution):
        raise InputError(f"start: must be the result of a solve, not {shown(start)}")
    if problem := difference(start.device, device):
        raise InputError(
            f"start: is a result of another structure: {problem}; allowed: of the same layers, joined at the same ends"
        )
    return start.solved if isinstance(start, LiveSolution) else _Restored(start.data, device).solved()


def difference(one: Stack | Device, other: Stack | Device) -> str:
    """In words, how the layers of two devices, or what joins them, differ; empty if only values and interfaces do."""
    kinds = [layer_kinds(device) for device in (one, other)]
    if len(kinds[0]) != len(kinds[1]):
        listed = [f"{len(found)} layer{'s' * (len(found) > 1)} ({', '.join(found)})" for found in kinds]
        return f"it has {listed[0]}, this device {listed[1]}"
    for k, (there, here) in enumerate(zip(*kinds, strict=True)):
        if there != here:
            return f"layer {k} is a {there} there and a {here} here"
    networks = one.network(), other.network()
    there_joined, here_joined = (_joined(network) for network in networks)
    if only := sorted(there_joined ^ here_joined, key=sorted):
        names = " and ".join(f"the {side} end of {networks[1].layer_names[k]}" for k, side in sorted(only[0]))
        return f"{names} meet {'there' if only[0] in there_joined else 'here'} alone"
    return ""


def _joined(network: Network) -> set[frozenset[tuple[int, str]]]:
    """Ends of layers that meet, whatever is between them."""
    return {frozenset((end.layer, str(end.side)) for end, _ in ends) for ends in network.meetings()}


class _Restored:
    """A solution from its dataset: the gap on grids as fine as those it was found on, and states of the new device."""

    def __init__(self, data: xr.Dataset, device: Stack | Device) -> None:
        self.data, self.budget = data, Budget(float(device.value("tolerance")))
        network = device.network()
        self.network = equilibrium(network) if has_kinetics(network) else network
        layer, position = data["layer"].values, data["position"].values
        self.nodes = [np.flatnonzero(layer == k) for k in range(len(network.layers))]
        self.places = [_relative(position[nodes]) for nodes in self.nodes]

    def solved(self) -> Solved:
        """The solution, with states that are solved for at the gap of the file."""
        sizes = [int(np.clip(nodes.size, SMALLEST_GRID, MOST_NODES)) for nodes in self.nodes]
        grids = make_grids(self.network, sizes, self.budget.tolerance)
        contour = Contour(self.network, self.budget.rule)
        fields = {}
        for k in responding_layers(self.network):
            spins = self.network.layers[k].zeeman * self._on(grids[k].x, k, self._values("spin_accumulation"))
            fields[k] = Sampled(grids[k], spins)
        problem = Problem(with_fields(self.network, fields or None), grids)
        gap = self._gap(problem)
        parts = 2 if np.any(np.abs(gap.imag) > REAL * np.max(np.abs(gap))) else 1
        gap = gap if parts == 2 else gap.real + 0j
        found = solve_states(problem, problem.packs(contour.energies, gap), gap, self.budget.nearly)
        state = GapState(problem, contour, found.packs, gap, parts)
        linearization = SpectralLinearization(problem, found.packs, found.factors)
        solution = StateSolution(state, linearization, Outcome(found.status, np.inf, np.inf))
        (profiles,) = measure(problem, contour, found.packs, [Candidate([p.state for p in found.packs], gap)])
        return Solved(solution, profiles, np.inf, found.status, 0)

    def _gap(self, problem: Problem) -> Array:
        """(sites), complex; where it is not solved for, as given."""
        gap = problem.initial_gap()
        for k in problem.self_consistent_layers():
            modulus, here = self._values("gap"), problem.layout.slice(k)
            known = "gap_phase" in self.data and np.all(np.isfinite(self.data["gap_phase"].values))
            phase = self.data["gap_phase"].values if known else np.angle(gap[here][0])
            gap[here] = self._on(problem.grids[k].x, k, modulus * np.exp(1j * phase))
        return gap

    def _values(self, name: str) -> Array:
        if name not in self.data or not np.all(np.isfinite(self.data[name].values)):
            what = f"holds no {name}" if name not in self.data else f"has no finite {name}"
            raise InputError(f"start: the file {what}; allowed: a result whose output.quantities names {name}, or none")
        return np.asarray(self.data[name].values)

    def _on(self, x: Array, layer: int, values: Array) -> Array:
        """Values (…, positions of the file) at positions x (ξ) of a grid of a layer."""
        moved: Array = values[..., self.nodes[layer]] @ lagrange_matrix(self.places[layer], x / x[-1]).T
        return moved


def _relative(position: Array) -> Array:
    """Positions of the nodes of a layer, from 0 at its left to 1 at its right end."""
    return np.asarray((position - position[0]) / (position[-1] - position[0]))
