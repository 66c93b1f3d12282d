"""Currents, times σA of the layer: of charge, energy, spin and spin energy."""

from usadel.algebra.modes import Mode
from usadel.quantities import units
from usadel.quantities.entry import POSITION, VECTOR, Entry
from usadel.quantities.quantity import VECTOR_ROWS, Quantity, Source, with_parts

CHARGE = Quantity(
    with_parts(Entry("charge_current", POSITION, units.CHARGE_CURRENT, "Charge current", "J_e", drawn=True)),
    Source.CURRENT,
    mode=Mode.CHARGE,
    sign=-1.0,
)
ENERGY = Quantity(
    with_parts(Entry("energy_current", POSITION, units.ENERGY_CURRENT, "Energy current", r"J_\epsilon", drawn=True)),
    Source.CURRENT,
    power=1,
    mode=Mode.ENERGY,
)
SPIN = Quantity(
    with_parts(Entry("spin_current", VECTOR, units.SPIN_CURRENT, "Spin current", "J_s", drawn=True)),
    Source.CURRENT,
    VECTOR_ROWS,
    mode=Mode.SPIN_X,
)
SPIN_ENERGY = Quantity(
    with_parts(
        Entry(
            "spin_energy_current", VECTOR, units.SPIN_ENERGY_CURRENT, "Spin-energy current", r"J_{s\epsilon}",
            drawn=True,
        )
    ),
    Source.CURRENT,
    VECTOR_ROWS,
    power=1,
    mode=Mode.SPIN_ENERGY_X,
    diverges="spin_energy",
)  # fmt: skip
