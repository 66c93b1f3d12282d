"""The equations once more, in plain 4×4 NumPy: slow, direct, and sharing nothing with the package.

Basis (ψ↑, ψ↓, ψ↑†, ψ↓†). γ, γ̃ and their derivatives are arrays (..., 2, 2), propagators (..., 4, 4), energies
(...) complex with the broadening included.
"""

import numpy as np

PAULI = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
ISIGMA2 = np.array([[0, 1], [-1, 0]], complex)
ONE = np.eye(2)


def nambu(a, b, c, d):
    """4×4 matrices of four blocks."""
    return np.concatenate([np.concatenate([a, b], axis=-1), np.concatenate([c, d], axis=-1)], axis=-2)


def diagonal(upper, lower):
    return nambu(upper, 0 * upper, 0 * lower, lower)


TAU3 = diagonal(ONE, -ONE)
SPIN = np.array([diagonal(s, s.conj()) for s in PAULI])
RHO = np.concatenate([SPIN, TAU3 @ SPIN])


def spin(vector):
    """m·σ̂ of vectors (..., 3)."""
    return np.tensordot(np.asarray(vector, float), SPIN[1:], axes=1)


def pair_potential(gap):
    """antidiag(Δ, -Δ, Δ*, -Δ*)."""
    gap = np.asarray(gap, complex)[..., None, None]
    zero = np.zeros((*gap.shape[:-2], 2, 2))
    return nambu(zero, gap * ISIGMA2, gap.conj() * ISIGMA2, zero)


def commutator(a, b):
    return a @ b - b @ a


def _basis(gamma, tilde):
    """W = (1 -γ; -γ̃ 1), whose columns are the eigenvectors of ĝ to the eigenvalues +1 and -1."""
    one = np.broadcast_to(ONE, gamma.shape)
    return nambu(one, -gamma, -tilde, one)


def _basis_change(dgamma, dtilde):
    zero = np.zeros_like(dgamma)
    return nambu(zero, -dgamma, -dtilde, zero)


def propagator(gamma, tilde):
    """ĝ = W τ̂3 W⁻¹, so ĝ² = 1."""
    w = _basis(gamma, tilde)
    return w @ TAU3 @ np.linalg.inv(w)


NO_GAUGE = np.zeros((3, 2, 2), complex)


def current_and_divergence(gamma, tilde, d, d_tilde, dd, dd_tilde, gauge=NO_GAUGE):
    """ĝ∂̃_zĝ and Σ∂̃ₖ(ĝ∂̃ₖĝ) from γ, γ̃ and their first two derivatives along z, ∂̃ₖ = ∂ₖ - i[Âₖ, ·]."""
    w = _basis(gamma, tilde)
    inverse = np.linalg.inv(w)
    g = w @ TAU3 @ inverse
    k = _basis_change(d, d_tilde) @ inverse  # ∂W W⁻¹, so that ∂ĝ = [k, ĝ]
    dk = _basis_change(dd, dd_tilde) @ inverse - k @ k
    dg = commutator(k, g)
    ddg = commutator(dk, g) + commutator(k, dg)
    *plane, along = diagonal(gauge, -gauge.conj())
    covariant = dg - 1j * commutator(along, g)
    current = g @ covariant
    divergence = dg @ covariant + g @ (ddg - 1j * commutator(along, dg)) - 1j * commutator(along, current)
    for a in plane:
        divergence = divergence - 1j * commutator(a, -1j * g @ commutator(a, g))
    return current, divergence


def blocks(matrix):
    return matrix[..., :2, :2], matrix[..., :2, 2:], matrix[..., 2:, :2], matrix[..., 2:, 2:]


def extraction(x, gamma, tilde):
    """½(1-γγ̃)(X12 - X11γ) and ½(1-γ̃γ)(X21 - X22γ̃)."""
    x11, x12, x21, x22 = blocks(x)
    return (
        0.5 * (ONE - gamma @ tilde) @ (x12 - x11 @ gamma),
        0.5 * (ONE - tilde @ gamma) @ (x21 - x22 @ tilde),
    )


def bulk_commutator(g, energy, self_energy=0.0, linear=()):
    """X = -i[ετ̂3 + Σ̂, ĝ] + Σ C [S ĝ S, ĝ]; `linear` holds pairs (C, S)."""
    x = -1j * commutator(np.asarray(energy)[..., None, None] * TAU3 + self_energy, g)
    for factor, matrix in linear:
        x = x + factor * commutator(matrix @ g @ matrix, g)
    return x


def connection(a, gamma, tilde):
    """i(Aγ + γA*) and -i(A*γ̃ + γ̃A), what a gauge field takes from a derivative."""
    return 1j * (a @ gamma + gamma @ a.conj()), -1j * (a.conj() @ tilde + tilde @ a)


