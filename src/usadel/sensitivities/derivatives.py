"""Derivatives of a solution by some numbers of its device: all numbers share what is linearized."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.refine import Solved
from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.description.device.solvable import refuse_collisions
from usadel.discretization.gap_basis import GapBasis
from usadel.errors import InputError
from usadel.gap.equation import GapEquation
from usadel.gap.state import has_unknown_gap
from usadel.kinetics.driven_gap import pairs
from usadel.kinetics.reference import equilibrium
from usadel.response.gap import GapResponse
from usadel.response.operating import OperatingPoint
from usadel.response.places import Places
from usadel.sensitivities.base import Base, Bases
from usadel.sensitivities.energies import Added, EnergyTangent
from usadel.sensitivities.measured import Driven, Variables, derivatives
from usadel.sensitivities.neighbours import Neighbours
from usadel.sensitivities.tangent import Tangent, imbalance_change, pair_change, tangent
from usadel.solvers.status import Status
from usadel.states.transfer import carry

Array = NDArray[Any]


@dataclass(frozen=True)
class Derivatives:
    """Along one number: of all variables, by name; of states and gap.

    Attributes
    ----------
    base : with neighbours at its unknowns; where the gap is none of these, its derivative is in them.
    """

    family: Neighbours
    values: Mapping[str, Array]
    tangent: Tangent
    base: Base
    status: Status


def in_equilibrium(
    solved: Solved, families: Sequence[Neighbours], tolerance: float, variables: Variables
) -> list[Derivatives]:
    """Those of a solution whose distributions are all given."""
    bases, out = Bases(solved.solution, tolerance), []
    for family in families:
        base = bases.of(family, solved.solution.state.parts)
        found = tangent(base.solution, family, base.beside)
        if found.turning:
            base = bases.of(family, 2)
            found = tangent(base.solution, family, base.beside)
        own = replace(solved, solution=base.solution)
        values = derivatives(own, base.solution.state, family, base.beside, found, variables)
        out.append(Derivatives(family, values, found, base, _worst(base.solution.status, found.status)))
    return out


def out_of_equilibrium(
    solved: Solved, at: OperatingPoint, families: Sequence[Neighbours], tolerance: float, variables: Variables
) -> list[Derivatives]:
    """Those of a solution with distributions that are solved for, or are unknown beside it."""
    assert at.solution is not None
    _refuse_on_top(at.kinetics.network)
    refuse_collisions(at.kinetics.network, "sensitivities are not known")
    layers = at.solution.problem.network.layers

    def reference(network: Network) -> Network:
        quiet = equilibrium(network)
        flags = zip(quiet.layers, layers, strict=True)
        return replace(quiet, layers=tuple(replace(one, nonequilibrium=other.nonequilibrium) for one, other in flags))

    quiet = [family.having(reference) for family in families]
    bases = Bases(at.solution, tolerance, with_gap=False)
    based = [bases.of(family, 2) for family in quiet]
    layout, network = at.kinetics.problem.layout, at.kinetics.network
    laws = [law for magnet in layout.magnets() for law in magnet.laws]
    laws = [law for law in laws if network.layers[layout.laws[law].end.layer].nonequilibrium]
    energies = [EnergyTangent(at.kinetics, family, laws, at.panels) for family in families]
    gaps = _gaps(at, quiet, based, energies)
    spins = np.array([at.kinetics.spin_from_beyond(law) for law in laws]).reshape(-1, 3)
    densities = at.kinetics.integral.value
    out = []
    for family, base, on, (gap, status) in zip(quiet, based, energies, gaps, strict=True):
        moved = _with_gap(base, family, gap)
        one = tangent(base.solution, family, moved.beside)
        own = replace(solved, solution=base.solution)
        added = on.along(carry(base.solution.problem, at.kinetics.problem, gap))
        driven = Driven(at.kinetics, laws, (densities, added.densities), (spins, added.spins))
        values = derivatives(own, base.solution.state, family, moved.beside, one, variables, driven)
        out.append(
            Derivatives(family, values, one, moved, _worst(base.solution.status, one.status, added.status, status))
        )
    return out


def _refuse_on_top(network: Network) -> None:
    """Refuse reservoirs on top of layers, whose spins are not differentiated."""
    for _, covering in network.coverings():
        if covering.reservoir is not None:
            raise InputError(
                f"{covering.name}: no derivatives of solved distributions under a reservoir on top of a layer; "
                "allowed: reservoirs at ends of layers, or differences of two solutions"
            )


def _gaps(
    at: OperatingPoint, quiet: Sequence[Neighbours], based: Sequence[Base], energies: Sequence[EnergyTangent]
) -> list[tuple[Complex, Status]]:
    """Derivatives (sites) of the gap where that is an unknown."""
    solution = at.solution
    assert solution is not None
    if at.reference is None:
        return [(np.zeros_like(solution.gap), Status.CONVERGED) for _ in quiet]
    assert has_unknown_gap(solution)
    sources = []
    for family, base, on in zip(quiet, based, energies, strict=True):
        state, beside = base.solution.state, base.beside
        basis = GapBasis(state.problem.layout, state.problem.self_consistent_layers(), 2)
        equation = GapEquation(state.problem, state.contour, basis)
        one = tangent(base.solution, family, beside)
        added: Added = on.along(np.zeros_like(at.kinetics.gap))
        source = imbalance_change(family, beside, equation) + pair_change(state, equation, one)
        sources.append(carry(state.problem, at.kinetics.problem, source) + pairs(added.densities))
    places = Places(at.kinetics.problem.layout)
    found = GapResponse(solution, at.reference, at.kinetics, places, at.panels).follow(sources)
    return [(carry(at.kinetics.problem, solution.problem, gap), status) for gap, status in found]


def _with_gap(base: Base, family: Neighbours, gap: Complex) -> Base:
    """Neighbours whose gap (sites) follows."""
    steps = zip(base.beside, family.shifts, strict=True)
    return replace(base, beside=[replace(each, gap=each.gap + shift * gap) for each, shift in steps])


def _worst(*found: Status) -> Status:
    return Status(max(int(one) for one in found))
