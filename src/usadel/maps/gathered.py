"""Finished points of a map side by side: arrays over its axes, and what every map says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel._version import __version__
from usadel.maps.plan import Plan
from usadel.maps.record import CONVERGED, NOT_CONVERGED, OPEN, Point
from usadel.results import schema

Array = NDArray[Any]
Placed = tuple[tuple[int, ...], Point]

MOST_REASONS = 5  # that an advice spells out


class Gathered:
    """What is done of a plan.

    Parameters
    ----------
    plan : what was to be computed.
    done : unit -> its points, in the order in which they were computed.
    resumed : how many of these were found finished.
    """

    def __init__(self, plan: Plan, done: Mapping[int, list[Point]], resumed: int = 0) -> None:
        self.plan, self.resumed = plan, resumed
        self.placed: list[Placed] = [
            pair for unit, points in done.items() for pair in zip(plan.places(unit), points, strict=True)
        ]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of points along each axis."""
        return tuple(self.plan.sizes.values())

    def arrays(self, needed: Mapping[str, tuple[int, ...]] | None = None) -> dict[str, Array]:
        """Variable -> (axes, …), NaN where a point has no value.

        `needed`: variable -> shape at a point, of those that are there although no point has them.
        """
        shapes = {name: np.shape(value) for _, point in self.placed for name, value in point.values.items()}
        found = {name: np.full(self.shape + shape, np.nan) for name, shape in (dict(needed or {}) | shapes).items()}
        for place, point in self.placed:
            for name, value in point.values.items():
                found[name][place] = value
        return found

    @cached_property
    def status(self) -> Array:
        """Of each point."""
        return self._texts(OPEN, "status")

    @cached_property
    def advice(self) -> Array:
        """What to try at each point that failed; empty elsewhere."""
        return self._texts("", "advice")

    def _texts(self, otherwise: str, name: str) -> Array:
        found = np.full(self.shape, otherwise, object)
        for place, point in self.placed:
            found[place] = getattr(point, name)
        return found.astype(str)

    @property
    def converged(self) -> Array:
        """Whether each point is finished, and reached its tolerance: 1 or 0."""
        return (self.status == CONVERGED).astype(np.int64)

    def coordinates(self) -> dict[str, tuple[str, Array, dict[str, str]]]:
        """Each path with its dimension, values and labels."""
        return {
            path: (dim, values, schema.parameter_attributes(path, self.plan.device.unit(path)))
            for path, (dim, values) in self.plan.columns.items()
        }

    def attributes(self) -> dict[str, Any]:
        """What the file of a map says of it."""
        failed = [(place, point) for place, point in self.placed if not point.converged]
        missing = self.plan.points - len(self.placed)
        found: dict[str, Any] = {
            "procedure": self.plan.procedure,
            "format_version": schema.FORMAT_VERSION,
            "usadel_version": __version__,
            "converged": int(not failed and not missing),
            "device": self.plan.text,
            "over": self.plan.parameter,
            "mode": self.plan.mode,
            "map_key": self.plan.key,
            "resumed_points": self.resumed,
            "failed_points": len(failed),
            "open_points": missing,
        }
        advice = _failures(self.plan, failed)
        if missing:
            advice.append(f"{missing} of {self.plan.points} points are not finished")
        return found | ({"advice": ". ".join(advice)} if advice else {})


def points_from(plan: Plan, arrays: Mapping[str, Array], converged: Array) -> Iterator[tuple[int, list[Point]]]:
    """The units of a finished map as they were kept, from arrays over its axes; why some failed is not in these."""
    for unit in range(plan.units):
        yield (
            unit,
            [
                Point(
                    CONVERGED if converged[place] else NOT_CONVERGED,
                    values={name: np.asarray(array[place]) for name, array in arrays.items()},
                )
                for place in plan.places(unit)
            ],
        )


def _failures(plan: Plan, failed: Iterable[Placed]) -> list[str]:
    """Which points failed and why, by reason; empty if none did."""
    reasons: dict[str, list[str]] = {}
    for place, point in failed:
        reasons.setdefault(point.advice, []).append(plan.named(place))
    words = [f"{_some(where)}: {reason}" for reason, where in list(reasons.items())[:MOST_REASONS]]
    count = sum(map(len, reasons.values()))
    return [f"{count} of {plan.points} points failed: {'; '.join(words)}"] if words else []


def _some(places: list[str]) -> str:
    return places[0] if len(places) == 1 else f"{places[0]} and {len(places) - 1} more"
