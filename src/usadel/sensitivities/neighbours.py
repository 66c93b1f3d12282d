"""Devices that differ from a solved one in one number by a little: what residuals and observables are compared at.

At fixed unknowns these depend smoothly on every number, over its own size, however sharp spectra and distributions are:
central differences of fourth order are then exact to some 1e-11. Where the range of a number ends, they are one-sided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel.description.device.axes import number_at
from usadel.description.device.resolved import Network
from usadel.description.device.solvable import check_solvable
from usadel.errors import InputError

if TYPE_CHECKING:
    from usadel.description import Device, Stack


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    # of a number, relative and at least: the error of fourth order, 1e-16 of its size, is then below rounding, 1e-12
    step: float = 1e-4
    smallest: float = 1e-5


OPTIONS = Options()

# Steps and weights of differences of fourth order: central ones, and from one end of a range.
CENTRAL = ((-2.0, 1 / 12), (-1.0, -8 / 12), (1.0, 8 / 12), (2.0, -1 / 12))
ONE_SIDED = ((0.0, -25 / 12), (1.0, 4.0), (2.0, -3.0), (3.0, 4 / 3), (4.0, -1 / 4))


@dataclass(frozen=True)
class Neighbours:
    """A device at values of one of its numbers around the present one.

    Attributes
    ----------
    path : of the number; size : its own, or what stands for that at 0.
    devices, networks : at these values. shifts : of the values; weights : of a function there in its derivative.
    """

    path: str
    size: float
    devices: Sequence[Stack | Device]
    networks: Sequence[Network]
    shifts: Sequence[float]
    weights: Sequence[float]

    def derivative(self, values: Sequence[Any]) -> Any:
        """Of a function (…), from its values at the neighbours."""
        return sum(weight * value for weight, value in zip(self.weights, values, strict=True))

    def having(self, change: Callable[[Network], Network]) -> Neighbours:
        """The same with networks that are changed."""
        return replace(self, networks=[change(network) for network in self.networks])

    def driven(self) -> Neighbours:
        """The same with distributions unknown wherever a small change of a reservoir would be felt."""
        return replace(self, networks=[device.driven_network() for device in self.devices])


def neighbours(device: Stack | Device, path: str) -> Neighbours:
    """Those of a device along one of its numbers.

    Raises
    ------
    InputError
        If there is no such number, or none of its values on one side is allowed.
    """
    value = _present(device, path)
    step = max(OPTIONS.smallest, OPTIONS.step * abs(value))
    for way, scheme in ((1.0, CENTRAL), (1.0, ONE_SIDED), (-1.0, ONE_SIDED)):
        try:
            devices = [device.replace({path: value + way * shift * step}) for shift, _ in scheme]
            for each in devices:
                check_solvable(each)
        except InputError as error:
            refused = error
            continue
        shifts, weights = zip(*((way * shift * step, way * weight / step) for shift, weight in scheme), strict=True)
        return Neighbours(path, step / OPTIONS.step, devices, [each.network() for each in devices], shifts, weights)
    raise InputError(f"no derivative by it, for no value beside {value:g} is allowed: {refused}", key=path)


def _present(device: Stack | Device, path: str) -> float:
    """The number as it is written: of a direction, the value in force has unit length."""
    known, written = number_at(device, path), device.get(path)
    return float(written) if isinstance(written, (int, float)) else known


def largest(values: NDArray[Any]) -> float:
    """Largest modulus, 0 of nothing."""
    return float(np.max(np.abs(values), initial=0.0))
