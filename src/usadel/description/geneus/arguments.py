"""Arguments of a configuration: which of them become parameters of the device, and which stay the text they are.

The program puts an argument, as text, in the place of ``{1}``. It becomes the parameter ``arg1`` if it is a number and
the name in its place means the same wherever it stands: as an operand of its own, not in ``1{1}``, nor as the 1+2 in
``2*{1}``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from usadel.description.values.expressions import evaluate, names_in, resolve_parameters
from usadel.description.values.keys import Number
from usadel.errors import InputError, shown

_PLACE = re.compile(r"\{([^{}]*)\}")
_SOMEWHERE = (0.0, 0.3, 1.0)  # z at which readings of a value are compared
_TEXTS = ("title", "relative_to")  # keys of a device whose text is no expression
Reader = Callable[[str], Number]
"""From the text of a value to a number, or an expression in our syntax."""


@dataclass
class Arguments:
    """The arguments of a configuration.

    Attributes
    ----------
    texts : as they were given.
    values : name, such as arg1 -> number or expression, of those that are parameters.
    used : numbers of those that the configuration asks for.
    """

    texts: Sequence[str]
    values: dict[str, Number] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def inserted(self, text: str, line: int) -> str:
        """The text with all arguments in their places; raises `InputError` if one is missing."""

        def replacement(found: re.Match[str]) -> str:
            k = self._number_in(found, line)
            self.used.add(k)
            return self._text(k)

        return _PLACE.sub(replacement, text)

    def named(self, text: str) -> str:
        """The same with the names of those that are parameters."""

        def replacement(found: re.Match[str]) -> str:
            k = int(found[1])
            return name_of(k) if name_of(k) in self.values else self._text(k)

        return _PLACE.sub(replacement, text)

    def title(self, text: str) -> str:
        """A comment with the arguments that there are filled in, or the names of those that are parameters."""

        def replacement(found: re.Match[str]) -> str:
            text = found[1].strip()
            if not text.isdecimal() or not 1 <= int(text) <= len(self.texts):
                return found[0]
            self.used.add(int(text))
            name = name_of(int(text))
            return f"{{{name}}}" if name in self.values else self.texts[int(text) - 1].strip()

        return _PLACE.sub(replacement, text)

    def check_used(self) -> None:
        """Refuse an argument that nothing asks for."""
        unused = [k for k in range(1, len(self.texts) + 1) if k not in self.used]
        if unused:
            places = " and ".join(f"{{{k}}}" for k in sorted(self.used))
            asks = f"asks for {places}" if self.used else "asks for none"
            given = shown(self.texts[unused[0] - 1])
            raise InputError(f"argument {unused[0]}, {given}, is used nowhere: the file {asks}")

    def choose(self, uses: Mapping[int, Sequence[str | None]], read: Reader) -> dict[int, str]:
        """Make parameters of the numbers among the arguments.

        Parameters
        ----------
        uses : number of an argument -> texts of the single values it stands in; None for a place that is no value.
        read : how such a text is read.

        Returns
        -------
        dict
            Number of an argument that could not be one, though it is a number -> why.
        """
        kept = {}
        for k, texts in uses.items():
            value = self._value(k, read)
            if value is None:
                continue
            if any(text is None for text in texts):
                kept[k] = "it stands where the file decides about the shape of the device"
            elif not all(self._is_operand(k, text, read) for text in texts if text is not None):
                kept[k] = "it is not an operand of its own wherever it stands"
            else:
                self.values[name_of(k)] = value
        return kept

    def _value(self, k: int, read: Reader) -> Number | None:
        """An argument as a number or a constant expression; None if it is something else."""
        try:
            value = read(self.texts[k - 1])
            evaluate(value) if isinstance(value, str) else value
        except InputError:
            return None
        return value

    def _is_operand(self, k: int, text: str, read: Reader) -> bool:
        """Whether the name in the place of an argument stands for the same number as its text, at all z."""
        value = self._value(k, read)
        written, named = (self._others_inserted(k, text, own) for own in (self._text(k), name_of(k)))
        try:
            known = resolve_parameters({} if value is None else {name_of(k): value})
            meant, found = (
                [evaluate(str(read(one)), known | {"z": z}) for z in _SOMEWHERE] for one in (written, named)
            )
        except InputError:
            return False  # what is wrong is said where the value is read
        return all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in zip(meant, found, strict=True))

    def _others_inserted(self, k: int, text: str, own: str) -> str:
        return _PLACE.sub(lambda found: own if int(found[1]) == k else self._text(int(found[1])), text)

    def _text(self, k: int) -> str:
        text = self.texts[k - 1].strip()
        return f"({text})" if text.startswith(("+", "-")) else text

    def _number_in(self, found: re.Match[str], line: int) -> int:
        text = found[1].strip()
        if not re.fullmatch(r"[1-9]\d{0,3}", text):
            raise InputError(f"{shown(found[0])} is no argument: {{1}}, {{2}}, … are", line=line)
        k = int(text)
        if k > len(self.texts):
            given = f"{len(self.texts)} given" if self.texts else "none given"
            raise InputError(f"argument {{{k}}} is missing ({given}): write its value behind the file name", line=line)
        return k


def name_of(k: int) -> str:
    """The parameter that an argument becomes."""
    return f"arg{k}"


def numbers_of(names: Iterable[str]) -> list[int]:
    """Numbers of the arguments that became these parameters."""
    return sorted(int(name.removeprefix("arg")) for name in names)


def used_in(name: str, tables: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a parameter occurs in the values of some elements."""
    values = [value for table in tables for key, value in table.items() if key not in _TEXTS]
    parts = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
    return any(isinstance(part, str) and name in names_in(part) for part in parts)


def arguments_in(text: str) -> set[int]:
    """Numbers of the arguments that a text asks for."""
    return {int(found[1]) for found in _PLACE.finditer(text)}
