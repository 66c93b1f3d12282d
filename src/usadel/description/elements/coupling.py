"""What binds pairs in a superconductor: its own critical temperature, and up to which energy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Coupling:
    """A pairing interaction, measured by the clean bulk superconductor that it makes.

    Attributes
    ----------
    critical_temperature : of that superconductor without cutoff (Tc), and its gap at T = 0 (Δ0).
    debye_energy : ω_D (Δ0), above which nothing binds; None without cutoff. The gap at T = 0 is the same.
    """

    critical_temperature: float = 1.0
    debye_energy: float | None = None


REFERENCE = Coupling()
