"""From finished searches to the labelled dataset of critical values, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel._version import __version__
from usadel.maps.plan import Plan
from usadel.maps.record import CONVERGED, Point
from usadel.results import schema
from usadel.results.critical import PREFIX, critical_dataset
from usadel.solvers.status import Status
from usadel.transitions.points import NUMBERS

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

PROCEDURE = "critical"


def dataset_of(device: Stack | Device, find: str, point: Point) -> xr.Dataset:
    """Of a single search."""
    arrays = {name: np.asarray(point.values.get(name, np.nan)) for name in NUMBERS}
    advice = {"advice": point.advice} if point.advice else {}
    return _labelled(device, find, {}, arrays, np.array(point.converged), advice)


def map_of(plan: Plan, done: Mapping[int, list[Point]], resumed: int = 0) -> xr.Dataset:
    """Of a map; points that failed, or are not finished, are NaN."""
    shape = tuple(plan.sizes.values())
    arrays, converged = {name: np.full(shape, np.nan) for name in NUMBERS}, np.zeros(shape, bool)
    reasons: dict[str, list[str]] = {}
    for unit, points in done.items():
        for place, point in zip(plan.places(unit), points, strict=True):
            converged[place] = point.converged
            for name, value in point.values.items():
                arrays[name][place] = value
            if not point.converged:
                reasons.setdefault(point.advice, []).append(plan.named(place))
    missing = plan.points - sum(map(len, done.values()))
    about = {
        "map_key": plan.key,
        "over": plan.parameter,
        "mode": plan.mode,
        "resumed_points": resumed,
        "open_points": missing,
    }
    if advice := _advice(plan.points, reasons, missing):
        about["advice"] = advice
    return _labelled(plan.device, str(plan.settings["find"]), plan.columns, arrays, converged, about)


def _labelled(
    device: Stack | Device,
    find: str,
    axes: Mapping[str, tuple[str, np.ndarray]],
    arrays: Mapping[str, np.ndarray],
    converged: np.ndarray,
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    values = {"critical": arrays["value"]} | {name: arrays[name] for name in ("closing", "fold", "error")}
    orders = np.nan_to_num(arrays["order"]).astype(np.int64)
    units = {path: device.unit(path) for path in (find, *axes)}
    common = {"procedure": PROCEDURE, "usadel_version": __version__, "device": device.to_toml()}
    own = {path: column for path, (dim, column) in axes.items() if path == dim}
    data = critical_dataset(find, own, values, orders, converged, units, common | dict(attributes))
    linked = {
        path: (dim, column, schema.parameter_attributes(path, units[path]))
        for path, (dim, column) in axes.items()
        if path != dim
    }
    return data.assign_coords(linked)


def _advice(points: int, reasons: Mapping[str, list[str]], missing: int) -> str:
    """Which searches failed, by reason, and how many are not finished; empty if all is well."""
    count = sum(map(len, reasons.values()))
    words = "; ".join(f"{' and '.join(at)}: {reason}" for reason, at in reasons.items())
    parts = [f"{count} of {points} searches failed: {words}"] if count else []
    return ". ".join(parts + ([f"{missing} of {points} searches are not finished"] if missing else []))


def points_of(data: xr.Dataset, plan: Plan) -> Iterator[tuple[int, list[Point]]]:
    """The units of the dataset of a finished map, as they were kept."""
    find = plan.settings["find"]
    variables = {
        "value": f"{PREFIX}{find}",
        "closing": f"closing_{find}",
        "fold": f"fold_{find}",
        "order": "transition_order",
        "error": "estimated_error",
    }
    arrays = {name: data[variable].values.astype(float) for name, variable in variables.items()}
    for unit in range(plan.units):
        points = []
        for place in plan.places(unit):
            status = CONVERGED if data["converged"].values[place] else Status.NOT_CONVERGED.name.lower()
            points.append(Point(status, "", {name: np.array(array[place]) for name, array in arrays.items()}))
        yield unit, points
