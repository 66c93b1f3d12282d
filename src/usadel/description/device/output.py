"""What is wanted of a device, apart from the device itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from usadel.description.elements.element import Description
from usadel.description.values.expressions import evaluate
from usadel.description.values.keys import Key, Number, as_number, either_sign
from usadel.description.values.ranges import range_of

MOST_ENERGIES = 100_000


@dataclass(frozen=True)
class EnergyRequest:
    """Energies at which the density of states is wanted.

    Attributes
    ----------
    start, stop : float
        Range, in units of Δ0.
    points : tuple of float or None
        The energies themselves, increasing; None: as many as linear interpolation needs.
    """

    start: float
    stop: float
    points: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class _Names(Key):
    """Names of result variables."""

    type_name = "list of strings"
    allowed = "a list of different names of result variables"

    def check(self, value: Any) -> tuple[str, ...]:
        names = tuple(value) if isinstance(value, (list, tuple)) else None
        good = names is not None and all(isinstance(name, str) and name.isidentifier() for name in names)
        if names is None or not good or len(set(names)) < len(names):
            raise self._refused(value)
        return names

    def json_type(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}, "uniqueItems": True}


@dataclass(frozen=True, kw_only=True)
class _Energies(Key):
    """A range, a uniform grid or a list of energies."""

    unit: str = "Δ0"
    numeric: ClassVar[bool] = True
    type_name = "list of numbers or expressions"
    allowed = (
        "[start, stop] (refined as needed), [start, stop, N] (N equidistant ones, N a whole number from 2 to "
        f"{MOST_ENERGIES}) or a list of four or more energies, always increasing, {either_sign('Δ0')} in units of Δ0"
    )

    def check(self, value: Any) -> tuple[Number, ...]:
        if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__len__"):
            raise self._refused(value)
        if not 2 <= len(value) <= MOST_ENERGIES:
            raise self._refused(value)
        return tuple(self._entry(entry, value) for entry in value)

    def _entry(self, entry: Any, value: Any) -> Number:
        if isinstance(entry, str):
            return self.check_text(entry)
        number = as_number(entry)
        if number is None:
            raise self._refused(value)
        return number

    def resolve(self, value: Any, names: Mapping[str, float]) -> EnergyRequest:
        numbers: tuple[float, ...] = tuple(evaluate(part, names) if isinstance(part, str) else part for part in value)
        points: tuple[float, ...] | None = None
        if len(numbers) == 3:
            points = self._grid(*numbers, value)
        elif len(numbers) > 3:
            points = numbers
        increasing = points or numbers
        if any(a >= b for a, b in pairwise(increasing)) or max(map(abs, increasing)) > range_of(self.unit).largest:
            raise self._refused(value)
        return EnergyRequest(increasing[0], increasing[-1], points)

    def _grid(self, start: float, stop: float, count: float, value: Any) -> tuple[float, ...]:
        if count != int(count) or not 2 <= count <= MOST_ENERGIES:
            raise self._refused(value)
        n = int(count) - 1
        return (*(start + (stop - start) * i / n for i in range(n)), stop)

    def json_type(self) -> dict[str, Any]:
        part = {"anyOf": [{"type": "number"}, {"type": "string"}]}
        return {"type": "array", "items": part, "minItems": 2, "maxItems": MOST_ENERGIES}


class Output(Description):
    """What to write besides what is always written."""

    quantities: Annotated[
        tuple[str, ...] | None,
        _Names(meaning="Result variables to compute", optional=True, absent="all that the device has"),
    ] = None
    energies: Annotated[
        tuple[Number, ...],
        _Energies(meaning="Energies of the density of states and the distribution"),
    ] = (-3.0, 3.0)

    def energies_in_force(self, names: Mapping[str, float]) -> EnergyRequest:
        """The energies with their expressions evaluated; names: values of the parameters."""
        request: EnergyRequest = self.in_force(names)["energies"]
        return request
