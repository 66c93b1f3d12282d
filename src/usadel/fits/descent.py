"""Least squares of a model: residuals, their derivatives, and descents from several starts.

Unknowns u are the free numbers between their bounds, from 0 to 1. Residuals are those of solves that begin from
nothing, so that what is fitted does not depend on the way to it. Derivatives are central differences of solves that
begin from these: exact ones do not exist yet. Their step is chosen from the error of the solves; differences by default
take that for rounding, so that they are noise and a descent ends anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel.errors import InputError, NoTransition
from usadel.fits.models import Answer, Model
from usadel.progress import tell
from usadel.solution.failures import ends_all, in_words

if TYPE_CHECKING:
    from usadel.description import Device, Stack

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Constants of the search.

    Attributes
    ----------
    longest_step : of a difference, in units of the distance of the bounds: beyond it curvature counts.
    clear : how many times the error of the solves a difference of predictions should be.
    tolerance : relative change of χ², and change of u, at which a descent ends: far below one standard error.
    evaluations : of the residuals in one descent, at most; those that converge need 5 to 15.
    """

    longest_step: float = 0.05
    clear: float = 30.0
    tolerance: float = 1e-5
    evaluations: int = 40


OPTIONS = Options()


@dataclass(frozen=True)
class Free:
    """The free numbers: path -> bounds."""

    bounds: Mapping[str, tuple[float, float]]

    @property
    def low(self) -> Array:
        """Lower bounds."""
        return np.array([low for low, _ in self.bounds.values()])

    @property
    def width(self) -> Array:
        """Distances of the bounds."""
        return np.array([high - low for low, high in self.bounds.values()])

    def values(self, unknowns: Array) -> Array:
        """Numbers at some unknowns."""
        return np.asarray(self.low + self.width * unknowns)

    def put(self, device: Stack | Device, unknowns: Array) -> Stack | Device:
        """A device with the numbers in place."""
        return device.replace(dict(zip(self.bounds, map(float, self.values(unknowns)), strict=True)))


def spread(data: Array) -> float:
    """Range of some data, their size if they are all alike; 1 if they are zero."""
    return float(np.ptp(data)) or float(np.abs(data).max()) or 1.0


class Stuck(Exception):
    """A descent that cannot go on, and why."""


@dataclass
class Objective:
    """Residuals of data, in units of `sigma`.

    Attributes
    ----------
    first : whether nothing was solved before: then an input that makes no sense is raised as such.
    places, where : different values of the coordinate, and which of them each point has.
    best : unknowns and residuals of the lowest χ² so far, and the error of the solves there.
    reason : why the last solve failed.
    """

    device: Stack | Device
    model: Model
    free: Free
    places: Array
    where: Array
    data: Array
    sigma: Array
    first: bool = False
    best: tuple[Array, Array, float] | None = None
    reason: str = ""
    _last: tuple[Array, Answer] | None = field(default=None, repr=False)
    _slopes: Array | None = field(default=None, repr=False)  # norms of the columns of the last Jacobian

    def residuals(self, unknowns: Array) -> Array:
        """(prediction - data)/sigma (points); NaN where the model fails, at which a descent takes a shorter step."""
        answer = self._answer(unknowns, None)
        if answer is None:
            return np.full(self.data.size, np.nan)
        self._last = unknowns.copy(), answer
        found = np.asarray((answer.values[self.where] - self.data) / self.sigma)
        if self.best is None or found @ found < self.best[1] @ self.best[1]:
            self.best = unknowns.copy(), found, answer.error
            tell("fit", 0, None, f"χ² = {found @ found:.6g}")
        return found

    def jacobian(self, unknowns: Array) -> Array:
        """Derivatives of the residuals (points, free numbers); raises `Stuck` where a neighbour cannot be solved."""
        if self._last is None or not np.array_equal(self._last[0], unknowns):
            self.residuals(unknowns)
        if self._last is None or not np.array_equal(self._last[0], unknowns):
            raise Stuck(self.reason)
        centre = self._last[1]
        columns = [
            self._column(unknowns, centre, number, step) for number, step in enumerate(self._steps(centre.error))
        ]
        found = np.stack([column[self.where] / self.sigma for column in columns], axis=1)
        self._slopes = np.linalg.norm(found, axis=0)
        return found

    def noise(self, error: float, step: float) -> float:
        """What errors of the solves can do to the norm of a column of the Jacobian."""
        return float(error / step * np.linalg.norm(1 / self.sigma))

    def first_step(self, error: float) -> float:
        """Where ε/h, of the error of the solves, equals h² times the spread of the data, of curvature."""
        return float(min(OPTIONS.longest_step, (error / spread(self.data)) ** (1 / 3)))

    def _steps(self, error: float) -> Array:
        """Steps of the differences: about a standard error, if the slopes are known, but clear of the solves' error."""
        longest = self.first_step(error)
        if self._slopes is None:
            return np.full(len(self.free.bounds), longest)
        assert self.best is not None
        scatter = np.sqrt(np.mean(self.best[1] ** 2))
        with np.errstate(divide="ignore"):
            wanted = np.maximum(scatter, OPTIONS.clear * self.noise(error, 1.0)) / self._slopes
        return np.minimum(wanted, longest)

    def _column(self, unknowns: Array, centre: Answer, number: int, step: float) -> Array:
        """Derivative of the predictions (places): central, of second order from one side next to a bound."""

        def at(offset: float) -> Array | None:
            moved = unknowns.copy()
            moved[number] += offset
            answer = self._answer(moved, centre)
            return None if answer is None else answer.values

        side = 1.0 if unknowns[number] + step <= 1.0 else -1.0
        if 0.0 <= unknowns[number] - side * step <= 1.0:
            one, other = at(side * step), at(-side * step)
            if one is not None and other is not None:
                return np.asarray((one - other) / (2 * side * step))
            if one is None:
                one, side = other, -side
        else:
            one, far = at(side * step), at(2 * side * step)
            if one is not None and far is not None:
                return np.asarray((4 * one - 3 * centre.values - far) / (2 * side * step))
        if one is None:
            raise Stuck(self.reason)
        return np.asarray((one - centre.values) / (side * step))

    def _answer(self, unknowns: Array, near: Answer | None) -> Answer | None:
        """What the model says; None, with a reason, where it cannot."""
        try:
            answer = self.model.answer(self.free.put(self.device, unknowns), self.places, near)
        except Exception as error:
            senseless = isinstance(error, InputError) and not isinstance(error, NoTransition)
            if ends_all(error) or (senseless and self.first and self.best is None):
                raise
            self.reason = in_words(error)
            return None
        if not np.all(np.isfinite(answer.values)):
            self.reason = "a prediction is no number"
            return None
        return answer


