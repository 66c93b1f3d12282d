"""The syntax of GENEUS configurations: sections, ``key: value``, arguments, expressions.

Learned from the program's parser: everything after ``#`` is a comment; ``{1}`` is replaced, as text, by the first
argument, in parentheses if that begins with a sign; ``[material]`` begins a section. Here an argument that is a number
becomes a parameter where that means the same (`Arguments`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from usadel.description.geneus.arguments import Arguments, arguments_in
from usadel.description.values.expressions import parse
from usadel.description.values.keys import Number, Triple
from usadel.errors import InputError, shown

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?"
_TOKEN = re.compile(rf"(?P<number>{_NUMBER})|(?P<name>[A-Za-z_]\w*)|(?P<mark>\*\*|[-+*/^()])")
_LITERAL = re.compile(rf"\(?([+-]?{_NUMBER})\)?")


@dataclass(frozen=True)
class Entry:
    """One ``key: value``.

    Attributes
    ----------
    text : value with all arguments in their places; named : with the names of those that are parameters, if any are.
    line : counted from 1.
    parameters : their values.
    """

    key: str
    text: str
    line: int
    named: str = ""
    parameters: Mapping[str, Number] = field(default_factory=dict)

    def error(self, problem: str) -> InputError:
        """What is wrong with this entry."""
        return InputError(problem, key=self.key, line=self.line)

    def number(self) -> Number:
        """The value as a number, or as an expression in our syntax."""
        return self._reading(self.named or self.text)

    def vector(self) -> Triple:
        """The value as three numbers or expressions."""
        parts = _components(self.named or self.text)
        if len(parts) != 3:
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
    """The sections of a file, its title, lines that GENEUS ignores, arguments that are parameters, and what to say."""

    sections: list[Section]
    title: str
    ignored: list[Entry]
    parameters: dict[str, Number]
    notes: list[str]


def read_configuration(
    text: str, arguments: Sequence[str], deciding: Collection[str] = (), fixed: Mapping[int, str] | None = None
) -> Configuration:
    """Read the text of a configuration.

    Parameters
    ----------
    text : str
        The configuration.
    arguments : sequence of str
        What takes the place of ``{1}``, ``{2}``, ...
    deciding : collection of str
        Keys whose value is no quantity, so that no parameter can stand there.
    fixed : mapping, optional
        Numbers of arguments that cannot be parameters -> why.

    Raises
    ------
    InputError
        With line and key: a line that is neither section nor ``key: value``, an argument that is missing or not
        used, a key that occurs twice.
    """
    given = Arguments(arguments)
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    inserted = [given.inserted(line, number) for number, line in enumerate(lines, 1)]
    kept = given.choose(_uses(lines, inserted, deciding, fixed or {}), _number)
    title = given.title(_title(text))
    sections: list[Section] = []
    ignored: list[Entry] = []
    for number, (line, content) in enumerate(zip(lines, inserted, strict=True), 1):
        header = re.match(r"\[([^\]]*)\]", content)
        key, colon, value = content.partition(":")
        if header:
            sections.append(Section(header[1].strip(), number))
        elif colon:
            named = given.named(line).partition(":")[2].strip()
            _add(Entry(key.strip(), value.strip(), number, named, given.values), sections, ignored)
        elif content:
            raise InputError(f"is neither a section, [material], nor key: value, but {shown(content)}", line=number)
    given.check_used()
    reasons = {k: why for k, why in {**kept, **(fixed or {})}.items() if k in given.used}
    notes = [f"argument {{{k}}} stays the number {arguments[k - 1]}, no parameter: {why}" for k, why in reasons.items()]
    return Configuration(sections, title, ignored, given.values, notes)


def _uses(
    lines: Sequence[str], inserted: Sequence[str], deciding: Collection[str], fixed: Mapping[int, str]
) -> dict[int, list[str | None]]:
    """Number of an argument that is not fixed -> texts of the single values it stands in, None where it is no value."""
    uses: dict[int, list[str | None]] = {}
    for line, content in zip(lines, inserted, strict=True):
        key, _, value = line.partition(":")
        no_value = content.startswith("[") or content.partition(":")[0].strip() in deciding
        places: list[str | None] = [*_components(value)] or [value.strip()]
        if no_value:
            places = [None] if arguments_in(value) else []
        for k in arguments_in(line) - set(fixed):
            uses.setdefault(k, [])
            uses[k] += [place for place in places if place is None or k in arguments_in(place)]
            uses[k] += [None] if k in arguments_in(key) else []
    return uses


def _components(text: str) -> list[str]:
    """The components of a vector; none for anything else."""
    text = text.replace(" ", "")
    return text[1:-1].split(",") if text.startswith("[") and text.endswith("]") else []


def _add(entry: Entry, sections: list[Section], ignored: list[Entry]) -> None:
    if not sections:
        ignored.append(entry)
        return
    entries = sections[-1].entries
    if entry.key in entries:
        raise entry.error(f"is written twice in one section, first in line {entries[entry.key].line}")
    entries[entry.key] = entry


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
