"""Write what follows from the table of public names and from the commands, and say which files changed.

    python tools/generate.py            write
    python tools/generate.py --check    write nothing; fails if something is missing

The stub `src/usadel/__init__.pyi` is written whole. In README.md and docs/command_line.md every command has a row, and
in the latter its help: what is missing is added, what stands there is kept.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
STUB = "src/usadel/__init__.pyi"
ROW = re.compile(r"^\| `usadel ([\w-]+).*\n", re.MULTILINE)


def stub() -> str:
    """The text of the stub."""
    from usadel._names import ROOMS, everything

    found = everything()
    order = sorted(found, key=lambda name: (found[name], not name[0].isupper(), name.lower()))
    lines = [f"from {found[name]} import {name} as {name}" for name in order]
    names = "\n".join(f'    "{name}",' for name in sorted(["__version__", *ROOMS, *found], key=_case))
    head = "# Written by tools/generate.py from usadel/_names.py.\n"
    imports = "\n".join([*(f"from usadel import {room} as {room}" for room in ROOMS), *lines])
    return f"{head}{imports}\n\n__version__: str\n__all__ = [\n{names}\n]\n"


def _case(name: str) -> tuple[bool, str]:
    """Classes first, as the linter wants it."""
    return not name[0].isupper(), name


def commands() -> dict[str, str]:
    """Name -> first line of the help of every command."""
    import typer

    from usadel.cli.commands import app

    found = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return {name: (command.help or "").partition("\n")[0].rstrip(".") for name, command in found.items()}


def with_rows(text: str) -> str:
    """A page with a row for every command behind the last one of its table."""
    rows = list(ROW.finditer(text))
    known, end = {row[1] for row in rows}, rows[-1].end()
    new = [
        f"| `usadel {name}` | {does[0].lower()}{does[1:]} |\n" for name, does in commands().items() if name not in known
    ]
    return text[:end] + "".join(new) + text[end:]


def with_help(text: str) -> str:
    """A page with the help of every command."""
    known = set(re.findall(r"command-help} ([\w-]+)", text))
    new = [f"\n## {name}\n\n```{{command-help}} {name}\n```\n" for name in commands() if name not in known]
    return text.rstrip("\n") + "\n" + "".join(new)


def generated() -> dict[str, str]:
    """File -> its text as it should be."""
    pages = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/command_line.md")}
    texts = {name: with_rows(text) for name, text in pages.items()}
    texts["docs/command_line.md"] = with_help(texts["docs/command_line.md"])
    return {STUB: stub(), **texts}


def main(arguments: list[str]) -> int:
    """Write, or check; the number of files that were not as they should be, at most 1 of a check."""
    stale = [
        (name, text)
        for name, text in generated().items()
        if not (ROOT / name).exists() or (ROOT / name).read_text(encoding="utf-8") != text
    ]
    for name, text in stale:
        print(name)
        if "--check" not in arguments:
            (ROOT / name).write_text(text, encoding="utf-8")
    return min(1, len(stale)) if "--check" in arguments else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    sys.exit(main(sys.argv[1:]))
