"""A finished point as it is kept: status, advice, and values as they came; a record holds those of a unit."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_HEAD = struct.Struct("<III")  # checksum of what follows it, bytes of the labels, number of values
_REAL = np.dtype("<f8")


@dataclass(frozen=True)
class Point:
    """A finished point.

    Attributes
    ----------
    status : a `Status` in small letters, or one of `FAILED`, `INVALID`.
    advice : what to try if it is not "converged"; else empty.
    values : variable -> array or number, as far as these are known.
    """

    status: str
    advice: str = ""
    values: dict[str, Array] = field(default_factory=dict)

    @property
    def converged(self) -> bool:
        """Whether its tolerance was reached."""
        return self.status == CONVERGED


CONVERGED, NOT_CONVERGED, FAILED, INVALID, OPEN = "converged", "not_converged", "failed", "invalid", "open"
"""Statuses of points: reached its tolerance; did not; raised what nobody foresaw; makes no sense; not finished yet."""


def encode(points: Sequence[Point]) -> bytes:
    """The record of some points: a checksum, labels as JSON, and all values as 64-bit floats."""
    shapes = [{name: np.shape(value) for name, value in point.values.items()} for point in points]
    labels = json.dumps([(p.status, p.advice, shape) for p, shape in zip(points, shapes, strict=True)]).encode()
    flat = [np.ravel(value) for point in points for value in point.values.values()]
    values = np.concatenate(flat).astype(_REAL, copy=False) if flat else np.zeros(0, _REAL)
    body = struct.pack("<II", len(labels), values.size) + labels + values.tobytes()
    return struct.pack("<I", zlib.crc32(body)) + body


def decode(record: bytes) -> list[Point] | None:
    """The points of a record; None if it was cut short or damaged."""
    if len(record) < _HEAD.size:
        return None
    checksum, size, count = _HEAD.unpack_from(record)
    start = _HEAD.size + size
    if len(record) != start + count * _REAL.itemsize or zlib.crc32(memoryview(record)[4:]) != checksum:
        return None
    values, at, points = np.frombuffer(record, _REAL, count, start), 0, []
    for status, advice, shapes in json.loads(record[_HEAD.size : start]):
        found = {}
        for name, shape in shapes.items():
            number = math.prod(shape)
            found[name] = values[at : at + number].reshape(shape)
            at += number
        points.append(Point(status, advice, found))
    return points
