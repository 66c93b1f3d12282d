"""The spin current that the magnet of each interface absorbs."""

from usadel.quantities import units
from usadel.quantities.entry import Entry
from usadel.quantities.quantity import Quantity

TORQUE = Quantity(
    (Entry("torque", ("component", "interface"), units.SPIN_CURRENT, "Torque on the interface magnet", r"\tau"),)
)
