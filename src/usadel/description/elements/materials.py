"""Layers: the materials in which the Usadel equation is solved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from usadel.description.elements.coupling import REFERENCE, Coupling
from usadel.description.elements.distributions import NO_DISTRIBUTION, Distribution, spin_temperature_out_of_range
from usadel.description.elements.element import Element
from usadel.description.elements.layers import Collisions, HalfMetalSpins, Pairing, spin_mixing
from usadel.description.elements.on_top import Covering, OnTop, OnTopKey
from usadel.description.values.keys import Flag, Number, Quantity, Triple, Vector
from usadel.description.values.profiles import Constant, ExchangeField, Vector3, exchange_field, profile
from usadel.description.values.ranges import COUPLINGS, GAPS, SHORTEST
from usadel.description.values.readings import BIAS, IN_PLANE, RESISTIVITY, ZEEMAN

__all__ = [
    "Ferromagnet",
    "HalfMetal",
    "NormalMetal",
    "Superconductor",
]


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


class Layer(Element):
    """A piece of diffusive wire, and the distribution function imposed on it.

    Electrons with spin s = ±1 along `spin_axis` have the distribution tanh[(E + V + s Vs) / 2(T + s Ts)].
    """

    length: Annotated[Number, Quantity(meaning="Length along the junction", unit="ξ", above=0)]
    temperature: Annotated[
        Number | None,
        Quantity(
            meaning="Temperature T of the distribution", unit="Tc", above=0, inherited=True,
            optional=True, absent="temperature of the device",
        ),
    ] = None  # fmt: skip
    inelastic: Annotated[
        Number | None,
        Quantity(
            meaning="Dynes broadening Γ", unit="Δ0", at_least=0, inherited=True,
            optional=True, absent="inelastic of the device",
        ),
    ] = None  # fmt: skip
    voltage: Annotated[Number, Quantity(meaning="Voltage V of the imposed distribution", unit="Δ0/|e|")] = 0.0
    spin_voltage: Annotated[
        Number, Quantity(meaning="Spin voltage eVs of the imposed distribution", unit="Δ0", also=(BIAS,))
    ] = 0.0
    spin_temperature: Annotated[
        Number,
        Quantity(meaning="Spin temperature Ts of the imposed distribution; T ± Ts must be > 0", unit="Tc"),
    ] = 0.0
    spin_axis: Annotated[
        Triple, Vector(meaning="Quantization axis of spin voltage and spin temperature", direction=True)
    ] = (0.0, 0.0, 1.0)
    transverse: Annotated[
        bool,
        Flag(meaning="Whether the voltages are applied across the layer, by ±V at its sides: only h0…h3 remain"),
    ] = False
    diffusion: Annotated[
        Number, Quantity(meaning="Diffusion coefficient, relative to the reference metal", unit="D0", above=0)
    ] = 1.0
    conductivity: Annotated[
        Number,
        Quantity(
            meaning="Conductivity σ, relative to the reference metal", unit="σ0", above=0, also=(RESISTIVITY,)
        ),
    ] = 1.0  # fmt: skip
    area: Annotated[Number, Quantity(meaning="Cross section A, relative to the reference wire", unit="A0", above=0)] = (
        1.0
    )
    rashba: Annotated[
        Number, Quantity(meaning="Rashba coupling α: gauge field A = (-ασy, ασx) in the plane", unit="1/ξ")
    ] = 0.0
    dresselhaus: Annotated[
        Number, Quantity(meaning="Dresselhaus coupling β: gauge field A = (βσx, -βσy) in the plane", unit="1/ξ")
    ] = 0.0
    nanowire: Annotated[
        Number, Quantity(meaning="Rashba coupling α of a nanowire: gauge field -ασx along the junction", unit="1/ξ")
    ] = 0.0
    gauge_x: Annotated[
        Triple, Vector(meaning="SU(2) gauge field A_x = a·σ across the junction, the vector a", unit="1/ξ")
    ] = (0.0, 0.0, 0.0)
    gauge_y: Annotated[
        Triple, Vector(meaning="SU(2) gauge field A_y = a·σ across the junction, the vector a", unit="1/ξ")
    ] = (0.0, 0.0, 0.0)
    gauge_z: Annotated[
        Triple, Vector(meaning="SU(2) gauge field A_z = a·σ along the junction, the vector a", unit="1/ξ")
    ] = (0.0, 0.0, 0.0)
    phase_gradient: Annotated[
        Number,
        Quantity(
            meaning="Charge gauge field along the junction, A_z = -½ of this: acts as a phase of the pairs that grows "
            "by so much per length; phases that are given or found are on top of it",
            unit="rad/ξ",
        ),
    ] = 0.0
    spin_flip: Annotated[
        Number, Quantity(meaning="Spin-flip scattering at magnetic impurities, ħ/8τ_sf", unit="Δ0", at_least=0)
    ] = 0.0
    spin_orbit: Annotated[
        Number, Quantity(meaning="Spin-orbit scattering at impurities, ħ/8τ_so", unit="Δ0", at_least=0)
    ] = 0.0
    depairing: Annotated[
        Number,
        Quantity(
            meaning="Orbital depairing, twice the Abrikosov-Gorkov rate", unit="Δ0", at_least=0, also=(IN_PLANE,)
        ),
    ] = 0.0  # fmt: skip
    thickness: Annotated[
        Number | None,
        Quantity(
            meaning="Thickness of the film, for contacts on top and a depairing that is given as a magnetic field in "
            "its plane",
            unit="ξ", above=0, optional=True, absent="not known",
        ),
    ] = None  # fmt: skip
    on_top: Annotated[tuple[OnTop, ...], OnTopKey(meaning="Contacts on top of it, which need its thickness")] = ()
    zeeman: Annotated[
        Number,
        Quantity(
            meaning="Response Z of the exchange field to the spin accumulation, found self-consistently: the field is "
            "h + Z times the spin accumulation (Stoner enhancement χ/χ0 = 1 + Z of the normal metal)",
            above=-1,
        ),
    ] = 0.0

    tau_ee: Annotated[
        Number | None,
        Quantity(
            meaning="Relaxation time of collisions between electrons, which conserve energy, charge and spin",
            unit="ħ/Δ0", above=0, optional=True, absent="no such collisions",
        ),
    ] = None  # fmt: skip
    tau_eph: Annotated[
        Number | None,
        Quantity(
            meaning="Relaxation time of collisions with phonons, which conserve charge and spin",
            unit="ħ/Δ0", above=0, optional=True, absent="no such collisions",
        ),
    ] = None  # fmt: skip
    phonon_temperature: Annotated[
        Number | None,
        Quantity(
            meaning="Temperature of the phonons", unit="Tc", above=0, optional=True, absent="temperature of the device"
        ),
    ] = None  # fmt: skip

    nonequilibrium: Annotated[
        bool | None,
        Flag(
            meaning="Whether the kinetic equation is solved; if not, the distribution is imposed",
            optional=True, absent="true where reservoirs drive the layer and no key imposes a distribution",
        ),
    ] = None  # fmt: skip

    def resolve(self, names: Mapping[str, float], device: Mapping[str, float] | None = None) -> ResolvedLayer:
        """The layer with every value in force; arguments and errors as those of `in_force`."""
        values = self.in_force(names, device)
        times = values["tau_ee"], values["tau_eph"]
        collisions = Collisions.of(*times, values["phonon_temperature"], (device or {}).get("temperature"))
        return ResolvedLayer(**{key: values[key] for key in _COMMON}, collisions=collisions, **self._own(values))

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the keys of this kind alone make of a resolved layer."""
        return {}

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from spin_temperature_out_of_range(values)
        reduced = values["length"] / math.sqrt(values["diffusion"])
        if reduced < SHORTEST:
            yield "length", f"length/√diffusion must be at least {SHORTEST:g} ξ, not {reduced:g}"
        if self.on_top and values["thickness"] is None:
            yield "thickness", "is required below contacts on top: a number > 0 in units of ξ"
        if values["nonequilibrium"]:
            for key in ("voltage", "spin_voltage", "spin_temperature", "spin_axis", "transverse"):
                if key in self.written():
                    yield (
                        key,
                        "imposes a distribution that nonequilibrium = true solves for; allowed: one of the two",
                    )


