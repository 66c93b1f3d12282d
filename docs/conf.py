"""Settings of the documentation, and what it takes from the package itself instead of repeating it."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive

import usadel as us
from usadel._names import names
from usadel.explorer.standalone.recording import page_of
from usadel.results import schema

project = "usadel"
author = "The usadel founders"
copyright = author
release = version = us.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx_gallery.gen_gallery",
]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 4
exclude_patterns = [
    "_build",
    "images",
    "gallery/**/*.ipynb",
    "sg_execution_times.rst",
    "gallery/**/sg_execution_times.rst",
]
nitpicky = False

smartquotes = False  # keys are quoted as they are typed

html_theme = "furo"
html_title = f"usadel {release}"
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["gallery.css"]

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False

sphinx_gallery_conf = {
    "examples_dirs": "../gallery",
    "gallery_dirs": "gallery",  # written anew by every build
    "plot_gallery": tags.has("gallery"),  # noqa: F821 - `-t gallery` runs the scripts; else no figures
    "filename_pattern": r"\.py$",
    "ignore_pattern": r"__init__\.py",
    "subsection_order": [
        f"../gallery/{part}" for part in ("spectra", "transitions", "junctions", "transport", "computing")
    ],
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "capture_repr": (),
    "remove_config_comments": True,
    "image_srcset": [],
}

GENERATED = "keys"  # the page whose text the package writes
OTHERS = ["command_line", "results", "api"]  # pages with parts that it writes
MEASURED = Path(__file__).parent / "performance.json"  # written by `python -m benchmarks --json docs/performance.json`
RECORDED = Path(__file__).parent / "recorded"  # written by `python tools/record.py`


def write_keys(app, docname, source):
    """Put the reference of all keys in place of the page's own text."""
    if docname == GENERATED:
        source[0] = us.schema_text()


MEMBERS = {  # what of a class is listed with it
    "Stack": [
        ":members:",
        ":inherited-members: BaseModel, Description",
        ":exclude-members: elements_by_place, model_config, model_post_init, network, inherited, settings, "
        "settings_in_force, in_force, energies, quantities, given, rebuilt, drawing, remarks, tables, shape_tables, "
        "from_tables",
    ],
    "Device": [":members: from_toml"],
    "Labelled": [":members:"],
    "Solution": [":members:", ":show-inheritance:"],
    "Branch": [":members:", ":show-inheritance:"],
    "KineticAnswers": [":members:"],
    "Distributions": [":members:", ":show-inheritance:"],
    "Critical": [":members:", ":show-inheritance:"],
}


def write_names(app, docname, source):
    """Put the public names of a section in place of ``{{ section }}``."""
    if docname == "api":
        source[0] = re.sub(r"^\{\{ (.*) \}\}$", lambda found: section(found[1]), source[0], flags=re.MULTILINE)


def section(title):
    """Directives for all public names of a section."""
    parts = []
    for name in names(title):
        thing = getattr(us, name)
        kind = "function" if not isinstance(thing, type) else "class"
        kind = "exception" if kind == "class" and issubclass(thing, BaseException) else kind
        options = MEMBERS.get(name, [])
        parts.append("\n".join([f".. auto{kind}:: usadel.{name}", *(f"   {option}" for option in options)]))
    return "```{eval-rst}\n" + "\n\n".join(parts) + "\n```"


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


def table(head, rows, widths):
    """A table of rows of nodes below a head of texts."""
    out, group = nodes.table(), nodes.tgroup(cols=len(head))
    out += group
    group += [nodes.colspec(colwidth=width) for width in widths]
    above, *below = [
        nodes.row("", *[nodes.entry("", nodes.paragraph("", "", cell)) for cell in row])
        for row in ([nodes.Text(text) for text in head], *rows)
    ]
    group += [nodes.thead("", above), nodes.tbody("", *below)]
    return out


class Measured(Directive):
    """Figures of one run of the benchmarks: a row for each line of the content, ``name | wanted``.

    The option `columns` names, separated by semicolons, what is measured of each: figures are called "name, column".
    """

    has_content = True
    option_spec: ClassVar = {"columns": str}

    def run(self):
        """Return the table."""
        figures = json.loads(MEASURED.read_text(encoding="utf-8"))["figures"]
        columns = [name.strip() for name in self.options.get("columns", "").split(";")]
        rows, wanted = [], any("|" in line for line in self.content)
        for line in self.content:
            name, _, aim = (part.strip() for part in line.partition("|"))
            found = [figures[f"{name}, {column}" if column else name] for column in columns]
            rows.append([name, *(f"{value:.3g}" for value in found), *([aim] if wanted else [])])
        head = ["", *(columns if columns != [""] else ["measured"]), *(["wanted"] if wanted else [])]
        cells = [[nodes.Text(text) for text in row] for row in rows]
        return [table(head, cells, [4, *[2] * (len(head) - 1)])]


class Machine(Directive):
    """What the figures were measured on."""

    def run(self):
        """Return a paragraph."""
        return [nodes.paragraph("", json.loads(MEASURED.read_text(encoding="utf-8"))["machine"])]


class ResultVariables(Directive):
    """The table of everything that a result file may hold."""

    has_content = False

    def run(self):
        """Return the table."""
        entries = [*schema.COORDINATES.values(), *schema.VARIABLES.values()]
        head = ("variable", "dimensions", "unit", "meaning", "symbol")
        return [table(head, [self._cells(entry) for entry in entries], (3, 3, 3, 4, 2))]

    @staticmethod
    def _cells(entry):
        return [
            nodes.literal("", entry.name),
            nodes.Text(", ".join(entry.dims)),
            nodes.Text(schema.units_text(entry.units)),
            nodes.Text(entry.long_name),
            nodes.math("", entry.symbol),
        ]


def is_described(thing):
    """Whether it is an element, a device, or anything else that declares keys."""
    return hasattr(thing, "model_fields") and hasattr(thing, "keys")


def write_recorded(app):
    """Put the recorded explorers beside the pages, each in a page of its own, of the present modules."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "recorded"
    folder.mkdir(parents=True, exist_ok=True)
    for recording in sorted(RECORDED.glob("*.gz")):
        (folder / f"{recording.stem}.html").write_text(page_of(recording.read_bytes()), encoding="utf-8")


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
    app.connect("source-read", write_names)
    app.connect("builder-inited", write_recorded)
    app.connect("env-get-outdated", always_outdated)
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("autodoc-process-docstring", list_keys)
    app.add_directive("command-help", CommandHelp)
    app.add_directive("result-variables", ResultVariables)
    app.add_directive("measured", Measured)
    app.add_directive("machine", Machine)
    return {"parallel_read_safe": True}


suppress_warnings = ["ref.python"]  # attributes of the same name in two classes
