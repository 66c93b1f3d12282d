"""From finished searches to the labelled dataset of critical values, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel._version import __version__
from usadel.maps.gathered import Gathered, points_from
from usadel.maps.plan import Plan
from usadel.maps.record import Point
from usadel.results.critical import PREFIX, critical_dataset
from usadel.transitions.points import NUMBERS

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

PROCEDURE = "critical"


def dataset_of(device: Stack | Device, find: str, point: Point) -> xr.Dataset:
    """Of a single search."""
    arrays = {name: np.asarray(point.values.get(name, np.nan)) for name in NUMBERS}
    about = {"usadel_version": __version__, "device": device.to_toml()}
    advice = {"advice": point.advice} if point.advice else {}
    return _labelled(device, find, {}, arrays, np.array(point.converged), about | advice)


def map_of(plan: Plan, done: Mapping[int, list[Point]], resumed: int = 0) -> xr.Dataset:
    """Of a map; points that failed, or are not finished, are NaN."""
    found, find = Gathered(plan, done, resumed), str(plan.settings["find"])
    arrays = found.arrays(dict.fromkeys(NUMBERS, ()))
    axes = {axis.name: plan.columns[axis.name][1] for axis in plan.axes}
    data = _labelled(plan.device, find, axes, arrays, found.converged.astype(bool), found.attributes())
    return data.assign_coords(found.coordinates())


def _labelled(
    device: Stack | Device,
    find: str,
    axes: Mapping[str, np.ndarray],
    arrays: Mapping[str, np.ndarray],
    converged: np.ndarray,
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    values = {"critical": arrays["value"]} | {name: arrays[name] for name in ("closing", "fold", "error")}
    orders = np.nan_to_num(arrays["order"]).astype(np.int64)
    units = {path: device.unit(path) for path in (find, *axes)}
    return critical_dataset(find, axes, values, orders, converged, units, attributes)


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
    return points_from(plan, arrays, data["converged"].values)
