"""States and gap on given grids, brought to a stable solution: out of saddles of phases, to or from Δ = 0."""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.discretization.contour import Contour
from usadel.discretization.gap_basis import GapBasis
from usadel.gap.equation import GapEquation
from usadel.gap.modes import turns_all_phases
from usadel.gap.newton_schur import GapSolution, _full_step, _stepped_gap, relax, solve_gap
from usadel.solvers.status import Status
from usadel.states.newton import solve_states
from usadel.states.problem import Discrete, Pack
from usadel.states.transfer import carry

VANISHED = 30.0  # tolerances: a gap below is looked at as zero ...
LARGEST_VANISHED = 0.01  # ... if it is below this, too (Δ0)
ESCAPES = (1.0, 0.5, 0.2)  # Δ0, from where an unstable normal state is left
TURNS = (1.0, -1.0, 2.0, -2.0)  # rad, by which a gap in a saddle of its phases is turned
NEWTON = 0.1  # change at which Newton's method stops, in tolerances
NEARLY = 5.0  # the same where the steps for the error estimate follow, which are steps of Newton's method, too


def solve_level(problem: Discrete, contour: Contour, start: GapSolution | None, tolerance: float) -> GapSolution:
    """Solve on given grids, from a solution on other grids or of a neighbouring device if there is one."""
    layers = problem.self_consistent_layers()
    gap = problem.initial_gap()
    rigid = gap.copy()
    parts = 2 if np.any(np.abs(gap.imag) > 0) or _has_phases(problem.network) else 1
    if start is not None and start.basis is not None:
        parts = max(parts, start.basis.parts)
    basis = GapBasis(problem.layout, layers, parts) if layers else None
    if start is not None and basis is not None:
        gap = basis.expand(basis.collect(carry(start.problem, problem, start.gap)))
        fixed = basis.first_column < 0
        gap[fixed] = rigid[fixed]
    states = None
    if start is not None and start.contour.energies.size == contour.energies.size:
        states = [carry(start.problem, problem, pack.state) for pack in start.packs]
    packs = problem.packs(contour.energies, gap, states=states)
    if basis is None:
        return _solve_rigid(problem, contour, packs, gap, tolerance)
    gap = np.where(basis.first_column >= 0, basis.expand(basis.collect(gap)), gap)
    if start is not None and states is None and basis.parts == 2:
        solve_states(problem, packs, gap, NEARLY * tolerance)  # new energies: a known phase is not to be lost over them
    return _solve_self_consistent(problem, contour, packs, gap, basis, tolerance, start)


def _solve_rigid(problem: Discrete, contour: Contour, packs: list[Pack], gap, tolerance: float) -> GapSolution:
    statuses = np.concatenate(solve_states(problem, packs, gap, NEWTON * tolerance))
    worst = Status(int(statuses.max()))
    sites = problem.sites(gap)
    residual = max(float(np.max(np.abs(problem.residual(pack, sites)))) for pack in packs)
    return GapSolution(problem, contour, packs, gap, None, None, worst, residual, 1, 0.0)


def _solve_self_consistent(problem, contour, packs, gap, basis, tolerance: float, start) -> GapSolution:
    goal = NEARLY * tolerance
    solution = solve_gap(problem, contour, packs, gap, basis, goal, start)
    if solution.status != Status.CONVERGED:
        gap = relax(problem, contour, packs, problem.initial_gap() if start is None else gap, basis)
        solution = solve_gap(problem, contour, packs, gap, basis, goal)
    solution = _settle_normal_state(solution, tolerance)
    if solution.status != Status.CONVERGED:
        return solution
    if basis.parts == 2:
        return _settle_phases(solution, goal)
    full = GapBasis(problem.layout, basis.layers, 2)
    if _phase_mismatch(solution) > 0.1 * tolerance:
        return solve_gap(problem, contour, solution.packs, solution.gap, full, goal)
    if start is None and _several_phases(problem.network) and np.any(solution.gap):
        turned = unstable_phase(solution, full)
        if turned is not None:
            return _solve_turned(solution, turned, full, goal)
    return solution


def _settle_phases(solution: GapSolution, goal: float) -> GapSolution:
    """A complex gap in a saddle of its phases is turned until it finds a stable solution."""
    for angle in TURNS:
        gap = turned_phase(solution, angle)
        if gap is None:
            break
        packs = solution.problem.packs(solution.contour.energies, gap)
        assert solution.basis is not None
        turned = solve_gap(solution.problem, solution.contour, packs, gap, solution.basis, goal)
        if turned.status == Status.CONVERGED and turned_phase(turned, angle) is None:
            return turned
    return solution


