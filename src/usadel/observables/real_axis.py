"""Densities per energy at real energies, of any distribution function (S54-S60 of the 2019 supplement).

    jᵢ = ½·¼Tr ρᵢ K̂,   K̂ = Yĥ - ĥYᴬ (super) + ∂̃ĥ - ĝ(∂̃ĥ)ĝᴬ (resistive)
    qᵢ = -½·¼Tr ρᵢ ĝᴷ
    fᵢ = ¼·½Tr σᵢ[ĝᴷ₁₂ + (ĝᴷ₂₁)*](-iσ₂)                    pair amplitudes, singlet and triplets

Currents of charge and spin are the rows 4…7, those of energy and spin energy the rows 0…3 times E; of accumulations it
is the other way round. Both signs of the energy are in the sums over E > 0.
"""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.algebra.nambu import ISIGMA2, SIGMA
from usadel.equations.kinetic.coefficients import COLUMN, MODES, PLACE, VALUE, add_commutator, advanced, project
from usadel.equations.matrix_current import matrix_current_diagonal, normalizations, propagator

PAIRS = 4
CURRENT, RESISTIVE, ACCUMULATION, PAIR = 0, 8, 16, 24  # where each kind begins among the densities
DENSITIES = 32  # … and Re, Im of the four pair amplitudes

# -iσ₂ σᵢ, so that Tr σᵢ X (-iσ₂) = Σ of its transpose with X.
_PAIR = np.array([(-ISIGMA2 @ sigma).T for sigma in SIGMA])


@kernel
def densities(state, slope, h, flux, energy):
    """Densities (sites, 32, L): 8 currents in all, 8 resistive ones, 8 accumulations, Re and Im of 4 pair amplitudes.

    Modes in the order charge (of electrons), spin x y z, energy, spin energy x y z.

    Parameters
    ----------
    state, slope : (sites, 8, L), γ, γ̃ and d/dx of them; h, flux : (sites, 8, L), modes and J; energy : (L), real.
    """
    sites, lanes = state.shape[0], state.shape[2]
    out = np.zeros((sites, DENSITIES, lanes))
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
    for site in range(sites):
        u = state[site]
        normalizations(n, nt, u, w[0:4])
        propagator(g, u, n, nt)
        advanced(ga, g)
        matrix_current_diagonal(y[0:4], y[4:8], u, slope[site], n, nt, w)
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
        project(rows, 0, 0.5, d)
        d[:] = 0.0
        add_commutator(d, 1.0, g, hmat, hmat, ga)
        project(rows, 1, -0.5, d)
        for i in range(MODES):
            at = (i + 4) % 8
            for l in range(lanes):
                factor = energy[l] if i < 4 else 1.0
                out[site, CURRENT + at, l] = 0.5 * factor * flux[site, i, l]
                out[site, RESISTIVE + at, l] = factor * (0.5 * flux[site, i, l] - rows[8 * i, l])
                out[site, ACCUMULATION + i, l] = (energy[l] if i >= 4 else 1.0) * rows[8 * i + 1, l]
        _pairs(out[site], g, ga, hmat)
    return out


@kernel
def _pairs(out, g, ga, hmat):
    """¼·½Tr σᵢ[ĝᴷ₁₂ + (ĝᴷ₂₁)*](-iσ₂)."""
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
                for i in range(PAIRS):
                    term = _PAIR[i, row, column] * both
                    out[PAIR + 2 * i, l] += term.real
                    out[PAIR + 2 * i + 1, l] += term.imag
