"""The gap equation on Matsubara points (physics: S91 of the 2019 supplement, closed in the upper half plane).

Σ_s ½Δ [Σₙ 2πT_s/ωₙ + ln(T_s/Tc)] = i Σ_s ½ Σₙ 2πT_s f_s(V - sVs + i(ωₙ+Γ)),   T_s = T - sTs

Tc is that of the layer. With a Debye energy the sum on the right ends there, and in place of the bracket stands what it
is in the bulk at T = 0, arsinh(ω_D/Δ).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from usadel._compile import kernel
from usadel.algebra.lanes import Diagonal, multiply
from usadel.algebra.nambu import ISIGMA2, Complex
from usadel.description.device.resolved import REFERENCE, Coupling, ResolvedLayer
from usadel.energies.contour import Array, Share
from usadel.energies.cutoff import cutoff_rule
from usadel.energies.rules import matsubara_rule
from usadel.equations.matrix_current import normalizations, riccati_rows
from usadel.equations.numbers import AT_END, INSIDE, NEIGHBOUR, NEXT_TO_END, OWN, Rows, Sites

ROOTS = 1e-11  # error of the sums in bulk gaps


@lru_cache(maxsize=1024)
def bulk_gap(temperature: float, inelastic: float, coupling: Coupling = REFERENCE, tolerance: float = 1e-12) -> float:
    """Gap (Δ0) of a homogeneous superconductor at temperature (Tc) and Dynes broadening (Δ0); 0 above its Tc.

    ln(T/Tc) = Σₙ 2πT [1/√((ωₙ+Γ)² + Δ²) - 1/ωₙ] with its own Tc, without cutoff; all in units of its own.
    """
    own = coupling.critical_temperature
    reduced, broadening = temperature / own, inelastic / own
    if coupling.debye_energy is not None:
        cutoff = coupling.debye_energy / own
        omega, weight, _ = cutoff_rule(reduced, cutoff, ROOTS)
        subtracted, inverse = np.zeros_like(omega), np.arcsinh(cutoff)
    elif reduced < 1.0:
        omega, weight, _ = matsubara_rule(reduced, ROOTS)
        subtracted, inverse = 1 / omega, np.log(reduced)
    else:
        return 0.0

    def mismatch(gap: float) -> float:
        return float(np.sum(weight * (1 / np.hypot(omega + broadening, gap) - subtracted)) - inverse)

    if mismatch(0.0) <= 0:
        return 0.0
    lower, upper = 0.0, 2.0  # the mismatch falls with the gap
    while upper - lower > tolerance:
        middle = 0.5 * (lower + upper)
        lower, upper = (middle, upper) if mismatch(middle) > 0 else (lower, middle)
    return 0.5 * own * (lower + upper)


def normalization(shares: list[Share]) -> float:
    """Σ_s ½ [Σₙ 2πT_s/ωₙ + ln(T_s/Tc)], the inverse coupling of the reference superconductor on a contour."""
    return sum(0.5 * (float(np.sum(s.weight / s.omega)) + s.part * np.log(s.temperature)) for s in shares)


def inverse_coupling(shares: list[Share], layer: ResolvedLayer) -> float:
    """K of a layer on its contour: the same with its own Tc; with a cutoff ∫₀^ω_D dω/√(ω² + Δ²) at T = 0."""
    assert layer.pairing is not None
    coupling = layer.pairing.coupling
    own = coupling.critical_temperature
    if coupling.debye_energy is None:
        return normalization(shares) - float(np.log(own))
    return float(np.arcsinh(coupling.debye_energy / own))


def stiffness(shares: list[Share], layer: ResolvedLayer, spacing: np.ndarray) -> np.ndarray:
    """K - ∂G/∂Δ of a ripple of the gap of a layer with q = π/spacing.

    Without cutoff Σ_s ½ [Σₙ 2πT_s (1/ωₙ - 1/(ωₙ + Γ + Dq²/2)) + ln T_s]. Holds for ripples much shorter than ξ, which
    pair breaking and the gap itself hardly affect.
    """
    rate = layer.inelastic + 0.5 * layer.diffusion * (np.pi / np.asarray(spacing)[:, None]) ** 2
    total = np.full(len(spacing), inverse_coupling(shares, layer) - normalization(shares))
    for s in shares:
        total += 0.5 * (
            np.sum(s.weight * (1 / s.omega - 1 / (s.omega + rate)), axis=1) + s.part * np.log(s.temperature)
        )
    return total


def pair_weights(shares: list[Share], count: int) -> tuple[Complex, Complex]:
    """Weights (4, points) of 2Nγ and of 2Ñγ̃* in i Σ_s ½ Σₙ 2πT_s f_s.

    f_s + s f_t·u = Tr[P_s ĝ12 (-iσ2)], ĝ12 = 2Nγ; at mirrored points ĝ12(-ε*) = (2Ñγ̃)*.
    """
    direct = np.zeros((4, count), complex)
    mirrored = np.zeros((4, count), complex)
    for share in shares:
        row = (-ISIGMA2 @ share.projector).T.reshape(4)
        target = mirrored if share.mirrored else direct
        target[:, share.points] += 0.5j * row[:, None] * share.weight
    return direct, mirrored


@kernel
def gap_columns(
    rhs: Complex,
    columns: int,
    state: Complex,
    sites: Sites,
    rows: Rows,
    basis: Array,
    first_column: Array,
    functions: Array,
    derivatives: Complex,
    diagonal: Diagonal = None,
) -> None:
    """rhs (rows, 2E·columns, L) += minus the derivative of each row with respect to each gap coefficient.

    basis (sites, most functions); first_column (sites), -1 where the gap is no unknown; functions (sites), how
    many functions the layer has; derivatives (parts, 4E): ∂S/∂Re Δ and, for complex gaps, ∂S/∂Im Δ. Column
    first_column + part·functions + k belongs to function k.
    """
    parts = derivatives.shape[0]
    slopes = _pairing_slopes(state, sites, first_column, derivatives, diagonal)
    for row in range(rhs.shape[0]):
        if rows.kind[row] == INSIDE:
            site = rows.site[row]
            if first_column[site] >= 0:
                for near in range(-1, 2):
                    weight = OWN if near == 0 else NEIGHBOUR
                    for part in range(parts):
                        column = first_column[site] + part * functions[site]
                        _add_column(
                            rhs[row], columns, column, weight, slopes[site + near, part],
                            basis[site + near], functions[site],
                        )  # fmt: skip
        for end in range(rows.first_end[row], rows.first_end[row + 1]):
            site, inner, weight = rows.end_site[end], rows.end_inner[end], rows.end_weight[end]
            if first_column[site] >= 0:
                count = functions[site]
                for part in range(parts):
                    column = first_column[site] + part * count
                    own, next_one = AT_END * weight, NEXT_TO_END * weight
                    _add_column(rhs[row], columns, column, own, slopes[site, part], basis[site], count)
                    _add_column(rhs[row], columns, column, next_one, slopes[inner, part], basis[inner], count)


@kernel
def _pairing_slopes(state, sites, first_column, derivatives, diagonal=None):
    """h² x'² (R, R̃)(∂S/∂Δ)/D at every site with pairing: (sites, parts, 2E, L)."""
    lanes, entries = state.shape[2], state.shape[1] // 2
    s = np.empty((4 * entries, lanes), np.complex128)
    w = np.empty((entries, lanes), np.complex128)
    slopes = np.zeros((state.shape[0], derivatives.shape[0], 2 * entries, lanes), np.complex128)
    for site in range(state.shape[0]):
        if first_column[site] < 0:
            continue
        scale = (sites.step[site] * sites.stretch[site]) ** 2 / sites.diffusion[site]
        for part in range(derivatives.shape[0]):
            for b in range(4 * entries):
                for l in range(lanes):
                    s[b, l] = derivatives[part, b] * scale
            riccati_rows(slopes[site, part], s, state[site], w, diagonal)
    return slopes


