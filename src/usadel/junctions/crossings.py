"""Where along the axis of a map of relations the ground state changes between 0 and π."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from scipy.optimize import brentq

from usadel.errors import NotConverged
from usadel.junctions.located import solved_relation
from usadel.junctions.phase import phase_difference
from usadel.junctions.relation import wrapped
from usadel.junctions.samples import Sampler
from usadel.maps.between import between, located
from usadel.maps.plan import Axis, Changes, Plan
from usadel.progress import tell
from usadel.work import bounded

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

LOCATED = 1e-5  # of the interval: of a 0-π crossing


def with_crossings(plan: Plan, data: xr.Dataset) -> xr.Dataset:
    """The dataset of a map over one axis, with the coordinate `crossing` where there are any.

    One that is not found makes the result one that did not converge, and its advice says why.
    """
    if len(plan.axes) != 1:
        return data

    def crossing(axis: Axis, k: int) -> list[float]:
        here, there = axis.changes(k), axis.changes(k + 1)
        ends = [float(value) for value in data["pi_energy"].values[k : k + 2]]
        return [between(here, there, _crossing(plan, here, there, ends))[axis.name]]

    found, done = located(plan, data, _changes_of_state(data), "crossing", crossing)
    if found:
        name = plan.axes[0].name
        done = done.assign_coords(crossing=("crossing", found, data[name].attrs))
    return done


def _changes_of_state(data: xr.Dataset) -> Iterator[int]:
    """Places along the axis behind which the ground state jumps by about π, over those in between."""
    ground, energy = data["ground_state_phase"].values, data["pi_energy"].values
    for k, (one, other) in enumerate(pairwise(zip(ground, energy, strict=True))):
        if abs(wrapped(one[0] - other[0])) > math.pi / 2 and one[1] * other[1] < 0:  # False where either is NaN
            yield k


@bounded("trace")
def _crossing(plan: Plan, here: Changes, there: Changes, ends: list[float]) -> float:
    """Where between two places, as a fraction of their distance, 0 and π have the same energy."""
    known = {0.0: ends[0], 1.0: ends[1]}

    def energy(fraction: float) -> float:
        tell("0-π crossing", len(known) - 2)
        if fraction not in known:
            device = plan.device.replace(between(here, there, fraction))
            known[fraction] = _pi_energy(device, plan.settings["phase"])
        return known[fraction]

    return float(brentq(energy, 0.0, 1.0, xtol=LOCATED))


def _pi_energy(device: Stack | Device, path: str) -> float:
    """F(π) - F(0): two solves where there is a free energy, a relation elsewhere."""
    sampler = Sampler(device, phase_difference(device, path))
    start, end = (sampler.at(phase) for phase in (0.0, math.pi))
    if sampler.failures:
        raise NotConverged(None, sampler.failures[0])
    found = end.energy - start.energy
    return solved_relation(sampler).rise if math.isnan(found) else found
