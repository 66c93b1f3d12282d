"""Free energy of a state against the normal one in the same fields, in equilibrium.

    F = Σ_layers ∫dx {(σA/D) ½|Δ|² K + (1/16) Σₙ 2πT (σA/D) Re Tr[D(∂̃ĝ)² - 4Ŝ₀ĝ - 2Ŝ₁[ĝ]ĝ]} + (1/16) Σₙ 2πT Re B

at E = iωₙ, n ≥ 0, less the same of ĝ = τ̂3, in N0Δ0²ξA (N0 of both spins). Ŝ is that of D∂̃(ĝ∂̃ĝ) = [Ŝ, ĝ], Ŝ₀ the part
that does not contain ĝ, Ŝ₁ what is linear in it; in half-metals D is ½D(1 + Pm·σ̂). K is the inverse coupling of the gap
equation, its sum over the same frequencies; B is that of the interfaces, see `interface_energy`. F is stationary in ĝ
and Δ. (Diffusive limit of Virtanen, Vargunin, Silaev, Phys. Rev. B 101, 094507; its derivatives by fields, angles of
magnets, phases and the temperature are compared in tests/limits/test_free_energy.py.)

All is written in δ = ĝ - τ̂3, made from γ without cancellation: single parts reach 1e7 Δ0 times 1e-7.

A spin voltage along an axis u along which spin is conserved is the chemical potential of that spin: the state is one of
equilibrium, with ½(1 + sτ̂3u·σ̂)ĝ at -sVs + iωₙ in place of ĝ(iωₙ).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.algebra.modes import SPIN
from usadel.algebra.nambu import SIGMA, Complex
from usadel.energies.contour import Contour, Share
from usadel.equations.gap import inverse_coupling
from usadel.equations.spectral import scheme as spectral
from usadel.equations.spectral.scheme import elements
from usadel.observables.profiles import Candidate
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Pack, Problem
from usadel.thermodynamics.interface_energy import interface_energy
from usadel.thermodynamics.layer_energy import VARIANTS, layer_energy


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    safety: float = 3.0  # of what lower order and varied weights change, as of other results


OPTIONS = Options()


@dataclass(frozen=True)
class FreeEnergy:
    """F of a state, and its estimated error."""

    value: float
    error: float


def free_energy(
    problem: Problem, contour: Contour, packs: list[Pack], state: Candidate, accumulation: Array, distance: float
) -> FreeEnergy:
    """F of states and gap at all energies.

    Parameters
    ----------
    accumulation : (sites, numbers), of the same state: fields that follow the spins have an energy, too.
    distance : error of gap and accumulations. F is stationary and feels its square; but its sum over energy is that of
        another function, as good as other sums relative to the single energies N0|Δ|², which largely cancel in F.

    The rest of the error is what stencils of lower order and varied weights of the energies change.
    """
    numbers = problem.sites(state.gap), problem.embedded_sites(state.gap)
    contours = contour, contour.varied()
    weights = np.array([_weights(each.gap[0], each.energies.size) for each in contours])

    def part(number: int) -> tuple[Array, Array]:
        """Of a pack, for each of `VARIANTS`: densities (sites) in the layers, and what ends and interfaces add."""
        pack, solved = packs[number], state.states[number]
        shares = pack.padded(weights)
        slopes = [problem.full(spectral.slopes(solved, pack.energy, sites, problem.offset)) for sites in numbers]
        solved = problem.full(solved)
        at_interfaces = [interface_energy(problem, pack, solved, share) for share in shares]
        inside, ends = layer_energy(problem, state.gap, pack.energy, solved, slopes, shares)
        return inside, ends + np.array([at_interfaces[weight] for _, weight in VARIANTS])

    parts = parallel(part, range(len(packs)))
    inside, beside = (sum(found) / 16 for found in zip(*parts, strict=True))
    local = [_local(problem, each, state.gap, accumulation) for each in contours]
    element, coarser = (elements(sites) * problem.cross_section for sites in numbers)
    value, other, varied = (
        float(elements @ (coupling + layers) + interfaces)
        for elements, coupling, layers, interfaces in (
            (element, local[0], inside[0], beside[0]),
            (coarser, local[0], inside[1], beside[1]),
            (element, local[1], inside[2], beside[2]),
        )
    )
    states = element / problem.system.diffusion
    felt = float(np.sum(states)) * distance + float(states @ np.abs(state.gap) ** 2)
    error = OPTIONS.safety * (abs(other - value) + abs(varied - value)) + felt * distance
    return FreeEnergy(value, error)


def _local(problem: Problem, contour: Contour, gap: Complex, accumulation: Array) -> Array:
    """Energy (sites) per σA of the gap, ½|Δ|²K/D, and of a field h = h₀ + Z∫q that follows the spins, (h - h₀)²/2ZD."""
    density = np.zeros(gap.size)
    for k, layer in enumerate(problem.network.layers):
        at = problem.layout.slice(k)
        if layer.pairing is not None:
            density[at] = inverse_coupling(contour.gap[k], layer) * np.abs(gap[at]) ** 2
        density[at] += layer.zeeman * np.sum(accumulation[at, SPIN] ** 2, axis=1)
    return np.asarray(0.5 * density / problem.system.diffusion)


def _weights(shares: list[Share], count: int) -> Complex:
    """Weights (2, 2, 2, points) of the blocks 11 and 22 of X in Σ_s Σₙ 2πT Re Tr ½(1 + sτ̂3u·σ̂)X(-sVs + iωₙ).

    At mirrored points Re Tr P_s X(-ε*) = Re Tr P_{-s} X(ε).
    """
    out = np.zeros((2, 2, 2, count), complex)
    for share in shares:
        spin = (2 * share.projector - SIGMA[0]) * (-1 if share.mirrored else 1)
        for block, projector in enumerate((SIGMA[0] + spin, SIGMA[0] - spin.conj())):
            out[block][:, :, share.points] += 0.5 * projector[..., None] * share.weight
    return out
