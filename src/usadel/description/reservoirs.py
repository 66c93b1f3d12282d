"""Reservoirs: bulk electrodes that keep their state whatever the device does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from .element import Element
from .keys import Number, Quantity, Triple, Vector, spin_temperature_out_of_range

_GAUGE = "a superconducting reservoir is always in equilibrium at zero voltage; allowed: {}"


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

    def _inconsistencies(self) -> Iterator[tuple[str, str]]:
        yield from spin_temperature_out_of_range(self)


class SuperconductingReservoir(Reservoir):
    """A bulk superconductor with a given gap and phase."""

    kind: ClassVar[str] = "superconducting_reservoir"
    symbol: ClassVar[str] = "[S]"
    refused: ClassVar[Mapping[str, str]] = {
        key: f"key '{key}' is refused: " + _GAUGE.format("name, temperature, inelastic, gap, phase")
        for key in ("voltage", "spin_voltage", "spin_temperature", "spin_axis")
    }

    gap: Annotated[
        Number | None,
        Quantity(
            meaning="Magnitude of the gap", unit="Δ0", at_least=0,
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


class Junction(Element):
    """A point where wire ends meet; what flows in flows out. Each end is transparent or has its own law."""

    kind: ClassVar[str] = "junction"
    symbol: ClassVar[str] = "o"
