"""Everything that is measured, one short file for each kind, listed here in the order of the result file.

Kernels, profiles, the dataset with its units, its table in the documentation and the choice of panels of a figure
follow from this list. Light: nothing here imports NumPy.
"""

from functools import cache

from usadel.quantities import (
    accumulations,
    currents,
    free_energy,
    gap,
    pair_amplitudes,
    spectra,
    terminals,
    torque,
    work,
)
from usadel.quantities.quantity import Quantity, Source

QUANTITIES: tuple[Quantity, ...] = (
    gap.GAP,
    pair_amplitudes.SINGLET,
    pair_amplitudes.TRIPLET,
    currents.CHARGE,
    currents.ENERGY,
    currents.SPIN,
    currents.SPIN_ENERGY,
    accumulations.CHARGE,
    accumulations.ENERGY,
    accumulations.SPIN,
    accumulations.SPIN_ENERGY,
    spectra.DENSITY_OF_STATES,
    spectra.SPIN_DENSITY_OF_STATES,
    spectra.DISTRIBUTION,
    torque.TORQUE,
    free_energy.FREE_ENERGY,
    work.WORK,
    terminals.TERMINALS,
    terminals.CURRENTS,
    terminals.SPIN_CURRENT,
)


@cache
def of(source: Source) -> tuple[Quantity, ...]:
    """The quantities of a sum over energy in the order of their columns: first the eight modes, then what is none."""
    found = [quantity for quantity in QUANTITIES if quantity.source is source]
    return tuple(sorted(found, key=lambda quantity: len(found) + 8 if quantity.mode is None else quantity.mode))


def columns(source: Source) -> dict[str, slice]:
    """Where the numbers of each quantity stand among those of its source, by its name."""
    found, first = {}, 0
    for quantity in of(source):
        found[quantity.name] = slice(first, first + len(quantity.rows))
        first += len(quantity.rows)
    return found
