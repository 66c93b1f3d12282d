"""What lies between the finished points of a map over one axis, and is located there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from usadel.maps.plan import Axis, Changes, Plan
from usadel.solution.failures import ends_all, in_words

if TYPE_CHECKING:
    import xarray as xr

T = TypeVar("T")


def between(here: Changes, there: Changes, fraction: float) -> Changes:
    """What is changed at a fraction of the way from one place of an axis to another."""
    return {path: value + fraction * (there[path] - value) for path, value in here.items()}


def located(
    plan: Plan, data: xr.Dataset, intervals: Iterable[int], what: str, locate: Callable[[Axis, int], list[T]]
) -> tuple[list[T], xr.Dataset]:
    """What is found behind some places of the axis, and the dataset.

    Where a search fails, the result is one that did not converge, and its advice says why. `what` names what is sought.
    """
    axis, found, failures = plan.axes[0], [], []
    for k in intervals:
        try:
            found += locate(axis, k)
        except Exception as error:
            if ends_all(error):
                raise
            ends = f"between {axis.name} = {axis.values[k][0]:g} and {axis.values[k + 1][0]:g}"
            failures.append(f"{what} {ends}: {in_words(error)}")
    if failures:
        advice = "; ".join([*filter(None, [data.attrs.get("advice", "")]), *failures])
        data = data.assign_attrs(converged=0, advice=advice)
    return found, data
