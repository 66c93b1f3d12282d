"""The free energy of a device in equilibrium against its normal state in the same fields."""

from usadel.quantities.entry import Entry
from usadel.quantities.quantity import Quantity

FREE_ENERGY = Quantity((Entry("free_energy", (), "N_0 Delta_0^2 xi A_0", "Free energy", "F"),))
