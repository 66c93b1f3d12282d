"""Kinds of keys: what a value may be, in which unit, and what it means.

A field of an element is declared once, as ``length: Annotated[Number, Quantity(meaning="Length of the
layer", unit="ξ", above=0)]``; validation, evaluation of expressions, the reference of all keys and the
JSON schema are derived from that line.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic_core import core_schema

from usadel.description.values.expressions import evaluate, names_in, parse, substitute
from usadel.description.values.measures import is_measure
from usadel.description.values.ranges import Range, has_direction, range_of
from usadel.description.values.readings import Around, Reading, number, read
from usadel.errors import InputError, shown

Number = float | str
"""A number, an expression that gives one, or a number with a unit."""
Triple = tuple[Number, Number, Number]

_SAMPLES = 101  # points of z at which a profile is checked


@dataclass(frozen=True, kw_only=True)
class Key:
    """What one key may hold.

    Attributes
    ----------
    meaning : str
        One sentence for the reference of all keys.
    optional : bool
        Whether None (in a file: leaving the key out) has a meaning of its own.
    absent : str
        That meaning.
    unit : str
        Unit of its numbers; in SI what `metal.UNITS` says.
    also : tuple of Reading
        Other quantities by which they may be given.
    """

    meaning: str
    optional: bool = False
    absent: str = ""
    unit: str = ""
    also: tuple[Reading, ...] = ()
    numeric: ClassVar[bool] = False  # whether it holds numbers

    @property
    def type_name(self) -> str:
        """The type in words."""
        raise NotImplementedError

    @property
    def allowed(self) -> str:
        """The allowed range in words."""
        raise NotImplementedError

    @property
    def bounds(self) -> str:
        """The allowed range without what the type and the unit already say."""
        return self.allowed

    def check(self, value: Any) -> Any:
        """The value in its canonical form; raises `InputError`."""
        raise NotImplementedError

    def resolve(self, value: Any, names: Mapping[str, float]) -> Any:
        """The value with its expressions evaluated and checked again."""
        return value

    def number(self, text: str, around: Around) -> float:
        """What a number with a unit stands for, in the unit of the key; raises `InputError`."""
        return number(text, self.unit, self.also, around)

    def check_text(self, text: str, profile: bool = False) -> str:
        """A number with a unit that fits, or an expression, one of ``z`` only if it is a `profile`; else refused."""
        if is_measure(text):
            read(text, self.unit, self.also)
        else:
            check_expression(text, profile)
        return text

    def json_type(self) -> dict[str, Any]:
        """JSON schema of a value."""
        raise NotImplementedError

    def _check(self, value: Any) -> Any:
        return None if value is None and self.optional else self.check(value)

    def _refused(self, value: Any, why: str = "") -> InputError:
        return InputError(f"must be {self.allowed}, not {shown(value)}" + (f" ({why})" if why else ""))

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._check)


@dataclass(frozen=True, kw_only=True)
class Flag(Key):
    """true or false."""

    type_name = "boolean"
    allowed = "true or false"

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._refused(value)
        return value

    def json_type(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Choice(Key):
    """One of a few words."""

    words: tuple[str, ...]
    type_name = "string"

    @property
    def allowed(self) -> str:
        return " or ".join(f'"{word}"' for word in self.words)

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise self._refused(value)
        return value

    def json_type(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


@dataclass(frozen=True, kw_only=True)
class Text(Key):
    """One line of printable text."""

    type_name = "string"
    allowed = "one line of printable text"

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or not value.isprintable() or len(value) > 1000:
            raise self._refused(value)
        return value

    def json_type(self) -> dict[str, Any]:
        return {"type": "string"}


@dataclass(frozen=True, kw_only=True)
class Name(Text):
    """A name by which paths and results refer to an element."""

    allowed = "letters, digits, _ and -, beginning with a letter or _"

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > 100 or value.startswith("-"):
            raise self._refused(value)
        if not value.replace("-", "_").isidentifier():
            raise self._refused(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Quantity(Key):
    """A finite real number in a given unit and range, or an expression for one.

    Attributes
    ----------
    unit : str
        Unit of the number.
    above, below : float, optional
        Exclusive bounds.
    at_least, at_most : float, optional
        Inclusive bounds.
    profile : bool
        Whether an expression may contain the relative position ``z`` in the layer, from 0 to 1.
    inherited : bool
        Whether the value of the device takes the place of None.
    """

    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    sizes: Range | None = None  # that it may have; None: those that are usual for its unit
    profile: bool = False
    inherited: bool = False
    numeric: ClassVar[bool] = True

    @property
    def type_name(self) -> str:
        return "number or expression" + (" (also of z)" if self.profile else "")

    @property
    def _sizes(self) -> Range:
        return self.sizes or range_of(self.unit)

    @property
    def bounds(self) -> str:
        """The range alone, such as "> 0, from 1e-06 to 1e+06"."""
        sizes = self._sizes
        if self.above is not None and self.below is not None:
            return f"> {self.above:g} and < {self.below:g}"
        if self.above is not None:
            least = f"from {sizes.smallest:g} to" if self.above == 0 else "at most"
            return f"> {self.above:g}, {least} {sizes.largest:g}"
        if self.at_least is not None and self.at_most is not None:
            return f"from {self.at_least:g} to {self.at_most:g}"
        if self.at_least is not None:
            return f">= {self.at_least:g}, at most {sizes.largest:g}"
        return either_sign(self.unit)

    @property
    def allowed(self) -> str:
        unit = f" in units of {self.unit}" if self.unit else ""
        return f"a number {self.bounds}{unit} or an expression for one"

    def check(self, value: Any) -> Number:
        if isinstance(value, str):
            return self.check_text(value, self.profile)
        number = as_number(value)
        if number is None or not self._inside(number):
            raise self._refused(value, _boolean(value))
        return number

    def resolve(self, value: Any, names: Mapping[str, float]) -> Number:
        if not isinstance(value, str):
            return float(value)
        if "z" in names_in(value):
            text, samples = fixed_profile(value, names)
            if not all(self._inside(sample) for sample in samples):
                raise self._refused(value, "at every z in [0, 1]")
            return text
        number: float = evaluate(value, names)
        if not self._inside(number):
            raise self._refused(value, f"which is {number:.6g}")
        return number

    def _inside(self, number: float) -> bool:
        return (
            (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
            and (self.at_least is None or number >= self.at_least)
            and (self.at_most is None or number <= self.at_most)
            and (self.above != 0 or number >= self._sizes.smallest)
            and abs(number) <= self._sizes.largest
        )

    def json_type(self) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "number"}
        bounds = {"exclusiveMinimum": self.above, "exclusiveMaximum": self.below}
        bounds |= {"minimum": self.at_least, "maximum": self.at_most}
        number |= {name: bound for name, bound in bounds.items() if bound is not None}
        return {"anyOf": [number, {"type": "string"}]}


@dataclass(frozen=True, kw_only=True)
class Vector(Key):
    """Three numbers or expressions: the x, y and z components of a vector in spin space.

    Attributes
    ----------
    direction : bool
        Whether only the direction matters: zero is refused and the resolved vector has length 1.
    profile : bool
        Whether expressions may contain the relative position ``z`` in the layer, from 0 to 1.
    """

    direction: bool = False
    profile: bool = False
    numeric: ClassVar[bool] = True

    @property
    def type_name(self) -> str:
        return "three numbers or expressions" + (" (also of z)" if self.profile else "")

    @property
    def bounds(self) -> str:
        if self.direction:
            return "not all zero; only the direction counts"
        return "each " + either_sign(self.unit)

    @property
    def allowed(self) -> str:
        what = "a list of three numbers or expressions"
        return f"{what}, {self.bounds}" + (f" in units of {self.unit}" if self.unit else "")

    def check(self, value: Any) -> Triple:
        parts = None if isinstance(value, (str, bytes, Mapping)) else _items(value)
        if parts is None or len(parts) != 3:
            raise self._refused(value)
        x, y, z = (self._component(part, value) for part in parts)
        if self.direction and (x, y, z) == (0, 0, 0):
            raise self._refused(value)
        return x, y, z

    def _component(self, part: Any, value: Any) -> Number:
        if isinstance(part, str):
            return self.check_text(part, self.profile)
        number = as_number(part)
        if number is None or not self._inside(number):
            raise self._refused(value, _boolean(part))
        return number

    def _inside(self, *numbers: float) -> bool:
        return self.direction or all(abs(number) <= range_of(self.unit).largest for number in numbers)

    def resolve(self, value: Any, names: Mapping[str, float]) -> Triple:
        (x, xs), (y, ys), (z, zs) = (_resolved(part, names) for part in value)
        if not self._inside(*xs, *ys, *zs):
            raise self._refused(list(value))
        if not self.direction:
            return x, y, z
        length = math.hypot(x, y, z)
        if not has_direction(length):
            raise self._refused(list(value), "its length is zero, too small or too large")
        return x / length, y / length, z / length

    def json_type(self) -> dict[str, Any]:
        part = {"anyOf": [{"type": "number"}, {"type": "string"}]}
        return {"type": "array", "items": part, "minItems": 3, "maxItems": 3}


def as_number(value: Any) -> float | None:
    """A finite real number as a float; None for everything else, booleans included."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    try:
        number = float(value) + 0.0  # no negative zero
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


