"""Accumulations of charge, energy, spin and spin energy; those of the normal state are not in the sums over energy.

Beside a gap, energy has the tail ½Re Δ*f - ½|Δ|², and spin energy a logarithmic one, ¼|Δ|² per spin temperature.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from usadel.algebra.modes import SPIN as SPINS
from usadel.algebra.modes import SPIN_ENERGY as SPIN_ENERGIES
from usadel.algebra.modes import Mode
from usadel.quantities.entry import POSITION, VECTOR, Entry
from usadel.quantities.quantity import VECTOR_ROWS, Quantity, Source


def _condensate(gap: Any, singlet: Any) -> Any:
    """½Re Δ*f (sites)."""
    return 0.5 * (gap.conj() * singlet).real


def _charge_outside(at: Any) -> Iterator[Any]:
    yield at.normal[:, [Mode.CHARGE]]


def _spin_outside(at: Any) -> Iterator[Any]:
    yield at.normal[:, SPINS]


def _energy_outside(at: Any) -> Iterator[Any]:
    yield at.where_pairing(_condensate(at.gap, at.singlet) - 0.5 * abs(at.gap) ** 2)
    yield at.normal[:, [Mode.ENERGY]]


def _spin_energy_outside(at: Any) -> Iterator[Any]:
    yield at.where_pairing(0.25 * abs(at.gap) ** 2) * at.spin_tail
    yield at.normal[:, SPIN_ENERGIES]


CHARGE = Quantity(
    (Entry("charge_accumulation", POSITION, "|e| N_0 Delta_0", "Charge accumulation", r"\rho_e", drawn=True),),
    Source.ACCUMULATION,
    mode=Mode.CHARGE,
    sign=-1.0,
    outside=_charge_outside,
)
ENERGY = Quantity(
    (Entry("energy_accumulation", POSITION, "N_0 Delta_0^2", "Energy accumulation", r"\rho_\epsilon", drawn=True),),
    Source.ACCUMULATION,
    power=1,
    mode=Mode.ENERGY,
    outside=_energy_outside,
    condensate=_condensate,
    diverges="pairing",
)
SPIN = Quantity(
    (Entry("spin_accumulation", VECTOR, "(hbar/2) N_0 Delta_0", "Spin accumulation", r"\rho_s", drawn=True),),
    Source.ACCUMULATION,
    VECTOR_ROWS,
    mode=Mode.SPIN_X,
    outside=_spin_outside,
)
SPIN_ENERGY = Quantity(
    (
        Entry(
            "spin_energy_accumulation", VECTOR, "(hbar/2) N_0 Delta_0^2", "Spin-energy accumulation",
            r"\rho_{s\epsilon}", drawn=True,
        ),
    ),
    Source.ACCUMULATION,
    VECTOR_ROWS,
    power=1,
    mode=Mode.SPIN_ENERGY_X,
    outside=_spin_energy_outside,
)  # fmt: skip
