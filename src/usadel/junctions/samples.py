"""The current-phase relation of a junction at chosen phases: one solve each, or a branch through every fold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from usadel.branches.trace import trace
from usadel.junctions.phase import PhaseDifference, Tap
from usadel.progress import tell
from usadel.solution.result import LiveSolution
from usadel.solution.solve import solve

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

Array = NDArray[np.float64]

TURN = 2 * math.pi


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    first: int = 24  # intervals of the whole turn that are solved at first
    most: int = 200  # phases
    smooth: float = 2e-3  # of the largest current: by which interpolants of two orders may differ between two phases
    step: float = 0.02  # of a trace, in turns


OPTIONS = Options()


@dataclass(frozen=True)
class Sample:
    """A solved phase difference: current, free energy (NaN where there is none), error, and what it is."""

    phase: float
    current: float
    energy: float = math.nan
    error: float = math.nan
    stable: bool = True
    converged: bool = True


@dataclass
class Sampler:
    """Solves a device at one phase difference after the other, each from the last one."""

    device: Stack | Device
    difference: PhaseDifference
    last: LiveSolution | None = None
    samples: list[Sample] = field(default_factory=list)

    def at(self, phase: float) -> Sample:
        """The sample at a phase."""
        device = self.device.replace({self.difference.path: self.difference.value(phase)})
        self.last = solve(device, start=self.last)
        tell("current-phase relation", len(self.samples) + 1, text=f"phase {phase:.4f}")
        data = self.last.profiles()
        energy = float(data["free_energy"]) if "free_energy" in data else math.nan
        found = Sample(phase, taken(data, self.difference.taps), energy, self.last.error)
        self.samples.append(found)
        return found

    def relation(self) -> list[Sample]:
        """Samples of a whole turn: so many that between them the current is smooth."""
        found = [self.at(phase) for phase in np.linspace(0.0, TURN, OPTIONS.first + 1)]
        while len(found) < OPTIONS.most:
            places = [place for place in _rough(found) if place not in {s.phase for s in found}]
            if not places:
                break
            found = sorted([*found, *(self.at(phase) for phase in places)], key=lambda s: s.phase)
        return found


def _rough(samples: list[Sample]) -> list[float]:
    """Middles of the intervals within which a cubic and a straight line through slopes of neighbours disagree."""
    phase, current = (np.array([getattr(s, name) for s in samples]) for name in ("phase", "current"))
    size = float(np.max(np.abs(current)))
    out = []
    for k in range(phase.size - 1):
        near = slice(max(0, k - 1), min(phase.size, k + 3))
        middle = 0.5 * (phase[k] + phase[k + 1])
        wide, narrow = _polynomial(phase[near], current[near], middle), 0.5 * (current[k] + current[k + 1])
        curved = abs(wide - narrow)  # a quarter of the error of a cubic is a fair guess of that of a spline
        if size > 0 and curved > math.sqrt(OPTIONS.smooth) * size:
            out.append(float(middle))
    return out


def _polynomial(x: Array, y: Array, at: float) -> float:
    """The polynomial through some points."""
    others = [np.delete(x, j) for j in range(x.size)]
    return float(sum(y[j] * np.prod((at - left) / (x[j] - left)) for j, left in enumerate(others)))


def traced(device: Stack | Device, difference: PhaseDifference) -> Iterator[Sample]:
    """Samples of a whole turn along the branch of solutions, through every fold."""
    values = difference.value(0.0), difference.value(TURN)
    branch = trace(device, difference.path, *values, step=OPTIONS.step)
    data = branch.data
    for k in range(data.sizes["branch_point"]):
        point = data.isel(branch_point=k)
        converged = bool(point["converged"])
        energy = float(point["free_energy"]) if "free_energy" in point else math.nan
        yield Sample(
            difference.phase(float(point[difference.path])),
            taken(point, difference.taps) if converged else math.nan,
            energy,
            float(point["estimated_error"]),
            bool(point["stable"]),
            converged,
        )


def taken(data: xr.Dataset, taps: tuple[Tap, ...]) -> float:
    """The current at some taps of a result, in its unit."""
    current, layer = data["charge_current"].values, data["layer"].values
    total = 0.0
    for tap in taps:
        sites = np.flatnonzero(layer == tap.end.layer)
        site = sites[len(sites) // 2] if tap.middle else sites[0] if tap.end.side == "left" else sites[-1]
        total += tap.sign * float(current[site])
    return total
