"""Settings of the documentation, and what it takes from the package itself instead of repeating it."""

from __future__ import annotations

import inspect

from docutils import nodes
from docutils.parsers.rst import Directive

import usadel as us
from usadel.results import schema

project = "usadel"
author = "The usadel founders"
copyright = author
release = version = us.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 4
exclude_patterns = ["_build", "images"]
nitpicky = False

smartquotes = False  # keys are quoted as they are typed

html_theme = "furo"
html_title = f"usadel {release}"
html_copy_source = False

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False

GENERATED = "keys"  # the page whose text the package writes
OTHERS = ["command_line", "results", "api"]  # pages with parts that it writes


def write_keys(app, docname, source):
    """Put the reference of all keys in place of the page's own text."""
    if docname == GENERATED:
        source[0] = us.schema_text()


def always_outdated(app, env, added, changed, removed):
    """These pages change with the package, not with their files."""
    return [GENERATED, *OTHERS]


class CommandHelp(Directive):
    """The help text of a command, as the command prints it."""

    required_arguments = 1

    def run(self):
        """Return the text in one literal block."""
        import typer

        from usadel.cli.commands import app

        command = typer.main.get_command(app)
        with command.make_context("usadel", [], resilient_parsing=True) as above:
            name = self.arguments[0]
            chosen = command.get_command(above, name)
            if chosen is None:
                raise self.error(f"there is no command '{name}'")
            with chosen.make_context(name, [], parent=above, resilient_parsing=True) as context:
                text = chosen.get_help(context)
        return [nodes.literal_block(text, text, language="text")]


class ResultVariables(Directive):
    """The table of everything that a result file may hold."""

    has_content = False

    def run(self):
        """Return the table."""
        head = ("variable", "dimensions", "unit", "meaning", "symbol")
        table = nodes.table()
        group = nodes.tgroup(cols=len(head))
        table += group
        group += [nodes.colspec(colwidth=width) for width in (3, 3, 3, 4, 2)]
        group += nodes.thead("", self._row([nodes.Text(text) for text in head]))
        entries = [*schema.COORDINATES.values(), *schema.VARIABLES.values()]
        group += nodes.tbody("", *[self._row(self._cells(entry)) for entry in entries])
        return [table]

    @staticmethod
    def _cells(entry):
        return [
            nodes.literal("", entry.name),
            nodes.Text(", ".join(entry.dims)),
            nodes.Text(schema.units_text(entry.units)),
            nodes.Text(entry.long_name),
            nodes.math("", entry.symbol),
        ]

    @staticmethod
    def _row(cells):
        return nodes.row("", *[nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells])


def is_described(thing):
    """Whether it is an element, a device, or anything else that declares keys."""
    return hasattr(thing, "model_fields") and hasattr(thing, "keys")


def shorten_signature(app, what, name, thing, options, signature, returned):
    """Show devices as they are called; elements are called with keys, which `list_keys` lists."""
    if what != "class" or not is_described(thing):
        return None
    parameters = list(inspect.signature(thing.__init__).parameters.values())[1:]
    bare = [parameter.replace(annotation=parameter.empty) for parameter in parameters]
    return str(inspect.Signature(bare)).replace("**values", "**keys"), returned


def list_keys(app, what, name, thing, options, lines):
    """Append the keys of an element with their units and meanings."""
    if what != "class" or not is_described(thing) or {"elements", "wires"} & set(thing.keys()):
        return
    lines.append("")
    for key, declared in thing.keys().items():
        unit = f" [{declared.unit}]" if declared.unit else ""
        text = f"{declared.meaning}{unit}".replace("|", r"\|")
        lines.append(f"- ``{key}``: {text}")
    lines.append("")


def setup(app):
    """Connect the above."""
    app.connect("source-read", write_keys)
    app.connect("env-get-outdated", always_outdated)
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("autodoc-process-docstring", list_keys)
    app.add_directive("command-help", CommandHelp)
    app.add_directive("result-variables", ResultVariables)
    return {"parallel_read_safe": True}


suppress_warnings = ["ref.python"]  # attributes of the same name in two classes
