"""What the minimum of χ² says of the free numbers, and when not to believe it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.fits.descent import End, Free, Objective

Array = NDArray[Any]

AT_BOUND = 1e-3  # of the distance of the bounds: nearer, a minimum is that of the bound
SIMILAR = 4.0  # difference of χ² that tells two minima apart no better than two standard errors tell two numbers
APART = 3.0  # standard errors between numbers of two different minima
FAR = 0.01  # of the distance of the bounds, by which two different minima differ at least
EXCESS = 3.0  # standard deviations of χ², √2ν each, beyond which residuals are no noise
ACCURATE = 1 / 3  # of a standard error of the data, that solves may be off


@dataclass(frozen=True)
class Estimate:
    """What was found.

    Attributes
    ----------
    values : (free numbers).
    covariance : (free numbers, free numbers); NaN where the data do not tell it.
    chi_squared : in units of the given standard errors; without such, the sum of the squares of the residuals.
    scatter : what standard errors of the data are multiplied by: 1, or what residuals say where none are given.
    """

    values: Array
    covariance: Array
    chi_squared: float
    degrees: int
    scatter: float

    @property
    def errors(self) -> Array:
        """Standard errors (free numbers)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def estimate(end: End, objective: Objective, known: bool) -> Estimate:
    """Values and covariance at the end of a descent: (JᵀJ)⁻¹, times χ²/ν where standard errors are not `known`."""
    free = objective.free
    size, degrees = len(free.bounds), objective.data.size - len(free.bounds)
    scatter = 1.0 if known else float(np.sqrt(end.chi_squared / degrees))
    covariance = np.full((size, size), np.nan)
    if end.jacobian is not None:
        _, singular, rows = np.linalg.svd(end.jacobian, full_matrices=False)
        if singular[-1] > objective.noise(end.error, objective.first_step(end.error)):
            scaled = rows.T / singular
            covariance = scatter**2 * np.outer(free.width, free.width) * (scaled @ scaled.T)
    scale = 1.0 if known else float(objective.sigma[0]) ** 2
    return Estimate(free.values(end.unknowns), covariance, end.chi_squared * scale, degrees, scatter)


def doubts(found: Estimate, best: End, ends: Sequence[End], objective: Objective, known: bool) -> list[str]:
    """Why the numbers or their errors may be wrong, one line each."""
    return [
        *_at_bounds(found, objective.free),
        *_undetermined(found, best, objective.free),
        *_other_minima(found, best, ends, objective.free),
        *_misfit(found, known),
        *_inaccurate(found, best, objective),
    ]


def _at_bounds(found: Estimate, free: Free) -> list[str]:
    texts = []
    for (path, (low, high)), value, error in zip(free.bounds.items(), found.values, found.errors, strict=True):
        near = max(AT_BOUND * (high - low), float(np.nan_to_num(error)))
        bound = low if value - low <= near else high if high - value <= near else None
        if bound is not None:
            texts.append(
                f"{path} = {value:.6g} is at its bound {bound:g}, or within its error: that error means little"
            )
    return texts


def _undetermined(found: Estimate, best: End, free: Free) -> list[str]:
    if np.all(np.isfinite(found.covariance)):
        return []
    if best.jacobian is None:
        return ["derivatives at the minimum are not known, nor standard errors"]
    weakest = np.linalg.svd(best.jacobian, full_matrices=False)[2][-1]
    paths = [path for path, weight in zip(free.bounds, weakest, strict=True) if abs(weight) > 0.3]
    return [f"the data do not determine {' and '.join(paths)}: standard errors are not known"]


def _other_minima(found: Estimate, best: End, ends: Sequence[End], free: Free) -> list[str]:
    texts = []
    for end in ends:
        behind = (end.chi_squared - best.chi_squared) / max(found.scatter, np.finfo(float).tiny) ** 2
        away = np.abs(free.values(end.unknowns) - found.values)
        far = np.maximum(APART * np.nan_to_num(found.errors), FAR * free.width)
        if not end.reason and behind < SIMILAR and np.any(away > far):
            place = ", ".join(
                f"{path} = {value:.6g}" for path, value in zip(free.bounds, free.values(end.unknowns), strict=True)
            )
            texts.append(f"another minimum fits as well: {place}")
    return texts[:1]


def _misfit(found: Estimate, known: bool) -> list[str]:
    if not known or found.chi_squared <= found.degrees + EXCESS * np.sqrt(2 * max(found.degrees, 1)):
        return []
    ratio = found.chi_squared / max(found.degrees, 1)
    return [f"χ²/ν = {ratio:.3g}: residuals are larger than the standard errors of the data allow"]


def _inaccurate(found: Estimate, best: End, objective: Objective) -> list[str]:
    if best.error <= ACCURATE * found.scatter * float(objective.sigma.min()):
        return []
    return [f"solves may be off by {best.error:.1g}, which is not small beside the scatter: try a smaller tolerance"]
