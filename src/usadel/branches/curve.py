"""The solutions of a device as a curve in (Δ, parameter), for continuation.

The states of all energies are eliminated by their factorizations, as in `gap.newton_schur`: with b = ∂(G - KΔ)/∂λ at
fixed Δ, which takes one more column, Newton's step obeys A dΔ - b dλ = G - KΔ. Unknowns are scaled so that a distance
is the mean change of the gap (Δ0) and the change of the parameter in units of the range that is traced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.discretization.choice import make_grids
from usadel.discretization.gap_basis import GapBasis
from usadel.energies.contour import Contour
from usadel.equations.spectral import scheme as spectral
from usadel.errors import InputError
from usadel.gap.equation import GapEquation
from usadel.gap.linearization import (
    GapLinearization,
    PackResponse,
    keeps_responses,
    kept_responses,
    pack_response,
)
from usadel.gap.newton_schur import Step, chord_gap_step
from usadel.gap.state import GapState, Outcome, Solution
from usadel.solvers.budget import Budget
from usadel.solvers.condensation import Factors
from usadel.solvers.continuation import bordered_step
from usadel.solvers.status import Status
from usadel.states.newton import BRANCH, solve_states
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Pack, Problem, chord_step, joined
from usadel.states.transfer import carry, carry_states, neighbour, pack_at


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    states: float = 0.1  # weight of changes of the states, which energy integrals average over
    corrections: int = 12  # of the response to the parameter: how often at most, and until they are how small
    corrected: float = 1e-3  # see corrections
    difference: float = 1e-6  # of the parameter, for derivatives; in units of the range
    # how much more accurate sums over energy are than those of a single solution: they are kept along the branch
    tighter: float = 4.0


OPTIONS = Options()


@dataclass(frozen=True)
class Snapshot:
    """A solution on the curve: parameter, and gap and states there."""

    parameter: float
    state: GapState

    @property
    def nodes(self) -> list[int]:
        """Nodes of all layers."""
        return [g.size for g in self.state.problem.grids]

    @property
    def structure(self) -> tuple[object, ...]:
        """What the energies are, but for their values."""
        return self.state.contour.structure()


@dataclass(frozen=True, kw_only=True)
class CurveLinearization(GapLinearization):
    """A linearization whose steps keep to the curve: they change the parameter along with the gap.

    Attributes
    ----------
    slope : b = ∂(G - KΔ)/∂λ (unknowns); slopes : by pack, change (rows, 2E, L) of the states per parameter.
    row : (1 + columns), what a step is orthogonal to, the parameter first.
    """

    slope: Array
    slopes: list[Complex]
    row: Array

    def gap_step(self, mismatch: Array) -> tuple[Array, Array]:
        """Change of the gap for a mismatch of its equation, and of the parameter and the smooth functions."""
        restrict = self.basis.restrict
        jacobian = np.column_stack([-restrict(self.slope), restrict(self.matrix)])
        step = bordered_step(jacobian, restrict(mismatch), self.row, 0.0)
        target = mismatch + self.slope * step[0]
        return self.equation.with_ripples(self.matrix, target, step[1:]), step

    def response(self, number: int, columns: Array) -> Complex:
        """Changes (sites, 2E, n, L) of a pack's states by those (1 + columns, n) of parameter and smooth functions."""
        along = self.problem.by_site(self.slopes[number])[:, :, None, :] * columns[0][:, None]
        return along + super().response(number, columns[1:])

    def parameter_move(self, columns: Array) -> float:
        """Largest change of the parameter in steps (1 + columns, n)."""
        return float(np.max(np.abs(columns[0])))


