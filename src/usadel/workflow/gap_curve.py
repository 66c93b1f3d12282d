"""The solutions of a device as a curve in (Δ, parameter), for continuation.

The states of all energies are eliminated by their factorizations, as in `self_consistent`: with b = ∂(G - KΔ)/∂λ at
fixed Δ, which takes one more column, Newton's step obeys A dΔ - b dλ = G - KΔ. Unknowns are scaled so that a distance
is the mean change of the gap (Δ0) and the change of the parameter in units of the range that is traced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.description.errors import InputError
from usadel.description.network import Network
from usadel.discretization.contour import Contour
from usadel.discretization.gap_basis import GapBasis
from usadel.equations import spectral
from usadel.equations.spectral import Sites
from usadel.solvers.continuation import bordered_step
from usadel.solvers.status import Status
from usadel.workflow.discrete import Array, Discrete, Pack
from usadel.workflow.newton import BRANCH, solve_states
from usadel.workflow.refine import RULE, carry, make_grids, neighbour
from usadel.workflow.self_consistent import GapEquation, GapSolution, combine
from usadel.workflow.threads import parallel

STATES = 0.1  # weight of changes of the states, which energy integrals average over
CORRECTIONS, CORRECTED = 12, 1e-3  # of the response to the parameter: how often at most, and until they are how small
DIFFERENCE = 1e-6  # of the parameter, for derivatives; in units of the range
TIGHTER = (
    4.0  # how much more accurate sums over energy are than those of a single solution: they are kept along the branch
)


@dataclass(frozen=True)
class Snapshot:
    """A solution on the curve: parameter, gap (sites), states and Im ε by pack, and what they refer to."""

    parameter: float
    gap: Complex
    states: list[Complex]
    heights: list[Array]
    problem: Discrete
    structure: tuple


@dataclass
class CurveSolution(GapSolution):
    """A solution whose steps keep to the curve: they change the parameter along with the gap.

    Attributes
    ----------
    slope : b = ∂(G - KΔ)/∂λ (unknowns); row : (1 + columns), what a step is orthogonal to, the parameter first.
    parameter_steps : changes of the parameter that belonged to the gap steps so far.
    """

    slope: Array | None = None
    row: Array | None = None
    parameter_steps: list[float] = field(default_factory=list)

    def gap_step(self, mismatch: Array) -> tuple[Array, Array]:
        """Change of the gap for a mismatch of its equation, and of the parameter and the smooth functions."""
        assert self.matrix is not None and self.equation is not None and self.basis is not None
        assert self.slope is not None and self.row is not None
        restrict = self.basis.restrict
        jacobian = np.column_stack([-restrict(self.slope), restrict(self.matrix)])
        step = bordered_step(jacobian, restrict(mismatch), self.row, 0.0)
        self.parameter_steps.append(float(step[0]))
        target = mismatch + self.slope * step[0]
        return self.equation.with_ripples(self.matrix, target, step[1:]), step


class GapCurve:
    """Solutions of the networks `network_at(parameter)`: an iterate for `solvers.continuation`.

    Parameters
    ----------
    network_at : the network of each value of the parameter.
    solution : solution at a value of it.
    ends : of the range of the parameter; tolerance : of the device; coldest : lowest temperature (Tc) at these ends.
    """

    def __init__(
        self,
        network_at: Callable[[float], Network],
        solution: GapSolution,
        parameter: float,
        ends: tuple[float, float],
        tolerance: float,
        coldest: float,
    ):
        self.network_at, self.tolerance = network_at, tolerance
        self.scale, self._middle = abs(ends[1] - ends[0]), 0.5 * (ends[0] + ends[1])
        self.parameter = parameter
        self.solution = _as_curve_solution(solution)
        contour = Contour(solution.problem.network, RULE * tolerance, solution.contour, coldest, TIGHTER)
        self.solution.contour = contour
        if contour.structure() != solution.contour.structure():
            self._restart(parameter)

    @property
    def basis(self) -> GapBasis:
        """Unknowns of the gap."""
        assert self.solution.basis is not None
        return self.solution.basis

    @property
    def equation(self) -> GapEquation:
        """Weights of the gap equation."""
        assert self.solution.equation is not None
        return self.solution.equation

    def unknowns(self) -> Array:
        """(columns + 1): the gap at the nodes of its smooth functions, and the parameter, scaled."""
        gap = self.basis.restrict(self.basis.collect(self.solution.gap))
        return np.append(gap * self._weight, self.parameter / self.scale)

    @property
    def _weight(self) -> float:
        return float(np.sqrt(self.basis.parts / self.basis.columns))

    def snapshot(self) -> Snapshot:
        """The present iterate."""
        s = self.solution
        states, heights = [p.state for p in s.packs], [p.energy.imag for p in s.packs]
        return Snapshot(self.parameter, s.gap, states, heights, s.problem, s.contour.structure())

    def comparable(self, first: Snapshot, second: Snapshot) -> bool:
        """Whether two snapshots have the same energies, which depend smoothly on the parameter."""
        same_nodes = [g.size for g in first.problem.grids] == [g.size for g in second.problem.grids]
        return same_nodes and first.structure == second.structure

    def mix(self, snapshots: Sequence[Snapshot], weights: Array) -> None:
        """Go to a linear combination of snapshots, or to the heaviest where they are not comparable.

        States fall like Δ/2ε, and ε moves with the temperature: it is Im ε times the states that is combined.
        """
        heaviest = snapshots[int(np.argmax(weights))]
        chosen = [(s, w) for s, w in zip(snapshots, weights, strict=True) if self.comparable(s, heaviest)]
        total = sum(w for _, w in chosen)
        parameter = float(sum(w * s.parameter for s, w in zip(snapshots, weights, strict=True)))
        old = self.solution.problem
        gap = sum(w / total * s.gap for s, w in chosen)
        number = range(len(heaviest.states))
        heights = [sum(w / total * s.heights[k] for s, w in chosen) for k in number]
        states = [sum(w / total * s.heights[k] * s.states[k] for s, w in chosen) / heights[k] for k in number]
        self.solution.gap = carry(heaviest.problem, old, gap)
        if heaviest.structure == self.solution.contour.structure():
            for pack, state in zip(self.solution.packs, states, strict=True):
                pack.state = np.ascontiguousarray(carry(heaviest.problem, old, state))
                old.join_copies(pack.state)
        else:
            self._restart(heaviest.parameter)
        self._move_to(parameter)

    def refine(self, nodes: list[int], tangent: Array) -> Array:
        """Carry the iterate over to finer grids; returns a tangent in the new unknowns."""
        s, old_weight = self.solution, self._weight
        problem = Discrete(s.problem.network, make_grids(s.problem.network, nodes))
        along = self.basis.expand(self.basis.spread(tangent[:-1] / old_weight))
        basis = GapBasis(problem.layout, self.basis.layers, self.basis.parts)
        gap = carry(s.problem, problem, s.gap)
        packs = problem.packs(s.contour.energies, gap)
        for pack, old in zip(packs, s.packs, strict=True):
            pack.state = np.ascontiguousarray(carry(s.problem, problem, old.state))
            problem.join_copies(pack.state)
        equation = GapEquation(problem, s.contour, basis)
        self.solution = CurveSolution(problem, s.contour, packs, gap, basis, equation, Status.CONVERGED)
        moved = basis.restrict(basis.collect(carry(s.problem, problem, along)))
        carried = np.append(moved * self._weight, tangent[-1])
        return carried / np.linalg.norm(carried)

    def linearize(self, fresh: bool) -> tuple[Array, Array]:
        """Jacobian (columns, columns + 1) and residual of the gap equation, the states eliminated."""
        s = self.solution
        if fresh or s.responses is None:
            mismatch = self._full_step()
        else:
            mismatch = self._chord_step()
        self._mismatch = mismatch
        assert s.matrix is not None and s.slope is not None
        restrict = self.basis.restrict
        jacobian = np.column_stack([restrict(s.matrix) / self._weight, -self.scale * restrict(s.slope)])
        residual = restrict(mismatch)
        phase = self.phase_direction()
        if phase is None:
            return jacobian, residual
        return np.vstack([jacobian, np.append(phase, 0.0)]), np.append(residual, 0.0)

    def phase_direction(self) -> Array | None:
        """Unit vector (columns) that turns all phases, if nothing fixes them and the gap is complex."""
        if self.basis.parts == 1 or self.solution.problem.network.fixes_phase:
            return None
        turn = self.basis.restrict(self.basis.collect(1j * self.solution.gap))
        size = np.linalg.norm(turn)
        return turn / size if size > 0 else None

    def advance(self, change: Array) -> float:
        """Add a step to gap, states and parameter; its size is the largest change of these, of states a part."""
        s = self.solution
        coefficients, step = change[:-1] / self._weight, float(change[-1] * self.scale)
        assert s.matrix is not None and s.slope is not None and s.equation is not None and s.responses is not None
        gap_change = self.basis.expand(s.equation.with_ripples(s.matrix, self._mismatch + s.slope * step, coefficients))
        s.gap = s.gap + gap_change
        columns = np.append(step, coefficients)

        def update(item) -> float:
            pack, move, response = item
            moved = move + combine(s.problem, response, columns)
            pack.state = pack.state + moved
            physical = np.all(spectral.spectral_radius(pack.state) <= BRANCH)
            return float(np.max(np.abs(moved))) if physical else np.inf

        states = max(parallel(update, list(zip(s.packs, s.steps, s.responses, strict=True))))
        try:
            self._move_to(self.parameter + step)
        except InputError:  # a step beyond what the parameter may be, such as a negative temperature
            return np.inf
        return max(float(np.max(np.abs(gap_change))), abs(step), STATES * states)

    def border(self, row: Array) -> None:
        """Let the solution's own steps be orthogonal to a row (columns + 1) of the scaled unknowns."""
        if self.solution.responses is None:  # its energies are new
            self.linearize(True)
        self.solution.row = np.append(row[-1] / self.scale, row[:-1] * self._weight)

    def _move_to(self, parameter: float) -> None:
        """Rebuild everything that depends on the parameter, around the present gap and states."""
        s = self.solution
        network = self.network_at(parameter)
        problem = neighbour(s.problem, network)
        contour = Contour(network, RULE * self.tolerance, like=s.contour)
        rigid = self.basis.first_column < 0
        if rigid.any():
            s.gap = np.where(rigid, problem.initial_gap(), s.gap)
        self.parameter, s.problem = parameter, problem
        if contour.structure() != s.contour.structure():
            self._restart(parameter, contour)
            return
        s.contour, s.packs = contour, [_moved(pack, problem, contour) for pack in s.packs]
        s.equation = GapEquation(problem, contour, self.basis)

    def _restart(self, parameter: float, like: Contour | None = None) -> None:
        """Make new states for a new set of energies, at the present gap."""
        s = self.solution
        network = self.network_at(parameter)
        s.problem = neighbour(s.problem, network)
        s.contour = Contour(network, RULE * self.tolerance, like=like or s.contour)
        s.packs = s.problem.packs(s.contour.energies, s.gap)
        solve_states(s.problem, s.packs, s.gap, self.tolerance)
        s.equation = GapEquation(s.problem, s.contour, self.basis)
        s.responses, s.steps, self.parameter = None, [], parameter

    def _neighbour(self) -> tuple[float, Discrete, Contour]:
        """A neighbouring value of the parameter, and the present energies moved a little; towards the range's middle.

        Energies that are equal here and differ there, such as those of both spins at the spin voltage 0, are first
        told apart here as well.
        """
        s = self.solution
        step = DIFFERENCE * self.scale * (1.0 if self.parameter < self._middle else -1.0)
        network = self.network_at(self.parameter + step)
        contour = Contour(network, RULE * self.tolerance, like=s.contour)
        if contour.structure() != s.contour.structure():
            self._restart(self.parameter, contour)
            contour = Contour(network, RULE * self.tolerance, like=s.contour)
        return step, neighbour(s.problem, network), contour

    def _full_step(self) -> Array:
        """One Newton step with fresh responses to gap and parameter; returns the mismatch of the gap equation."""
        s = self.solution
        step, problem, contour = self._neighbour()
        gap = np.where(self.basis.first_column < 0, problem.initial_gap(), s.gap)
        here, there = s.problem.sites(s.gap), problem.sites(gap)
        equation = GapEquation(problem, contour, self.basis)

        def solve(pack: Pack):
            residual = s.problem.residual(pack, here)
            moved = _moved(pack, problem, contour)
            slope = (problem.residual(moved, there) - residual) / step
            x, _ = s.problem.linear_step(pack, here, [residual, slope], self.basis)
            if np.any(moved.energy.imag != pack.energy.imag):
                _correct_slope(
                    s.problem, pack, here, x, lambda move: _defect(problem, moved, there, residual, move, step)
                )
            value, response = self.equation.response(pack, x)
            moved.state = pack.state + step * s.problem.by_site(x[:, :, 1])
            value_there, _ = equation.response(moved, np.zeros_like(x[:, :, :1]))
            return x, value, response, value_there, float(np.max(np.abs(residual)))

        results = parallel(solve, s.packs)
        value, response, value_there = (sum(r[k] for r in results) for k in (1, 2, 3))
        s.matrix = self.equation.matrix(response[:, 2:])
        change = value_there - equation.coupling * gap - value + self.equation.coupling * s.gap
        s.slope = self.basis.collect(change / step)  # one difference for all: large terms cancel in it
        s.responses = [r[0][:, :, 1:] for r in results]
        s.steps = [s.problem.by_site(r[0][:, :, 0]) for r in results]
        s.residual = max(r[4] for r in results)
        return self.equation.mismatch(value + response[:, 0], s.gap)

    def _chord_step(self) -> Array:
        """One step of the states alone, with the responses of the last full step."""
        s = self.solution
        here = s.problem.sites(s.gap)

        def solve(pack: Pack):
            residual = s.problem.residual(pack, here)
            x = s.problem.chord_step(pack, here, [residual])
            value, response = self.equation.response(pack, x)
            return s.problem.by_site(x[:, :, 0]), value + response[:, 0], float(np.max(np.abs(residual)))

        results = parallel(solve, s.packs)
        s.steps = [r[0] for r in results]
        s.residual = max(r[2] for r in results)
        return self.equation.mismatch(sum(r[1] for r in results), s.gap)


