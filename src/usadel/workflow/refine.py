"""From a tolerance to a grid: solve, estimate the error, refine, until the estimate is below the tolerance.

The estimate is the change of all results when the stencils of the scheme are exchanged for those of lower order,
to first order (one more right-hand side): an upper bound of the error of the higher order where the grid resolves
the solution, a fair measure at the singular ends of layers. `SAFETY` was calibrated on random devices
(docs/development.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from usadel.description.network import LayerEnd, Network
from usadel.discretization.contacts import UNCOVERED, pairing_jumps, spin_energy_jumps, touches_singularly
from usadel.discretization.contour import Contour
from usadel.discretization.gap_basis import GapBasis
from usadel.discretization.space import Grid, interpolation_matrix, stretched_grid
from usadel.solvers.status import Status
from usadel.workflow.discrete import Discrete, Pack
from usadel.workflow.measure import Profiles, Variant, measure
from usadel.workflow.newton import solve_states
from usadel.workflow.self_consistent import GapEquation, GapSolution, combine, relax, size_of, solve_gap, unstable_phase
from usadel.workflow.threads import parallel

SAFETY = 3.0
ENERGY = 4.0  # times as much for energy accumulations at given gaps: ends feel energies beyond the grid's resolution
SINGULAR = 4.0  # times as much in layers that meet at a jump of the pair potential, where all scales matter
RULE_SAFETY = 3.0  # of the rule's error
ORDER = 5.0  # with which the error is expected to fall in practice
VANISHED = 30.0  # tolerances: a gap below is looked at as zero ...
LARGEST_VANISHED = 0.01  # ... if it is below this, too (Δ0)
ESCAPES = (1.0, 0.5, 0.2)  # Δ0, from where an unstable normal state is left
MOST_NODES = 1025  # of one layer
LEVELS = 8
RULE = 0.5  # tolerance of the Matsubara rule's family, in tolerances
RULE_SHARE = 0.5  # of the tolerance, that the rule's error may take
COARSE = 4e-4  # tolerance of the rough solution that the first grids start from
NEWTON = 0.1  # change at which Newton's method stops, in tolerances
NEARLY = 5.0  # the same where the steps for the error estimate follow, which are steps of Newton's method, too
LEFT = 0.2  # distance to the solution that these may leave, in tolerances; it counts as an error
POLISHES = 3  # such steps
CONTRACTION = 0.1  # by which each of them is expected to come nearer, at best

if TYPE_CHECKING:
    from usadel.workflow.kinetics import Kinetics

Progress = Callable[[str], None]


@dataclass
class Refined:
    """A solution whose error has been estimated.

    Attributes
    ----------
    bias_phase : phase (rad) found for a reservoir with a given current.
    """

    solution: GapSolution
    profiles: Profiles
    error: float
    status: Status
    levels: int
    bias_phase: float | None = None
    kinetics: Kinetics | None = None  # where distributions were solved for


def strength(nodes: int, length: float, singular: bool) -> float:
    """Stretching β of a grid: the finer the grid, the finer its ends; 1.9 at 25 and 2.3 at 45 nodes for L = 1.5.

    More where a gap is singular: it varies there on all scales.
    """
    base = 1.9 + 0.75 * np.log(nodes / 25) + 0.5 * np.log(max(length, 1.5) / 1.5) + 0.7 * singular
    return float(np.clip(base, 0.5, 0.12 * (nodes - 1)))


def make_grids(network: Network, nodes: list[int]) -> list[Grid]:
    """Grids of all layers with given numbers of nodes."""
    singular = touches_singularly(network)
    sizes = zip(network.layers, nodes, singular, strict=True)
    return [stretched_grid(k.length, n, strength(n, k.length, flag)) for k, n, flag in sizes]


def first_nodes(network: Network, tolerance: float) -> list[int]:
    """Nodes to start with: more for long layers, strong fields and tight tolerances."""
    nodes = []
    for layer in network.layers:
        waves = layer.length * _wave_number(layer)
        digits = np.log10(max(1.0, 1e-4 / tolerance))
        count = 17 + (10 if getattr(layer, "self_consistent", False) else 4) * digits + 5 * min(waves, 40.0)
        nodes.append(odd(count))
    return nodes


def _wave_number(layer) -> float:
    """How fast (1/ξ) states may vary at energies of about Δ0: by exchange field, scattering, spin precession."""
    z = np.linspace(0, 1, 9)
    field = np.max(np.abs(layer.profile("exchange_field", z))) if hasattr(layer, "exchange_field") else 0.0
    rate = 2 * field + 8 * (layer.spin_flip + layer.spin_orbit) + layer.depairing
    precession = 2 * max(abs(layer.rashba), abs(layer.dresselhaus), abs(layer.nanowire))
    return float(np.hypot(np.sqrt(max(1.0, rate) / layer.diffusion), precession))


def odd(count: float) -> int:
    """The next odd number of nodes, within bounds."""
    return int(min(MOST_NODES, 2 * round(count / 2) + 1))


def solve_refined(network: Network, tolerance: float, start: GapSolution | None, progress: Progress | None) -> Refined:
    """Solve a network to a tolerance: grids are refined and the solution carried over until it holds."""
    rule = RULE * tolerance
    contour = Contour(network, rule)
    nodes = first_nodes(network, tolerance) if start is None else [g.size for g in start.problem.grids]
    previous = start if start is not None else _coarse(network, contour, nodes)
    best: Refined | None = None
    for level in range(LEVELS):
        problem = Discrete(network, make_grids(network, nodes))
        solution = solve_level(problem, contour, previous, tolerance)
        profiles, error, shares = estimate(solution, LEFT * tolerance)
        of_rule = rule_error(solution, profiles)
        error += of_rule
        best = Refined(solution, profiles, error, solution.status, level + 1)
        if progress:
            progress(f"level {level + 1}: {sum(nodes)} nodes, estimated error {error:.1e}")
        if solution.status != Status.CONVERGED or error <= tolerance:
            return best
        finer = [refined_nodes(n, share / tolerance) for n, share in zip(nodes, shares, strict=True)]
        if of_rule > RULE_SHARE * tolerance:
            rule *= 0.5 * RULE_SHARE * tolerance / of_rule
            contour = Contour(network, rule)
        elif finer == nodes:
            break
        nodes, previous = finer, solution
    assert best is not None
    best.status = Status.TOLERANCE_NOT_REACHED
    return best


def _coarse(network: Network, contour: Contour, nodes: list[int]) -> GapSolution | None:
    """A rough solution on coarse grids, from which Newton's method on the first ones needs a single full step."""
    if not any(getattr(layer, "self_consistent", False) for layer in network.layers):
        return None
    problem = Discrete(network, make_grids(network, [odd(max(17.0, 0.5 * n)) for n in nodes]))
    solution = solve_level(problem, contour, None, COARSE)
    return solution if solution.status == Status.CONVERGED else None


