"""The public way to current-phase relations: `usadel.josephson`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from usadel._compile import announce_compilation
from usadel._version import __version__
from usadel.description.device.axes import axis_values, check_distinct, number_at
from usadel.errors import InputError, UsadelError
from usadel.junctions.phase import PhaseDifference, phase_difference
from usadel.junctions.relation import Relation, branch_relation, no_columns, solved_relation, wrapped
from usadel.junctions.samples import TURN, Sampler, traced
from usadel.progress import Progress, counted, reporting
from usadel.results.josephson import JUNCTION, SCALARS, josephson_dataset, josephson_rows
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows
from usadel.solution.failures import ends_all, in_words, kept

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

PHASES = 73  # of relations along an axis, which have them in common
LOCATED = 1e-6  # of the interval: of a 0-π crossing


class Josephson(Labelled):
    """The current-phase relation of a junction, or those along an axis."""

    procedure: ClassVar[str] = JUNCTION
    public_name: ClassVar[str] = "Josephson"
    device: Stack | Device

    @property
    def critical_current(self) -> Any:
        """The larger of both directions: a number, or one for each value of the axis."""
        values = np.fmax(self.data["critical_current_forward"].values, self.data["critical_current_backward"].values)
        return float(values) if values.ndim == 0 else values

    @property
    def ground_state_phase(self) -> Any:
        """Phase difference of the state of lowest energy, in (-π, π]: a number, or one for each value of the axis."""
        values = self.data["ground_state_phase"].values
        return float(values) if values.ndim == 0 else values

    @property
    def crossings(self) -> list[float]:
        """Values of the axis at which the phase of the ground state jumps by about π."""
        return [float(value) for value in self.data["crossing"].values] if "crossing" in self.data.coords else []

    def summary(self) -> Rows:
        """The result in a few rows of label and text."""
        return josephson_rows(self.data)

    def _about(self) -> str:
        return f" of {self.data.attrs['phase_path']}"


def josephson(
    device: Stack | Device,
    phase: str | None = None,
    over: Mapping[str, ArrayLike] | None = None,
    *,
    progress: Progress | None = None,
) -> Josephson:
    """Find the current-phase relation of a junction, its critical currents and its ground state.

    The phase difference φ is that of the left bank less that of the right one, and I(φ) the charge current from left
    to right, 2 ∂F/∂φ in equilibrium. Devices with gaps of their own are followed through every fold; others are solved
    at as many phases as the curve needs. Critical currents are located, not the largest samples.

    Parameters
    ----------
    device : with two superconducting reservoirs, or whatever `phase` makes a difference in.
    phase : path of what is varied: the phase of one bank, a parameter that it depends on, or the phase gradient of a
        ring. Default: the phase of one of two superconducting reservoirs.
    over : one path and its values: a relation for each of them. Where the ground state changes between 0 and π, the
        value is located.
    progress : called with an `Event` now and then; an exception that it raises ends the work.

    Returns
    -------
    Josephson
        With `.data` (xarray.Dataset): `current`, and in equilibrium `free_energy`, over `phase`;
        `critical_current_forward`, `critical_current_backward`, their phases, `ground_state_phase`,
        `diode_efficiency`, `harmonics`. With `over` these have the axis in front.

    Raises
    ------
    InputError
        If the device has no phase difference, or the axis makes no sense.
    NotConverged
        If a point did not reach its tolerance; carries what was found as `.result`.
    Interrupted
        After Ctrl-C, if a relation was found; a KeyboardInterrupt that carries what is done as `.result`.
    """
    difference = phase_difference(device, phase)
    axis = _axis(device, difference, over or {})
    announce_compilation()
    relations: list[Relation | None] = []
    failures: list[str] = []

    def found(crossings: list[float]) -> Josephson:
        return Josephson(device, _dataset(device, difference, axis, relations, crossings, failures))

    def begun() -> bool:
        return any(relations)

    def where() -> str:
        return f"relation {len(relations) + 1}" if axis else "current-phase relation"

    with reporting(progress, "josephson"), kept(where, begun, failures, lambda: found([])):
        for value in counted("josephson", axis.values if axis else [math.nan]):
            point = device.replace({axis.path: value}) if axis else device
            relations.append(_relation(point, difference.path, failures, axis is not None))
        return found(_crossings(device, difference.path, axis, relations) if axis else []).raise_if_unconverged()
    if not begun():
        raise UsadelError(f"no current-phase relation was found: {failures[0]}")
    return found([]).raise_if_unconverged()


def _dataset(
    device: Stack | Device,
    difference: PhaseDifference,
    axis: Axis | None,
    relations: list[Relation | None],
    crossings: list[float],
    failures: list[str],
) -> xr.Dataset:
    """What was found; relations along an axis have their phases in common, and are NaN where they are missing."""
    every = [*relations, *[None] * (len(axis.values) - len(relations) if axis else 0)]
    known = next(relation for relation in every if relation is not None)
    phase = known.phase if axis is None else np.linspace(0.0, TURN, PHASES)
    data = josephson_dataset(
        None if axis is None else (axis.path, device.unit(axis.path), axis.values),
        phase,
        [no_columns(phase) if r is None else r.columns(None if axis is None else phase) for r in every],
        [dict.fromkeys(SCALARS, math.nan) if r is None else r.numbers() for r in every],
        np.array([np.full_like(known.harmonics, np.nan) if r is None else r.harmonics for r in every]),
        [r is not None and r.converged for r in every],
        crossings,
    )
    data.attrs |= {"device": device.to_toml(), "usadel_version": __version__, "phase_path": difference.path}
    if failures:
        data.attrs |= {"converged": 0, "advice": f"{len(failures)} of {len(every)} relations failed: {failures[0]}"}
    return data


@dataclass(frozen=True)
class Axis:
    """What relations are found along."""

    path: str
    values: tuple[float, ...]


def _axis(device: Stack | Device, difference: PhaseDifference, over: Mapping[str, ArrayLike]) -> Axis | None:
    if len(over) > 1:
        raise InputError(f"has {len(over)} axes; allowed: one", key="over")
    check_distinct(device, over, {device.address(difference.path): "the phase"})
    for path, values in over.items():
        number_at(device, path)
        return Axis(path, axis_values(path, np.atleast_1d(values)))
    return None


def _relation(device: Stack | Device, path: str, failures: list[str], many: bool) -> Relation | None:
    """A relation; one of several that fails leaves the others."""
    try:
        difference = phase_difference(device, path)
        if device.network().has_unknown_gap:
            return branch_relation(list(traced(device, difference)))
        return solved_relation(Sampler(device, difference))
    except Exception as error:
        if ends_all(error) or not many:
            raise
        failures.append(in_words(error))
        return None


def _crossings(device: Stack | Device, phase: str, axis: Axis, relations: list[Relation | None]) -> list[float]:
    """Where along the axis the ground state changes between 0 and π: where both have the same free energy."""

    def apart(value: float) -> float:
        point = device.replace({axis.path: value})
        sampler = Sampler(point, phase_difference(point, phase))
        return sampler.at(math.pi).energy - sampler.at(0.0).energy

    found = []
    for (a, one), (b, other) in pairwise(zip(axis.values, relations, strict=True)):
        if one is None or other is None or not abs(wrapped(one.ground - other.ground)) > math.pi / 2:
            continue
        try:
            found.append(float(brentq(apart, a, b, xtol=LOCATED * abs(b - a))))
        except ValueError:  # no free energy, or another way between both
            continue
    return found