def _defect(problem: Discrete, moved: Pack, sites: Sites, residual: Complex, move: Complex, step: float) -> Complex:
    """Change of the residual (rows, 8, L) per parameter when the states (sites, 8, L) move with it."""
    states = replace(moved, state=moved.state + step * move)
    return (problem.residual(states, sites) - residual) / step


def _correct_slope(
    problem: Discrete, pack: Pack, sites: Sites, x: Complex, defect: Callable[[Complex], Complex]
) -> None:
    """Improve the response to the parameter, x[:, :, 1], from that of the Jacobian's order to that of the residual.

    A temperature moves all energies in proportion, and its effect on the gap is what is left of large terms.
    """
    for _ in range(CORRECTIONS):
        correction = problem.chord_step(pack, sites, [defect(problem.by_site(x[:, :, 1]))])[:, :, 0]
        x[:, :, 1] += correction
        size = np.max(np.abs(x[:, :, 1]), axis=(0, 1))
        if np.all(np.max(np.abs(correction), axis=(0, 1)) <= CORRECTED * size):
            break


def _as_curve_solution(s: GapSolution) -> CurveSolution:
    return CurveSolution(s.problem, s.contour, s.packs, s.gap, s.basis, s.equation, Status.CONVERGED)


def _moved(pack: Pack, problem: Discrete, contour: Contour) -> Pack:
    """A pack with its states and factors at the energies and boundaries of a neighbouring device."""
    energy = contour.energies[pack.index]
    padded = np.concatenate([energy, np.repeat(energy[-1:], pack.energy.size - energy.size)])
    boundary, fixed = problem.system.boundaries(padded)
    return Pack(pack.index, padded, pack.state, boundary, fixed, pack.factors)
