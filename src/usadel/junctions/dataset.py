"""From relations to the labelled dataset of a junction, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from usadel._version import __version__
from usadel.junctions.points import PHASES, advice_of
from usadel.junctions.relation import HARMONICS, Relation
from usadel.maps.gathered import Gathered, points_from
from usadel.maps.plan import Plan
from usadel.maps.record import Point
from usadel.results.josephson import ALONG, SCALARS, josephson_dataset

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

_KEPT = dict.fromkeys(ALONG, PHASES.shape) | dict.fromkeys(SCALARS, ()) | {"harmonics": (HARMONICS, 2)}


def dataset_of(device: Stack | Device, path: str, relation: Relation) -> xr.Dataset:
    """Of one relation."""
    about = {"converged": int(relation.converged), "device": device.to_toml(), "usadel_version": __version__}
    advice = {"advice": advice_of(relation)} if relation.failures else {}
    return josephson_dataset(relation.phase, relation.values(), {}, about | advice | {"phase_path": path})


def map_of(plan: Plan, done: Mapping[int, list[Point]], resumed: int = 0) -> xr.Dataset:
    """Of a map, at phases that all relations have in common; NaN where one failed or is not finished."""
    found = Gathered(plan, done, resumed)
    about = found.attributes() | {"phase_path": plan.settings["phase"]}
    data = josephson_dataset(PHASES, found.arrays(_KEPT), found.coordinates(), about)
    labels = {"units": "1", "long_name": "Whether the relation reached its tolerance", "symbol": "c"}
    return data.assign(converged=(tuple(plan.sizes), found.converged, labels))


def points_of(data: xr.Dataset, plan: Plan) -> Iterator[tuple[int, list[Point]]]:
    """The units of the dataset of a finished map, as they were kept."""
    arrays = {name: data[name].values for name in _KEPT if name in data}
    return points_from(plan, arrays, data["converged"].values)
