"""Units of all variables: plain ASCII in files, LaTeX in figures, Greek letters in the terminal."""

from __future__ import annotations

CHARGE_CURRENT = "Delta_0/(|e| R_xi)"
ENERGY_CURRENT = "Delta_0^2/(e^2 R_xi)"
SPIN_CURRENT = "(hbar/2) N_0 D Delta_0/xi"
SPIN_ENERGY_CURRENT = "(hbar/2|e|) Delta_0^2/(|e| R_xi)"

UNITS = {
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
    "N_0 Delta_0^2 xi A_0": (r"N_0\Delta_0^2\xi A_0", "N0 Δ0² ξ A0"),
    "(hbar/2) N_0 Delta_0": (r"(\hbar/2)\,N_0\Delta_0", "(ħ/2) N0 Δ0"),
    "(hbar/2) N_0 Delta_0^2": (r"(\hbar/2)\,N_0\Delta_0^2", "(ħ/2) N0 Δ0²"),
    CHARGE_CURRENT: (r"\Delta_0/|e|R_\xi", "Δ0/(|e| R_ξ)"),
    ENERGY_CURRENT: (r"\Delta_0^2/e^2R_\xi", "Δ0²/(e² R_ξ)"),
    SPIN_CURRENT: (r"(\hbar/2)\,N_0D\Delta_0/\xi", "(ħ/2) N0 D Δ0/ξ"),
    SPIN_ENERGY_CURRENT: (r"(\hbar/2|e|)\,\Delta_0^2/|e|R_\xi", "(ħ/2|e|) Δ0²/(|e| R_ξ)"),
}

_ASCII = {text: units for units, (_, text) in UNITS.items()} | {"": "1"}


def units_ascii(text: str) -> str:
    """Units of a file for those of the reference of keys, which have Greek letters."""
    return _ASCII.get(text, text)


def units_latex(units: str) -> str:
    """Units in LaTeX math, without dollar signs; unknown units (of a user's own variable) as upright text."""
    known = UNITS.get(units)
    return known[0] if known else r"\mathrm{" + units.replace(" ", r"\,").replace("_", r"\_") + "}"


def units_text(units: str) -> str:
    """Units as a terminal shows them, with Greek letters."""
    known = UNITS.get(units)
    return known[1] if known else units
