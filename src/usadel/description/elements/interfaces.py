"""Interfaces: laws that connect a layer with its neighbour, or end it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import PrivateAttr

from usadel.description.device.resolved import Side
from usadel.description.elements.element import Element
from usadel.description.elements.keys import Choice, Number, Quantity, Triple, Vector

__all__ = [
    "FerromagneticInsulator",
    "SpinActive",
    "Transparent",
    "Tunnel",
    "Vacuum",
]

_CONDUCTANCE = Quantity(meaning="Conductance G_T, relative to G_N = σA/L of a neighbouring layer", unit="G_N", above=0)
_RELATIVE_TO = Choice(
    meaning="The neighbour whose G_N is meant", words=("left", "right"),
    optional=True, absent="the only neighbouring layer; required if both neighbours are layers",
)  # fmt: skip

_SIDES: tuple[Side, Side] = ("left", "right")


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

    _reference: int | None = PrivateAttr(default=None)
    _label: str = PrivateAttr(default="")
    _place: str = PrivateAttr(default="")

    @property
    def reference(self) -> int | None:
        """In a network: index of the layer whose G_N its ratios refer to; None if it has no ratios."""
        return self._reference

    @property
    def label(self) -> str:
        """In a network: its name, or the names of what it lies between."""
        return self._label

    @property
    def magnetic(self) -> bool:
        """Whether it may absorb spin."""
        return False

    @property
    def strength(self) -> float:
        """The largest of its ratios to G_N."""
        return 0.0

    def normal_conductance(self, reference: float) -> float | None:
        """True normal-state conductance in the unit of `reference`, its layer's G_N; None if it has none.

        It differs from G_T only where an interface polarizes.
        """
        return None


class Transparent(Interface):
    """Propagator and matrix current are continuous. The default between neighbours."""

    kind: ClassVar[str] = "transparent"
    symbol: ClassVar[str] = ":"


class Tunnel(Interface):
    """Weakly transmitting, spin-conserving interface (Kupriyanov-Lukichev)."""

    kind: ClassVar[str] = "tunnel"
    symbol: ClassVar[str] = "|"
    relative: ClassVar[bool] = True

    conductance: Annotated[Number, _CONDUCTANCE]
    relative_to: Annotated[str | None, _RELATIVE_TO] = None

    @property
    def strength(self) -> float:
        """G_T/G_N."""
        return float(self.conductance)

    def normal_conductance(self, reference: float) -> float | None:
        """G_T: this interface does not polarize."""
        return float(self.conductance) * reference


class SpinActive(Interface):
    """A transmitting magnet: it polarizes what it transmits and reflects with spin-dependent phases.

    With `second_order` = t the law is expanded to second order in transmission and spin mixing. All channels are
    then taken to have the same ratio ϑ/t = G_φ/G_T of mixing angle and transmission, and t is ⟨t²⟩/⟨t⟩ over them.
    """

    kind: ClassVar[str] = "spin_active"
    symbol: ClassVar[str] = "|M|"
    relative: ClassVar[bool] = True

    conductance: Annotated[Number, _CONDUCTANCE]
    polarization: Annotated[Number, Quantity(meaning="Polarization P of the transmission", above=-1, below=1)] = 0.0
    spin_mixing: Annotated[
        Number,
        Quantity(meaning="Spin-mixing conductance G_φ of both sides, in the same unit as `conductance`", unit="G_N"),
    ] = 0.0
    spin_mixing_left: Annotated[
        Number | None,
        Quantity(meaning="G_φ of reflection on the left side", unit="G_N", optional=True, absent="spin_mixing"),
    ] = None
    spin_mixing_right: Annotated[
        Number | None,
        Quantity(meaning="G_φ of reflection on the right side", unit="G_N", optional=True, absent="spin_mixing"),
    ] = None
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
    relative_to: Annotated[str | None, _RELATIVE_TO] = None

    @property
    def magnetic(self) -> bool:
        """True."""
        return True

    @property
    def strength(self) -> float:
        """The largest of its conductance and mixing."""
        q = math.sqrt(1 - float(self.polarization) ** 2)
        mixing = max(abs(self.reflection(side)[0]) for side in _SIDES)
        return max(2 * float(self.conductance) / (1 + q), mixing)

    def reflection(self, side: Side) -> tuple[float, Any]:
        """G_φ in units of G_N, and the direction of the magnetization, that a side of the resolved interface sees."""
        mixing: Any = self.spin_mixing_left if side == "left" else self.spin_mixing_right
        direction: Any = self.magnetization_left if side == "left" else self.magnetization_right
        return (
            float(self.spin_mixing if mixing is None else mixing),
            self.magnetization if direction is None else direction,
        )

    def normal_conductance(self, reference: float) -> float | None:
        """G_T (2/(1+q)) (1 - t(1+P²)/(1+q)), q = √(1-P²): what a voltage drives through it above Tc."""
        return float(self.conductance) * reference * self._factor()

    def _factor(self) -> float:
        polarization, t = float(self.polarization), float(self.second_order)
        q = math.sqrt(1 - polarization**2)
        return 2 / (1 + q) * (1 - t * (1 + polarization**2) / (1 + q))

    def _inconsistencies(self) -> Iterator[tuple[str, str]]:
        unknown = any(mixing and direction is None for mixing, direction in map(self.reflection, _SIDES))
        if unknown or (self.polarization and self.magnetization is None):
            yield "magnetization", "is required: a list of three numbers or expressions, not all zero"
        if self._factor() <= 0:
            yield "second_order", "is too large for this polarization: the normal-state conductance must be > 0"


class FerromagneticInsulator(Interface):
    """An insulating magnet at an end of the device: electrons are reflected with a spin-dependent phase."""

    kind: ClassVar[str] = "ferromagnetic_insulator"
    symbol: ClassVar[str] = "FI"
    joins: ClassVar[bool] = False
    relative: ClassVar[bool] = True

    spin_mixing: Annotated[
        Number,
        Quantity(
            meaning="Spin-mixing conductance G_φ, relative to G_N = σA/L of the neighbouring layer",
            unit="G_N",
        ),
    ]
    magnetization: Annotated[Triple, Vector(meaning="Direction of the magnetization", direction=True)]
    second_order: Annotated[
        Number,
        Quantity(
            meaning="Mixing angle ϑ of a channel (over many: ⟨ϑ²⟩/⟨ϑ⟩), from which the term of second order follows; "
            "it has the sign of spin_mixing, 0 leaves the term out",
            unit="rad", at_least=-math.pi, at_most=math.pi,
        ),
    ] = 0.0  # fmt: skip

    @property
    def magnetic(self) -> bool:
        """True."""
        return True

    @property
    def strength(self) -> float:
        """|G_φ|/G_N."""
        return abs(float(self.spin_mixing))

    def _inconsistencies(self) -> Iterator[tuple[str, str]]:
        if float(self.second_order) * float(self.spin_mixing) < 0:
            yield "second_order", f"must have the sign of spin_mixing, not {self.second_order:g}"


class Vacuum(Interface):
    """Nothing: no current leaves the layer. The default at an end."""

    kind: ClassVar[str] = "vacuum"
    symbol: ClassVar[str] = "vacuum"
    joins: ClassVar[bool] = False
