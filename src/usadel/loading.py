"""Result files read again as what they were written from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from usadel.branches.branch import Branch
from usadel.circuits.response import Response
from usadel.description.device.load import read_device
from usadel.errors import InputError, ResultError, StorageError, listed
from usadel.fits.result import Fit
from usadel.junctions.josephson import KIND as JUNCTIONS
from usadel.junctions.result import Josephson
from usadel.maps.computed import Kind
from usadel.maps.unfinished import is_unfinished, opened
from usadel.results.labelled import Labelled, procedure_of
from usadel.results.storage import load as read
from usadel.results.validity import check_result
from usadel.solution.names import named
from usadel.solution.result import Solution
from usadel.sweeps.result import Sweep
from usadel.sweeps.sweep import KIND as SWEEP
from usadel.transitions.critical import KIND as CRITICAL
from usadel.transitions.result import Critical

RESULTS: dict[str, type[Labelled]] = {
    kind.procedure: kind for kind in (Solution, Branch, Critical, Sweep, Josephson, Response, Fit)
}
MAPS: dict[str, Kind[Any]] = {
    Sweep.procedure: SWEEP,
    Critical.procedure: CRITICAL,
    Josephson.procedure: JUNCTIONS,
}
"""Procedure -> what makes a map of it, of which some may not be finished."""


def load(path: str | Path) -> Solution | Branch | Critical | Sweep | Josephson | Response | Fit:
    """Read a result file: a `Solution` without its state, a `Branch`, or whichever other result was saved.

    Parameters
    ----------
    path : a file written by `.save(path)` of a result, or by a command. Where a map is not finished yet, the file
        that it will write: what is not finished is NaN.

    Raises
    ------
    StorageError
        An OSError: the file is missing, damaged, or no result of this program.
    """
    if is_unfinished(path):
        store = opened(path)
        return MAPS[store.plan.procedure].unfinished(store)
    data = read(path)
    procedure = procedure_of(data.attrs, (*data.variables, *data.dims))
    kind = RESULTS.get(procedure)
    if kind is None:
        known = listed(RESULTS)
        raise StorageError(f"cannot read '{path}': it is the result of '{procedure}'; known are {known}")
    try:
        check_result(data, procedure)
        kind.check(data)
        device = read_device(str(data.attrs["device"]) + "\n")  # a text, never the name of a file
        return kind(device, named(data, device) if "layer" in data.coords else data)  # type: ignore[return-value]
    except InputError as error:  # also of units, where what reads them is not installed
        raise StorageError(f"cannot read '{path}': the device that it holds is refused ({error})") from error
    except ResultError as error:
        raise StorageError(f"cannot read '{path}': it is damaged, or no result of usadel ({error})") from error
