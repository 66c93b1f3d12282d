"""Interfaces: laws that connect a layer with its neighbour, or end it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal

from usadel.description.elements.conductances import CONDUCTING, MIXING, POLARIZING, normal_factor
from usadel.description.elements.element import Element
from usadel.description.values.keys import Choice, Number, Quantity, Triple, Vector
from usadel.description.values.profiles import Vector3

Side = Literal["left", "right"]

__all__ = [
    "FerromagneticInsulator",
    "SpinActive",
    "Transparent",
    "Tunnel",
    "Vacuum",
]


_CONDUCTANCE = Quantity(
    meaning="Conductance G_T, relative to G_N = σA/L of a neighbouring layer", unit="G_N", above=0, also=CONDUCTING
)
_RELATIVE_TO = Choice(
    meaning="The neighbour whose G_N is meant", words=("left", "right"),
    optional=True, absent="the only neighbouring layer; required if both neighbours are layers",
)  # fmt: skip

_SIDES: tuple[Side, Side] = ("left", "right")


@dataclass(frozen=True, kw_only=True)
class ResolvedInterface:
    """The law of an interface with every value in force, and its place in a network.

    Attributes
    ----------
    reference : index of the layer whose G_N its ratios refer to; None if it has no ratios.
    label : its name, or the names of what it lies between.
    place : where it is written, such as ``stack.1``; empty for what is there by default.
    """

    kind: ClassVar[str] = ""
    magnetic: ClassVar[bool] = False
    """Whether it may absorb spin."""

    reference: int | None = None
    label: str = ""
    place: str = ""

    @property
    def strength(self) -> float:
        """The largest of its ratios to G_N."""
        return 0.0

    @property
    def second_order_transmission(self) -> float:
        """Transmission t of a channel, where the law is expanded to second order in it; else 0."""
        return 0.0

    def normal_conductance(self, reference: float) -> float | None:
        """True normal-state conductance in the unit of `reference`, its layer's G_N; None if it has none.

        It differs from G_T only where an interface polarizes.
        """
        return None


class Interface(Element):
    """What an end of a layer meets.

    Attributes
    ----------
    joins : bool
        True if there is something behind it (a layer, reservoir or junction), False if it ends the device.
    relative : bool
        True if it has values relative to the normal-state conductance G_N = σA/L of a layer.
    """

    joins: ClassVar[bool] = True
    relative: ClassVar[bool] = False

    @property
    def reference_side(self) -> Side | None:
        """On which side the layer lies whose G_N is meant, if that is said."""
        return None

    def resolve(self, names: Mapping[str, float], device: Mapping[str, float] | None = None) -> ResolvedInterface:
        """The law with every value in force, not yet at its place; arguments and errors as those of `in_force`."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class TransparentLaw(ResolvedInterface):
    """Continuity."""

    kind: ClassVar[str] = "transparent"


class Transparent(Interface):
    """Propagator and matrix current are continuous. The default between neighbours."""

    kind: ClassVar[str] = TransparentLaw.kind
    symbol: ClassVar[str] = ":"

    def resolve(self, names: Mapping[str, float], device: Mapping[str, float] | None = None) -> TransparentLaw:
        """Continuity."""
        return TransparentLaw()


@dataclass(frozen=True, kw_only=True)
class TunnelLaw(ResolvedInterface):
    """A spin-conserving barrier.

    Attributes
    ----------
    conductance : G_T (G_N of its reference).
    """

    kind: ClassVar[str] = "tunnel"

    conductance: float

    @property
    def strength(self) -> float:
        """G_T/G_N."""
        return self.conductance

    def normal_conductance(self, reference: float) -> float | None:
        """G_T: this interface does not polarize."""
        return self.conductance * reference


class Tunnel(Interface):
    """Weakly transmitting, spin-conserving interface (Kupriyanov-Lukichev)."""

    kind: ClassVar[str] = TunnelLaw.kind
    symbol: ClassVar[str] = "|"
    relative: ClassVar[bool] = True

    conductance: Annotated[Number, _CONDUCTANCE]
    relative_to: Annotated[Side | None, _RELATIVE_TO] = None

    @property
    def reference_side(self) -> Side | None:
        """The value of `relative_to`."""
        return self.relative_to

    def resolve(self, names: Mapping[str, float], device: Mapping[str, float] | None = None) -> TunnelLaw:
        """The barrier with its conductance in force."""
        return TunnelLaw(conductance=self.in_force(names, device)["conductance"])


