"""What is measured: a group of numbers at every place, what is summed over energy for it, and its variables.

    current        j = Re{iπ Σ_s T_s Σₙ Eᵖ Tr[P_s m (ĝ∂ĝ)₁₁]},          real energies: ½·¼Tr[ρ K̂] Eᵖ
    accumulation   q = Re{iπ Σ_s T_s Σₙ Eᵖ Tr[P_s m (1 - ĝ₁₁)]} + …,    real energies: -½·¼Tr[ρ ĝᴷ] Eᵖ
    pairs          f = i ½ Σ_s Σₙ 2πT_s Eᵖ Tr[P_s m ĝ₁₂(-iσ₂)],         real energies: ¼·½Tr m[ĝᴷ₁₂ + (ĝᴷ₂₁)*](-iσ₂) Eᵖ

(S54-S60 of the 2019 supplement). Each row of a quantity is one such number, given by m = a + bσx + cσy + dσz; ρ is τ̂3m̂
or m̂ (m̂ = diag(m, m*)), that of the two that keeps what is odd in E out of the sum of both signs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from usadel.algebra.modes import Mode
from usadel.quantities.entry import Entry

Row = tuple[float, float, float, float]
SCALAR: tuple[Row, ...] = ((1, 0, 0, 0),)
VECTOR_ROWS: tuple[Row, ...] = ((0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))


class Source(Enum):
    """Which part of the propagators is summed over energy."""

    CURRENT = "current"
    ACCUMULATION = "accumulation"
    PAIRS = "pairs"


@dataclass(frozen=True)
class Quantity:
    """A scalar or vector at every place.

    Attributes
    ----------
    entries : its variables in the result file. Of a current: the whole, its supercurrent and its resistive part, see
        `with_parts`; of pairs: real and imaginary part.
    source : what is summed over energy; None for what is no such sum, whose variables are made elsewhere.
    rows : m = a + bσx + cσy + dσz of every number, (1 or 3, 4).
    power : p of the factor Eᵖ.
    mode : where the numbers stand among the eight modes; None for what is none of them: it stands behind.
    sign : of the variables relative to the arrays: -1 where these count electrons.
    outside : what lies outside the sum over Matsubara points: called with `observables.outside.Outside`, yields arrays
        (sites, rows) that are added one after the other.
    condensate : what singlets f add beside a gap Δ beyond all energies of the sum; called with Δ, f (sites).
    diverges : "pairing" or "spin_energy": ends at which there is only a logarithmic limit, or none; the value beside
        is taken there.
    """

    entries: tuple[Entry, ...]
    source: Source | None = None
    rows: tuple[Row, ...] = SCALAR
    power: int = 0
    mode: Mode | None = None
    sign: float = 1.0
    outside: Callable[[Any], Iterable[Any]] | None = None
    condensate: Callable[[Any, Any], Any] | None = None
    diverges: str | None = None

    @property
    def name(self) -> str:
        """That of its first variable."""
        return self.entries[0].name

    @property
    def is_vector(self) -> bool:
        """Whether it has components in spin space."""
        return self.entries[0].has_components


def with_parts(entry: Entry) -> tuple[Entry, Entry, Entry]:
    """A current with its supercurrent and its resistive part."""

    def part(suffix: str, word: str, mark: str) -> Entry:
        symbol = f"{entry.symbol}^{{\\mathrm{{{mark}}}}}"
        long_name = f"{entry.long_name}, {word} part"
        return replace(entry, name=f"{entry.name}_{suffix}", long_name=long_name, symbol=symbol, drawn=False)

    return entry, part("super", "supercurrent", "sup"), part("resistive", "resistive", "res")
