"""How an unknown gap answers when a voltage changes, and what currents make of that.

    F(Δ, V) = G[Δ] + G_δh[Δ, V] - KΔ = 0,   -(∂F/∂Δ) Δ' = ∂G_δh/∂V,   I' = ∂I/∂V + (∂I/∂Δ) Δ'

∂/∂V is the kinetic equation of ∂h/∂V. ∂/∂Δ is needed along a few directions only, those of GMRES with A⁻¹ of the
reference equilibrium as preconditioner: central differences of states at Δ ± ηv, on the contour and at real energies,
where the integration is adaptive for the difference itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.gap_basis import GapBasis
from usadel.gap.equation import GapEquation
from usadel.gap.linearization import GapLinearization
from usadel.gap.newton_schur import solve_gap
from usadel.gap.state import GapSolution
from usadel.kinetics.driven_gap import pairs
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.grid_error import GAIN, cross_sections
from usadel.observables.columns import CURRENT
from usadel.observables.profiles import Candidate, measure
from usadel.progress import tell
from usadel.solvers.quadrature import integrate
from usadel.solvers.status import Status
from usadel.states.newton import solve_states
from usadel.states.problem import Array
from usadel.states.transfer import carry


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    step: float = 3e-4  # Δ0, η of the central differences
    states: float = 1e-11  # accuracy of their states
    reduction: float = 1e-6  # of the residual, by GMRES
    iterations: int = 60


OPTIONS = Options()


@dataclass(frozen=True)
class Change:
    """Derivatives along a direction of the gap: pair amplitude G + G_δh (sites), currents (sites, 8), error."""

    pairs: Complex
    current: Array
    error: float
    status: Status


class Tangent:
    """Derivatives with respect to the gap on the grids of a kinetic equation.

    solution : of the gap equation, perhaps on other grids, whose contour and states are used.
    """

    def __init__(self, solution: GapSolution, kinetics: Kinetics, basis: GapBasis):
        self.problem, self.kinetics, self.basis = kinetics.problem, kinetics, basis
        self.contour = solution.contour
        self.equation = GapEquation(self.problem, self.contour, basis)
        states = [carry(solution.problem, self.problem, pack.state) for pack in solution.packs]
        self._packs = self.problem.packs(self.contour.energies, kinetics.gap, states=states)

    def along(self, direction: Complex, step: float = OPTIONS.step) -> Change:
        """Derivatives along a direction (sites), of any length."""
        unit = float(np.max(np.abs(direction)))
        move = direction * step / unit
        gaps = [self.kinetics.gap + move, self.kinetics.gap - move]
        ahead, behind = (self.kinetics.at(gap, 100 * OPTIONS.states) for gap in gaps)
        contour = [self._on_contour(gap) for gap in gaps]

        def difference(energies: Array) -> Array:
            return (ahead.added_densities(energies) - behind.added_densities(energies)) / (2 * step)

        edges = np.unique(self.kinetics.integral.panels)
        added = integrate(difference, edges, self.kinetics.tolerance)
        found = [(a - b) / (2 * step) for a, b in zip(*(c[:2] for c in contour), strict=True)]
        scale = cross_sections(self.problem)[:, None]
        current = found[1] + scale * added.value[:, CURRENT]
        status = max(int(s) for s in (ahead.status, behind.status, *(c[2] for c in contour)))
        return Change(unit * (found[0] + pairs(added.value)), unit * current, unit * added.error, Status(status))

    def imbalance(self, direction: Complex, change: Change) -> Complex:
        """-(∂F/∂Δ) along a direction, (sites)."""
        return self.equation.coupling * direction - change.pairs

    def _on_contour(self, gap: Complex) -> tuple[Complex, Array, Status]:
        """G (sites), currents (sites, 8) and status at a gap."""
        found = solve_states(self.problem, self._packs, gap, OPTIONS.states)
        variant = Candidate([pack.state for pack in found.packs], gap)
        current = measure(self.problem, self.contour, found.packs, [variant])[0].current
        return self.equation.value(found.packs), current, found.status


@dataclass(frozen=True)
class Answer:
    """Change of the gap (sites) by a source, of currents (sites, 8) by that, their error, status of the states."""

    gap: Complex
    current: Array
    error: float
    status: Status


class GapResponse:
    """The linear response of the gap of a solved device.

    reference : the equilibrium that it was found from, whose A preconditions.
    """

    def __init__(self, solution: GapSolution, reference: GapSolution, kinetics: Kinetics):
        self.solution, self.linearization = solution, _with_complex_gap(solution, reference, kinetics)
        self.basis = self.linearization.basis
        self.tangent = Tangent(solution, kinetics, self.basis)

    def supply(self, source: Complex) -> float:
        """What a source (sites) supplies to a condensate whose phase nothing holds; 0 if something does."""
        if self.linearization.turn is None:
            return 0.0
        return float(self.linearization.turn[0] @ self.basis.restrict(self.basis.collect(source)))

    def to(self, source: Complex) -> Answer:
        """Solve for Δ' of a source ∂G_δh/∂V (sites)."""
        from scipy.sparse.linalg import LinearOperator, gmres  # here: it takes a while to import, and few need it

        statuses: list[Status] = []

        def operator(unknowns: Array) -> Array:
            direction = self.basis.expand(unknowns)
            tell("gap response", len(statuses))
            change = self.tangent.along(direction)
            statuses.append(change.status)
            return self._preconditioned(self.tangent.imbalance(direction, change))

        right = self._preconditioned(source)
        if not np.any(right):
            return Answer(0 * source, np.zeros((source.size, CURRENT.stop)), 0.0, Status.CONVERGED)
        size = right.size
        matrix = LinearOperator((size, size), operator, dtype=float)
        found, failed = gmres(matrix, right, rtol=OPTIONS.reduction, restart=OPTIONS.iterations, maxiter=1)
        gap = self.basis.expand(found)
        change, rough = self.tangent.along(gap), self.tangent.along(gap, 2 * OPTIONS.step)
        error = change.error + float(np.max(np.abs(change.current - rough.current)))
        error += self._effect(source - self.tangent.imbalance(gap, rough))
        status = max([*statuses, change.status, rough.status])
        return Answer(gap, change.current, error, Status.NOT_CONVERGED if failed else Status(status))

    def grid_error(self, answer: Answer, source: Complex, rough: Kinetics, rough_source: Complex) -> float:
        """Expected error by the grid, from the kinetic equation on coarser ones and the source (sites) there."""
        fine, coarse = self.tangent.problem, rough.problem
        other = Tangent(self.solution, rough, GapBasis(coarse.layout, self.basis.layers, 2))
        gap = carry(fine, coarse, answer.gap)
        there = other.along(gap)
        here = self.tangent.imbalance(answer.gap, self.tangent.along(answer.gap)) - source
        left = carry(coarse, fine, other.imbalance(gap, there) - rough_source) - here
        ends = [t.end for t in fine.network.terminations]
        here_sites, there_sites = ([problem.layout.site(end) for end in ends] for problem in (fine, coarse))
        change = float(np.max(np.abs(answer.current[here_sites] - there.current[there_sites])))
        return GAIN * (change + self._effect(left))

    def _effect(self, left: Complex) -> float:
        """Change of currents by what is left of the equation of Δ' (sites)."""
        step = self.basis.expand(self._preconditioned(left))
        return float(np.max(np.abs(self.tangent.along(step).current))) if np.any(step) else 0.0

    def _preconditioned(self, source: Complex) -> Array:
        return self.linearization.gap_step(self.basis.collect(source))[0]


def _with_complex_gap(solution: GapSolution, reference: GapSolution, kinetics: Kinetics) -> GapLinearization:
    """A of a complex gap: a voltage turns phases even where the gap is real."""
    found = solution
    if solution.linearization.basis.parts == 1:
        layout, layers = solution.problem.layout, solution.linearization.basis.layers
        found = solve_gap(reference.state, GapBasis(layout, layers, 2), kinetics.tolerance)
    return found.linearization.leaving_phase(solution.gap)
