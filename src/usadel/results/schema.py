"""The one table of everything a result file may hold: dimensions, units, long names and LaTeX symbols.

Variables are those of the registry of quantities (`usadel.quantities`). Dataset construction, storage, summaries and
plots all read this table; none of them repeats a unit or label. Units are plain ASCII (any netCDF tool can print
them); :func:`units_latex` and :func:`units_text` turn them into what a figure or a terminal shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from types import MappingProxyType

from usadel.algebra.modes import Mode
from usadel.errors import InputError, SchemaError
from usadel.quantities import QUANTITIES
from usadel.quantities.entry import COMPONENTS as COMPONENTS
from usadel.quantities.entry import Entry as Entry
from usadel.quantities.units import units_ascii as units_ascii
from usadel.quantities.units import units_latex as units_latex
from usadel.quantities.units import units_text as units_text

FORMAT_VERSION = 1
"""Version of the file layout. Raised only when a reader of the old one would misread the new one."""

RESPONSE = "response"
"""Procedure of a matrix of linear response."""

FIT = "fit"
"""Procedure of a fit to data."""

MODES = tuple(mode.name.lower() for mode in Mode)


LAYER_SYMBOLS = MappingProxyType({"superconductor": "S", "normal_metal": "N", "ferromagnet": "F", "half_metal": "H"})
"""What figures and summaries call a layer without a name, by its kind."""

_PARAMETER_SYMBOLS = {
    "temperature": "T", "length": "L", "spin_voltage": "eV_s", "voltage": "eV", "inelastic": r"\Gamma",
    "spin_mixing": r"G_\varphi/G_N", "conductance": "G_T/G_N", "exchange_field": "h", "magnetization": "m",
    "polarization": "P", "phase": r"\varphi", "spin_axis": "u", "spin_temperature": "T_s", "rashba": r"\alpha",
    "nanowire": r"\alpha", "dresselhaus": r"\beta",
}  # fmt: skip


def parameter_symbol(path: str) -> str:
    """LaTeX symbol of a parameter of the device; of a vector the component: "S.exchange_field.2" is h_z."""
    *parents, key = path.split(".")
    component = ""
    if key in "012" and parents:
        key, component = parents[-1], f"_{COMPONENTS[int(key)]}"
    return _PARAMETER_SYMBOLS.get(key, r"\mathrm{" + key.replace("_", r"\_") + "}") + component


def parameter_attributes(path: str, unit: str) -> dict[str, str]:
    """Attributes of a parameter of the device as a coordinate; unit as in the reference of keys."""
    return {"units": units_ascii(unit), "long_name": path, "symbol": parameter_symbol(path)}


_COORDINATES = (
    Entry("position", ("position",), "xi", "Position", "x"),
    Entry("layer", ("position",), "1", "Layer, from 0 on the left", r"\ell", "integer"),
    Entry("layer_name", ("position",), "1", "Layer, or its kind and place", r"\ell", "text"),
    Entry("layer_kind", ("position",), "1", "Kind of the layer", r"\ell", "text"),
    Entry("wire", ("position",), "1", "Wire, from 0", "w", "integer"),
    Entry("wire_name", ("position",), "1", "Wire, or its place", "w", "text"),
    Entry("wire_position", ("position",), "xi", "Position along the wire", "x_w"),
    Entry("energy", ("energy",), "Delta_0", "Energy", r"\epsilon"),
    Entry("component", ("component",), "1", "Spin component", r"\alpha", "label"),
    Entry("mode", ("mode",), "1", "Mode of the distribution function", "j", "label"),
    Entry("interface", ("interface",), "1", "Interface, counted from 0", "k", "label"),
    Entry("terminal", ("terminal",), "1", "Terminal", "t", "text"),
)

_BRANCH_VARIABLES = (
    Entry("stable", (), "1", "Whether the solution is stable", "s", "integer"),
    Entry("fold", (), "1", "Whether the point is a fold of the branch", "", "integer"),
    Entry("gap_closing", (), "1", "Whether the gap vanishes at the point", "", "integer"),
    Entry("transition", (), "1", "Whether two stable states have the same free energy at the point", "", "integer"),
    Entry("converged", (), "1", "Whether the point reached its tolerance", "", "integer"),
    Entry("residual", (), "1", "Largest residual of the scheme", ""),
    Entry("estimated_error", (), "1", "Estimated largest error of gap, currents, accumulations and parameter", ""),
    Entry("conservation_error", (), "1", "Largest variation of conserved currents", ""),
)

COORDINATES = MappingProxyType({entry.name: entry for entry in _COORDINATES})
VARIABLES = MappingProxyType({entry.name: entry for quantity in QUANTITIES for entry in quantity.entries})
MAPS = tuple(name for name, entry in VARIABLES.items() if "energy" in entry.dims)
"""Variables over position and energy, which take longer than all others together."""
BRANCH_VARIABLES = MappingProxyType({entry.name: entry for entry in _BRANCH_VARIABLES})
"""What a traced branch holds at each of its points besides the variables of a single result."""
NEWER_BRANCH_VARIABLES = frozenset({"transition"})
"""Those that files of earlier versions do not hold."""
FOUND = {key: f"terminal_{key}" for key in ("voltage", "temperature", "spin_voltage")}
"""What of terminals may float -> the variable that holds it where it does."""
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
SOLVED_LAYERS = "solved_layers"
"""Attribute with the names of the layers whose distribution is solved for; absent where there are none."""


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


def check_quantities(names: Iterable[str]) -> None:
    """Refuse names of `output.quantities` that no result has."""
    for name in names:
        if name not in VARIABLES:
            close = get_close_matches(name, list(VARIABLES), 1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            raise InputError(f"output.quantities: unknown quantity '{name}'{hint} allowed: {', '.join(VARIABLES)}")
