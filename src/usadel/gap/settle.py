"""States and gap on given grids, brought to a stable solution: out of saddles of phases, to or from Δ = 0."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.discretization.gap_basis import GapBasis
from usadel.energies.contour import Contour
from usadel.gap.equation import GapEquation
from usadel.gap.linearization import GapLinearization, SpectralLinearization
from usadel.gap.modes import Modes, modes
from usadel.gap.newton_schur import full_gap_step, relax, solve_gap, turned_gap
from usadel.gap.state import AnySolution, GapSolution, GapState, Outcome, Solution
from usadel.solvers.budget import Budget
from usadel.solvers.status import Status
from usadel.states.newton import solve_states
from usadel.states.problem import Problem, joined
from usadel.states.transfer import carry, carry_states


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    vanished: float = 30.0  # tolerances: a gap below is looked at as zero ...
    largest_vanished: float = 0.01  # ... if it is below this, too; of the largest bulk gap at T = 0
    escapes: tuple[float, ...] = (1.0, 0.5, 0.2)  # of the same, from where an unstable normal state is left
    turns: tuple[float, ...] = (1.0, -1.0, 2.0, -2.0)  # rad, by which a gap in a saddle of its phases is turned
    unstable: float = 2e-3  # eigenvalues of A below minus this mean an unstable phase
    unstable_phase: float = 1e-4  # the same of a complex gap, whose steps have told the lowest eigenvalue exactly
    push: float = 0.3  # Δ0, how far an unstable phase is pushed
    charged: float = 0.1  # tolerances, imaginary part of the gap equation at a real gap, above which the gap is complex


OPTIONS = Options()


def solve_level(
    problem: Problem,
    contour: Contour,
    start: GapState | None,
    budget: Budget,
    neighbour: SpectralLinearization | None = None,
) -> AnySolution:
    """Solve on given grids, from a state on other grids or of a neighbouring device if there is one.

    neighbour : the linearization of a neighbouring device on the same grids, to take chord steps with.
    """
    layers = problem.self_consistent_layers()
    rigid = problem.initial_gap()
    parts = 2 if np.any(np.abs(rigid.imag) > 0) or _has_phases(problem.network) else 1
    parts = parts if start is None else max(parts, start.parts)
    carried = start is not None and start.contour.energies.size == contour.energies.size
    states = carry_states(start.problem, problem, joined(start.packs)) if start is not None and carried else None
    if not layers:
        packs = problem.packs(contour.energies, rigid, states=states)
        return _solve_rigid(GapState(problem, contour, packs, rigid, parts), budget.states)
    basis = GapBasis(problem.layout, layers, parts)
    free = basis.first_column >= 0
    first = rigid if start is None else carry(start.problem, problem, start.gap)
    gap = np.where(free, basis.expand(basis.collect(first)), rigid)
    packs = problem.packs(contour.energies, gap if start is not None else rigid, states=states)
    if start is not None and states is None and parts == 2:
        packs = solve_states(problem, packs, gap, budget.nearly).packs  # a known phase is not to be lost over new ones
    lent = neighbour if isinstance(neighbour, GapLinearization) else None
    return _solve_self_consistent(GapState(problem, contour, packs, gap, parts), basis, budget, lent, start is None)


def _solve_rigid(state: GapState, accuracy: float) -> AnySolution:
    problem = state.problem
    found = solve_states(problem, state.packs, state.gap, accuracy)
    sites = problem.sites(state.gap)
    residual = max(float(np.max(np.abs(problem.residual(pack, sites)))) for pack in found.packs)
    linearization = SpectralLinearization(problem, found.packs, found.factors)
    return Solution(replace(state, packs=found.packs), linearization, Outcome(found.status, residual))


def _solve_self_consistent(
    state: GapState, basis: GapBasis, budget: Budget, neighbour: GapLinearization | None, alone: bool
) -> GapSolution:
    """alone : without a start, whose phases would be stable."""
    goal = budget.nearly
    solution = solve_gap(state, basis, goal, neighbour)
    if solution.status not in (Status.CONVERGED, Status.TOO_MUCH_WORK):
        gap = state.problem.initial_gap() if alone else state.gap
        solution = solve_gap(relax(replace(solution.state, gap=gap), basis), basis, goal)
    solution = _settle_normal_state(solution, budget)
    if solution.status != Status.CONVERGED:
        return solution
    if basis.parts == 2:
        solution = _settle_phases(solution, goal)
    if alone:
        solution = _out_of_saddle(solution, goal)
    if basis.parts == 2:
        return solution
    full = GapBasis(basis.layout, basis.layers, 2)
    if not stays_real(solution.outcome.charge, budget.tolerance):
        return solve_gap(solution.state, full, goal)
    if alone and _several_phases(state.problem.network) and np.any(solution.gap):
        pushed = _pushed_phase(solution, full)
        if pushed is not None:
            return _solve_turned(solution, pushed, full, goal)
    return solution


def stays_real(charge: float, tolerance: float) -> bool:
    """Whether a real gap is one: the imaginary part of the gap equation, see `Outcome.charge`, tells."""
    return charge <= OPTIONS.charged * tolerance


def _at_gap(state: GapState, gap: Complex) -> GapState:
    """The device at another gap, with the homogeneous states there."""
    return replace(state, packs=state.problem.packs(state.contour.energies, gap), gap=gap)


def _settle_phases(solution: GapSolution, goal: float) -> GapSolution:
    """A complex gap in a saddle of its phases is turned until it finds a stable solution."""
    for angle in OPTIONS.turns:
        gap = turned_phase(solution, angle)
        if gap is None:
            break
        turned = solve_gap(_at_gap(solution.state, gap), solution.linearization.basis, goal)
        if turned.status == Status.CONVERGED and turned_phase(turned, angle) is None:
            return turned
    return solution


def _solve_turned(solution: GapSolution, gap: Complex, basis: GapBasis, goal: float) -> GapSolution:
    """Follow a gap whose phases were unstable to where they settle; the old solution if that fails."""
    turned = solve_gap(relax(_at_gap(solution.state, gap), basis), basis, goal)
    if turned.status != Status.CONVERGED:
        return solution
    if solution.problem.network.fixes_phase:
        return turned
    largest = turned.gap[np.argmax(np.abs(turned.gap))]  # no reservoir fixes the phase: make this one real
    back = np.conj(largest) / np.abs(largest)
    phases = np.repeat([back, np.conj(back)], turned.problem.symmetry.entries)[:, None]
    packs = [pack.at(pack.state * phases) for pack in turned.packs]
    state = replace(turned.state, packs=packs, gap=turned.gap * back)
    return solve_gap(state, basis, goal)


def _several_phases(network: Network) -> bool:
    """Whether phases can differ: more than one superconductor, reservoirs included."""
    return len(network.condensates) + sum(k.pairing is not None for k in network.layers) > 1


def _has_phases(network: Network) -> bool:
    return any(abs(np.sin(condensate.phase)) > 1e-12 for condensate in network.condensates)


def _settle_normal_state(solution: GapSolution, budget: Budget) -> GapSolution:
    """A vanishing gap is made exactly zero where the normal state is stable; where it is not, it is left again."""
    size = solution.problem.network.highest_critical_temperature
    vanished = min(OPTIONS.vanished * budget.tolerance, OPTIONS.largest_vanished * size)
    for amplitude in (OPTIONS.escapes[0], *OPTIONS.escapes):
        if solution.status != Status.CONVERGED or np.max(np.abs(solution.gap)) > vanished:
            return solution
        normal = _at_zero(solution, budget.nearly)
        basis = normal.linearization.basis
        found = modes(normal.problem.network, basis, normal.linearization.matrix, normal.gap)
        lowest = found.lowest()
        if normal.status != Status.CONVERGED or found.values[lowest].real > 0:
            return normal
        start = _at_gap(solution.state, amplitude * size * _of_unit_size(found, lowest))
        solution = solve_gap(start, basis, budget.nearly)
    if np.max(np.abs(solution.gap)) > budget.tolerance:  # small, but what an unstable normal state leads to
        return solution
    return replace(solution, outcome=replace(solution.outcome, status=Status.NOT_CONVERGED))


def _at_zero(solution: GapSolution, goal: float) -> GapSolution:
    """A solution of vanishing gap, from zero with A of this very device there: a neighbour's tells no stability."""
    linearization = solution.linearization
    if linearization.problem is solution.problem and not any(np.any(pack.state) for pack in linearization.packs):
        return solution
    return solve_gap(_at_gap(solution.state, np.zeros_like(solution.gap)), linearization.basis, goal)


