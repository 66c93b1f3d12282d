"""How states and gap of a solved device follow one of its numbers, by the stored factors of its linearization.

    r(γ, Δ, p) = 0,  F(γ, Δ, p) = G - KΔ = 0:   r' γ' + ∂r/∂Δ Δ' + ∂r/∂p = 0,   F' γ' - KΔ' + ∂F/∂p = 0

∂r/∂p and ∂F/∂p are differences at fixed unknowns, which know every number of every term, law and reservoir without code
of their own. The factors are those of compact stencils; steps with them lead to the answer of the wide ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.equations.spectral.scheme import Sites
from usadel.gap.equation import GapEquation
from usadel.gap.linearization import GapLinearization
from usadel.gap.state import AnySolution, GapState, has_unknown_gap
from usadel.progress import pulse
from usadel.sensitivities.neighbours import CENTRAL, Neighbours, largest
from usadel.solvers.status import Status
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Pack, Problem, chord_step
from usadel.work import exhausted


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    accuracy: float = 1e-8  # of the answer, relative to its largest value at an energy
    rounding: float = 1e-6  # steps of this size end when they no longer shrink by ...
    shrinking: float = 0.3  # ... this factor; they usually do by 1e-2
    iterations: int = 30
    real: float = 1e-8  # imaginary part of F' at a real gap, relative, below which the gap stays real


OPTIONS = Options()
TINY = 1e-300
STEP = 1e-3  # change of γ or Δ in central differences of fourth order: they leave 1e-12, and as much of rounding


@dataclass(frozen=True)
class Tangent:
    """Derivatives of states (sites, 2E, L), pack by pack, and gap (sites) by one number.

    A gap that is given is none of the unknowns: it is one of the numbers that neighbours differ in.

    Attributes
    ----------
    turning : whether the phase of the gap moves, which a real one cannot.
    """

    states: list[Complex]
    gap: Complex
    status: Status
    turning: bool = False

    @property
    def size(self) -> float:
        """Its largest entry."""
        return max(largest(self.gap), *(largest(state) for state in self.states))

    def moved(self, state: GapState, step: float) -> GapState:
        """A state moved along it."""
        packs = [pack.at(pack.state + step * one) for pack, one in zip(state.packs, self.states, strict=True)]
        return GapState(state.problem, state.contour, packs, state.gap + step * self.gap, state.parts)


def along(state: GapState, found: Tangent) -> tuple[Array, Array, list[GapState]]:
    """Steps along a tangent, weights of a function there in its derivative, and the states."""
    shifts, weights = np.array(CENTRAL).T
    steps = STEP / (found.size or 1.0) * shifts
    return steps, weights * (found.size or 1.0) / STEP, [found.moved(state, float(step)) for step in steps]


def tangent(solution: AnySolution, family: Neighbours, beside: Sequence[GapState]) -> Tangent:
    """That along one number, from the states of its neighbours at the unknowns of the solution."""
    return _Solve(solution, family, beside).run()


def imbalance_change(family: Neighbours, beside: Sequence[GapState], equation: GapEquation) -> Complex:
    """∂(G - KΔ)/∂p (sites) at fixed unknowns."""
    values = []
    for state in beside:
        own = GapEquation(state.problem, state.contour, equation.basis)
        values.append(own.imbalance(own.value(state.packs), state.gap))
    return np.asarray(family.derivative(values))


def pair_change(state: GapState, equation: GapEquation, found: Tangent) -> Complex:
    """Derivative of G (sites) by the states alone."""
    first = np.unique(state.problem.row_of_site, return_index=True)[1]
    rows = (np.ascontiguousarray(change[first])[:, :, None] for change in found.states)
    answers = [equation.response(pack, x)[1][:, 0] for pack, x in zip(state.packs, rows, strict=True)]
    return np.asarray(np.sum(answers, axis=0))


class _Solve:
    """The iteration for one number."""

    def __init__(self, solution: AnySolution, family: Neighbours, beside: Sequence[GapState]):
        self._state, self._linear = solution.state, solution.linearization
        self._gap_linear: GapLinearization | None = solution.linearization if has_unknown_gap(solution) else None
        sites = [each.problem.sites(each.gap) for each in beside]
        self._sources = parallel(
            lambda k: family.derivative(
                [each.problem.residual(each.packs[k], at) for each, at in zip(beside, sites, strict=True)]
            ),
            range(len(self._state.packs)),
        )
        self._pairs: Complex = np.zeros_like(self._state.gap)
        if self._gap_linear is not None:
            self._pairs = imbalance_change(family, beside, self._gap_linear.equation)

    def run(self) -> Tangent:
        """Steps until they are small."""
        states = [np.zeros_like(pack.state) for pack in self._state.packs]
        gap = np.zeros_like(self._state.gap)
        left, pairs, last = self._sources, self._pairs, np.inf
        for _ in range(OPTIONS.iterations):
            pulse()
            steps, change, imaginary = self._step(left, pairs)
            states = [known + step for known, step in zip(states, steps, strict=True)]
            gap = gap + change
            found = Tangent(states, gap, Status.CONVERGED)
            if not np.isfinite(found.size) or exhausted():
                break
            moved = _relative(Tangent(steps, change, Status.CONVERGED), found)
            if moved < OPTIONS.accuracy or OPTIONS.shrinking * last < moved < OPTIONS.rounding:
                turning = imaginary > OPTIONS.real * max(largest(self._pairs), found.size)
                return Tangent(states, gap, Status.CONVERGED, turning)
            last = moved
            left, pairs = self._residuals(found)
        status = Status.TOO_MUCH_WORK if exhausted() else Status.NOT_CONVERGED
        return Tangent(states, gap, status)

    def _step(self, left: list[Complex], pairs: Complex) -> tuple[list[Complex], Complex, float]:
        """Steps of states and gap for what is left of both equations, and the imaginary part of the gap equation's."""
        problem, linear = self._state.problem, self._gap_linear
        rows = parallel(lambda k: chord_step(self._linear.factors[k], [left[k]]), range(len(left)))
        alone = [problem.by_site(x[:, :, 0]) for x in rows]
        if linear is None:
            return alone, np.zeros_like(self._state.gap), 0.0
        answers = [linear.equation.response(p, x)[1][:, 0] for p, x in zip(self._state.packs, rows, strict=True)]
        imbalance = pairs + np.sum(answers, axis=0)
        change, columns = linear.gap_step(linear.basis.collect(imbalance))
        moved = parallel(lambda k: linear.response(k, columns[:, None])[:, :, 0], range(len(left)))
        imaginary = 0.0 if linear.basis.parts == 2 else largest(linear.basis.collect(-1j * imbalance))
        return [one + more for one, more in zip(alone, moved, strict=True)], linear.basis.expand(change), imaginary

    def _residuals(self, found: Tangent) -> tuple[list[Complex], Complex]:
        """What a tangent leaves of both equations."""
        state, problem = self._state, self._state.problem
        here, tilt = problem.sites(state.gap), found.size or 1.0
        there = problem.sites(state.gap + found.gap / tilt)

        def one(k: int) -> Complex:
            pack, left = state.packs[k], self._sources[k] + _rate(problem, state.packs[k], here, found.states[k])
            if self._gap_linear is None:
                return left
            # the residual is linear in the gap
            return left + tilt * (problem.residual(pack, there) - problem.residual(pack, here))

        left = parallel(one, range(len(self._sources)))
        if self._gap_linear is None:
            return left, self._pairs
        equation = self._gap_linear.equation
        return left, self._pairs + pair_change(self._state, equation, found) - equation.coupling * found.gap


def _rate(problem: Problem, pack: Pack, sites: Sites, change: Complex) -> Complex:
    """Derivative of the residual along a change of the states, with a step for each energy: some states are small."""
    step = STEP / np.maximum(np.max(np.abs(change), axis=(0, 1)), TINY)
    values = (problem.residual(pack.at(pack.state + shift * step * change), sites) for shift, _ in CENTRAL)
    parts = [weight * value for (_, weight), value in zip(CENTRAL, values, strict=True)]
    return np.asarray(np.sum(parts, axis=0) / step)


def _relative(step: Tangent, whole: Tangent) -> float:
    """Size of a step: of the states relative to the largest change at each energy, of the gap to that of all."""
    sizes = [largest(step.gap) / (whole.size or 1.0)]
    for part, known in zip(step.states, whole.states, strict=True):
        moved, size = (np.max(np.abs(each), axis=(0, 1)) for each in (part, known))
        sizes.append(float(np.max(moved / np.maximum(size, OPTIONS.accuracy * (whole.size or 1.0)))))
    return max(sizes)
