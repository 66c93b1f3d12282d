"""What a figure is made of: a dataset, or a result, whose maps over energy are computed when a figure shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import xarray as xr

from usadel.results.labelled import Labelled
from usadel.results.schema import MAPS
from usadel.results.unmapped import Dataset as Unmapped

Given: TypeAlias = xr.Dataset | Labelled


def dataset_of(given: Given, quantities: Sequence[str] = ()) -> xr.Dataset:
    """The dataset of a result, or as given; that of its file if one of the quantities is a map that is missing."""
    data = given.data if isinstance(given, Labelled) else given
    missing = any(name in MAPS and name not in data for name in quantities)
    return given.file_data() if missing and isinstance(given, (Labelled, Unmapped)) else data
