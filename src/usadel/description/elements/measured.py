"""Elements whose numbers have units, in the units of the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from usadel.description.elements.element import Description
from usadel.description.values.expressions import names_in, resolve_parameters
from usadel.description.values.keys import Key, Number, Quantity
from usadel.description.values.measures import DIMENSIONS, is_measure, read_measure
from usadel.description.values.metal import ReferenceMetal
from usadel.description.values.readings import NO_SCALE, PARAMETERS, Around, number
from usadel.errors import InputError, shown

D = TypeVar("D", bound=Description)


@dataclass(frozen=True)
class Scaled:
    """How the numbers of a device are to be read.

    Attributes
    ----------
    names : values of the parameters that mean the same everywhere.
    device : what elements inherit from the device.
    metal : the reference metal; None without a scale.
    measures : parameters that are numbers with units, as they are written: standing alone they are read by the key.
    """

    names: Mapping[str, float]
    device: Mapping[str, float] = field(default_factory=dict)
    metal: ReferenceMetal | None = None
    measures: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, parameters: Mapping[str, Number], metal: ReferenceMetal | None) -> Scaled:
        """Without what elements inherit: parameters in force, each of those with units in its unit of the program.

        Raises
        ------
        InputError
            If one cannot be converted, or an expression contains one whose meaning is that of a key.
        """
        texts = {name: value for name, value in parameters.items() if isinstance(value, str)}
        measures = {name: value for name, value in texts.items() if is_measure(value)}
        own, given = cls({}, metal=metal, measures=measures), dict(parameters)
        for name, text in texts.items():
            try:
                if name not in measures:
                    own.check_expression(text)
                elif unit := parameter_unit(text):
                    given[name] = number(text, unit, (), Around(metal, measures.get))
                elif metal is None:
                    raise InputError(f"{shown(text)} {NO_SCALE}")
                else:
                    del given[name]
            except InputError as error:
                raise error.under(f"parameters.{name}") from None
        return replace(own, names=resolve_parameters(given))

    def check_expression(self, text: str) -> None:
        """Refuse an expression of a parameter whose meaning is that of a key."""
        for name in sorted(names_in(text) & self.measures.keys()):
            if not parameter_unit(self.measures[name]):
                where = f"the parameter '{name}' = {shown(self.measures[name])} means what its key makes of it"
                raise InputError(f'in {shown(text)}: {where}; allowed: "{name}" alone, not in an expression')

    def element(self, holder: D, reference: Any = None) -> D:
        """An element without units; reference: of an interface, the layer whose G_N its ratios refer to."""
        found = self.numbers(holder, reference)
        if not found:
            return holder
        try:
            return type(holder)(**{**holder.written(), **found})
        except InputError as error:
            given = getattr(holder, error.key) if error.key in found else None
            raise (
                error if given is None else InputError(f"{error.problem}, from {shown(given)}", key=error.key)
            ) from None

    def numbers(self, holder: Description, reference: Any = None) -> dict[str, Any]:
        """Key -> value in its unit, of all keys of a holder that are given with units."""
        around = Around(self.metal, lambda key: self._in_force(holder, key, reference), reference)
        found = {}
        for name, key in _numeric(holder):
            value = getattr(holder, name)
            try:
                plain = self._number(key, value, around)
            except InputError as error:
                raise error.under(name).at(kind=holder.kind) from None
            if plain is not value:
                found[name] = plain
        return found

    def _number(self, key: Key, value: Any, around: Around) -> Any:
        """A value in the unit of its key; the very same if it has no unit."""
        if isinstance(value, tuple):
            parts = tuple(self._number(key, part, around) for part in value)
            return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
        if not isinstance(value, str):
            return value
        text = self.measures.get(value.strip(), value)
        if is_measure(text):
            return key.number(text, around)
        self.check_expression(text)
        return value

    def _in_force(self, holder: Description, name: str, reference: Any) -> Any:
        """The value of another key of the same holder."""
        key, value = holder.keys()[name], getattr(holder, name)
        if value is None and isinstance(key, Quantity) and key.inherited:
            return self.device[name]
        if value is None:
            return None
        around = Around(self.metal, lambda other: self._in_force(holder, other, reference), reference)
        return key.resolve(self._number(key, value, around), self.names)


def parameter_unit(text: str) -> str:
    """Unit of the program of a number with a unit, where it is the same at every key; else empty."""
    return PARAMETERS.get(read_measure(text, DIMENSIONS).unit, "")


def _numeric(holder: Description) -> Iterator[tuple[str, Key]]:
    return ((name, key) for name, key in holder.keys().items() if key.numeric)
