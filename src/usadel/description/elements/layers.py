"""Layers with every value in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from usadel.description.elements.coupling import REFERENCE, Coupling
from usadel.description.elements.distributions import NO_DISTRIBUTION, Distribution
from usadel.description.elements.on_top import Covering
from usadel.description.values.profiles import Constant, ExchangeField, Profile, Vector3, part
from usadel.description.values.ranges import SHORTEST
from usadel.errors import InputError


@dataclass(frozen=True)
class Pairing:
    """A pairing interaction.

    Attributes
    ----------
    gap : magnitude (Δ0), or where its iteration starts; None: the bulk gap at the temperature and Γ of the layer.
    phase : (rad), likewise.
    self_consistent : whether the gap is an unknown.
    coupling : what binds the pairs, where the gap is an unknown or the bulk gap.
    """

    gap: Profile | None
    phase: Profile
    self_consistent: bool
    coupling: Coupling = REFERENCE

    def part(self, start: float, stop: float) -> Pairing:
        """That of a part of the layer, from start to stop in z."""
        gap = None if self.gap is None else part(self.gap, start, stop)
        return replace(self, gap=gap, phase=part(self.phase, start, stop))


@dataclass(frozen=True)
class Collisions:
    """Inelastic collisions.

    Attributes
    ----------
    electrons, phonons : relaxation times between electrons and by phonons (ħ/Δ0); None without such collisions.
    phonon_temperature : (Tc).
    """

    electrons: float | None
    phonons: float | None
    phonon_temperature: float


@dataclass(frozen=True)
class HalfMetalSpins:
    """Spins s = ±1 along the magnetization that diffuse apart from each other, with D(1 + sP)/2.

    Attributes
    ----------
    polarization : P; magnetization : its direction, a unit vector.
    """

    polarization: float
    magnetization: Vector3


@dataclass(frozen=True, kw_only=True)
class ResolvedLayer(Distribution):
    """A layer with every value in force.

    Attributes
    ----------
    Those of the keys of `Layer`, in their units; and
    pairing : None without a pairing interaction.
    exchange : exchange field; None where there can be none.
    spins : None but in a half-metal.
    nonequilibrium : whether the distribution is an unknown.
    on_top : contacts that cover all of it.
    collisions : inelastic ones; None without any.
    whole : length of the layer that it is a part of, by whose G_N ratios are measured; None: its own.
    """

    length: float
    inelastic: float
    diffusion: float
    conductivity: float
    area: float
    rashba: float
    dresselhaus: float
    nanowire: float
    gauge_x: Vector3
    gauge_y: Vector3
    gauge_z: Vector3
    phase_gradient: float
    spin_flip: float
    spin_orbit: float
    depairing: float
    zeeman: float
    nonequilibrium: bool
    thickness: float | None = None
    pairing: Pairing | None = None
    exchange: ExchangeField | None = None
    spins: HalfMetalSpins | None = None
    on_top: tuple[Covering, ...] = ()
    collisions: Collisions | None = None
    whole: float | None = None

    @property
    def self_consistent(self) -> bool:
        """Whether its gap is an unknown."""
        return self.pairing is not None and self.pairing.self_consistent

    @property
    def has_given_gap(self) -> bool:
        """Whether it has a pairing interaction, but a gap that is kept as given."""
        return self.pairing is not None and not self.pairing.self_consistent

    @property
    def cutoff(self) -> float | None:
        """Where the gap equation ends (Δ0); None without cutoff, or where no gap is an unknown."""
        return self.pairing.coupling.debye_energy if self.pairing is not None and self.self_consistent else None

    @property
    def mixes_spin(self) -> bool:
        """Whether anything in the layer, or on top of it, acts on the spins of its electrons."""
        return self.mixes_spin_inside or any(covering.interface.magnetic for covering in self.on_top)

    @property
    def mixes_spin_inside(self) -> bool:
        """Whether anything in the layer does."""
        return bool(spin_mixing(vars(self))) or (self.exchange is not None and not self.exchange.is_zero)

    @property
    def conductance(self) -> float:
        """G_N = σA/L (1/R_ξ), of the whole layer."""
        return float(self.conductivity * self.area / (self.whole or self.length))

    def spectral_terms(self) -> ResolvedLayer:
        """What its Usadel equation at given Δ sees: the layer without distribution and gap."""
        pairing = self.pairing and replace(self.pairing, gap=None, phase=Constant(0.0), coupling=REFERENCE)
        on_top = tuple(covering.spectral_terms() for covering in self.on_top)
        return replace(
            self, **vars(NO_DISTRIBUTION), nonequilibrium=False, pairing=pairing, on_top=on_top, collisions=None
        )

    def part(self, start: float, stop: float, on_top: tuple[Covering, ...]) -> ResolvedLayer:
        """The layer from start to stop, in z of the whole, with what lies on top of it."""
        pairing = self.pairing and self.pairing.part(start, stop)
        exchange = self.exchange and self.exchange.part(start, stop)
        length = (stop - start) * self.length
        return replace(self, length=length, whole=self.length, pairing=pairing, exchange=exchange, on_top=on_top)


_SPIN_MIXING = ("rashba", "dresselhaus", "nanowire", "gauge_x", "gauge_y", "gauge_z", "spin_flip", "spin_orbit")


def spin_mixing(values: Mapping[str, Any]) -> list[str]:
    """Those of the keys that act on spins that are not zero, a vector in any component."""
    return [k for k in _SPIN_MIXING if (any(values[k]) if isinstance(values[k], tuple) else values[k])]


Span = tuple[float, float]
"""Start and end of a contact on top, in z of the layer."""


def cut(whole: ResolvedLayer, on_top: Sequence[tuple[Span, Covering]], place: str) -> list[ResolvedLayer]:
    """The parts of a layer, each of them covered by the same contacts everywhere; itself if nothing lies on it.

    States have kinks in their second derivatives where a contact begins, so that grids have to begin there.
    """
    if not on_top:
        return [whole]
    edges = sorted({0.0, 1.0, *(edge for span, _ in on_top for edge in span)})
    parts = []
    for start, stop in pairwise(edges):
        if (stop - start) * whole.length < SHORTEST * whole.diffusion**0.5:
            least = f"{SHORTEST:g} √diffusion apart"
            raise InputError(f"contacts on top cut out a part from z = {start:g} to {stop:g}; allowed: edges {least}",
                             key=f"{place}.on_top")  # fmt: skip
        covering = tuple(contact for (left, right), contact in on_top if left <= start and stop <= right)
        parts.append(whole.part(start, stop, covering))
    return parts