def second_derivatives(gamma, tilde, d, d_tilde, x, gauge=NO_GAUGE):
    """γ'' and its partner from Σₖ(DₖDₖγ + 2Dₖγ(1-γ̃γ)⁻¹γ̃Dₖγ) = ½(1-γγ̃)(X12 - X11γ), for D = 1."""
    r, r_tilde = extraction(x, gamma, tilde)
    inner = np.linalg.inv(ONE - tilde @ gamma) @ tilde
    inner_tilde = np.linalg.inv(ONE - gamma @ tilde) @ gamma
    for k, a in enumerate(gauge):
        v, v_tilde = (d, d_tilde) if k == 2 else (0 * d, 0 * d_tilde)
        b, b_tilde = connection(a, gamma, tilde)
        change, change_tilde = connection(a, v, v_tilde)
        again, again_tilde = connection(a, v - b, v_tilde - b_tilde)
        r = r - 2 * (v - b) @ inner @ (v - b) + change + again
        r_tilde = r_tilde - 2 * (v_tilde - b_tilde) @ inner_tilde @ (v_tilde - b_tilde) + change_tilde + again_tilde
    return r, r_tilde


def bulk(energy, gap=0.0, phase=0.0):
    """ĝ of a homogeneous superconductor, (ετ̂3 + Δ̂)/√(ε² - |Δ|²); a normal metal without gap."""
    energy = np.asarray(energy, complex)
    root = np.sqrt(energy + gap) * np.sqrt(energy - gap)
    root = np.where(root.imag < 0, -root, root)[..., None, None]
    return (energy[..., None, None] * TAU3 + pair_potential(gap * np.exp(1j * phase))) / root


def tunnel_current(g, outside, conductance, n):
    """σA ĝ∂ĝ = (n/2) G_T [ĝ_out, ĝ]; n = +1 at a left end, -1 at a right end."""
    return 0.5 * n * conductance * commutator(outside, g)


def ferromagnetic_insulator_current(g, spin_mixing, magnetization, n):
    """σA ĝ∂ĝ = -(n/2) i G_φ [m·σ̂, ĝ]."""
    return -0.5j * n * spin_mixing * commutator(spin(magnetization), g)


def insulator_of_second_order(g, spin_mixing, angle, magnetization, n):
    """σA ĝ∂ĝ = (n/2) G_φ {-i[M, ĝ] + (ϑ/4)[MĝM, ĝ]}."""
    m = spin(magnetization)
    return 0.5 * n * spin_mixing * (-1j * commutator(m, g) + 0.25 * angle * commutator(m @ g @ m, g))


def transmitted(v, polarization, m):
    """F(v) = v + P/(1+q){m, v} + (1-q)/(1+q) m v m, q = √(1-P²)."""
    q = np.sqrt(1 - polarization**2)
    return v + polarization / (1 + q) * (m @ v + v @ m) + (1 - q) / (1 + q) * m @ v @ m


def spin_active_current(g, outside, conductance, polarization, m, here, beyond, t, n):
    """σA ĝ∂ĝ = (n/2){G_T[S, ĝ] - iG_φ[M, ĝ] + second order}, term by term as in the design notes.

    m is the matrix of the transmission; here and beyond are pairs (G_φ, M) of the reflection on both sides.
    """
    s, (mixing, own), (mixing_out, other) = transmitted(outside, polarization, m), here, beyond
    first = conductance * commutator(s, g) - 1j * mixing * commutator(own, g)
    angle, angle_out = t * mixing / conductance, t * mixing_out / conductance
    echo = transmitted(outside @ other @ outside - other, polarization, m)
    second = -0.25 * t * commutator(s @ g @ s, g) + 0.25j * angle * commutator(s @ g @ own + own @ g @ s, g)
    second = second + 0.25 * angle * mixing / conductance * commutator(own @ g @ own, g)
    second = second + 0.25j * angle_out * commutator(echo, g)
    return 0.5 * n * (first + conductance * second)


def advanced(g):
    """ĝᴬ = -τ̂3 ĝ† τ̂3; also of ĝ∂ĝ, since ĝ∂ĝ = -∂ĝ ĝ."""
    return -TAU3 @ np.conj(np.swapaxes(g, -1, -2)) @ TAU3


def distribution(energy, voltage, spin_voltage, temperature, spin_temperature, axis, tc):
    """ĥ at real energies; temperatures in Tc = tc Δ0."""
    energy = np.asarray(energy, float)[..., None, None]
    h = 0.0
    for c in (1, -1):
        for s in (1, -1):
            kelvin = 2 * (temperature + s * spin_temperature) * tc
            f = 0.25 * np.tanh((energy + c * voltage + c * s * spin_voltage) / kelvin)
            h = h + f * (SPIN[0] + s * spin(axis)) @ (RHO[0] + c * TAU3)
    return h
