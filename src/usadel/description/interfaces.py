"""Interfaces: laws that connect a layer with its neighbour, or end it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import PrivateAttr

from .element import Element
from .keys import Choice, Number, Quantity, Triple, Vector


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

    conductance: Annotated[
        Number,
        Quantity(meaning="Conductance G_T, relative to G_N = σA/L of a neighbouring layer", unit="G_N", above=0),
    ]
    relative_to: Annotated[
        str | None,
        Choice(
            meaning="The neighbour whose G_N is meant", words=("left", "right"),
            optional=True, absent="the only neighbouring layer; required if both neighbours are layers",
        ),
    ] = None  # fmt: skip

    def normal_conductance(self, reference: float) -> float | None:
        """G_T: this interface does not polarize."""
        return float(self.conductance) * reference


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


class Vacuum(Interface):
    """Nothing: no current leaves the layer. The default at an end."""

    kind: ClassVar[str] = "vacuum"
    symbol: ClassVar[str] = "vacuum"
    joins: ClassVar[bool] = False