@dataclass(frozen=True, kw_only=True)
class SpinActiveLaw(ResolvedInterface):
    """A transmitting magnet: its keys in force, conductances in units of G_N of its reference."""

    kind: ClassVar[str] = "spin_active"
    magnetic: ClassVar[bool] = True

    conductance: float
    polarization: float
    spin_mixing: float
    magnetization: Vector3 | None
    spin_mixing_left: float | None = None
    spin_mixing_right: float | None = None
    magnetization_left: Vector3 | None = None
    magnetization_right: Vector3 | None = None
    second_order: float = 0.0

    @property
    def strength(self) -> float:
        """The largest of its conductance and mixing."""
        q = math.sqrt(1 - self.polarization**2)
        mixing = max(abs(self.reflection(side)[0]) for side in _SIDES)
        return max(2 * self.conductance / (1 + q), mixing)

    @property
    def second_order_transmission(self) -> float:
        """Transmission t of a channel."""
        return self.second_order

    def reflection(self, side: Side) -> tuple[float, Vector3 | None]:
        """G_φ in units of G_N, and the direction of the magnetization, that a side of the interface sees."""
        mixing = self.spin_mixing_left if side == "left" else self.spin_mixing_right
        direction = self.magnetization_left if side == "left" else self.magnetization_right
        return (
            self.spin_mixing if mixing is None else mixing,
            self.magnetization if direction is None else direction,
        )

    def normal_conductance(self, reference: float) -> float | None:
        """G_T times `normal_factor`: what a voltage drives through it above Tc."""
        return self.conductance * reference * normal_factor(self.polarization, self.second_order)


class SpinActive(Interface):
    """A transmitting magnet: it polarizes what it transmits and reflects with spin-dependent phases.

    With `second_order` = t the law is expanded to second order in transmission and spin mixing. All channels are
    then taken to have the same ratio ϑ/t = G_φ/G_T of mixing angle and transmission, and t is ⟨t²⟩/⟨t⟩ over them.
    """

    kind: ClassVar[str] = SpinActiveLaw.kind
    symbol: ClassVar[str] = "|M|"
    relative: ClassVar[bool] = True

    conductance: Annotated[Number, replace(_CONDUCTANCE, also=POLARIZING)]
    polarization: Annotated[Number, Quantity(meaning="Polarization P of the transmission", above=-1, below=1)] = 0.0
    spin_mixing: Annotated[
        Number,
        Quantity(
            meaning="Spin-mixing conductance G_φ of both sides, in the same unit as `conductance`", unit="G_N",
            also=MIXING,
        ),
    ] = 0.0  # fmt: skip
    spin_mixing_left: Annotated[
        Number | None,
        Quantity(
            meaning="G_φ of reflection on the left side", unit="G_N", also=MIXING,
            optional=True, absent="spin_mixing",
        ),
    ] = None  # fmt: skip
    spin_mixing_right: Annotated[
        Number | None,
        Quantity(
            meaning="G_φ of reflection on the right side", unit="G_N", also=MIXING,
            optional=True, absent="spin_mixing",
        ),
    ] = None  # fmt: skip
    magnetization: Annotated[
        Triple | None,
        Vector(
            meaning="Direction of the magnetization", direction=True,
            optional=True, absent="needed if there is a polarization, or spin mixing on a side without its own",
        ),
    ] = None  # fmt: skip
    magnetization_left: Annotated[
        Triple | None,
        Vector(
            meaning="Direction that reflection on the left side sees", direction=True,
            optional=True, absent="magnetization",
        ),
    ] = None  # fmt: skip
    magnetization_right: Annotated[
        Triple | None,
        Vector(
            meaning="Direction that reflection on the right side sees", direction=True,
            optional=True, absent="magnetization",
        ),
    ] = None  # fmt: skip
    second_order: Annotated[
        Number,
        Quantity(
            meaning="Transmission t of a channel, from which the terms of second order follow; 0 leaves them out",
            at_least=0, at_most=1,
        ),
    ] = 0.0  # fmt: skip
    relative_to: Annotated[Side | None, _RELATIVE_TO] = None

    @property
    def reference_side(self) -> Side | None:
        """The value of `relative_to`."""
        return self.relative_to

    def resolve(self, names: Mapping[str, float], device: Mapping[str, float] | None = None) -> SpinActiveLaw:
        """The magnet with its keys in force."""
        return self._law(self.in_force(names, device))

    def _law(self, values: Mapping[str, Any]) -> SpinActiveLaw:
        return SpinActiveLaw(**{key: value for key, value in values.items() if key not in ("name", "relative_to")})

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from contradictions(self._law(values))


