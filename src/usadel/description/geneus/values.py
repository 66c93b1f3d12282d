"""Values that may depend on arguments: what is written, and its number now and for a few other arguments.

Which elements a device has may depend on no argument that is a parameter: it is decided by what holds for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from usadel.description.geneus.file import Entry
from usadel.description.values.expressions import evaluate, names_in, resolve_parameters
from usadel.description.values.keys import Number, Triple
from usadel.errors import InputError

_OTHERS = ((1.0, 0.0), (1.1718, 0.3719), (0.6143, -0.2287))  # x -> a x + b: the arguments as they are, and two others
_ROUNDING = 1e-12  # relative and absolute difference of numbers that are the same


class DecidedByArgumentError(Exception):
    """What a device consists of would depend on arguments that are parameters: they have to stay numbers.

    Attributes
    ----------
    names : of the parameters; why : in words.
    """

    def __init__(self, names: frozenset[str], why: str) -> None:
        super().__init__(why)
        self.names, self.why = names, why


@dataclass(frozen=True)
class Value:
    """A number, or an expression of arguments.

    Attributes
    ----------
    written : as it goes into the device.
    numbers : for the arguments as they are, and for others (nan where it has none).
    names : parameters that it depends on.
    """

    written: Number
    numbers: tuple[float, ...]
    names: frozenset[str] = frozenset()

    @property
    def number(self) -> float:
        """With the arguments as they are."""
        return self.numbers[0]

    @property
    def is_zero(self) -> bool:
        """Whether it vanishes for all arguments."""
        return not any(self.numbers)

    @property
    def is_one(self) -> bool:
        """Whether it is 1 for all arguments."""
        return self.written == 1


def constant(number: float) -> Value:
    """A number that depends on nothing."""
    return Value(number, (number,) * len(_OTHERS))


ZERO, ONE = constant(0.0), constant(1.0)


@dataclass(frozen=True)
class Direction:
    """A vector of which the direction counts."""

    parts: tuple[Value, Value, Value]

    @property
    def written(self) -> Triple:
        """As it goes into the device."""
        x, y, z = (part.written for part in self.parts)
        return x, y, z

    @property
    def numbers(self) -> list[float]:
        """Its components with the arguments as they are."""
        return [part.number for part in self.parts]

    @property
    def names(self) -> frozenset[str]:
        """Parameters that it depends on."""
        return frozenset().union(*(part.names for part in self.parts))

    def is_along(self, other: Direction) -> bool:
        """Whether both point the same way for all arguments."""
        return all(self._along(other))

    def _along(self, other: Direction) -> list[bool]:
        found = []
        for k in range(len(_OTHERS)):
            a, b = ([part.numbers[k] for part in one.parts] for one in (self, other))
            sizes = math.hypot(*a) * math.hypot(*b)
            found.append(sum(x * y for x, y in zip(a, b, strict=True)) > sizes * (1 - _ROUNDING))
        return found

    def must_be_along(self, other: Direction, what: str) -> bool:
        """The same where a device has to be decided upon; raises `DecidedByArgumentError` where only some are."""
        now, *others = self._along(other)
        if now and not all(others):
            raise DecidedByArgumentError(self.names | other.names, f"{what} agree only for this value of it")
        return now


def value_of(entry: Entry) -> Value:
    """The value of an entry that may depend on nothing but pi and arguments."""
    return _value(entry.number(), entry)


def direction_of(entry: Entry) -> Direction:
    """A vector of such values."""
    x, y, z = (_value(part, entry) for part in entry.vector())
    return Direction((x, y, z))


def _value(written: Number, entry: Entry) -> Value:
    if not isinstance(written, str):
        return constant(written)
    given = resolve_parameters(entry.parameters)
    names = names_in(written) & given.keys()
    try:
        first = float(evaluate(written, given))
    except InputError as error:
        raise error.at(key=entry.key, line=entry.line) from None
    return Value(written, (first, *(_elsewhere(written, given, a, b) for a, b in _OTHERS[1:])), frozenset(names))


def _elsewhere(written: str, given: Mapping[str, float], factor: float, shift: float) -> float:
    moved = {
        name: (factor + 0.01 * k) * value + shift + 0.013 * k for k, (name, value) in enumerate(sorted(given.items()))
    }
    try:
        return float(evaluate(written, moved))
    except InputError:
        return math.nan


def agree(one: Value, other: Value, what: str) -> bool:
    """Whether both are the same; raises `DecidedByArgumentError` if they are so for some arguments only."""
    now, *others = (abs(a - b) <= _ROUNDING for a, b in zip(one.numbers, other.numbers, strict=True))
    if now and not all(others):
        raise DecidedByArgumentError(one.names | other.names, f"{what} agree only for this value of it")
    return now


def ratio(above: Sequence[Value], below: Sequence[Value] = ()) -> Value:
    """A product divided by others; a number if it depends on no argument after all."""
    numbers = tuple(_ratio([v.numbers[k] for v in above], [v.numbers[k] for v in below]) for k in range(len(_OTHERS)))
    names = frozenset().union(*(value.names for value in (*above, *below)))
    if all(abs(number - numbers[0]) <= _ROUNDING * abs(numbers[0]) for number in numbers):
        return Value(short(numbers[0]), (numbers[0],) * len(_OTHERS))
    text = _product(above)
    return Value(f"{text}/({_product(below)})" if any(not v.is_one for v in below) else text, numbers, names)


def _ratio(above: Sequence[float], below: Sequence[float]) -> float:
    bottom = math.prod(below)
    return math.prod(above) / bottom if bottom else math.nan


def _product(values: Sequence[Value]) -> str:
    parts = [f"({v.written})" if isinstance(v.written, str) else repr(v.written) for v in values if not v.is_one]
    return "*".join(parts) or "1"


def short(number: float) -> float:
    """A derived number without the last rounding error, so that it is pleasant to read."""
    return float(f"{number:.14g}")
