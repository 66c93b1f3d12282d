"""Figures 2 and 3 of Ouassou, Robinson and Linder (2019), for both signs of the spin voltage.

A superconductor between insulating magnets along x and y carries a spin supercurrent polarized along z. A spin
voltage along z leaves it alone; one along x turns part of it towards y, Eq. (7). Everything here is found by the
program: branches, folds, closings of the gap and the points of a right-angle rotation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

import usadel as us
from usadel.progress import tell
from usadel.studies.side_by_side import side_by_side

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

X, Y, Z = (1, 0, 0), (0, 1, 0), (0, 0, 1)
LARGEST_SPIN_VOLTAGE = 1.2  # Δ0, beyond any superconductivity in a spin voltage
HIGHEST_TEMPERATURE = 1.2  # Tc
BEYOND = 1.08  # how far figures reach beyond the end of superconductivity
NORMAL = "#dcdcdc"  # where superconductivity is gone, as in `plots.branch`
WITHIN = 0.05  # of the bistable range, left out beside its fold
ROUGH = 1e-4  # tolerance of the work, which depends on the way by about as much
VANISHING = 1e-5  # a component below this part of the largest one is zero


@dataclass(frozen=True)
class Panel:
    """One panel of a figure.

    Attributes
    ----------
    name : of its files.
    axis : of the injected spins; sign : of the spin voltage.
    path, start, stop : what the horizontal axis shows.
    spin_voltage : where it is not the horizontal axis.
    step : largest distance of points, see `usadel.trace`: curves against temperature are smooth.
    """

    name: str
    axis: tuple[int, int, int]
    sign: int
    path: str
    start: float
    stop: float
    spin_voltage: float = 0.0
    step: float = 0.015

    @property
    def title(self) -> str:
        """What is injected."""
        component = "xyz"[self.axis.index(1)]
        sign = "" if self.sign > 0 else ", opposite sign"
        return f"spin-{component} injection{sign}"

    @property
    def label(self) -> str:
        """Label of the horizontal axis."""
        return r"Temperature $T/T_c$" if self.path == "temperature" else r"Spin voltage $eV_s/\Delta_0$"

    def device(self, tolerance: float) -> us.Stack:
        """The device of Fig. 1 at the start of the panel."""
        return device(self.axis, self.spin_voltage, tolerance)


def device(axis: tuple[int, int, int], spin_voltage: float, tolerance: float) -> us.Stack:
    """L = 1.5 ξ, Gφ/G_N = 0.6, magnets along x and y, T = 0.01 Tc, Γ = 0.01 Δ0."""

    def magnet(direction: tuple[int, int, int]) -> us.FerromagneticInsulator:
        return us.FerromagneticInsulator(spin_mixing=0.6, magnetization=direction)

    layer = us.Superconductor(name="S", length=1.5, spin_voltage=spin_voltage, spin_axis=axis)
    return us.Stack(
        [magnet(X), layer, magnet(Y)], title="Ouassou, Robinson and Linder (2019)", temperature=0.01, inelastic=0.01,
        tolerance=tolerance, output=us.Output(quantities=("gap", "torque")),
    )  # fmt: skip


def panels() -> list[Panel]:
    """All panels: spin-z (a) and spin-x (b), against spin voltage (Fig. 2) and temperature (Fig. 3)."""
    found = []
    for sign, suffix in ((1, ""), (-1, "_opposite")):
        for letter, axis in (("a", Z), ("b", X)):
            stop = sign * LARGEST_SPIN_VOLTAGE
            found.append(Panel(f"fig2{letter}{suffix}", axis, sign, "S.spin_voltage", 0.0, stop))
            limits = 0.01, HIGHEST_TEMPERATURE
            found.append(Panel(f"fig3{letter}{suffix}", axis, sign, "temperature", *limits, 0.25 * sign, 0.03))
    return found


def reproduce(
    directory: Path,
    tolerance: float = 1e-6,
    chosen: Sequence[Panel] | None = None,
) -> dict[str, Any]:
    """Write every panel as PNG, PDF and netCDF; return what was located, by panel.

    Parameters
    ----------
    directory : existing folder for the files.
    tolerance : of every solution.
    chosen : panels; all of them by default.
    """
    summary = {}
    chosen = panels() if chosen is None else chosen
    tell("reproduce", 0, len(chosen))
    for panel, located in zip(chosen, side_by_side(partial(_make, directory, tolerance), chosen), strict=True):
        summary[panel.name] = located
        tell("reproduce", len(summary), len(chosen), f"{panel.name}, {panel.title}, {located['points']} points")
    return summary


def _make(directory: Path, tolerance: float, panel: Panel) -> dict[str, Any]:
    """Write the files of a panel; return what is located on its branch."""
    branch = us.trace(panel.device(tolerance), panel.path, panel.start, panel.stop, step=panel.step)
    located = locate(panel, branch, tolerance)
    branch.save(directory / f"{panel.name}.nc")
    figure = draw(panel, branch.data, located)
    for ending in ("png", "pdf"):
        us.plots.save_figure(figure, directory / f"{panel.name}.{ending}")
    return located


def locate(panel: Panel, branch: us.Branch, tolerance: float) -> dict[str, Any]:
    """What a panel shows: folds, closings, rotation points, and where there are two solutions or none."""
    data = branch.data
    stable = data[panel.path].values[data.stable.values == 1]
    end = float(stable[np.argmax(np.abs(stable))])
    closings = branch.gap_closings
    found: dict[str, Any] = {
        "injected": panel.title,
        "parameter": panel.path,
        "converged": branch.converged,
        "points": int(data.sizes["branch_point"]),
        "estimated_error": float(data.attrs["estimated_error"]),
        "folds": branch.folds,
        "gap_closings": closings,
        "end_of_superconductivity": end,
        "bistable": [sorted([closings[0], end])] if branch.folds and closings else [],
        "rotation_points": [_rotation(panel, low, high, tolerance) for low, high in _sign_changes(panel, data)],
    }
    if found["bistable"] and panel.path != "temperature":
        found["zero_work"] = [_zero_work(panel, *sorted(found["bistable"][0], key=abs))]
    if panel.path == "temperature":
        found["critical_temperature"] = end
    return found


def _zero_work(panel: Panel, closing: float, end: float) -> float:
    """Where the gap equation does no work on the way from the normal to the superconducting state.

    The paper leaves open where between closing and fold the transition is: the state has no free energy. In a long
    film a front between both states would rest about here, if the gap relaxed as the gap equation says.
    """
    device = panel.device(ROUGH).replace({"output.quantities": ("work",)})

    def work(value: float) -> float:
        return float(us.solve(device.replace({panel.path: value})).data.work)

    edge = end - WITHIN * (end - closing)  # in the fold itself a solution takes long to find
    return float(brentq(work, closing, edge, xtol=ROUGH))


def _spin_current(data: xr.Dataset) -> xr.DataArray:
    """The spin current, which is conserved: its mean over the layer."""
    return data.spin_current.mean("position")


def _sign_changes(panel: Panel, data: xr.Dataset) -> list[tuple[float, float]]:
    """Pairs of neighbouring stable points between which J_z changes its sign while J_y does not vanish."""
    current, stable = _spin_current(data), data.stable.values == 1
    along_y, along_z = (current.sel(component=c).values for c in "yz")
    if np.nanmax(np.abs(along_y)) < VANISHING * np.nanmax(np.abs(along_z)):
        return []
    values = data[panel.path].values
    inside = (data.gap.max("position").values > 0) & stable
    return [
        (float(values[i]), float(values[j]))
        for i, j in pairwise(range(values.size))
        if inside[i] and inside[j] and along_z[i] * along_z[j] < 0
    ]


def _rotation(panel: Panel, low: float, high: float, tolerance: float) -> dict[str, float]:
    """The parameter at which J_z = 0 on the stable branch, and J_y there."""
    start = us.solve(panel.device(tolerance).replace({panel.path: low}))

    def current(value: float) -> xr.DataArray:
        result = us.solve(start.device.replace({panel.path: value}), start=start)
        return _spin_current(result.data)

    value = float(brentq(lambda v: float(current(v).sel(component="z")), low, high, xtol=tolerance))
    return {panel.path: value, "spin_current_y": float(current(value).sel(component="y"))}


def draw(panel: Panel, data: xr.Dataset, located: dict[str, Any]) -> Figure:
    """J_y and J_z along the branch, stable and unstable, with the rotation points."""
    with us.plots.style.drawing(None) as ax:
        us.plots.branch(data, "spin_current", component=["y", "z"], ax=ax)
    for point in located["rotation_points"]:
        place = (point[panel.path], point["spin_current_y"])
        ax.plot(*place, "*", color="black", markersize=9, zorder=5)
        ax.annotate("90° rotation", place, (-7, 5), textcoords="offset points", ha="right", fontsize="small")
    end = located["end_of_superconductivity"]
    ax.axvspan(end, BEYOND * end, color=NORMAL, linewidth=0, zorder=0)
    ax.set_xlim(*sorted([panel.start, BEYOND * end]))
    ax.set_xlabel(panel.label)
    ax.set_title(panel.title)
    figure = ax.figure
    assert figure is not None
    us.plots.explain(figure, data, tints=[NORMAL])  # type: ignore[arg-type]
    return figure  # type: ignore[return-value]
