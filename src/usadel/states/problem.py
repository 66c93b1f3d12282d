"""A network on given grids, and one linear step of Newton's method on a pack of energies."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.lanes import is_diagonal
from usadel.algebra.nambu import Complex
from usadel.algebra.riccati import homogeneous
from usadel.algebra.spin_symmetry import SpinSymmetry
from usadel.description.device.resolved import Network
from usadel.discretization.gap_basis import Columns
from usadel.discretization.layout import Layout
from usadel.discretization.space import Grid, along_device
from usadel.equations import gap as gap_equation
from usadel.equations.gap import bulk_gap
from usadel.equations.spectral import jacobian as jacobians
from usadel.equations.spectral import scheme as spectral
from usadel.equations.spectral.numbers import SpectralNumbers
from usadel.equations.spectral.scheme import Rows, Sites
from usadel.equations.spectral.symmetry import reduced_rows, reduced_sites, symmetry_of
from usadel.errors import InputError
from usadel.solvers.condensation import Couplings, Factors, solve_network
from usadel.terms import pairing
from usadel.work import count_residual

Array = NDArray[Any]

LANES = 8  # packs are padded to a multiple: the compiled loops fall back to scalar code for a remainder
GROUPS = 2  # of lanes in a pack: a quarter less time in the short loops than with one, and half the calls
PAIRING_DERIVATIVES = pairing.derivatives()
# Growth of the elimination above which a solution is not trusted: steps have errors of 1e-16 times that, which later
# steps correct, for residuals lose no digits. It is 1/L² in thin layers.
LOST_DIGITS = 1e13


@dataclass(frozen=True)
class Pack:
    """Energies solved side by side, and a state at them; padded lanes repeat the last energy.

    Attributes
    ----------
    index : which of the caller's energies, without padding.
    energy : (L), complex, without the broadening Γ.
    state : (sites, 2E, L), γ and γ̃ in as few numbers as the symmetry of the device allows, see `Problem.symmetry`.
    boundary, fixed : numbers of the interface laws at these energies.
    rest : (sites, 2E, L), digits that the last step had and the state left out; None: not known. Steps of Newton's
        method in thin layers need them, see `scheme.differences`.
    """

    index: NDArray[np.int64]
    energy: Complex
    state: Complex
    boundary: Complex
    fixed: Complex
    rest: Complex | None = None

    def at(self, state: Complex) -> Pack:
        """The same energies with another state."""
        return Pack(self.index, self.energy, state, self.boundary, self.fixed)

    def stepped(self, step: Complex) -> Pack:
        """The same energies with the state moved by a step (sites, 2E, L), no digit of which is lost."""
        step = step if self.rest is None else step + self.rest
        state = self.state + step
        rest = self.state - state
        rest += step
        return Pack(self.index, self.energy, state, self.boundary, self.fixed, rest)

    @property
    def count(self) -> int:
        """Lanes that are no padding."""
        return int(self.index.size)

    def padded(self, values: Array) -> Array:
        """This pack's lanes of values (…, all energies), zero in padded lanes."""
        out = np.zeros((*values.shape[:-1], self.energy.size), values.dtype)
        out[..., : self.count] = values[..., self.index]
        return out


