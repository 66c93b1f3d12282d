"""Measured data as they are given: a file, a labelled array or plain arrays, in units of the program or others."""

from __future__ import annotations

import csv
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel.description.values.metal import UNITS
from usadel.description.values.readings import NO_SCALE, read
from usadel.errors import InputError, shown
from usadel.quantities.units import units_text
from usadel.units.dataset import OF_THE_LAYER

if TYPE_CHECKING:
    from usadel.description import Device, Stack

Array = NDArray[Any]

_WITH_UNIT = re.compile(r"(?P<name>.*?)\s*(?:\[(?P<unit>[^\]]*)\]|\((?P<other>[^)]*)\))", re.DOTALL)
_COLUMNS = "coordinate, value and, if known, standard error"


@dataclass(frozen=True)
class Column:
    """Numbers with the name and the unit that stand above them; both empty where nothing does."""

    name: str
    unit: str
    values: Array


@dataclass(frozen=True)
class Measured:
    """Data as written.

    Attributes
    ----------
    coordinate, value : of the same length.
    sigma : standard errors of the values; None if they are not known.
    file : where they come from.
    """

    coordinate: Column
    value: Column
    sigma: Column | None = None
    file: str = ""


def measured(data: Any) -> Measured:
    """Data of any allowed form, checked to be finite numbers of the same length; raises `InputError`."""
    if isinstance(data, (str, os.PathLike)):
        found = _from_file(Path(data))
    elif hasattr(data, "coords"):
        found = _from_labelled(data)
    else:
        found = _from_arrays(data)
    columns = [found.coordinate, found.value, *([found.sigma] if found.sigma else [])]
    sizes = {column.values.shape for column in columns}
    if len(sizes) > 1 or found.value.values.ndim != 1 or not found.value.values.size:
        raise InputError(f"data: needs at least one point, and as many of {_COLUMNS}", file=found.file)
    if not all(np.all(np.isfinite(column.values)) for column in columns):
        raise InputError("data: must be finite numbers", file=found.file)
    if found.sigma is not None and not np.all(found.sigma.values > 0):
        raise InputError("data: standard errors must be positive", file=found.file)
    return found


def _from_arrays(data: Any) -> Measured:
    try:
        columns = [Column("", "", np.asarray(values, float)) for values in data]
    except (TypeError, ValueError):
        columns = []
    if len(columns) not in (2, 3):
        raise InputError("data: must be the name of a CSV file, an xarray.DataArray, or (x, y) or (x, y, sigma)")
    return Measured(columns[0], columns[1], columns[2] if len(columns) == 3 else None)


def _from_labelled(data: Any) -> Measured:
    """A DataArray over one dimension; a coordinate `sigma` along it holds standard errors."""
    if len(data.dims) != 1 or not hasattr(data, "dtype") or data.dims[0] not in data.coords:
        raise InputError("data: an xarray.DataArray must have one dimension, with a coordinate of that name")
    names = [str(data.dims[0]), *(["sigma"] if "sigma" in data.coords else [])]
    axis, *sigma = [_labelled(name, data.coords[name]) for name in names]
    return Measured(axis, _labelled(str(data.name or ""), data), sigma[0] if sigma else None)


def _labelled(name: str, values: Any) -> Column:
    if values.dtype.kind not in "iuf":
        raise InputError(f"data: '{name}' must be real numbers")
    return Column(name, units_text(str(values.attrs.get("units", ""))), values.values.astype(float))


def _from_file(path: Path) -> Measured:
    """A CSV file: a line of names, with units in brackets, and lines of numbers; lines that begin with # are notes."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise InputError(f"cannot read the data: {reason}", file=str(path)) from None
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not rows:
        raise InputError(f"holds no data; needed: a line of names, and lines of numbers: {_COLUMNS}", file=str(path))
    try:
        header, *table = list(csv.reader([line for _, line in rows]))
    except csv.Error as error:
        raise InputError(f"is no table of comma-separated values: {error}", file=str(path)) from None
    if len(header) not in (2, 3):
        raise InputError(
            f"has {len(header)} columns; needed: {_COLUMNS}, separated by commas", file=str(path), line=rows[0][0]
        )
    if all(_number(cell) is not None for cell in header):
        raise InputError(
            "has no line of names; needed: one such as temperature (K), gap (meV)", file=str(path), line=rows[0][0]
        )
    numbers = [_numbers(row, len(header), str(path), line) for row, (line, _) in zip(table, rows[1:], strict=True)]
    values = np.array(numbers, float).reshape(-1, len(header)).T
    columns = [Column(*_name_and_unit(cell), row) for cell, row in zip(header, values, strict=True)]
    return Measured(columns[0], columns[1], columns[2] if len(columns) == 3 else None, str(path))


def _numbers(row: list[str], count: int, file: str, line: int) -> list[float]:
    found = [_number(cell) for cell in row]
    if len(found) != count or None in found:
        raise InputError(f"must be {count} finite numbers, not {shown(','.join(row))}", file=file, line=line)
    return [float(number) for number in found if number is not None]


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _name_and_unit(cell: str) -> tuple[str, str]:
    found = _WITH_UNIT.fullmatch(cell.strip())
    if found is None:
        return cell.strip(), ""
    return found["name"], (found["unit"] if found["unit"] is not None else found["other"]).strip()


def in_program_units(device: Stack | Device, column: Column, unit: str, what: str) -> Array:
    """The numbers of a column in a unit of the program; raises `InputError` where theirs is of something else.

    unit : as in the reference of keys; empty for pure numbers.
    """
    if column.unit in ("", "1", unit):
        return column.values
    if unit not in UNITS or unit in OF_THE_LAYER:  # the latter count in N0 of a layer, which a fit may change
        raise InputError(f"data: {what} is in {column.unit}; allowed: {unit or 'a pure number'}")
    metal = device.metal()
    try:
        measure = read(f"1 {column.unit}", unit, ())
    except InputError as error:
        raise InputError(f"data: unit of {what}: {error.problem}") from None
    if metal is None:
        raise InputError(f"data: {what} {NO_SCALE}")
    return np.asarray(column.values * (measure.value / metal.worth(unit)))
