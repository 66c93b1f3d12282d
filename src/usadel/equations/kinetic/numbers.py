"""From a layout to the numbers of the kinetic equation: points of its coefficients, and what reservoirs impose.

The unknown is δh = h - h_ref, h_ref = tanh(E/2T_ref) in the energy mode: h_ref alone is a solution everywhere, so δh
has the same equation, vanishes in equilibrium to rounding, and decays above the largest voltage and temperature.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import MODES, SPIN, SPIN_ENERGY
from usadel.algebra.nambu import RHO, TAU3, Complex, to_blocks
from usadel.algebra.riccati import green
from usadel.algebra.spin_symmetry import GENERAL, ROUNDING, SpinSymmetry
from usadel.description.device.resolved import Covering, Distribution, ResolvedLayer
from usadel.discretization.cells import Cells, cells
from usadel.equations.kinetic.coefficients import Points, mode_gauge
from usadel.equations.kinetic.distributions import deviation
from usadel.equations.kinetic.on_top import Behind
from usadel.equations.kinetic.rows import Given
from usadel.equations.numbers import ALL_MODES
from usadel.equations.scattering import Scattering
from usadel.equations.spectral.numbers import SpectralNumbers, gauge_field, inverse_diffusion, reservoir_state
from usadel.equations.spectral.on_top import constant_part, scattering
from usadel.equations.spectral.scheme import Rows, Sites
from usadel.terms import half_metal

Array = NDArray[Any]


@dataclass
class KineticNumbers:
    """The kinetic equation of a network on the layout of its spectral equation.

    Attributes
    ----------
    system : the spectral equation.
    rows : its rows.
    temperature : T_ref (Tc).
    symmetry : of spin, that states and distributions have; modes without it vanish. Matrices and modes are those of the
        frame whose z axis is that of the spins.
    """

    system: SpectralNumbers
    rows: Rows
    temperature: float
    symmetry: SpinSymmetry = field(default=GENERAL, kw_only=True)

    @cached_property
    def modes(self) -> NDArray[np.int64]:
        """(n): energy and charge of singlets, with the spin along an axis where there is one, or all."""
        return {1: np.array([0, 4]), 2: np.array([0, 3, 4, 7]), 4: ALL_MODES}[self.symmetry.entries]

    @cached_property
    def basis(self) -> Array:
        """h0…h7 of each of the modes, (8, n)."""
        frame = np.eye(MODES)
        for spins in (SPIN_ENERGY, SPIN):
            frame[spins, spins.stop - 1] = self.symmetry.axis
        return frame[:, self.modes]

    def by_modes(self, h: Array) -> Array:
        """Values (…, n, L) of h0…h7 (…, 8, L)."""
        return h if self.symmetry.entries == 4 else np.asarray(self.basis.T @ h)

    def of_modes(self, h: Array) -> Array:
        """h0…h7 (…, 8, L) of values (…, n, L)."""
        return h if self.symmetry.entries == 4 else np.asarray(self.basis @ h)

    @cached_property
    def turned_rows(self) -> Rows:
        """The rows in that frame."""
        maps = self.symmetry.turned_maps
        return self.rows._replace(law_map=maps(self.rows.law_map), law_echo=maps(self.rows.law_echo))

    @cached_property
    def cells(self) -> Cells:
        """Cells between neighbouring sites of a layer."""
        return cells(self.system.layout)

    @cached_property
    def solved(self) -> NDArray[np.bool_]:
        """(layers): where the distribution is an unknown."""
        return np.array([layer.nonequilibrium for layer in self.system.layout.network.layers])

    @cached_property
    def rotations(self) -> tuple[Array, Array] | None:
        """exp(𝒜x) at the points (points, n, n) and right ends (pieces, n, n) of pieces; None without gauge fields.

        In modes rotated by it from the left end of a piece on, covariant derivatives are plain ones.
        """
        layout = self.system.layout
        gauges = [self.basis.T @ mode_gauge(gauge_field(layer)[2]) @ self.basis for layer in layout.network.layers]
        if np.max(np.abs(gauges)) < ROUNDING:
            return None
        from scipy.linalg import expm  # here: it takes a while to import, and few devices need it

        at = self.cells
        layer = layout.layer[at.site]
        inner, length = at.position - np.repeat(at.start, 2), at.stop - at.start
        points = np.array([expm(gauges[k] * x) for k, x in zip(layer, inner, strict=True)])
        return points, np.array([expm(gauges[k] * x) for k, x in zip(layer[::2], length, strict=True)])

    def points(self, sites: Sites) -> Points:
        """Where the coefficients are needed, two points in every piece; sites are those without use of symmetry."""
        at = self.cells
        stencil = at.first[:, None] + np.arange(at.value.shape[1])
        constant = np.einsum("pw,pwb->pb", at.value, self._fields(sites)[stencil])
        turned = self.symmetry
        return Points(
            at.first, at.value, at.slope, turned.turned_blocks(constant), sites.map_index[at.site],
            turned.turned_maps(sites.maps), sites.gauge_index[at.site], turned.turned_halves(sites.gauges),
        )  # fmt: skip

    def points_at_sites(self, sites: Sites) -> Points:
        """The same at the sites themselves, without use of symmetry."""
        offset = np.arange(sites.first.size) - sites.first
        value = (offset[:, None] == np.arange(sites.d.shape[1])).astype(float)
        return Points(
            sites.first, value, sites.d / sites.stretch[:, None], self._fields(sites), sites.map_index, sites.maps,
            sites.gauge_index, sites.gauges,
        )  # fmt: skip

    def _fields(self, sites: Sites) -> Complex:
        """S/D (sites, 16) without the broadening, and without reservoirs on top, for which S and Sᴬ differ."""
        layers = self.system.layout.network.layers
        others = [layer.inelastic * inverse_diffusion(layer) @ TAU3 + _not_fields(layer) for layer in layers]
        return sites.constant - to_blocks(np.array(others))[self.system.layout.layer]

    def behind(self, energy: Complex, insulators: bool = False) -> list[tuple[int, int, Behind]]:
        """Reservoirs on top: number of the contact, index of the layer, what δh meets there at real energies (L).

        With `insulators` also magnets, whose part in the equation is that of fields.
        """
        coverings = self.system.layout.network.coverings()
        chosen = [n for n, (_, covering) in enumerate(coverings) if insulators or covering.reservoir is not None]
        return [(number, coverings[number][0], self._behind(coverings[number][1], energy)) for number in chosen]

    def _behind(self, covering: Covering, energy: Complex) -> Behind:
        law, reservoir = scattering(covering), covering.reservoir
        if reservoir is None:
            first = np.repeat(to_blocks(law.reflection)[:, None], energy.size, axis=1)
            return Behind(np.stack([first, np.zeros_like(first)]), np.zeros_like(first))
        g, t = green(reservoir_state(reservoir, energy)), law.transmission
        first = to_blocks(law.first(g)).T
        source = to_blocks(0.5 * law.conductance * t @ keldysh(g, self.given_modes(reservoir, energy.real)) @ t).T
        return Behind(np.stack([first, np.zeros_like(first)]), np.ascontiguousarray(source))

    def turned(self, given: Behind) -> Behind:
        """The same in the frame of the modes."""
        return Behind(*map(self.symmetry.turned_lanes, given))

    def given(self, energy: Complex) -> Given:
        """What δh meets at real energies (L)."""
        layout, real = self.system.layout, energy.real
        boundary, _ = self.system.boundaries(energy)
        source = np.zeros_like(boundary)
        fixed = np.zeros((boundary.shape[0], 8, real.size))
        for number, law in enumerate(layout.laws):
            if law.reservoir is None:
                continue
            h = self.given_modes(law.reservoir, real)
            spins = layout.network.layers[law.end.layer].spins
            fixed[number] = h if spins is None else half_metal.living_modes(spins) @ h  # other spins stay outside
            g, scattering = green(reservoir_state(law.reservoir, energy)), self.system.scattering(law)
            t, k = scattering.transmission, keldysh(g, h)
            echo = k @ scattering.echo @ advanced(g) + g @ scattering.echo @ k
            source[number, 0] = to_blocks(0.5 * scattering.conductance * t @ k @ t).T
            source[number, 1] = to_blocks(t @ echo @ t).T
        imposed, values = self._imposed(real)
        turned = self.symmetry.turned_lanes
        return Given(
            turned(boundary), turned(source), self.by_modes(fixed), imposed, self.by_modes(values), self._filters,
            self.modes,
        )  # fmt: skip

    @cached_property
    def _filters(self) -> Array:
        """Of the laws at ends of half-metals, (filters, 2, n, n), in the order of their numbers in the rows."""
        layers = [self.system.layout.network.layers[law.end.layer] for law in self.system.layout.laws]
        found = [half_metal.mode_filter(layer.spins) for layer in layers if layer.spins is not None]
        return self.basis.T @ np.array(found or [np.zeros((2, 8, 8))]) @ self.basis

    def beyond(self, number: int, state: Complex, h: Array, energy: Array) -> tuple[Complex, Array]:
        """State and δh, (8, L) each, behind an interface at a reservoir or junction.

        number : of the law; state, h : (sites, 8, L); energy : (L), real.
        """
        layout, law = self.system.layout, self.system.layout.laws[number]
        if law.reservoir is not None:
            return reservoir_state(law.reservoir, energy), self.given_modes(law.reservoir, energy)
        far = layout.site(law.across or law.end)
        return state[far], h[far]

    def spin_flux(self, number: int, here: tuple[Complex, Array], there: tuple[Complex, Array]) -> Array:
        """½J₅…½J₇ of δh, (3, L): spin into an interface from what is behind it, by states and δh on both sides."""
        law = self.system.layout.laws[number]
        return _spin_flux(self.system.seen_from_beyond(law), here, there)

    def spin_flux_on_top(self, covering: Covering, here: tuple[Complex, Array], energy: Complex) -> Array:
        """The same into a contact on top, per length and σA of the layer, from the reservoir behind it."""
        assert covering.reservoir is not None
        far = reservoir_state(covering.reservoir, energy), self.given_modes(covering.reservoir, energy.real)
        return _spin_flux(scattering(covering), here, far)

    def given_modes(self, element: Distribution, energy: Array) -> Array:
        """δh (8, L) of a reservoir or imposed distribution."""
        return deviation(element, self.temperature, energy)

    def _imposed(self, energy: Array) -> tuple[NDArray[np.bool_], Array]:
        layout = self.system.layout
        flags = np.zeros(len(layout.rows), bool)
        values = np.zeros((len(layout.rows), 8, energy.size))
        for k, layer in enumerate(layout.network.layers):
            if not self.solved[k]:
                rows = layout.row_of_site[layout.slice(k)]
                flags[rows] = True
                values[rows] = self.given_modes(layer, energy)
        return flags, values


def _not_fields(layer: ResolvedLayer) -> Complex:
    """Ŝ/σd (4, 4) of contacts on top that have a reservoir, as it stands among the numbers of the spectral equation."""
    return constant_part([covering for covering in layer.on_top if covering.reservoir is not None])


def _spin_flux(law: Scattering, here: tuple[Complex, Array], there: tuple[Complex, Array]) -> Array:
    near, far = (triangular(green(state), h) for state, h in (here, there))
    current = law.doubled.matrix_current(far, near)[:, :4, 4:]
    return np.asarray(-0.125 * np.einsum("iab,lba->il", RHO[SPIN], current).real)


def keldysh(g: Complex, h: Array) -> Complex:
    """ĝᴷ = ĝĥ - ĥĝᴬ (L, 4, 4) of ĝ (L, 4, 4) and modes (8, L)."""
    matrix = np.einsum("jl,jab->lab", h, RHO)
    return g @ matrix - matrix @ advanced(g)


def triangular(g: Complex, h: Array) -> Complex:
    """ǧ = [[ĝ, ĝᴷ], [0, ĝᴬ]], (L, 8, 8)."""
    return np.concatenate(
        [np.concatenate([g, keldysh(g, h)], axis=-1), np.concatenate([0 * g, advanced(g)], axis=-1)], axis=-2
    )


def advanced(g: Complex) -> Complex:
    """ĝᴬ = -τ̂3 ĝ† τ̂3 of (L, 4, 4)."""
    return -TAU3 @ np.conj(np.swapaxes(g, -1, -2)) @ TAU3
