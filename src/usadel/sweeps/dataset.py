"""From finished points to the labelled dataset of a sweep, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel.discretization.space import along_device
from usadel.maps.gathered import Gathered
from usadel.maps.plan import Plan
from usadel.maps.record import CONVERGED, Point
from usadel.results import schema
from usadel.solution.names import coordinates
from usadel.sweeps.points import FRACTIONS, energies_of

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[Any]

PROCEDURE = "sweep"
SCALARS = {
    "converged": "Whether the point reached its tolerance",
    "residual": "Largest residual of the scheme",
    "estimated_error": "Estimated largest error of gap, currents and accumulations",
    "conservation_error": "Largest variation of conserved currents",
    "stable": "Whether the solution is stable",
    "lower_state": "Whether the normal state has a lower free energy",
}
"""Numbers of each point besides the variables of a result -> their long names."""
_WORST = ("residual", "estimated_error", "conservation_error")
_LENGTH = "length"  # of each layer, from which positions follow


def sweep_dataset(plan: Plan, done: Mapping[int, list[Point]], resumed: int = 0) -> xr.Dataset:
    """The dataset of a sweep; points that failed, or are not finished yet, are NaN.

    Parameters
    ----------
    plan : what was to be solved.
    done : unit -> its points, in the order in which they were solved.
    resumed : how many of these were found finished.
    """
    import xarray as xr

    found = Gathered(plan, done, resumed)
    dims = tuple(plan.sizes)
    arrays = _in_order(found.arrays(dict.fromkeys(_WORST, ())))
    lengths = arrays.pop(_LENGTH, None)
    variables = {name: _labelled(dims, name, array) for name, array in arrays.items()}
    variables |= {"converged": _labelled(dims, "converged", found.converged)}
    for name, text in (("status", found.status), ("advice", found.advice)):
        about = {"units": "1", "long_name": f"{name.capitalize()} of the point"}
        variables[name] = (dims, text, about)
    coords = found.coordinates() | _directions(plan) | _places(plan, lengths) | _labels(plan, arrays)
    return xr.Dataset(variables, coords, found.attributes() | _attributes(plan, arrays))


def _in_order(arrays: dict[str, Array]) -> dict[str, Array]:
    """Variables in the order of the schema."""
    names = dict.fromkeys((*SCALARS, *schema.VARIABLES, *arrays))
    return {name: arrays[name] for name in names if name in arrays}


def _labelled(dims: tuple[str, ...], name: str, array: Array) -> tuple[Any, ...]:
    """An array with its dimensions and attributes, as xarray takes it."""
    if name in SCALARS:
        return dims, array, {"units": "1", "long_name": SCALARS[name], "symbol": ""}
    entry = schema.VARIABLES[name]
    own = tuple("fraction" if dim == "position" else dim for dim in entry.dims)
    return (*dims, *own), array, entry.attrs


def _directions(plan: Plan) -> dict[str, Any]:
    about = {"units": "1", "long_name": "Direction in which the last axis is followed"}
    return {"direction": ("direction", np.array(plan.directions), about)} if plan.directions else {}


def _places(plan: Plan, lengths: Array | None) -> dict[str, Any]:
    """`fraction` of each layer, and what else is known of these places; `lengths` (points, layers)."""
    layers = plan.device.network().layers
    own = np.array([layer.length for layer in layers])
    found: dict[str, Any] = coordinates(plan.device, _positions(own), np.repeat(np.arange(len(layers)), len(FRACTIONS)))
    labels: dict[str, Any] = {
        name: ("fraction", array, schema.COORDINATES[name].attrs) for name, array in found.items()
    }
    about = {"units": "1", "long_name": "Place in the layer, in units of its length", "symbol": "z"}
    labels["fraction"] = ("fraction", np.tile(FRACTIONS, len(layers)), about)
    if lengths is not None:
        known = lengths.reshape(-1, len(layers))
        known = known[np.isfinite(known[:, 0])]
        if known.size and np.all(known == known[0]):
            own = known[0]
        elif known.size:
            labels.pop("wire_position", None)
            position = np.apply_along_axis(_positions, -1, lengths)
            labels["position"] = ((*plan.sizes, "fraction"), position, schema.COORDINATES["position"].attrs)
            return labels
    labels["position"] = ("fraction", _positions(own), schema.COORDINATES["position"].attrs)
    return labels


def _positions(lengths: Array) -> Array:
    """(layers × `FRACTIONS`), ξ; NaN where a length is."""
    return along_device([length * np.array(FRACTIONS) for length in lengths], [float(length) for length in lengths])


def _labels(plan: Plan, arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Coordinates of what variables have besides places."""
    dims = {dim for name in arrays if name in schema.VARIABLES for dim in schema.VARIABLES[name].dims}
    values: dict[str, Array] = {"component": np.array(schema.COMPONENTS), "mode": np.array(schema.MODES)}
    if "energy" in dims:
        values["energy"] = energies_of(plan.device)
    if "interface" in dims:
        values["interface"] = np.arange(arrays["torque"].shape[-1])
    if "terminal" in dims:
        values["terminal"] = np.array(list(plan.device.network().terminal_reservoirs))
    return {name: (name, array, schema.COORDINATES[name].attrs) for name, array in values.items() if name in dims}


def _attributes(plan: Plan, arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Beside what all maps say of themselves: what is varied, and the worst of all points."""
    found: dict[str, Any] = {"parameter": plan.parameter}
    for name in _WORST:
        known = arrays[name][np.isfinite(arrays[name])]
        found[name] = float(known.max()) if known.size else float("nan")
    return found


def points_of(data: xr.Dataset, plan: Plan) -> Iterator[tuple[int, list[Point]]]:
    """The units of the dataset of a finished sweep, as they were kept."""
    names = [name for name in (*SCALARS, *schema.VARIABLES) if name in data and name != "converged"]
    arrays = {name: data[name].values for name in names}
    status, advice = data["status"].values, data["advice"].values
    for unit in range(plan.units):
        points = []
        for place in plan.places(unit):
            values = {name: array[place] for name, array in arrays.items() if status[place] == CONVERGED}
            if values:
                network = plan.device.replace(plan.changes_at(place)).network()
                values[_LENGTH] = np.array([layer.length for layer in network.layers])
            points.append(Point(str(status[place]), str(advice[place]), values))
        yield unit, points
