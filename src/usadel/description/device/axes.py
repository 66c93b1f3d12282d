"""Axes of a map: paths of single numbers of a device, and the values that these take."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from usadel.description.text.paths import Address, read_number
from usadel.description.values.measures import DIMENSIONS, is_measure, read_measure
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


def number_of(device: Stack | Device, path: str, value: Any) -> Any:
    """What a number with a unit stands for at a path, in the unit of its key; anything else as it is.

    Raises
    ------
    InputError
        If there is no such path, or the device cannot have that value.
    """
    if not is_measure(value):
        return value
    if read_measure(value, DIMENSIONS).value == 0:
        device.address(path)
        return 0.0  # an end of a range that the key need not allow
    changed = device.replace({path: value})
    return number_at(changed, path)


def axis_values(device: Stack | Device, path: str, values: Any) -> tuple[float, ...]:
    """Values along an axis: one number or several, also with units, finite and different; else raises `InputError`."""
    several = values if isinstance(values, Iterable) and not isinstance(values, str) else (values,)
    try:
        numbers = tuple(float(number_of(device, path, value)) for value in several)
    except InputError:
        raise
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


MOST_POINTS = 100_000  # of an axis


def read_axis(device: Stack | Device, text: str) -> tuple[str, list[float]]:
    """Path, start and stop of ``PATH=START:STOP`` as typed on a command line, in the unit of the key."""
    path, ends = _split(text, 2)
    return path, [_end(device, path, end) for end in ends]


def read_grid(device: Stack | Device, text: str) -> tuple[str, list[float]]:
    """Path and the numbers of ``PATH=START:STOP:N``: N equidistant ones, with units equidistant in these."""
    path, (start, stop, number) = _split(text, 3)
    count = _end(device, path, number)
    if count != int(count) or not 1 <= count <= MOST_POINTS:
        raise InputError(f"N must be a whole number from 2 to {MOST_POINTS}, not {count:g}", key=path)
    if is_measure(start) or is_measure(stop):
        points: list[Any] = _measured(path, start, stop, int(count))
    else:
        points = _spaced(_end(device, path, start), _end(device, path, stop), int(count))
    if count == 1 and points[0] != points[-1]:
        raise InputError(f"N must be a whole number from 2 to {MOST_POINTS}, not {count:g}", key=path)
    return path, [float(number_of(device, path, point)) for point in points[: int(count)]]


def _split(text: str, numbers: int) -> tuple[str, list[str]]:
    path, equals, values = text.partition("=")
    parts = [part.strip() for part in values.split(":")]
    if not equals or not path.strip() or len(parts) != numbers or not all(parts):
        form = "PATH=" + ":".join(("START", "STOP", "N")[:numbers])
        raise InputError(f"must be {form}, not {shown(text)}")
    return path.strip(), parts


def _end(device: Stack | Device, path: str, text: str) -> float:
    """A number, an expression of the parameters, or a number with a unit."""
    try:
        return float(number_of(device, path, text) if is_measure(text) else read_number(device, text))
    except InputError as error:
        raise error.at(key=path) from None


def _spaced(start: float, stop: float, count: int) -> list[float]:
    """Equidistant numbers, and both ends where there is only one."""
    return [start + (stop - start) * k / max(1, count - 1) for k in range(max(2, count))]


def _measured(path: str, start: str, stop: str, count: int) -> list[str]:
    """The same with the unit of the ends; one of them may be a plain 0."""
    ends = (start, stop)
    known = [read_measure(end, DIMENSIONS) for end in ends if is_measure(end)]
    unit = known[0].unit
    if any(one.unit != unit for one in known) or (len(known) < 2 and "0" not in ends):
        raise InputError(f"both ends of a range need a unit of the same kind, not {' and '.join(ends)}", key=path)
    first, last = (read_measure(end, [unit]).value if is_measure(end) else 0.0 for end in ends)
    return [f"{value!r} {unit}" for value in _spaced(first, last, count)]
