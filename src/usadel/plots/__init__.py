"""Figures of results: functions that take a dataset and, if given, axes, and return axes or a figure.

Nothing here changes matplotlib's global settings or pyplot's current figure.
"""

from usadel.errors import PlotError
from usadel.plots.branches import branch, explain
from usadel.plots.critical import critical
from usadel.plots.distributions import distribution_cuts, distribution_map
from usadel.plots.figures import default_figure
from usadel.plots.fits import fit, residuals
from usadel.plots.josephson import josephson
from usadel.plots.profiles import profile, torque
from usadel.plots.response import response, terminals
from usadel.plots.spectra import dos_cuts, dos_map, spectrum, tunnel_conductance
from usadel.plots.style import save_figure
from usadel.plots.sweeps import sweep

__all__ = [
    "PlotError",
    "branch",
    "critical",
    "default_figure",
    "distribution_cuts",
    "distribution_map",
    "dos_cuts",
    "dos_map",
    "explain",
    "fit",
    "josephson",
    "profile",
    "residuals",
    "response",
    "save_figure",
    "spectrum",
    "sweep",
    "terminals",
    "torque",
    "tunnel_conductance",
]
