"""The figures of the study of Morten, Brataas and Belzig (2004)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

import usadel as us

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

TEMPERATURE = r"Temperature $T/T_c$"
SIGNAL = r"$\Delta\mu/eV$ over its value above $T_c$"


def _signals(data: xr.Dataset, ax: Axes, logarithmic: bool) -> None:
    colours = (us.plots.style.BLUE, us.plots.style.GREEN, us.plots.style.VERMILLION)
    for distance, dashes, marker in zip(data.distance.values, (":", "-"), ("o", "s"), strict=True):
        for bias, colour in zip(data.bias.values, colours, strict=True):
            at = {"distance": distance, "bias": bias}
            ax.plot(data.curve, data.equation_11.sel(at), ls=dashes, color=colour)
            device = data.device.sel(at)
            ax.plot(data.temperature, device, marker, color=colour, ms=3.5, mfc="white" if marker == "o" else None)
    for bias, colour in zip(data.bias.values, colours, strict=True):
        ax.plot([], [], color=colour, label=rf"$eV={bias:g}\,\Delta_0$")
    for distance, dashes, marker in zip(data.distance.values, (":", "-"), ("o", "s"), strict=True):
        fill = "white" if marker == "o" else None
        ax.plot([], [], ls=dashes, marker=marker, ms=3.5, mfc=fill, color="black", label=rf"$L/l_{{sf}}={distance:g}$")
    ax.set(xlabel=TEMPERATURE, ylabel=SIGNAL, xlim=(0, 1.1))
    if logarithmic:
        ax.set(yscale="log", ylim=(1e-13, 3))
    ax.legend()


def signals(data: xr.Dataset) -> dict[str, Figure]:
    """Fig. 2, lines from Eq. (11) and points of the device; once more down to the smallest signal."""
    found = {}
    for name, logarithmic in (("fig2", False), ("fig2_logarithmic", True)):
        with us.plots.style.styled():
            found[name] = Figure(figsize=(4.4, 3.4))
            _signals(data, found[name].add_subplot(), logarithmic)
    return found


def probe(data: xr.Dataset) -> dict[str, Figure]:
    """What a probe measures, and the formula for it."""
    with us.plots.style.styled():
        figure = Figure(figsize=(4.4, 3.4))
        ax = figure.add_subplot()
        ax.plot(data.temperature, data.equation_11, color=us.plots.style.BLACK, label="Eq. (11)")
        for name, marker, colour, label in (
            ("formula", "o", us.plots.style.BLUE, r"device, $\int h_{TS}$ above the gap"),
            ("formula_with_subgap", "^", us.plots.style.VERMILLION, r"device, $\int h_{TS}$ over all energies"),
            ("measured", "s", us.plots.style.GREEN, "device, probe without current"),
        ):
            ax.plot(data.temperature, data[name], marker, color=colour, ms=4, label=label)
        ax.set(xlabel=TEMPERATURE, ylabel=SIGNAL, xlim=(0, 1.05), yscale="log")
        ax.legend()
    return {"probe": figure}


def convergence(data: xr.Dataset) -> dict[str, Figure]:
    """Deviation of the device from Eq. (11)."""
    with us.plots.style.styled():
        figure = Figure(figsize=(4.4, 3.1))
        ax = figure.add_subplot()
        for barrier, (colour, dashes) in zip(data.barrier.values, us.plots.style.CYCLE, strict=False):
            deviation = np.abs(data.deviation.sel(barrier=barrier))
            ax.plot(
                data.length, deviation, ls=dashes, marker="o", ms=4, color=colour, label=rf"$R_I/R_{{sf}}={barrier:g}$"
            )
        ax.set(xlabel=r"$l_{sf}/\xi$", ylabel="relative deviation from Eq. (11)", xscale="log", yscale="log")
        ax.set_xticks(data.length.values, [f"{length:g}" for length in data.length.values])
        ax.set_xticks([], minor=True)
        ax.margins(x=0.05)
        ax.legend()
    return {"convergence": figure}


def coefficients(data: xr.Dataset) -> dict[str, Figure]:
    """Coefficients against energy: closed form, homogeneous superconductor, and the wire of the device."""
    panels = (
        (("alpha_tt", r"$\alpha_{TT}$"), ("alpha_lsls", r"$\alpha_{LSLS}$"), ("alpha_tsts", r"$\alpha_{TSTS}$")),
        (("d_l", r"$D_L/D$"), ("d_t", r"$D_T/D$"), ("l_sf", r"$l_{sf}(E)/l_{sf}$")),
    )
    below = data.energy.values < 1
    with us.plots.style.styled():
        figure = Figure(figsize=(7.2, 3.2))
        for number, (curves, limits) in enumerate(zip(panels, ((-6, 6), (-0.3, 6)), strict=True)):
            ax = figure.add_subplot(1, 2, number + 1)
            for (name, label), (colour, _) in zip(curves, us.plots.style.CYCLE, strict=False):
                for part in (below, ~below):
                    ax.plot(data.energy[part], data[f"{name}_closed"][part], color=colour)
                ax.plot(data.energy, data[f"{name}_wire"], color=colour, lw=0.8, ls="--")
                ax.plot(data.energy[::4], data[f"{name}_program"][::4], "o", ms=3, color=colour, label=label)
            ax.set(xlabel=r"Energy $E/\Delta$", ylim=limits)
            ax.legend()
    return {"coefficients": figure}


FIGURES: dict[str, Callable[[xr.Dataset], dict[str, Figure]]] = {
    "fig2": signals,
    "probe": probe,
    "convergence": convergence,
    "coefficients": coefficients,
}