@kernel
def _add_column(rhs, columns, column, weight, slope, basis, functions):
    for k in range(functions):
        factor = weight * basis[k]
        for c in range(slope.shape[0]):
            for l in range(slope.shape[1]):
                rhs[c * columns + column + k, l] += factor * slope[c, l]


@kernel
def pair_response(
    state: Complex,
    solution: Complex,
    row_of_site: Array,
    columns: int,
    direct: Complex,
    mirrored: Complex,
    layer: Array,
    diagonal: Diagonal = None,
) -> tuple[Complex, Complex]:
    """Pair functional of a pack and its response.

    Parameters
    ----------
    state : (sites, 2E, L); solution : (rows, 2E·columns, L), changes of the unknown nodes by column; row_of_site.
    direct, mirrored : (layers, E, L) weights of 2Nγ and (2Ñγ̃)*; layer : (sites), layer of each site.

    Returns
    -------
    value (sites), response (sites, columns), complex: Σ_L of the weighted pair amplitudes and of their changes.
    """
    count, lanes, entries = state.shape[0], state.shape[2], state.shape[1] // 2
    value = np.zeros(count, np.complex128)
    response = np.zeros((count, columns), np.complex128)
    n = np.empty((entries, lanes), np.complex128)
    nt = np.empty((entries, lanes), np.complex128)
    w = np.empty((2 * entries, lanes), np.complex128)
    a = np.empty((2 * entries, lanes), np.complex128)
    b = np.empty((2 * entries, lanes), np.complex128)
    for site in range(count):
        u = state[site]
        at, row = layer[site], row_of_site[site]
        normalizations(n, nt, u, w[0:entries], diagonal)
        ngamma, nttilde = w[0:entries], w[entries : 2 * entries]
        multiply(ngamma, n, u[0:entries], diagonal)
        multiply(nttilde, nt, u[entries : 2 * entries], diagonal)
        for e in range(entries):
            for l in range(lanes):
                value[site] += 2.0 * direct[at, e, l] * ngamma[e, l]
                value[site] += 2.0 * mirrored[at, e, l] * nttilde[e, l].conjugate()
        _amplitude_slopes(a, b, direct[at], mirrored[at], n, nt, ngamma, nttilde, diagonal)
        for c in range(2 * entries):
            for column in range(columns):
                total = 0.0 + 0.0j
                partner = 0.0 + 0.0j
                for l in range(lanes):
                    total += a[c, l] * solution[row, c * columns + column, l]
                    partner += b[c, l] * solution[row, c * columns + column, l]
                response[site, column] += total + partner.conjugate()
    return value, response


