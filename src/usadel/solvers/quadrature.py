"""Adaptive Gauss-Kronrod integration of vectors, all open panels at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.work import exhausted

Array = NDArray[Any]

# Kronrod's 15 points on [-1, 1] (positive half, ascending) with their weights, and the weights of Gauss's 7.
_HALF = np.array([
    0.0, 0.207784955007898467600689403773245, 0.405845151377397166906606412076961, 0.586087235467691130294144691258380,
    0.741531185599394439863864773280788, 0.864864423359769072789712788640926, 0.949107912342758524526189684047851,
    0.991455371120812639206854697526329,
])  # fmt: skip
_KRONROD = np.array([
    0.209482141084727828012999174891714, 0.204432940075298892414161999234649, 0.190350578064785409913256402421014,
    0.169004726639267902826583426598550, 0.140653259715525918745189590510238, 0.104790010322250183839876322541518,
    0.063092092629978553290700663189204, 0.022935322010529224963732008058970,
])  # fmt: skip
_GAUSS = np.array([
    0.417959183673469387755102040816327, 0.0, 0.381830050505118944950369775488975, 0.0,
    0.279705391489276667901467771423780, 0.0, 0.129484966168869693270611432679082, 0.0,
])  # fmt: skip
NODE = np.concatenate([-_HALF[:0:-1], _HALF])
KRONROD = np.concatenate([_KRONROD[:0:-1], _KRONROD])
GAUSS = np.concatenate([_GAUSS[:0:-1], _GAUSS])


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    rounds: int = 24
    # after which nothing is refined any more: a function that is nowhere finite would never end
    most_points: int = 100_000
    smallest: float = 1e-11  # width of a panel, relative to the largest point
    at_once: int = 40  # panels: values at their points are gigabytes where there are many, and are not kept


OPTIONS = Options()


@dataclass
class Integral:
    """Value (...) of an integral, its estimated error (largest of all components), panels (n, 2) and points used."""

    value: Array
    error: float
    panels: Array
    points: int


def integrate(function: Callable[[Array], Array], edges: Array, tolerance: float) -> Integral:
    """∫ function over consecutive panels between `edges`, refined until the error is below the tolerance.

    Parameters
    ----------
    function : points (n) to values (..., n).
    edges : ascending.
    tolerance : for the sum of the panels' errors, largest component.
    """
    open_panels = np.stack([edges[:-1], edges[1:]], axis=1)
    kept: list[Array] = []
    total: Array | float = 0.0
    settled, points, error = 0.0, 0, np.inf
    for number in range(OPTIONS.rounds):
        centre, half = open_panels.mean(axis=1), 0.5 * np.diff(open_panels, axis=1)[:, 0]
        at = centre[:, None] + half[:, None] * NODE
        sums, errors = _by_groups(function, at, half)
        points += at.size
        budget = max(tolerance - settled, 0.5 * tolerance)
        error = settled + float(errors.sum())
        narrow = half < OPTIONS.smallest * max(abs(edges[0]), abs(edges[-1]))
        good = (errors <= 0.5 * budget / max(1, errors.size + len(kept))) | narrow
        if error <= tolerance or number == OPTIONS.rounds - 1 or points > OPTIONS.most_points or exhausted():
            good[:] = True
        total = total + sums[..., good].sum(axis=-1)
        settled += float(errors[good].sum())
        kept += list(open_panels[good])
        bad, middle = open_panels[~good], centre[~good]
        open_panels = np.concatenate([np.stack([bad[:, 0], middle], 1), np.stack([middle, bad[:, 1]], 1)])
        if open_panels.size == 0:
            break
    return Integral(np.asarray(total), error, np.array(sorted(map(tuple, kept))), points)


def _by_groups(function: Callable[[Array], Array], at: Array, half: Array) -> tuple[Array, Array]:
    """Integral (..., panels) of every panel and its estimated error (panels), from its points (panels, 15).

    Where the work ends before, the error of those that are left is infinite.
    """
    sums: list[Array] = []
    errors: list[Array] = []
    for first in range(0, half.size, OPTIONS.at_once):
        chosen = slice(first, first + OPTIONS.at_once)
        if sums and exhausted():
            rest = half.size - first
            return np.concatenate([*sums, np.zeros((*sums[0].shape[:-1], rest))], axis=-1), np.concatenate(
                [*errors, np.full(rest, np.inf)]
            )
        values = function(at[chosen].ravel())
        one = _sums(values.reshape(*values.shape[:-1], *at[chosen].shape), half[chosen])
        sums.append(one[0])
        errors.append(one[1])
    return np.concatenate(sums, axis=-1), np.concatenate(errors)


def integrate_panels(function: Callable[[Array], Array], panels: Array) -> Array:
    """∫ function over given panels (n, 2), without any refinement."""
    total: Array | float = 0.0
    for first in range(0, len(panels), OPTIONS.at_once):
        chosen = panels[first : first + OPTIONS.at_once]
        values, half = function(panel_points(chosen)[0]), 0.5 * np.diff(chosen, axis=1)[:, 0]
        total = total + (values.reshape(*values.shape[:-1], *half.shape, NODE.size) @ KRONROD) @ half
    return np.asarray(total)


def panel_points(panels: Array) -> tuple[Array, Array]:
    """Points and weights of Kronrod's rule on panels (n, 2)."""
    half = 0.5 * np.diff(panels, axis=1)
    return (panels.mean(axis=1)[:, None] + half * NODE).ravel(), (half * KRONROD).ravel()


def _sums(values: Array, half: Array) -> tuple[Array, Array]:
    """Integral (..., panels) of every panel and its estimated error (panels), as QUADPACK rates it."""
    sums = half * (values @ KRONROD)
    difference = np.abs(half * (values @ (KRONROD - GAUSS)))
    with np.errstate(all="ignore"):  # panels without a width, between edges that are one but for rounding, hold nothing
        mean = 0.5 * sums / half
        variation = half * (np.abs(values - mean[..., None]) @ KRONROD)
        rated = variation * np.minimum(1.0, (200 * difference / variation) ** 1.5)
    rated = np.where(variation > 0, rated, difference)
    rated = np.where(np.isfinite(difference), rated, np.inf)
    return sums, rated.reshape(-1, half.size).max(axis=0)
