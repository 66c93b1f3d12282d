"""A gap that is solved for together with the distribution functions around it.

    K Δ = G[Δ] + G_δh[Δ]

G is the sum over Matsubara points with tanh(E/2T_ref), G_δh the integral over real energies of the pair amplitudes that
δh adds. The iteration steps by A⁻¹ of the mismatch, A = K - ∂G/∂Δ of the reference equilibrium, which is positive
there whatever the present gap; Anderson's method learns what ∂G_δh/∂Δ adds. Where a solution has just vanished in a
fold, it does not come on: then the steps alone, which relax towards a stable solution, lead away to another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.discretization.gap_basis import GapBasis
from usadel.gap.newton_schur import solve_gap
from usadel.gap.state import GapSolution, Outcome, Solution
from usadel.kinetics.equation import Kinetics
from usadel.observables import columns
from usadel.progress import tell
from usadel.solvers.anderson import Anderson
from usadel.solvers.status import Status
from usadel.states.newton import solve_states
from usadel.states.problem import Array
from usadel.work import exhausted


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    iterations: int = 150
    states: float = 0.01  # of the tolerance, for states on the contour
    goal: float = 0.1  # of the tolerance: expected distance to the solution at which the iteration ends
    accuracy: float = 0.05  # error of the energy integrals, of the last step
    fresh: float = 0.1  # reduction of the step after which the panels are chosen anew
    largest_step: float = 0.3  # Δ0
    diverged: float = 5.0  # growth of the smallest step after which the acceleration pauses ...
    # ... as it does after as many steps without a smaller one: there may be no solution here any more
    patience: int = 8
    resumed: float = 0.3  # reduction of the step after which it goes on
    # tolerances, and of the largest bulk gap at T = 0: a gap below both is looked at as zero
    vanished: tuple[float, ...] = (30.0, 0.01)
    seed: float = 1e-3  # of the latter, the gap that tells whether the normal state is stable
    seed_size: float = 0.1  # of it: change of the gap that is looked for
    escape: float = 0.3  # of the largest bulk gap, from where an unstable normal state is left
    # error of the integrals that tell whether the gap is complex: what vanishes, vanishes at every energy
    rough: float = 1e-3
    real: float = 0.1  # tolerances: imaginary part of the gap equation at a real gap, above which the gap is complex


OPTIONS = Options()


@dataclass
class DrivenGap:
    """A solution of the gap equation with solved distributions.

    Attributes
    ----------
    solution : states and gap, its equation with G_δh as source, A of the equilibrium; kinetics : at that gap.
    distance : expected to the solution (Δ0).
    rotation : net supply of charge to condensates that no reservoir fixes, per ∫|Δ|²; 0 if the state is stationary.
    """

    solution: GapSolution
    kinetics: Kinetics
    status: Status
    distance: float = 0.0
    rotation: float = 0.0
    anderson: Anderson | None = None

    def response(self, source: Complex) -> Complex:
        """Change of the gap (sites) by a small change of the source (sites)."""
        linearization = self.solution.linearization
        if self.anderson is None:
            return np.zeros_like(self.solution.gap)
        change, _ = linearization.gap_step(linearization.basis.collect(source))
        return linearization.basis.expand(self.anderson.step(change))

    @property
    def amplification(self) -> float:
        """How much more the gap responds to a change than in the reference equilibrium, at least 1."""
        basis, gap = self.solution.linearization.basis, self.solution.gap
        if self.anderson is None or not np.any(gap):
            return 1.0
        unknowns = basis.collect(gap)
        return max(1.0, float(np.max(np.abs(self.anderson.step(unknowns))) / np.max(np.abs(unknowns))))


class DrivenGapIteration:
    """The iteration on given grids; see the module."""

    def __init__(self, network: Network, solution: GapSolution, first: Complex, tolerance: float):
        self.problem, self.tolerance = solution.problem, tolerance
        self.largest = network.highest_critical_temperature
        self.basis: GapBasis = solution.linearization.basis
        self.linearization = solution.linearization.leaving_phase(solution.gap)
        self.state, self.residual = solution.state, solution.outcome.residual
        self.fixed = np.where(self.basis.first_column < 0, solution.gap, 0)
        self.unknowns = self.basis.collect(first)
        self.kinetics = Kinetics(network, self.problem, first, tolerance)
        self.anderson = Anderson()
        self.panels: Array | None = None
        self.size = np.inf

    def evaluate(self, fresh: bool) -> Array:
        """The step f = A⁻¹(G + G_δh - KΔ) at the present gap; integrals on new panels if `fresh`."""
        gap = self.basis.expand(self.unknowns) + self.fixed
        accuracy = float(np.clip(OPTIONS.accuracy * self.size, OPTIONS.goal * self.tolerance, 1e-3))
        self.kinetics = self.kinetics.at(gap, accuracy)
        if fresh or self.panels is None:
            added = self.kinetics.integral.value
            self.panels = self.kinetics.integral.panels
        else:
            added = self.kinetics.on_panels(self.panels)
        found = solve_states(self.problem, self.state.packs, gap, OPTIONS.states * self.tolerance)
        self.status = Status(max(int(found.status), int(self.kinetics.status)))
        self.state = replace(self.state, packs=found.packs, gap=gap)
        equation = self.linearization.equation.with_source(pairs(added))
        self.linearization = replace(
            self.linearization,
            packs=found.packs,
            factors=found.factors,
            equation=equation,
            kept=[],
        )
        self.mismatch = equation.mismatch(equation.value(found.packs), gap)
        return self.linearization.gap_step(self.mismatch)[0]

    def move(self, step: Array) -> None:
        """Change the gap by at most `Options.largest_step`."""
        largest = float(np.max(np.abs(self.basis.expand(step)), initial=0.0))
        self.unknowns = self.unknowns + step * min(1.0, OPTIONS.largest_step / max(largest, 1e-300))

    def run(self, was_normal: bool) -> DrivenGap:
        """Iterate until the expected distance to the solution is below `Options.goal`; a stable Δ = 0 is kept."""
        if was_normal and self._normal_state_is_stable(False):
            self._solve_normal_state()
            return self._found(self.status, 0.0)
        adapted = smallest = distance = np.inf
        best, fresh, escaped, plain, waited = self.unknowns, True, False, False, 0
        for number in range(OPTIONS.iterations):
            f = self.evaluate(fresh)
            if exhausted():
                self.status = Status.TOO_MUCH_WORK
            if self.status != Status.CONVERGED or not np.all(np.isfinite(f)):
                break
            self.size = float(np.max(np.abs(f), initial=0.0))
            tell("driven gap", number + 1, text=f"change {self.size:.1e}")
            adapted = self.size if fresh else adapted
            self.anderson.add(self.unknowns, f)
            step = f if plain else self.anderson.step(f)
            distance = max(self.size, float(np.max(np.abs(step), initial=0.0)))
            if distance < OPTIONS.goal * self.tolerance and fresh and self._exact() and not plain:
                return self._found(Status.CONVERGED, distance)
            if self._vanished():
                if self._normal_state_is_stable(escaped):
                    self._solve_normal_state()
                    return self._found(self.status, 0.0)
                escaped = fresh = True
                continue
            waited += 1
            if self.size < max((OPTIONS.resumed if plain else 1.0) * smallest, OPTIONS.goal * self.tolerance * plain):
                smallest, best, plain, waited = self.size, self.unknowns, False, 0
            if not plain and (
                waited > OPTIONS.patience or self.size > OPTIONS.diverged * smallest + 10 * self.tolerance
            ):
                self.anderson.forget()
                self.unknowns, plain, fresh = best, True, True
                continue
            fresh = (not fresh and self.size < OPTIONS.fresh * adapted) or distance < OPTIONS.goal * self.tolerance
            if distance >= OPTIONS.goal * self.tolerance:
                self.move(step)
        status = self.status if self.status != Status.CONVERGED else Status.NOT_CONVERGED
        return self._found(status, distance)

    def _exact(self) -> bool:
        """Whether the integrals were done to their final accuracy."""
        return self.kinetics.tolerance <= OPTIONS.goal * self.tolerance * (1 + 1e-9)

    def _vanished(self) -> bool:
        limit = min(OPTIONS.vanished[0] * self.tolerance, OPTIONS.vanished[1] * self.largest)
        gap = self.basis.expand(self.unknowns)
        small = float(np.max(np.abs(gap + self.fixed), initial=0.0)) < limit
        return small and bool(np.any(gap)) and not np.any(self.fixed)

    def _normal_state_is_stable(self, give_up: bool) -> bool:
        """Whether a small gap shrinks; then it is set to zero, else the iteration leaves from a larger one."""
        shape = self.unknowns / np.max(np.abs(self.unknowns))
        seed = OPTIONS.seed * self.largest
        self.unknowns, self.size = seed * shape, OPTIONS.seed_size * seed
        self.evaluate(True)
        stable = float(self.unknowns @ self.mismatch) < 0 or give_up
        self.anderson.forget()
        self.unknowns = (0.0 if stable else OPTIONS.escape * self.largest) * shape
        return stable

    def _solve_normal_state(self) -> None:
        """Evaluate at a vanishing gap, with states that are zero, too."""
        self.size = OPTIONS.goal * self.tolerance
        normal = np.zeros_like(self.state.gap)
        self.state = replace(self.state, packs=self.problem.packs(self.state.contour.energies, normal))
        self.evaluate(True)

    def _found(self, status: Status, distance: float) -> DrivenGap:
        outcome = Outcome(status, self.residual, max(distance, OPTIONS.goal * self.tolerance))
        solution = Solution(self.state, self.linearization, outcome)
        rotation = self._rotation()
        if status == Status.CONVERGED and abs(rotation) > self.tolerance:
            status = Status.ROTATING
        learnt = self.anderson if np.any(self.basis.expand(self.unknowns)) else None
        return DrivenGap(solution, self.kinetics, status, distance, rotation, learnt)

    def _rotation(self) -> float:
        """∫Im Δ*(G - KΔ)/∫|Δ|²: zero where some reservoir fixes the phase, or none is needed."""
        problem, gap = self.problem, self.state.gap
        if self.linearization.turn is None or not np.any(gap):
            return 0.0
        weight = np.concatenate([
            np.gradient(g.x) * k.area * k.conductivity / k.diffusion
            for g, k in zip(problem.grids, problem.network.layers, strict=True)
        ])  # fmt: skip
        imbalance = self.basis.expand(self.mismatch)
        return float(weight @ (gap.conj() * imbalance).imag / (weight @ np.abs(gap) ** 2))


def drive(network: Network, solution: GapSolution, first: Complex | None, tolerance: float) -> DrivenGap:
    """Bring the gap of a solved reference equilibrium to what the solved distributions make of it.

    Parameters
    ----------
    solution : of the equilibrium.
    first : (sites), gap to start from; None: that of the equilibrium. From zero, a stable normal state is found.
    """
    if not np.any(solution.gap):
        kinetics = Kinetics(network, solution.problem, solution.gap, 2 * OPTIONS.goal * tolerance)
        return DrivenGap(solution, kinetics, kinetics.status)
    was_normal = first is not None and not np.any(first)
    start = solution.gap if first is None or was_normal else first
    return DrivenGapIteration(network, solution, start, tolerance).run(was_normal)


def pairs(added: Array) -> Complex:
    """Singlet pair amplitude (sites) among densities (sites, numbers)."""
    return columns.singlet(added)


def with_phases(network: Network, solution: GapSolution, tolerance: float) -> GapSolution:
    """The equilibrium with a complex gap where solved distributions turn the phase of a real one, else as it is."""
    basis, problem = solution.linearization.basis, solution.problem
    if basis.parts == 2 or not np.any(solution.gap):
        return solution
    rough = Kinetics(network, problem, solution.gap, OPTIONS.rough)
    if float(np.max(np.abs(pairs(rough.integral.value).imag))) < OPTIONS.real * tolerance:
        return solution
    return solve_gap(solution.state, GapBasis(problem.layout, basis.layers, 2), tolerance)