@kernel
def _amplitude_slopes(a, b, direct, mirrored, n, nt, ngamma, nttilde, diagonal=None):
    """a (2E, L) = ∂(weighted 2Nγ)/∂u, b the conjugate of ∂(weighted 2Ñγ̃)*/∂u."""
    entries, lanes = n.shape[0], n.shape[1]
    if diagonal is not None:
        for e in range(entries):
            for l in range(lanes):
                weight, other = 2.0 * direct[e, l], 2.0 * mirrored[e, l].conjugate()
                a[e, l] = weight * n[e, l] * nt[e, l]
                a[entries + e, l] = weight * ngamma[e, l] * ngamma[e, l]
                b[entries + e, l] = other * nt[e, l] * n[e, l]
                b[e, l] = other * nttilde[e, l] * nttilde[e, l]
        return
    a[:] = 0.0
    b[:] = 0.0
    for i in range(2):
        for j in range(2):
            for k in range(2):
                for m in range(2):
                    e, ik, mj = 2 * k + m, 2 * i + k, 2 * m + j
                    for l in range(lanes):
                        weight = 2.0 * direct[2 * i + j, l]
                        other = 2.0 * mirrored[2 * i + j, l].conjugate()
                        a[e, l] += weight * n[ik, l] * nt[mj, l]
                        a[4 + e, l] += weight * ngamma[ik, l] * ngamma[mj, l]
                        b[4 + e, l] += other * nt[ik, l] * n[mj, l]
                        b[e, l] += other * nttilde[ik, l] * nttilde[mj, l]
