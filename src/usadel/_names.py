"""Every public name: the one table of what `usadel` exports, by section of the reference and home module.

`usadel/__init__.py` reads it; the stub `usadel/__init__.pyi`, for editors and type checkers, and the tables of
commands are written from it and from the commands by `python tools/generate.py`; `docs/api.md` names its sections.
"""

from __future__ import annotations

from importlib import import_module

ALL = ("*",)  # whatever the module itself lists
ROOMS = ("plots", "studies")
"""Rooms that are public as a whole, beside the names below."""

PUBLIC: dict[str, dict[str, tuple[str, ...]]] = {
    "Solving": {
        "usadel.solution.solve": ("solve",),
        "usadel.branches.trace": ("trace",),
        "usadel.loading": ("load",),
        "usadel.progress": ("Event",),
    },
    "Results": {
        "usadel.results.labelled": ("Labelled",),
        "usadel.solution.result": ("Solution", "Result"),
        "usadel.branches.branch": ("Branch",),
    },
    "Distributions": {
        "usadel.solution.kinetic": ("KineticAnswers",),
        "usadel.solution.distributions": ("distributions", "Distributions"),
    },
    "Critical values": {
        "usadel.transitions.critical": ("critical",),
        "usadel.transitions.result": ("Critical",),
    },
    "Sweeps": {
        "usadel.sweeps.sweep": ("sweep",),
        "usadel.sweeps.result": ("Sweep",),
    },
    "Josephson junctions": {
        "usadel.junctions.josephson": ("josephson",),
        "usadel.junctions.result": ("Josephson",),
    },
    "Fits": {
        "usadel.fits.fit": ("fit",),
        "usadel.fits.result": ("Fit",),
    },
    "Linear response": {
        "usadel.circuits.response": ("Response",),
    },
    "The live page": {
        "usadel.explorer.explore": ("explore",),
    },
    "Describing a device": {
        "usadel.description": ("Stack", "Device", "Wire", "Scale", "load_device", "from_geneus", "read_assignment"),
    },
    "Layers": {"usadel.description.elements.materials": ALL},
    "Interfaces": {"usadel.description.elements.interfaces": ALL},
    "Contacts on top of layers": {"usadel.description.elements.on_top": ALL},
    "Reservoirs and nodes": {"usadel.description.elements.reservoirs": ALL},
    "What to compute": {
        "usadel.description": ("Output",),
    },
    "Materials": {"usadel.description.values.materials": ALL},
    "What may go wrong": {
        "usadel.errors": (
            "UsadelError",
            "InputError",
            "NoTransition",
            "NotConverged",
            "StorageError",
            "Interrupted",
        ),
    },
    "Starting points and references": {
        "usadel.description": ("starter_kinds", "starter", "schema_text", "json_schema"),
        "usadel._compile": ("kernel_cache_info",),
    },
}


def names(section: str) -> dict[str, str]:
    """The public names of a section, each with its home module; imports the modules that list their own."""
    homes = PUBLIC[section].items()
    return {name: home for home, listed in homes for name in (import_module(home).__all__ if listed is ALL else listed)}


def everything() -> dict[str, str]:
    """All public names, each with its home module."""
    return {name: home for section in PUBLIC for name, home in names(section).items()}
