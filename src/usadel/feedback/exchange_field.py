"""Layers whose exchange field follows their spin accumulation: the field is found self-consistently.

    h = h₀ + Z ∫q dE

∫q is the spin accumulation without the Pauli part, so that the spin density is h + ∫q, h₀ the field that the metal has
in its normal state, and 1 + Z = χ/χ₀ its Stoner enhancement, 1/(1 + F₀ᵃ) in a Fermi liquid (Alexander et al., 1985):
h = h_ext - F₀ᵃ (h + ∫q), solved for h.
f = Z∫q is a fixed point, which is found by Anderson's method; each of its values is a complete solution of the device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from usadel.accuracy.refine import Solved, solve_refined
from usadel.algebra.modes import SPIN
from usadel.description.device.resolved import Network
from usadel.description.values.profiles import NO_FIELD, Sampled
from usadel.errors import InputError
from usadel.gap.state import AnySolution
from usadel.observables.profiles import Candidate, Profiles, measure
from usadel.progress import tell
from usadel.solvers.anderson import Anderson
from usadel.solvers.budget import Budget
from usadel.solvers.status import Status
from usadel.states.problem import Array


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    iterations: int = 40
    depth: int = 5  # iterates that Anderson's method remembers


OPTIONS = Options()


Fields = dict[int, Sampled]
"""Field (3, nodes) in each responding layer, on its grid."""
Solver = Callable[[Network, float, Solved | None], Solved]


def responding_layers(network: Network) -> list[int]:
    """Indices of the layers whose exchange field follows the spin accumulation."""
    return [k for k, layer in enumerate(network.layers) if layer.zeeman]


def refuse_response(network: Network, what: str) -> None:
    """Refuse layers with a Zeeman response where they are not implemented."""
    for k in responding_layers(network):
        raise InputError(f"{network.layer_names[k]}.zeeman: cannot be given {what}; allowed: 0")


def solve_responding(
    network: Network,
    tolerance: float,
    start: Solved | None,
    solver: Solver = solve_refined,
) -> Solved:
    """Solve a network to a tolerance, and the exchange field of its responding layers with it.

    solver : of the network at given fields.
    """
    if not responding_layers(network):
        return solver(network, tolerance, start)
    iteration = FixedPoint(network)
    budget = Budget(tolerance)
    fields = None if start is None else induced(network, start.solution)
    accuracy = budget.at_field
    for number in range(OPTIONS.iterations):
        refined = solver(with_fields(network, fields), accuracy, start)
        start = refined
        iteration.add(fields, induced(network, start.solution, refined.profiles), refined)
        distance = iteration.distance()
        error = refined.error * (1 + iteration.gain * iteration.strength) + iteration.gain * distance
        tell("exchange field", number + 1, text=f"mismatch {distance:.1e}, estimated error {error:.1e}")
        refined = replace(refined, error=error, levels=number + 1)
        if refined.status != Status.CONVERGED or (number > 0 and error <= tolerance):
            return refined
        if iteration.gain * distance < budget.field and number > 0:
            accuracy *= 0.7 * tolerance / error
        fields = iteration.next()
    return replace(refined, status=Status.NOT_CONVERGED)


def with_fields(network: Network, fields: Fields | None) -> Network:
    """The network with fields added to the exchange fields of its layers."""
    if fields is None:
        return network
    layers = list(network.layers)
    for k, field_found in fields.items():
        given = layers[k].exchange or NO_FIELD
        layers[k] = replace(layers[k], exchange=replace(given, induced=field_found))
    return replace(network, layers=tuple(layers))


def induced(network: Network, solution: AnySolution, profiles: Profiles | None = None) -> Fields:
    """Z∫q of a solution in the layers of a network."""
    problem = solution.problem
    if profiles is None:
        state = Candidate([pack.state for pack in solution.packs], solution.gap)
        (profiles,) = measure(problem, solution.contour, solution.packs, [state])
    spin = profiles.accumulation[:, SPIN].T
    return {
        k: Sampled(problem.grids[k], network.layers[k].zeeman * spin[:, problem.layout.slice(k)])
        for k in responding_layers(network)
    }


@dataclass
class FixedPoint:
    """Iterates of f = Z∫q[f] by Anderson's method.

    Attributes
    ----------
    gain : largest change of any result per change of the mismatch f - Z∫q[f], as seen so far; at least its value for
        a result that follows the field one to one in a bulk superconductor.
    """

    network: Network
    gain: float = 0.0
    _fields: list[Fields | None] = field(default_factory=list)
    _images: list[Fields] = field(default_factory=list)
    _results: list[Solved] = field(default_factory=list)

    def __post_init__(self) -> None:
        responses = [layer.zeeman for layer in self.network.layers]
        self.strength = max(abs(z) for z in responses)
        self.gain = 1.0 / (1.0 + min(0.0, *responses))

    def add(self, fields: Fields | None, images: Fields, refined: Solved) -> None:
        """Remember a field, the one it induces, and the solution."""
        self._fields.append(fields)
        self._images.append(images)
        self._results.append(refined)
        for kept in (self._fields, self._images, self._results):
            del kept[: -OPTIONS.depth - 1]
        if len(self._fields) > 1:
            self._measure_gain()

    def distance(self) -> float:
        """Largest mismatch of the last field."""
        return float(np.max(np.abs(self._mismatches()[-1])))

    def next(self) -> Fields:
        """The next field, by Anderson's method on the nodes of the last solution."""
        anderson, fields = Anderson(), self._sampled(self._fields)
        steps = self._mismatches() / self._stiffness()
        for x, f in zip(fields, steps, strict=True):
            anderson.add(x, f)
        return self._split(fields[-1] + anderson.step(steps[-1]))

    def _stiffness(self) -> Array:
        """1 + Z where Z > 0: derivative of the mismatch in a cold superconductor, which screens its field."""
        parts = [
            np.full(f.values.size, 1 + max(0.0, self.network.layers[k].zeeman)) for k, f in self._images[-1].items()
        ]
        return np.concatenate(parts)

    def _measure_gain(self) -> None:
        """From the last two iterates, where they differ by more than their errors."""
        before, last = self._results[-2:]
        if [g.size for g in before.solution.problem.grids] != [g.size for g in last.solution.problem.grids]:
            return
        r = self._mismatches()
        change, mismatch = last.profiles.largest_difference(before.profiles), float(np.max(np.abs(r[-1] - r[-2])))
        if min(change, mismatch) > 3 * (before.error + last.error):
            self.gain = max(self.gain, change / mismatch)

    def _mismatches(self) -> Array:
        """(iterates, values): Z∫q[f] - f."""
        return self._sampled(self._images) - self._sampled(self._fields)

    def _sampled(self, iterates: list[Any]) -> Array:
        """(iterates, values) at the nodes of the last solution, one layer behind the other."""
        latest = self._images[-1]
        rows = []
        for fields in iterates:
            parts = [
                fields[k].at(own.nodes.x / own.nodes.x[-1]) if fields else np.zeros_like(own.values)
                for k, own in latest.items()
            ]
            rows.append(np.concatenate([part.ravel() for part in parts]))
        return np.array(rows)

    def _split(self, values: Array) -> Fields:
        """The reverse of `_sampled`."""
        out, first = {}, 0
        for k, own in self._images[-1].items():
            part = values[first : first + own.values.size]
            out[k] = Sampled(own.nodes, part.reshape(own.values.shape))
            first += own.values.size
        return out
