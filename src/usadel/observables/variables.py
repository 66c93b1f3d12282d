"""From arrays to the variables of datasets. Here, and nowhere else, charge changes from electrons to the usual sign."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.observables.columns import placed
from usadel.observables.profiles import Profiles
from usadel.quantities import Quantity, Source
from usadel.quantities.gap import GAP

Array = NDArray[Any]


def profile_variables(profiles: Profiles) -> dict[str, Array]:
    """Every profile of the result file by its name: (position) or (component, position)."""
    resistive = np.broadcast_to(profiles.resistive, profiles.current.shape)
    super_ = profiles.current - resistive
    found = gap_variables(profiles.gap)
    for source, parts in (
        (Source.PAIRS, (profiles.pairs.real, profiles.pairs.imag)),
        (Source.CURRENT, (profiles.current, super_, resistive)),
        (Source.ACCUMULATION, (profiles.accumulation,)),
    ):
        for quantity, where in placed(source):
            values = [_labelled(quantity, part[:, where]) for part in parts]
            found |= dict(zip(_names(quantity), values, strict=True))
    return found


def gap_variables(gap: Complex) -> dict[str, Array]:
    """Modulus and angle of a gap (position); the angle is 0 where there is none."""
    return dict(zip(_names(GAP), (np.abs(gap), np.where(np.abs(gap) > 0, np.angle(gap), 0.0)), strict=True))


def current_modes(values: Array) -> dict[str, Array]:
    """Charge, energy, spin and spin energy among currents (places, 8 or more), each (places) or (component, places)."""
    return {
        quantity.name.removesuffix("_current"): _labelled(quantity, values[:, where])
        for quantity, where in placed(Source.CURRENT)
        if quantity.mode is not None
    }


def _labelled(quantity: Quantity, values: Array) -> Array:
    """(places, rows) as in a dataset, of the usual sign."""
    signed = quantity.sign * values if quantity.sign != 1.0 else values
    return signed.T if quantity.is_vector else signed[:, 0]


def _names(quantity: Quantity) -> list[str]:
    return [entry.name for entry in quantity.entries]