@dataclass(frozen=True)
class End:
    """Where a descent ended.

    Attributes
    ----------
    start, unknowns : from 0 to 1.
    residuals : (points); error : of the solves there.
    jacobian : (points, free numbers); None if it is not known there.
    reason : why it did not come to an end; empty if it did.
    """

    start: Array
    unknowns: Array
    residuals: Array
    error: float
    jacobian: Array | None
    reason: str = ""

    @property
    def chi_squared(self) -> float:
        """Sum of the squares of the residuals."""
        return float(self.residuals @ self.residuals)


def descend(objective: Objective, start: Array) -> End:
    """Follow χ² down from a start; raises `Stuck` where not even that can be solved."""
    from scipy.optimize import least_squares

    if not np.all(np.isfinite(objective.residuals(start))):
        raise Stuck(objective.reason)
    jacobian, reason = None, ""
    try:
        found = least_squares(
            objective.residuals,
            start,
            objective.jacobian,
            (0.0, 1.0),
            method="trf",
            ftol=OPTIONS.tolerance,
            xtol=OPTIONS.tolerance,
            gtol=None,
            max_nfev=OPTIONS.evaluations,
        )
        jacobian = found.jac
        if found.status <= 0:
            reason = f"no minimum within {OPTIONS.evaluations} evaluations"
    except Stuck as error:
        reason = str(error)
    assert objective.best is not None
    unknowns, residuals, error_of_solves = objective.best
    return End(start, unknowns, residuals, error_of_solves, jacobian, reason)


def starts_of(present: Sequence[float | None], free: Free, count: int) -> list[Array]:
    """Starts (free numbers): the present values, if all lie between the bounds, and points that fill the space evenly.

    These are the fractional parts of ½ + k α, α_j = φ^-j with φ^(d+1) = φ + 1 (M. Roberts, "The unreasonable
    effectiveness of quasirandom sequences", 2018), which are the same in every run.
    """
    size = len(free.bounds)
    known = [np.nan if value is None else value for value in present]
    own = (np.array(known, float) - free.low) / free.width
    found = [own] if np.all((own >= 0) & (own <= 1)) else []
    root = 2.0
    for _ in range(60):  # a contraction
        root = (1.0 + root) ** (1.0 / (size + 1))
    alpha = root ** -np.arange(1.0, size + 1)
    return found + [(0.5 + k * alpha) % 1.0 for k in range(count - len(found))]
