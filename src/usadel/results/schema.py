"""The one table of everything a result file may hold: dimensions, units, long names and LaTeX symbols.

Dataset construction, storage, summaries and plots all read this table; none of them repeats a unit or label.
Units are plain ASCII (any netCDF tool can print them); :func:`units_latex` and :func:`units_text` turn them
into what a figure or a terminal shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from usadel.errors import SchemaError

FORMAT_VERSION = 1
"""Version of the file layout. Raised only when a reader of the old one would misread the new one."""

COMPONENTS = ("x", "y", "z")
MODES = (
    "energy", "spin_energy_x", "spin_energy_y", "spin_energy_z", "charge", "spin_x", "spin_y", "spin_z",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One variable or coordinate of the result file.

    Attributes
    ----------
    name : str
        Name in the file.
    dims : tuple of str
        Dimensions, in the order of the file.
    units : str
        ASCII units; "1" for a pure number.
    long_name : str
        What a figure's axis or a listing calls it.
    symbol : str
        LaTeX symbol, without dollar signs.
    kind : str
        "real", "integer", "text", or "label" (whole numbers or text).
    """

    name: str
    dims: tuple[str, ...]
    units: str
    long_name: str
    symbol: str
    kind: str = "real"

    @property
    def attrs(self) -> dict[str, str]:
        """Attributes that the variable carries in the file."""
        return {"units": self.units, "long_name": self.long_name, "symbol": self.symbol}

    @property
    def has_components(self) -> bool:
        """Whether the variable is a vector in spin space."""
        return "component" in self.dims and self.name != "component"

    @property
    def has_energies(self) -> bool:
        """Whether the variable is resolved in energy."""
        return "energy" in self.dims and self.name != "energy"


_CHARGE_CURRENT = "Delta_0/(|e| R_xi)"
_ENERGY_CURRENT = "Delta_0^2/(e^2 R_xi)"
_SPIN_CURRENT = "(hbar/2) N_0 D Delta_0/xi"
_SPIN_ENERGY_CURRENT = "(hbar/2|e|) Delta_0^2/(|e| R_xi)"

_UNITS = {
    # ASCII units: (LaTeX, terminal)
    "1": ("1", "1"),
    "rad": (r"\mathrm{rad}", "rad"),
    "xi": (r"\xi", "ξ"),
    "Delta_0": (r"\Delta_0", "Δ0"),
    "Delta_0/|e|": (r"\Delta_0/|e|", "Δ0/|e|"),
    "T_c": ("T_c", "Tc"),
    "N_0": ("N_0", "N0"),
    "|e| N_0 Delta_0": (r"|e|\,N_0\Delta_0", "|e| N0 Δ0"),
    "N_0 Delta_0^2": (r"N_0\Delta_0^2", "N0 Δ0²"),
    "(hbar/2) N_0 Delta_0": (r"(\hbar/2)\,N_0\Delta_0", "(ħ/2) N0 Δ0"),
    "(hbar/2) N_0 Delta_0^2": (r"(\hbar/2)\,N_0\Delta_0^2", "(ħ/2) N0 Δ0²"),
    _CHARGE_CURRENT: (r"\Delta_0/|e|R_\xi", "Δ0/(|e| R_ξ)"),
    _ENERGY_CURRENT: (r"\Delta_0^2/e^2R_\xi", "Δ0²/(e² R_ξ)"),
    _SPIN_CURRENT: (r"(\hbar/2)\,N_0D\Delta_0/\xi", "(ħ/2) N0 D Δ0/ξ"),
    _SPIN_ENERGY_CURRENT: (r"(\hbar/2|e|)\,\Delta_0^2/|e|R_\xi", "(ħ/2|e|) Δ0²/(|e| R_ξ)"),
}


_ASCII = {text: units for units, (_, text) in _UNITS.items()} | {"": "1"}

LAYER_SYMBOLS = MappingProxyType({"superconductor": "S", "normal_metal": "N", "ferromagnet": "F", "half_metal": "H"})
"""What figures and summaries call a layer without a name, by its kind."""

