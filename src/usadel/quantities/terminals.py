"""What terminals are held at, of which some values were found because they float; what flows in through them."""

from usadel.quantities import units
from usadel.quantities.entry import Entry
from usadel.quantities.quantity import Quantity

TERMINALS = Quantity(
    (
        Entry("terminal_voltage", ("terminal",), "Delta_0/|e|", "Voltage", "V"),
        Entry("terminal_temperature", ("terminal",), "T_c", "Temperature", "T"),
        Entry("terminal_spin_voltage", ("terminal",), "Delta_0", "Spin voltage", "eV_s"),
    )
)
CURRENTS = Quantity(
    (
        Entry("terminal_charge_current", ("terminal",), units.CHARGE_CURRENT, "Charge current into the device", "J_e"),
        Entry(
            "terminal_energy_current", ("terminal",), units.ENERGY_CURRENT, "Energy current into the device",
            r"J_\epsilon",
        ),
    )
)  # fmt: skip
SPIN_CURRENT = Quantity(
    (
        Entry(
            "terminal_spin_current", ("component", "terminal"), units.SPIN_CURRENT, "Spin current into the device",
            "J_s",
        ),
    )
)  # fmt: skip
