"""Everything that goes wrong in a way we know, in one tree, each said in one line.

UsadelError is at its ground. `Interrupted` alone stands beside it: it is a KeyboardInterrupt, which `except Exception`
must not catch.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

_LONGEST = 700  # characters of a message; a list of everything allowed is cut here


class UsadelError(Exception):
    """Anything that this package raises on purpose."""


class InputError(UsadelError, ValueError):
    """An input that cannot be used: what is wrong, where, and what is allowed instead.

    Parameters
    ----------
    problem : str
        What is wrong and what is allowed; line breaks are folded into spaces.
    key : str
        Key or path of the offending value, such as ``stack.1.length``; empty if there is none.
    kind : str
        Kind of the element the key belongs to.
    file : str
        File the input came from.
    line : int, optional
        Line in that file, counted from 1.
    """

    def __init__(self, problem: str, *, key: str = "", kind: str = "", file: str = "", line: int | None = None) -> None:
        self.problem = problem
        self.key = key
        self.kind = kind
        self.file = file
        self.line = line
        super().__init__(_one_line(self._text()))

    def _text(self) -> str:
        place = [self.file] if self.file else []
        if self.line is not None:
            place.append(f"line {self.line}")
        owner = f"{self.key} ({self.kind})" if self.key and self.kind else self.key or self.kind
        return ": ".join(part for part in (", ".join(place), owner, self.problem) if part)

    def at(self, **where: Any) -> InputError:
        """The same error with some of `key`, `kind`, `file`, `line` filled in."""
        known = {"key": self.key, "kind": self.kind, "file": self.file, "line": self.line}
        return type(self)(self.problem, **(known | where))

    def under(self, prefix: str) -> InputError:
        """The same error with `prefix` put in front of its key."""
        return self.at(key=".".join(part for part in (prefix, self.key) if part))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.problem, self.key, self.kind, self.file, self.line)


class NoTransition(InputError):
    """No transition in the range that was searched."""


class NotConverged(UsadelError, RuntimeError):
    """A tolerance was not reached; `result` holds what was reached, `advice` what to try."""

    def __init__(self, result: Any, advice: str) -> None:
        super().__init__(advice)
        self.result, self.advice = result, advice


class StorageError(UsadelError, OSError):
    """A file that cannot be written or read; the text is one line that names it and says why."""


class ResultError(UsadelError, ValueError):
    """Arrays that cannot be a result: wrong shape, complex, not finite, or physically impossible."""


class SchemaError(UsadelError, KeyError):
    """A name that no result file holds."""

    def __str__(self) -> str:
        return str(self.args[0])


class PlotError(UsadelError, ValueError):
    """A figure that cannot be drawn from this dataset; the text says what could be."""


class Interrupted(KeyboardInterrupt):
    """A procedure was interrupted (Ctrl-C); `result` holds what was done by then."""

    def __init__(self, result: Any) -> None:
        super().__init__("interrupted")
        self.result = result


def is_interruption(error: BaseException) -> bool:
    """Whether an exception is a Ctrl-C, or came of one: inside compiled code and imports it arrives wrapped."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, KeyboardInterrupt):
            return True
        if cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            waiting += [cause.__cause__, cause.__context__]
    return False


def _rebuilt(cls: type[InputError], problem: str, key: str, kind: str, file: str, line: int | None) -> InputError:
    return cls(problem, key=key, kind=kind, file=file, line=line)


def _one_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 2] + " …"


def shown(value: Any, longest: int = 60) -> str:
    """A value as it may appear in a message: its `repr`, cut to a readable length."""
    try:
        text = repr(str(value) if isinstance(value, str) else value)  # not np.str_('x')
    except ValueError:  # an integer of thousands of digits
        text = f"a {type(value).__name__} too long to print"
    return text if len(text) <= longest else text[: longest - 1] + "…"


def listed(names: Iterable[str], most: int = 40) -> str:
    """Names separated by commas, the first `most` of them."""
    names = list(names)
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def unknown(what: str, name: str, allowed: Iterable[str]) -> str:
    """'unknown key 'x', did you mean 'y'?', followed by all that is allowed."""
    allowed = list(allowed)
    near = get_close_matches(name[:100], allowed, n=1, cutoff=0.6)
    hint = f", did you mean '{near[0]}'?" if near else ";"
    return f"unknown {what} {shown(name)}{hint} allowed: {listed(allowed)}"
