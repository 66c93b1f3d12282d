"""What terminals are held at, of which some values were found because they float."""

from usadel.quantities.entry import Entry
from usadel.quantities.quantity import Quantity

TERMINALS = Quantity(
    (
        Entry("terminal_voltage", ("terminal",), "Delta_0/|e|", "Voltage", "V"),
        Entry("terminal_temperature", ("terminal",), "T_c", "Temperature", "T"),
        Entry("terminal_spin_voltage", ("terminal",), "Delta_0", "Spin voltage", "eV_s"),
    )
)
