"""Derivatives of a critical value by numbers of its device: along them the eigenvalue λ of the normal state stays zero.

    λ(q, p) = 0:   dq/dp = -(∂λ/∂p) / (∂λ/∂q)

λ is found on the grids and energies of the transition with one elimination per value, and depends on all numbers
smoothly: its derivatives are central differences of fourth order. No transition is searched for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from usadel.energies.contour import Contour, coldest_of
from usadel.errors import InputError, NotConverged
from usadel.gap.normal_state import NormalState, normal_state, on_grids
from usadel.sensitivities.neighbours import Neighbours, neighbours
from usadel.solvers.status import Status
from usadel.states.transfer import neighbour

if TYPE_CHECKING:
    from usadel.description import Device, Stack

ACCURACY = 1e-8  # of λ, to which grids and energies are chosen
SETTLED = 1e-10  # of λ on these, with the steps of the differences: slopes to 1e-6


def slopes(device: Stack | Device, find: str, value: float, paths: Sequence[str]) -> list[float]:
    """dq/dp of the critical value of a number `find` by others.

    Raises
    ------
    InputError
        If a path does not exist, is that of `find`, or its values beside the present one are not allowed.
    NotConverged
        If λ was not found.
    """
    for path in paths:
        if device.address(path).overlaps(device.address(find)):
            raise InputError("is sought, and has no derivative by itself", key=path)
    there = device.replace({find: value})
    families = [neighbours(there, path) for path in (find, *paths)]
    state = normal_state(there.network(), ACCURACY)
    _require(state)
    by_find, *found = (_slope(state, family) for family in families)
    if by_find == 0.0:
        raise InputError("no derivative of its critical value: the eigenvalue does not depend on it", key=find)
    return [-one / by_find for one in found]


def _slope(state: NormalState, family: Neighbours) -> float:
    """∂λ/∂p on the grids of a normal state."""
    network = state.problem.network
    coldest = min(coldest_of(each) for each in (network, *family.networks))
    contour = Contour(network, ACCURACY, state.contour, coldest)
    values = []
    for each in family.networks:
        there = Contour(each, ACCURACY, contour)
        if there.structure() != contour.structure():
            raise InputError("no derivative by it, for the energies of its sums jump with it", key=family.path)
        found = on_grids(neighbour(state.problem, each), there, SETTLED)
        _require(found)
        values.append(found.value)
    return float(family.derivative(values))


def _require(state: NormalState) -> None:
    if state.status not in (Status.CONVERGED, Status.TOLERANCE_NOT_REACHED) or not np.isfinite(state.value):
        raise NotConverged(None, f"sensitivity: {state.status.advice}")
