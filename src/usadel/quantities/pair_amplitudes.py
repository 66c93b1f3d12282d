"""Pair amplitudes at all energies: singlet, and triplets of spin x, y, z."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from usadel.quantities.entry import POSITION, VECTOR, Entry
from usadel.quantities.quantity import VECTOR_ROWS, Quantity, Source


def _cut_off(at: Any) -> Iterator[Any]:
    """The logarithmic tail Δ/ω of the singlet beside a gap, which is cut off."""
    yield -at.where_pairing(at.divergence * at.gap)


SINGLET = Quantity(
    (
        Entry("singlet_real", POSITION, "Delta_0", "Singlet pair amplitude, real part", r"\mathrm{Re}\,F_s"),
        Entry("singlet_imag", POSITION, "Delta_0", "Singlet pair amplitude, imaginary part", r"\mathrm{Im}\,F_s"),
    ),
    Source.PAIRS,
    outside=_cut_off,
)
TRIPLET = Quantity(
    (
        Entry("triplet_real", VECTOR, "Delta_0", "Triplet pair amplitude, real part", r"\mathrm{Re}\,F_t"),
        Entry("triplet_imag", VECTOR, "Delta_0", "Triplet pair amplitude, imaginary part", r"\mathrm{Im}\,F_t"),
    ),
    Source.PAIRS,
    VECTOR_ROWS,
)
