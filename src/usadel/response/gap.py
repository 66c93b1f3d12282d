"""How an unknown gap answers when a voltage changes, and what currents make of that.

    F(Δ, V) = G[Δ] + G_δh[Δ, V] - KΔ = 0,   -(∂F/∂Δ) Δ' = ∂G_δh/∂V,   I' = ∂I/∂V + (∂I/∂Δ) Δ'

∂/∂V is the kinetic equation of ∂h/∂V. ∂F/∂Δ is needed along a few directions only, those of GMRES with A⁻¹ of the
reference equilibrium as preconditioner. They are found on coarser grids. What their answer leaves of the equation on
the grids themselves, where one pass over all energies gives everything at once, is corrected on the coarser ones: it
is small, and so is the error that the correction makes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.gap_basis import GapBasis
from usadel.errors import NotConverged
from usadel.gap.linearization import GapLinearization
from usadel.gap.newton_schur import solve_gap
from usadel.gap.state import GapSolution
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.grid_error import GAIN, coarser
from usadel.progress import tell
from usadel.response.perturbation import ByGap, ByVoltage, Change, Perturbation
from usadel.solvers.status import Status
from usadel.states.problem import Array
from usadel.states.transfer import carry
from usadel.work import exhausted


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    # of the residual by GMRES on coarser grids: as small as the integrals' error, within limits ...
    reduction: tuple[float, float] = (1e-6, 1e-3)
    correction: float = 0.1  # ... and of what they leave on the grids themselves, a third of which counts as error
    iterations: int = 60


OPTIONS = Options()


@dataclass(frozen=True)
class Answer:
    """Change of the gap (sites), of currents at reservoirs (ends, rows) by voltages and gap, their error, status."""

    gap: Complex
    current: Array
    error: float
    status: Status


class GapResponse:
    """The linear response of the gap of a solved device.

    reference : the equilibrium that it was found from, whose A preconditions.
    """

    def __init__(self, solution: GapSolution, reference: GapSolution, kinetics: Kinetics):
        self.linearization = _with_complex_gap(solution, reference, kinetics)
        self.basis, self._steps = self.linearization.basis, 0
        self._solution, self._kinetics = solution, kinetics
        self._rough = Perturbation(coarser(kinetics), solution, self.basis.layers, kinetics.integral.panels, True)

    def to(self, own: ByVoltage, common: Callable[[], ByVoltage]) -> Answer:
        """Response to a voltage, and to `common` ones if the potential of a condensate follows that nothing holds."""
        tell("gap response", 0)
        asked = [own]
        found = self._rough.changes(asked)
        if self._supply(self._source(self._rough, found[0])) != 0.0:
            asked.append(common())
            found += self._rough.changes(asked[1:])
        rough = self._at_rest(self._rough, found)
        reduction = float(np.clip(self._kinetics.tolerance, *OPTIONS.reduction))
        gap, by_gap, failed = self._solve(self._source(self._rough, rough), reduction)
        fine = Perturbation(self._kinetics, self._solution, self.basis.layers, self._rough.panels, False)
        *found, answer = fine.changes([*asked, ByGap(gap)])
        driven = self._at_rest(fine, found)
        left = self._source(fine, driven) - fine.imbalance(gap, answer)
        correction, by_correction, failed_again = self._solve(left, OPTIONS.correction)
        current = driven.current + answer.current + by_correction.current
        error = rough.error + by_gap.error + by_correction.error
        # what the grids change at the same gap, and what the gap makes of that: the two may cancel by accident
        at_gap = driven.current + answer.current - rough.current - by_gap.current
        error += GAIN * float(np.max(np.abs(at_gap)) + np.max(np.abs(by_correction.current)))
        status = Status(max(int(fine.status), int(self._rough.status)))
        return Answer(gap + correction, current, error, Status.NOT_CONVERGED if failed or failed_again else status)

    def _at_rest(self, on: Perturbation, found: list[Change]) -> Change:
        """The response to a voltage, of potentials that the condensate takes nothing in at."""
        own, *common = found
        if not common:
            return own
        supplies = [self._supply(self._source(on, change)) for change in found]
        return own.plus(-supplies[0] / supplies[1], common[0])

    def _supply(self, source: Complex) -> float:
        """What a source (sites) supplies to a condensate whose phase nothing holds; 0 if something does."""
        if self.linearization.turn is None:
            return 0.0
        return float(self.linearization.turn[0] @ self.basis.restrict(self.basis.collect(source)))

    def _source(self, on: Perturbation, change: Change) -> Complex:
        """Its pairs on the grids of the gap (sites)."""
        return carry(on.problem, self._kinetics.problem, change.pairs)

    def _solve(self, source: Complex, reduction: float) -> tuple[Complex, Change, bool]:
        """Δ' (sites) of a source (sites) on the coarser grids, what it does there, and whether GMRES failed."""
        from scipy.sparse.linalg import LinearOperator, gmres  # here: it takes a while to import, and few need it

        right, known = self._preconditioned(source), []

        def operator(unknowns: Array) -> Array:
            if exhausted():
                raise NotConverged(None, Status.TOO_MUCH_WORK.advice)
            self._steps += 1
            tell("gap response", self._steps)
            gap = self.basis.expand(unknowns)
            there, change = self._along(gap)
            known.append((unknowns, change))
            left = carry(self._rough.problem, self._kinetics.problem, self._rough.imbalance(there, change))
            return self._preconditioned(left)

        matrix = LinearOperator((right.size, right.size), operator, dtype=float)
        found, failed = gmres(matrix, right, rtol=reduction, restart=OPTIONS.iterations, maxiter=1)
        shares = np.linalg.lstsq(np.stack([vector for vector, _ in known], axis=1), found)[0]
        change = known[0][1].times(0.0)
        for share, (_, part) in zip(shares, known, strict=True):
            change = change.plus(float(share), part)
        return self.basis.expand(found), change, bool(failed)

    def _along(self, gap: Complex) -> tuple[Complex, Change]:
        """A change of the gap (sites) on the coarser grids (sites there), and what it does."""
        there = carry(self._kinetics.problem, self._rough.problem, gap)
        return there, self._rough.changes([ByGap(there)])[0]

    def _preconditioned(self, source: Complex) -> Array:
        return self.linearization.gap_step(self.basis.collect(source))[0]


def _with_complex_gap(solution: GapSolution, reference: GapSolution, kinetics: Kinetics) -> GapLinearization:
    """A of a complex gap: a voltage turns phases even where the gap is real."""
    found = solution
    if solution.linearization.basis.parts == 1:
        layout, layers = solution.problem.layout, solution.linearization.basis.layers
        found = solve_gap(reference.state, GapBasis(layout, layers, 2), kinetics.tolerance)
    return found.linearization.leaving_phase(solution.gap).with_inverse()
