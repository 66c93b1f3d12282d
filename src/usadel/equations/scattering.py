"""What an interface does to the propagators on its two sides, in the form that the kernels evaluate.

    σA ĝ∂ĝ = n [S, ĝ],   S = S₁ - c S₁ĝS₁ + T(ĝ_out R ĝ_out - R)T,   S₁ = S₀ + ½G_T T ĝ_out T

n = +1 at a left end, -1 at a right end. Every law of first or second order in transmission and spin mixing has
this form: S₁ is the first order, c and R belong to paths that meet the interface twice, on this side and beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from usadel.algebra.nambu import Complex, sandwich

ONE: Complex = np.eye(4, dtype=complex)
NOTHING: Complex = np.zeros((4, 4), complex)


@dataclass(frozen=True)
class Scattering:
    """The matrices of a law, (4, 4), as seen from one side; all in units of σA/ξ of the reference wire.

    Attributes
    ----------
    conductance : G_T; 0 if nothing is transmitted.
    transmission : T, which polarizes what is transmitted.
    reflection : S₀, the part of S₁ that needs no ĝ_out.
    twice : c, the weight of what meets this side twice; 0 to first order.
    echo : R, what the far side does to a path before it returns; 0 to first order.
    """

    conductance: float = 0.0
    transmission: Complex = field(default_factory=lambda: ONE)
    reflection: Complex = field(default_factory=lambda: NOTHING)
    twice: float = 0.0
    echo: Complex = field(default_factory=lambda: NOTHING)

    def scaled(self, factor: float) -> Scattering:
        """The law of factor × S."""
        return replace(
            self,
            conductance=self.conductance * factor,
            reflection=self.reflection * factor,
            twice=self.twice / factor,
            echo=self.echo * factor,
        )

    @property
    def doubled(self) -> Scattering:
        """The same law for (..., 8, 8) matrices of retarded, Keldysh and advanced propagators: it treats all alike."""
        transmission, reflection, echo = map(_doubled, (self.transmission, self.reflection, self.echo))
        return replace(self, transmission=transmission, reflection=reflection, echo=echo)

    @property
    def across(self) -> Complex:
        """The map ĝ_out → ½G_T T ĝ_out T, (16, 16)."""
        return 0.5 * self.conductance * sandwich(self.transmission, self.transmission)

    @property
    def echoes(self) -> Complex:
        """Maps ĝ_out → Tĝ_out R and ĝ_out → ĝ_out T, (2, 16, 16): the product is that of second order."""
        return np.array([sandwich(self.transmission, self.echo), sandwich(ONE, self.transmission)])

    def first(self, outside: Complex | None) -> Complex:
        """S₁ for given ĝ_out (..., 4, 4), or nothing beyond."""
        t = self.transmission
        return self.reflection if outside is None else self.reflection + 0.5 * self.conductance * t @ outside @ t

    def returned(self, outside: Complex | None) -> Complex:
        """T(ĝ_out R ĝ_out - R)T; without ĝ_out its constant part."""
        inner = -self.echo if outside is None else outside @ self.echo @ outside - self.echo
        return self.transmission @ inner @ self.transmission

    def matrix_current(self, g: Complex, outside: Complex | None) -> Complex:
        """[S, ĝ] of given propagators (..., 4, 4)."""
        first = self.first(outside)
        s = first - self.twice * first @ g @ first + self.returned(outside)
        return s @ g - g @ s


def _doubled(matrix: Complex) -> Complex:
    return np.kron(np.eye(2), matrix)
