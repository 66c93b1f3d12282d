"""M, Q and R against the formulas of the notation page in plain 4×4 matrices, and against Morten et al. (4)-(7)."""

import devices
import numpy as np
import oracle
import pytest
from oracle import RHO

from usadel import description as us
from usadel.equations.kinetic.coefficients import Points, coefficients
from usadel.terms import TERMS

LANES = 8
GAP, FIELD, RATE = 0.7 + 0.3j, (0.3, 0.2, -0.5), 0.4
SCATTERING = {  # key of a layer -> S of CΣ SĝS, and C per rate
    "spin_flip": (oracle.SPIN[1:], 1.0),
    "spin_orbit": (RHO[5:8], 1.0),
    "depairing": (RHO[4:5], 0.25),
}


def quarter_traces(matrix):
    """¼Tr ρᵢ X for all i, of X (L, 4, 4)."""
    return 0.25 * np.einsum("iab,lba->il", RHO, matrix)


def block_order(matrix):
    return np.concatenate([part.ravel() for part in oracle.blocks(matrix)])


def local_coefficients(u, du, self_energy, **rates):
    """M, Q, R (8, 8, L) of the kernels for a state u (8, L) and its derivative, with Σ̂ and scattering rates."""
    layer = us.NormalMetal(length=1.0, **rates)
    linear_map = sum((TERMS[key].matrix(layer) for key in rates), np.zeros((16, 16), complex))
    constant = block_order(-1j * self_energy)
    points = Points(
        np.array([0]), np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), constant[None],
        np.array([0 if rates else -1]), linear_map[None],
        np.array([-1]), np.zeros((1, 32), complex),
    )  # fmt: skip
    found = coefficients(np.ascontiguousarray(np.stack([u, du])), points)
    return [part[0].reshape(8, 8, -1) for part in found]


@pytest.fixture(scope="module")
def random_point():
    rng = np.random.default_rng(3)
    u, du = 0.3 * (rng.normal(size=(2, 8, LANES)) + 1j * rng.normal(size=(2, 8, LANES)))
    gamma, tilde = devices.matrices(u)
    d, d_tilde = devices.matrices(du)
    g = oracle.propagator(gamma, tilde)
    current, _ = oracle.current_and_divergence(gamma, tilde, d, d_tilde, d, d_tilde)
    return u, du, g, current


def columns(column):
    """(8, 8, L) from a function of ρⱼ."""
    return np.stack([column(rho) for rho in RHO], axis=1)


def test_gradient_coefficients(random_point):
    u, du, g, y = random_point
    ga, ya = oracle.advanced(g), oracle.advanced(y)
    m, q, _ = local_coefficients(u, du, np.zeros((4, 4)))
    exact_m = columns(lambda rho: quarter_traces(np.broadcast_to(rho, g.shape)) - quarter_traces(g @ rho @ ga))
    exact_q = columns(lambda rho: quarter_traces(y @ rho - rho @ ya))
    for found, exact in ((m, exact_m), (q, exact_q)):
        assert np.abs(exact.imag).max() < 1e-13 * np.abs(exact).max()
        devices.assert_same(found, exact.real, 1e-13, at_least=1.0)


@pytest.mark.parametrize("scattering", [[], *([key] for key in SCATTERING), list(SCATTERING)])
def test_self_energies(random_point, scattering):
    """The rows as printed: (i/4)Tr [ρᵢ, Σ̂]kⱼ, and -(C/4)Tr [ρᵢ, S](ĝSĝρⱼ - ρⱼĝᴬSĝᴬ + ĝ[ρⱼ, S]ĝᴬ)."""
    u, du, g, _ = random_point
    ga = oracle.advanced(g)
    sigma = oracle.pair_potential(GAP) + oracle.spin(FIELD)
    _, _, r = local_coefficients(u, du, sigma, **dict.fromkeys(scattering, RATE))
    pairs = [(RATE * SCATTERING[key][1], s) for key in scattering for s in SCATTERING[key][0]]
    exact = np.zeros((8, 8, LANES), complex)
    for i, row in enumerate(RHO):
        for j, rho in enumerate(RHO):
            k = g @ rho - rho @ ga
            exact[i, j] = 0.25j * np.einsum("ab,lba->l", oracle.commutator(row, sigma), k)
            for factor, s in pairs:
                inner = g @ s @ g @ rho - rho @ ga @ s @ ga + g @ oracle.commutator(rho, s) @ ga
                exact[i, j] -= 0.25 * factor * np.einsum("ab,lba->l", oracle.commutator(row, s), inner)
    assert np.abs(exact.imag).max() < 1e-13 * np.abs(exact).max()
    devices.assert_same(r, exact.real, 1e-13, at_least=1.0)
    assert np.abs(r[0]).max() < 1e-13  # energy is conserved