def contradictions(law: SpinActiveLaw) -> Iterator[tuple[str, str]]:
    """What is wrong with the keys of a transmitting magnet, and what is allowed."""
    unknown = any(mixing and direction is None for mixing, direction in map(law.reflection, _SIDES))
    if unknown or (law.polarization and law.magnetization is None):
        yield "magnetization", "is required: a list of three numbers or expressions, not all zero"
    if normal_factor(law.polarization, law.second_order) <= 0:
        yield "second_order", "is too large for this polarization: the normal-state conductance must be > 0"


@dataclass(frozen=True, kw_only=True)
class FerromagneticInsulatorLaw(ResolvedInterface):
    """A reflecting magnet.

    Attributes
    ----------
    spin_mixing : G_φ (G_N of its reference); magnetization : its direction.
    second_order : mixing angle ϑ of a channel (rad), 0 for the law of first order.
    """

    kind: ClassVar[str] = "ferromagnetic_insulator"
    magnetic: ClassVar[bool] = True

    spin_mixing: float
    magnetization: Vector3
    second_order: float = 0.0

    @property
    def strength(self) -> float:
        """|G_φ|/G_N."""
        return abs(self.spin_mixing)


class FerromagneticInsulator(Interface):
    """An insulating magnet at an end of the device: electrons are reflected with a spin-dependent phase."""

    kind: ClassVar[str] = FerromagneticInsulatorLaw.kind
    symbol: ClassVar[str] = "FI"
    joins: ClassVar[bool] = False
    relative: ClassVar[bool] = True

    spin_mixing: Annotated[
        Number,
        Quantity(
            meaning="Spin-mixing conductance G_φ, relative to G_N = σA/L of the neighbouring layer",
            unit="G_N", also=MIXING,
        ),
    ]  # fmt: skip
    magnetization: Annotated[Triple, Vector(meaning="Direction of the magnetization", direction=True)]
    second_order: Annotated[
        Number,
        Quantity(
            meaning="Mixing angle ϑ of a channel (over many: ⟨ϑ²⟩/⟨ϑ⟩), from which the term of second order follows; "
            "it has the sign of spin_mixing, 0 leaves the term out",
            unit="rad", at_least=-math.pi, at_most=math.pi,
        ),
    ] = 0.0  # fmt: skip

    def resolve(
        self, names: Mapping[str, float], device: Mapping[str, float] | None = None
    ) -> FerromagneticInsulatorLaw:
        """The magnet with its keys in force."""
        values = self.in_force(names, device)
        return FerromagneticInsulatorLaw(**{key: value for key, value in values.items() if key != "name"})

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if values["second_order"] * values["spin_mixing"] < 0:
            yield "second_order", f"must have the sign of spin_mixing, not {values['second_order']:g}"


@dataclass(frozen=True, kw_only=True)
class VacuumLaw(ResolvedInterface):
    """No current."""

    kind: ClassVar[str] = "vacuum"


class Vacuum(Interface):
    """Nothing: no current leaves the layer. The default at an end."""

    kind: ClassVar[str] = VacuumLaw.kind
    symbol: ClassVar[str] = "vacuum"
    joins: ClassVar[bool] = False

    def resolve(self, names: Mapping[str, float], device: Mapping[str, float] | None = None) -> VacuumLaw:
        """No current."""
        return VacuumLaw()
