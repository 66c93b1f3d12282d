"""How far a solution may be from the limit of fine grids and all energies.

The estimate is the change of all results when the stencils of the scheme are exchanged for those of lower order,
to first order (one more right-hand side): an upper bound of the error of the higher order where the grid resolves
the solution, a fair measure at the singular ends of layers. `SAFETY` was calibrated on random devices
(docs/development.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from usadel.algebra.modes import SPIN_ENERGY
from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import LayerEnd, Network
from usadel.discretization.contacts import UNCOVERED, leaking_ends, pairing_jumps, spin_energy_jumps
from usadel.gap.equation import GapEquation
from usadel.gap.linearization import GapLinearization, Moves, SpectralLinearization
from usadel.gap.newton_schur import size_of
from usadel.gap.state import GapState, L_co, Solution
from usadel.observables.profiles import Candidate, Profiles, measure
from usadel.solvers.condensation import Factors
from usadel.solvers.newton import left_over
from usadel.states.parallel import parallel
from usadel.states.problem import Pack, Problem, chord_step

L = TypeVar("L", bound=SpectralLinearization)


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    safety: float = 3.0
    # times as much for energies and spin-energy currents where singlets leak or a gap is given: there the ends of
    # layers feel energies beyond the grid's resolution
    energy: float = 4.0
    singular: float = 4.0  # times as much in layers that meet at a jump of the pair potential, where all scales matter
    rule_safety: float = 3.0  # of the rule's error
    polishes: int = 3  # such steps
    contraction: float = 0.1  # by which each of them is expected to come nearer, at best
    first_ratio: float = 0.5  # the same where no step went before


OPTIONS = Options()


@dataclass(frozen=True)
class Estimate(Generic[L_co]):
    """A solution after some last steps of Newton's method, its profiles, and their error by grids and that method.

    distance : the part of the error that is the method's, where its last step is expected to end.
    """

    solution: Solution[L_co]
    profiles: Profiles
    error: float
    distance: float


def estimate(solution: Solution[L], goal: float) -> Estimate[L]:
    """Measure a solution, and estimate its error.

    The solution gains some last Newton steps, until it is expected to be nearer to its limit than the goal.
    """
    parameter = 0.0
    for _ in range(OPTIONS.polishes):
        moves, lower, ahead, distance = _last_step(solution)
        parameter = max(parameter, moves.parameter)
        taken, solution = ahead is not solution, ahead
        if distance <= goal or not taken:
            break
    profiles, other = measured(solution, [_variant(solution.state), lower])
    error = max(_by_layer(solution.problem, profiles, other, moves.between)) + distance
    return Estimate(solution, profiles, max(error, parameter), distance)


def measured(solution: Solution[L], variants: list[Candidate]) -> list[Profiles]:
    """Profiles of variants of a solution's states and gap."""
    return measure(solution.problem, solution.contour, solution.packs, variants)


def _variant(state: GapState) -> Candidate:
    return Candidate([pack.state for pack in state.packs], state.gap)


def layer_shares(solution: Solution[L]) -> list[float]:
    """The share of each layer in the error: what its lower order alone changes, anywhere.

    Not what changes in it: the error of a small neighbour may be found in the soft mode of a gap, where refining does
    not help.
    """
    problem, packs = solution.problem, solution.packs
    sites, embedded = problem.sites(solution.gap), problem.embedded_sites(solution.gap)

    def step(item: tuple[Pack, Factors]) -> Complex:
        pack, factors = item
        residual = problem.residual(pack, sites)
        change = problem.residual(pack, embedded) - residual
        parts = [residual + change * chosen[:, None, None] for chosen in _rows_by_layer(problem)]
        return chord_step(factors, [residual, *parts])

    steps = parallel(step, list(zip(packs, solution.linearization.factors, strict=True)))
    moves = solution.linearization.respond(packs, steps, solution.gap)
    first, *others = measured(solution, _ends(solution.state, moves))
    none = np.zeros_like(moves.between)
    found = [max(_by_layer(problem, first, other, none)) for other in others]
    between = _by_layer(problem, first, first, moves.between)
    return _shared(problem.network, [max(pair) for pair in zip(found, between, strict=True)])


def _ends(state: GapState, moves: Moves) -> list[Candidate]:
    """Where some steps lead."""
    return [
        Candidate([p.state + move for p, move in zip(state.packs, each, strict=True)], state.gap + gap)
        for each, gap in zip(moves.states, moves.gaps, strict=True)
    ]


def _rows_by_layer(problem: Problem) -> list[np.ndarray]:
    """For each layer, which rows belong to it; a shared one belongs to several."""
    rows, layer = problem.rows, problem.layout.layer
    row_of_end = np.repeat(np.arange(rows.kind.size), np.diff(rows.first_end))
    chosen = [layer[rows.site] == k for k in range(len(problem.grids))]
    for k, flags in enumerate(chosen):
        flags[row_of_end[layer[rows.end_site] == k]] = True
    return chosen