def refined_nodes(nodes: int, excess: float) -> int:
    """More nodes where a layer's share of the error asks for them."""
    if excess < 0.3:
        return nodes
    return odd(nodes * float(np.clip((excess / 0.5) ** (1 / ORDER), 1.15, 2.0)))


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
    if basis.parts == 2 or solution.status != Status.CONVERGED:
        return solution
    full = GapBasis(problem.layout, basis.layers, 2)
    if _phase_mismatch(solution) > 0.1 * tolerance:
        return solve_gap(problem, contour, solution.packs, solution.gap, full, goal)
    if start is None and _several_phases(problem.network) and np.any(solution.gap):
        turned = unstable_phase(solution, full)
        if turned is not None:
            return _solve_turned(solution, turned, full, goal)
    return solution


def _solve_turned(solution: GapSolution, gap: np.ndarray, basis: GapBasis, goal: float) -> GapSolution:
    """Follow a gap whose phases were unstable to where they settle; the old solution if that fails."""
    packs = solution.problem.packs(solution.contour.energies, gap)
    gap = relax(solution.problem, solution.contour, packs, gap, basis)
    turned = solve_gap(solution.problem, solution.contour, packs, gap, basis, goal)
    if turned.status != Status.CONVERGED:
        return solution
    if any(hasattr(t.reservoir, "phase") for t in solution.problem.network.terminations):
        return turned
    largest = turned.gap[np.argmax(np.abs(turned.gap))]  # no reservoir fixes the phase: make this one real
    back = np.conj(largest) / np.abs(largest)
    for pack in turned.packs:
        pack.state[:, :4] *= back
        pack.state[:, 4:] *= np.conj(back)
    return solve_gap(solution.problem, solution.contour, turned.packs, turned.gap * back, basis, goal)