def _solve_turned(solution: GapSolution, gap: np.ndarray, basis: GapBasis, goal: float) -> GapSolution:
    """Follow a gap whose phases were unstable to where they settle; the old solution if that fails."""
    packs = solution.problem.packs(solution.contour.energies, gap)
    gap = relax(solution.problem, solution.contour, packs, gap, basis)
    turned = solve_gap(solution.problem, solution.contour, packs, gap, basis, goal)
    if turned.status != Status.CONVERGED:
        return solution
    if solution.problem.network.fixes_phase:
        return turned
    largest = turned.gap[np.argmax(np.abs(turned.gap))]  # no reservoir fixes the phase: make this one real
    back = np.conj(largest) / np.abs(largest)
    for pack in turned.packs:
        pack.state[:, :4] *= back
        pack.state[:, 4:] *= np.conj(back)
    return solve_gap(solution.problem, solution.contour, turned.packs, turned.gap * back, basis, goal)


def _several_phases(network: Network) -> bool:
    """Whether phases can differ: more than one superconductor, reservoirs included."""
    reservoirs = sum(t.pairing is not None for t in network.terminations)
    return reservoirs + sum(k.pairing is not None for k in network.layers) > 1


def _settle_normal_state(solution: GapSolution, tolerance: float) -> GapSolution:
    """A vanishing gap is made exactly zero where the normal state is stable; where it is not, it is left again."""
    vanished = min(VANISHED * tolerance, LARGEST_VANISHED)
    for amplitude in (0.0, *ESCAPES):
        if solution.status != Status.CONVERGED or np.max(np.abs(solution.gap)) > vanished:
            return solution
        problem, basis = solution.problem, solution.basis
        assert basis is not None and solution.matrix is not None
        values, vectors = np.linalg.eig(basis.restrict(solution.matrix))
        lowest = int(np.argmin(values.real))
        stable = values[lowest].real > 0
        mode = basis.expand(basis.spread(vectors[:, lowest].real))
        gap = np.zeros_like(solution.gap) if stable else (amplitude or ESCAPES[0]) * mode / np.max(np.abs(mode))
        packs = problem.packs(solution.contour.energies, gap)
        solution = solve_gap(problem, solution.contour, packs, gap, basis, NEARLY * tolerance)
        if stable:
            return solution
    solution.status = Status.NOT_CONVERGED
    return solution


def _phase_mismatch(solution: GapSolution) -> float:
    """Imaginary part of the gap equation at a real gap: charge appears there, and anomalous currents would flow.

    Not divided by the coupling, which grows with the highest energy of the contour.
    """
    assert solution.value is not None
    return float(np.max(np.abs(solution.value.imag)))


def _has_phases(network: Network) -> bool:
    return any(t.pairing is not None and abs(np.sin(t.pairing.phase)) > 1e-12 for t in network.terminations)


UNSTABLE = 2e-3  # eigenvalues of A below minus this mean an unstable phase
UNSTABLE_PHASE = 1e-4  # the same of a complex gap, whose steps have told the lowest eigenvalue exactly
PUSH = 0.3  # Δ0, how far an unstable phase is pushed


def unstable_phase(solution: GapSolution, basis: GapBasis) -> Complex | None:
    """A gap pushed along an unstable direction of its phases, if a real solution has one."""
    problem = solution.problem
    equation = GapEquation(problem, solution.contour, basis)
    probe = GapSolution(problem, solution.contour, solution.packs, solution.gap, basis, equation, Status.NOT_CONVERGED)
    _full_step(probe)
    assert probe.matrix is not None
    values, vectors = np.linalg.eig(basis.restrict(probe.matrix))
    lowest = int(
        np.argmin(np.where(turns_all_phases(problem.network, basis, solution.gap, vectors), np.inf, values.real))
    )
    if values[lowest].real > -UNSTABLE:
        return None
    mode = basis.expand(basis.spread(vectors[:, lowest].real))
    return solution.gap + PUSH * mode / np.max(np.abs(mode))


def turned_phase(solution: GapSolution, angle: float) -> Complex | None:
    """A complex gap turned along an unstable direction, by an angle where that turns it most; None if it is stable."""
    basis = solution.basis
    assert basis is not None and solution.matrix is not None
    values, vectors = np.linalg.eig(basis.restrict(solution.matrix))
    lowest = int(np.argmin(values.real))
    if values[lowest].real > -UNSTABLE_PHASE:
        return None
    mode = basis.expand(basis.spread(vectors[:, lowest].real))
    largest = np.argmax(np.abs(mode))
    step = angle * mode * np.abs(solution.gap[largest]) / np.abs(mode[largest])
    return _stepped_gap(solution.gap, step, basis, bounded=False)
