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
from usadel.equations.spectral.numbers import spin_weight
from usadel.equations.spectral.scheme import Sites
from usadel.observables.profiles import Candidate
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Pack, Problem
from usadel.thermodynamics.interface_energy import interface_energy

Blocks = tuple[Complex, Complex, Complex, Complex]
"""Blocks 11, 12, 21, 22 of a Nambu matrix, each (2, 2, sites, L)."""


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
        pack, solved = packs[number], state.states[number]
        shares = pack.padded(weights)
        slopes = [spectral.slopes(solved, pack.energy, sites, problem.offset) for sites in numbers]
        at_interfaces = [interface_energy(problem, pack, solved, share) for share in shares]
        return _layers(problem, numbers[0], pack.energy, solved, slopes, shares), np.array(at_interfaces)

    parts = parallel(part, range(len(packs)))
    inside, at_interfaces = (sum(found) / 16 for found in zip(*parts, strict=True))
    local = [_local(problem, each, state.gap, accumulation) for each in contours]
    element, coarser = (_elements(sites) * _cross_section(problem) for sites in numbers)
    value, other, varied = (
        float(elements @ (coupling + layers) + interfaces)
        for elements, coupling, layers, interfaces in (
            (element, local[0], inside[0], at_interfaces[0]),
            (coarser, local[0], inside[1], at_interfaces[0]),
            (element, local[1], inside[2], at_interfaces[1]),
        )
    )
    states = element / problem.system.diffusion
    felt = float(np.sum(states)) * distance + float(states @ np.abs(state.gap) ** 2)
    error = OPTIONS.safety * (abs(other - value) + abs(varied - value)) + felt * distance
    return FreeEnergy(value, error)


def _elements(sites: Sites) -> Array:
    """dx (sites) of integrals over the layers, by the interpolants of the scheme, whose hats add up to one."""
    out = np.zeros(sites.step.size)
    np.add.at(out, sites.first[:, None] + np.arange(sites.w.shape[1]), sites.step[:, None] * sites.w)
    return np.asarray(out * sites.stretch)


def _cross_section(problem: Problem) -> Array:
    """σA of every site."""
    return np.array([k.conductivity * k.area for k in problem.network.layers])[problem.layout.layer]


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


def _layers(
    problem: Problem, sites: Sites, energy: Complex, state: Complex, slopes: list[Complex], weights: Complex
) -> Array:
    """Σₙ 2πT Re Tr{W[(∂̃ĝ)² - 4Ŝ₀δ/D - 2Ŝ₁[δ](2τ̂3 + δ)/D]}, W = 1, or ½(1 + Pm·σ̂) in half-metals.

    Returns (3, sites): with the first slopes and weights, with the second slopes, with the second weights.
    """
    gamma, tilde = _halves(state)
    n, nt = _inverse(_product(gamma, tilde)), _inverse(_product(tilde, gamma))
    squares = [_squared_slope(gamma, tilde, n, nt, *_halves(slope)) for slope in slopes]
    upper, lower = _self_energies(sites, energy, gamma, tilde, n, nt)
    out = np.empty((3, problem.layout.sites))
    for k, layer in enumerate(problem.network.layers):
        at, spins = problem.layout.slice(k), spin_weight(layer)
        for row, (square, weight) in enumerate(((0, 0), (1, 0), (0, 1))):
            first, second = ((squares[square][half] + part)[:, :, at] for half, part in enumerate((upper, lower)))
            out[row, at] = _trace(weights[weight, 0], spins, first) + _trace(weights[weight, 1], spins.conj(), second)
    return out


def _self_energies(
    sites: Sites, energy: Complex, gamma: Complex, tilde: Complex, n: Complex, nt: Complex
) -> tuple[Complex, Complex]:
    """Blocks 11 and 22 of -4Ŝ₀δ/D - 2Ŝ₁[δ](2τ̂3 + δ)/D."""
    ng, ntt = _product(n, gamma), _product(nt, tilde)
    delta = 2 * _product(ng, tilde), 2 * ng, -2 * ntt, -2 * _product(ntt, gamma)
    s11, s12, s21, s22 = _constant(sites, energy)
    upper = -4 * (_product(s11, delta[0]) + _product(s12, delta[2]))
    lower = -4 * (_product(s21, delta[1]) + _product(s22, delta[3]))
    for number in range(int(np.max(sites.map_index)) + 1):
        here = sites.map_index == number
        d11, d12, d21, d22 = (part[:, :, here] for part in delta)
        m11, m12, m21, m22 = _mapped(sites.maps[number], (d11, d12, d21, d22))
        upper[:, :, here] -= 2 * (2 * m11 + _product(m11, d11) + _product(m12, d21))
        lower[:, :, here] -= 2 * (_product(m21, d12) + _product(m22, d22) - 2 * m22)
    return upper, lower


def _trace(weight: Complex, spins: Complex, block: Complex) -> Array:
    """Re Σ_l Tr weight (2, 2, L) spins (2, 2) block (2, 2, sites, L), by site."""
    rows = np.einsum("ijl,jk->kil", weight, spins)
    return np.asarray(np.einsum("kil,kisl->s", rows, block).real)


def _product(a: Complex, b: Complex) -> Complex:
    """Of matrices (2, 2, …)."""
    return np.asarray(np.einsum("ij...,jk...->ik...", a, b))


def _halves(state: Complex) -> tuple[Complex, Complex]:
    """γ and γ̃ (2, 2, sites, L) of a state (sites, 8, L)."""
    v = np.moveaxis(state, 1, 0)
    return v[:4].reshape(2, 2, *v.shape[1:]), v[4:].reshape(2, 2, *v.shape[1:])


def _inverse(small: Complex) -> Complex:
    """(1 - small)⁻¹ of matrices (2, 2, …)."""
    (a, b), (c, d) = small
    return np.array([[1 - d, b], [c, 1 - a]]) / ((1 - a) * (1 - d) - b * c)


def _squared_slope(
    gamma: Complex, tilde: Complex, n: Complex, nt: Complex, dgamma: Complex, dtilde: Complex
) -> tuple[Complex, Complex]:
    """Blocks 11 and 22 of (∂̃ĝ)² = -4 {(1; -γ̃)A(1, γ) + (-γ; 1)B(γ̃, 1)}, A = N∂̃γÑ∂̃γ̃N, B = Ñ∂̃γ̃N∂̃γÑ."""
    right, left = _product(_product(n, dgamma), nt), _product(_product(nt, dtilde), n)
    a, b = _product(_product(right, dtilde), n), _product(_product(left, dgamma), nt)
    return -4 * (a - _product(_product(gamma, b), tilde)), -4 * (b - _product(_product(tilde, a), gamma))


def _constant(sites: Sites, energy: Complex) -> Blocks:
    """Ŝ₀/D, with energy and gap."""
    full = sites.constant.T[:, :, None] + sites.energy.T[:, :, None] * energy
    b11, b12, b21, b22 = full.reshape(4, 2, 2, *full.shape[1:])
    return b11, b12, b21, b22


def _mapped(linear: Complex, blocks: Blocks) -> Blocks:
    """A map (16, 16) of Nambu matrices."""
    shape = blocks[0].shape
    out = linear @ np.concatenate([block.reshape(4, -1) for block in blocks])
    b11, b12, b21, b22 = out.reshape(4, *shape)
    return b11, b12, b21, b22
