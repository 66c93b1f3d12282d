"""The gap Δ: magnitude and phase."""

from usadel.quantities.entry import POSITION, Entry
from usadel.quantities.quantity import Quantity

GAP = Quantity(
    (
        Entry("gap", POSITION, "Delta_0", "Superconducting gap", r"|\Delta|"),
        Entry("gap_phase", POSITION, "rad", "Superconducting phase", r"\varphi"),
    )
)
