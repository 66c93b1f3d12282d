"""How a variable of the result file is labelled."""

from __future__ import annotations

from dataclasses import dataclass

COMPONENTS = ("x", "y", "z")
POSITION = ("position",)
VECTOR = ("component", "position")


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
        ASCII units, one of :mod:`usadel.quantities.units`; "1" for a pure number.
    long_name : str
        What a figure's axis or a listing calls it.
    symbol : str
        LaTeX symbol, without dollar signs.
    kind : str
        "real", "integer", "text", or "label" (whole numbers or text).
    drawn : bool
        Whether the figure of a result shows it, where it is not zero, unless other variables are asked for.
    """

    name: str
    dims: tuple[str, ...]
    units: str
    long_name: str
    symbol: str
    kind: str = "real"
    drawn: bool = False

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