def _several_phases(network: Network) -> bool:
    """Whether phases can differ: more than one superconductor, reservoirs included."""
    reservoirs = sum(hasattr(t.reservoir, "phase") for t in network.terminations)
    return reservoirs + sum(hasattr(k, "gap") for k in network.layers) > 1


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
    """Imaginary part of the gap equation at a real gap: non-zero where anomalous currents would flow."""
    assert solution.equation is not None and solution.value is not None
    return float(np.max(np.abs((solution.value / solution.equation.coupling).imag)))


def _has_phases(network: Network) -> bool:
    reservoirs = [t.reservoir for t in network.terminations if t.reservoir is not None]
    phases = [r.phase for r in reservoirs if hasattr(r, "phase")]
    return any(abs(np.sin(phase)) > 1e-12 for phase in phases)


def carry(old: Discrete, new: Discrete, values: np.ndarray) -> np.ndarray:
    """Interpolate (sites, …) from the grids of one problem to those of another with as many layers."""
    parts = []
    for k, (a, b) in enumerate(zip(old.grids, new.grids, strict=True)):
        piece = values[old.layout.slice(k)]
        if a.size != b.size or a.strength != b.strength:
            s = a.coordinate(b.x / b.x[-1])
            piece = _interpolated(interpolation_matrix(a.size, s), piece)
        parts.append(piece)
    return np.concatenate(parts)


