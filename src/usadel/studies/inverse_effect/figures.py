"""The figures of the study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from usadel.plots import style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Figures = dict[str, Figure]
ANGLE = r"Angle $\theta/\pi$ between the magnets"
SPIN_VOLTAGE = r"Spin voltage $eV_s/\Delta_0$"
TEMPERATURE = r"Temperature $T/T_c$"
DIAGONAL = {"xx": style.VERMILLION, "yy": style.GREEN, "zz": style.BLUE}
ODD = {"zx": style.BLUE, "xz": style.VERMILLION}  # of what is driven and what answers
OWN = {"zx": style.BLUE, "yx": style.GREEN}  # of the first magnet, which is along x
METALS = {"S": "superconductor", "N": "normal metal"}
DASHED = (0, (5, 1.5))


@contextmanager
def _panels(count: int, width: float = 3.5, rows: int = 1) -> Iterator[tuple[Figure, list[Any]]]:
    """Panels side by side, lettered where there are several."""
    with style.styled():
        figure = Figure(figsize=(width * count, 2.9 * rows))
        axes = list(np.ravel(figure.subplots(rows, count)))
        if len(axes) > 1:
            for ax, letter in zip(axes, "abcdef", strict=False):
                ax.set_title(f"({letter})", loc="left")
        yield figure, axes


def _zero(ax: Axes) -> None:
    ax.axhline(0.0, color=style.FAINT, linewidth=0.7, zorder=0)


def angle(data: xr.Dataset) -> Figures:
    """Matrix of nonlocal spin conductances: even and odd part in m₁×m₂; and torques on the second magnet."""
    found: Figures = {}
    with _panels(2, rows=2) as (found["nonlocal_angle"], axes):
        for column, (metal, name) in enumerate(METALS.items()):
            at = data.sel(metal=metal)
            even, odd = axes[column], axes[2 + column]
            for entry, colour in DIAGONAL.items():
                values = at.conductance.sel(component=entry[0], axis=entry[1])
                even.plot(data.angle, values, color=colour, marker="o", ms=3, label=rf"${entry}$")
            for entry, colour in ODD.items():
                values = at.conductance.sel(component=entry[0], axis=entry[1])
                odd.plot(data.angle, values, color=colour, marker="o", ms=3, label=rf"${entry}$")
            even.set_title(name)
            even.set_ylim(top=0)
            _zero(odd)
            for ax, part in ((even, "diagonal"), (odd, r"odd in $m_1\times m_2$")):
                ax.set(xlabel=ANGLE, ylabel=rf"$\partial J_i/\partial V_{{s,j}}$, {part}")
                ax.legend(title="$ij$", ncols=3)
    with _panels(2, rows=2) as (found["nonlocal_torque"], axes):
        for row, (magnet, entries) in enumerate(((2, ODD), (1, OWN))):
            for column, (metal, name) in enumerate(METALS.items()):
                ax = axes[2 * row + column]
                for entry, colour in entries.items():
                    values = data.torque_response.sel(metal=metal, magnet=magnet, component=entry[0], axis=entry[1])
                    ax.plot(data.angle, values, color=colour, marker="o", ms=3, label=rf"${entry}$")
                _zero(ax)
                ax.set_title(name if row == 0 else "")
                ax.set(xlabel=ANGLE, ylabel=rf"$\partial\tau_i/\partial V_{{s,j}}$, magnet {magnet}")
                ax.legend(title="$ij$", ncols=2)
    return found


def temperature(data: xr.Dataset) -> Figures:
    """At a right angle, over the values of the normal state; the gap and the torque at rest."""
    found: Figures = {}
    normal = data.isel(temperature=-1)
    with _panels(2) as (found["nonlocal_temperature"], axes):
        for entry, colour in DIAGONAL.items():
            of = {"component": entry[0], "axis": entry[1]}
            axes[0].plot(
                data.temperature, data.conductance.sel(of) / normal.conductance.sel(of),
                color=colour, marker="o", ms=3, label=rf"$\partial J_{entry[0]}/\partial V_{{s{entry[1]}}}$",
            )  # fmt: skip
        axes[0].set(xlabel=TEMPERATURE, ylabel="over that of the normal state", ylim=(0, None))
        for entry, colour in ODD.items():
            values = data.torque_response.sel(magnet=2, component=entry[0], axis=entry[1])
            label = rf"$\partial\tau_{entry[0]}/\partial V_{{s{entry[1]}}}$"
            axes[1].plot(data.temperature, values, color=colour, marker="o", ms=3, label=label)
            at_rest = float(normal.torque_response.sel(magnet=2, component=entry[0], axis=entry[1]))
            axes[1].axhline(at_rest, color=colour, linestyle=":", linewidth=0.9)
        axes[1].plot(data.temperature, data.torque.sel(magnet=2, component="z"), color=style.BLACK, ls=DASHED,
                     label=r"$\tau_z$ at rest")  # fmt: skip
        _zero(axes[1])
        axes[1].set(xlabel=TEMPERATURE, ylabel="Torque on magnet 2")
        for ax in axes:
            ax.legend()
    return found


def paper(data: xr.Dataset) -> Figures:
    """Both parts of the spin current against the spin voltage, imposed and solved; their exchange; torques."""
    found: Figures = {}
    with _panels(3, 3.2) as (found["injection"], axes):
        for ax, injected in zip(axes, data.injected.values, strict=False):
            at = data.sel(injected=injected)
            for component, (colour, _) in style.COMPONENTS.items():
                for part, distribution, line in (
                    ("super", "imposed", ":"), ("super", "solved", "-"), ("resistive", "solved", DASHED)
                ):  # fmt: skip
                    values = at[f"spin_current_{part}"].sel(distribution=distribution, component=component)
                    label = f"${component}$" if line == "-" else None
                    ax.plot(data.spin_voltage, values, color=colour, ls=line, label=label)
            _zero(ax)
            ax.set_title(f"spin-{injected} injection")
            ax.set(xlabel=SPIN_VOLTAGE, ylabel=r"Spin current $J_s$")
            ax.legend(ncols=3, loc="lower left" if injected == "x" else "center left")
        last = data.sel(injected="x", distribution="solved").isel(spin_voltage=-1)
        for component, (colour, _) in style.COMPONENTS.items():
            for part, line in (("super", "-"), ("resistive", DASHED)):
                values = last[f"spin_current_{part}_profile"].sel(component=component)
                axes[2].plot(data.position, values, color=colour, ls=line)
        for line, label in (("-", "super"), (DASHED, "resistive"), (":", "imposed")):
            axes[2].plot([], [], color=style.BLACK, ls=line, label=label)
        _zero(axes[2])
        axes[2].set_title(rf"spin-x, $eV_s={float(last.spin_voltage):g}\,\Delta_0$")
        axes[2].set(xlabel=r"Position $z/\xi$", ylabel=r"Spin current $J_s$")
        axes[2].legend(ncols=3)
    with _panels(2) as (found["injection_torque"], axes):
        for ax, injected in zip(axes, data.injected.values, strict=True):
            for component, (colour, _) in style.COMPONENTS.items():
                for distribution, line in (("imposed", ":"), ("solved", "-")):
                    where = {"injected": injected, "distribution": distribution, "component": component, "magnet": 2}
                    label = f"${component}$" if line == "-" else None
                    ax.plot(data.spin_voltage, data.torque.sel(where), color=colour, ls=line, label=label)
            _zero(ax)
            ax.set_title(f"spin-{injected} injection")
            ax.set(xlabel=SPIN_VOLTAGE, ylabel="Torque on magnet 2; dotted: imposed")
        axes[0].legend(ncols=3)
    return found


def mixing(data: xr.Dataset) -> Figures:
    """Relative differences between the solved and the imposed distribution against the spin mixing."""
    found: Figures = {}
    labels = {
        "spin_current_super_change": "supercurrent",
        "spin_accumulation_change": "spin accumulation",
        "resistive_over_super": "resistive current",
    }
    with _panels(1, 4.4) as (found["recovery"], axes):
        for (name, label), (colour, _) in zip(labels.items(), style.CYCLE, strict=False):
            for injected, line in (("x", "-"), ("z", DASHED)):
                axes[0].plot(
                    data.mixing_over_conductance, data[name].sel(injected=injected), color=colour, ls=line,
                    marker="o", ms=3, label=f"{label}, spin-{injected}",
                )  # fmt: skip
        axes[0].set(
            xlabel=r"Spin mixing over conductance $G_\varphi/G$", ylabel="relative difference from imposed",
            xscale="log", yscale="log",
        )  # fmt: skip
        axes[0].legend(fontsize=7)
    return found


def sources(data: xr.Dataset) -> Figures:
    """Torques on the second magnet and spin currents that are odd in the bias, by source."""
    labels = {
        "spin_voltage_x": r"spin reservoir, $V_s\parallel x$",
        "spin_voltage_z": r"spin reservoir, $V_s\parallel z$",
        "polarized": "charge through $P=0.5$",
        "half_metal_x": r"half-metal, $m\parallel x$",
        "half_metal_z": r"half-metal, $m\parallel z$",
    }
    found: Figures = {}
    with _panels(3, 3.3) as (found["sources"], axes):
        for (name, label), (colour, dashes) in zip(labels.items(), style.CYCLE, strict=True):
            at = data.sel(source=name)
            for ax, component in zip(axes, "zx", strict=False):
                values = at.odd_torque.sel(component=component)
                ax.plot(data.bias, values, color=colour, ls=dashes, marker="o", ms=3, label=label)
            if not name.endswith("z"):
                for part, line in (("super", "-"), ("resistive", DASHED)):
                    axes[2].plot(data.bias, at[f"odd_spin_current_{part}"].sel(component="y"), color=colour, ls=line)
        for ax, text in zip(
            axes,
            (r"Odd torque $\tau_z$ on magnet 2", r"Odd torque $\tau_x$ on magnet 2", r"Odd spin current $J_y$"),
            strict=True,
        ):
            _zero(ax)
            ax.set(xlabel=r"Bias, or spin voltage ($\Delta_0$)", ylabel=text)
        for line, label in (("-", "super"), (DASHED, "resistive")):
            axes[2].plot([], [], color=style.BLACK, ls=line, label=label)
        axes[0].legend(fontsize=7)
        axes[2].legend()
    return found


def damping(data: xr.Dataset) -> Figures:
    """Damping and field-like part against temperature, for parallel and antiparallel magnets."""
    found: Figures = {}
    with _panels(2) as (found["damping"], axes):
        for alignment, colour in zip(data.alignment.values, (style.BLUE, style.VERMILLION), strict=True):
            at = data.sel(alignment=alignment)
            for ax, name in zip(axes, ("damping", "field_like"), strict=True):
                ax.plot(data.temperature, at[name].sel(metal="S"), color=colour, marker="o", ms=3, label=alignment)
                ax.plot(data.temperature, at[name].sel(metal="N"), color=colour, ls=":", lw=0.9)
        axes[0].set(xlabel=TEMPERATURE, ylabel=r"Damping $\alpha_GS$", yscale="log")
        axes[1].set(xlabel=TEMPERATURE, ylabel=r"Field-like $-J_y/\Omega\alpha$")
        _zero(axes[1])
        for ax in axes:
            ax.legend()
    return found


def on_top(data: xr.Dataset) -> Figures:
    """Spin currents with the magnets on top of the film and at its ends."""
    found: Figures = {}
    with _panels(2) as (found["on_top"], axes):
        for ax, injected in zip(axes, data.injected.values, strict=True):
            for where, line in zip(data["where"].values, ("-", DASHED), strict=True):
                at = data.sel(injected=injected, where=where)
                for component in "yz":
                    colour = style.COMPONENTS[component][0]
                    label = f"${component}$, {where}"
                    values = at.spin_current.sel(component=component)
                    ax.plot(data.spin_voltage, values, color=colour, ls=line, marker="o", ms=3, label=label)
            _zero(ax)
            ax.set_title(f"spin-{injected} injection")
            ax.set(xlabel=SPIN_VOLTAGE, ylabel=r"Spin current $J_s$ in the middle")
        axes[0].legend(fontsize=7)
    return found
