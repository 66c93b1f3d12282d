"""The figure that shows what a result holds."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from usadel.errors import PlotError
from usadel.plots.branches import FREE_ENERGY, at_place, branch, explain
from usadel.plots.critical import critical
from usadel.plots.distributions import distribution_cuts, distribution_map
from usadel.plots.fits import fit, is_fit, residuals
from usadel.plots.given import Given, dataset_of, readable_of
from usadel.plots.josephson import is_josephson, josephson
from usadel.plots.profiles import profile, torque, variable_of
from usadel.plots.response import is_response, response, terminals
from usadel.plots.spectra import TUNNEL, dos_cuts, dos_map, tunnel_conductance
from usadel.plots.style import VERMILLION, styled
from usadel.plots.sweeps import is_sweep, sweep
from usadel.results.critical import sought
from usadel.results.schema import MAPS, VARIABLES
from usadel.results.summary import title

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Panel = Callable[..., "Axes"]
_PANEL = (3.5, 2.55)  # inches
_MOST_PANELS = 9
_PROFILES = tuple(entry.name for entry in VARIABLES.values() if entry.drawn)


def default_figure(data: Given, quantities: Sequence[str] | None = None, *, si: bool = False) -> Figure:
    """Draw a result: the quantities asked for, or those that are not zero.

    Parameters
    ----------
    data : xarray.Dataset or result
        A single solution, a traced branch, critical values, a sweep, a response, or a fit; a solution has the density
        of states and distributions computed if they are shown.
    quantities : sequence of str, optional
        Variables, each one panel; one spin component as in "spin_current.z", one mode as in "distribution.charge". By
        default the gap (or the pair amplitude where there is no gap), its phase if it varies, every current and
        accumulation larger than the estimated error, the density of states, and the largest mode of distributions that
        were solved for, besides that of energy.
    si : bool
        Show nm, meV, K, nA, …, of a result whose device has a table [scale]; densities of states stay in N0.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot; save it with :func:`save_figure`.

    Raises
    ------
    PlotError
        If a quantity is unknown or there is nothing to draw.
    """
    given = data
    data = dataset_of(data, [text.partition(".")[0] for text in quantities] if quantities else MAPS)
    real = readable_of(given, data) if si else None
    if real is not None:
        data = data[list(real.data_vars)]
    panels = [_panel(data, text) for text in quantities] if quantities else _choose(data)
    if not panels:
        raise PlotError("the data holds nothing to draw")
    if real is not None:
        data = real
    columns = 1 if len(panels) == 1 else 2 if len(panels) <= 4 else 3
    rows = math.ceil(len(panels) / columns)
    with styled():
        figure = Figure(figsize=(_PANEL[0] * columns + 0.2, _PANEL[1] * rows + 0.4))
        for index, panel in enumerate(panels):
            panel(data, ax=figure.add_subplot(rows, columns, index + 1))
        if "branch_point" in data.dims:
            explain(figure, data)
        _annotate(figure, data, 30 * columns)
    return figure


def _annotate(figure: Figure, data: xr.Dataset, width: int) -> None:
    """Write the device's title, and a warning if the result is not converged."""
    if text := title(data):
        figure.suptitle(textwrap.fill(text, width), parse_math=False, fontweight="bold")
    if not data.attrs.get("converged", 1) and "branch_point" not in data.dims:  # that of a trace stands in its legend
        reason = f"residual {data.attrs.get('residual', math.nan):.0e}"
        if is_sweep(data):
            reason = f"{int((data['converged'] == 0).sum())} of {data['converged'].size} points"
        if is_fit(data):
            reason = "no minimum"
        figure.supxlabel(f"Not converged: {reason}", color=VERMILLION, fontsize=9)


def _panel(data: xr.Dataset, text: str) -> Panel:
    """Return what draws one quantity, given as "name" or "name.component"."""
    quantity, _, component = text.partition(".")
    variable = variable_of(data, quantity)
    chosen = component or None
    if "terminal" in variable.dims and not is_response(data):
        return partial(terminals, quantity=quantity)
    if "branch_point" in data.dims:
        return partial(_branch_panel, quantity=quantity, component=chosen)
    if is_fit(data):
        raise PlotError(f"'{quantity}' of a fit is not drawn alone; allowed: the figure of the fit, without quantities")
    if is_sweep(data):
        return partial(_sweep_panel, quantity=quantity, component=chosen)
    if "mode" in variable.dims:
        return partial(distribution_map, mode=chosen)
    if "energy" in variable.dims:
        return partial(dos_map, quantity=quantity, component=chosen)
    if "interface" in variable.dims:
        return partial(torque, component=chosen)
    if not variable.dims:
        raise PlotError(f"'{quantity}' is a single number; along a trace it can be drawn")
    return partial(_profile_panel, quantity=quantity, component=chosen)


def _profile_panel(data: xr.Dataset, ax: Axes, quantity: str, component: str | None = None) -> Axes:
    return profile(data, quantity, ax, component)


def _branch_panel(data: xr.Dataset, ax: Axes, quantity: str, component: str | None = None) -> Axes:
    return branch(data, quantity, component, ax)


def _sweep_panel(data: xr.Dataset, ax: Axes, quantity: str, component: str | None = None) -> Axes:
    return sweep(data, quantity, component, ax)


def _choose(data: xr.Dataset) -> list[Panel]:
    """Return the panels of a result nobody has asked a question about."""
    if sought(data) is not None:
        return [critical]
    if is_josephson(data):
        return [josephson]
    if is_response(data):
        return [response]
    if is_fit(data):
        return [fit, residuals]
    if TUNNEL in data:
        return [tunnel_conductance]
    error = float(data.attrs.get("estimated_error", 0.0))
    threshold = max(1e-9, error if math.isfinite(error) else 0.0)

    def matters(name: str) -> bool:
        if name not in data:
            return False
        drawn = at_place(data[name]) if "branch_point" in data.dims else data[name]
        return bool(np.nanmax(np.abs(drawn.values), initial=0.0) > threshold)

    names = [name for name in ("gap",) if matters(name)]
    if not names and matters("singlet_real"):
        names = ["singlet_real"]
    if "gap" in names and _phase_varies(data):
        names.append("gap_phase")
    if "branch_point" in data.dims and matters(FREE_ENERGY):
        names.append(FREE_ENERGY)
    names += [name for name in _PROFILES if matters(name)]
    spectra: list[Panel] = [dos_map, dos_cuts] if "dos" in data and not is_sweep(data) else []
    spectra += [distribution_map, distribution_cuts] if "distribution" in data and not is_sweep(data) else []
    panels = [_panel(data, name) for name in names][: _MOST_PANELS - len(spectra)] + spectra
    profiles = [str(name) for name, variable in data.data_vars.items() if {"position", "fraction"} & set(variable.dims)]
    if not (panels or profiles):
        raise PlotError("no point was solved: there is nothing to draw")
    return panels or [_panel(data, profiles[0])]


def _phase_varies(data: xr.Dataset) -> bool:
    if "gap_phase" not in data or "position" not in data["gap"].dims or "branch_point" in data.dims:
        return False
    phase = data["gap_phase"].values[data["gap"].values != 0]
    return bool(np.ptp(phase) > 1e-6) if phase.size else False
