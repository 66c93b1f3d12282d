"""How an unknown gap answers when reservoirs change, and what currents make of that.

    F(Δ, p) = G[Δ, p] + G_δh[Δ, p] - KΔ = 0,   -(∂F/∂Δ) Δ' = ∂F/∂p,   I' = ∂I/∂p + (∂I/∂Δ) Δ'

∂F/∂Δ is needed along a few directions only, those of a Krylov space with A⁻¹ of the reference equilibrium as
preconditioner, which all changes share. They are found on coarser grids. What the answers leave of the equation on the
grids themselves, where one pass over all energies gives everything at once, is corrected on the coarser ones: it is
small, and so is the error that the correction makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.gap_basis import GapBasis
from usadel.errors import InputError, NotConverged
from usadel.gap.linearization import GapLinearization
from usadel.gap.newton_schur import solve_gap
from usadel.gap.state import GapSolution
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.grid_error import GAIN, coarser
from usadel.progress import tell
from usadel.response.drives import Drive, all_voltages
from usadel.response.krylov import SharedSpace
from usadel.response.perturbation import ByGap, Change, Perturbation
from usadel.response.places import Places
from usadel.solvers.status import Status
from usadel.states.problem import Array
from usadel.states.transfer import carry
from usadel.work import exhausted


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    # of the residual on coarser grids: as small as the integrals' error, within limits ...
    reduction: tuple[float, float] = (1e-6, 1e-3)
    correction: float = 0.1  # ... and of what they leave on the grids themselves, a third of which counts as error
    passes: int = 60


OPTIONS = Options()


@dataclass(frozen=True)
class Answer:
    """Change of the gap (sites), of what is measured (numbers) by reservoirs and gap, their error, status."""

    gap: Complex
    measured: Array
    error: float
    status: Status


class GapResponse:
    """The linear response of the gap of a solved device.

    reference : the equilibrium that it was found from, whose A preconditions.
    """

    def __init__(
        self, solution: GapSolution, reference: GapSolution, kinetics: Kinetics, places: Places, panels: Array
    ):
        self.linearization = _with_complex_gap(solution, reference, kinetics)
        self.basis, self._passes = self.linearization.basis, 0
        self._solution, self._kinetics, self._places = solution, kinetics, places
        layers = self.basis.layers
        self._rough = Perturbation(coarser(kinetics), solution, layers, places, panels, adaptive=True, keeps=True)
        self._known: list[tuple[Array, Change]] = []
        self._space = SharedSpace()

    def to(self, drives: Sequence[Drive]) -> list[Answer]:
        """Responses to changes of reservoirs; the potential of a condensate follows that nothing holds."""
        if self._floats and not all(layer.nonequilibrium for layer in self._kinetics.network.layers):
            raise InputError(
                "response: the potential of a condensate that no reservoir holds moves with the voltage, which layers "
                "with imposed distributions do not follow; allowed: nonequilibrium = true in all layers"
            )
        tell("gap response", 0)
        asked = [*drives, all_voltages(self._kinetics.network)] if self._floats else list(drives)
        rough = self._at_rest(self._rough, self._rough.changes(asked))
        reduction = float(np.clip(self._kinetics.tolerance, *OPTIONS.reduction))
        solved = self._solve([self._source(self._rough, change) for change in rough], reduction)
        fine = Perturbation(self._kinetics, self._solution, self.basis.layers, self._places, self._rough.panels, False)
        found = fine.changes([*asked, *(ByGap(gap) for gap, _, _ in solved)])
        driven, answers = self._at_rest(fine, found[: len(asked)]), found[len(asked) :]
        left = [
            self._source(fine, change) - fine.imbalance(gap, answer)
            for change, (gap, _, _), answer in zip(driven, solved, answers, strict=True)
        ]
        corrections = self._solve(left, OPTIONS.correction)
        status = Status(max(int(fine.status), int(self._rough.status)))
        parts = zip(rough, driven, solved, answers, corrections, strict=True)
        return [_answer(*each, status) for each in parts]

    def follow(self, sources: Sequence[Complex]) -> list[tuple[Complex, Status]]:
        """Δ' (sites) of sources (sites) of its equation on the grids themselves."""
        reduction = float(np.clip(self._kinetics.tolerance, *OPTIONS.reduction))
        if self._floats and any(abs(self._supply(source)) > reduction * np.max(np.abs(source)) for source in sources):
            raise InputError(
                "the potential of a condensate that no reservoir holds would move; allowed: one that is held"
            )
        first = self._solve(list(sources), reduction)
        fine = Perturbation(self._kinetics, self._solution, self.basis.layers, self._places, self._rough.panels, False)
        answers = fine.changes([ByGap(gap) for gap, _, _ in first])
        left = [
            source - fine.imbalance(gap, answer)
            for source, (gap, _, _), answer in zip(sources, first, answers, strict=True)
        ]
        found = []
        status = Status(max(int(fine.status), int(self._rough.status)))
        for (gap, _, failed), (more, _, again) in zip(first, self._solve(left, OPTIONS.correction), strict=True):
            found.append((gap + more, Status.NOT_CONVERGED if failed or again else status))
        return found

    @property
    def _floats(self) -> bool:
        """Whether nothing holds the phase of a condensate."""
        return self.linearization.turn is not None

    def _at_rest(self, on: Perturbation, found: list[Change]) -> list[Change]:
        """The responses, at potentials at which the condensate takes nothing in."""
        if not self._floats:
            return found
        *own, common = found
        supplies = [self._supply(self._source(on, change)) for change in found]
        if supplies[-1] == 0.0:
            return own
        return [change.plus(-supply / supplies[-1], common) for change, supply in zip(own, supplies, strict=False)]

    def _supply(self, source: Complex) -> float:
        """What a source (sites) supplies to a condensate whose phase nothing holds."""
        assert self.linearization.turn is not None
        return float(self.linearization.turn[0] @ self.basis.restrict(self.basis.collect(source)))

    def _source(self, on: Perturbation, change: Change) -> Complex:
        """Its pairs on the grids of the gap (sites)."""
        return carry(on.problem, self._kinetics.problem, change.pairs)

    def _solve(self, sources: list[Complex], reduction: float) -> list[tuple[Complex, Change, bool]]:
        """Δ' (sites) of sources (sites) on the coarser grids, what it does there, and whether it was not found."""
        right = np.stack([self._preconditioned(source) for source in sources], axis=1)
        for _ in range(OPTIONS.passes):
            directions = self._space.directions(right, reduction)
            if directions.shape[1] == 0:
                break
            self._extend(directions)
        shares, left = self._space.solve(right, reduction)
        return [(*self._combined(own), failed) for own, failed in zip(shares.T, left, strict=True)]

    def _extend(self, directions: Array) -> None:
        """Measure the equation along further directions (unknowns, n)."""
        if exhausted():
            raise NotConverged(None, Status.TOO_MUCH_WORK.advice)
        self._passes += 1
        tell("gap response", self._passes)
        gaps = [carry(self._kinetics.problem, self._rough.problem, self.basis.expand(one)) for one in directions.T]
        changes = self._rough.changes([ByGap(gap) for gap in gaps])
        images = []
        for direction, gap, change in zip(directions.T, gaps, changes, strict=True):
            left = carry(self._rough.problem, self._kinetics.problem, self._rough.imbalance(gap, change))
            images.append(self._preconditioned(left))
            self._known.append((direction, change))
        self._space.extend(np.stack(images, axis=1))

    def _combined(self, shares: Array) -> tuple[Complex, Change]:
        """A change of the gap (sites) made of those that are known, and what it does on the coarser grids."""
        change = Change(np.zeros(self._rough.problem.layout.sites, complex), np.zeros(self._rough.numbers))
        unknowns = self.basis.collect(np.zeros(self._kinetics.problem.layout.sites, complex))
        for share, (direction, part) in zip(shares, self._known, strict=True):
            unknowns += share * direction
            change = change.plus(float(share), part)
        return self.basis.expand(unknowns), change

    def _preconditioned(self, source: Complex) -> Array:
        return self.linearization.gap_step(self.basis.collect(source))[0]


