"""The public way to current-phase relations: `usadel.josephson`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from usadel._compile import announce_compilation
from usadel._version import __version__
from usadel.description.device.axes import axis_values, check_distinct, number_at
from usadel.description.device.driven import has_kinetics
from usadel.errors import InputError, NotConverged
from usadel.junctions.interpolation import TURN
from usadel.junctions.located import solved_relation
from usadel.junctions.phase import PhaseDifference, phase_difference
from usadel.junctions.relation import Relation, branch_relation, no_columns, wrapped
from usadel.junctions.samples import Sampler, follow
from usadel.progress import Progress, counted, reporting, tell
from usadel.results.josephson import JUNCTION, SCALARS, josephson_dataset, josephson_rows
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows
from usadel.solution.failures import ends_all, in_words, kept
from usadel.work import bounded

if TYPE_CHECKING:
    from usadel.description import Device, Stack

PHASES = 73  # of relations along an axis, which have them in common
LOCATED = 1e-5  # of the interval: of a 0-π crossing


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
    study = _Study(device, difference, axis)
    with reporting(progress, "josephson"), kept(study.where, study.is_begun, study.failures, study.stopped):
        for value in counted("josephson", study.values):
            study.add(value)
        study.locate_crossings()
    if not study.is_begun():
        raise NotConverged(None, study.failures[0])
    return study.found().raise_if_unconverged()


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


@dataclass
class _Study:
    """The relations of a device, as far as they are found.

    Attributes
    ----------
    relations : None where one failed; failures : where and why.
    crossings : values of the axis at which the ground state changes between 0 and π.
    """

    device: Stack | Device
    difference: PhaseDifference
    axis: Axis | None
    relations: list[Relation | None] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    crossings: list[float] = field(default_factory=list)
    _sampler: Sampler | None = None

    @property
    def values(self) -> tuple[float, ...]:
        """Of the axis; one that means nothing without."""
        return self.axis.values if self.axis else (math.nan,)

    def where(self) -> str:
        """What is being done, in words."""
        count = len(self.relations)
        return self._named(self.values[count]) if count < len(self.values) else "crossings"

    def _named(self, value: float) -> str:
        return f"{self.axis.path} = {value:g}" if self.axis else "current-phase relation"

    def is_begun(self) -> bool:
        """Whether there is something to keep."""
        return any(self.relations) or self._unfinished() is not None

    def add(self, value: float) -> None:
        """Find the relation at a value of the axis; one of several that fails leaves the others."""
        try:
            self.relations.append(self._relation(value))
        except Exception as error:
            if isinstance(error, InputError):  # there is no such relation, of which a part could be kept
                self._sampler = None
            if ends_all(error) or self.axis is None:
                raise
            self.failures.append(f"{self.where()}: {in_words(error)}")
            self.relations.append(None)
        self._sampler = None

    @bounded("trace")
    def _relation(self, value: float) -> Relation:
        device = self._device_at(value)
        sampler = self._sampler = Sampler(device, phase_difference(device, self.difference.path))
        network = device.network()
        if not network.has_unknown_gap or has_kinetics(network):
            return solved_relation(sampler)
        follow(sampler)
        if not any(sample.converged for sample in sampler.samples):
            raise NotConverged(None, sampler.failures[0])
        return branch_relation(sampler.samples, sampler.failures)

    def _device_at(self, value: float) -> Stack | Device:
        return self.device.replace({self.axis.path: value}) if self.axis else self.device

    def _unfinished(self) -> Relation | None:
        """What there is of a relation that was not finished."""
        samples = [] if self._sampler is None else self._sampler.in_order()
        return Relation(samples, []) if any(sample.converged for sample in samples) else None

    def stopped(self) -> Josephson:
        """What is done when it is interrupted."""
        self.failures.append("interrupted before its end")
        return self.found()

    def found(self) -> Josephson:
        """The result as it stands: relations along an axis have their phases in common, and are NaN where missing."""
        axis, unfinished = self.axis, self._unfinished()
        every = [*self.relations, *([unfinished] if unfinished else [])]
        every += [None] * (len(self.values) - len(every))
        known = next(relation for relation in every if relation is not None)
        phase = known.phase if axis is None else np.linspace(0.0, TURN, PHASES)
        data = josephson_dataset(
            None if axis is None else (axis.path, self.device.unit(axis.path), axis.values),
            phase,
            [no_columns(phase) if r is None else r.columns(None if axis is None else phase) for r in every],
            [dict.fromkeys(SCALARS, math.nan) if r is None else r.numbers() for r in every],
            np.array([np.full_like(known.harmonics, np.nan) if r is None else r.harmonics for r in every]),
            [r is not None and r.converged for r in every],
            self.crossings,
        )
        data.attrs |= {"device": self.device.to_toml(), "usadel_version": __version__}
        data.attrs |= {"phase_path": self.difference.path}
        failures = self._all_failures(every)
        if failures:
            more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
            data.attrs |= {"converged": 0, "advice": failures[0] + more}
        return Josephson(self.device, data)

    def _all_failures(self, relations: list[Relation | None]) -> list[str]:
        """Those of the study, and those within relations."""
        within = [
            f"{self._named(value)}: {failure}"
            for value, relation in zip(self.values, relations, strict=True)
            if relation is not None
            for failure in relation.failures
        ]
        return [*self.failures, *within]

    def locate_crossings(self) -> None:
        """Where along the axis the ground state changes between 0 and π."""
        for (a, one), (b, other) in pairwise(zip(self.values, self.relations, strict=True)):
            if one is None or other is None or not abs(wrapped(one.ground - other.ground)) > math.pi / 2:
                continue
            if not one.rise * other.rise < 0:  # over ground states between 0 and π
                continue
            try:
                self.crossings.append(self._crossing({a: one.rise, b: other.rise}))
            except Exception as error:
                if ends_all(error):
                    raise
                self.failures.append(f"crossing between {a:g} and {b:g}: {in_words(error)}")

    @bounded("trace")
    def _crossing(self, known: dict[float, float]) -> float:
        """Where F(π) = F(0), or the work ½∫I dφ between them vanishes, between two values at which that is known."""
        a, b = known

        def rise(value: float) -> float:
            tell("0-π crossing", len(known) - 2, text=self._named(value))
            if value not in known:
                known[value] = self._rise(value)
            return known[value]

        return float(brentq(rise, a, b, xtol=LOCATED * abs(b - a)))

    def _rise(self, value: float) -> float:
        """F(π) - F(0): two solves where there is a free energy, a relation elsewhere."""
        device = self._device_at(value)
        sampler = Sampler(device, phase_difference(device, self.difference.path))
        start, end = (sampler.at(phase) for phase in (0.0, math.pi))
        if sampler.failures:
            raise NotConverged(None, sampler.failures[0])
        found = end.energy - start.energy
        return solved_relation(sampler).rise if math.isnan(found) else found