_ELSEWHERE = ("name", "on_top", "tau_ee", "tau_eph", "phonon_temperature")
_COMMON = tuple(key for key in Layer.keys() if key not in _ELSEWHERE)  # noqa: SIM118 - a method of descriptions


class Superconductor(Layer):
    """A superconducting layer; its gap is found self-consistently unless that is switched off."""

    kind: ClassVar[str] = "superconductor"
    symbol: ClassVar[str] = "S"

    gap: Annotated[
        Number | None,
        Quantity(
            meaning="Magnitude of the gap: fixed, or where the self-consistent iteration starts", unit="Δ0", sizes=GAPS,
            at_least=0, profile=True, optional=True, absent="bulk gap at the temperature and Γ of the layer",
        ),
    ] = None  # fmt: skip
    phase: Annotated[
        Number,
        Quantity(
            meaning="Phase of the gap: fixed, or where the self-consistent iteration starts", unit="rad",
            profile=True,
        ),
    ] = 0.0  # fmt: skip
    exchange_field: Annotated[
        Triple,
        Vector(meaning="Exchange field h (x, y, z) that splits the spins", unit="Δ0", profile=True, also=(ZEEMAN,)),
    ] = (0.0, 0.0, 0.0)
    self_consistent: Annotated[bool, Flag(meaning="Whether the gap is solved for; if not, it is kept as given")] = True
    critical_temperature: Annotated[
        Number,
        Quantity(
            meaning="Critical temperature of the clean bulk material: its coupling, and its bulk gap, which is this "
            "many Δ0 at zero temperature",
            unit="Tc", above=0, sizes=COUPLINGS,
        ),
    ] = 1.0  # fmt: skip
    debye_energy: Annotated[
        Number | None,
        Quantity(
            meaning="Energy ħω_D at which the gap equation is cut off, at least the bulk gap; the coupling is such "
            "that the bulk gap at zero temperature stays the same",
            unit="Δ0", above=0, optional=True, absent="no cutoff",
        ),
    ] = None  # fmt: skip

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        gap = None if values["gap"] is None else profile(values["gap"])
        coupling = Coupling(values["critical_temperature"], values["debye_energy"])
        pairing = Pairing(gap, profile(values["phase"]), values["self_consistent"], coupling)
        return {"pairing": pairing, "exchange": exchange_field(values["exchange_field"])}

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from super()._inconsistencies(values)
        cutoff, own = values["debye_energy"], values["critical_temperature"]
        for key in ("tau_ee", "tau_eph"):
            if values[key] is not None and values["self_consistent"]:
                yield key, "needs a given gap: charge that relaxes turns its phase; allowed: self_consistent = false"
        if cutoff is not None and cutoff < own:
            yield (
                "debye_energy",
                f"must be at least the bulk gap at zero temperature, {own:g} in units of Δ0, not {cutoff:g}",
            )


