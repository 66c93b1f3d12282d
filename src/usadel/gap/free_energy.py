"""Free energy of a superconducting state against the normal one, from the gap equation alone.

Its mismatch is the derivative of the free energy by the gap (physics: stationary in ĝ and Δ). In units of N0Δ0²ξA,

    F[Δ] - F[0] = ∫₀¹ dt ∫dx (N0A) Re Δ*(K tΔ - G[tΔ]).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.energies.rules import gauss_panels
from usadel.gap.equation import GapEquation
from usadel.gap.state import GapState
from usadel.progress import counted
from usadel.states.newton import solve_states
from usadel.states.parallel import parallel
from usadel.states.problem import Pack


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    # change of a free energy (N0Δ0² per ξA of superconductor) by twice as many points; ten times its error
    energy: float = 1e-6
    sign: float = 0.02  # relative change that is enough far from zero, where but the sign matters
    first_points: int = 8
    doublings: int = 5
    few: tuple[int, ...] = (2, 4, 8)  # points of rules that tell the sign alone, as long as they disagree ...
    sure: float = 0.5  # ... by more than this relatively
    small: float = 1e-6  # share of a gap, to which states respond linearly
    rough: float = 1e-3  # change at which the states of these points are solved


OPTIONS = Options()


def condensation_energy(state: GapState) -> float:
    """F[Δ] - F[0] of a state, see above; negative where superconductivity is favoured."""
    work = _Work(state)

    def integral(points: int) -> float:
        panels = zip(*gauss_panels(np.array([0.0, 1.0]), points), strict=True)
        return float(sum(part * work.at(t, 0.1 * OPTIONS.energy) for t, part in counted("free energy", panels)))

    value, points = integral(OPTIONS.first_points), OPTIONS.first_points
    for _ in range(OPTIONS.doublings):
        points *= 2
        value, last = integral(points), value
        if abs(value - last) < max(OPTIONS.energy * work.extent, OPTIONS.sign * abs(value)):
            return value
    return np.nan


def normal_state_is_lower(state: GapState) -> bool | None:
    """Whether F[Δ] - F[0] of a solution is positive; None if it is too near to zero to tell.

    It is negative where a share of the gap grows, as then no barrier lies between Δ = 0 and the solution. Elsewhere a
    few points tell: the integrand is t p(t²), and p vanishes at the solution, t = 1, which is one point of a
    Gauss-Radau rule in t². A rule of more points tells the error.
    """
    work = _Work(state)
    if work.curvature() < 0:
        return False
    first, *more = OPTIONS.few
    value = work.integral(first)
    for points in more:
        value, last = work.integral(points), value
        if abs(value - last) < OPTIONS.sure * abs(value):
            return value > 0
    return None


@cache
def _radau(points: int) -> list[tuple[float, float]]:
    """Roots and weights in (0, 1), in √s, of the Gauss-Radau rule for ∫₀¹ds with one more point at s = 1."""
    from scipy.special import roots_jacobi

    x, weight = roots_jacobi(points, 1.0, 0.0)
    s = 0.5 * (x + 1)
    return [(float(np.sqrt(a)), float(w)) for a, w in zip(s, 0.25 * weight / (1 - s), strict=True)]


class _Work:
    """∫dx (N0A) Re Δ*(K tΔ - G[tΔ]) of a state's gap, at one share t of it after the other.

    Attributes
    ----------
    extent : ∫dx N0A of the superconductors.
    """

    def __init__(self, state: GapState) -> None:
        self._state, basis = state, state.basis()
        self._equation = GapEquation(state.problem, state.contour, basis)
        self._weight = np.zeros(state.problem.layout.sites)
        for piece in basis.pieces:
            grid, layer = state.problem.grids[piece.layer], state.problem.network.layers[piece.layer]
            density = layer.conductivity / layer.diffusion * layer.area
            self._weight[piece.sites] = density * grid.stretch * _quadrature(grid.size)
        self.extent = float(np.sum(self._weight))
        self._packs = state.packs

    def integral(self, points: int) -> float:
        """∫₀¹dt by so many points and the solution."""
        return sum(0.5 * weight / t * self.at(t, OPTIONS.rough) for t, weight in _radau(points))

    def curvature(self) -> float:
        """Of the work per share, at Δ = 0: by the states' linear response, one step of Newton's method."""
        problem, zero = self._state.problem, np.zeros_like(self._state.gap)
        sites = problem.sites(OPTIONS.small * self._state.gap)

        def response(pack: Pack) -> Complex:
            step = problem.linear_step(pack, sites, [problem.residual(pack, sites)])[0]
            return self._equation.response(pack, step)[1][:, 0] / OPTIONS.small

        packs = problem.packs(self._state.contour.energies, zero, states=[np.zeros_like(p.state) for p in self._packs])
        return self._along(self._equation.coupling * self._state.gap - np.sum(parallel(response, packs), axis=0))

    def at(self, share: float, accuracy: float) -> float:
        """At a share of the gap; states are solved from those of the last one."""
        gap = share * self._state.gap
        self._packs = solve_states(self._state.problem, self._packs, gap, accuracy).packs
        return self._along(self._equation.coupling * gap - self._equation.value(self._packs))

    def _along(self, mismatch: Complex) -> float:
        return float(np.sum(self._weight * (self._state.gap.conj() * mismatch).real))


def _quadrature(nodes: int) -> np.ndarray:
    """Weights of ∫₀¹ds on a uniform grid with an odd number of nodes, exact for polynomials of third degree."""
    weights = np.full(nodes, 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    return weights / (3 * (nodes - 1))


def in_equilibrium(network: Network) -> bool:
    """Whether all distributions are those of one temperature without voltages, so that a free energy exists."""
    reservoirs = [t.reservoir for t in network.terminations if t.reservoir is not None]
    temperatures = {part.temperature for part in (*network.layers, *reservoirs)}
    driven = any(k.voltage or k.spin_voltage or k.spin_temperature for k in network.layers)
    return len(temperatures) == 1 and not driven
