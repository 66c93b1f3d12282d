"""Messages to the page: a header in JSON and arrays of numbers, in one piece of bytes.

    length of the header (4 bytes, little endian) | header, padded to a multiple of 4 | float32 arrays in a row

The header says under `arrays` which there are, each as [name, shape]. What is not finite is allowed in arrays only, and
numbers that have to be exact belong in the header.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def pack(header: Mapping[str, Any], arrays: Mapping[str, Array] | None = None) -> bytes:
    """The bytes of a message."""
    arrays = {name: np.asarray(array) for name, array in (arrays or {}).items()}
    listed = [[name, list(array.shape)] for name, array in arrays.items()]
    text = json.dumps({**header, "arrays": listed}, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([struct.pack("<I", len(text)), text, *(_bytes(array) for array in arrays.values())])


def unpack(message: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Header and arrays of a message."""
    (length,) = struct.unpack_from("<I", message)
    header, at = json.loads(message[4 : 4 + length]), 4 + length
    arrays = {}
    for name, shape in header.pop("arrays"):
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(message, "<f4", count, at).reshape(shape)
        at += 4 * count
    return header, arrays


def _bytes(array: Array) -> bytes:
    return np.ascontiguousarray(array, "<f4").tobytes()
