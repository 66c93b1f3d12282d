"""Distribution functions that were solved for: maps over position and energy, and cuts through them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from usadel.errors import PlotError
from usadel.plots.given import Given, dataset_of
from usadel.plots.profiles import variable_of
from usadel.plots.spectra import energy_cuts, energy_map
from usadel.plots.style import SIGNED_MAP
from usadel.results.schema import MODES

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_NOTHING = 1e-9  # a mode this small is rounding
_COMPONENT = re.compile(r"_([xyz])$")


def distribution_map(data: Given, ax: Axes | None = None, mode: str | None = None) -> Axes:
    """Draw one mode of the distribution function over position and energy.

    Parameters
    ----------
    data : xarray.Dataset or Solution
        A single solution with `distribution`; a result has it computed.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.
    mode : str, optional
        energy, spin_energy_x, _y, _z, charge, spin_x, _y or _z (h0 to h7); by default the largest besides energy,
        which alone is not zero in equilibrium.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data has no distribution functions, or no such mode.
    """
    data = dataset_of(data, ["distribution"])
    chosen, name = _resolved(data, mode)
    largest = max(_NOTHING, float(np.nanmax(np.abs(chosen.values), initial=0.0)))
    look = {"vmin": -largest, "vmax": largest, "cmap": SIGNED_MAP}
    return energy_map(data, chosen, name, look, "neither", ax)


def distribution_cuts(
    data: Given,
    positions: Sequence[float] | None = None,
    ax: Axes | None = None,
    mode: str | None = None,
) -> Axes:
    """Draw one mode of the distribution function against energy at some positions.

    Parameters
    ----------
    data : xarray.Dataset or Solution
        A single solution with `distribution`; a result has it computed.
    positions : sequence of float, optional
        Positions (ξ), interpolated between nodes; by default the centres of the layers, at most five; of a single
        layer its ends, too.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure.
    mode : str, optional
        As in :func:`distribution_map`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PlotError
        If the data has no distribution functions or no such mode, or a position lies outside the device.
    """
    data = dataset_of(data, ["distribution"])
    chosen, name = _resolved(data, mode)
    return energy_cuts(data, chosen, name, positions, ax)


def _resolved(data: xr.Dataset, mode: str | None) -> tuple[xr.DataArray, str]:
    """One mode (position, energy) and what an axis calls it."""
    variable = variable_of(data, "distribution")
    known = [str(name) for name in variable["mode"].values]
    if mode is None:
        sizes = np.nanmax(np.abs(variable.transpose("mode", ...).values), axis=(1, 2), initial=0.0)
        sizes[sizes < _NOTHING] = 0.0
        sizes[known.index("energy")] = _NOTHING / 2
        mode = known[int(np.argmax(sizes))]
    if mode not in known:
        raise PlotError(f"'distribution' has the modes {', '.join(known)}, not '{mode}'")
    number = MODES.index(mode)
    words = _COMPONENT.sub(r" $\1$", mode).replace("_", " ")
    name = f"Distribution function\n${variable.attrs.get('symbol', 'h')}_{number}$, {words}"
    return variable.sel(mode=mode).transpose("position", "energy"), name
