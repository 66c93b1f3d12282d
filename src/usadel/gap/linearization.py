"""Linear responses of a solved device: of its states at a given gap, and of states and gap together.

The Jacobian of every energy is eliminated once; what the gap's equation needs of the responses to all its unknowns is
their sum over energies, the matrix A = K - ∂G/∂Δ. The responses themselves, gigabytes on fine grids, are kept
where they are small only: the change of the states by a change of the gap is one more right-hand side for the
eliminated Jacobians.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.gap_basis import GapBasis
from usadel.equations.spectral.scheme import Sites
from usadel.gap.equation import GapEquation
from usadel.solvers.condensation import Factors
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Pack, Problem

NULL_OVERLAP = 0.9  # of a mode with the turn of all phases: it is that
MOST_COLUMNS = 64  # right-hand sides at once: more take memory and no less time
LEAST_COLUMNS = 8  # at once: with fewer the elimination's blocks would be read more often than is worth it
AT_ONCE = 2e7  # bytes of the right-hand sides of a pack, in between
KEPT = 3e7  # bytes of all responses, up to which they are kept after all: combining them is a little faster


@dataclass(frozen=True)
class Moves:
    """What some steps do to states and gap together.

    Attributes
    ----------
    states : by step and pack, changes (sites, 8, L); gaps : by step, changes (sites).
    between : (sites), error of the gap by its interpolation.
    parameter : largest change of what else moves with the gap.
    """

    states: list[list[Complex]]
    gaps: list[Complex]
    between: Array
    parameter: float = 0.0


@dataclass(frozen=True)
class SpectralLinearization:
    """Eliminated Jacobians of the states of all packs at a given gap.

    Attributes
    ----------
    problem : the device on its grids; packs : the states that it was linearized at.
    """

    problem: Problem
    packs: list[Pack]
    factors: list[Factors]

    def respond(self, packs: list[Pack], steps: list[Complex], gap: Complex) -> Moves:
        """What some steps (rows, 8, n, L) of the states alone, pack by pack, do; the first is the scheme's own."""
        none = np.zeros_like(gap)
        return Moves(self._by_step(steps), [none for _ in range(steps[0].shape[2])], none.real)

    def _by_step(self, steps: list[Complex]) -> list[list[Complex]]:
        """Steps (rows, 8, n, L) by pack as changes (sites, 8, L) by step and pack."""
        number = range(steps[0].shape[2])
        return [[self.problem.by_site(x[:, :, k]) for x in steps] for k in number]


