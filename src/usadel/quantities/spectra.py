"""What is resolved in energy: the density of states with its spin part, and distribution functions."""

from usadel.quantities.entry import Entry
from usadel.quantities.quantity import Quantity

DENSITY_OF_STATES = Quantity((Entry("dos", ("position", "energy"), "N_0", "Density of states", "N"),))
SPIN_DENSITY_OF_STATES = Quantity(
    (Entry("dos_spin", ("component", "position", "energy"), "N_0", "Spin density of states", "N_s"),)
)
DISTRIBUTION = Quantity((Entry("distribution", ("mode", "position", "energy"), "1", "Distribution function", "h"),))
