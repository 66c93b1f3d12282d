"""Pages of documentation as programs: their code is run, the output shown compared with the real one."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"-?(?<![\w.])\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.]*\d)")
_RELATIVE = 2e-3  # pages show a few digits; another processor may round the last one otherwise


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, text, and the number of its first line."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    return [Block(match[1], match[2], text.count("\n", 0, match.start()) + 2) for match in _FENCE.finditer(text)]


@dataclass(frozen=True)
class Command:
    """A command line of a console block, where its output goes, and the output that the page shows."""

    arguments: list[str]
    target: str | None
    shown: str


def commands(block: Block) -> list[Command]:
    """Commands of a console block: lines that begin with a dollar sign, and what follows them."""
    found = []
    for piece in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, shown = piece.partition("\n")
        words = shlex.split(line, comments=True)
        target = None
        if ">" in words:
            words, target = words[: words.index(">")], words[words.index(">") + 1]
        found.append(Command(words, target, shown))
    return found


def mismatch(shown: str, printed: str) -> str:
    """What differs between the output that a page shows and the real one; empty if nothing does.

    "..." alone on a line stands for any lines, at the end of a line for its rest; the last digits of numbers
    may differ.
    """
    wanted, got = _lines(shown), _lines(printed)
    at = 0
    for number, line in enumerate(wanted):
        if line.strip() == "...":
            following = wanted[number + 1 : number + 2]
            while following and at < len(got) and not _same(following[0], got[at]):
                at += 1
            if not following:
                return ""
            continue
        if at >= len(got) or not _same(line, got[at]):
            return f"shown:   {line}\nprinted: {got[at] if at < len(got) else '(nothing)'}\nin\n{printed}"
        at += 1
    return "" if at == len(got) else f"printed, but not shown: {got[at]}"


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines() if line.strip()]


def _same(shown: str, printed: str) -> bool:
    wanted, got = shown.split(), printed.split()
    if wanted and wanted[-1] == "...":
        wanted.pop()
        got = got[: len(wanted)]
    shown, printed = " ".join(wanted), " ".join(got)
    if _NUMBER.sub("#", shown) != _NUMBER.sub("#", printed):
        return False
    pairs = zip(_NUMBER.findall(shown), _NUMBER.findall(printed), strict=True)
    return all(abs(float(a) - float(b)) <= _RELATIVE * abs(float(b)) + 1e-12 for a, b in pairs)
