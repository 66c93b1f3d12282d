"""How far a solution may be from the limit of fine grids and all energies.

The estimate is the change of all results when the stencils of the scheme are exchanged for those of lower order,
to first order (one more right-hand side): an upper bound of the error of the higher order where the grid resolves
the solution, a fair measure at the singular ends of layers. `SAFETY` was calibrated on random devices
(docs/development.md).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from usadel.algebra.modes import SPIN_ENERGY
from usadel.description.device.resolved import LayerEnd, Network
from usadel.discretization.contacts import UNCOVERED, leaking_ends, pairing_jumps, spin_energy_jumps
from usadel.gap.equation import GapEquation
from usadel.gap.newton_schur import GapSolution, combine, size_of
from usadel.observables.profiles import Profiles, Variant, measure
from usadel.states.parallel import parallel
from usadel.states.problem import Discrete

SAFETY = 3.0
ENERGY = 4.0  # times as much for energies and spin-energy currents where singlets leak or a gap is given: there the
# ends of layers feel energies beyond the grid's resolution
SINGULAR = 4.0  # times as much in layers that meet at a jump of the pair potential, where all scales matter
RULE_SAFETY = 3.0  # of the rule's error
POLISHES = 3  # such steps
CONTRACTION = 0.1  # by which each of them is expected to come nearer, at best


def estimate(solution: GapSolution, goal: float) -> tuple[Profiles, float]:
    """Profiles and their estimated error by grids and Newton's method.

    The solution gains some last Newton steps, until it is expected to be nearer to its limit than the goal.
    """
    problem = solution.problem
    for _ in range(POLISHES):
        interpolation, (last, lower), distance = _last_step(solution)
        if distance <= goal:
            break
    profiles, other = measure(problem, solution.contour, solution.packs, [last, lower])
    return profiles, max(_by_layer(problem, profiles, other, interpolation)) + distance


def layer_shares(solution: GapSolution) -> list[float]:
    """The share of each layer in the error: what its lower order alone changes, anywhere.

    Not what changes in it: the error of a small neighbour may be found in the soft mode of a gap, where refining does
    not help.
    """
    problem = solution.problem
    sites, embedded = problem.sites(solution.gap), problem.embedded_sites(solution.gap)

    def step(pack):
        residual = problem.residual(pack, sites)
        change = problem.residual(pack, embedded) - residual
        parts = [residual + change * chosen[:, None, None] for chosen in _rows_by_layer(problem)]
        return problem.chord_step(pack, sites, [residual, *parts])

    interpolation, moves, gaps = _responses(solution, parallel(step, solution.packs))
    ends = [
        Variant([p.state + move[k] for p, move in zip(solution.packs, moves, strict=True)], solution.gap + gap)
        for k, gap in enumerate(gaps)
    ]
    first, *others = measure(problem, solution.contour, solution.packs, ends)
    none = np.zeros_like(interpolation)
    found = [max(_by_layer(problem, first, other, none)) for other in others]
    between = _by_layer(problem, first, first, interpolation)
    return _shared(problem.network, [max(pair) for pair in zip(found, between, strict=True)])


def _rows_by_layer(problem: Discrete) -> list[np.ndarray]:
    """For each layer, which rows belong to it; a shared one belongs to several."""
    rows, layer = problem.rows, problem.layout.layer
    row_of_end = np.repeat(np.arange(rows.kind.size), np.diff(rows.first_end))
    chosen = [layer[rows.site] == k for k in range(len(problem.grids))]
    for k, flags in enumerate(chosen):
        flags[row_of_end[layer[rows.end_site] == k]] = True
    return chosen


def _by_layer(problem: Discrete, one: Profiles, other: Profiles, interpolation: np.ndarray) -> list[float]:
    """Error of each layer by the difference of profiles of two orders and by the interpolation of the gap (sites)."""
    one, other = (_without_divergence(problem, p) for p in (one, other))
    covered, network = _covered_sites(problem), problem.network
    jumps = {end.layer for end in pairing_jumps(network)}
    leaks = {end.layer for end in leaking_ends(network)}
    errors = []
    for k, layer in enumerate(network.layers):
        at = np.flatnonzero((problem.layout.layer == k) & covered)
        pairing = hasattr(layer, "gap") and (k in leaks or not layer.self_consistent)
        factor, energy = (SINGULAR, ENERGY / 2) if k in jumps else (1.0, ENERGY if pairing else 1.0)
        difference = one.at(at).largest_difference(other.at(at), energy)
        errors.append(factor * max(SAFETY * difference, float(np.max(interpolation[at], initial=0.0))))
    return errors


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
    moved = [size_of(last, pack.energy) for (last, _), pack in zip(moves, solution.packs, strict=True)]
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
        varied = GapEquation(problem, contour, basis, solution.equation.source)
        mismatches = [e.mismatch(e.value(solution.packs), end.gap) for e in (varied, solution.equation)]
        change, columns = solution.gap_step(mismatches[0] - mismatches[1])  # not what Newton's method has left
        moved = [
            state + combine(problem, response, columns)
            for state, response in zip(end.states, solution.responses, strict=True)
        ]
        end = Variant(moved, end.gap + basis.expand(change))
    (other,) = measure(problem, contour, solution.packs, [end])
    bounded = [_without_divergence(problem, p).at(_covered_sites(problem)) for p in (profiles, other)]
    return RULE_SAFETY * bounded[0].largest_difference(bounded[1])


def _responses(solution: GapSolution, steps: list[np.ndarray]):
    """What some steps (rows, 8, n, L) do to states and gap together, the first of which is that of the scheme itself.

    Returns the error of the gap by its interpolation, moves by pack and step, changes of the gap by step.
    """
    problem, basis, equation = solution.problem, solution.basis, solution.equation
    number = range(steps[0].shape[2])
    alone = [[problem.by_site(x[:, :, k]) for k in number] for x in steps]
    if basis is None or equation is None:
        none = np.zeros_like(solution.gap)
        return none.real, alone, [none for _ in number]
    assert solution.responses is not None
    found = [equation.response(p, x) for p, x in zip(solution.packs, steps, strict=True)]
    value, response = (np.sum([part[k] for part in found], axis=0) for k in range(2))
    interpolation = _gap_errors(solution, value + response[:, 0])
    changes = [solution.gap_step(equation.mismatch(value + response[:, k], solution.gap)) for k in number]
    moves = [
        [x + combine(problem, by_column, c) for x, (_, c) in zip(each, changes, strict=True)]
        for each, by_column in zip(alone, solution.responses, strict=True)
    ]
    return interpolation, moves, [basis.expand(change) for change, _ in changes]


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
    current[_next_to(problem, spin_energy_jumps(problem.network)), SPIN_ENERGY] = 0.0
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