class GapCurve:
    """Solutions of the networks `network_at(parameter)`: an iterate for `solvers.continuation`.

    Parameters
    ----------
    network_at : the network of each value of the parameter.
    state : solution at a value of it.
    ends : of the range of the parameter; tolerance : of the device; coldest : lowest temperature (Tc) at these ends.
    """

    def __init__(
        self,
        network_at: Callable[[float], Network],
        state: GapState,
        parameter: float,
        ends: tuple[float, float],
        tolerance: float,
        coldest: float,
    ):
        self.network_at, self.tolerance = network_at, tolerance
        self.scale, self._middle = abs(ends[1] - ends[0]), 0.5 * (ends[0] + ends[1])
        self.parameter, self.basis = parameter, state.basis()
        self._residual = np.inf
        self._linearized = False
        self.linearization: CurveLinearization
        contour = Contour(state.problem.network, self._rule, state.contour, coldest, OPTIONS.tighter)
        self.state = replace(state, contour=contour)
        self.equation = GapEquation(self.state.problem, contour, self.basis)
        if contour.structure() != state.contour.structure():
            self._restart(parameter)

    @property
    def _rule(self) -> float:
        return Budget(self.tolerance).rule

    @property
    def nodes(self) -> list[int]:
        """Nodes of all layers."""
        return [g.size for g in self.state.problem.grids]

    def solution(self, row: Array) -> Solution[CurveLinearization]:
        """The iterate as a solution, whose own steps are orthogonal to a row (columns + 1) of the scaled unknowns."""
        if not self._linearized:  # its energies are new
            self.linearize(True)
        across = np.append(row[-1] / self.scale, row[:-1] * self._weight)
        linearization = replace(self.linearization, row=across, equation=self.equation)
        outcome = Outcome(Status.CONVERGED, self._residual)  # its steps were measured otherwise
        return Solution(self.state, linearization, outcome)

    def unknowns(self) -> Array:
        """(columns + 1): the gap at the nodes of its smooth functions, and the parameter, scaled."""
        gap = self.basis.restrict(self.basis.collect(self.state.gap))
        return np.append(gap * self._weight, self.parameter / self.scale)

    @property
    def _weight(self) -> float:
        return float(np.sqrt(self.basis.parts / self.basis.columns))

    def snapshot(self) -> Snapshot:
        """The present iterate."""
        return Snapshot(self.parameter, self.state)

    def comparable(self, first: Snapshot, second: Snapshot) -> bool:
        """Whether two snapshots have the same energies, which depend smoothly on the parameter."""
        counts = [[pack.count for pack in one.state.packs] for one in (first, second)]
        alike = first.state.problem.symmetry == second.state.problem.symmetry and counts[0] == counts[1]
        return alike and first.nodes == second.nodes and first.structure == second.structure

    def mix(self, snapshots: Sequence[Snapshot], weights: Array) -> None:
        """Go to a linear combination of snapshots, or to the heaviest where they are not comparable.

        States fall like Δ/2ε, and ε moves with the temperature: it is Im ε times the states that is combined.
        """
        heaviest = snapshots[int(np.argmax(weights))]
        chosen = [(s, w) for s, w in zip(snapshots, weights, strict=True) if self.comparable(s, heaviest)]
        total = sum(w for _, w in chosen)
        parameter = float(sum(w * s.parameter for s, w in zip(snapshots, weights, strict=True)))
        there, here = heaviest.state.problem, self.state.problem
        gap = sum(w / total * s.state.gap for s, w in chosen)
        self.state = replace(self.state, gap=carry(there, here, gap))
        if heaviest.structure != self.state.contour.structure():
            self._restart(heaviest.parameter)
            self._move_to(parameter)
            return
        packs = []
        for k, pack in enumerate(self.state.packs):
            height = sum(w / total * s.state.packs[k].energy.imag for s, w in chosen)
            mixed = sum(w / total * s.state.packs[k].energy.imag * s.state.packs[k].state for s, w in chosen) / height
            state = np.ascontiguousarray(carry_states(there, here, mixed))
            self.state.problem.join_copies(state)
            packs.append(pack.at(state))
        self.state = replace(self.state, packs=packs)
        self._move_to(parameter)

    @property
    def charge(self) -> float:
        """Imaginary part of the gap equation at the last step, which a real gap should not have; see `Outcome`."""
        return 0.0 if self.basis.parts == 2 else float(np.max(np.abs(self._step.value.imag)))

    def refine(self, nodes: list[int], tangent: Array, parts: int | None = None) -> Array:
        """Carry the iterate over to finer grids, or to a gap of more parts; returns a tangent in the new unknowns."""
        old, basis, weight = self.state, self.basis, self._weight
        problem = Problem(old.problem.network, make_grids(old.problem.network, nodes))
        along = basis.expand(basis.spread(tangent[:-1] / weight))
        gap = carry(old.problem, problem, old.gap)
        states = carry_states(old.problem, problem, joined(old.packs))
        packs = problem.packs(old.contour.energies, gap, states=states)
        self.basis = GapBasis(problem.layout, basis.layers, parts or basis.parts)
        self.state = GapState(problem, old.contour, packs, gap, self.basis.parts)
        self.equation = GapEquation(problem, old.contour, self.basis)
        self._linearized = False
        moved = self.basis.restrict(self.basis.collect(carry(old.problem, problem, along)))
        carried = np.append(moved * self._weight, tangent[-1])
        return carried / np.linalg.norm(carried)

    def linearize(self, fresh: bool) -> tuple[Array, Array]:
        """Jacobian (columns, columns + 1) and residual of the gap equation, the states eliminated."""
        if fresh or not self._linearized:
            self._step = self._full_step()
        else:
            self._step = chord_gap_step(replace(self.linearization, equation=self.equation), self.state)
        self._mismatch = self.equation.mismatch(self._step.value, self.state.gap)
        restrict, linear = self.basis.restrict, self.linearization
        jacobian = np.column_stack([restrict(linear.matrix) / self._weight, -self.scale * restrict(linear.slope)])
        residual = restrict(self._mismatch)
        phase = self.phase_direction()
        if phase is None:
            return jacobian, residual
        return np.vstack([jacobian, np.append(phase, 0.0)]), np.append(residual, 0.0)

    def phase_direction(self) -> Array | None:
        """Unit vector (columns) that turns all phases, if nothing fixes them and the gap is complex."""
        if self.basis.parts == 1 or self.state.problem.network.fixes_phase:
            return None
        turn = self.basis.restrict(self.basis.collect(1j * self.state.gap))
        size = np.linalg.norm(turn)
        return turn / size if size > 0 else None

    def advance(self, change: Array) -> float:
        """Add a step to gap, states and parameter; its size is the largest change of these, of states a part."""
        linear, old = self.linearization, self.state
        coefficients, step = change[:-1] / self._weight, float(change[-1] * self.scale)
        target = self._mismatch + linear.slope * step
        gap_change = self.basis.expand(self.equation.with_ripples(linear.matrix, target, coefficients))
        columns = np.append(step, coefficients)[:, None]

        def update(number: int) -> tuple[Pack, float]:
            moved = old.problem.by_site(self._step.states[number][:, :, 0])
            moved = moved + linear.response(number, columns)[:, :, 0]
            pack = old.packs[number].stepped(moved)
            physical = np.all(spectral.spectral_radius(pack.state) <= BRANCH)
            return pack, float(np.max(np.abs(moved))) if physical else np.inf

        found = parallel(update, range(len(old.packs)))
        self.state = replace(old, packs=[pack for pack, _ in found], gap=old.gap + gap_change)
        states = max(size for _, size in found)
        largest = float(np.max(np.abs(gap_change)))
        self._residual = self._step.residual
        try:
            self._move_to(self.parameter + step)
        except InputError:  # a step beyond what the parameter may be, such as a negative temperature
            return np.inf
        return max(largest, abs(step), OPTIONS.states * states)

    def _move_to(self, parameter: float) -> None:
        """Rebuild everything that depends on the parameter, around the present gap and states."""
        old = self.state
        network = self.network_at(parameter)
        problem = self._followed(network)
        contour = Contour(network, self._rule, like=old.contour)
        free = self.basis.first_column >= 0
        gap = old.gap if free.all() else np.where(free, old.gap, problem.initial_gap())
        self.parameter = parameter
        if contour.structure() != old.contour.structure():
            self.state = replace(old, problem=problem, gap=gap)
            self._restart(parameter, contour)
            return
        packs = [pack_at(pack, old.problem, problem, contour.energies) for pack in old.packs]
        self._linearized = self._linearized and problem.symmetry == old.problem.symmetry
        self.state = GapState(problem, contour, packs, gap, old.parts)
        self.equation = GapEquation(problem, contour, self.basis)

    def _restart(self, parameter: float, like: Contour | None = None) -> None:
        """Make new states for a new set of energies, at the present gap."""
        old, network = self.state, self.network_at(parameter)
        problem = self._followed(network)
        contour = Contour(network, self._rule, like=like or old.contour)
        packs = solve_states(problem, problem.packs(contour.energies, old.gap), old.gap, self.tolerance).packs
        self.state = GapState(problem, contour, packs, old.gap, old.parts)
        self.equation = GapEquation(problem, contour, self.basis)
        self._linearized, self.parameter = False, parameter

    def _neighbour(self) -> tuple[float, Problem, Contour]:
        """A neighbouring value of the parameter, and the present energies moved a little; towards the range's middle.

        Energies that are equal here and differ there, such as those of both spins at the spin voltage 0, are first
        told apart here as well.
        """
        step = OPTIONS.difference * self.scale * (1.0 if self.parameter < self._middle else -1.0)
        network = self.network_at(self.parameter + step)
        contour = Contour(network, self._rule, like=self.state.contour)
        if contour.structure() != self.state.contour.structure():
            self._restart(self.parameter, contour)
            contour = Contour(network, self._rule, like=self.state.contour)
        return step, self._alike(neighbour(self.state.problem, network)), contour

    def _alike(self, moved: Problem) -> Problem:
        """A neighbouring device in the symmetry that it has in common with the present one, which is put in it as well.

        Where a parameter breaks a symmetry, the states' derivative has not got it.
        """
        state, problem = self.state, self.state.problem
        common = moved.symmetry.common(problem.symmetry)
        if problem.symmetry != common:
            here = replace(problem, lowered=common)
            packs = [pack_at(pack, problem, here, state.contour.energies) for pack in state.packs]
            self.state = replace(state, problem=here, packs=packs)
            self.equation = GapEquation(here, state.contour, self.basis)
        return moved if moved.symmetry == common else replace(moved, lowered=common)

    def _followed(self, network: Network) -> Problem:
        """A neighbouring device on the present grids, in a symmetry that is no higher if that was lowered."""
        old, problem = self.state.problem, neighbour(self.state.problem, network)
        common = problem.symmetry.common(old.symmetry)
        return problem if old.lowered is None or problem.symmetry == common else replace(problem, lowered=common)

    def _full_step(self) -> Step:
        """One Newton step of the states with fresh responses to gap and parameter."""
        step, moved_problem, contour = self._neighbour()
        state, problem = self.state, self.state.problem
        free = self.basis.first_column >= 0
        gap = np.where(free, state.gap, moved_problem.initial_gap())
        here, there = problem.sites(state.gap), moved_problem.sites(gap)
        equation, keep = GapEquation(moved_problem, contour, self.basis), keeps_responses(self.equation, state.packs)

        def solve(pack: Pack) -> tuple[PackResponse, Complex, Complex, float]:
            residual = problem.residual(pack, here)
            moved = pack_at(pack, problem, moved_problem, contour.energies)
            slope = (moved_problem.residual(moved, there) - residual) / step
            found = pack_response(self.equation, pack, here, [residual, slope], keep)
            along = found.steps[:, :, 1]
            if np.any(moved.energy.imag != pack.energy.imag):

                def defect(move: Complex) -> Complex:
                    """Change of the residual per parameter when the states move with it."""
                    ahead = moved.at(moved.state + step * move)
                    return (moved_problem.residual(ahead, there) - residual) / step

                along = _corrected_slope(problem, found.factors, along, defect)
            ahead = moved.at(pack.state + step * problem.by_site(along))
            value_there, _ = equation.response(ahead, np.zeros_like(found.steps[:, :, :1]))
            return found, along, value_there, float(np.max(np.abs(residual)))

        results = parallel(solve, state.packs)
        parts = [r[0] for r in results]
        value, value_there = np.sum([p.value for p in parts], axis=0), np.sum([r[2] for r in results], axis=0)
        response = np.sum([p.response for p in parts], axis=0)
        change = value_there - equation.coupling * gap - value + self.equation.coupling * state.gap
        self.linearization = CurveLinearization(
            problem=problem,
            packs=state.packs,
            factors=[p.factors for p in parts],
            equation=self.equation,
            matrix=self.equation.matrix(response[:, 2:]),
            kept=kept_responses(parts),
            slope=self.basis.collect(change / step),  # one difference for all: large terms cancel in it
            slopes=[r[1] for r in results],
            row=np.zeros(self.basis.columns + 1),
        )
        self._linearized = True
        steps = [p.steps[:, :, :1] for p in parts]
        return Step(steps, value + response[:, 0], max(r[3] for r in results))


def _corrected_slope(problem: Problem, factors: Factors, x: Complex, defect: Callable[[Complex], Complex]) -> Complex:
    """The response x (rows, 2E, L) to the parameter, improved from the Jacobian's order to that of the residual.

    A temperature moves all energies in proportion, and its effect on the gap is what is left of large terms.
    """
    for _ in range(OPTIONS.corrections):
        correction = chord_step(factors, [defect(problem.by_site(x))])[:, :, 0]
        x = x + correction
        size = np.max(np.abs(x), axis=(0, 1))
        if np.all(np.max(np.abs(correction), axis=(0, 1)) <= OPTIONS.corrected * size):
            break
    return x
