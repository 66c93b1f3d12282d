"""The one table of everything a result file may hold: dimensions, units, long names and LaTeX symbols.

Variables are those of the registry of quantities (`usadel.quantities`). Dataset construction, storage, summaries and
plots all read this table; none of them repeats a unit or label. Units are plain ASCII (any netCDF tool can print
them); :func:`units_latex` and :func:`units_text` turn them into what a figure or a terminal shows.
"""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType

from usadel.algebra.modes import Mode
from usadel.quantities import QUANTITIES
from usadel.quantities.entry import COMPONENTS as COMPONENTS
from usadel.quantities.entry import Entry as Entry
from usadel.quantities.units import units_latex as units_latex
from usadel.quantities.units import units_text as units_text

FORMAT_VERSION = 1
"""Version of the file layout. Raised only when a reader of the old one would misread the new one."""

MODES = tuple(mode.name.lower() for mode in Mode)


class SchemaError(KeyError):
    """A name that no result file holds."""

    def __str__(self) -> str:
        return str(self.args[0])


_COORDINATES = (
    Entry("position", ("position",), "xi", "Position", "x"),
    Entry("layer", ("position",), "1", "Layer, from 0 on the left", r"\ell", "integer"),
    Entry("energy", ("energy",), "Delta_0", "Energy", r"\epsilon"),
    Entry("component", ("component",), "1", "Spin component", r"\alpha", "label"),
    Entry("mode", ("mode",), "1", "Mode of the distribution function", "j", "label"),
    Entry("interface", ("interface",), "1", "Place of the interface in the stack, from 0", "k", "label"),
)

_BRANCH_VARIABLES = (
    Entry("stable", (), "1", "Whether the solution is stable", "s", "integer"),
    Entry("fold", (), "1", "Whether the point is a fold of the branch", "", "integer"),
    Entry("gap_closing", (), "1", "Whether the gap vanishes at the point", "", "integer"),
    Entry("converged", (), "1", "Whether the point reached its tolerance", "", "integer"),
    Entry("residual", (), "1", "Largest residual of the scheme", ""),
    Entry("estimated_error", (), "1", "Estimated largest error of gap, currents, accumulations and parameter", ""),
    Entry("conservation_error", (), "1", "Largest variation of conserved currents", ""),
)

COORDINATES = MappingProxyType({entry.name: entry for entry in _COORDINATES})
VARIABLES = MappingProxyType({entry.name: entry for quantity in QUANTITIES for entry in quantity.entries})
BRANCH_VARIABLES = MappingProxyType({entry.name: entry for entry in _BRANCH_VARIABLES})
"""What a traced branch holds at each of its points besides the variables of a single result."""
SPLIT_CURRENTS = tuple(name for name in VARIABLES if f"{name}_super" in VARIABLES)
"""Currents written in three pieces: total = super + resistive."""

REQUIRED_ATTRIBUTES = (
    "converged",
    "residual",
    "estimated_error",
    "conservation_error",
    "usadel_version",
    "device",
)


def entry(name: str) -> Entry:
    """Return the entry of a variable or coordinate.

    Parameters
    ----------
    name : str
        Name in the result file.

    Raises
    ------
    SchemaError
        If the name is unknown; the message names the nearest known one.
    """
    found = VARIABLES.get(name) or COORDINATES.get(name)
    if found is None:
        raise SchemaError(f"unknown quantity '{name}'{nearest(name, [*VARIABLES, *COORDINATES])}")
    return found


def nearest(name: str, known: list[str]) -> str:
    """Return "; did you mean 'x'?" for the nearest known name, or an empty string."""
    close = get_close_matches(name, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
