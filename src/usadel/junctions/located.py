"""The relation of a device with one state for each phase: sampled until it is known, with what is located on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq, minimize_scalar

from usadel.errors import InputError, NotConverged
from usadel.junctions.interpolation import TURN, left_out, rough, spline, trigonometric
from usadel.junctions.relation import PHASE, Extreme, Relation, harmonics, rise, wrapped
from usadel.junctions.samples import Sample, Sampler

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    # equidistant phases in a turn: smooth relations are known with the first, at the accuracy below; where the last do
    # not suffice, there is a sharp bend, next to which intervals are divided
    equidistant: tuple[int, ...] = (16, 32)
    most: int = 128  # phases in a turn
    accuracy: float = 1e-4  # of the largest current, of the curve: its square is lost of a critical current
    checked: float = 5.0  # accuracies, by which a solve may miss the curve
    looked_at: int = 1440  # phases
    solves: int = 15  # around a critical current that the curve did not tell
    closed: float = 1e-3  # of the largest current, by which it may change over a turn


OPTIONS = Options()


@dataclass(frozen=True)
class Known:
    """The curve of a sampler, its accuracy, and the largest distance of samples."""

    curve: CubicSpline
    goal: float
    spacing: float


def solved_relation(sampler: Sampler) -> Relation:
    """The relation of a device with one state for each phase."""
    known = _sampled(sampler)
    forward = _extreme(sampler, known, 1.0)
    backward = Extreme(forward.current, -forward.phase % TURN) if sampler.odd else _extreme(sampler, known, -1.0)
    turn = sampler.turn()
    ground, step = _ground(sampler, known), rise(turn)
    if math.isnan(step):
        step = 0.5 * float(known.curve.integrate(0.0, math.pi))
    return Relation(turn, sampler.failures, forward, backward, ground, step, harmonics(known.curve))


def _sampled(sampler: Sampler) -> Known:
    """Solve at phases until the curve through them is known."""
    done: set[float] = set()
    for count in OPTIONS.equidistant:
        for phase in TURN * np.arange(count) / count:
            if float(phase) not in done and not (sampler.odd and phase > math.pi + PHASE):
                done.add(float(phase))
                sampler.add(float(phase))
        if not sampler.difference.is_plain and TURN not in done:
            done.add(TURN)
            sampler.add(TURN)
            _check_closed(sampler.turn())
        turn = sampler.turn()
        current = np.array([sample.current for sample in turn[:-1]])
        goal = _goal(turn)
        if all(sample.converged for sample in turn) and left_out(current) <= goal:
            return Known(trigonometric(current), goal, TURN / count)
    return _divided(sampler, done)


def _divided(sampler: Sampler, done: set[float]) -> Known:
    """Divide intervals where the curve bends."""
    while True:
        turn = [sample for sample in sampler.turn() if sample.converged]
        if len(turn) < OPTIONS.equidistant[0] // 2:
            raise NotConverged(None, sampler.failures[0])
        if turn[-1].phase < turn[0].phase + TURN - PHASE:  # an end failed
            turn.append(replace(turn[0], phase=turn[0].phase + TURN))
        phase, current = (np.array([getattr(sample, name) for sample in turn]) for name in ("phase", "current"))
        goal = _goal(turn)
        places = [at for at in rough(phase, current, goal) if at not in done and not (sampler.odd and at > math.pi)]
        if not places or len(sampler.turn()) >= OPTIONS.most:
            if places:
                sampler.failures.append(f"the current is not resolved by {len(turn)} phases; try a larger tolerance")
            return Known(spline(phase, current), goal, float(np.max(np.diff(phase))))
        for place in places:
            done.add(place)
            sampler.add(place)


def _goal(turn: list[Sample]) -> float:
    """Accuracy that a curve through samples should have: no more than they have themselves."""
    known = [sample for sample in turn if sample.converged]
    if not known:
        return math.inf
    return max(OPTIONS.accuracy * max(abs(s.current) for s in known), max(s.error for s in known))


def _check_closed(turn: list[Sample]) -> None:
    """Refuse what does not lead back to where it started."""
    first, last = turn[0], turn[-1]
    size = max((abs(sample.current) for sample in turn if sample.converged), default=0.0)
    both = first.converged and last.converged
    if both and abs(last.current - first.current) > OPTIONS.closed * size + first.error + last.error:
        raise InputError(
            f"the current is {first.current:.3g} at a phase difference of 0 and {last.current:.3g} at 2π; allowed: "
            "what changes one phase difference, and nothing else",
            key="phase",
        )


def _extreme(sampler: Sampler, known: Known, sign: float) -> Extreme:
    """Solved for at the maximum of the curve, or around it where that was not the curve's."""

    def missing(phase: float) -> float:
        current = sign * sampler.at(phase).current
        return -current if math.isfinite(current) else 0.0

    fine = np.linspace(0.0, TURN, OPTIONS.looked_at, endpoint=False)
    guess = float(fine[int(np.argmax(sign * known.curve(fine)))])
    bounds = guess - fine[1], guess + fine[1]
    place = float(minimize_scalar(lambda at: -sign * float(known.curve(at % TURN)), bounds=bounds, method="bounded").x)
    here = sampler.at(place % TURN)
    value = sign * (here.current if here.converged else float(known.curve(place % TURN)))
    if abs(value - sign * float(known.curve(place % TURN))) > OPTIONS.checked * known.goal:
        bounds, options = (place - known.spacing, place + known.spacing), {"xatol": PHASE, "maxiter": OPTIONS.solves}
        found = minimize_scalar(missing, bounds=bounds, method="bounded", options=options)
        place, value = float(found.x), -float(found.fun)
    return Extreme(max(0.0, value), place % TURN)


def _ground(sampler: Sampler, known: Known) -> float:
    """Where the current vanishes with a positive slope, and the energy ½∫I dφ is lowest."""
    curve = known.curve
    if float(np.max(np.abs(curve.c[-1]))) <= max(sample.error for sample in sampler.samples if sample.converged):
        return math.nan
    found = [float(zero) % TURN for zero in curve.roots(extrapolate=False) if np.isfinite(zero)]
    zeros = [zero for zero in found if curve(zero, 1) > 0]
    if sampler.odd:
        zeros = [zero for zero in zeros if wrapped(zero) > -PHASE]
    if not zeros:
        return math.nan
    energy, begin = curve.antiderivative(), curve.x[0]
    zero = min(zeros, key=lambda at: float(energy(begin + (at - begin) % TURN)))
    if sampler.odd and abs(math.sin(zero)) < PHASE:
        return 0.0 if math.cos(zero) > 0 else math.pi
    here = sampler.at(zero)
    if not here.converged:
        return wrapped(zero)
    if abs(here.current) > OPTIONS.checked * known.goal:
        left, right = zero - known.spacing, zero + known.spacing
        if sampler.at(left).current < 0 < sampler.at(right).current:
            return wrapped(float(brentq(lambda at: sampler.at(at).current, left, right, xtol=PHASE, maxiter=50)))
    return wrapped(zero - here.current / float(curve(zero, 1)))
