"""Where along the axis of a map of critical values transitions of second order become ones of first order.

At a tricritical point c of `first_order.limit_of_small_gaps` changes its sign on the line where the normal state loses
stability. Where the order changes without that, a finite gap wins over one that opens: no such point is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from usadel.maps.between import between, located
from usadel.maps.plan import Axis, Plan
from usadel.progress import tell
from usadel.results.critical import TRICRITICAL
from usadel.results.schema import parameter_attributes
from usadel.transitions.first_order import limit_of_small_gaps
from usadel.transitions.points import search_of
from usadel.work import bounded

if TYPE_CHECKING:
    import xarray as xr

LOCATED = 1e-5  # of the interval along the axis: of a tricritical point
Place = tuple[float, float]
"""Along the axis, and the parameter that is sought."""


def with_tricritical(plan: Plan, data: xr.Dataset) -> xr.Dataset:
    """The dataset of a map over one axis, with tricritical points as coordinates where there are any.

    One that is not found makes the result one that did not converge, and its advice says why.
    """
    if len(plan.axes) != 1:
        return data
    find = str(plan.settings["find"])
    found, done = located(plan, data, _changes_of_order(data), "tricritical point", partial(_points, plan))
    if found:
        columns = zip((plan.axes[0].name, find), np.array(found).T, strict=True)
        done = done.assign_coords({
            TRICRITICAL + path: ("tricritical", values, parameter_attributes(path, plan.device.unit(path)))
            for path, values in columns
        })  # fmt: skip
    return done


def _changes_of_order(data: xr.Dataset) -> Iterator[int]:
    """Places along the axis behind which the order changes."""
    for k, orders in enumerate(pairwise(data["transition_order"].values.tolist())):
        if set(orders) == {1, 2}:
            yield k


@bounded("trace")
def _points(plan: Plan, axis: Axis, k: int) -> list[Place]:
    """The tricritical point between two places, if there is one there."""
    here, there = axis.changes(k), axis.changes(k + 1)
    known: dict[float, tuple[float, Place]] = {}

    def coefficient(fraction: float) -> float:
        """c, and -1 where the normal state is stable throughout: there all transitions are of first order."""
        if fraction not in known:
            changes = between(here, there, fraction)
            tell("tricritical point", len(known), text=f"{axis.name} = {changes[axis.name]:.6g}")
            search = search_of(plan.device.replace(changes), str(plan.settings["find"]), plan.settings["limits"])
            found, place = search.opening(), (changes[axis.name], np.nan)
            known[fraction] = (-1.0, place) if found is None else (limit_of_small_gaps(found[1]), (place[0], found[0]))
        return known[fraction][0]

    if coefficient(0.0) * coefficient(1.0) >= 0:
        return []
    brentq(coefficient, 0.0, 1.0, xtol=LOCATED)
    opening = [(abs(c), place) for c, place in known.values() if np.isfinite(place[1])]
    return [min(opening)[1]]