def _out_of_saddle(solution: GapSolution, goal: float) -> GapSolution:
    """A gap in a saddle, where its start may lie, is left along the unstable direction; to where it is larger first."""
    unstable = _unstable_mode(solution)
    if unstable is None:
        return solution
    basis, push = solution.linearization.basis, OPTIONS.push * unstable
    for gap in sorted((solution.gap + push, solution.gap - push), key=lambda each: -float(np.linalg.norm(each))):
        settled = _solve_from(_at_gap(solution.state, gap), basis, goal)
        if settled.status == Status.CONVERGED and np.any(settled.gap) and _unstable_mode(settled) is None:
            return settled
    return solution


def _solve_from(state: GapState, basis: GapBasis, goal: float) -> GapSolution:
    """The stable solution that lies downhill of a gap that is none."""
    if basis.parts == 1:
        found = solve_gap(state, basis, goal)
        if found.status == Status.CONVERGED:
            return found
    return solve_gap(relax(state, basis), basis, goal)


def _unstable_mode(solution: GapSolution) -> Complex | None:
    """The change of the gap (sites), of unit size, that grows fastest; None if none does, or the gap vanishes."""
    if solution.status != Status.CONVERGED or not np.any(solution.gap):
        return None
    linearization = solution.linearization
    found = modes(solution.problem.network, linearization.basis, linearization.matrix, solution.gap)
    lowest = found.lowest()
    return None if found.values[lowest].real > -OPTIONS.unstable else _of_unit_size(found, lowest)


def _of_unit_size(found: Modes, mode: int) -> Complex:
    shape = found.shape(mode)
    return np.asarray(shape / np.max(np.abs(shape)))


def _pushed_phase(solution: GapSolution, basis: GapBasis) -> Complex | None:
    """A gap pushed along an unstable direction of its phases, if a real solution has one."""
    problem = solution.problem
    linearization, _ = full_gap_step(GapEquation(problem, solution.contour, basis), solution.state)
    unstable = _unstable_mode(replace(solution, linearization=linearization))
    return None if unstable is None else np.asarray(solution.gap + OPTIONS.push * unstable)


def turned_phase(solution: GapSolution, angle: float) -> Complex | None:
    """A complex gap turned along an unstable direction, by an angle where that turns it most; None if it is stable."""
    linearization, gap = solution.linearization, solution.gap
    found = modes(solution.problem.network, linearization.basis, linearization.matrix, gap)
    lowest = found.lowest()
    if found.values[lowest].real > -OPTIONS.unstable_phase:
        return None
    mode = found.shape(lowest)
    largest = np.argmax(np.abs(mode))
    step = angle * mode * np.abs(gap[largest]) / np.abs(mode[largest])
    return turned_gap(gap, step, linearization.basis, bounded=False)
