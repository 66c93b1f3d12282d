"""The public way to numbers of a device from measured data."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel._compile import announce_compilation
from usadel.description.device.axes import axis_values, check_distinct, number_at, number_of
from usadel.errors import InputError, NotConverged, shown
from usadel.fits.dataset import fit_dataset
from usadel.fits.descent import End, Free, Objective, Stuck, descend, spread, starts_of
from usadel.fits.measured import Measured, in_program_units, measured
from usadel.fits.models import model_of
from usadel.fits.result import Fit
from usadel.fits.statistics import doubts, estimate
from usadel.progress import Progress, reporting, tell
from usadel.quantities.units import units_text
from usadel.solution.failures import kept
from usadel.solution.spectra import CONDUCTANCE, VOLTAGE

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

ADVICE = "more data, fewer free numbers, closer bounds, or a smaller tolerance of the device"


def fit(
    device: Stack | Device,
    data: str | os.PathLike[str] | xr.DataArray | Sequence[Any],
    free: Mapping[str, tuple[Any, Any]],
    quantity: str | None = None,
    *,
    position: float | None = None,
    over: str | None = None,
    starts: int = 3,
    progress: Progress | None = None,
) -> Fit:
    """Find the numbers of a device that fit measured data best.

    The sum of squares χ² = Σ (f(x_k; p) - y_k)²/σ_k² is followed down by a trust-region method (`scipy.optimize`)
    from several starts; the lowest minimum counts. Its covariance is (JᵀJ)⁻¹ with J = ∂f/∂p/σ, without σ times χ²/ν.
    J are central differences.

    Parameters
    ----------
    device : what to fit.
    data : a CSV file (a line of names with units in brackets, then lines of coordinate, value and, if known, standard
        error), a DataArray over one dimension, with standard errors as its coordinate `sigma`, or (x, y) or
        (x, y, sigma) in units of the program.
    free : path -> (low, high), numbers or such with units; the device must be possible at either.
    quantity : what the values are: a variable of results ("gap", "spin_current.z"), "critical_PATH" as
        "critical_temperature", or "tunnel_conductance", over "voltage"; default: the name of the data.
    position : where (ξ); default: the mean along the device.
    over : path of the coordinate; default: its name in the data.
    starts : number of descents: from the present values, if these lie between the bounds, and points spread evenly.
    progress : called with an `Event` now and then; an exception that it raises ends the fit.

    Returns
    -------
    Fit
        With `.values`, `.fitted`, `.warnings`, and `.data`: `value`, `standard_error`, `covariance` over `parameter`.

    Raises
    ------
    InputError
        If an argument or the data make no sense, or there are fewer data than needed.
    NotConverged
        If no minimum was reached; carries what was reached as `.result`, None if nothing was.
    Interrupted
        After Ctrl-C, if one descent was done; a KeyboardInterrupt that carries the best so far as `.result`.
    """
    known, bounds = measured(data), _free(device, free)
    if isinstance(starts, bool) or not isinstance(starts, int) or starts < 1:
        raise InputError(f"starts: must be a whole number, at least 1, not {shown(starts)}")
    what = quantity if quantity is not None else known.value.name
    axis = over if over is not None else known.coordinate.name
    if what == CONDUCTANCE.name and not axis:
        axis = VOLTAGE.name
    begin = _prepared(device, known, bounds, what, axis, position)
    announce_compilation()
    about = {"quantity": what, "over": axis, "known": known.sigma is not None}
    if position is not None:
        about["position"] = float(position)
    points = starts_of([number_at(device, path) for path in bounds.bounds], bounds, starts)
    with reporting(progress, "fit"):
        return _best(device, begin, points, about).raise_if_unconverged()


def _free(device: Stack | Device, free: Mapping[str, tuple[Any, Any]]) -> Free:
    if not isinstance(free, Mapping) or not free:
        raise InputError("free: needs at least one path with its bounds, such as {'S.length': (1, 2)}")
    bounds = {}
    for path, ends in free.items():
        number_at(device, path)
        try:
            low, high = (float(number_of(device, path, end)) for end in ends)
        except InputError:
            raise
        except (TypeError, ValueError):
            raise InputError(f"must be two numbers, low and high, not {shown(ends)}", key=path) from None
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise InputError(f"bounds must be finite, the lower one first, not {low:g} and {high:g}", key=path)
        for end in (low, high):
            device.replace({path: end})
        bounds[path] = low, high
    check_distinct(device, bounds, {})
    return Free(bounds)


def _prepared(
    device: Stack | Device, known: Measured, free: Free, quantity: str, over: str, position: float | None
) -> Any:
    """What makes the objective of a descent; refuses what makes no sense before anything is solved."""
    if not quantity:
        raise InputError("quantity: needed, since the data do not name it")
    if not over:
        raise InputError("over: needed, since the data do not name their coordinate")
    model = model_of(device, quantity, over, position)
    if position is not None and not 0 <= position <= _length(device):
        raise InputError(f"position: must lie in the device, from 0 to {_length(device):g}, not {position:g}")
    data = in_program_units(device, known.value, model.unit, quantity)
    needed = len(free.bounds) + (known.sigma is None)
    if data.size < needed:
        raise InputError(
            f"data: {data.size} points do not determine {len(free.bounds)} numbers; needed: at least {needed}"
        )
    if known.sigma is None:
        sigma = np.full(data.size, spread(data))
    else:
        sigma = in_program_units(device, known.sigma, model.unit, "the standard error")
    places, where = np.unique(_places(device, known, free, over), return_inverse=True)
    return partial(Objective, device, model, free, places, where, data, sigma)


def _places(device: Stack | Device, known: Measured, free: Free, over: str) -> Any:
    """Values of the coordinate in its unit."""
    column = known.coordinate
    if over == VOLTAGE.name:
        return in_program_units(device, column, units_text(VOLTAGE.units), over)
    number_at(device, over)
    taken = {device.address(path): "a free number" for path in free.bounds}
    check_distinct(device, [over], taken)
    if column.unit in ("", "1", device.unit(over)):
        found = [axis_values(device, over, value)[0] for value in column.values]
    else:
        found = [axis_values(device, over, f"{float(value)!r} {column.unit}")[0] for value in column.values]
    for value in {min(found), max(found)}:
        device.replace({over: value})
    return np.array(found)


def _length(device: Stack | Device) -> float:
    return float(sum(layer.length for layer in device.network().layers))


def _best(device: Stack | Device, begin: Any, starts: Sequence[Any], about: Mapping[str, Any]) -> Fit:
    """Descend from all starts, and believe the lowest end."""
    ends: list[End] = []
    failures: list[str] = []

    def so_far(stopped: str = "") -> Fit:
        return _made(device, begin(), ends, failures, about, stopped)

    for number, start in enumerate(starts):
        objective = begin(first=number == 0)
        place = ", ".join(
            f"{path} = {value:.6g}"
            for path, value in zip(objective.free.bounds, objective.free.values(start), strict=True)
        )
        with kept(f"start {place}".format, lambda: bool(ends), failures, partial(so_far, "interrupted")):
            tell("fit", number, len(starts), "begins")
            try:
                ends.append(descend(objective, start))
            except Stuck as stuck:
                failures.append(f"start {place}: {stuck}")
    if not ends:
        raise NotConverged(None, f"no start could be solved: {failures[0]}")
    return so_far()


def _made(
    device: Stack | Device,
    objective: Objective,
    ends: Sequence[End],
    failures: Sequence[str],
    about: Mapping[str, Any],
    stopped: str,
) -> Fit:
    """The fit at the lowest end; stopped: why other starts were not followed."""
    best = min(ends, key=lambda end: (bool(end.reason), end.chi_squared))
    lowest = min(ends, key=lambda end: end.chi_squared)
    if lowest.chi_squared < 0.99 * best.chi_squared:  # a descent that did not end, but was further down already
        best = lowest
    if stopped:
        best = replace(best, reason=stopped)
    known = bool(about["known"])
    found = estimate(best, objective, known)
    texts = [*doubts(found, best, ends, objective, known), *failures]
    advice = {"advice": f"{best.reason}; try {ADVICE}"} if best.reason else {}
    data = fit_dataset(device, objective, found, best, ends, {**about, "warnings": "\n".join(texts), **advice})
    return Fit(device, data)
