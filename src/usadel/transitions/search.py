"""The search for a transition: from a parameter of a device to the place where its gap opens.

The lowest eigenvalue of the linearized gap problem is scanned roughly from the start of a range; its first change of
sign is refined to the tolerance asked for. Its order is then decided, and a transition of first order followed to
where it happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from usadel.errors import InputError, NotConverged, NoTransition
from usadel.gap.normal_state import NormalState, normal_state
from usadel.progress import tell
from usadel.solution.failures import ends_all, in_words, require_work
from usadel.solvers.status import Status
from usadel.transitions.first_order import (
    FirstOrder,
    Networks,
    SuperconductingState,
    first_order_transition,
    opens_backwards,
    superconducting_state,
)
from usadel.work import bounded


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    rough: float = 1e-3  # error of the eigenvalue in the scan
    finer: float = 0.01  # error of each next one on the way to the root, relative to that of the one before
    intervals: int = 24  # of a range that is given
    ratio: float = 1.3  # of a parameter, between two places of a search without a range
    largest_ratio: float = 20.0
    first_field: float = 0.1  # where such a search goes first from 0
    near_root: float = 0.5  # of the error of a rough eigenvalue, from which on a finer one is looked at
    slope: float = 2e-3  # relative distance of the two places that give the slope of the eigenvalue ...
    slope_error: float = 0.03  # ... to this, relatively, ...
    flat: float = 0.3  # ... unless an eigenvalue changes by less than this where its parameter doubles
    last_step: float = 10.0  # tolerances of the parameter, up to which a step is taken without a look at where it leads
    steps: int = 8  # of the secant method
    beyond: float = 0.02  # relative distance into the stable normal state at which a finite gap is looked for
    # tolerances of solutions, in that asked for, where the first order's error is too large
    tighter: tuple[float, ...] = (0.3, 0.1)
    rough_state: float = 1e-4  # tolerance of that
    finest: float = 1e-9  # error of the eigenvalue that may be asked for


OPTIONS = Options()

TEMPERATURES = (1.05, *np.round(np.arange(0.95, 0.0, -0.1), 2), 0.02)  # highest Tc of the materials


@dataclass
class Transition:
    """Where a gap opens.

    Attributes
    ----------
    value : second order: where the normal state loses stability. First order: in equilibrium where both free
        energies are equal, else where the superconducting state ends.
    closing : where the normal state loses stability; NaN if it is stable throughout.
    fold : where the superconducting state ends; NaN for a transition of second order.
    order : 1 or 2; 0 if there is no transition.
    error : estimated error of value.
    reason : why the search failed, where its status does not tell.
    """

    value: float = np.nan
    closing: float = np.nan
    fold: float = np.nan
    order: int = 0
    error: float = np.nan
    status: Status = Status.CONVERGED
    reason: str = ""

    @property
    def advice(self) -> str:
        """Why the search failed and what to try next; empty where it did not."""
        return self.reason or self.status.advice


@dataclass
class Search:
    """One search; `networks` gives the device at a value of the parameter `path`.

    Attributes
    ----------
    present : value of the parameter in the device.
    limits : range from start to stop; None: found by the search.
    tolerance : relative error of the result, and error of the solutions it needs.
    """

    networks: Networks
    path: str
    present: float
    limits: tuple[float, float] | None
    is_temperature: bool
    tolerance: float
    _rough: dict[float, NormalState] = field(default_factory=dict)
    _seen: int = 0

    @bounded("search")
    def run(self) -> Transition:
        """Find the transition.

        Raises
        ------
        NoTransition
            If there is none in the range.
        """
        for pair in self._pairs():
            values = [self._eigenvalue(place) for place in pair]
            if not np.all(np.isfinite(values)):
                return Transition(status=Status.NOT_CONVERGED)
            if values[0] * values[1] <= 0:
                return self._opening(*(pair if values[0] > values[1] else pair[::-1]))
        return self._without_opening([(place, state.value) for place, state in self._rough.items()])

    def opening(self) -> tuple[float, NormalState] | None:
        """Where the normal state first loses stability, and that state; None where it does not."""
        for pair in self._pairs():
            values = [self._eigenvalue(place) for place in pair]
            if values[0] * values[1] <= 0:
                normal, unstable = pair if values[0] > values[1] else pair[::-1]
                place, _, states = self._refine(self._rough_root(normal, unstable), abs(normal - unstable))
                if states[-1].status != Status.CONVERGED:
                    raise NotConverged(None, states[-1].status.advice)
                return place, states[-1]
        return None

    def _pairs(self) -> Iterator[tuple[float, float]]:
        """Neighbouring places in the order in which they are looked at."""
        if self.limits is not None:
            start, stop = self.limits
            if self.is_temperature:
                start, stop = max(self.limits), min(self.limits)
            yield from pairwise(float(p) for p in np.linspace(start, stop, OPTIONS.intervals + 1))
        elif self.is_temperature:
            highest = self.networks(self.present).highest_critical_temperature
            yield from pairwise(float(highest * p) for p in TEMPERATURES)
        else:
            yield from self._outwards()

    def _outwards(self) -> Iterator[tuple[float, float]]:
        """Places further and further from the present value, on both sides of it in turn."""
        ends = {+1: self.present, -1: self.present}
        for k in range(int(np.ceil(np.log(OPTIONS.largest_ratio) / np.log(OPTIONS.ratio)))):
            for side in tuple(ends):
                ratio = OPTIONS.ratio ** (side * (k + 1))
                next_place = (
                    self.present * ratio if self.present else side * OPTIONS.first_field * OPTIONS.ratio ** (2 * k)
                )
                try:
                    self.networks(next_place)
                except InputError:  # the key does not allow such a value
                    del ends[side]
                    continue
                yield ends[side], next_place
                ends[side] = next_place

    def _eigenvalue(self, place: float) -> float:
        return self._rough_state(place).value

    def _rough_state(self, place: float) -> NormalState:
        """A rough normal state, on the grids of the nearest one that is known."""
        if place not in self._rough:
            nearest = min(self._rough, key=lambda known: abs(known - place), default=None)
            near = None if nearest is None else self._rough[nearest]
            self._rough[place] = normal_state(self.networks(place), OPTIONS.rough, near)
            self._tell(place, self._rough[place].value)
        return self._rough[place]

    def _tell(self, place: float, value: float) -> None:
        require_work()
        self._seen += 1
        tell("search", self._seen, text=f"{self.path} = {place:.6g}, eigenvalue of the normal state {value:.3g}")

    def _opening(self, normal: float, unstable: float) -> Transition:
        """The transition next to the place where the normal state loses stability, between two places."""
        width = abs(normal - unstable)
        place, error, states = self._refine(self._rough_root(normal, unstable), width)
        rough, state = states[0], states[-1]
        found = Transition(place, place, order=2, error=error, status=state.status)
        if state.status == Status.CONVERGED and abs(state.rotation) > max(OPTIONS.rough, 10 * state.error):
            raise NoTransition(
                f"the phase of the gap that opens at {place:.6g} would turn; allowed: devices with a stationary gap",
                key=self.path,
            )
        if state.status != Status.CONVERGED:
            return found
        away = OPTIONS.beyond * max(abs(place), 0.1 * width) * np.sign(normal - unstable)
        try:
            return self._with_order(found, opens_backwards(rough, state), float(away))
        except Exception as error:
            if ends_all(error):
                raise
            return Transition(closing=place, status=Status.NOT_CONVERGED, reason=in_words(error))

    def _rough_root(self, normal: float, unstable: float) -> float:
        """Where the rough eigenvalue vanishes within its error."""

        def eigenvalue(place: float) -> float:
            value = self._eigenvalue(place)
            return value if abs(value) > OPTIONS.near_root * OPTIONS.rough else 0.0

        return float(brentq(eigenvalue, normal, unstable, xtol=1e-4 * abs(normal - unstable), rtol=1e-4))

    def _refine(self, place: float, width: float) -> tuple[float, float, list[NormalState]]:
        """Root of the eigenvalue to the tolerance, from a rough one: place, error, and states from rough to fine.

        Grids grow on the way: on the finest ones a single step is left, mostly.
        """
        scale = max(abs(place), width)
        step, goal = OPTIONS.slope * scale, self.tolerance * max(abs(place), 0.1 * width)
        slope = (self._eigenvalue(place + step) - self._eigenvalue(place - step)) / (2 * step)
        finest = float(np.clip(0.5 * goal * abs(slope), OPTIONS.finest, OPTIONS.rough))
        trusted = OPTIONS.last_step * goal if abs(slope) * scale > OPTIONS.flat else 0.0
        states, accuracy, looked = [self._rough_state(place)], OPTIONS.rough, 0
        move = -states[0].value / slope
        while looked < OPTIONS.steps:
            place, last, accuracy = place + move, accuracy, max(finest, OPTIONS.finer * accuracy)
            states.append(normal_state(self.networks(place), accuracy, states[-1]))
            self._tell(place, states[-1].value)
            if last == accuracy and abs(move) > 0.01 * step:
                slope = (states[-1].value - states[-2].value) / move
            move, looked = -states[-1].value / slope, looked + (accuracy == finest)
            if not np.isfinite(move) or states[-1].status != Status.CONVERGED:
                return place, states[-1].error / abs(slope), states
            if accuracy == finest and abs(move) <= max(trusted, 0.01 * goal):
                return place + move, states[-1].error / abs(slope) + OPTIONS.slope_error * abs(move), states
        states[-1] = replace(states[-1], status=Status.NOT_CONVERGED)
        return place, states[-1].error / abs(slope), states

    def _with_order(self, found: Transition, backwards: bool, away: float) -> Transition:
        """Decide the order by how the gap opens, and by whether a finite gap exists beyond."""
        place = found.closing
        if backwards:
            start = superconducting_state(self.networks, place - away, self.tolerance)
            if start is None:
                return Transition(np.nan, place, order=1, status=Status.NOT_CONVERGED)
        elif superconducting_state(self.networks, place + away, OPTIONS.rough_state) is None:
            return found
        else:
            start = superconducting_state(self.networks, place + away, self.tolerance)
            if start is None:
                return Transition(np.nan, place, order=1, status=Status.NOT_CONVERGED)
        return self._first_order(self._follow(start, away), place)

    def _follow(self, start: SuperconductingState, away: float) -> FirstOrder:
        """From a superconducting state to the transition, in the direction and with a first step of `away`."""
        goal = self.tolerance * max(abs(start.place), abs(away))
        found = first_order_transition(self.networks, start, away, self.tolerance, goal)
        for tighter in OPTIONS.tighter:
            if np.isnan(found.value) or not self._allowed(found) < found.error < np.inf:
                break
            finer = superconducting_state(self.networks, start.place, tighter * self.tolerance)
            if finer is None:
                break
            found = first_order_transition(self.networks, finer, away, tighter * self.tolerance, goal)
        return found

    def _allowed(self, found: FirstOrder) -> float:
        """Error that a transition may have."""
        return self.tolerance * max(abs(found.value), abs(found.fold))

    def _first_order(self, first: FirstOrder, closing: float) -> Transition:
        status = Status.NOT_CONVERGED
        if first.error < np.inf and np.isfinite(first.value):
            status = Status.CONVERGED if first.error <= self._allowed(first) else Status.TOLERANCE_NOT_REACHED
        return Transition(first.value, closing, first.fold, 1, first.error, status)

    def _without_opening(self, seen: list[tuple[float, float]]) -> Transition:
        """A transition of first order under a normal state that is stable throughout, if there is one."""
        places = sorted(place for place, _ in seen)
        where = f"{places[0]:g} to {places[-1]:g}"
        if seen[0][1] < 0:
            raise NoTransition(
                f"no transition from {where}: the normal state is unstable at both ends (lowest eigenvalues "
                f"{dict(seen)[places[0]]:.3g} and {dict(seen)[places[-1]]:.3g}); allowed: a range that reaches the "
                "normal state",
                key=self.path,
            )
        ends = places[:1] if self.is_temperature else [places[0], places[-1]]
        for end in ends:
            start = superconducting_state(self.networks, end, self.tolerance)
            if start is not None:
                away = (OPTIONS.beyond if end == places[0] else -OPTIONS.beyond) * (places[-1] - places[0])
                first = self._follow(start, away)
                if np.isfinite(first.value) and places[0] <= first.value <= places[-1]:
                    return self._first_order(first, np.nan)
        raise NoTransition(
            f"no transition from {where}: normal at both ends (lowest eigenvalues {dict(seen)[places[0]]:.3g} and "
            f"{dict(seen)[places[-1]]:.3g}); allowed: a range that reaches the superconducting state",
            key=self.path,
        )