def _answer(
    rough: Change, driven: Change, solved: tuple[Complex, Change, bool], answer: Change,
    correction: tuple[Complex, Change, bool], status: Status,
) -> Answer:  # fmt: skip
    """The response on the grids themselves, with what it leaves corrected on the coarser ones."""
    gap, by_gap, failed = solved
    more, by_correction, failed_again = correction
    measured = driven.measured + answer.measured + by_correction.measured
    error = rough.error + by_gap.error + by_correction.error
    # what the grids change at the same gap, and what the gap makes of that: the two may cancel by accident
    at_gap = driven.measured + answer.measured - rough.measured - by_gap.measured
    error += GAIN * float(np.max(np.abs(at_gap)) + np.max(np.abs(by_correction.measured)))
    return Answer(gap + more, measured, error, Status.NOT_CONVERGED if failed or failed_again else status)


def _with_complex_gap(solution: GapSolution, reference: GapSolution, kinetics: Kinetics) -> GapLinearization:
    """A of a complex gap: a voltage turns phases even where the gap is real."""
    found = solution
    if solution.linearization.basis.parts == 1:
        layout, layers = solution.problem.layout, solution.linearization.basis.layers
        found = solve_gap(reference.state, GapBasis(layout, layers, 2), kinetics.tolerance)
    return found.linearization.leaving_phase(solution.gap).with_inverse()
