"""Distribution functions that are solved for: one linear system per real energy, then integrals over energy.

Currents, accumulations and pair amplitudes are those of the reference equilibrium, from the contour, plus the integral
over real energies of what δh = h - h_ref adds. The latter ends where all distributions are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import CHARGES, ENERGIES, MODES
from usadel.algebra.nambu import Complex
from usadel.algebra.spin_symmetry import GENERAL, ROUNDING, SpinSymmetry
from usadel.description.device.resolved import Network
from usadel.equations.kinetic.coefficients import Points, coefficients, rotate, rotate_back
from usadel.equations.kinetic.distributions import polarization, reference
from usadel.equations.kinetic.numbers import KineticNumbers
from usadel.equations.kinetic.rows import assemble, at_nodes, node_fluxes
from usadel.equations.kinetic.tangent import flux_rows
from usadel.equations.spectral import scheme as spectral
from usadel.equations.spectral.scheme import elements
from usadel.kinetics.inside import Condensed, Inside
from usadel.kinetics.reference import energy_edges, reference_temperature
from usadel.observables.columns import ACCUMULATION, real_axis_weights
from usadel.observables.dos import both_signs
from usadel.observables.real_axis import Weights, densities
from usadel.progress import counted
from usadel.solvers.collocation import condense_cells, merge_cells
from usadel.solvers.condensation import Factors, solve_network
from usadel.solvers.quadrature import Integral, integrate, integrate_panels
from usadel.solvers.real_elimination import solve_real_block_tridiagonal
from usadel.solvers.status import Status
from usadel.states.newton import PackSolution
from usadel.states.problem import GROUPS, Pack, Problem
from usadel.states.real_energies import KnownStates, generations, solve_energies, solve_few
from usadel.states.transfer import carry, carry_states

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    newton: float = 1e-2  # of the tolerance, for the states, and at most: some signals are much smaller
    loosest: float = 1e-7  # see newton


OPTIONS = Options()


def _symmetry(network: Network, states: SpinSymmetry) -> SpinSymmetry:
    """What states of a symmetry and all distributions have in common."""
    found = states
    for axis in map(polarization, (*network.layers, *network.reservoirs)):
        if np.any(axis):
            x, y, z = (float(c) for c in axis / np.linalg.norm(axis))
            along = found.entries == 2 and abs(abs(np.dot(found.axis, (x, y, z))) - 1.0) < ROUNDING
            found = found if along else found.common(SpinSymmetry(2, (x, y, z)))
    return found


@dataclass
class Kinetics:
    """The kinetic equation of a device on given grids at a given gap.

    Attributes
    ----------
    network : with the distributions of reservoirs and layers; problem : grids and spectral equation.
    gap : (sites); tolerance : of the integrals; status : worst of all energies so far.
    """

    network: Network
    problem: Problem
    gap: Complex
    tolerance: float
    status: Status = Status.CONVERGED
    edges: Array | None = None  # of the panels to start from; None: what the distributions suggest
    baths: Array | None = None  # (2, sites, 5), of collisions between electrons and with phonons; None without any
    _known: KnownStates = field(default_factory=KnownStates, repr=False)  # solved here ...
    _inherited: KnownStates = field(default_factory=KnownStates, repr=False)  # ... and for a neighbour of this problem

    @cached_property
    def system(self) -> KineticNumbers:
        """Its numbers."""
        return self.numbers()

    def numbers(self) -> KineticNumbers:
        """Its numbers, made anew."""
        system, symmetry = self.problem.system, _symmetry(self.network, self.problem.symmetry)
        return KineticNumbers(system, system.rows, reference_temperature(self.network), symmetry=symmetry)

    @cached_property
    def general(self) -> Kinetics:
        """The same with all modes, for what is not as symmetric as its distributions."""
        if self.system.symmetry.entries == 4:
            return self
        other = replace(self)
        other.system = replace(self.system, symmetry=GENERAL)
        return other

    def at(self, gap: Complex, tolerance: float) -> Kinetics:
        """The same at another gap, starting from the states of this one where its energies are the same."""
        near = self._known if np.any(gap) else KnownStates()  # without a gap states vanish exactly
        other = Kinetics(self.network, self.problem, gap, tolerance, _inherited=near)
        other.system = self.system
        return other

    def on(self, problem: Problem, gap: Complex) -> Self:
        """The same on other grids, at the gap there, starting from the panels and states of this one."""
        known = self._known.carried(lambda states: carry_states(self.problem, problem, states))
        edges = np.unique(self.integral.panels) if "integral" in self.__dict__ else self.edges
        baths = self.baths
        if baths is not None:
            baths = np.array([carry(self.problem, problem, each) for each in baths])
        return replace(self, problem=problem, gap=gap, edges=edges, baths=baths, _known=KnownStates(), _inherited=known)

    def with_baths(self, baths: Array) -> Self:
        """The same with other baths, starting from the panels and states of this one."""
        edges = np.unique(self.integral.panels) if "integral" in self.__dict__ else self.edges
        return replace(self, edges=edges, baths=baths, _known=KnownStates(), _inherited=self._known)

    @cached_property
    def integral(self) -> Integral:
        """What δh adds to all densities where the distribution is an unknown, (sites, numbers), zero elsewhere."""
        edges = energy_edges(self.network, self.gap, self.tolerance) if self.edges is None else self.edges
        largest = max(1.0, *(k.conductivity * k.area for k in self.network.layers))  # of currents, per current density
        found = integrate(self.added_densities, edges, self.tolerance / largest)
        return replace(found, error=largest * found.error)

    def on_panels(self, panels: Array) -> Array:
        """The same on given panels, without refinement."""
        return integrate_panels(self.added_densities, panels)

    def spin_from_beyond(self, law: int) -> Array:
        """What δh adds to the spin current (3) into an interface from the reservoir or junction behind it."""

        def measured(pack: Pack, h: Array, _: Array) -> Array:
            return self._spins_beyond(law, pack, h)

        return integrate_panels(lambda energies: self._map(energies, measured), self.integral.panels)

    def _spins_beyond(self, law: int, pack: Pack, h: Array) -> Array:
        """The same per energy, (3, L)."""
        near, state = self.problem.layout.site(self.problem.layout.laws[law].end), self.problem.full(pack.state)
        there = self.system.beyond(law, state, h, pack.energy.real.copy())
        return self.system.spin_flux(law, (state[near], h[near]), there)

    def spin_from_behind(self, number: int) -> Array:
        """What δh adds to the spin current (3) into a contact on top, given by its number, from its reservoir."""
        k, covering = self.network.coverings()[number]
        layer, here = self.network.layers[k], self.problem.layout.slice(k)
        share = layer.conductivity * layer.area * elements(self.problem.bare_sites)[here]

        def measured(pack: Pack, h: Array, _: Array) -> Array:
            state = self.problem.full(pack.state[here])
            sites = zip(state, h[here], strict=True)
            flowing = [self.system.spin_flux_on_top(covering, site, pack.energy) for site in sites]
            return np.tensordot(share, np.array(flowing), axes=1)

        return integrate_panels(lambda energies: self._map(energies, measured), self.integral.panels)

    def distribution(self, energies: Array) -> Array:
        """h0…h7 (8, sites, energies); those at E < 0 follow from h0…h3 odd and h4…h7 even in E; NaN where it failed."""
        positive, where = np.unique(np.abs(energies), return_inverse=True)
        found = self._map(positive, lambda pack, h, _: h, blank=True)
        found += reference(self.system.temperature, positive)
        out = np.moveaxis(found, 1, 0)[:, :, where]
        out[ENERGIES, :, np.asarray(energies) < 0] *= -1.0
        return out

    def local(self, energies: Array, weights: Array) -> Array:
        """What a probe sees at places, given by weights (places, sites): (places, 16, energies).

        Charge (of electrons) and spin accumulation of δh, N/N0 and its spin parts at E and at -E, δh4…δh7.
        """

        def measured(pack: Pack, h: Array, flux: Array) -> Array:
            found = self._densities(pack, h, flux)[:, ACCUMULATION]
            states = np.moveaxis(both_signs(pack.state, self.problem.symmetry), 2, 0).reshape(h.shape)
            seen = np.concatenate([found[:, CHARGES], states, h[:, CHARGES]], axis=1)
            return np.tensordot(weights, seen, axes=1)

        return self._map(energies, measured)

    def coefficients(self, energies: Array, weights: Array) -> Array:
        """M, Q and R of the kinetic equation at places, given by weights (places, sites): (3, places, 8, 8, energies).

        Lengths in ξ, R and J divided by the diffusion coefficient.
        """
        points = self.system.points_at_sites(self.sites)

        def measured(pack: Pack, h: Array, _: Array) -> Array:
            return np.array(
                [np.tensordot(weights, c, axes=1) for c in coefficients(self.problem.full(pack.state), points)]
            )

        found = self._map(energies, measured)
        return found.reshape(3, len(weights), MODES, MODES, energies.size)

    def added_densities(self, energies: Array) -> Array:
        """What δh adds to all densities at energies E > 0, (sites, numbers, energies), zero where it is imposed."""

        found = self._map(energies, self._densities)
        found[self.imposed] = 0.0  # the contour knows imposed distributions
        return found

    def added_at(self, pack: Pack, laws: Sequence[int]) -> tuple[Array, Array]:
        """The same, (sites, numbers, L), at the states of a pack, and spins (laws, 3, L) from beyond interfaces."""
        h, flux = self.solve(pack)
        found = self._densities(pack, h, flux)
        found[self.imposed] = 0.0
        return found, np.array([self._spins_beyond(law, pack, h) for law in laws]).reshape(-1, 3, pack.energy.size)

    def _densities(self, pack: Pack, h: Array, flux: Array) -> Array:
        """(sites, numbers, L), see `real_axis.densities`."""
        problem = self.problem
        slope = spectral.slopes(pack.state, pack.energy, problem.sites(self.gap), problem.offset)
        energy = pack.energy.real.copy()
        found = densities(problem.full(pack.state), problem.full(slope), h, flux, energy, self.weights)
        more = self.inside.measured(problem.full(pack.state), h, energy, self.weights)
        return np.concatenate([found, *more], axis=1)

    @cached_property
    def inside(self) -> Inside:
        """What enters inside of layers: from reservoirs on top, and by collisions."""
        return Inside(self.network, self.problem, self.system, self.sites, self.baths)

    @property
    def _accuracy(self) -> float:
        """Of the states."""
        return min(OPTIONS.newton * self.tolerance, OPTIONS.loosest)

    @cached_property
    def weights(self) -> Weights:
        """Of the densities."""
        return real_axis_weights(self.network.layers, self.problem.layout.layer)

    @cached_property
    def imposed(self) -> Array:
        """(sites): where the distribution is given."""
        return ~self.system.solved[self.problem.layout.layer]

    @cached_property
    def sites(self) -> spectral.Sites:
        """Numbers of all sites at the gap, those of the spectral equation without use of symmetry."""
        return self.problem.full_sites(self.gap)

    @cached_property
    def points(self) -> Points:
        """Where the coefficients are needed."""
        return self.system.points(self.sites)

    def _map(self, energies: Array, measured: Any, blank: bool = False) -> Array:
        """measured(pack, δh, J) of all energies, joined along the last axis; NaN where it failed, if `blank`."""
        order = np.argsort(energies, kind="stable")
        generation = counted("energies", generations(order), np.size)
        parts = [(chosen, self._map_part(energies[chosen], measured, blank)) for chosen in generation]
        first = parts[0][1]
        values = np.empty((*first.shape[:-1], energies.size), first.dtype)
        for chosen, found in parts:
            values[..., chosen] = found
        return values

    def _map_part(self, energies: Array, measured: Any, blank: bool) -> Array:
        """The same of energies that do not wait for each other, ascending."""
        known = self._inherited if self._inherited else self._known

        def solved(states: PackSolution) -> tuple[Array]:
            pack = states.pack
            h, flux = self.solve(pack)
            return (measured(pack, h, flux)[..., : pack.count],)

        (values,), states, status = solve_energies(
            self.problem, self.gap, energies, known.starts(energies), self._accuracy, solved, GROUPS
        )
        self._known.add(energies, states, status)
        finite = np.all(np.isfinite(values), axis=tuple(range(values.ndim - 1)))
        status = np.where((status == Status.CONVERGED) & ~finite, Status.LOST_DIGITS, status)
        self.status = Status(max(int(self.status), int(status.max())))
        if blank:
            values[..., status != Status.CONVERGED] = np.nan
        return values

    def solve(self, pack: Pack) -> tuple[Array, Array]:
        """δh and J (sites, 8, L) of the retarded states of a pack."""
        condensed = self.condensed(pack)
        flux = self.merged(condensed.flux)
        h, _ = self.eliminated(pack, flux, condensed.entering)
        fluxes = node_fluxes(h, flux, self.system.cells.of_site, self.problem.offset)
        if condensed.entering is not None:
            fluxes += at_nodes(condensed.entering, self.system.cells.of_site, self.problem.offset)
        return self.system.of_modes(h), self.system.of_modes(fluxes)

    def turned(self, pack: Pack) -> Complex:
        """States (sites, 8, L) of a pack in the frame of the modes."""
        return self.system.symmetry.turned_state(pack.state, self.problem.symmetry)

    def condensed(self, pack: Pack) -> Condensed:
        """The equation of all pieces."""
        lanes = pack.energy.size
        modes = self.system.modes
        size = modes.size**2
        m, q, r = coefficients(self.turned(pack), self.points, modes)
        source = self.inside.add(m, r, self.turned(pack), self.points, pack.energy)
        rotations = self.system.rotations
        if rotations is not None:
            for matrix in (m, q, r):
                rotate(matrix, rotations[0])
        m, q, r = (c.reshape(-1, 2, size, lanes) for c in (m, q, r))
        flux = condense_cells(m, q, r, self.system.cells.width)
        if rotations is not None:
            rotate_back(flux, rotations[1])
        if source is None:
            return Condensed((m, q, r), flux, None, None)
        if rotations is not None:
            source = np.einsum("pij,pjl->pil", rotations[0], source)
        source = source.reshape(-1, 2, modes.size, lanes)
        return Condensed((m, q, r), flux, source, self.inside.entering((m, q, r), flux, source))

    def merged(self, pieces: Array) -> Array:
        """J at the ends of cells by h there, (cells, 2, 2, n², L), from that of their pieces."""
        first = self.system.cells.first_piece
        return merge_cells(pieces, first) if first.size <= pieces.shape[0] else pieces

    def eliminated(self, pack: Pack, flux: Array, entering: Array | None) -> tuple[Array, Factors]:
        """δh (sites, n, L) of the modes, and the eliminated equation."""
        problem, given = self.problem, self.system.given(pack.energy)
        cell, rows = self.system.cells.of_site, self.system.turned_rows
        blocks, here, inside, rhs = assemble(
            self.turned(pack), flux, cell, self.sites, rows, given, problem.layout.chain_rows
        )
        if entering is not None:
            rhs -= flux_rows(entering, cell, self.sites, rows, given.imposed, problem.layout.chain_rows)
        rhs = rhs.reshape(*rhs.shape[:2], 1, pack.energy.size)
        solution, _, factors = solve_network(blocks, here, inside, rhs, problem.couplings, solve_real_block_tridiagonal)
        return np.ascontiguousarray(problem.by_site(solution[:, :, 0])), factors

    def few_states(self, energies: Array) -> PackSolution:
        """States of one pack of energies, starting from those that are known."""
        known = self._inherited if self._inherited else self._known
        return solve_few(self.problem, self.gap, energies, known.starts(energies), self._accuracy)
