"""Rows of label and text: what summaries are made of."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from usadel.units.beside import PROGRAM_ONLY, Beside

if TYPE_CHECKING:
    import xarray as xr


class Rows(list[tuple[str, str]]):
    """Pairs of label and text that show themselves in two columns, in a terminal and in a notebook."""

    def __repr__(self) -> str:
        return laid_out(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        left = ' style="text-align:left"'
        cells = "".join(f"<tr><th{left}>{escape(a)}</th><td{left}>{escape(b)}</td></tr>" for a, b in self)
        return f"<table>{cells}</table>"


def laid_out(rows: list[tuple[str, str]], title: str = "") -> str:
    """Rows of label and text in two columns, below a title if there is one."""
    width = max((len(label) for label, _ in rows), default=0)
    lines = [f"{label:<{width}}  {text}" for label, text in rows]
    return "\n".join([title, *lines] if title else lines)


def axis_text(axis: xr.DataArray, beside: Beside = PROGRAM_ONLY) -> str:
    """The range of an axis, and how many values it has."""
    first, last = float(axis.values[0]), float(axis.values[-1])
    units = axis.attrs.get("units", "1")
    return f"{first:.6g}{beside(units, first)} to {last:.6g}{beside(units, last)}, {axis.size} values"
