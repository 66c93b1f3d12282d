"""The reference metal in SI: what one unit of every quantity of the program is worth.

    Δ0 = π e^-γ kB Tc,   D0 = ξ² Δ0/ħ,   N0 = 1/(e² ρ D0) (both spins),   R_ξ = ρ ξ/A0

from its critical temperature Tc, coherence length ξ, resistivity ρ and cross section A0. Constants of nature are those
of CODATA 2022.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from usadel.errors import InputError

BOLTZMANN = 1.380649e-23  # J/K, exact
CHARGE = 1.602176634e-19  # C, exact
PLANCK = 6.62607015e-34  # J s, exact
HBAR = PLANCK / (2 * math.pi)
MAGNETON = 9.2740100657e-24  # J/T
FLUX_QUANTUM = PLANCK / (2 * CHARGE)  # Wb
GAP_RATIO = math.pi * math.exp(-0.57721566490153286061)  # Δ0/kB Tc


@dataclass(frozen=True, kw_only=True)
class ReferenceMetal:
    """The metal in whose gap, critical temperature and coherence length everything is measured.

    Attributes
    ----------
    critical_temperature : Tc (K).
    coherence_length : ξ (m); resistivity : ρ (Ω m); cross_section : A0 (m²). None: not known.
    """

    critical_temperature: float
    coherence_length: float | None = None
    resistivity: float | None = None
    cross_section: float | None = None

    @property
    def gap(self) -> float:
        """Δ0 (J)."""
        return GAP_RATIO * BOLTZMANN * self.critical_temperature

    @property
    def length(self) -> float:
        """ξ (m)."""
        return _known(self.coherence_length, "coherence_length or diffusion")

    @property
    def diffusion(self) -> float:
        """D0 = ξ² Δ0/ħ (m²/s)."""
        return self.length**2 * self.gap / HBAR

    @property
    def conductivity(self) -> float:
        """σ0 = 1/ρ (S/m)."""
        return 1 / _known(self.resistivity, "resistivity")

    @property
    def area(self) -> float:
        """A0 (m²)."""
        return _known(self.cross_section, "cross_section")

    @property
    def states(self) -> float:
        """N0 = σ0/(e² D0), of both spins (1/(J m³))."""
        return self.conductivity / (CHARGE**2 * self.diffusion)

    @property
    def conductance(self) -> float:
        """1/R_ξ = σ0 A0/ξ (S)."""
        return self.conductivity * self.area / self.length

    def worth(self, unit: str) -> float:
        """SI value of one `unit`, a key of `UNITS`; InputError that names what is not known of the metal."""
        return UNITS[unit].worth(self)

    def knows(self, unit: str) -> bool:
        """Whether one `unit` has a value in SI, and enough is known of the metal to tell it."""
        try:
            return unit in UNITS and self.worth(unit) > 0
        except InputError:
            return False


def _known(value: float | None, key: str) -> float:
    if value is None:
        raise InputError(f"needs {key} in [scale]")
    return value


@dataclass(frozen=True)
class Unit:
    """A unit of the program.

    Attributes
    ----------
    si : the coherent SI unit of the quantity, plain ASCII.
    worth : of a reference metal: how many of `si` it is.
    """

    si: str
    worth: Callable[[ReferenceMetal], float]


UNITS = MappingProxyType(
    {
        "rad": Unit("rad", lambda metal: 1.0),
        "ξ": Unit("m", lambda metal: metal.length),
        "1/ξ": Unit("1/m", lambda metal: 1 / metal.length),
        "rad/ξ": Unit("rad/m", lambda metal: 1 / metal.length),
        "Tc": Unit("K", lambda metal: metal.critical_temperature),
        "Δ0": Unit("J", lambda metal: metal.gap),
        "ħ/Δ0": Unit("s", lambda metal: HBAR / metal.gap),
        "Δ0/|e|": Unit("V", lambda metal: metal.gap / CHARGE),
        "D0": Unit("m^2/s", lambda metal: metal.diffusion),
        "σ0": Unit("S/m", lambda metal: metal.conductivity),
        "A0": Unit("m^2", lambda metal: metal.area),
        "1/R_ξ": Unit("S", lambda metal: metal.conductance),
        "Δ0/(|e| R_ξ)": Unit("A", lambda metal: metal.gap / CHARGE * metal.conductance),
        "Δ0²/(e² R_ξ)": Unit("W", lambda metal: (metal.gap / CHARGE) ** 2 * metal.conductance),
        # currents of spin through the reference cross section, (ħ/2) N0 D0 A0 = (ħ/2e²) ξ/R_ξ
        "(ħ/2) N0 D Δ0/ξ": Unit("N m", lambda metal: HBAR / 2 * metal.gap / CHARGE**2 * metal.conductance),
        "(ħ/2|e|) Δ0²/(|e| R_ξ)": Unit("J N m", lambda metal: HBAR / 2 * (metal.gap / CHARGE) ** 2 * metal.conductance),
        "N0": Unit("1/(J m^3)", lambda metal: metal.states),
        "|e| N0 Δ0": Unit("C/m^3", lambda metal: CHARGE * metal.states * metal.gap),
        "N0 Δ0²": Unit("J/m^3", lambda metal: metal.states * metal.gap**2),
        "(ħ/2) N0 Δ0": Unit("J s/m^3", lambda metal: HBAR / 2 * metal.states * metal.gap),
        "(ħ/2) N0 Δ0²": Unit("J^2 s/m^3", lambda metal: HBAR / 2 * metal.states * metal.gap**2),
        "N0 Δ0² ξ A0": Unit("J", lambda metal: metal.states * metal.gap**2 * metal.length * metal.area),
    }
)
"""Unit of a key or a result, as the terminal shows it -> what it is in SI; N0, D and A0 of the reference metal."""
