"""Settings of the documentation, and what it takes from the package itself instead of repeating it."""

from __future__ import annotations

from docutils import nodes
from docutils.parsers.rst import Directive

import usadel as us

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


def write_keys(app, docname, source):
    """Put the reference of all keys in place of the page's own text."""
    if docname == GENERATED:
        source[0] = us.schema_text()


def always_outdated(app, env, added, changed, removed):
    """The page changes with the package, not with its file."""
    return [GENERATED]


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


def shorten_signature(app, what, name, thing, options, signature, returned):
    """Elements list their keys on the page of keys: their signatures show names and defaults only."""
    if what == "class" and hasattr(thing, "model_fields"):
        return "(**keys)", returned
    return None


def setup(app):
    """Connect the above."""
    app.connect("source-read", write_keys)
    app.connect("env-get-outdated", always_outdated)
    app.connect("autodoc-process-signature", shorten_signature)
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True}
