"""Free energy of a superconducting state against the normal one, from the gap equation alone.

Its mismatch is the derivative of the free energy by the gap (physics: stationary in ĝ and Δ). In units of N0Δ0²ξA,

    F[Δ] - F[0] = ∫₀¹ dt ∫dx (N0A) Re Δ*(K tΔ - G[tΔ]).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.description.device.resolved import Network
from usadel.discretization.energies import gauss_panels
from usadel.gap.equation import GapEquation
from usadel.gap.state import GapState
from usadel.progress import counted
from usadel.states.newton import solve_states


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    # change of a free energy (N0Δ0² per ξA of superconductor) by twice as many points; ten times its error
    energy: float = 1e-6
    sign: float = 0.02  # relative change that is enough far from zero, where but the sign matters
    first_points: int = 8
    doublings: int = 5


OPTIONS = Options()


def condensation_energy(state: GapState) -> float:
    """F[Δ] - F[0] of a state, see above; negative where superconductivity is favoured."""
    problem, contour, basis = state.problem, state.contour, state.basis()
    equation = GapEquation(problem, contour, basis)
    weight = np.zeros(problem.layout.sites)
    for piece in basis.pieces:
        grid, layer = problem.grids[piece.layer], problem.network.layers[piece.layer]
        density = layer.conductivity / layer.diffusion * layer.area
        weight[piece.sites] = density * grid.stretch * _quadrature(grid.size)
    zero = np.zeros_like(state.gap)

    def integral(points: int) -> float:
        packs, total = problem.packs(contour.energies, zero), 0.0
        for t, part in counted("free energy", zip(*gauss_panels(np.array([0.0, 1.0]), points), strict=True)):
            gap = t * state.gap
            packs = solve_states(problem, packs, gap, 0.1 * OPTIONS.energy).packs  # from those of the previous t
            mismatch = equation.coupling * gap - equation.value(packs)
            total += part * float(np.sum(weight * (state.gap.conj() * mismatch).real))
        return total

    value, points = integral(OPTIONS.first_points), OPTIONS.first_points
    for _ in range(OPTIONS.doublings):
        points *= 2
        value, last = integral(points), value
        if abs(value - last) < max(OPTIONS.energy * float(np.sum(weight)), OPTIONS.sign * abs(value)):
            return value
    return np.nan


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
