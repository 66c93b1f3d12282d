"""The phase at which a periodic current-phase relation carries a wanted current on its stable, rising side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    steps: int = 24  # of one turn
    phase_error: float = 1e-12  # rad
    secant_step: float = 1e-3  # rad, and how many
    secant_steps: int = 12  # see secant_step
    peak_error: float = 1e-4  # rad: the largest current is then good to 1e-8 of itself


OPTIONS = Options()


@dataclass(frozen=True)
class Bias:
    """Where the wanted current flows; `phase` is None if the relation never reaches it, `extreme` its largest value."""

    phase: float | None
    extreme: float


def find_phase(current: Callable[[float], float], wanted: float, start: float) -> Bias:
    """Solve I(φ) = wanted with dI/dφ > 0, following I from φ = start towards the wanted current for one turn.

    Parameters
    ----------
    current : I(φ), of period 2π.
    wanted : value asked for.
    start : phase (rad) to begin with; the nearest solution in the direction of the march is found.
    """
    from scipy.optimize import minimize_scalar  # here: it takes a while to import, and few devices need it

    first = current(start) - wanted
    direction = 1.0 if first <= 0 else -1.0  # a rising relation reaches the wanted value that way
    phases = start + direction * np.linspace(0.0, 2 * np.pi, OPTIONS.steps + 1)
    misses = [first]
    for previous, phase in pairwise(phases):
        misses.append(current(phase) - wanted)
        if direction * misses[-2] <= 0 <= direction * misses[-1]:
            return Bias(_root(current, wanted, previous, phase), wanted)
    best = int(np.argmax(direction * np.array(misses)))
    width = 2 * np.pi / OPTIONS.steps
    peak = minimize_scalar(
        lambda phase: -direction * current(phase), method="bounded", options={"xatol": OPTIONS.peak_error},
        bounds=(phases[best] - width, phases[best] + width),
    )  # fmt: skip
    extreme = -direction * float(peak.fun)
    if direction * (extreme - wanted) < 0:
        return Bias(None, extreme)
    return Bias(_root(current, wanted, float(peak.x) - direction * width, float(peak.x)), extreme)


def polish_phase(current: Callable[[float], float], wanted: float, phase: float, error: float) -> tuple[float, float]:
    """Secant steps from a phase close to the solution until the current is right to `error`.

    Returns the phase that was looked at last, and by how much its current misses the wanted one.
    """
    before, miss_before = phase, current(phase) - wanted
    after = phase + OPTIONS.secant_step
    miss = current(after) - wanted
    for _ in range(OPTIONS.secant_steps):
        if abs(miss) <= error or miss == miss_before:
            break
        before, miss_before, after = after, miss, after - miss * (after - before) / (miss - miss_before)
        miss = current(after) - wanted
    return after, abs(miss)


def _root(current: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(lambda phase: current(phase) - wanted, low, high, xtol=OPTIONS.phase_error))
