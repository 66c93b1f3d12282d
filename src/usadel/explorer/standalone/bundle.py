"""The page in one piece: its modules joined into one, with its markup and its style, for where no server sends them."""

from __future__ import annotations

import re
from importlib.resources import files

IMPORT = re.compile(r'^import \{ (.+) \} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:function|class|const) (\w+))", re.MULTILINE)
BODY = re.compile(r"<body[^>]*>\n(.*)</body>", re.DOTALL)


def static(name: str) -> str:
    """Text of one of the files of the page."""
    return files("usadel.explorer").joinpath("static", name).read_text(encoding="utf-8")


def script(entry: str) -> str:
    """A module of the page and all that it imports as one script, in which each is a constant of its own name.

    The modules are those that the server sends: plain ES modules that import names of each other. Each becomes a
    function that is called once, so that what is not exported stays within.
    """
    parts: dict[str, str] = {}

    def add(name: str) -> None:
        source = static(f"{name}.js")
        for found in IMPORT.finditer(source):
            if found[2] not in parts:
                add(found[2])
        exported = ", ".join(EXPORT.findall(source))
        inner = EXPORT.sub("", IMPORT.sub(r"const { \1 } = module_\2;", source))
        parts[name] = f"const module_{name} = (() => {{\n{inner}return {{ {exported} }};\n}})();\n"

    add(entry)
    return "".join(parts.values())


def style() -> str:
    """The style sheet of the page."""
    return static("style.css")


def markup() -> str:
    """What is in the body of the page."""
    found = BODY.search(static("index.html"))
    assert found is not None
    return found[1]
