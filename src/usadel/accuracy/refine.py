"""From a tolerance to a grid: solve, estimate the error, refine, until the estimate is below the tolerance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from usadel.accuracy.estimate import estimate, layer_shares, rule_error
from usadel.description.device.resolved import LayerEnd, Network
from usadel.discretization.contacts import SIDES, conductance_ratio, leaking_ends, singular_jumps
from usadel.discretization.contour import Contour
from usadel.discretization.gap_basis import GapBasis
from usadel.discretization.space import Grid, interpolation_matrix, stretched_grid
from usadel.gap.newton_schur import GapSolution, relax, solve_gap, turned_phase, unstable_phase
from usadel.observables.profiles import Profiles
from usadel.solvers.status import Status
from usadel.states.newton import solve_states
from usadel.states.problem import Discrete, Pack

ORDER = 5.0  # with which the error is expected to fall in practice
VANISHED = 30.0  # tolerances: a gap below is looked at as zero ...
LARGEST_VANISHED = 0.01  # ... if it is below this, too (Δ0)
ESCAPES = (1.0, 0.5, 0.2)  # Δ0, from where an unstable normal state is left
TURNS = (1.0, -1.0, 2.0, -2.0)  # rad, by which a gap in a saddle of its phases is turned
MOST_NODES = 1025  # of one layer
LEVELS = 8
STEEPEST = 0.24  # sum of β at both ends over the number of intervals, at most: steeper maps are unstable
STRONGEST = 5.8  # β of an end, up to which it may be deeper at a tolerance of at least `ROUNDING`
ROUNDING = 1e-7  # below, first steps are as much larger: rounding errors of slopes grow with their inverse
STRONG = 7.0  # κL of an opaque contact from which on a self-consistent gap varies more than layers do anyway
LEAK_DEPTH = 1.2  # added to β where singlets leak from a given gap ...
SINGULAR_DEPTH = 1.4  # ... and where a gap is singular
LOOSE = 1e-5  # tolerance above which half of that does: deep ends slow Newton's method down at real energies
RULE = 0.3  # tolerance of the Matsubara rule's family, in tolerances
RULE_SHARE = 0.5  # of the tolerance, that the rule's error may take
COARSE = 4e-4  # tolerance of the rough solution that the first grids start from
NEWTON = 0.1  # change at which Newton's method stops, in tolerances
NEARLY = 5.0  # the same where the steps for the error estimate follow, which are steps of Newton's method, too
LEFT = 0.2  # distance to the solution that these may leave, in tolerances; it counts as an error

if TYPE_CHECKING:
    from usadel.kinetics.equation import Kinetics

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


def strength(nodes: int, length: float, depth: float = 0.0, deepest: float = STRONGEST) -> float:
    """Stretching β at an end of a grid: the finer the grid, the finer its ends; 1.9 at 25 and 2.3 at 45 nodes, L = 1.5.

    depth : by how much more, where results vary on all scales, up to `deepest`.
    """
    base = 1.9 + 0.75 * np.log(nodes / 25) + 0.5 * np.log(max(length, 1.5) / 1.5)
    return float(max(0.5, base, min(base + depth, deepest)))


def make_grids(network: Network, nodes: list[int], tolerance: float = ROUNDING) -> list[Grid]:
    """Grids of all layers with given numbers of nodes; `tolerance` says how fine their ends are to be."""
    deepest = STRONGEST + 0.5 * np.log(min(1.0, tolerance / ROUNDING))
    grids = []
    for k, (layer, count) in enumerate(zip(network.layers, nodes, strict=True)):
        depths = (_depth(network, LayerEnd(k, side), tolerance) for side in SIDES)
        left, right = (strength(count, layer.length, depth, deepest) for depth in depths)
        fraction = min(1.0, STEEPEST * (count - 1) / (left + right))
        grids.append(stretched_grid(layer.length, count, (fraction * left, fraction * right)))
    return grids


def _depth(network: Network, end: LayerEnd, tolerance: float) -> float:
    """How much more a grid is stretched at an end.

    A gap that tends to zero like 1/ln x has structure on all scales. Next to an opaque contact energy and gap vary
    like x ln x, within the length where its conductance is that of the layer; the energy most where the gap is given.
    """
    layer = network.layers[end.layer]
    if end in singular_jumps(network):
        return SINGULAR_DEPTH if tolerance <= LOOSE else 0.5 * SINGULAR_DEPTH
    if not hasattr(layer, "gap") or layer.nonequilibrium or end not in leaking_ends(network):
        return 0.0  # the kinetic equation needs its nodes elsewhere: distributions are smooth at these ends
    ratio = conductance_ratio(network, end)
    if layer.self_consistent:
        return float(0.5 * np.log(max(1.0, ratio / STRONG)))
    return float(LEAK_DEPTH + 0.5 * np.log(1 + ratio))


def neighbour(problem: Discrete, network: Network) -> Discrete:
    """A neighbouring network on grids of as many nodes, stretched alike; what both have in common is kept."""
    if network.has_spectral_terms_of(problem.network):
        return problem.with_distributions(network)
    layers = zip(network.layers, problem.grids, strict=True)
    return Discrete(network, [stretched_grid(layer.length, grid.size, grid.strength) for layer, grid in layers])


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
    return float(np.hypot(np.sqrt(max(1.0, rate) / layer.diffusion), 2 * layer.gauge_strength))


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
        if start is not None and level == 0:
            problem = neighbour(start.problem, network)
        else:
            problem = Discrete(network, make_grids(network, nodes, tolerance))
        solution = solve_level(problem, contour, previous, tolerance)
        profiles, error = estimate(solution, LEFT * tolerance)
        of_rule = rule_error(solution, profiles)
        error += of_rule
        best = Refined(solution, profiles, error, solution.status, level + 1)
        if progress:
            progress(f"level {level + 1}: {sum(nodes)} nodes, estimated error {error:.1e}")
        if solution.status != Status.CONVERGED or error <= tolerance:
            return best
        shares = layer_shares(solution)
        scale = (
            max(1.0, (error - of_rule) / max(max(shares), tolerance / 10)) / tolerance
        )  # together they are the error
        finer = [refined_nodes(n, share * scale) for n, share in zip(nodes, shares, strict=True)]
        if of_rule > RULE_SHARE * tolerance:
            rule *= max(0.1, 0.5 * RULE_SHARE * tolerance / of_rule)
            contour = Contour(network, rule)
        elif finer == nodes:
            break
        if finer != nodes:
            _forget_responses(solution)
        nodes, previous = finer, solution
    assert best is not None
    best.status = Status.TOLERANCE_NOT_REACHED
    return best


def _forget_responses(solution: GapSolution) -> None:
    """Let go of what only further steps on the same grids need: gigabytes where grids are fine."""
    solution.responses = None
    for pack in solution.packs:
        pack.factors = None


def _coarse(network: Network, contour: Contour, nodes: list[int]) -> GapSolution | None:
    """A rough solution on coarse grids, from which Newton's method on the first ones needs a single full step."""
    if not network.has_unknown_gap:
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
    """Imaginary part of the gap equation at a real gap: charge appears there, and anomalous currents would flow.

    Not divided by the coupling, which grows with the highest energy of the contour.
    """
    assert solution.value is not None
    return float(np.max(np.abs(solution.value.imag)))


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
    """matrix (new, old) times values (old), (old, n) or states (old, 8, L).

    States go one by one: products this small stay on this thread, where the threads of BLAS would fight our own.
    """
    if values.ndim <= 2:
        return matrix @ values
    components = matrix @ np.moveaxis(np.ascontiguousarray(values).view(float), 1, 0)
    return np.ascontiguousarray(np.moveaxis(components, 0, 1)).view(complex)
