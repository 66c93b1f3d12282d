"""What the layers add to the free energy: Σₙ 2πT Re Tr{W[(∂̃ĝ)² - 4Ŝ₀δ/D - 2Ŝ₁[δ](2τ̂3 + δ)/D]}, δ = ĝ - τ̂3.

W = 1, or ½(1 + Pm·σ̂) in half-metals. At high energies states vary within √(D/ω) of a contact, which no grid resolves,
and (∂̃ĝ)² with them. What is quadratic in γ is therefore integrated by parts,

    Tr(∂̃ĝ)² = -8 Tr DγDγ̃ + O(γ⁴),    ∫DγDγ̃ dx = ½[γDγ̃ + Dγ γ̃] - ½∫(γ D²γ̃ + D²γ γ̃)dx,

with D²γ from the equation itself: the integrand then vanishes to second order, and what is left stands at the ends,
where the scheme knows the slopes: by the interface law, or such that those of layers that touch cancel. Beside a
reservoir in clear contact it is that of the half-space, ∓√(2ω/D)(γ - γ_bulk), where the grid does not resolve it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import TAU3, Complex, to_blocks
from usadel.algebra.riccati import homogeneous
from usadel.equations.numbers import FIXED
from usadel.equations.spectral.local import condensates_at, normal_at
from usadel.equations.spectral.numbers import spin_weight
from usadel.equations.spectral.scheme import Sites
from usadel.states.problem import Array, Problem

Blocks = tuple[Complex, Complex, Complex, Complex]
"""Blocks 11, 12, 21, 22 of a Nambu matrix, each (2, 2, sites, L)."""

VARIANTS = (0, 0), (1, 0), (0, 1)
"""Number of the slopes, and of the weights, of each of the sums that are compared."""
RESOLVED = 0.5  # first step times √(2ω/D), up to which a grid resolves the states beside a reservoir


@dataclass(frozen=True)
class _States:
    """γ, γ̃, N, Ñ, each (2, 2, sites, L)."""

    gamma: Complex
    tilde: Complex
    n: Complex
    nt: Complex


def layer_energy(
    problem: Problem, gap: Complex, energy: Complex, state: Complex, slopes: list[Complex], weights: Complex
) -> tuple[Array, Array]:
    """The sum at every site, (variants, sites), and what the ends of layers add, (variants), times σA; see above."""
    sites, gamma, tilde = problem.full_sites(gap), *_halves(state)
    at = _States(gamma, tilde, _inverse(_product(gamma, tilde)), _inverse(_product(tilde, gamma)))
    upper, lower, forces = _self_energies(sites, energy, at)
    gradients = [_gradients(at, forces, *_halves(slope)) for slope in slopes]
    parted = [_parted(at, *_halves(_at_ends(problem, sites, gap, energy, state, slope, slopes[0]))) for slope in slopes]
    inside, ends = np.empty((len(VARIANTS), problem.layout.sites)), np.zeros(len(VARIANTS))
    area = problem.cross_section
    for k, layer in enumerate(problem.network.layers):
        here, spins = problem.layout.slice(k), spin_weight(layer)
        for row, (slope, weight) in enumerate(VARIANTS):
            one, other = gradients[slope]
            blocks = (upper + one)[:, :, here], (lower + other)[:, :, here]
            inside[row, here] = _traces(weights[weight], spins, *blocks)
            one, other = parted[slope]
            both = [here.start, here.stop - 1]
            left, right = _traces(weights[weight], spins, one[:, :, both], other[:, :, both])
            ends[row] += area[here.start] * float(right - left)
    return inside, ends


def _self_energies(sites: Sites, energy: Complex, at: _States) -> tuple[Complex, Complex, tuple[Complex, Complex]]:
    """Blocks 11 and 22 of -4Ŝ₀δ/D - 2Ŝ₁[δ](2τ̂3 + δ)/D, and R, R̃ of Ŝ/D (see `equations.matrix_current`)."""
    ng, ntt = _product(at.n, at.gamma), _product(at.nt, at.tilde)
    delta = 2 * _product(ng, at.tilde), 2 * ng, -2 * ntt, -2 * _product(ntt, at.gamma)
    s11, s12, s21, s22 = _constant(sites, energy)
    upper = -4 * (_product(s11, delta[0]) + _product(s12, delta[2]))
    lower = -4 * (_product(s21, delta[1]) + _product(s22, delta[3]))
    if sites.on_top.parts.size:  # as at interfaces, what is behind them is normal in the state that F is compared with
        more = _blocks(np.moveaxis(condensates_at(sites, energy) - normal_at(sites)[:, :, None], 0, 1))
        upper, lower = upper - 4 * more[0], lower + 4 * more[3]
    for number in range(int(np.max(sites.map_index)) + 1):
        here = sites.map_index == number
        d11, d12, d21, d22 = (part[:, :, here] for part in delta)
        m11, m12, m21, m22 = _mapped(sites.maps[number], (d11, d12, d21, d22))
        upper[:, :, here] -= 2 * (2 * m11 + _product(m11, d11) + _product(m12, d21))
        lower[:, :, here] -= 2 * (_product(m21, d12) + _product(m22, d22) - 2 * m22)
        normal = (sites.maps[number] @ to_blocks(TAU3)).reshape(4, 2, 2, 1, 1)
        for full, part, constant in zip((s11, s12, s21, s22), (m11, m12, m21, m22), normal, strict=True):
            full[:, :, here] += part + constant
    force = _product(s11, at.gamma) - _product(at.gamma, s22) - s12 + _sandwich(at.gamma, s21, at.gamma)
    partner = s21 - _product(s22, at.tilde) + _product(at.tilde, s11) - _sandwich(at.tilde, s12, at.tilde)
    return upper, lower, (force, partner)


def _gradients(
    at: _States, forces: tuple[Complex, Complex], dgamma: Complex, dtilde: Complex
) -> tuple[Complex, Complex]:
    """Blocks 11 and 22 of (∂̃ĝ)² less what is integrated by parts, with the rest of that.

    (∂̃ĝ)² = -4 {(1; -γ̃)A(1, γ) + (-γ; 1)B(γ̃, 1)}, A = NDγÑDγ̃N, B = ÑDγ̃NDγÑ.
    """
    right, left = _sandwich(at.n, dgamma, at.nt), _sandwich(at.nt, dtilde, at.n)
    a, b = _sandwich(right, dtilde, at.n), _sandwich(left, dgamma, at.nt)
    second = forces[0] - 2 * _product(dgamma, _product(_product(at.nt, at.tilde), dgamma))
    partner = forces[1] - 2 * _product(dtilde, _product(_product(at.n, at.gamma), dtilde))
    upper = -4 * (a - _product(dgamma, dtilde) - _sandwich(at.gamma, b, at.tilde))
    lower = -4 * (b - _product(dtilde, dgamma) - _sandwich(at.tilde, a, at.gamma))
    upper += 2 * (_product(at.gamma, partner) + _product(second, at.tilde))
    lower += 2 * (_product(at.tilde, second) + _product(partner, at.gamma))
    return upper, lower


def _parted(at: _States, dgamma: Complex, dtilde: Complex) -> tuple[Complex, Complex]:
    """What stands at the ends: -2(γDγ̃ + Dγ γ̃), and the same with tildes exchanged."""
    return (
        -2 * (_product(at.gamma, dtilde) + _product(dgamma, at.tilde)),
        -2 * (_product(at.tilde, dgamma) + _product(dtilde, at.gamma)),
    )


def _at_ends(
    problem: Problem, sites: Sites, gap: Complex, energy: Complex, state: Complex, slope: Complex, exact: Complex
) -> Complex:
    """Slopes of the interface laws; beside a reservoir in clear contact those of a scheme, or of the half-space."""
    out = exact.copy()
    for row in np.flatnonzero(problem.rows.kind == FIXED):
        site = int(problem.rows.site[row])
        layer = problem.network.layers[problem.layout.layer[site]]
        inward = 1.0 if site in problem.offset else -1.0
        wave = np.sqrt(-2j * (energy + 1j * layer.inelastic) / layer.diffusion)
        coarse = np.abs(wave) * sites.step[site] * sites.stretch[site] > RESOLVED
        bulk = homogeneous(energy + 1j * layer.inelastic, gap[site : site + 1])[0]
        out[site] = np.where(coarse, -inward * wave * (state[site] - bulk), slope[site])
    return out


def _traces(weights: Complex, spins: Complex, upper: Complex, lower: Complex) -> Array:
    """Re Σ_l Tr of blocks 11 and 22, by site."""
    return _trace(weights[0], spins, upper) + _trace(weights[1], spins.conj(), lower)


def _trace(weight: Complex, spins: Complex, block: Complex) -> Array:
    """Re Σ_l Tr weight (2, 2, L) spins (2, 2) block (2, 2, sites, L), by site."""
    rows = np.einsum("ijl,jk->kil", weight, spins)
    return np.asarray(np.einsum("kil,kisl->s", rows, block).real)


def _product(a: Complex, b: Complex) -> Complex:
    """Of matrices (2, 2, …)."""
    return np.asarray(np.einsum("ij...,jk...->ik...", a, b))


def _sandwich(a: Complex, b: Complex, c: Complex) -> Complex:
    return _product(_product(a, b), c)


def _halves(state: Complex) -> tuple[Complex, Complex]:
    """γ and γ̃ (2, 2, sites, L) of a state (sites, 8, L)."""
    v = np.moveaxis(state, 1, 0)
    return v[:4].reshape(2, 2, *v.shape[1:]), v[4:].reshape(2, 2, *v.shape[1:])


def _inverse(small: Complex) -> Complex:
    """(1 - small)⁻¹ of matrices (2, 2, …)."""
    (a, b), (c, d) = small
    return np.array([[1 - d, b], [c, 1 - a]]) / ((1 - a) * (1 - d) - b * c)


def _constant(sites: Sites, energy: Complex) -> Blocks:
    """Ŝ₀/D, with energy and gap, and that of superconducting reservoirs on top."""
    full = sites.constant.T[:, :, None] + sites.energy.T[:, :, None] * energy
    return _blocks(full + np.moveaxis(condensates_at(sites, energy), 0, 1))


def _blocks(full: Complex) -> Blocks:
    """Blocks of matrices (16, sites, L)."""
    b11, b12, b21, b22 = full.reshape(4, 2, 2, *full.shape[1:])
    return b11, b12, b21, b22


def _mapped(linear: Complex, blocks: Blocks) -> Blocks:
    """A map (16, 16) of Nambu matrices."""
    shape = blocks[0].shape
    out = linear @ np.concatenate([block.reshape(4, -1) for block in blocks])
    b11, b12, b21, b22 = out.reshape(4, *shape)
    return b11, b12, b21, b22
