"""Where an expression of z has to be looked at, so that nothing in it is missed, however narrow.

Narrow features are written as functions of a steep argument, such as exp(-(1000*(z-0.53))**2): they sit where a part of
the expression changes its sign. Expressions are looked at there and at thousands of places between, and from then on
where straight lines between these do not follow them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.description.values.expressions import evaluate, names_in, parse
from usadel.errors import InputError

Array = NDArray[Any]

PLACES = 4096  # looked at first, at irregular distances: no period hides between them
GOLDEN = 0.6180339887498949
MOST_ROOTS = 64  # of a part of an expression: more of them are seen by the places
BESIDE = 1e-10  # distance from a root at which the expression is looked at: it may be infinite in the root itself
STRAIGHT = 1e-3  # of the range of values, that straight lines between samples may miss
HALVINGS = 40  # of the distance between places, at most
NARROWEST = 1e-11  # distance of samples that is not divided any more
MOST = 100_000  # samples


@lru_cache(maxsize=256)
def samples(text: str) -> tuple[Array, Array]:
    """Increasing z (n) from 0 to 1, and values (n) of an expression there, which straight lines between them follow."""
    inner = (np.arange(PLACES) + np.arange(PLACES) * GOLDEN % 1.0) / PLACES
    z = np.unique(np.concatenate([[0.0], inner, _roots(text, inner), [1.0]]))
    values = _values(text, z)
    open_cells = np.arange(z.size - 1)
    for _ in range(HALVINGS):
        left, right = open_cells, open_cells + 1
        inside = z[left] + GOLDEN * (z[right] - z[left])  # not the middle, which may be a root
        found = _values(text, inside)
        straight = values[left] + GOLDEN * (values[right] - values[left])
        bent = (np.abs(found - straight) > STRAIGHT * np.ptp(values)) & (z[right] - z[left] > NARROWEST)
        if not np.any(bent) or z.size > MOST:
            break
        at = open_cells[bent]
        z, values = np.insert(z, at + 1, inside[bent]), np.insert(values, at + 1, found[bent])
        open_cells = np.sort(np.concatenate([at + np.arange(at.size), at + np.arange(at.size) + 1]))
    z.setflags(write=False)
    values.setflags(write=False)
    return z, values


def _values(text: str, z: Array) -> Array:
    return np.asarray(evaluate(text, {"z": z}, longest=None), float)


def _roots(text: str, places: Array) -> Array:
    """Places on both sides of where a part of an expression changes its sign."""
    found = [np.empty(0)]
    for part in _parts(parse(text, None)):
        values = _values(part, places)
        at = np.flatnonzero(np.signbit(values[1:]) != np.signbit(values[:-1]))
        if 0 < at.size <= MOST_ROOTS:
            root = _bisected(part, places[at], places[at + 1], np.signbit(values[at]))
            found += [root - BESIDE, root + BESIDE]
    return np.clip(np.concatenate(found), 0.0, 1.0)


def _parts(tree: ast.expr) -> Iterator[str]:
    """Parts of an expression that depend on z, but for z itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and not isinstance(node, ast.Name):
            text = ast.unparse(node)
            if "z" in names_in(text):
                yield text


def _bisected(part: str, low: Array, high: Array, below: Array) -> Array:
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        try:
            same = np.signbit(_values(part, middle)) == below
        except InputError:  # infinite there: it is near enough
            break
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.asarray(0.5 * (low + high))
