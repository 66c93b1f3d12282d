"""What terminals are at, where some of them float; and their linear response, as a matrix."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.profiles import variable_of
from usadel.plots.style import ROOM, drawing, label, plain
from usadel.results.schema import RESPONSE

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_SYMBOLS = {
    "charge": "I", "energy": "J_E", "spin_x": "J_x", "spin_y": "J_y", "spin_z": "J_z",
    "voltage": "V", "temperature": "T", "spin_voltage_x": "V_x", "spin_voltage_y": "V_y", "spin_voltage_z": "V_z",
    "phase": r"\varphi",
}  # fmt: skip
_DECADES = 3  # below the largest entry, of which the colours tell apart
_WIDTH = 16  # letters of a line of a name
_MOST_NUMBERS = 12  # of rows or columns in which numbers can be read


def is_response(data: xr.Dataset) -> bool:
    """Whether a dataset holds a matrix of linear response."""
    return data.attrs.get("procedure") == RESPONSE


def response(data: Given, ax: Axes | None = None) -> Axes:
    """Draw the matrix of linear response as a map: red where an entry is positive, blue where it is negative.

    Rows and columns of zeros, and of what does not exist, are left out. Colours are logarithmic in the entry, in units
    of the largest; where there is room the numbers stand in their places.

    Parameters
    ----------
    data : xarray.Dataset or Response
        As in the result file of ``usadel response``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data holds no matrix of linear response.
    """
    data = dataset_of(data)
    if not is_response(data):
        raise PlotError("the data holds no matrix of linear response")
    matrix = data["response"].stack(row=("terminal", "current"), column=("driven", "drive"))
    matrix = matrix.transpose("row", "column")
    noise = max(1e-9, float(np.nan_to_num(data.attrs["estimated_error"])))
    large = np.nan_to_num(np.abs(matrix.values)) > noise
    rows, columns = np.flatnonzero(large.any(axis=1)), np.flatnonzero(large.any(axis=0))
    if rows.size == 0:
        raise PlotError("no entry of the matrix is larger than the estimated error")
    values = matrix.values[np.ix_(rows, columns)]
    with drawing(ax) as axes:
        axes.imshow(_colour(values), cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
        axes.set_xticks(
            range(columns.size), [_text(*matrix["column"].values[k]) for k in columns], rotation=90, fontsize=6
        )
        axes.set_yticks(range(rows.size), [_text(*matrix["row"].values[k]) for k in rows], fontsize=6)
        axes.grid(visible=False)
        if max(values.shape) <= _MOST_NUMBERS:
            _write_numbers(axes, values, noise)
        axes.set(xlabel="driven", ylabel="current into the device")
    return axes


def terminals(data: Given, quantity: str, ax: Axes | None = None) -> Axes:
    """Draw what terminals are at, such as `terminal_voltage`: bars of a solution, lines along a trace or over one axis.

    Parameters
    ----------
    data : xarray.Dataset or result
        Of a device with terminals that float.
    quantity : str
        A variable over terminals.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If there is no such quantity, or it depends on several parameters.
    """
    data = dataset_of(data)
    values = variable_of(data, quantity).squeeze(drop=True)
    along = [str(dim) for dim in values.dims if dim not in ("terminal", "direction")]
    if "terminal" not in values.dims or len(along) > 1:
        raise PlotError(f"'{quantity}' depends on {', '.join(map(str, values.dims))}; choose with data.isel")
    with drawing(ax) as axes:
        names = [plain(str(name)) for name in values["terminal"].values]
        if along:
            at = data[str(data.attrs["parameter"])] if along[0] == "branch_point" else data[along[0]]
            for number, name in enumerate(names):
                curves = np.atleast_2d(values.isel(terminal=number).transpose(..., along[0]).values)
                for row, style in zip(curves, ("-", "--"), strict=False):
                    axes.plot(at.values, row, style, color=f"C{number}", label=name if style == "-" else None)
            axes.margins(x=ROOM)
            axes.set_xlabel(label(at))
            axes.legend(ncols=2)
        else:
            axes.bar(names, values.values, width=0.6)
            axes.axhline(0.0, color="#303030", linewidth=0.7)
            axes.tick_params(axis="x", rotation=30)
        axes.set_ylabel(label(values, None, "\n"))
    return axes


def _colour(values: np.ndarray) -> np.ndarray:
    """Entries on a logarithmic scale, from -1 to 1."""
    size = np.abs(values) / np.nanmax(np.abs(values))
    with np.errstate(divide="ignore"):
        return np.asarray(np.sign(values) * np.clip(1 + np.log10(size) / _DECADES, 0, 1))


def _text(terminal: str, what: str) -> str:
    name = textwrap.fill(str(terminal).replace("_", " "), _WIDTH)  # default names are long, and stand upright
    return f"{plain(name)} ${_SYMBOLS[str(what)]}$"


def _write_numbers(axes: Axes, values: np.ndarray, noise: float) -> None:
    dark = np.abs(_colour(values)) > 0.7
    for (row, column), value in np.ndenumerate(values):
        if abs(value) > noise:
            colour = "white" if dark[row, column] else "black"
            axes.text(column, row, f"{value:.2g}", ha="center", va="center", fontsize=5, color=colour)