def check_expression(text: str, profile: bool) -> None:
    """Refuse what is no expression, or one of ``z`` where the value cannot depend on the position."""
    parse(text)
    if not profile and "z" in names_in(text):
        raise InputError(f"cannot depend on z: {shown(text)}; allowed: pi, parameters and functions of them")


def fixed_profile(text: str, names: Mapping[str, float]) -> tuple[str, list[float]]:
    """An expression of z with the parameters written into it, and samples of it on [0, 1]."""
    samples = [evaluate(text, {**names, "z": i / (_SAMPLES - 1)}) for i in range(_SAMPLES)]
    return substitute(text, names), samples


def _resolved(part: Number, names: Mapping[str, float]) -> tuple[Any, list[float]]:
    """A component in force, and all values that it takes."""
    if isinstance(part, str) and "z" in names_in(part):
        return fixed_profile(part, names)
    number: float = evaluate(part, names) if isinstance(part, str) else part
    return number, [number]


def either_sign(unit: str) -> str:
    """The range of a number of either sign, in words."""
    largest = range_of(unit).largest
    return f"from {-largest:g} to {largest:g}"


def _items(value: Any) -> list[Any] | None:
    return list(value) if isinstance(value, Iterable) and getattr(value, "shape", None) != () else None


def _boolean(value: Any) -> str:
    return "a boolean is not a number" if isinstance(value, bool) else ""
