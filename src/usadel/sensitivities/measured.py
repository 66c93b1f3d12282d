"""Derivatives of what is measured: explicit ones, at fixed unknowns, and those by states, gap and what δh adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.refine import Solved
from usadel.gap.state import GapState
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.refine import KineticSolved
from usadel.observables.profiles import Candidate, measure
from usadel.sensitivities.neighbours import Neighbours
from usadel.sensitivities.tangent import Tangent, along
from usadel.states.transfer import carry

Array = NDArray[Any]
Variables = Callable[[Solved], Mapping[str, Array]]
"""Of a solved device, by name."""

PHASE = "gap_phase"  # known up to whole turns


@dataclass(frozen=True)
class Driven:
    """What solved distributions add to the densities of a solution, and what that changes along a number.

    Attributes
    ----------
    kinetics : their equation; laws : interfaces that spins enter from beyond.
    densities, spins : (sites, numbers) on its grids and (laws, 3), and their derivatives.
    """

    kinetics: Kinetics
    laws: Sequence[int]
    densities: tuple[Array, Array]
    spins: tuple[Array, Array]

    def solved(self, solved: Solved, step: float) -> Solved:
        """A solution of the reference equilibrium with what δh adds one step along the number."""
        kinetics, problem = self.kinetics, solved.solution.problem
        added, spins = (value + step * change for value, change in (self.densities, self.spins))
        on_grids = carry(kinetics.problem, problem, added)
        known = {part.name: getattr(solved, part.name) for part in fields(Solved)}
        known["profiles"] = solved.profiles.with_densities(on_grids, problem.cross_section)
        beyond = dict(zip(self.laws, spins, strict=True))
        there = _KnownSpins(kinetics.network, kinetics.problem, kinetics.gap, kinetics.tolerance, beyond=beyond)
        return KineticSolved(**known, kinetics=there, reference=solved, layer_errors=np.zeros(len(problem.grids)))


@dataclass
class _KnownSpins(Kinetics):
    """A kinetic equation of which only the spins from beyond are asked."""

    beyond: Mapping[int, Array] = field(default_factory=dict, kw_only=True)

    def spin_from_beyond(self, law: int) -> Array:
        """What δh adds to the spin current (3) into an interface."""
        return self.beyond[law]


def derivatives(
    solved: Solved,
    state: GapState,
    family: Neighbours,
    beside: Sequence[GapState],
    found: Tangent,
    variables: Variables,
    driven: Driven | None = None,
) -> dict[str, Array]:
    """Of all variables of a solution that its neighbours have, too, along one number."""

    def values(at: GapState, step: float) -> Mapping[str, Array]:
        candidate = Candidate([pack.state for pack in at.packs], at.gap)
        (profiles,) = measure(at.problem, at.contour, at.packs, [candidate])
        own = replace(solved, solution=replace(solved.solution, state=at), profiles=profiles)
        return variables(own if driven is None else driven.solved(own, step))

    steps, weights, sides = along(state, found)
    implicit = [values(at, step) for at, step in zip(sides, steps, strict=True)]
    explicit = [values(at, 0.0) for at in beside]
    out = {}
    for name in implicit[0]:
        if all(name in each for each in explicit):
            fixed, moved = (_comparable(name, [each[name] for each in part]) for part in (explicit, implicit))
            by_state = sum(weight * value for weight, value in zip(weights, moved, strict=True))
            out[name] = np.asarray(family.derivative(fixed) + by_state)
    return out


def _comparable(name: str, values: list[Array]) -> list[Array]:
    """Values that differ by little: phases on one sheet."""
    if name != PHASE:
        return values
    return [values[0] + (value - values[0] + np.pi) % (2 * np.pi) - np.pi for value in values]
