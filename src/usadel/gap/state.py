"""States and gap of a device, what they were linearized to, and how the solve ended: none of these values changes.

A device whose gaps are all given has a linearization of its states alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeGuard, TypeVar

from usadel.algebra.nambu import Complex
from usadel.discretization.gap_basis import GapBasis
from usadel.energies.contour import Contour
from usadel.gap.linearization import GapLinearization, SpectralLinearization
from usadel.solvers.status import Status
from usadel.states.problem import Pack, Problem

L_co = TypeVar("L_co", bound=SpectralLinearization, covariant=True)


@dataclass(frozen=True)
class GapState:
    """Gap and states of a device on grids, at the energies of a contour.

    Attributes
    ----------
    gap : (sites), complex (Δ0); packs : states at all energies.
    parts : 2 if the gap has phases that differ or may turn, 1 if it is real.
    """

    problem: Problem
    contour: Contour
    packs: list[Pack]
    gap: Complex
    parts: int

    def basis(self) -> GapBasis:
        """Unknowns of the gap; there are none where every gap is given."""
        return GapBasis(self.problem.layout, self.problem.self_consistent_layers(), self.parts)

    def stepped(self, steps: list[Complex], gap: Complex) -> GapState:
        """The same with states moved by steps, pack by pack, and another gap."""
        return replace(self, packs=[p.stepped(step) for p, step in zip(self.packs, steps, strict=True)], gap=gap)


@dataclass(frozen=True)
class Outcome:
    """How a solve ended.

    Attributes
    ----------
    residual : largest of the scheme; distance : largest change of gap (Δ0) and states by the last step.
    iterations : of Newton's method.
    charge : imaginary part of the gap equation at a real gap: charge appears there, anomalous currents would flow. Not
        divided by the coupling, which grows with the highest energy of the contour.
    """

    status: Status
    residual: float
    distance: float = 0.0
    iterations: int = 1
    charge: float = 0.0


@dataclass(frozen=True)
class Solution(Generic[L_co]):
    """A device solved on given grids and energies.

    Attributes
    ----------
    linearization : `GapLinearization` where a gap is an unknown, else that of the states alone.
    """

    state: GapState
    linearization: L_co
    outcome: Outcome

    @property
    def problem(self) -> Problem:
        """The device on its grids."""
        return self.state.problem

    @property
    def contour(self) -> Contour:
        """The energies."""
        return self.state.contour

    @property
    def packs(self) -> list[Pack]:
        """States at all energies."""
        return self.state.packs

    @property
    def gap(self) -> Complex:
        """(sites), complex (Δ0)."""
        return self.state.gap

    @property
    def status(self) -> Status:
        """How the solve ended."""
        return self.outcome.status


GapSolution = Solution[GapLinearization]
AnySolution = Solution[SpectralLinearization]


def has_unknown_gap(solution: AnySolution) -> TypeGuard[GapSolution]:
    """Whether a gap was solved for."""
    return isinstance(solution.linearization, GapLinearization)
