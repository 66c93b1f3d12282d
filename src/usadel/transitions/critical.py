"""The public way to critical temperatures, fields, voltages and lengths."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from usadel._compile import announce_compilation
from usadel._version import __version__
from usadel.description.device.axes import axis_values, check_distinct, number_at
from usadel.errors import InputError, NoTransition
from usadel.feedback.exchange_field import refuse_response
from usadel.gap.normal_state import refuse_driven, require_sharp_transition
from usadel.progress import Progress, counted, reporting
from usadel.results.critical import critical_dataset, critical_rows, sought
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows
from usadel.solution.failures import ends_all, in_words, kept
from usadel.solvers.status import Status
from usadel.transitions.search import Search, Transition

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack
    from usadel.description.device.resolved import Network


class Critical(Labelled):
    """Critical values of one parameter of a device.

    `data` holds `critical_PATH`, `closing_PATH`, `fold_PATH`, `transition_order` and their errors.
    """

    procedure: ClassVar[str] = "critical"
    public_name: ClassVar[str] = "Critical"
    device: Stack | Device

    @property
    def path(self) -> str:
        """The parameter that was sought."""
        return str(sought(self.data))

    @property
    def value(self) -> Any:
        """Critical value: a number, or an array (the axes of `over`)."""
        values = self.data[f"critical_{self.path}"].values
        return float(values) if values.ndim == 0 else values

    @property
    def order(self) -> Any:
        """Order of the transition, 1 or 2; 0 where there is none."""
        values = self.data["transition_order"].values
        return int(values) if values.ndim == 0 else values

    def summary(self) -> Rows:
        """The result in a few rows of label and text."""
        unit, axes = self.device.unit(self.path), self.data["transition_order"].coords.items()
        rows = critical_rows(self.data, f" {unit}" if unit else "")
        return Rows([*rows, *((f"over {name}", _range(axis.values)) for name, axis in axes)])

    def _about(self) -> str:
        return f" {self.path}{f' = {self.value:.6g}' if self.data[f'critical_{self.path}'].ndim == 0 else ''}"


def _range(values: NDArray[Any]) -> str:
    return f"{values[0]:.6g} to {values[-1]:.6g}, {values.size} values"


def critical(
    device: Stack | Device,
    find: str = "temperature",
    start: float | None = None,
    stop: float | None = None,
    *,
    over: Mapping[str, ArrayLike] | None = None,
    progress: Progress | None = None,
) -> Critical:
    """Find where the gap of a device opens.

    The normal state loses stability where the lowest eigenvalue λ of the linearized gap problem vanishes. If the gap
    opens continuously there, that is the transition (second order). If a finite gap survives beyond, the transition
    is of first order: in equilibrium the place where the free energies of both states are equal, else, where there
    is no free energy, the place where the superconducting state ends.

    Parameters
    ----------
    device : what to search; needs a self-consistent gap and no imposed one.
    find : path of the parameter. A temperature is searched from the top down.
    start, stop : range; the transition found is the first one from `start`. By default all temperatures up to
        1.05 Tc, and for anything else twenty times more and less than the present value.
    over : paths and their values: axes of a map.
    progress : called with an `Event` now and then; an exception that it raises ends the search.

    Returns
    -------
    Critical
        With `.value`, `.order` (1 or 2), `.error` and `.data` (xarray.Dataset).

    Raises
    ------
    InputError
        If no gap could open, or there is no transition in the range (in a map such points are NaN, order 0).
    NotConverged
        If the tolerance was not reached; carries what was reached as `.result`.
    Interrupted
        After Ctrl-C, if a point of a map was done; a KeyboardInterrupt that carries the map so far as `.result`.
    """
    if (start is None) != (stop is None):
        raise InputError("start and stop: give both or neither")
    limits = None if start is None or stop is None else (float(start), float(stop))
    if limits is not None and not (np.all(np.isfinite(limits)) and limits[0] != limits[1]):
        raise InputError("start and stop: must be two different finite numbers")
    axes = _axes(device, find, over or {})
    changes = [dict(zip(axes, map(float, values), strict=True)) for values in product(*axes.values())]
    searches = [_search(device.replace(c) if c else device, find, limits) for c in changes]
    announce_compilation()
    points: list[Transition] = []
    failures: list[str] = []

    def found(reason: str) -> Critical:
        missing = [Transition(status=Status.NOT_CONVERGED, reason=reason)] * (len(searches) - len(points))
        every = points + missing
        return Critical(device, _dataset(device, find, axes, every, _advice(changes, every)))

    def place() -> str:
        return f"search {len(points) + 1}"

    with reporting(progress, "critical"), kept(place, lambda: bool(points), failures, lambda: found("interrupted")):
        for search in counted("critical", searches):
            points.append(_transition(search, bool(axes)))
    return found(failures[0] if failures else "").raise_if_unconverged()


def _axes(device: Stack | Device, find: str, over: Mapping[str, ArrayLike]) -> dict[str, NDArray[Any]]:
    number_at(device, find)
    check_distinct(device, over, {device.address(find): "sought"})
    for path in over:
        number_at(device, path)
    return {path: np.array(axis_values(path, np.atleast_1d(values))) for path, values in over.items()}


def _search(point: Stack | Device, find: str, limits: tuple[float, float] | None) -> Search:
    """The search of one device, which must make sense."""

    def network(value: float) -> Network:
        return point.replace({find: value}).network()

    first = network(limits[0] if limits else number_at(point, find))
    refuse_driven(first)
    require_sharp_transition(first)
    refuse_response(first, "where a transition is searched for")
    address = point.address(find)
    tolerance = float(point.value("tolerance"))
    return Search(network, find, number_at(point, find), limits, address.key == "temperature", tolerance)


def _transition(search: Search, many: bool) -> Transition:
    """What a search finds; in a map a point without transition is an answer, and one that fails leaves the others."""
    try:
        return search.run()
    except Exception as error:
        if ends_all(error) or (isinstance(error, InputError) and not many):
            raise
        if isinstance(error, NoTransition):
            return Transition()
        return Transition(status=Status.NOT_CONVERGED, reason=in_words(error))


def _dataset(device, find: str, axes: dict[str, NDArray[Any]], points: list[Transition], advice: str) -> xr.Dataset:
    shape = tuple(axis.size for axis in axes.values())
    converged = np.array([p.status == Status.CONVERGED for p in points]).reshape(shape)
    values = {
        "critical": [p.value for p in points], "closing": [p.closing for p in points],
        "fold": [p.fold for p in points], "error": [p.error for p in points],
    }  # fmt: skip
    arrays = {name: np.array(value, float).reshape(shape) for name, value in values.items()}
    orders = np.array([p.order for p in points], dtype=np.int64).reshape(shape)
    units = {path: device.unit(path) for path in (find, *axes)}
    attributes = {"procedure": Critical.procedure, "usadel_version": __version__, "device": device.to_toml()}
    attributes |= {"advice": advice} if advice else {}
    return critical_dataset(find, axes, arrays, orders, converged, units, attributes)


def _advice(changes: list[dict[str, float]], points: list[Transition]) -> str:
    """Which searches failed, by reason; empty if none did."""
    places: dict[str, list[str]] = {}
    for change, point in zip(changes, points, strict=True):
        if point.status != Status.CONVERGED:
            place = ", ".join(f"{path} = {value:g}" for path, value in change.items())
            places.setdefault(point.advice, []).append(place)
    count = sum(map(len, places.values()))
    reasons = [f"{' and '.join(at)}: {reason}" if any(at) else reason for reason, at in places.items()]
    return f"{count} of {len(points)} searches failed: {'; '.join(reasons)}" if count else ""
