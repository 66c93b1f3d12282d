"""A current-phase relation, and what follows from it: critical currents, ground state, harmonics."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from usadel.junctions.interpolation import TURN, periodic
from usadel.junctions.samples import Sample

Array = NDArray[np.float64]

HARMONICS = 10
PHASE = 1e-5  # rad, accuracy of a located phase
_COLUMNS = {"current": "current", "free_energy": "energy", "stable": "stable", "estimated_error": "error"}
_NEAREST = 5  # samples that an extremum on a branch is interpolated through


@dataclass(frozen=True)
class Extreme:
    """A critical current (>= 0), and the phase at which it flows."""

    current: float = math.nan
    phase: float = math.nan


@dataclass(frozen=True)
class Relation:
    """A current-phase relation, and what was located on it.

    Attributes
    ----------
    samples : over a whole turn, in the order of the branch; between folds there are several states for a phase.
    failures : where and why it is not what it should be.
    forward, backward : critical currents from left to right, and back.
    ground : phase of the state of lowest energy, in (-π, π]; NaN without current, or where it is not known.
    rise : F(π) - F(0), or ½∫I dφ between them where there is no free energy; NaN where it is not known.
    harmonics : (`HARMONICS`, 2), amplitudes of sin nφ and cos nφ; NaN where the current is no function of the phase.
    """

    samples: list[Sample]
    failures: list[str]
    forward: Extreme = Extreme()
    backward: Extreme = Extreme()
    ground: float = math.nan
    rise: float = math.nan
    harmonics: Array = field(default_factory=lambda: np.full((HARMONICS, 2), np.nan))

    @property
    def converged(self) -> bool:
        """Whether all samples reached their tolerance."""
        return not self.failures and all(sample.converged for sample in self.samples)

    @property
    def phase(self) -> Array:
        """Of the samples (rad)."""
        return np.array([sample.phase for sample in self.samples])

    def columns(self, phases: Array | None = None) -> dict[str, Array]:
        """What depends on the phase, by its name in the dataset: at the samples, or interpolated at other phases.

        NaN where there are several states for a phase, or none that is known.
        """
        own = {
            name: np.array([float(getattr(sample, key)) for sample in self.samples]) for name, key in _COLUMNS.items()
        }
        if phases is None:
            return own
        if not is_function(self.samples):
            return {name: np.full(phases.size, np.nan) for name in _COLUMNS}
        smooth = {name for name in ("current", "free_energy") if np.all(np.isfinite(own[name]))}
        return {
            name: np.asarray(periodic(self.phase, values)(phases))
            if name in smooth
            else np.interp(phases, self.phase, values)
            for name, values in own.items()
        }

    def values(self, phases: Array | None = None) -> dict[str, Array]:
        """Everything that is kept of it, by its name in the dataset; `phases` as of `columns`."""
        numbers = {name: np.array(value) for name, value in self.numbers().items()}
        return self.columns(phases) | numbers | {"harmonics": self.harmonics}

    def numbers(self) -> dict[str, float]:
        """What was located, by its name in the dataset: currents within their errors have no phases and no ratio."""
        forward, backward = self.forward.current, self.backward.current
        known = forward + backward > 2 * max((s.error for s in self.samples if s.converged), default=0.0)
        return {
            "critical_current_forward": forward,
            "critical_current_backward": backward,
            "phase_forward": self.forward.phase if known else math.nan,
            "phase_backward": self.backward.phase if known else math.nan,
            "ground_state_phase": self.ground,
            "diode_efficiency": (forward - backward) / (forward + backward) if known else math.nan,
            "pi_energy": self.rise,
        }


def is_function(samples: list[Sample]) -> bool:
    """Whether samples are all known, one for each phase of a whole turn."""
    phase = np.array([sample.phase for sample in samples])
    whole = phase.size > _NEAREST and abs(phase[0]) < PHASE and abs(phase[-1] - TURN) < PHASE
    return bool(whole and np.all(np.diff(phase) > 0) and all(s.converged and s.stable for s in samples))


def branch_relation(samples: list[Sample], failures: list[str]) -> Relation:
    """The relation of samples along a branch; a current that is a function of the phase has harmonics, too."""
    runs = _stable_runs(samples)
    closed = abs(samples[-1].phase - samples[0].phase - TURN) < PHASE
    ends = [] if closed else [samples[0], samples[-1]]
    forward, backward = _highest(runs, 1.0, ends), _highest(runs, -1.0, ends)
    if math.isnan(forward.current + backward.current):
        failures.append("the branch ends before its largest current")
    found = Relation(samples, failures, forward, backward, _lowest(runs), rise(samples))
    if not is_function(samples):
        return found
    curve = periodic(found.phase, np.array([sample.current for sample in samples]))
    return replace(found, harmonics=harmonics(curve))


def wrapped(phase: float) -> float:
    """A phase in (-π, π]; what is -π within the accuracy of a located phase is π."""
    found = math.pi - (math.pi - phase) % TURN
    return found + TURN if found < -math.pi + PHASE else found


def harmonics(curve: CubicSpline) -> Array:
    """Amplitudes of sin nφ and cos nφ, n = 1 … `HARMONICS`."""
    count = 2048
    spectrum = np.fft.rfft(curve(TURN * np.arange(count) / count)) * 2 / count
    chosen = spectrum[1 : HARMONICS + 1]
    return np.column_stack([-chosen.imag, chosen.real])


def rise(samples: list[Sample]) -> float:
    """F(π) - F(0), NaN if one is not among the samples, or several are."""
    ends = [
        [s.energy for s in samples if abs(s.phase - at) < PHASE and s.converged and s.stable] for at in (0.0, math.pi)
    ]
    return ends[1][0] - ends[0][0] if all(len(energies) == 1 for energies in ends) else math.nan


def _stable_runs(samples: list[Sample]) -> list[list[Sample]]:
    """Stable parts of a branch."""
    runs: list[list[Sample]] = [[]]
    for sample in samples:
        if sample.converged and sample.stable:
            runs[-1].append(sample)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _highest(runs: list[list[Sample]], sign: float, ends: list[Sample]) -> Extreme:
    """The extremum of the current along stable parts of a branch, by a polynomial through the samples around it.

    NaN where that is an open end of the branch.
    """
    if not runs:
        return Extreme()
    run = max(runs, key=lambda each: max(sign * sample.current for sample in each))
    best = max(range(len(run)), key=lambda k: sign * run[k].current)
    if run[best] in ends:
        return Extreme()
    first = min(max(0, best - _NEAREST // 2), max(0, len(run) - _NEAREST))
    near = run[first : first + _NEAREST]
    phase = np.array([sample.phase for sample in near]) - run[best].phase
    value = sign * np.array([sample.current for sample in near])
    top = Extreme(max(0.0, sign * run[best].current), run[best].phase % TURN)
    if len(near) < _NEAREST or not (np.all(np.diff(phase) > 0) or np.all(np.diff(phase) < 0)):
        return top
    polynomial = np.polynomial.Polynomial.fit(phase, value, _NEAREST - 1)
    inside = [r.real for r in polynomial.deriv().roots() if abs(r.imag) < 1e-9 and phase.min() <= r.real <= phase.max()]
    if not inside:
        return top  # a fold, which is a sample of its own
    place = max(map(float, inside), key=lambda at: float(polynomial(at)))
    return Extreme(max(0.0, float(polynomial(place))), (run[best].phase + place) % TURN)


def _lowest(runs: list[list[Sample]]) -> float:
    """Phase of the lowest free energy along stable parts, where the current changes its sign."""
    known = [sample for run in runs for sample in run if math.isfinite(sample.energy)]
    if not known or max(abs(s.current) for s in known) <= max(s.error for s in known):
        return math.nan
    best = min(known, key=lambda sample: sample.energy)
    run = next(run for run in runs if best in run)
    for a, b in pairwise(run):
        if best in (a, b) and a.current * b.current < 0:
            return wrapped(a.phase + (b.phase - a.phase) * a.current / (a.current - b.current))
    return wrapped(best.phase)