def _by_layer(problem: Problem, one: Profiles, other: Profiles, interpolation: np.ndarray) -> list[float]:
    """Error of each layer by the difference of profiles of two orders and by the interpolation of the gap (sites)."""
    one, other = (_without_divergence(problem, p) for p in (one, other))
    covered, network = _covered_sites(problem), problem.network
    jumps = {end.layer for end in pairing_jumps(network)}
    leaks = {end.layer for end in leaking_ends(network)}
    errors = []
    for k, layer in enumerate(network.layers):
        at = np.flatnonzero((problem.layout.layer == k) & covered)
        pairing = layer.pairing is not None and (k in leaks or not layer.self_consistent)
        factor, energy = (
            (OPTIONS.singular, OPTIONS.energy / 2) if k in jumps else (1.0, OPTIONS.energy if pairing else 1.0)
        )
        difference = one.at(at).largest_difference(other.at(at), energy)
        errors.append(factor * max(OPTIONS.safety * difference, float(np.max(interpolation[at], initial=0.0))))
    return errors


def _last_step(solution: Solution[L]) -> tuple[Moves, Candidate, Solution[L], float]:
    """One chord step of the solution, and where the same step with the lower order would lead.

    Returns the moves, the end by the lower order, the solution behind the step, the distance that it is expected to
    leave. A step larger than the last one is not taken: the Jacobian is of no use any more.
    """
    problem, state, outcome = solution.problem, solution.state, solution.outcome
    sites, embedded = problem.sites(state.gap), problem.embedded_sites(state.gap)

    def step(item: tuple[Pack, Factors]) -> Complex:
        pack, factors = item
        return chord_step(factors, [problem.residual(pack, sites), problem.residual(pack, embedded)])

    steps = parallel(step, list(zip(state.packs, solution.linearization.factors, strict=True)))
    moves = solution.linearization.respond(state.packs, steps, state.gap)
    last, lower = _ends(state, moves)
    moved = state.stepped(moves.states[0], last.gap)
    if not isinstance(solution.linearization, GapLinearization):
        return moves, lower, replace(solution, state=moved), 0.0
    sizes = [size_of(move, pack.energy) for move, pack in zip(moves.states[0], state.packs, strict=True)]
    size = max(float(np.max(np.abs(moves.gaps[0]))), *sizes)
    left = left_over(size, outcome.distance, first=OPTIONS.first_ratio, least=OPTIONS.contraction)
    if 0.0 < outcome.distance < size:
        return moves, lower, solution, left
    return moves, lower, replace(solution, state=moved, outcome=replace(outcome, distance=size)), left


def _shared(network: Network, shares: list[float]) -> list[float]:
    """Shares of the layers, equal in those that meet at a jump: the coarser of two grids spoils both."""
    out, ends = list(shares), pairing_jumps(network)
    for junction in network.junctions:
        layers = [end.layer for end, _ in junction.ends if end in ends]
        for k in layers:
            out[k] = max(out[k], *(shares[other] for other in layers))
    return out


def rule_error(solution: Solution[L], profiles: Profiles) -> float:
    """Error by the sums over energy: the change of all results with varied weights, the gap's response included."""
    problem, state, linearization = solution.problem, solution.state, solution.linearization
    contour = solution.contour.varied()
    end = _variant(state)
    if isinstance(linearization, GapLinearization):
        equation = linearization.equation
        varied = GapEquation(problem, contour, linearization.basis, equation.source)
        mismatches = [e.mismatch(e.value(state.packs), end.gap) for e in (varied, equation)]
        change, columns = linearization.gap_step(mismatches[0] - mismatches[1])  # not what Newton's method has left
        moved = parallel(lambda k: linearization.response(k, columns[:, None])[:, :, 0], range(len(state.packs)))
        end = Candidate(
            [u + move for u, move in zip(end.states, moved, strict=True)], end.gap + linearization.basis.expand(change)
        )
    (other,) = measure(problem, contour, state.packs, [end])
    bounded = [_without_divergence(problem, p).at(_covered_sites(problem)) for p in (profiles, other)]
    return OPTIONS.rule_safety * bounded[0].largest_difference(bounded[1])


def _covered_sites(problem: Problem) -> np.ndarray:
    """Sites that the error estimate covers: all but those next to a contact at which the pair potential jumps."""
    return ~_next_to(problem, pairing_jumps(problem.network))


def _next_to(problem: Problem, ends: set[LayerEnd]) -> np.ndarray:
    """Sites near some ends of layers."""
    flags = np.zeros(problem.layout.sites, bool)
    for end in ends:
        z = problem.grids[end.layer].x / problem.network.layers[end.layer].length
        flags[problem.layout.slice(end.layer)] |= (z if end.side == "left" else 1 - z) <= UNCOVERED
    return flags


def _without_divergence(problem: Problem, profiles: Profiles) -> Profiles:
    """Profiles with no spin-energy currents near ends where these diverge."""
    current = profiles.current.copy()
    current[_next_to(problem, spin_energy_jumps(problem.network)), SPIN_ENERGY] = 0.0
    return replace(profiles, current=current)
