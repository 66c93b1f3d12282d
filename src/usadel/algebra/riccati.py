"""Riccati parametrization of the retarded propagator (S93 of the 2019 supplement).

    ĝ = ( N(1+γγ̃)  2Nγ ; -2Ñγ̃  -Ñ(1+γ̃γ) ),   N = (1-γγ̃)⁻¹,  Ñ = (1-γ̃γ)⁻¹,   γ̃(ε) = γ(-ε*)*

States are arrays (..., 8, L): the entries of γ, then of γ̃, with energies last.
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import ISIGMA2, Complex

ONE = np.eye(2, dtype=complex)


def halves(u: Complex) -> tuple[Complex, Complex]:
    """The numbers (…, E, L) of γ and of γ̃ in a state (…, 2E, L), see `algebra.spin_symmetry`."""
    size = u.shape[-2] // 2
    return u[..., :size, :], u[..., size:, :]


def inverse_one_minus(a: Complex, b: Complex) -> Complex:
    """(1 - ab)⁻¹ of matrices of spin, all (…, E, L)."""
    if a.shape[-2] != 4:
        return np.asarray(1 / (1 - a * b))
    (a1, a2, a3, a4), (b1, b2, b3, b4) = np.moveaxis(a, -2, 0), np.moveaxis(b, -2, 0)
    p, q, r, s = 1 - a1 * b1 - a2 * b3, -a1 * b2 - a2 * b4, -a3 * b1 - a4 * b3, 1 - a3 * b2 - a4 * b4
    return np.asarray(np.stack([s, -q, -r, p], axis=-2) / (p * s - q * r)[..., None, :])


def split(u: Complex) -> tuple[Complex, Complex]:
    """(γ, γ̃), each (..., L, 2, 2), of a state (..., 8, L)."""
    v = np.moveaxis(u, -2, -1)
    shape = v.shape[:-1]
    return v[..., :4].reshape(*shape, 2, 2), v[..., 4:].reshape(*shape, 2, 2)


def join(gamma: Complex, tilde: Complex) -> Complex:
    """State (..., 8, L) of γ, γ̃ (..., L, 2, 2)."""
    shape = gamma.shape[:-2]
    v = np.concatenate([gamma.reshape(*shape, 4), tilde.reshape(*shape, 4)], axis=-1)
    return np.ascontiguousarray(np.moveaxis(v, -1, -2))


def tilde_partner(u: Complex) -> Complex:
    """State at -ε* of the state at ε: γ and γ̃ change places and are conjugated."""
    return np.concatenate([u[..., 4:, :], u[..., :4, :]], axis=-2).conj()


def normalizations(u: Complex) -> tuple[Complex, Complex]:
    """N = (1-γγ̃)⁻¹ and Ñ = (1-γ̃γ)⁻¹, each (..., L, 2, 2)."""
    gamma, tilde = halves(u)
    return split(np.concatenate([inverse_one_minus(gamma, tilde), inverse_one_minus(tilde, gamma)], axis=-2))


def largest_singular_value(u: Complex) -> np.ndarray:
    """Largest singular value of γ and of γ̃, (..., L), of a state (..., 2E, L), see `algebra.spin_symmetry`.

    At most 1 for Im ε > 0, and only then is the spectral function positive: with the vectors (1; -γ̃)a of ĝ = 1 and
    (-γ; 1)b of ĝ = -1, the form τ̂3ĝ + ĝ†τ̂3 is 2[a†(1 - γ̃†γ̃)a + b†(1 - γ†γ)b].
    """
    if u.shape[-2] != 8:
        return np.asarray(np.max(np.abs(u), axis=-2))
    v = u.reshape(*u.shape[:-2], 2, 4, u.shape[-1])
    square = np.sum(v.real**2 + v.imag**2, axis=-2)
    determinant = v[..., 0, :] * v[..., 3, :] - v[..., 1, :] * v[..., 2, :]
    root = np.sqrt(np.maximum(square**2 - 4 * np.abs(determinant) ** 2, 0.0))
    return np.asarray(np.sqrt(0.5 * np.max(square + root, axis=-2)))


def green(u: Complex) -> Complex:
    """Retarded propagator ĝ (..., L, 4, 4) of a state (..., 8, L)."""
    gamma, tilde = split(u)
    n, nt = normalizations(u)
    out = np.empty((*n.shape[:-2], 4, 4), complex)
    out[..., :2, :2] = 2 * n - ONE
    out[..., :2, 2:] = 2 * n @ gamma
    out[..., 2:, :2] = -2 * nt @ tilde
    out[..., 2:, 2:] = ONE - 2 * nt
    return out


def less_normal(u: Complex) -> Complex:
    """ĝ - τ̂3 (..., L, 4, 4) of a state (..., 8, L), without cancellation at high energies."""
    gamma, tilde = split(u)
    n, nt = normalizations(u)
    out = np.empty((*n.shape[:-2], 4, 4), complex)
    out[..., :2, :2] = 2 * n @ gamma @ tilde
    out[..., :2, 2:] = 2 * n @ gamma
    out[..., 2:, :2] = -2 * nt @ tilde
    out[..., 2:, 2:] = -2 * nt @ tilde @ gamma
    return out


def matrix_current(u: Complex, du: Complex) -> Complex:
    """ĝ∂ĝ (..., L, 4, 4) of a state u and its derivative du, both (..., 8, L)."""
    gamma, tilde = split(u)
    dgamma, dtilde = split(du)
    n, nt = normalizations(u)
    dn = n @ (dgamma @ tilde + gamma @ dtilde) @ n
    dnt = nt @ (dtilde @ gamma + tilde @ dgamma) @ nt
    derivative = np.empty((*n.shape[:-2], 4, 4), complex)
    derivative[..., :2, :2] = 2 * dn
    derivative[..., :2, 2:] = 2 * (dn @ gamma + n @ dgamma)
    derivative[..., 2:, :2] = -2 * (dnt @ tilde + nt @ dtilde)
    derivative[..., 2:, 2:] = -2 * dnt
    return green(u) @ derivative


def homogeneous(energy: Complex, gap: Complex) -> Complex:
    """State (..., 8, L) of a homogeneous superconductor at ε with gaps (...): γ = a iσ2, Δ*a² - 2εa + Δ = 0, |a| < 1.

    Also valid for Δ = 0, where γ = 0.
    """
    gap = np.asarray(gap, complex)[..., None]
    root = np.sqrt(energy + abs(gap)) * np.sqrt(energy - abs(gap))
    root = np.where((root * energy.conj()).real < 0, -root, root)
    a = gap / (energy + root)
    partner = gap.conj() / (energy + root)
    return join(a[..., None, None] * ISIGMA2, -partner[..., None, None] * ISIGMA2)
