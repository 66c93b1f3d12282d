"""Periodic curves through samples over a turn, and where they need more of these."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]

TURN = 2 * math.pi


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    fine: int = 2048  # phases of a spline through a trigonometric polynomial, whose 16th harmonic it keeps to 1e-8
    equal: float = 1e-9  # rad, by which equal distances of phases may differ
    place: float = 0.4  # in an interval, where polynomials are compared: in its middle they agree on a step
    narrow: float = 4e-3  # rad, intervals that are not divided further: a jump


OPTIONS = Options()


def periodic(phase: Array, values: Array) -> CubicSpline:
    """The periodic curve through samples of a turn, both ends included."""
    if np.ptp(np.diff(phase)) < OPTIONS.equal:
        return trigonometric(values[:-1])
    return spline(phase, values)


def trigonometric(values: Array) -> CubicSpline:
    """The trigonometric polynomial through equidistant samples of a turn from 0 on, as a fine periodic spline."""
    count = values.size
    spectrum = np.fft.rfft(values) * OPTIONS.fine / count
    if count % 2 == 0:
        spectrum[-1] *= 0.5  # a cosine that samples cannot tell from its mirror image
    fine = np.fft.irfft(spectrum, OPTIONS.fine)
    return CubicSpline(np.linspace(0.0, TURN, OPTIONS.fine + 1), np.append(fine, fine[0]), bc_type="periodic")


def left_out(values: Array) -> float:
    """What is about missing in the trigonometric polynomial through equidistant samples: the first harmonics beyond it.

    The largest of its last and next to last eighth of a turn's harmonics tell how fast they fall.
    """
    amplitudes = 2 * np.abs(np.fft.rfft(values)) / values.size
    eighth = values.size // 8
    before, last = (float(np.max(amplitudes[k * eighth : (k + 1) * eighth])) for k in (2, 3))
    return last * min(1.0, last / before) if before > 0 else last


def spline(phase: Array, values: Array) -> CubicSpline:
    """The periodic spline through samples of a turn, both ends included; ends that differ meet in their mean."""
    closed = values.copy()
    closed[0] = closed[-1] = 0.5 * (values[0] + values[-1])
    return CubicSpline(phase, closed, bc_type="periodic")


def rough(phase: Array, values: Array, goal: float) -> list[float]:
    """Middles of the intervals within which polynomials through four and six samples differ by more than `goal`.

    phase : of a turn, both ends included.
    """
    x = np.concatenate([phase[-4:-1] - TURN, phase, phase[1:4] + TURN])
    y = np.concatenate([values[-4:-1], values, values[1:4]])
    found = []
    for k in range(3, 2 + phase.size):
        width = x[k + 1] - x[k]
        at = x[k] + OPTIONS.place * width
        narrow, wide = (_polynomial(x[k - n : k + n + 2], y[k - n : k + n + 2], at) for n in (1, 2))
        if abs(narrow - wide) > goal and width > OPTIONS.narrow:
            found.append(float(x[k] + 0.5 * width) % TURN)
    return found


def _polynomial(x: Array, y: Array, at: float) -> float:
    """The polynomial through some points."""
    others = [np.delete(x, j) for j in range(x.size)]
    return float(sum(y[j] * np.prod((at - left) / (x[j] - left)) for j, left in enumerate(others)))
