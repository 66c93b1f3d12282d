"""Densities per energy at real energies, of any distribution function (S54-S60 of the 2019 supplement).

    jᵢ = ½·¼Tr ρᵢ K̂,   K̂ = Yĥ - ĥYᴬ (super) + ∂̃ĥ - ĝ(∂̃ĥ)ĝᴬ (resistive)
    qᵢ = -½·¼Tr ρᵢ ĝᴷ
    f  = ¼·½Tr m[ĝᴷ₁₂ + (ĝᴷ₂₁)*](-iσ₂)                     pair amplitudes, singlet and triplets

Of these, weights make the densities of all quantities, with a power of E as a factor, see `observables.columns`. Both
signs of the energy are in the sums over E > 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.algebra.modes import MODES
from usadel.equations.kinetic.coefficients import COLUMN, PLACE, VALUE, add_commutator, advanced, project
from usadel.equations.matrix_current import matrix_current_diagonal, normalizations, propagator
from usadel.equations.numbers import ALL_MODES


class Weights(NamedTuple):
    """Which densities there are: rows of weights, and the power of E of every row."""

    layer: NDArray[np.int64]  # (sites), layer of each site
    current: NDArray[np.float64]  # (layers, rows, 8), of jᵢ
    current_power: NDArray[np.int64]
    accumulation: NDArray[np.float64]  # (rows, 8), of qᵢ
    accumulation_power: NDArray[np.int64]
    pairs: NDArray[np.complex128]  # (rows, 2, 2), of the entries of ¼·½[ĝᴷ₁₂ + (ĝᴷ₂₁)*]
    pairs_power: NDArray[np.int64]


@kernel
def densities(state, slope, h, flux, energy, weights):
    """Densities (sites, numbers, L): all currents, their resistive parts, accumulations, Re and Im of pair amplitudes.

    Parameters
    ----------
    state, slope : (sites, 8, L), γ, γ̃ and d/dx of them; h, flux : (sites, 8, L), modes and J; energy : (L), real.
    weights : `Weights`.
    """
    sites, lanes = state.shape[0], state.shape[2]
    currents, accumulations = weights.current.shape[1], weights.accumulation.shape[0]
    last = 2 * currents + accumulations
    out = np.zeros((sites, last + 2 * weights.pairs.shape[0], lanes))
    n = np.empty((4, lanes), np.complex128)
    nt = np.empty((4, lanes), np.complex128)
    g = np.empty((16, lanes), np.complex128)
    ga = np.empty((16, lanes), np.complex128)
    y = np.empty((8, lanes), np.complex128)
    full = np.empty((16, lanes), np.complex128)
    ya = np.empty((16, lanes), np.complex128)
    hmat = np.empty((16, lanes), np.complex128)
    d = np.empty((8, lanes), np.complex128)
    w = np.empty((32, lanes), np.complex128)
    rows = np.empty((64, lanes))
    flow = np.empty((2, MODES, lanes))
    local = np.empty((MODES, lanes))
    for site in range(sites):
        u = state[site]
        normalizations(n, nt, u, w[0:4], None)
        propagator(g, u, n, nt, None)
        advanced(ga, g)
        matrix_current_diagonal(y[0:4], y[4:8], u, slope[site], n, nt, w, None)
        full[:] = 0.0
        full[0:4] = y[0:4]
        full[12:16] = y[4:8]
        advanced(ya, full)
        hmat[:] = 0.0
        for j in range(MODES):
            for row in range(4):
                for l in range(lanes):
                    hmat[PLACE[row, COLUMN[j, row]], l] += VALUE[j, row] * h[site, j, l]
        d[:] = 0.0
        add_commutator(d, 1.0, full, hmat, hmat, ya)
        rows[:] = 0.0
        project(rows, 0, 0.5, d, ALL_MODES)
        d[:] = 0.0
        add_commutator(d, 1.0, g, hmat, hmat, ga)
        project(rows, 1, -0.5, d, ALL_MODES)
        for i in range(MODES):
            for l in range(lanes):
                flow[0, i, l] = 0.5 * flux[site, i, l]
                flow[1, i, l] = flow[0, i, l] - rows[8 * i, l]
                local[i, l] = rows[8 * i + 1, l]
        here, k = out[site], weights.layer[site]
        _combine(here[:currents], weights.current[k], weights.current_power, flow[0], energy)
        _combine(here[currents : 2 * currents], weights.current[k], weights.current_power, flow[1], energy)
        _combine(here[2 * currents : last], weights.accumulation, weights.accumulation_power, local, energy)
        add_pairs(here[last:], weights.pairs, weights.pairs_power, g, ga, hmat, energy)
    return out


@kernel
def _combine(out, weights, powers, x, energy):
    """out (rows, L) += Eᵖ Σ weights (rows, 8) x (8, L)."""
    for row in range(weights.shape[0]):
        for i in range(MODES):
            weight = weights[row, i]
            if weight != 0.0:
                for l in range(energy.size):
                    out[row, l] += weight * x[i, l]
    _multiply(out, powers, 1, energy)


@kernel
def _multiply(out, powers, parts, energy):
    """out (parts × rows, L) *= Eᵖ."""
    for row in range(powers.size):
        for _ in range(powers[row]):
            for part in range(parts):
                for l in range(energy.size):
                    out[parts * row + part, l] *= energy[l]


@kernel
def add_pairs(out, weights, powers, g, ga, hmat, energy):
    """Eᵖ ¼·½Tr m[ĝᴷ₁₂ + (ĝᴷ₂₁)*](-iσ₂)."""
    for row in range(2):
        for column in range(2):
            for l in range(g.shape[1]):
                upper = 0.0 + 0.0j
                lower = 0.0 + 0.0j
                for inner in range(4):
                    a, b = PLACE[row, inner], PLACE[inner, column + 2]
                    upper += g[a, l] * hmat[b, l] - hmat[a, l] * ga[b, l]
                    a, b = PLACE[row + 2, inner], PLACE[inner, column]
                    lower += g[a, l] * hmat[b, l] - hmat[a, l] * ga[b, l]
                both = 0.125 * (upper + lower.conjugate())
                for i in range(weights.shape[0]):
                    term = weights[i, row, column] * both
                    out[2 * i, l] += term.real
                    out[2 * i + 1, l] += term.imag
    _multiply(out, powers, 2, energy)
