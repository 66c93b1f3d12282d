"""The kinetic equation of some real energies, linearized: what small changes of gap and reservoirs do to it.

States and distributions are solved once, both equations stay eliminated. A change of the gap, or of what a reservoir's
own states depend on, is one more right-hand side for each: J γ' = -(∂residual/∂p)p', then
L h' = -(∂L/∂γ γ' + ∂L/∂p p')h; a change of a reservoir's distribution one for the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import MODES
from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import LayerEnd, Network
from usadel.description.device.solvable import refuse_collisions
from usadel.discretization.gap_basis import GapBasis
from usadel.equations.kinetic.numbers import KineticNumbers
from usadel.equations.kinetic.response import KineticResponse
from usadel.equations.kinetic.rows import Given
from usadel.equations.kinetic.tangent import flux_rows, law_rows, point_changes, sources
from usadel.equations.numbers import FIXED, Rows, Sites
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.inside import Condensed
from usadel.kinetics.on_top import Changes, OnTop, central_step
from usadel.kinetics.pieces import inner_cells, merged
from usadel.observables.columns import SINGLET_COLUMN
from usadel.observables.real_axis_changes import pair_changes
from usadel.progress import pulse
from usadel.solvers.collocation import changed_fluxes, inside_cells
from usadel.solvers.condensation import Factors
from usadel.solvers.status import Status
from usadel.states import response
from usadel.states.problem import Pack, Problem

Array = NDArray[Any]


@dataclass(frozen=True)
class Measured:
    """Where changes are wanted: pairs at sites of unknown gaps, currents at ends of layers, spins from beyond.

    Attributes
    ----------
    ends : sites; cells, sides : whose flux that is; weights : (ends, rows, 8) of the currents there, times σA.
    laws : numbers of those that spins enter from beyond, where the layer's distribution is solved for.
    near : sites of those ends.
    tops : numbers of contacts on top, through which currents are wanted behind those at ends.
    """

    sites: NDArray[np.int64]
    ends: NDArray[np.int64]
    cells: NDArray[np.int64]
    sides: NDArray[np.int64]
    weights: Array
    laws: list[int]
    near: list[int]
    tops: list[int]

    @property
    def size(self) -> int:
        """How many currents and spins there are."""
        return self.currents + 3 * len(self.laws)

    @property
    def currents(self) -> int:
        """How many currents there are."""
        return (self.weights.shape[0] + len(self.tops)) * self.weights.shape[1]


def measured_at(
    kinetics: Kinetics, basis: GapBasis, at: Sequence[LayerEnd], laws: Sequence[int] = (), tops: Sequence[int] = ()
) -> Measured:
    """Pairs where the gap is an unknown, currents at ends of layers; none where the distribution is imposed."""
    refuse_collisions(kinetics.network, "linear response is not known")
    problem, free = kinetics.problem, ~kinetics.imposed
    layout, cells = problem.layout, kinetics.system.cells
    ends = np.array([layout.site(end) for end in at], dtype=np.int64)
    sides = np.array([0 if end.side == "left" else 1 for end in at], dtype=np.int64)
    layers = [problem.network.layers[end.layer] for end in at]
    scale = np.array([layer.conductivity * layer.area for layer in layers]) * free[ends]
    weights = kinetics.weights.current[[end.layer for end in at]] * scale[:, None, None]
    sites = np.flatnonzero((basis.first_column >= 0) & free)
    solved = [k for k in laws if free[layout.site(layout.laws[k].end)]]
    near = [layout.site(layout.laws[k].end) for k in solved]
    return Measured(sites, ends, cells.of_site[ends - sides], sides, weights, solved, near, list(tops))


class LinearizedPack:
    """The linearized equations of one pack of energies, whose states are solved."""

    def __init__(self, kinetics: Kinetics, at: Measured, pack: Pack):
        pulse()
        kinetics = kinetics.general
        self.kinetics, self.at, self.pack, self.status = kinetics, at, pack, Status.CONVERGED
        with np.errstate(all="ignore"):
            self.spectral: Factors = kinetics.problem.linear_step(pack, kinetics.problem.sites(kinetics.gap), [])[2]
        condensed = kinetics.condensed(pack)
        flux = kinetics.merged(condensed.flux)
        self.h, self.kinetic = kinetics.eliminated(pack, flux, condensed.entering)
        self.tops = OnTop(kinetics, pack.energy, self._state)
        self.end_flux = flux[at.cells, at.sides]
        self.inner = inner_cells(condensed.flux, kinetics.system.cells.first_piece)
        self.inside, self.slope, self.answer = self._inside(condensed)

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        parts = [self.h, self.end_flux, self.inside, self.slope, self.answer, *(i.flux for i in self.inner)]
        for factors in (self.spectral, self.kinetic):
            parts += [factors.blocks, factors.to_hubs]
        return sum(part.nbytes for part in parts)

    def _inside(self, condensed: Condensed) -> tuple[Array, Array, Array]:
        """h and its covariant derivative at the points (points, 8, L), and what the cells' equations answer."""
        system, (m, q, r) = self.kinetics.system, condensed.coefficients
        left, right = self._piece_ends()
        rotations, lanes = system.rotations, left.shape[2]
        if rotations is not None:
            right = np.einsum("pij,pjl->pil", rotations[1], right)
        h, k, answer = inside_cells(m, q, r, system.cells.width, left, right, condensed.source)
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

    @property
    def at_rest(self) -> bool:
        """Whether every distribution is that of the reference equilibrium: then states change nothing."""
        return not np.any(self.h)

    def by_gap(self, change: GapChange) -> Array:
        """Changes (numbers, energies) of what is measured by that of the gap; see `unpacked`."""
        if self.at_rest:
            return self._none
        moved = self._states_moved(response.by_gap(self.kinetics.problem, self.pack, change.sites))
        return self._by_states(moved, change.pairing, None)

    def by_distributions(self, numbers: KineticResponse) -> Array:
        """The same by what distributions of reservoirs change, given as that of `numbers`."""
        pulse()
        given, still = numbers.given(self.pack.energy), np.zeros_like(self._state)
        rhs, tops = sources(self._state, self.kinetics.sites, self._rows, given), self.tops.derivative(numbers)
        entering = self._flux_of(self.tops.point_changes(still, self.inside, tops))
        h = self._solved(rhs - self._rows_of(entering) if tops else rhs)
        outside = [numbers.beyond(k, self._state, h, self.pack.energy.real.copy())[1] for k in self.at.laws]
        return self._measured(still, h, entering[self.at.cells, self.at.sides], [(0.0, dh) for dh in outside], tops)

    def by_reservoirs(self, change: ReservoirChange) -> Array:
        """The same by all that reservoirs change, their own states and distributions."""
        ahead, behind, step = change.ahead, change.behind, change.step
        given = _difference(ahead.given(self.pack.energy), behind.given(self.pack.energy), step)
        if self.at_rest:
            moved = np.zeros_like(self._state)
        else:
            source = response.by_reservoirs(self.pack, self.kinetics.gap, *change.problems, step)
            moved = self._states_moved(source)
        return self._by_states(moved, np.zeros_like(self.kinetics.points.constant), given, change)

    def _states_moved(self, source: response.Source) -> Complex:
        """Changes (sites, 8, L) of the states."""
        problem = self.kinetics.problem
        here = problem.sites(self.kinetics.gap)
        rows, status = response.state_response(problem, self.pack, self.spectral, here, source)
        self.status = Status(max(int(self.status), int(status)))
        return problem.full(problem.by_site(rows))

    def _by_states(
        self, moved: Complex, pairing: Complex, given: Given | None, change: ReservoirChange | None = None
    ) -> Array:
        """What changes of states, of S/D and of what reservoirs give do to what is measured."""
        tops = None if change is None else self.tops.difference(change.ahead, change.behind, change.step)
        flux = self._flux_changes(moved, pairing, tops)
        rhs = -self._rows_of(flux) - self._law_changes(moved, given)
        if given is not None:
            fixed = np.flatnonzero((self._rows.kind == FIXED) & ~given.imposed)
            rhs[fixed] = given.fixed[self._rows.law[fixed]]
        h = self._solved(rhs)
        outside = [self._beyond_changes(k, moved, h, change) for k in self.at.laws]
        return self._measured(moved, h, flux[self.at.cells, self.at.sides], outside, tops)

    def _rows_of(self, flux: Array) -> Array:
        """Rows (rows, 8, L) by J at the ends of cells (cells, 2, 8, L)."""
        problem, cell = self.kinetics.problem, self.kinetics.system.cells.of_site
        return np.asarray(
            flux_rows(flux, cell, self.kinetics.sites, self._rows, self._given.imposed, problem.layout.chain_rows)
        )

    def _beyond_changes(
        self, law: int, moved: Complex, h: Array, change: ReservoirChange | None
    ) -> tuple[Complex, Array]:
        """Changes (8, L) of state and δh behind an interface."""
        energy = self.pack.energy.real.copy()
        if self.kinetics.problem.layout.laws[law].reservoir is None:
            return self.kinetics.system.beyond(law, moved, h, energy)
        if change is None:
            return np.zeros_like(moved[0]), np.zeros_like(h[0])
        ahead, behind = (side.beyond(law, moved, h, energy) for side in (change.ahead, change.behind))
        return (ahead[0] - behind[0]) / (2 * change.step), (ahead[1] - behind[1]) / (2 * change.step)

    def _solved(self, rows: Array) -> Array:
        """h (sites, 8, L) for a right-hand side of the kinetic equation."""
        problem = self.kinetics.problem
        return np.ascontiguousarray(problem.by_site(self.kinetic.solve(rows[:, :, None])[:, :, 0]))

    def _flux_changes(self, moved: Complex, pairing: Complex, tops: Changes | None) -> Array:
        """Changes of J at the ends of all cells (cells, 2, 8, L), δh fixed at the nodes."""
        found = point_changes(self._state, moved, self.kinetics.points, pairing, self.inside, self.slope)
        return self._flux_of(found + self.tops.point_changes(moved, self.inside, tops))

    def _flux_of(self, found: Array) -> Array:
        """The same by changes of Mk + Qh and of Rh at the points (points, 2, 8, L)."""
        system = self.kinetics.system
        if system.rotations is not None:
            found = np.einsum("pij,pnjl->pnil", system.rotations[0], found)
        ends = changed_fluxes(found.reshape(-1, 2, *found.shape[1:]), system.cells.width, self.answer)
        if system.rotations is not None:
            ends[:, 1] = np.einsum("pji,pjl->pil", system.rotations[1], ends[:, 1])
        return merged(ends, system.cells.first_piece, self.inner)

    def _law_changes(self, moved: Complex, given: Given | None) -> Array:
        """Changes of what interface laws add to the rows (rows, 8, L), δh fixed."""
        step = central_step(moved) if given is None else central_step(moved, given.boundary, given.source)
        rows = [
            law_rows(self._state + s * moved, self.h, self.kinetics.sites, self._rows, _moved(self._given, given, s))
            for s in (step, -step)
        ]
        return (rows[0] - rows[1]) / (2 * step)

    def _measured(
        self, moved: Complex, h: Array, flux: Array, outside: Sequence[tuple[Complex | float, Array]],
        tops: Changes | None,
    ) -> Array:  # fmt: skip
        """Changes (numbers, energies) by those of states, distributions, fluxes at given h, and of what is beyond."""
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
        spins = [
            self._spin_change(law, near, (moved[near], h[near]), there)
            for law, near, there in zip(at.laws, at.near, outside, strict=True)
        ]
        entering = self.tops.current_changes(at.tops, moved, self.h, h, tops)
        numbers = [pairs[at.sites].reshape(-1, energy.size), current.reshape(-1, energy.size), *entering, *spins]
        return np.concatenate(numbers)[:, : self.pack.count]

    def _spin_change(
        self, law: int, near: int, here: tuple[Complex, Array], there: tuple[Complex | float, Array]
    ) -> Array:
        """Change (3, L) of the spin that enters an interface from beyond, by those of state and δh on both sides."""
        system = self.kinetics.system
        far = system.beyond(law, self._state, self.h, self.pack.energy.real.copy())
        step = central_step(here[0], np.broadcast_to(there[0], here[0].shape))
        sides = [
            system.spin_flux(
                law, (self._state[near] + s * here[0], self.h[near] + s * here[1]),
                (far[0] + s * there[0], far[1] + s * there[1]),
            )
            for s in (step, -step)
        ]  # fmt: skip
        return (sides[0] - sides[1]) / (2 * step)

    @property
    def _none(self) -> Array:
        return np.zeros((2 * self.at.sites.size + self.at.size, self.pack.count))


