"""Colours, labels and the style of new figures. The style touches only artists made inside :func:`styled`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.style
from matplotlib.figure import Figure

from usadel.results.schema import units_latex
from usadel.units.dataset import PER_UNIT

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

STYLE = Path(__file__).with_name("usadel.mplstyle")

# Okabe & Ito's palette, told apart with every common kind of colour blindness
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
SCALAR = BLUE
COMPONENTS = {"x": (VERMILLION, "-"), "y": (GREEN, (0, (5, 1.5))), "z": (BLUE, (0, (4, 1.2, 1, 1.2)))}
"""Colour and dash pattern of each spin component: also told apart in print without colour."""
CYCLE = tuple(
    zip(
        (BLUE, VERMILLION, GREEN, PURPLE, ORANGE),
        ("-", (0, (5, 1.5)), (0, (4, 1.2, 1, 1.2)), ":", "-"),
        strict=True,
    )
)
"""Colour and dash pattern of curves at different positions; curves that coincide are both seen."""
DENSITY_MAP, SIGNED_MAP = "viridis", "PuOr_r"
FAINT = "#9a9a9a"
ROOM = 0.03  # of the axes' width, beside curves with dots at their ends


@contextmanager
def styled() -> Iterator[None]:
    """Apply the package's style to what is created inside, and restore the session's own on leaving."""
    with matplotlib.style.context(str(STYLE)):
        yield


@contextmanager
def drawing(ax: Axes | None) -> Iterator[Axes]:
    """Give `ax`, in the style of its figure, or the axes of a new figure in the package's style.

    The new figure belongs to no global state: pyplot does not know it.
    """
    if ax is not None:
        yield ax
        return
    with styled():
        yield Figure(figsize=(4.4, 3.1)).add_subplot()


def per_unit(variable: xr.DataArray) -> float:
    """How many of the units of a variable one unit of the program is: 1 unless it is shown in real units."""
    return float(variable.attrs.get(PER_UNIT, 1.0))


def small_multiplier(ax: Axes) -> None:
    """Move a common power of ten away from the names of the layers above the axes."""
    ax.yaxis.get_offset_text().set_horizontalalignment("right")


def symbol_with_units(variable: xr.DataArray) -> str:
    """Return the symbol and the units in brackets, as mathtext."""
    symbol, units = variable.attrs.get("symbol"), variable.attrs.get("units", "1")
    parts = [f"${symbol}$"] if symbol and not _is_spelt_out(symbol) else []
    if units != "1":
        parts.append(f"$[{units_latex(units)}]$")
    return " ".join(parts)


def _is_spelt_out(symbol: str) -> bool:
    r"""Whether a symbol is the name itself, such as \mathrm{angle}: behind the name it would say it twice."""
    return re.fullmatch(r"\\mathrm\{[^{}]*\}(_[xyz])?", symbol) is not None


def label(variable: xr.DataArray, component: str | None = None, separator: str = " ") -> str:
    """Return the axis label of a variable: long name, spin component, symbol and units.

    Parameters
    ----------
    variable : xarray.DataArray
        With the attributes of the schema; one without them is called by its name.
    component : str, optional
        The spin component shown, if it is only one.
    separator : str
        Between the name and the symbol; a line break for vertical axes.
    """
    name = variable.attrs.get("long_name", str(variable.name))
    name += f", ${component}$ component" if component else ""
    return f"{name}{separator}{symbol_with_units(variable)}".rstrip()


def plain(text: str) -> str:
    """Return text from a device file so that its dollar signs are dollar signs."""
    return text.replace("$", r"\$")


def save_figure(figure: Figure, path: str | Path, **options: Any) -> Path:
    """Write a figure as PNG, PDF or SVG, whole or not at all; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to write.
    path : str or path-like
        File name; its ending selects the format.
    **options
        Passed on to :meth:`matplotlib.figure.Figure.savefig`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    usadel.results.StorageError
        If the ending is none of the three or the file cannot be written.
    """
    from usadel.results import check_writable, write_file

    target = check_writable(path, (".png", ".pdf", ".svg"))
    kind = target.suffix.lower().lstrip(".")
    dates: dict[str, dict[str, Any]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    options.setdefault("metadata", dates.get(kind))
    drawn = io.BytesIO()
    with styled():
        figure.savefig(drawn, format=kind, **options)
    return write_file(target, drawn.getvalue())
