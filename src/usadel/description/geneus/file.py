"""The syntax of GENEUS configurations: sections, ``key: value``, arguments, expressions.

Learned from the program's parser: everything after ``#`` is a comment; ``{1}`` is replaced, as text, by the first
argument, in parentheses if that begins with a sign; ``[material]`` begins a section.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from usadel.description.values.expressions import parse
from usadel.description.values.keys import Number, Triple
from usadel.errors import InputError, shown

_ARGUMENT = re.compile(r"\{([^{}]*)\}")
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?"
_TOKEN = re.compile(rf"(?P<number>{_NUMBER})|(?P<name>[A-Za-z_]\w*)|(?P<mark>\*\*|[-+*/^()])")
_LITERAL = re.compile(rf"\(?([+-]?{_NUMBER})\)?")


@dataclass(frozen=True)
class Entry:
    """One ``key: value`` with its line, counted from 1."""

    key: str
    text: str
    line: int

    def error(self, problem: str) -> InputError:
        """What is wrong with this entry."""
        return InputError(problem, key=self.key, line=self.line)

    def number(self) -> Number:
        """The value as a number, or as an expression in our syntax."""
        return self._reading(self.text)

    def vector(self) -> Triple:
        """The value as three numbers or expressions."""
        text = self.text.replace(" ", "")
        parts = text[1:-1].split(",")
        if not (text.startswith("[") and text.endswith("]") and len(parts) == 3):
            raise self.error(f"must be three numbers or expressions in brackets, [x, y, z], not {shown(self.text)}")
        x, y, z = (self._reading(part) for part in parts)
        return x, y, z

    def flag(self) -> bool:
        """The value as T or F."""
        if self.text not in ("T", "t", "F", "f"):
            raise self.error(f"must be T or F, not {shown(self.text)}")
        return self.text in ("T", "t")

    def integer(self) -> int:
        """The value as an integer."""
        if not re.fullmatch(r"[+-]?\d{1,9}", self.text):
            raise self.error(f"must be an integer, not {shown(self.text)}")
        return int(self.text)

    def _reading(self, text: str) -> Number:
        try:
            return _number(text)
        except InputError as error:
            raise error.at(key=self.key, line=self.line) from None


@dataclass
class Section:
    """One ``[material]`` and its entries."""

    kind: str
    line: int
    entries: dict[str, Entry] = field(default_factory=dict)

    def get(self, key: str) -> Entry | None:
        """The entry of a key, if there is one."""
        return self.entries.get(key)

    def __str__(self) -> str:
        return f"[{self.kind}] of line {self.line}"


@dataclass
class Configuration:
    """The sections of a file, its first comment, and lines that GENEUS ignores."""

    sections: list[Section]
    title: str
    ignored: list[Entry]


def read_configuration(text: str, arguments: Sequence[str]) -> Configuration:
    """Read the text of a configuration.

    Parameters
    ----------
    text : str
        The configuration.
    arguments : sequence of str
        What takes the place of ``{1}``, ``{2}``, ...

    Raises
    ------
    InputError
        With line and key: a line that is neither section nor ``key: value``, an argument that is missing or not
        used, a key that occurs twice.
    """
    sections: list[Section] = []
    ignored: list[Entry] = []
    used: set[int] = set()
    for number, line in enumerate(text.splitlines(), 1):
        content = _substituted(line.partition("#")[0].strip(), arguments, number, used)
        header = re.match(r"\[([^\]]*)\]", content)
        key, colon, value = content.partition(":")
        if header:
            sections.append(Section(header[1].strip(), number))
        elif colon:
            entry = Entry(key.strip(), value.strip(), number)
            _add(entry, sections, ignored)
        elif content:
            raise InputError(f"is neither a section, [material], nor key: value, but {shown(content)}", line=number)
    unused = [k for k in range(1, len(arguments) + 1) if k not in used]
    if unused:
        places = f"asks for {_places(used)}" if used else "asks for none"
        raise InputError(f"argument {unused[0]}, {shown(arguments[unused[0] - 1])}, is used nowhere: the file {places}")
    return Configuration(sections, _title(text), ignored)


def _add(entry: Entry, sections: list[Section], ignored: list[Entry]) -> None:
    if not sections:
        ignored.append(entry)
        return
    entries = sections[-1].entries
    if entry.key in entries:
        raise entry.error(f"is written twice in one section, first in line {entries[entry.key].line}")
    entries[entry.key] = entry


def _places(numbers: set[int]) -> str:
    return " and ".join(f"{{{k}}}" for k in sorted(numbers))


def _substituted(line: str, arguments: Sequence[str], number: int, used: set[int]) -> str:
    def value(found: re.Match[str]) -> str:
        text = found[1].strip()
        if not re.fullmatch(r"[1-9]\d{0,3}", text):
            raise InputError(f"{shown(found[0])} is no argument: {{1}}, {{2}}, … are", line=number)
        k = int(text)
        if k > len(arguments):
            given = f"{len(arguments)} given" if arguments else "none given"
            raise InputError(
                f"argument {{{k}}} is missing ({given}): write its value behind the file name", line=number
            )
        used.add(k)
        argument = arguments[k - 1].strip()
        return f"({argument})" if argument.startswith(("+", "-")) else argument

    return _ARGUMENT.sub(value, line)


def _title(text: str) -> str:
    """The comment in the first line, if there is one."""
    first = text.lstrip().partition("\n")[0]
    title = " ".join(first.lstrip("#").split()) if first.startswith("#") else ""
    return title if title.isprintable() and len(title) <= 1000 else ""


def _number(text: str) -> Number:
    """A number, or an expression in our syntax."""
    text = text.replace(" ", "")
    if (literal := _LITERAL.fullmatch(text)) and text.startswith("(") == text.endswith(")"):
        return float(literal[1].lower().replace("d", "e"))
    expression = _translated(text)
    for node in ast.walk(parse(expression)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _unclear(node, expression):
            raise InputError(f"powers of powers need parentheses in {shown(text)}: GENEUS reads a^b^c as (a^b)^c")
    return expression


def _unclear(power: ast.BinOp, text: str) -> bool:
    """Whether a power has another one as its exponent, without parentheses around it."""
    inner = power.right
    between = text.encode()[power.left.end_col_offset : inner.col_offset]
    return isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Pow) and b"(" not in between


def _translated(text: str) -> str:
    """An expression of theirs in our syntax: ``^`` for powers, exponents with D, functions in any case."""
    parts, at = [], 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            raise InputError(f"cannot read the expression {shown(text)} from {shown(text[at:])} on")
        word = token[0]
        if token["number"]:
            word = re.sub(r"^0+(?=\d)", "", word.lower().replace("d", "e"))
        elif token["name"]:
            word = word.lower() if text[token.end() :].startswith("(") else word
        elif word == "^":
            word = "**"
        parts.append(word)
        at = token.end()
    return "".join(parts)