def _moved(given: Given, change: Given | None, step: Array) -> Given:
    """What δh meets, changed by a step (L)."""
    if change is None:
        return given
    boundary, source = given.boundary + step * change.boundary, given.source + step * change.source
    return given._replace(boundary=boundary, source=source)


def _difference(ahead: Given, behind: Given, step: float) -> Given:
    """Derivatives of what reservoirs give, by values one step ahead and behind."""
    boundary, source, fixed = (
        (getattr(ahead, name) - getattr(behind, name)) / (2 * step) for name in ("boundary", "source", "fixed")
    )
    return ahead._replace(boundary=boundary, source=source, fixed=fixed)


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


@dataclass(frozen=True)
class ReservoirChange:
    """Problems with reservoirs one step ahead and behind, and the numbers of their kinetic equations."""

    problems: tuple[Problem, Problem]
    ahead: KineticNumbers
    behind: KineticNumbers
    step: float


def reservoir_change(kinetics: Kinetics, ahead: Network, behind: Network, step: float) -> ReservoirChange:
    """Of a change of reservoirs, given by networks with those one step ahead and behind."""
    one, other = (kinetics.problem.with_distributions(network) for network in (ahead, behind))
    numbers = [replace(kinetics.system, system=problem.system) for problem in (one, other)]
    return ReservoirChange((one, other), numbers[0], numbers[1], step)


def unpacked(kinetics: Kinetics, at: Measured, integral: Array) -> tuple[Complex, Array]:
    """Pairs (sites), zero where none are wanted, and what else is measured among integrals over energy.

    That is the currents (ends, rows) and, behind them, spins (laws, 3) from beyond, in one row.
    """
    pairs = np.zeros(kinetics.problem.layout.sites, complex)
    pairs[at.sites] = integral[: 2 * at.sites.size : 2] + 1j * integral[1 : 2 * at.sites.size : 2]
    return pairs, integral[2 * at.sites.size :]
