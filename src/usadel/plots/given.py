"""What a figure is made of: a dataset, or a result, whose maps over energy are computed when a figure shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import xarray as xr

from usadel.errors import InputError, PlotError
from usadel.results.labelled import Labelled
from usadel.results.schema import MAPS, RESPONSE
from usadel.results.unmapped import Dataset as Unmapped
from usadel.units.dataset import LEFT_OUT

Given: TypeAlias = xr.Dataset | Labelled


def dataset_of(given: Given, quantities: Sequence[str] = ()) -> xr.Dataset:
    """The dataset of a result, or as given; that of its file if one of the quantities is a map that is missing."""
    data = given.data if isinstance(given, Labelled) else given
    missing = any(name in MAPS and name not in data for name in quantities)
    return given.file_data() if missing and isinstance(given, (Labelled, Unmapped)) else data


def readable_of(given: Given, data: xr.Dataset) -> xr.Dataset:
    """The dataset of a result in units like nm and meV; refused without a result, or where its device has no scale."""
    if not isinstance(given, Labelled):
        raise PlotError("real units need the result itself, not its dataset")
    try:
        found = given.readable(data)
    except InputError as error:
        raise PlotError(str(error)) from None
    if RESPONSE in data:
        raise PlotError("every entry of a linear response has another unit; it is drawn in those of the program")
    if lost := [str(name) for name in data.dims if name in data.coords and name not in found.coords]:
        raise PlotError(f"real units of {', '.join(lost)} are not known: {found.attrs[LEFT_OUT]}")
    return found
