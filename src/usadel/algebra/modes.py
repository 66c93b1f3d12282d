"""The eight modes of everything that distribution functions carry, in their one order: that of ρ̂0…ρ̂7 and h0…h7."""

from __future__ import annotations

from enum import IntEnum


class Mode(IntEnum):
    """Place of a mode in arrays of eight: distribution functions, currents, accumulations.

    Charge counts electrons (positive for more of them) everywhere but in datasets, see `observables.variables`.
    """

    ENERGY = 0
    SPIN_ENERGY_X = 1
    SPIN_ENERGY_Y = 2
    SPIN_ENERGY_Z = 3
    CHARGE = 4
    SPIN_X = 5
    SPIN_Y = 6
    SPIN_Z = 7


MODES = 8
ENERGIES = slice(0, 4)  # energy and spin energy: what electrons and holes carry alike
SPIN_ENERGY = slice(1, 4)
CHARGES = slice(4, 8)  # charge and spin: what electrons and holes carry with opposite signs
SPIN = slice(5, 8)