class NormalMetal(Layer):
    """A layer without pairing interaction."""

    kind: ClassVar[str] = "normal_metal"
    symbol: ClassVar[str] = "N"


class Ferromagnet(Layer):
    """A normal metal with an exchange field."""

    kind: ClassVar[str] = "ferromagnet"
    symbol: ClassVar[str] = "F"

    exchange_field: Annotated[
        Triple, Vector(meaning="Exchange field h (x, y, z)", unit="Δ0", profile=True, also=(ZEEMAN,))
    ]

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"exchange": exchange_field(values["exchange_field"])}


class HalfMetal(Layer):
    """A metal so strongly polarized that only electrons of equal spin along the magnetization pair.

    The two spins diffuse independently, with D(1 ± P)/2.
    """

    kind: ClassVar[str] = "half_metal"
    symbol: ClassVar[str] = "H"

    polarization: Annotated[
        Number,
        Quantity(meaning="Polarization P: spin s along the magnetization diffuses with D(1 + sP)/2", above=-1, below=1),
    ]
    magnetization: Annotated[Triple, Vector(meaning="Direction of the magnetization", direction=True)]

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"spins": HalfMetalSpins(values["polarization"], values["magnetization"])}

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from super()._inconsistencies(values)
        if self.on_top:
            yield "on_top", "cannot lie on a half-metal; allowed: none"
        for key in ("tau_ee", "tau_eph"):
            if values[key] is not None:
                yield key, "cannot be given in a half-metal; allowed: leave it out"
        for key in spin_mixing(values):
            yield key, "must be 0 in a half-metal: it mixes the spins, whose pairs are left out there"
        if values["phase_gradient"]:
            yield "phase_gradient", "must be 0 in a half-metal; allowed: phases of its neighbours"
        if values["zeeman"]:
            yield "zeeman", "must be 0 in a half-metal, which has no exchange field"
        along = sum(a * m for a, m in zip(values["spin_axis"], values["magnetization"], strict=True))
        if (values["spin_voltage"] or values["spin_temperature"]) and abs(along) < 1 - 1e-9:
            yield "spin_axis", "must be along the magnetization in a half-metal: other spins do not live there"