def _interpolated(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """matrix (new, old) times values (old) or states (old, 8, L).

    States go one by one: products this small stay on this thread, where the threads of BLAS would fight our own.
    """
    if values.ndim == 1:
        return matrix @ values
    components = matrix @ np.moveaxis(np.ascontiguousarray(values).view(float), 1, 0)
    return np.ascontiguousarray(np.moveaxis(components, 0, 1)).view(complex)


def estimate(solution: GapSolution, goal: float) -> tuple[Profiles, float, list[float]]:
    """Profiles, their estimated error, and the share of each layer in it.

    The solution gains some last Newton steps, until it is expected to be nearer to its limit than the goal.
    """
    problem = solution.problem
    for _ in range(POLISHES):
        interpolation, (last, lower), distance = _last_step(solution)
        if distance <= goal:
            break
    profiles, other = measure(problem, solution.contour, solution.packs, [last, lower])
    bounded = [_without_divergence(problem, p) for p in (profiles, other)]
    shares = []
    covered = _covered_sites(problem)
    jumps = {end.layer for end in pairing_jumps(problem.network)}
    for k in range(len(problem.grids)):
        at = np.flatnonzero((problem.layout.layer == k) & covered)
        rigid = hasattr(problem.network.layers[k], "gap") and not problem.network.layers[k].self_consistent
        factors = (SINGULAR, 1.0) if k in jumps else (1.0, ENERGY if rigid else 1.0)
        difference = bounded[0].at(at).largest_difference(bounded[1].at(at), factors[1])
        shares.append(factors[0] * max(SAFETY * difference, float(np.max(interpolation[at], initial=0.0))))
    return profiles, max(shares) + distance, _shared(problem.network, shares)


def _last_step(solution: GapSolution) -> tuple[np.ndarray, list[Variant], float]:
    """One chord step of the solution, and where the same step with the lower order would lead.

    Returns the error of the gap by its interpolation, both ends of the step, the distance that it is expected to leave.
    """
    problem = solution.problem
    sites, embedded = problem.sites(solution.gap), problem.embedded_sites(solution.gap)
    steps = parallel(
        lambda p: problem.chord_step(p, sites, [problem.residual(p, sites), problem.residual(p, embedded)]),
        solution.packs,
    )
    interpolation, moves, gaps = _responses(solution, steps)
    ends = [
        Variant([p.state + move[k] for p, move in zip(solution.packs, moves, strict=True)], solution.gap + gaps[k])
        for k in range(2)
    ]
    for pack, state in zip(solution.packs, ends[0].states, strict=True):
        pack.state = state
    solution.gap = ends[0].gap
    if solution.basis is None:
        return interpolation, ends, 0.0
    moved = [size_of(last, end) for (last, _), end in zip(moves, ends[0].states, strict=True)]
    size = max(float(np.max(np.abs(gaps[0]))), *moved)
    ratio = float(np.clip(size / solution.last_step, CONTRACTION, 1.0)) if solution.last_step > 0 else 1.0
    solution.last_step = size
    return interpolation, ends, size * ratio


def _shared(network: Network, shares: list[float]) -> list[float]:
    """Shares of the layers, equal in those that meet at a jump: the coarser of two grids spoils both."""
    out, ends = list(shares), pairing_jumps(network)
    for junction in network.junctions:
        layers = [end.layer for end, _ in junction.ends if end in ends]
        for k in layers:
            out[k] = max(out[k], *(shares[other] for other in layers))
    return out


def rule_error(solution: GapSolution, profiles: Profiles) -> float:
    """Error by the sums over energy: the change of all results with varied weights, the gap's response included."""
    problem, basis = solution.problem, solution.basis
    contour = solution.contour.varied()
    end = Variant([pack.state for pack in solution.packs], solution.gap)
    if basis is not None:
        assert solution.responses is not None and solution.equation is not None
        equation = GapEquation(problem, contour, basis, solution.equation.source)
        change, columns = solution.gap_step(equation.mismatch(equation.value(solution.packs), end.gap))
        moved = [
            state + combine(problem, response, columns)
            for state, response in zip(end.states, solution.responses, strict=True)
        ]
        end = Variant(moved, end.gap + basis.expand(change))
    (other,) = measure(problem, contour, solution.packs, [end])
    bounded = [_without_divergence(problem, p).at(_covered_sites(problem)) for p in (profiles, other)]
    return RULE_SAFETY * bounded[0].largest_difference(bounded[1])


def _responses(solution: GapSolution, steps: list[np.ndarray]):
    """What the steps (rows, 8, 2, L) do to states and gap together: interpolation error, moves by pack, gap changes."""
    problem, basis, equation = solution.problem, solution.basis, solution.equation
    alone = [[problem.by_site(x[:, :, k]) for k in range(2)] for x in steps]
    if basis is None or equation is None:
        none = np.zeros_like(solution.gap)
        return none.real, alone, [none, none]
    assert solution.responses is not None
    found = [equation.response(p, x) for p, x in zip(solution.packs, steps, strict=True)]
    value, response = (np.sum([part[k] for part in found], axis=0) for k in range(2))
    expected = value + response[:, 0]
    interpolation = _gap_errors(solution, expected)
    first, first_columns = solution.gap_step(equation.mismatch(expected, solution.gap))
    second, second_columns = solution.gap_step(equation.mismatch(value + response[:, 1], solution.gap))
    moves = [
        [x + combine(problem, by_column, c) for x, c in zip(pair, (first_columns, second_columns), strict=True)]
        for pair, by_column in zip(alone, solution.responses, strict=True)
    ]
    return interpolation, moves, [basis.expand(first), basis.expand(second)]


def _covered_sites(problem: Discrete) -> np.ndarray:
    """Sites that the error estimate covers: all but those next to a contact at which the pair potential jumps."""
    return ~_next_to(problem, pairing_jumps(problem.network))


def _next_to(problem: Discrete, ends: set[LayerEnd]) -> np.ndarray:
    """Sites near some ends of layers."""
    flags = np.zeros(problem.layout.sites, bool)
    for end in ends:
        z = problem.grids[end.layer].x / problem.network.layers[end.layer].length
        flags[problem.layout.slice(end.layer)] |= (z if end.side == "left" else 1 - z) <= UNCOVERED
    return flags


def _without_divergence(problem: Discrete, profiles: Profiles) -> Profiles:
    """Profiles with no spin-energy currents near ends where these diverge."""
    current = profiles.current.copy()
    current[_next_to(problem, spin_energy_jumps(problem.network)), 5:] = 0.0
    return replace(profiles, current=current)


def _gap_errors(solution: GapSolution, value: np.ndarray) -> np.ndarray:
    """Error of the gap (sites) by its interpolation: what its equation K Δ = value misses at the nodes in between."""
    out = np.zeros(solution.problem.layout.sites)
    assert solution.equation is not None
    mismatch = np.abs(solution.equation.imbalance(value, solution.gap))
    for piece, stiff in solution.equation.ripples():
        between = np.setdiff1d(np.arange(piece.sites.start, piece.sites.stop), piece.nodes)
        out[between] = mismatch[between] / stiff[between - piece.sites.start]
    return out