_PARAMETER_SYMBOLS = {
    "temperature": "T", "length": "L", "spin_voltage": "eV_s", "voltage": "eV", "inelastic": r"\Gamma",
    "spin_mixing": r"G_\varphi/G_N", "conductance": "G_T/G_N", "exchange_field": "h", "magnetization": "m",
    "polarization": "P", "phase": r"\varphi", "spin_axis": "u", "spin_temperature": "T_s", "rashba": r"\alpha",
    "nanowire": r"\alpha", "dresselhaus": r"\beta",
}  # fmt: skip


def units_ascii(text: str) -> str:
    """Units of a file for those of the reference of keys, which have Greek letters."""
    return _ASCII.get(text, text)


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


def units_latex(units: str) -> str:
    """Units in LaTeX math, without dollar signs; unknown units (of a user's own variable) as upright text."""
    known = _UNITS.get(units)
    return known[0] if known else r"\mathrm{" + units.replace(" ", r"\,").replace("_", r"\_") + "}"


def units_text(units: str) -> str:
    """Units as a terminal shows them, with Greek letters."""
    known = _UNITS.get(units)
    return known[1] if known else units


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
    Entry("interface", ("interface",), "1", "Place of the interface in the stack, from 0", "k", "label"),
)


def _with_parts(entry: Entry) -> tuple[Entry, Entry, Entry]:
    """Return the total current and its supercurrent and resistive parts."""

    def part(suffix: str, word: str, mark: str) -> Entry:
        name = f"{entry.name}_{suffix}"
        symbol = f"{entry.symbol}^{{\\mathrm{{{mark}}}}}"
        return Entry(name, entry.dims, entry.units, f"{entry.long_name}, {word} part", symbol)

    return entry, part("super", "supercurrent", "sup"), part("resistive", "resistive", "res")


_X = ("position",)
_CX = ("component", "position")
_VARIABLES = (
    Entry("gap", _X, "Delta_0", "Superconducting gap", r"|\Delta|"),
    Entry("gap_phase", _X, "rad", "Superconducting phase", r"\varphi"),
    Entry("singlet_real", _X, "Delta_0", "Singlet pair amplitude, real part", r"\mathrm{Re}\,F_s"),
    Entry("singlet_imag", _X, "Delta_0", "Singlet pair amplitude, imaginary part", r"\mathrm{Im}\,F_s"),
    Entry("triplet_real", _CX, "Delta_0", "Triplet pair amplitude, real part", r"\mathrm{Re}\,F_t"),
    Entry("triplet_imag", _CX, "Delta_0", "Triplet pair amplitude, imaginary part", r"\mathrm{Im}\,F_t"),
    *_with_parts(Entry("charge_current", _X, _CHARGE_CURRENT, "Charge current", "J_e")),
    *_with_parts(Entry("energy_current", _X, _ENERGY_CURRENT, "Energy current", r"J_\epsilon")),
    *_with_parts(Entry("spin_current", _CX, _SPIN_CURRENT, "Spin current", "J_s")),
    *_with_parts(Entry("spin_energy_current", _CX, _SPIN_ENERGY_CURRENT, "Spin-energy current", r"J_{s\epsilon}")),
    Entry("charge_accumulation", _X, "|e| N_0 Delta_0", "Charge accumulation", r"\rho_e"),
    Entry("energy_accumulation", _X, "N_0 Delta_0^2", "Energy accumulation", r"\rho_\epsilon"),
    Entry("spin_accumulation", _CX, "(hbar/2) N_0 Delta_0", "Spin accumulation", r"\rho_s"),
    Entry(
        "spin_energy_accumulation",
        _CX,
        "(hbar/2) N_0 Delta_0^2",
        "Spin-energy accumulation",
        r"\rho_{s\epsilon}",
    ),
    Entry("dos", ("position", "energy"), "N_0", "Density of states", "N"),
    Entry("dos_spin", ("component", "position", "energy"), "N_0", "Spin density of states", "N_s"),
    Entry("distribution", ("mode", "position", "energy"), "1", "Distribution function", "h"),
    Entry("torque", ("component", "interface"), _SPIN_CURRENT, "Torque on the interface magnet", r"\tau"),
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
VARIABLES = MappingProxyType({entry.name: entry for entry in _VARIABLES})
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
