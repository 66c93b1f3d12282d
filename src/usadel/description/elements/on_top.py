"""Contacts on top of a layer: an interface over a part of its length, and what is behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from usadel.description.elements.conductances import PER_AREA, PER_AREA_POLARIZING
from usadel.description.elements.distributions import NO_DISTRIBUTION
from usadel.description.elements.element import Description, Element
from usadel.description.elements.interfaces import (
    FerromagneticInsulatorLaw,
    ResolvedInterface,
    SpinActiveLaw,
    TunnelLaw,
    contradictions,
)
from usadel.description.elements.reservoirs import (
    BulkPairing,
    NormalReservoir,
    Reservoir,
    ResolvedReservoir,
    SpinPumpedReservoir,
    SuperconductingReservoir,
)
from usadel.description.values.keys import Key, Number, Quantity, Triple, Vector, as_number
from usadel.description.values.ranges import RANGES as SIZES
from usadel.errors import InputError, listed, shown, unknown

__all__ = [
    "FerromagneticInsulatorOnTop",
    "SpinActiveOnTop",
    "TunnelOnTop",
]

UNIT = "σ/ξ"


@dataclass(frozen=True)
class Covering:
    """A contact on top of a layer, or of a part of one, with every value in force.

    Attributes
    ----------
    interface : its law, conductances per area in σ/ξ of the layer.
    thickness : d of the layer (ξ): the matrix current through it is the self-energy Ŝ/(σd).
    reservoir : what is behind it; None: nothing.
    name : of the terminal, its own or kind and place; empty without reservoir.
    """

    interface: ResolvedInterface
    thickness: float
    reservoir: ResolvedReservoir | None = None
    name: str = ""

    @property
    def rate(self) -> float:
        """What it adds to the rates (Δ0) of a layer with D = 1: conductance per area over thickness."""
        return self.interface.strength / self.thickness

    @property
    def pairing(self) -> BulkPairing | None:
        """The condensate behind it, if there is one."""
        return None if self.reservoir is None else self.reservoir.pairing

    def spectral_terms(self) -> Covering:
        """The same without what the Usadel equation does not see: the distribution of a normal reservoir."""
        if self.reservoir is None or self.reservoir.pairing is not None:
            return self
        bare = replace(self.reservoir, **vars(NO_DISTRIBUTION), floating=())
        return replace(self, reservoir=bare)


@dataclass(frozen=True, kw_only=True)
class _Range(Key):
    """Where a contact begins and ends."""

    type_name = "two numbers or expressions"
    bounds = "0 <= start < end <= 1"
    allowed = "a list of two numbers or expressions [start, end], 0 <= start < end <= 1"
    numeric: ClassVar[bool] = True

    def check(self, value: Any) -> tuple[Number, Number]:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            raise self._refused(value)
        start, end = (self._part(part, value) for part in value)
        return start, end

    def _part(self, part: Any, value: Any) -> Number:
        if isinstance(part, str):
            return self.check_text(part)
        number = as_number(part)
        if number is None:
            raise self._refused(value)
        return number

    def resolve(self, value: Any, names: Mapping[str, float]) -> tuple[float, float]:
        place = Quantity(meaning="", at_least=0, at_most=1)
        start, end = (float(place.resolve(part, names)) for part in value)
        if not 0 <= start < end <= 1:
            raise self._refused([start, end])
        return start, end

    def json_type(self) -> dict[str, Any]:
        part = {"anyOf": [{"type": "number"}, {"type": "string"}]}
        return {"type": "array", "items": part, "minItems": 2, "maxItems": 2}


RESERVOIRS = {cls.kind: cls for cls in (NormalReservoir, SuperconductingReservoir, SpinPumpedReservoir)}


@dataclass(frozen=True, kw_only=True)
class _Behind(Key):
    """A reservoir, or its table."""

    type_name = "table"
    allowed = "a reservoir with its kind: " + listed(RESERVOIRS)

    def check(self, value: Any) -> Reservoir:
        found = _of_kind(value, RESERVOIRS) if isinstance(value, Mapping) else value
        if not isinstance(found, Reservoir):
            raise self._refused(value)
        if getattr(found, "current", None) is not None:
            raise InputError("cannot be given behind a contact on top; allowed: a phase", key="current")
        return found

    def json_type(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/node"}


class OnTop(Element):
    """A contact on top of a layer of thickness d ≪ ξ, over all of its length or a part of it.

    The matrix current through it is a self-energy Ŝ/(σd) of the layer.
    """

    refused: ClassVar[Mapping[str, str]] = {
        "second_order": "key 'second_order' is refused: contacts on top are of first order; allowed: leave it out",
        "relative_to": "key 'relative_to' is refused: values on top are per area, in σ/ξ; allowed: leave it out",
    }

    range: Annotated[tuple[Number, Number], _Range(meaning="Where it lies, in z of the layer from 0 to 1")] = (0.0, 1.0)
    reservoir: Annotated[
        Reservoir | None, _Behind(meaning="What is behind it", optional=True, absent="nothing: it ends there")
    ] = None  # fmt: skip

    def resolve(self, names: Mapping[str, float], device: Mapping[str, float] | None = None) -> ResolvedInterface:
        """Its law with every value in force; arguments and errors as those of `in_force`."""
        return self._law(self.in_force(names, device))

    def _law(self, values: Mapping[str, Any]) -> ResolvedInterface:
        raise NotImplementedError


class _Conducting(OnTop):
    """One that lets electrons through."""

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if self.reservoir is None:
            yield "reservoir", "is required behind a contact that conducts: a table with a kind of reservoir"


class TunnelOnTop(_Conducting):
    """Weakly transmitting, spin-conserving contact on top of a layer."""

    kind: ClassVar[str] = TunnelLaw.kind
    symbol: ClassVar[str] = "|"

    conductance: Annotated[
        Number,
        Quantity(meaning="Conductance G_T per area", unit=UNIT, above=0, sizes=SIZES["G_N"], also=PER_AREA),
    ]

    def _law(self, values: Mapping[str, Any]) -> TunnelLaw:
        return TunnelLaw(conductance=values["conductance"])


class SpinActiveOnTop(_Conducting):
    """Transmitting magnet on top of a layer: keys as those of `SpinActive`."""

    kind: ClassVar[str] = SpinActiveLaw.kind
    symbol: ClassVar[str] = "|M|"

    conductance: Annotated[
        Number,
        Quantity(meaning="Conductance G_T per area", unit=UNIT, above=0, sizes=SIZES["G_N"], also=PER_AREA_POLARIZING),
    ]
    polarization: Annotated[Number, Quantity(meaning="Polarization P of the transmission", above=-1, below=1)] = 0.0
    spin_mixing: Annotated[
        Number,
        Quantity(meaning="Spin-mixing conductance G_φ per area", unit=UNIT, sizes=SIZES["G_N"], also=PER_AREA),
    ] = 0.0
    magnetization: Annotated[
        Triple | None,
        Vector(
            meaning="Direction of the magnetization", direction=True,
            optional=True, absent="needed if there is a polarization or spin mixing",
        ),
    ] = None  # fmt: skip

    def _law(self, values: Mapping[str, Any]) -> SpinActiveLaw:
        keys = ("conductance", "polarization", "spin_mixing", "magnetization")
        return SpinActiveLaw(**{key: values[key] for key in keys})

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from super()._inconsistencies(values)
        yield from contradictions(self._law(values))


class FerromagneticInsulatorOnTop(OnTop):
    """Insulating magnet on top of a layer: electrons are reflected with a spin-dependent phase."""

    kind: ClassVar[str] = FerromagneticInsulatorLaw.kind
    symbol: ClassVar[str] = "FI"

    spin_mixing: Annotated[
        Number,
        Quantity(meaning="Spin-mixing conductance G_φ per area", unit=UNIT, sizes=SIZES["G_N"], also=PER_AREA),
    ]
    magnetization: Annotated[Triple, Vector(meaning="Direction of the magnetization", direction=True)]

    def _law(self, values: Mapping[str, Any]) -> FerromagneticInsulatorLaw:
        return FerromagneticInsulatorLaw(spin_mixing=values["spin_mixing"], magnetization=values["magnetization"])

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if self.reservoir is not None:
            yield "reservoir", "is behind an insulator, through which nothing reaches it; allowed: none, or spin_active"


KINDS = {cls.kind: cls for cls in (TunnelOnTop, SpinActiveOnTop, FerromagneticInsulatorOnTop)}


@dataclass(frozen=True, kw_only=True)
class OnTopKey(Key):
    """Contacts on top, or their tables."""

    type_name = "list of tables"
    allowed = "a list of contacts, each with its kind: " + listed(KINDS)

    def check(self, value: Any) -> tuple[OnTop, ...]:
        if isinstance(value, (str, Mapping, Description)) or not isinstance(value, Iterable):
            raise self._refused(value)
        found = []
        for i, entry in enumerate(value):
            try:
                contact = _of_kind(entry, KINDS) if isinstance(entry, Mapping) else entry
            except InputError as error:
                raise error.under(str(i)) from None
            if not isinstance(contact, OnTop):
                raise InputError(f"must be a contact on top of a layer, not {shown(entry)}", key=str(i))
            found.append(contact)
        return tuple(found)

    def json_type(self) -> dict[str, Any]:
        return {"type": "array", "items": {"$ref": "#/$defs/on_top"}}


def _of_kind(table: Mapping[str, Any], kinds: Mapping[str, type[Element]]) -> Element:
    """An element from its table."""
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        problem = f"is required; allowed: {listed(kinds)}" if kind is None else unknown("kind", kind, kinds)
        raise InputError(problem, key="kind")
    return kinds[kind](**{key: value for key, value in table.items() if key != "kind"})