@dataclass(frozen=True)
class GapLinearization(SpectralLinearization):
    """The same with the response of the gap.

    Attributes
    ----------
    equation : of the gap; matrix : A (unknowns, columns) = K - ∂G/∂Δ.
    turn : left and right null vector of A (columns), along which steps leave the global phase where it is; None where
        it is fixed, or left where it is by the least norm of a step.
    inverse : (columns, columns) of A at the functions' own points; None: not known, steps solve for it.
    kept : by pack, changes (rows, 8, columns, L) of the states by each function of the gap; empty where they are large.
    softest : a direction (columns), of unit norm, along which A was measured, and by pack what the states' change
        (rows, 8, 1, L) by it is beyond that of the compact scheme.
    """

    equation: GapEquation
    matrix: Array
    turn: tuple[Array, Array] | None = None
    inverse: Array | None = None
    kept: list[Complex] = field(default_factory=list)
    softest: tuple[Array, list[Complex]] | None = None

    @property
    def basis(self) -> GapBasis:
        """Unknowns of the gap."""
        return self.equation.basis

    def with_inverse(self) -> GapLinearization:
        """The same for many steps."""
        return replace(self, inverse=self.equation.inverse(self.matrix))

    def leaving_phase(self, gap: Complex) -> Self:
        """The same with steps that leave the global phase of a gap (sites) where it is, if nothing fixes that.

        A is that of the compact scheme, on a grid: along the turn of all phases it is small, but not zero, and what
        the scheme leaves of the mismatch there would turn the gap for ever.
        """
        basis, matrix = self.basis, self.basis.restrict(self.matrix)
        fixed = self.problem.network.fixes_phase or np.any(gap[basis.first_column < 0])
        if basis.parts == 1 or fixed or not np.any(gap) or not np.all(np.isfinite(matrix)):
            return replace(self, turn=None)
        left, _, right = np.linalg.svd(matrix)
        turn = basis.restrict(basis.collect(1j * gap))
        if abs(right[-1] @ turn) < NULL_OVERLAP * np.linalg.norm(turn):  # another phase is as soft: least norm
            return replace(self, turn=None)
        return replace(self, turn=(left[:, -1], right[-1]))

    def gap_step(self, mismatch: Array) -> tuple[Array, Array]:
        """Newton's step of the gap for a mismatch of its equation, see `GapEquation.step`."""
        if self.turn is None:
            return self.equation.step(self.matrix, mismatch, self.inverse)
        basis, (left, right) = self.basis, self.turn
        mismatch = mismatch - basis.spread(left * (left @ basis.restrict(mismatch)))
        change, columns = self.equation.step(self.matrix, mismatch, self.inverse)
        share = right * (right @ columns)
        return change - basis.spread(share), columns - share

    def response(self, number: int, columns: Array) -> Complex:
        """Changes (sites, 8, n, L) of a pack's states by changes (columns, n) of the gap's smooth functions."""
        moved = self._compact_response(number, columns)
        if self.softest is None:
            return moved
        along, beyond = self.softest
        return moved + self.problem.by_site(beyond[number] * (along @ columns)[:, None])

    def _compact_response(self, number: int, columns: Array) -> Complex:
        if self.kept:
            real = self.kept[number].view(float)
            moved = [self.problem.by_site(np.matmul(c, real).view(complex)) for c in columns.T]
            return np.stack(moved, axis=2)
        change = np.stack([self.basis.expand(self.basis.spread(c)) for c in columns.T], axis=1)
        return self.problem.by_site(self.to_change(number, change))

    def to_change(self, number: int, change: Complex) -> Complex:
        """Changes (rows, 8, n, L) of a pack's states by changes (sites, n) of the gap."""
        pack, rows = self.packs[number], self.problem.rows.kind.size
        rhs = np.zeros((rows, 8, change.shape[1], pack.energy.size), complex)
        for part in self.basis.along(change):
            self.problem.add_gap_columns(rhs, pack, self.problem.bare_sites, part)
        return self.factors[number].solve(rhs)

    def respond(self, packs: list[Pack], steps: list[Complex], gap: Complex) -> Moves:
        """What some steps (rows, 8, n, L) of the states, pack by pack, do together with the gap's response."""
        found = [self.equation.response(p, x) for p, x in zip(packs, steps, strict=True)]
        value, response = (np.sum([part[k] for part in found], axis=0) for k in range(2))
        number = range(steps[0].shape[2])
        changes = [self.gap_step(self.equation.mismatch(value + response[:, k], gap)) for k in number]
        columns = np.stack([c for _, c in changes], axis=1)
        moved = parallel(lambda k: self.response(k, columns), range(len(packs)))
        alone = self._by_step(steps)
        states = [[x + m[:, :, k] for x, m in zip(alone[k], moved, strict=True)] for k in number]
        gaps = [self.basis.expand(change) for change, _ in changes]
        return Moves(states, gaps, self._gap_errors(value + response[:, 0], gap), self.parameter_move(columns))

    def parameter_move(self, columns: Array) -> float:
        """Largest change of what moves beside the gap in steps (columns, n): nothing."""
        return 0.0

    def _gap_errors(self, value: Complex, gap: Complex) -> Array:
        """Error of the gap (sites) by its interpolation: what its equation K Δ = value misses between its nodes."""
        out = np.zeros(self.problem.layout.sites)
        mismatch = np.abs(self.equation.imbalance(value, gap))
        for piece, stiff in self.equation.ripples():
            between = np.setdiff1d(np.arange(piece.sites.start, piece.sites.stop), piece.nodes)
            out[between] = mismatch[between] / stiff[between - piece.sites.start]
        return out


@dataclass(frozen=True)
class PackResponse:
    """A pack's part in a full step.

    Attributes
    ----------
    steps : (rows, 8, n, L) for the residuals; factors : for further right-hand sides.
    value : (sites) of G; response : (sites, n + columns), changes of G by the residuals' steps and the gap's columns.
    columns : (rows, 8, columns, L), the functions' own responses, where they are kept.
    """

    steps: Complex
    factors: Factors
    value: Complex
    response: Complex
    columns: Complex | None = None


def pack_response(
    equation: GapEquation, pack: Pack, sites: Sites, residuals: list[Complex], keep: bool
) -> PackResponse:
    """Steps for some residuals of a pack, and what these and all functions of the gap do to G.

    The functions' own responses are summed up group by group; they are given back if they are to be kept.
    """
    problem, lead = equation.problem, len(residuals)
    first, *rest = equation.basis.groups(equation.basis.columns if keep else _columns_at_once(problem, pack))
    x, _, factors = problem.linear_step(pack, sites, residuals, first)
    value, response = equation.response(pack, x)
    parts, steps = [response], np.ascontiguousarray(x[:, :, :lead])
    if keep:
        return PackResponse(steps, factors, value, response, x[:, :, lead:])
    del x  # before the next one: both are large
    for group in rest:
        parts.append(equation.response(pack, factors.solve(problem.right_sides(pack, sites, [], group)))[1])
    return PackResponse(steps, factors, value, np.concatenate(parts, axis=1))


def keeps_responses(equation: GapEquation, packs: list[Pack]) -> bool:
    """Whether all packs' responses to the functions of the gap are small enough to be kept."""
    columns = equation.basis.columns
    size = sum(_column_bytes(equation.problem, pack) for pack in packs) * columns
    return columns <= MOST_COLUMNS and size <= KEPT


def kept_responses(parts: list[PackResponse]) -> list[Complex]:
    """All packs' responses to the functions of the gap, if they are kept."""
    return [part.columns for part in parts if part.columns is not None]


def _columns_at_once(problem: Problem, pack: Pack) -> int:
    return max(LEAST_COLUMNS, min(MOST_COLUMNS, int(AT_ONCE / _column_bytes(problem, pack))))


def _column_bytes(problem: Problem, pack: Pack) -> int:
    return int(problem.rows.kind.size * 8 * pack.energy.nbytes)
