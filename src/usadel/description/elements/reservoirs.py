"""Reservoirs: bulk electrodes that keep their state whatever the device does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from usadel.description.elements.coupling import REFERENCE, Coupling
from usadel.description.elements.distributions import Distribution, spin_temperature_out_of_range
from usadel.description.elements.element import Element
from usadel.description.values.keys import Flag, Number, Quantity, Triple, Vector
from usadel.description.values.ranges import GAPS
from usadel.description.values.words import Words

__all__ = [
    "Junction",
    "NormalReservoir",
    "SpinPumpedReservoir",
    "SuperconductingReservoir",
]

_GAUGE = "a superconducting reservoir is always in equilibrium at zero voltage; allowed: {}"

LARGEST_CONE = 0.1  # rad

FLOATING = ("voltage", "temperature", "spin_voltage")
"""What of a normal reservoir may float: the value at which no charge, energy or spin flows in."""


@dataclass(frozen=True)
class BulkPairing:
    """The condensate of a bulk electrode.

    Attributes
    ----------
    gap : magnitude (Δ0); None: the bulk gap at its temperature and Γ.
    phase : (rad).
    current : charge current to the right (Δ0/(|e| R_ξ)) for which the phase is to be found, if one is given.
    coupling : what makes the bulk gap.
    """

    gap: float | None
    phase: float
    current: float | None = None
    coupling: Coupling = REFERENCE


@dataclass(frozen=True, kw_only=True)
class ResolvedReservoir(Distribution):
    """A bulk electrode with every value in force.

    Attributes
    ----------
    inelastic : Γ (Δ0).
    pairing : None in a normal metal.
    takes_voltage : whether a voltage may be applied to it.
    floating : which of its values are found, those that it has being where the search starts.
    """

    inelastic: float
    pairing: BulkPairing | None = None
    takes_voltage: bool = False
    floating: tuple[str, ...] = ()


class Reservoir(Element):
    """A bulk electrode in equilibrium."""

    temperature: Annotated[
        Number | None,
        Quantity(
            meaning="Temperature", unit="Tc", above=0, inherited=True,
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

    def resolve(self, names: Mapping[str, float], device: Mapping[str, float] | None = None) -> ResolvedReservoir:
        """The reservoir with every value in force; arguments and errors as those of `in_force`."""
        values = self.in_force(names, device)
        common = {"temperature": values["temperature"], "inelastic": values["inelastic"]}
        return ResolvedReservoir(**common, **self._own(values))

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the keys of this kind alone make of a resolved reservoir."""
        return {}


class NormalReservoir(Reservoir):
    """A bulk normal metal.

    Its electrons with spin s = ±1 along `spin_axis` have the distribution tanh[(E + V + s Vs) / 2(T + s Ts)].
    """

    kind: ClassVar[str] = "normal_reservoir"
    symbol: ClassVar[str] = "[N]"

    voltage: Annotated[Number, Quantity(meaning="Voltage V", unit="Δ0/|e|")] = 0.0
    spin_voltage: Annotated[Number, Quantity(meaning="Spin voltage eVs", unit="Δ0")] = 0.0
    spin_temperature: Annotated[
        Number, Quantity(meaning="Spin temperature Ts; T ± Ts must be > 0", unit="Tc")
    ] = 0.0  # fmt: skip
    spin_axis: Annotated[
        Triple, Vector(meaning="Quantization axis of spin voltage and spin temperature", direction=True)
    ] = (0.0, 0.0, 1.0)

    transverse: Annotated[
        bool,
        Flag(meaning="Whether it lies half-way between electrodes at ±V and ±Vs: only h0…h3 remain"),
    ] = False
    floating: Annotated[
        tuple[str, ...],
        Words(
            meaning="Values that are found: those at which no charge (voltage), energy (temperature) or spin along "
            "`spin_axis` (spin_voltage) flows into it",
            words=FLOATING,
        ),
    ] = ()

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        imposed = ("voltage", "spin_voltage", "spin_temperature", "spin_axis", "transverse", "floating")
        return {key: values[key] for key in imposed} | {"takes_voltage": True}

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from spin_temperature_out_of_range(values)
        for key in self.floating:
            if key in self.written():
                yield key, f"is given and found: floating names it; allowed: one of the two (floating = {_list(self)})"
        for key in ("spin_temperature", "transverse"):
            if self.floating and values[key]:
                yield key, f"has no meaning where values float; allowed: none, or no floating = {_list(self)}"


def _list(reservoir: NormalReservoir) -> str:
    return "[" + ", ".join(f'"{word}"' for word in reservoir.floating) + "]"


class SpinPumpedReservoir(Reservoir):
    """A bulk ferromagnet whose magnetization precesses, driven by microwaves.

    For small cone angles and slow precession it acts like a spin voltage eVs = ħΩ/2 along the mean magnetization
    (discussion of the 2019 paper). What is left out is of the order of the cone angle, and of ħΩ over the exchange
    field.
    """

    kind: ClassVar[str] = "spin_pumped_reservoir"
    symbol: ClassVar[str] = "[P]"

    frequency: Annotated[
        Number, Quantity(meaning="Precession frequency ħΩ; negative for the opposite sense", unit="Δ0")
    ]
    cone_angle: Annotated[
        Number, Quantity(meaning="Cone angle of the precession, which has to be small", unit="rad", above=0)
    ]
    magnetization: Annotated[Triple, Vector(meaning="Direction of the mean magnetization", direction=True)]

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"spin_voltage": 0.5 * values["frequency"], "spin_axis": values["magnetization"]}

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        angle = values["cone_angle"]
        if angle > LARGEST_CONE:
            yield (
                "cone_angle",
                (
                    f"must be > 0 and at most {LARGEST_CONE:g} rad, not {angle:g}: beyond, the distribution is "
                    "not that of a spin voltage ħΩ/2"
                ),
            )


class SuperconductingReservoir(Reservoir):
    """A bulk superconductor with a given gap and phase."""

    kind: ClassVar[str] = "superconducting_reservoir"
    symbol: ClassVar[str] = "[S]"
    refused: ClassVar[Mapping[str, str]] = {
        key: f"key '{key}' is refused: "
        + _GAUGE.format("name, temperature, inelastic, gap, phase, critical_temperature")
        for key in ("voltage", "spin_voltage", "spin_temperature", "spin_axis", "transverse", "floating")
    }

    gap: Annotated[
        Number | None,
        Quantity(
            meaning="Magnitude of the gap", unit="Δ0", at_least=0, sizes=GAPS,
            optional=True, absent="bulk gap at its temperature and Γ",
        ),
    ] = None  # fmt: skip
    phase: Annotated[
        Number, Quantity(meaning="Phase of the gap; with `current`, where the search starts", unit="rad")
    ] = 0.0
    current: Annotated[
        Number | None,
        Quantity(
            meaning="Charge current to the right at this reservoir, for which its phase is found",
            unit="Δ0/(|e| R_ξ)", optional=True, absent="whatever flows at the given phase",
        ),
    ] = None  # fmt: skip

    critical_temperature: Annotated[
        Number,
        Quantity(
            meaning="Critical temperature of the clean bulk material, which its bulk gap follows", unit="Tc", above=0
        ),
    ] = 1.0

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        coupling = Coupling(values["critical_temperature"])
        return {"pairing": BulkPairing(values["gap"], values["phase"], values["current"], coupling)}


class Junction(Element):
    """A point where wire ends meet; what flows in flows out. Each end is transparent or has its own law."""

    kind: ClassVar[str] = "junction"
    symbol: ClassVar[str] = "o"
