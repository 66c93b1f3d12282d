"""Work of the gap equation on the way from the normal state, Δ = 0, to a superconducting one, in N0Δ0²ξA:

    W[Δ] = ∫₀¹ dt ∫dx (N0A) Re Δ*(K tΔ - G[tΔ]).

In equilibrium the mismatch is the derivative of the free energy by the gap, and W is F[Δ] - F[0], which
`thermodynamics.free_energy` gives without further solves. Elsewhere it depends on the way that is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.energies.rules import gauss_panels
from usadel.gap.equation import GapEquation
from usadel.gap.state import GapState
from usadel.progress import counted
from usadel.states.newton import solve_states
from usadel.work import exhausted


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    solved: float = 0.1  # change, relative to the accuracy asked for, at which states are solved
    sign: float = 0.02  # relative change that is enough far from zero, where but the sign matters
    first_points: int = 8
    doublings: int = 5


OPTIONS = Options()


def condensation_energy(state: GapState, accuracy: float = 1e-6) -> float:
    """W of a state, see above; in equilibrium F[Δ] - F[0]. NaN where it cannot be told.

    accuracy : change (N0Δ0² per ξA of superconductor) by twice as many points, ten times the error.
    """
    work = _Work(state)

    def integral(points: int) -> float:
        panels = zip(*gauss_panels(np.array([0.0, 1.0]), points), strict=True)
        return float(sum(part * work.at(t, OPTIONS.solved * accuracy) for t, part in counted("free energy", panels)))

    value, points = integral(OPTIONS.first_points), OPTIONS.first_points
    for _ in range(OPTIONS.doublings):
        points *= 2
        value, last = integral(points), value
        if exhausted():
            break
        if abs(value - last) < max(accuracy * work.extent, OPTIONS.sign * abs(value)):
            return value
    return np.nan


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
