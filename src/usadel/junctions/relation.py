"""What follows from a current-phase relation: critical currents, ground state, harmonics."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.optimize import brentq, minimize_scalar

from usadel.junctions.samples import TURN, Sample, Sampler

Array = NDArray[np.float64]

HARMONICS = 10
_COLUMNS = {"current": "current", "free_energy": "energy", "stable": "stable", "estimated_error": "error"}
_FINE = 720  # phases on which an interpolated relation is looked at
_PHASE = 1e-5  # rad, accuracy of a located phase: its square is lost of a critical current
_NEAREST = 5  # samples that an extremum on a branch is interpolated through


@dataclass(frozen=True)
class Extreme:
    """A critical current (>= 0), and the phase at which it flows."""

    current: float
    phase: float


@dataclass(frozen=True)
class Relation:
    """A current-phase relation, and what was located on it.

    Attributes
    ----------
    samples : over a whole turn, in the order of the branch; between folds there are several states for a phase.
    forward, backward : critical currents from left to right, and back.
    ground : phase of the state of lowest energy, in (-π, π]; NaN without current, or where it is not known.
    harmonics : (`HARMONICS`, 2), amplitudes of sin nφ and cos nφ; NaN where the current is no function of the phase.
    """

    samples: list[Sample]
    forward: Extreme
    backward: Extreme
    ground: float
    harmonics: Array

    @property
    def converged(self) -> bool:
        """Whether all samples reached their tolerance."""
        return all(sample.converged for sample in self.samples)

    @property
    def phase(self) -> Array:
        """Of the samples (rad)."""
        return np.array([sample.phase for sample in self.samples])

    def columns(self, phases: Array | None = None) -> dict[str, Array]:
        """What depends on the phase, by its name in the dataset: at the samples, or interpolated at other phases.

        NaN between folds, where there are several states for a phase.
        """
        own = {
            name: np.array([float(getattr(sample, key)) for sample in self.samples]) for name, key in _COLUMNS.items()
        }
        if phases is None:
            return own
        if not np.all(np.diff(self.phase) > 0):
            return no_columns(phases)
        return {name: _interpolated(self.phase, values, phases) for name, values in own.items()}

    def numbers(self) -> dict[str, float]:
        """What was located, by its name in the dataset."""
        forward, backward = self.forward.current, self.backward.current
        total = forward + backward
        return {
            "critical_current_forward": forward,
            "critical_current_backward": backward,
            "phase_forward": self.forward.phase,
            "phase_backward": self.backward.phase,
            "ground_state_phase": self.ground,
            "diode_efficiency": (forward - backward) / total if total > 0 else math.nan,
        }


def no_columns(phases: Array) -> dict[str, Array]:
    """The columns of a relation that is not known."""
    return {name: np.full(phases.size, np.nan) for name in _COLUMNS}


def _interpolated(phase: Array, values: Array, phases: Array) -> Array:
    if not np.all(np.isfinite(values)):
        return np.full(phases.size, np.nan)
    return np.asarray(PchipInterpolator(phase, values)(np.clip(phases, phase[0], phase[-1])))


def solved_relation(sampler: Sampler) -> Relation:
    """The relation of a device with one state for each phase: located by further solves."""
    samples = sampler.relation()
    curve = _spline(samples)
    fine = np.linspace(0.0, TURN, _FINE, endpoint=False)

    def current(phase: float) -> float:
        return sampler.at(phase).current

    forward, backward = (_extreme(current, curve, fine, sign) for sign in (1.0, -1.0))
    return Relation(samples, forward, backward, _ground(current, curve, samples, fine), _harmonics(curve))


def branch_relation(samples: list[Sample]) -> Relation:
    """The relation of samples along a branch; a current that is a function of the phase has harmonics, too."""
    good = [sample for sample in samples if sample.converged and sample.stable]
    forward, backward = _highest(good, 1.0), _highest(good, -1.0)
    single = len(good) == len(samples) > _NEAREST and bool(np.all(np.diff([sample.phase for sample in samples]) > 0))
    none = np.full((HARMONICS, 2), np.nan)
    return Relation(samples, forward, backward, _lowest(good), _harmonics(_spline(samples)) if single else none)


def _spline(samples: list[Sample]) -> CubicSpline:
    """Periodic interpolant of the current."""
    phase, current = (np.array([getattr(sample, name) for sample in samples]) for name in ("phase", "current"))
    current[0] = current[-1] = 0.5 * (current[0] + current[-1])
    return CubicSpline(phase, current, bc_type="periodic")


def _extreme(current: Callable[[float], float], curve: CubicSpline, fine: Array, sign: float) -> Extreme:
    """Located by solves around the maximum of an interpolant."""
    values = sign * curve(fine)
    guess, step = float(fine[int(np.argmax(values))]), 2 * TURN / _FINE
    bounds, options = (guess - step, guess + step), {"xatol": _PHASE}
    found = minimize_scalar(lambda phase: -sign * current(phase), bounds=bounds, method="bounded", options=options)
    return Extreme(max(0.0, -float(found.fun)), float(found.x) % TURN)


def _ground(current: Callable[[float], float], curve: CubicSpline, samples: list[Sample], fine: Array) -> float:
    """Where the current vanishes with a positive slope, and the energy ½∫I dφ is lowest."""
    size = float(np.max(np.abs(curve(fine))))
    if size <= max(sample.error for sample in samples):
        return math.nan
    zeros = [zero for zero in curve.roots(extrapolate=False) if curve(zero, 1) > 0]
    if not zeros:
        return math.nan
    energy = curve.antiderivative()
    zero = float(min(zeros, key=lambda at: float(energy(at % TURN))))
    width = TURN / _FINE
    left, right = zero - width, zero + width
    if current(left) < 0 < current(right):
        zero = float(brentq(current, left, right, xtol=_PHASE))
    return wrapped(zero)


def wrapped(phase: float) -> float:
    """A phase in (-π, π]; what is -π within the accuracy of a located phase is π."""
    found = math.pi - (math.pi - phase) % TURN
    return found + TURN if found < -math.pi + _PHASE else found


def _harmonics(curve: CubicSpline) -> Array:
    """Amplitudes of sin nφ and cos nφ, n = 1 … `HARMONICS`."""
    count = 2048
    spectrum = np.fft.rfft(curve(TURN * np.arange(count) / count)) * 2 / count
    chosen = spectrum[1 : HARMONICS + 1]
    return np.column_stack([-chosen.imag, chosen.real])


def _highest(samples: list[Sample], sign: float) -> Extreme:
    """The extremum of the current along stable parts of a branch, by a polynomial through the samples around it."""
    if not samples:
        return Extreme(math.nan, math.nan)
    best = max(range(len(samples)), key=lambda k: sign * samples[k].current)
    near = samples[max(0, best - _NEAREST // 2) : best + _NEAREST // 2 + 1]
    phase = np.array([sample.phase for sample in near]) - samples[best].phase
    value = sign * np.array([sample.current for sample in near])
    top = Extreme(max(0.0, sign * samples[best].current), samples[best].phase % TURN)
    if len(near) < _NEAREST or not (np.all(np.diff(phase) > 0) or np.all(np.diff(phase) < 0)):
        return top  # at the end of a stable part, a fold, which is a sample of its own
    polynomial = np.polynomial.Polynomial.fit(phase, value, _NEAREST - 1)
    inside = [r.real for r in polynomial.deriv().roots() if abs(r.imag) < 1e-9 and phase.min() <= r.real <= phase.max()]
    if not inside:
        return top
    place = max(map(float, inside), key=lambda at: float(polynomial(at)))
    return Extreme(max(0.0, float(polynomial(place))), (samples[best].phase + place) % TURN)


def _lowest(samples: list[Sample]) -> float:
    """Phase of the lowest free energy along stable parts, where the current changes its sign."""
    known = [sample for sample in samples if math.isfinite(sample.energy)]
    if not known or max(abs(s.current) for s in known) <= max(s.error for s in known):
        return math.nan
    best = min(range(len(known)), key=lambda k: known[k].energy)
    for first, second in ((best - 1, best), (best, best + 1)):
        if first >= 0 and second < len(known) and known[first].current * known[second].current < 0:
            a, b = known[first], known[second]
            return wrapped(a.phase + (b.phase - a.phase) * a.current / (a.current - b.current))
    return wrapped(known[best].phase)
