"""Parts of layers with every value in force: what pairs, spins and collisions are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from usadel.description.elements.coupling import REFERENCE, Coupling
from usadel.description.values.profiles import Profile, Vector3, part


@dataclass(frozen=True)
class Pairing:
    """A pairing interaction.

    Attributes
    ----------
    gap : magnitude (Δ0), or where its iteration starts; None: the bulk gap at the temperature and Γ of the layer.
    phase : (rad), likewise.
    self_consistent : whether the gap is an unknown.
    coupling : what binds the pairs, where the gap is an unknown or the bulk gap.
    """

    gap: Profile | None
    phase: Profile
    self_consistent: bool
    coupling: Coupling = REFERENCE

    def part(self, start: float, stop: float) -> Pairing:
        """That of a part of the layer, from start to stop in z."""
        gap = None if self.gap is None else part(self.gap, start, stop)
        return replace(self, gap=gap, phase=part(self.phase, start, stop))


@dataclass(frozen=True)
class Collisions:
    """Inelastic collisions.

    Attributes
    ----------
    electrons, phonons : relaxation times between electrons and by phonons (ħ/Δ0); None without such collisions.
    phonon_temperature : (Tc).
    """

    electrons: float | None
    phonons: float | None
    phonon_temperature: float

    @classmethod
    def of(
        cls, electrons: float | None, phonons: float | None, own: float | None, device: float | None
    ) -> Collisions | None:
        """None without times; own and device: temperatures that are given, the first one counts."""
        temperature = device if own is None else own
        if temperature is None or (electrons is None and phonons is None):
            return None
        return cls(electrons, phonons, temperature)


@dataclass(frozen=True)
class HalfMetalSpins:
    """Spins s = ±1 along the magnetization that diffuse apart from each other, with D(1 + sP)/2.

    Attributes
    ----------
    polarization : P; magnetization : its direction, a unit vector.
    """

    polarization: float
    magnetization: Vector3


_SPIN_MIXING = ("rashba", "dresselhaus", "nanowire", "gauge_x", "gauge_y", "gauge_z", "spin_flip", "spin_orbit")


def spin_mixing(values: Mapping[str, Any]) -> list[str]:
    """Those of the keys that act on spins that are not zero, a vector in any component."""
    return [k for k in _SPIN_MIXING if (any(values[k]) if isinstance(values[k], tuple) else values[k])]
