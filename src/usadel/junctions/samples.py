"""The current of a junction at chosen phases: one solve each, or a branch through every fold."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from usadel.branches.branch import Branch
from usadel.branches.trace import trace
from usadel.errors import InputError, Interrupted, NotConverged
from usadel.junctions.interpolation import TURN
from usadel.junctions.phase import PhaseDifference
from usadel.junctions.symmetry import is_odd
from usadel.observables.variables import current_modes
from usadel.progress import tell
from usadel.solution.failures import ends_all, in_words, require_work
from usadel.solution.result import LiveSolution
from usadel.solution.solve import solve_near

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    patience: int = 3  # phases that fail before any other is solved
    step: float = 0.05  # of a trace: mean change of the gap (Δ0), and of the phase in turns
    far: float = 8.0  # turns, within which a fold has to come
    closed: float = 5.0  # errors of the current, by which the ends of a closed branch may differ


OPTIONS = Options()


@dataclass(frozen=True)
class Sample:
    """A phase difference: current, free energy (NaN where there is none), error, and what it is.

    One that failed has not converged, and its current is NaN.
    """

    phase: float
    current: float = math.nan
    energy: float = math.nan
    error: float = math.nan
    stable: bool = True
    converged: bool = True


@dataclass
class Sampler:
    """Solves a device at one phase difference after the other, each from the last one.

    Attributes
    ----------
    samples : those of the relation, as they came; failures : where and why solves did not converge.
    odd : whether I(-φ) = -I(φ) for certain: told by the first solve, at φ = 0.
    on_branch : whether samples follow each other along a branch.
    """

    device: Stack | Device
    difference: PhaseDifference
    samples: list[Sample] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    odd: bool = False
    on_branch: bool = False
    _last: LiveSolution | None = None
    _solves: int = 0

    def at(self, phase: float) -> Sample:
        """The sample at a phase, solved for."""
        require_work()
        device = self.device.replace({self.difference.path: self.difference.value(phase)})
        self._solves += 1
        try:
            found = solve_near(device, self._last)
        except Exception as error:
            if ends_all(error) or isinstance(error, InputError):
                raise
            self.failures.append(f"phase {phase:.4f}: {in_words(error)}")
            if self._last is None and len(self.failures) >= OPTIONS.patience:
                raise NotConverged(None, self.failures[0]) from None
            return Sample(phase, converged=False)
        tell("current-phase relation", self._solves, text=f"phase {phase:.4f}")
        self._last = found
        if phase == 0.0:
            self.odd = self.difference.is_plain and is_odd(found.state.problem)
        free = found.solved.free_energy
        return Sample(phase, self._current(found), math.nan if free is None else free.value, found.error)

    def add(self, phase: float) -> None:
        """Solve at a phase, for the relation."""
        self.samples.append(self.at(phase))

    def _current(self, found: LiveSolution) -> float:
        """From left to right, in the unit of results."""
        layout, current = found.state.problem.layout, found.solved.profiles.current
        total = 0.0
        for tap in self.difference.taps:
            here = layout.slice(tap.end.layer)
            site = (here.start + here.stop) // 2 if tap.middle else layout.site(tap.end)
            total += tap.sign * float(current_modes(current[[site]])["charge"][0])
        return total

    def in_order(self) -> list[Sample]:
        """The samples along the branch, or by their phases."""
        return [*self.samples] if self.on_branch else sorted(self.samples, key=lambda sample: sample.phase)

    def turn(self) -> list[Sample]:
        """The samples over a whole turn: what symmetry makes of those that were solved for."""
        found = self.in_order()
        if self.odd:
            found += [_reflected(sample) for sample in found[::-1] if sample.phase < math.pi]
        elif self.difference.is_plain:
            found.append(replace(found[0], phase=TURN))
        return found


def _reflected(sample: Sample) -> Sample:
    return replace(sample, phase=TURN - sample.phase, current=-sample.current)


def follow(sampler: Sampler) -> None:
    """Add the samples along the branch of solutions from φ = 0, through every fold.

    A branch that has not closed after a turn, since its folds lie further apart or it could not be followed there, is
    followed both ways to where it turned back.
    """
    sampler.on_branch = True
    once = _traced(sampler, TURN)
    sampler.samples += once
    last = once[-1]
    if last.phase > math.pi and abs(last.current - once[0].current) < OPTIONS.closed * last.error:
        return
    forward = _traced(sampler, OPTIONS.far * TURN) if last.converged else once
    backward = _traced(sampler, -OPTIONS.far * TURN)
    sampler.samples[:] = [*backward[:0:-1], *forward]


def _traced(sampler: Sampler, stop: float) -> list[Sample]:
    difference = sampler.difference
    ends = difference.value(0.0), difference.value(stop)
    try:
        branch = trace(sampler.device, difference.path, *ends, step=OPTIONS.step)
    except (NotConverged, Interrupted) as ended:
        if not isinstance(ended.result, Branch):
            raise
        branch = ended.result
        if isinstance(ended, Interrupted):
            sampler.samples += [] if sampler.samples else _samples(branch, difference)
            raise
    if not branch.converged:
        sampler.failures.append(branch.advice)
    return _samples(branch, difference)


def _samples(branch: Branch, difference: PhaseDifference) -> list[Sample]:
    data = branch.data
    points = [data.isel(branch_point=k) for k in range(data.sizes["branch_point"])]
    return [_sample(point, difference, bool(point["converged"])) for point in points]


def _sample(point: xr.Dataset, difference: PhaseDifference, converged: bool) -> Sample:
    phase = difference.phase(float(point[difference.path]))
    if not converged:
        return Sample(phase, converged=False)
    energy = float(point["free_energy"]) if "free_energy" in point else math.nan
    current = _taken(point, difference)
    return Sample(phase, current, energy, float(point["estimated_error"]), bool(point["stable"]))


def _taken(point: xr.Dataset, difference: PhaseDifference) -> float:
    """The current of a point of a branch, from left to right."""
    current, layer = point["charge_current"].values, point["layer"].values
    total = 0.0
    for tap in difference.taps:
        sites = np.flatnonzero(layer == tap.end.layer)
        site = sites[len(sites) // 2] if tap.middle else sites[0] if tap.end.side == "left" else sites[-1]
        total += tap.sign * float(current[site])
    return total