def test_charge_is_conserved_without_pairing(random_point):
    u, du, *_ = random_point
    _, _, r = local_coefficients(u, du, oracle.spin(FIELD), **dict.fromkeys(SCATTERING, RATE))
    assert np.abs(r).max() > 1.0
    assert np.abs(r[4]).max() < 1e-13


def bcs(energy, gap, phase_gradient):
    """State and derivative of a bulk superconductor whose phase turns; cosh θ and sinh θ of their Eq. (10)."""
    g = oracle.bulk(energy, gap)
    gamma, tilde = g[:, :2, 2:], -g[:, 2:, :2]
    inverse = np.linalg.inv(np.eye(2) + g[:, :2, :2])
    gamma, tilde = inverse @ gamma, inverse @ tilde  # ĝ12 = 2Nγ, 1 + ĝ11 = 2N
    u = devices.state(gamma, tilde)
    return u, np.concatenate([1j * phase_gradient * u[:4], -1j * phase_gradient * u[4:]]), g[:, 0, 0], -g[:, 0, 3]


def test_morten_et_al():
    """Every coefficient of their (4)-(7), J = -2j/D, and no other: α_TT, α_LSLS, α_TSTS, D_L, D_T, j_E."""
    energy = np.array([0.2, 0.7, 0.99, 1.01, 1.5, 2.0, 3.0, 8.0]) + 0.01j
    gap, rate, gradient = 0.9, 0.13, 0.3  # rate: 1/τ_sf
    u, du, cosh, sinh = bcs(energy, gap, gradient)
    m, q, r = local_coefficients(u, du, oracle.pair_potential(gap), spin_flip=rate / 8)
    d_l = cosh.real**2 - sinh.real**2
    d_t = cosh.real**2 + sinh.imag**2
    a_tt = sinh.imag
    a_ls = cosh.real**2 - sinh.imag**2
    a_ts = cosh.real**2 + sinh.real**2
    j_e = gradient * np.imag(sinh**2)
    exact = np.zeros((3, 8, 8, LANES))
    for energy_like, charge_like in ((0, 4), (7, 3), (5, 1), (6, 2)):  # h_L with h_T; h_TS with h_LS
        exact[0, energy_like, energy_like], exact[0, charge_like, charge_like] = 2 * d_l, 2 * d_t
        exact[1, energy_like, charge_like] = exact[1, charge_like, energy_like] = -2 * j_e
    exact[2, 4, 4] = -4 * gap * a_tt
    for spin in range(1, 4):
        exact[2, spin, spin] = -4 * gap * a_tt - 2 * rate * a_ls
        exact[2, spin + 4, spin + 4] = -2 * rate * a_ts
    for found, expected in zip((m, q, r), exact, strict=True):
        devices.assert_same(found, expected, 1e-10, at_least=0.1)


def test_digits_below_the_gap():
    """With a broadening of 1e-7 D_L and α_TSTS are of the order of 1e-14, and no rounding of terms of order one."""
    energy, gap, rate = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]) + 1e-7j, 0.9, 1e-3
    u, du, cosh, sinh = bcs(energy, gap, 0.0)
    m, _, r = local_coefficients(u, du, oracle.pair_potential(gap), spin_flip=rate / 8)
    d_l, a_ts = cosh.real**2 - sinh.real**2, cosh.real**2 + sinh.real**2
    assert np.all((d_l > 0) & (d_l < 1e-12))
    for mode in (0, 5, 6, 7):
        np.testing.assert_allclose(m[mode, mode], 2 * d_l, rtol=1e-6)
    for mode in (5, 6, 7):
        np.testing.assert_allclose(r[mode, mode], -2 * rate * a_ts, rtol=1e-6)
    square = (gap**2 - energy.real**2) / (gap**2 + energy.real**2)
    np.testing.assert_allclose(d_l / a_ts, square, rtol=1e-6)