@dataclass
class Problem:
    """A network on grids: its layout, the numbers of its kernels, its coupling structure.

    Attributes
    ----------
    system : numbers without use of any symmetry; `rows`, `sites` and packs use it.
    lowered : a symmetry to use instead of its own.
    """

    network: Network
    grids: list[Grid]
    lowered: SpinSymmetry | None = None
    layout: Layout = field(init=False)
    system: SpectralNumbers = field(init=False)

    def __post_init__(self) -> None:
        self.layout = Layout(self.network, self.grids)
        self.system = SpectralNumbers(self.layout)

    def with_distributions(self, network: Network) -> Problem:
        """The same grids and terms for a network that differs in distributions, given gaps and reservoirs only."""
        if any(covering.pairing is not None for _, covering in network.coverings()):
            return Problem(network, self.grids, self.lowered)  # what is on top of a layer is among its numbers
        other, system = copy(self), copy(self.system)
        system.layout = self.layout.with_reservoirs(network)
        other.network, other.layout, other.system = network, system.layout, system
        return other

    @cached_property
    def symmetry(self) -> SpinSymmetry:
        """The symmetry of spin that its states have."""
        return symmetry_of(self.system, self._full_sites) if self.lowered is None else self.lowered

    @cached_property
    def rows(self) -> Rows:
        """Rows of the scheme."""
        return reduced_rows(self.symmetry, self.system.rows)

    @cached_property
    def couplings(self) -> Couplings:
        """Chains and hubs."""
        layout, rows = self.layout, self.rows
        chains = [(c.first, c.last, c.start_hub, c.end_hub) for c in layout.chains]
        first = rows.first_end[layout.chain_rows]
        hubs = np.repeat(np.arange(len(layout.hubs)), np.diff(rows.first_end[layout.chain_rows :]))
        return Couplings(np.array(chains), hubs, layout.row_of_site[rows.end_inner[first:]])

    @cached_property
    def x(self) -> Array:
        """Positions (ξ) of all sites within their layers."""
        return np.concatenate([g.x for g in self.grids])

    @cached_property
    def positions(self) -> Array:
        """Positions (ξ) of all sites along the layers, strictly increasing."""
        return along_device([g.x for g in self.grids], [layer.length for layer in self.network.layers])

    def layer_at(self, places: Array) -> NDArray[np.int64]:
        """Index of the layer at positions (ξ) along all layers; at an interface that on its right."""
        edges = np.cumsum([layer.length for layer in self.network.layers])
        return np.minimum(np.searchsorted(edges, places, side="right"), edges.size - 1)

    @cached_property
    def cross_section(self) -> Array:
        """σA of every site."""
        return np.array([k.conductivity * k.area for k in self.network.layers])[self.layout.layer]

    @cached_property
    def offset(self) -> NDArray[np.int64]:
        """First site of every layer."""
        return np.asarray(self.layout.offset, dtype=np.int64)

    def sites(self, gap: Complex) -> Sites:
        """Numbers of all sites at a given gap (sites)."""
        return self._with_gap(self._normal_sites, gap)

    def embedded_sites(self, gap: Complex) -> Sites:
        """The same with the stencils of lower order."""
        return self._with_gap(self._normal_embedded_sites, gap)

    @property
    def bare_sites(self) -> Sites:
        """The same without any gap."""
        return self._normal_sites

    def full_sites(self, gap: Complex) -> Sites:
        """Numbers of all sites at a given gap (sites), without use of any symmetry."""
        full = self._full_sites
        return full._replace(constant=full.constant + pairing.blocks(gap) / full.diffusion[:, None])

    @cached_property
    def _full_sites(self) -> Sites:
        return self.system.sites(np.zeros((self.layout.sites, 16), complex))

    @cached_property
    def _normal_sites(self) -> Sites:
        return reduced_sites(self.symmetry, self._full_sites)

    @cached_property
    def _normal_embedded_sites(self) -> Sites:
        full = self.system.embedded_sites(np.zeros((self.layout.sites, 16), complex))
        return reduced_sites(self.symmetry, full)

    def _with_gap(self, normal: Sites, gap: Complex) -> Sites:
        blocks = self.symmetry.blocks(pairing.blocks(gap))
        return normal._replace(constant=normal.constant + blocks / normal.diffusion[:, None])

    def packs(
        self,
        energies: Complex,
        gap: Complex,
        lift: float = 0.0,
        states: Complex | None = None,
        groups: int = GROUPS,
    ) -> list[Pack]:
        """Packs of energies, starting from given states or the homogeneous one at the local gap and at ε + i lift.

        Parameters
        ----------
        states : (sites, 2E, energies).
        groups : of lanes in a pack. Threads change no digit, as the split depends on nothing else but the number of
            energies.
        """
        count = -(-energies.size // LANES)
        pieces = count if count <= GROUPS == groups else -(-count // groups)
        bounds = np.minimum(LANES * np.round(np.linspace(0, count, pieces + 1)).astype(int), energies.size)
        index = [np.arange(a, b) for a, b in pairwise(bounds)]
        if states is None:
            starts = [self._homogeneous(_padded(energies[chosen]) + 1j * lift, gap) for chosen in index]
        elif states.shape != (self.layout.sites, 2 * self.symmetry.entries, energies.size):
            raise ValueError("states of another grid")  # compiled code would read beyond them
        else:
            starts = [_padded(states[..., chosen]) for chosen in index]
        return [self._pack(chosen, energies[chosen], u) for chosen, u in zip(index, starts, strict=True)]

    def pack(self, index: NDArray[np.int64], energy: Complex, gap: Complex | None = None, lift: float = 0.0) -> Pack:
        """One pack, padded to whole vector registers: normal, or homogeneous at a gap and at ε + i lift."""
        padded = _padded(energy)
        normal = np.zeros((self.layout.sites, 2 * self.symmetry.entries, padded.size), complex)
        return self._pack(index, energy, normal if gap is None else self._homogeneous(padded + 1j * lift, gap))

    def _pack(self, index: NDArray[np.int64], energy: Complex, state: Complex) -> Pack:
        padded = _padded(energy)
        self.join_copies(state)
        return Pack(index, padded, state, *self.boundaries(padded))

    def boundaries(self, energy: Complex) -> tuple[Complex, Complex]:
        """Constant parts of S of every law (laws, 2, 4E, L) and given states (laws, 2E, L), see `SpectralNumbers`."""
        matrices, states = self.system.boundaries(energy)
        return self.symmetry.lanes(matrices), self.symmetry.reduced(states)

    def _homogeneous(self, energy: Complex, gap: Complex) -> Complex:
        parts = [
            homogeneous(energy + 1j * layer.inelastic, gap[self.layout.slice(k)])
            for k, layer in enumerate(self.network.layers)
        ]
        return self.symmetry.reduced(np.concatenate(parts))

    def full(self, state: Complex) -> Complex:
        """All entries (…, 8, L) of γ and γ̃ of states (…, 2E, L)."""
        return self.symmetry.expanded(state)

    def join_copies(self, state: Complex) -> None:
        """Give all copies of a node the mean of their values: Newton's steps keep them equal."""
        for copies in self._copies:
            state[copies] = np.mean(state[copies], axis=0)

    @cached_property
    def _copies(self) -> list[list[int]]:
        """Sites of every node that has several."""
        return [row.copies for row in self.layout.rows if len(row.ends) > 1 and len(row.copies) > 1]

    def residual(self, pack: Pack, sites: Sites) -> Complex:
        """Residual (rows, 2E, L) of a pack."""
        count_residual(self.layout.sites, pack.energy.size)
        return spectral.residual(pack.state, pack.energy, sites, self.rows, pack.boundary, pack.fixed, pack.rest)

    def linear_step(
        self, pack: Pack, sites: Sites, residuals: list[Complex], columns: Columns | None = None
    ) -> tuple[Complex, Array, Factors]:
        """Solve J x = -residual for several residuals, and J x = -∂residual/∂(functions of the gap).

        Returns
        -------
        x : (rows, 2E, columns, L), first the residuals' columns, then the gap's.
        growth : (L), of the elimination; factors : for chord steps.
        """
        rhs = self.right_sides(pack, sites, residuals, columns)
        blocks, here, inside = jacobians.jacobian(
            pack.state, pack.energy, sites, self.rows, pack.boundary, self.layout.chain_rows, self.symmetry.block
        )
        return solve_network(blocks, here, inside, rhs, self.couplings)

    def right_sides(
        self, pack: Pack, sites: Sites, residuals: list[Complex], columns: Columns | None = None
    ) -> Complex:
        """Right-hand sides (rows, 2E, columns, L) of `linear_step`."""
        lead, rows, lanes = len(residuals), self.rows.kind.size, pack.energy.size
        unknowns = 2 * self.symmetry.entries
        rhs = np.zeros((rows, unknowns, lead + (columns.total if columns else 0), lanes), complex)
        for number, residual in enumerate(residuals):
            rhs[:, :, number] = -residual
        if columns:
            self.add_gap_columns(rhs, pack, sites, columns, lead)
        return rhs

    def add_gap_columns(self, rhs: Complex, pack: Pack, sites: Sites, columns: Columns, lead: int = 0) -> None:
        """Add -∂residual/∂(functions of the gap) to the columns behind the first `lead` of rhs."""
        gap_equation.gap_columns(
            rhs.reshape(rhs.shape[0], -1, rhs.shape[3]), rhs.shape[2], pack.state, sites, self.rows,
            columns.functions, np.where(columns.first >= 0, columns.first + lead, -1), columns.count,
            self._pairing_derivatives[columns.parts], is_diagonal(pack.state),
        )  # fmt: skip

    @cached_property
    def _pairing_derivatives(self) -> Complex:
        return self.symmetry.blocks(PAIRING_DERIVATIVES)

    def by_site(self, rows: Complex) -> Complex:
        """Values (sites, …) of values (rows, …) of the unknown nodes."""
        return rows[self.row_of_site]

    @cached_property
    def row_of_site(self) -> NDArray[np.int64]:
        """Row of every site's node."""
        return np.asarray(self.layout.row_of_site, dtype=np.int64)

    def interpolation(self, places: Array) -> Array:
        """Matrix (places, sites) of interpolation to positions (ξ) along all layers."""
        lengths = np.array([layer.length for layer in self.network.layers])
        edges = np.concatenate([[0.0], np.cumsum(lengths)])
        if np.any(places < -1e-12) or np.any(places > edges[-1] * (1 + 1e-12)):
            raise InputError(f"position: must lie between 0 and {edges[-1]:g} ξ, the length of the device")
        out = np.zeros((places.size, self.layout.sites))
        places = np.clip(places, 0.0, edges[-1])
        layers = self.layer_at(places)
        for k in np.unique(layers):
            here = layers == k
            out[here, self.layout.slice(k)] = self.grids[k].interpolation((places[here] - edges[k]) / lengths[k])
        return out

    def initial_gap(self) -> Complex:
        """Gap (sites) to start from, or to keep where it is rigid: as given, or the bulk gap."""
        gap = np.zeros(self.layout.sites, complex)
        for k, layer in enumerate(self.network.layers):
            if layer.pairing is None:
                continue
            z = self.grids[k].x / layer.length
            if layer.pairing.gap is None:
                magnitude = np.full(z.size, bulk_gap(layer.temperature, layer.inelastic, layer.pairing.coupling))
            else:
                magnitude = layer.pairing.gap.at(z)
            gap[self.layout.slice(k)] = magnitude * np.exp(1j * layer.pairing.phase.at(z))
        return gap

    def self_consistent_layers(self) -> list[int]:
        """Indices of the superconductors whose gap is an unknown."""
        return [k for k, layer in enumerate(self.network.layers) if layer.self_consistent]


def chord_step(factors: Factors, residuals: list[Complex]) -> Complex:
    """Solve J x = -residual for several residuals with an eliminated Jacobian, (rows, 2E, n, L)."""
    return factors.solve(-np.stack(residuals, axis=2))


def _padded(values: Complex) -> Complex:
    """Values (…, energies) up to a whole number of groups of lanes: the last one is repeated."""
    return np.concatenate([values, np.repeat(values[..., -1:], -values.shape[-1] % LANES, axis=-1)], axis=-1)


def joined(packs: list[Pack]) -> Complex:
    """States (sites, 2E, energies) of all packs."""
    return np.concatenate([pack.state[..., : pack.count] for pack in packs], axis=-1)
