"""Axes of a map: paths of single numbers of a device, and the values that these take."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from usadel.description.text.paths import Address
from usadel.errors import InputError, shown

if TYPE_CHECKING:
    from usadel.description.device.device import Device, Stack


def number_at(device: Stack | Device, path: str) -> float:
    """The number in force at a path.

    Raises
    ------
    InputError
        If there is no such path, or it is not that of one number.
    """
    value = device.value(path)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError("is not a number that can be varied; allowed: the path of one number", key=path)
    return float(value)


def axis_values(path: str, values: Any) -> tuple[float, ...]:
    """Values along an axis: one number or several, finite and different; else raises `InputError`."""
    several = values if isinstance(values, Iterable) and not isinstance(values, str) else (values,)
    try:
        numbers = tuple(map(float, several))
    except (TypeError, ValueError):
        raise InputError(f"must be different finite numbers, not {shown(values)}", key=path) from None
    if not numbers or not all(map(math.isfinite, numbers)) or len(set(numbers)) < len(numbers):
        raise InputError("must be different finite numbers, at least one", key=path)
    return numbers


def check_distinct(device: Stack | Device, paths: Iterable[str], taken: dict[Address, str]) -> None:
    """Refuse what is varied twice; `taken`: address -> what it is said to be already. Those of `paths` are added."""
    for path in paths:
        address = device.address(path)
        for other, already in taken.items():
            if address.overlaps(other):
                raise InputError(f"is {already} and an axis at once", key=path)
        taken[address] = f"varied as {path}"
