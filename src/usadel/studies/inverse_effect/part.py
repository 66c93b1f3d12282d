"""What a part of the study is: solutions that need nothing of each other, then one dataset and its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import usadel as us

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Found = tuple[xr.Dataset, dict[str, Any]]
Measured = Sequence[dict[str, Any]]
COMPONENTS = ("x", "y", "z")


@dataclass(frozen=True)
class Part:
    """A part of the study.

    Attributes
    ----------
    tasks : what is solved; each is measured in a process of its own.
    measure : of a task: numbers by name, with `converged`.
    gather : of what was measured: dataset for the file, with `converged` of each, and numbers for the summary.
    draw : figures of the dataset, by name of file.
    """

    tasks: Sequence[Any]
    measure: Callable[[Any], dict[str, Any]]
    gather: Callable[[Measured], Found]
    draw: Callable[[xr.Dataset], dict[str, Figure]]


def solved(device: us.Stack) -> us.Solution:
    """Its solution, converged or not: `.converged` tells."""
    try:
        return us.solve(device)
    except us.NotConverged as error:
        result: us.Solution = error.result
        return result


def gathered(
    measured: Measured, along: Mapping[str, Sequence[Any]], dims: Mapping[str, tuple[str, ...]], **coords: Any
) -> xr.Dataset:
    """All numbers as one dataset.

    Parameters
    ----------
    measured : in the order of the product of `along`.
    along : values of what was varied.
    dims : of those numbers that have any.
    """
    varied = {name: list(values) for name, values in along.items()}  # a tuple is something else to xarray
    data = xr.Dataset(coords=varied | {"component": list(COMPONENTS)} | coords)
    shape = tuple(len(values) for values in along.values())
    for name in measured[0]:
        values = np.array([one[name] for one in measured])
        data[name] = (*along, *dims.get(name, ())), values.reshape((*shape, *values.shape[1:]))
    return data
