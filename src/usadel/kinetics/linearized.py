"""The kinetic equation of some real energies, linearized: what small changes of gap and voltages do to it.

States and distributions are solved once, both equations stay eliminated. A change of the gap is one more right-hand
side for each: J γ' = -(∂residual/∂Δ)Δ', then L h' = -(∂L/∂γ γ' + ∂L/∂Δ Δ')h; a change of a voltage one for the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import MODES
from usadel.algebra.nambu import Complex
from usadel.discretization.gap_basis import GapBasis
from usadel.equations.kinetic.numbers import KineticNumbers
from usadel.equations.kinetic.rows import Given
from usadel.equations.kinetic.tangent import flux_rows, law_rows, point_changes, sources
from usadel.equations.numbers import Rows, Sites
from usadel.kinetics.equation import Kinetics
from usadel.observables.columns import SINGLET_COLUMN
from usadel.observables.real_axis_changes import pair_changes
from usadel.progress import pulse
from usadel.solvers.collocation import changed_fluxes, inside_cells
from usadel.solvers.condensation import Factors
from usadel.solvers.real_elimination import solve_real_block_tridiagonal, substitute_real
from usadel.solvers.status import Status
from usadel.states.problem import Pack
from usadel.states.response import state_response

Array = NDArray[Any]
STEP = 1e-6  # change of γ in the central differences of interface laws: these are smooth in it


@dataclass(frozen=True)
class Measured:
    """Where changes are wanted: pairs at sites (indices) of unknown gaps, currents at ends of layers.

    Attributes
    ----------
    ends : sites; cells, sides : whose flux that is; weights : (ends, rows, 8) of the currents there, times σA.
    """

    sites: NDArray[np.int64]
    ends: NDArray[np.int64]
    cells: NDArray[np.int64]
    sides: NDArray[np.int64]
    weights: Array


def measured_at(kinetics: Kinetics, basis: GapBasis) -> Measured:
    """Pairs where the gap is an unknown, currents at all reservoirs; none where the distribution is imposed."""
    problem, free = kinetics.problem, ~kinetics.imposed
    layout, cells = problem.layout, kinetics.system.cells
    terminals = [t.end for t in problem.network.terminations if t.reservoir is not None]
    ends = np.array([layout.site(end) for end in terminals])
    sides = np.array([0 if end.side == "left" else 1 for end in terminals])
    layers = [problem.network.layers[end.layer] for end in terminals]
    scale = np.array([layer.conductivity * layer.area for layer in layers]) * free[ends]
    weights = kinetics.weights.current[[end.layer for end in terminals]] * scale[:, None, None]
    sites = np.flatnonzero((basis.first_column >= 0) & free)
    return Measured(sites, ends, cells.of_site[ends - sides], sides, weights)


@dataclass(frozen=True)
class _Inner:
    """Eliminated equation of the nodes inside a cell of several pieces, and J at the ends of these by h there."""

    cell: int
    pieces: slice
    factors: Array
    flux: Array

    def solve(self, rhs: Array) -> Array:
        """h (nodes, 8, L) for jumps (nodes, 8, L) of J."""
        substitute_real(self.factors, rhs[:, :, None])
        return rhs

    def between(self, left: Array, right: Array) -> Array:
        """h (nodes, 8, L) of h (8, L) at the ends of the cell."""
        rhs = np.zeros((self.factors.shape[0], *left.shape))
        rhs[0] -= _times(self.flux[0, 1, 0], left)
        rhs[-1] += _times(self.flux[-1, 0, 1], right)
        return self.solve(rhs)

    def merged(self, change: Array) -> Array:
        """Changes of J (2, 8, L) at the ends of the cell by those (pieces, 2, 8, L) of its pieces."""
        moved = self.solve(change[1:, 0] - change[:-1, 1])
        left, right = self.flux[0, 0, 1], self.flux[-1, 1, 0]
        return np.stack([change[0, 0] + _times(left, moved[0]), change[-1, 1] + _times(right, moved[-1])])


def _inner(flux: Array, cell: int, pieces: slice) -> _Inner:
    here = flux[pieces]
    blocks = np.zeros((here.shape[0] - 1, 3, *here.shape[3:]))
    blocks[1:, 0] = here[1:-1, 1, 0]
    blocks[:, 1] = here[:-1, 1, 1] - here[1:, 0, 0]
    blocks[:-1, 2] = -here[1:-1, 0, 1]
    solve_real_block_tridiagonal(blocks, np.zeros((blocks.shape[0], MODES, 1, blocks.shape[3])))
    return _Inner(cell, pieces, blocks, here.copy())


def _times(matrix: Array, h: Array) -> Array:
    """matrix (64, L) times h (8, L)."""
    return np.asarray(np.einsum("ijl,jl->il", matrix.reshape(MODES, MODES, -1), h))


class LinearizedPack:
    """The linearized equations of one pack of energies, whose states are solved."""

    def __init__(self, kinetics: Kinetics, at: Measured, pack: Pack):
        pulse()
        kinetics = kinetics.general
        self.kinetics, self.at, self.pack, self.status = kinetics, at, pack, Status.CONVERGED
        with np.errstate(all="ignore"):
            self.spectral: Factors = kinetics.problem.linear_step(pack, kinetics.problem.sites(kinetics.gap), [])[2]
        coefficients, pieces = kinetics.condensed(pack)
        flux = kinetics.merged(pieces)
        self.h, self.kinetic = kinetics.eliminated(pack, flux)
        self.end_flux = flux[at.cells, at.sides]
        first = kinetics.system.cells.first_piece
        several = np.flatnonzero(np.diff(first) > 1)
        self.inner = [_inner(pieces, int(cell), slice(first[cell], first[cell + 1])) for cell in several]
        self.inside, self.slope, self.answer = self._inside(coefficients)

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        parts = [self.h, self.end_flux, self.inside, self.slope, self.answer, *(i.flux for i in self.inner)]
        for factors in (self.spectral, self.kinetic):
            parts += [factors.blocks, factors.to_hubs]
        return sum(part.nbytes for part in parts)

    def _inside(self, coefficients: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        """h and its covariant derivative at the points (points, 8, L), and what the cells' equations answer."""
        system, (m, q, r) = self.kinetics.system, coefficients
        left, right = self._piece_ends()
        rotations, lanes = system.rotations, left.shape[2]
        if rotations is not None:
            right = np.einsum("pij,pjl->pil", rotations[1], right)
        h, k, answer = inside_cells(m, q, r, system.cells.width, left, right)
        h, k = h.reshape(-1, MODES, lanes), k.reshape(-1, MODES, lanes)
        if rotations is not None:
            h, k = (np.einsum("pji,pjl->pil", rotations[0], x) for x in (h, k))
        return h, k, answer

    def _piece_ends(self) -> tuple[Array, Array]:
        """h (pieces, 8, L) at the left and right ends of all pieces."""
        cells = self.kinetics.system.cells
        left_sites = np.flatnonzero(cells.of_site >= 0)
        count = cells.width.shape[0]
        left, right = (np.empty((count, *self.h.shape[1:])) for _ in range(2))
        left[cells.first_piece[:-1]] = self.h[left_sites]
        right[cells.first_piece[1:] - 1] = self.h[left_sites + 1]
        for inner in self.inner:
            site = left_sites[inner.cell]
            nodes = inner.between(self.h[site], self.h[site + 1])
            left[inner.pieces][1:], right[inner.pieces][:-1] = nodes, nodes
        return left, right

    @property
    def _rows(self) -> Rows:
        return self.kinetics.system.rows

    @cached_property
    def _state(self) -> Complex:
        """All entries (sites, 8, L) of the states."""
        return self.kinetics.problem.full(self.pack.state)

    @cached_property
    def _given(self) -> Given:
        return self.kinetics.system.given(self.pack.energy)

    def by_gap(self, change: GapChange) -> Array:
        """Changes (numbers, energies) of what is measured by that of the gap; see `unpacked`."""
        problem = self.kinetics.problem
        here = problem.sites(self.kinetics.gap)
        rows, status = state_response(problem, self.pack, self.spectral, here, change.sites)
        self.status = Status(max(int(self.status), int(status)))
        moved = problem.full(problem.by_site(rows))
        flux = self._flux_changes(moved, change.pairing)
        rows = flux_rows(
            flux, self.kinetics.system.cells.of_site, self.kinetics.sites, self._rows, self._given.imposed,
            problem.layout.chain_rows,
        )  # fmt: skip
        h = self._solved(-rows - self._law_changes(moved))
        return self._measured(moved, h, flux[self.at.cells, self.at.sides])

    def by_voltage(self, numbers: KineticNumbers) -> Array:
        """The same by what reservoirs change, given as that of `numbers`."""
        pulse()
        given = numbers.given(self.pack.energy)
        h = self._solved(sources(self._state, self.kinetics.sites, self._rows, given))
        return self._measured(np.zeros_like(self._state), h, 0.0)

    def _solved(self, rows: Array) -> Array:
        """h (sites, 8, L) for a right-hand side of the kinetic equation."""
        problem = self.kinetics.problem
        return np.ascontiguousarray(problem.by_site(self.kinetic.solve(rows[:, :, None])[:, :, 0]))

    def _flux_changes(self, moved: Complex, pairing: Complex) -> Array:
        """Changes of J at the ends of all cells (cells, 2, 8, L), δh fixed at the nodes."""
        system, points = self.kinetics.system, self.kinetics.points
        found = point_changes(self._state, moved, points, pairing, self.inside, self.slope)
        if system.rotations is not None:
            found = np.einsum("pij,pnjl->pnil", system.rotations[0], found)
        ends = changed_fluxes(found.reshape(-1, 2, *found.shape[1:]), system.cells.width, self.answer)
        if system.rotations is not None:
            ends[:, 1] = np.einsum("pji,pjl->pil", system.rotations[1], ends[:, 1])
        out = ends[system.cells.first_piece[:-1]]
        for inner in self.inner:
            out[inner.cell] = inner.merged(ends[inner.pieces])
        return out

    def _law_changes(self, moved: Complex) -> Array:
        """Changes of what interface laws add to the rows (rows, 8, L), δh fixed."""
        step = STEP / np.maximum(np.max(np.abs(moved), axis=(0, 1)), 1e-300)
        rows = [
            law_rows(self._state + s * moved, self.h, self.kinetics.sites, self._rows, self._given)
            for s in (step, -step)
        ]
        return (rows[0] - rows[1]) / (2 * step)

    def _measured(self, moved: Complex, h: Array, flux: Array | float) -> Array:
        """Changes (numbers, energies) of pairs and currents by those of states, distributions and fluxes at given h."""
        at, weights, energy = self.at, self.kinetics.weights, self.pack.energy.real.copy()
        one = slice(SINGLET_COLUMN, SINGLET_COLUMN + 1)
        pairs = pair_changes(
            self._state, moved, self.h, h, energy, weights.pairs[one], weights.pairs_power[one], at.sites
        )
        left = at.ends - at.sides
        flux = flux + sum(
            np.einsum("eijl,ejl->eil", self.end_flux[:, k].reshape(-1, MODES, MODES, energy.size), h[left + k])
            for k in range(2)
        )
        current = np.einsum("erm,eml->erl", 0.5 * at.weights, flux) * energy ** weights.current_power[:, None]
        numbers = [pairs[at.sites].reshape(-1, energy.size), current.reshape(-1, energy.size)]
        return np.concatenate(numbers)[:, : self.pack.count]


@dataclass(frozen=True)
class GapChange:
    """Numbers of the spectral equation at a changed gap, and the change of S/D (points, 16) where coefficients are."""

    sites: Sites
    pairing: Complex


def gap_change(kinetics: Kinetics, gap: Complex) -> GapChange:
    """Of a change of the gap (sites)."""
    problem, moved = kinetics.problem, kinetics.gap + gap
    pairing = kinetics.system.points(problem.full_sites(moved)).constant - kinetics.points.constant
    return GapChange(problem.sites(moved), pairing)


def unpacked(kinetics: Kinetics, at: Measured, integral: Array) -> tuple[Complex, Array]:
    """Pairs (sites), zero where none are wanted, and currents (ends, rows) among integrals over energy."""
    pairs = np.zeros(kinetics.problem.layout.sites, complex)
    pairs[at.sites] = integral[: 2 * at.sites.size : 2] + 1j * integral[1 : 2 * at.sites.size : 2]
    return pairs, integral[2 * at.sites.size :].reshape(at.ends.size, -1)
