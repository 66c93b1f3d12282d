"""What follows from a matrix of linear response where no charge flows but where it is sent: open circuits.

With G = ∂I/∂V among terminals that take a voltage, and J the currents that other drives or sources ask for, open
terminals have the voltages

    V = G⁻¹ (J - ∂I/∂p δp),

those of superconducting terminals being zero. Where nothing is grounded G is singular by Kirchhoff's law: only
differences of voltages have a meaning, which the least norm does not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SINGULAR = 1e-11  # singular values of G below this, relative to the largest, are those of a common voltage


@dataclass(frozen=True)
class Matrix:
    """The response of terminals in the order of their names.

    Attributes
    ----------
    values : (terminals, currents, terminals, drives): charge, energy, spins by voltage, temperature, spin voltages.
    voltage, charge : (terminals), at the operating point.
    """

    values: Array
    voltage: Array
    charge: Array

    @property
    def open(self) -> NDArray[np.bool_]:
        """(terminals): which take a voltage."""
        return np.asarray(np.isfinite(self.values[:, 0, :, 0]).all(axis=0))

    def voltages(self, charge: Array) -> Array:
        """Changes of the voltages (terminals) at which changes of the charge currents (terminals) flow."""
        found = np.zeros(charge.size)
        conductance = self.values[:, 0, :, 0][np.ix_(self.open, self.open)]
        found[self.open] = np.linalg.lstsq(conductance, charge[self.open], rcond=SINGULAR)[0]
        return found

    def sent(self, source: int, drain: int) -> Array:
        """Changes of the voltages (terminals) by a unit of charge current in at one terminal and out at another."""
        charge = np.zeros(self.voltage.size)
        charge[source] += 1.0
        charge[drain] -= 1.0
        return self.voltages(charge)

    def heated(self, terminal: int) -> Array:
        """Changes of the voltages (terminals) by a unit of temperature at one terminal, all circuits open."""
        return self.voltages(-self.values[:, 0, terminal, 1])

    def heat(self, voltages: Array, terminal: int | None = None) -> Array:
        """Changes of the heat currents (terminals) into the device by voltages (terminals) and a unit of temperature.

        Q = J_E - V I, with energies counted from the potential of the terminal.
        """
        energy, charge = (self._by(voltages, terminal, row) for row in (1, 0))
        return energy - self.voltage * charge - self.charge * voltages

    def spins(self, voltages: Array, terminal: int) -> Array:
        """Changes of the spin currents (terminals, 3) by voltages (terminals) and a unit of temperature."""
        return np.stack([self._by(voltages, terminal, row) for row in (2, 3, 4)], axis=1)

    def _by(self, voltages: Array, terminal: int | None, row: int) -> Array:
        """Changes of a current (terminals)."""
        found = self.values[:, row, :, 0][:, self.open] @ voltages[self.open]
        return found if terminal is None else found + self.values[:, row, terminal, 1]
