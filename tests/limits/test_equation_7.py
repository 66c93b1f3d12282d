"""Spectral spin currents of Ouassou, Robinson and Linder: 4×4 Keldysh formula (S60) against triplets (S86, Eq. (7)).

    j_s = -Im[A] h₀ - Re[A] × h_s,   A = g_t × ∇g_t - f_t × ∇f̃_t,   after averaging over ±E

Both sides start from the same states; they share no formula after that, and neither divides by anything.
"""

from functools import cache

import numpy as np
import oracle
import pytest
import real_axis

import usadel as us

ENERGIES = np.linspace(0.01, 3.0, 230)
POSITIONS = [0.2, 0.75, 1.1]
X, Y, Z = np.eye(3).tolist()


@cache
def states(axis, spin_voltage=0.25):
    """ĝ, ĝ∂ĝ and ĥ of the paper's device at E > 0: (positions, energies, 4, 4), ĥ (energies, 4, 4)."""

    def insulator(m):
        return us.FerromagneticInsulator(spin_mixing=0.6, magnetization=m)

    layer = us.Superconductor(length=1.5, spin_voltage=spin_voltage, spin_axis=axis)
    result = us.solve(us.Stack([insulator(X), layer, insulator(Y)], temperature=0.1, tolerance=1e-8))
    found = real_axis.States(result, ENERGIES, POSITIONS)
    return found.g, found.current, found.distribution


def opposite(matrix):
    """ĝ or ∂ĝ at -E: blocks exchanged and conjugated, ĝ11(-E) = -ĝ22(E)*, ĝ12(-E) = -ĝ21(E)*; minus ĝ∂ĝ."""
    upper, right, left, lower = oracle.blocks(matrix)
    return oracle.nambu(-lower.conj(), -left.conj(), -right.conj(), -upper.conj())


def keldysh_currents(g_grad, h):
    """(3, positions, energies): ⅛ Re Tr{τ̂3 σ̂ [(ĝ∂ĝ)ĥ - ĥ(ĝᴬ∂ĝᴬ)]}, S60."""
    k = g_grad @ h - h @ oracle.advanced(g_grad)
    return np.array([np.einsum("...ii->...", oracle.TAU3 @ s @ k).real / 8 for s in oracle.SPIN[1:]])


def triplets(matrix):
    """Vectors g_t of ĝ11 and f_t of ĝ12 = (f_s + f_t·σ) iσ2: (3, …)."""
    upper, right, _, _ = oracle.blocks(matrix)
    pairs = right @ np.linalg.inv(oracle.ISIGMA2)
    return [np.array([0.5 * np.einsum("...ii->...", s @ m) for s in oracle.PAULI[1:]]) for m in (upper, pairs)]


def triplet_currents(g, g_grad, h0, hs):
    """(3, positions, energies): S86 at one sign of the energy."""
    gradient = g @ g_grad  # ∂ĝ = ĝ(ĝ∂ĝ)
    g_t, f_t = triplets(g)
    dg_t, _ = triplets(gradient)
    df_tilde = triplets(opposite(gradient))[1].conj()  # f̃_t(E) = f_t(-E)*
    a = np.cross(g_t, dg_t, axis=0) - np.cross(f_t, df_tilde, axis=0)
    torque = np.cross(a.real, hs[:, None, :] * np.ones_like(a.real), axis=0)
    return -a.imag * h0, -torque


def both(axis, spin_voltage=0.25):
    g, current, h = states(tuple(axis), spin_voltage)
    minus = oracle.distribution(-ENERGIES, 0, spin_voltage, 0.1, 0, axis, real_axis.TC)
    keldysh = 0.5 * (keldysh_currents(current, h) + keldysh_currents(-opposite(current), minus))
    h0 = np.einsum("...ii->...", h).real / 4
    hs = np.array([np.einsum("...ii->...", oracle.TAU3 @ s @ h).real / 4 for s in oracle.SPIN[1:]])
    sides = [triplet_currents(g, current, h0, hs), triplet_currents(opposite(g), -opposite(current), -h0, hs)]
    exchange, torque = (0.5 * (a + b) for a, b in zip(*sides, strict=True))
    return keldysh, exchange, torque


@pytest.mark.parametrize("axis", [X, Y, [0.6, 0.0, 0.8]])
def test_keldysh_current_is_the_triplet_formula(axis):
    keldysh, exchange, torque = both(axis)
    assert ENERGIES.size >= 200
    for side in (exchange, torque):
        assert np.sum(np.max(np.abs(side), axis=(0, 1)) > 1e-4) >= 40, "nothing to compare"
    assert keldysh == pytest.approx(exchange + torque, abs=1e-10)


@pytest.mark.parametrize("axis", [X, Y])
def test_torque_rotates_the_spins_of_the_current_by_a_right_angle(axis):
    """The current carries spins along z, as m_L × m_R; injected spins along x or y turn them in the plane."""
    _, exchange, torque = both(axis)
    along, across = axis, np.cross(Z, axis)
    assert (
        np.max(np.abs(np.tensordot(along, torque, 1))) < 1e-12 < 1e-3 < np.max(np.abs(np.tensordot(across, torque, 1)))
    )
    assert np.max(np.abs(exchange[:2])) < 1e-12 < 1e-3 < np.max(np.abs(exchange[2]))


def test_injected_spins_along_those_of_the_current_exert_no_torque():
    keldysh, exchange, torque = both(Z)
    assert np.max(np.abs(torque)) < 1e-12 < 1e-3 < np.max(np.abs(exchange))
    assert keldysh == pytest.approx(exchange, abs=1e-10)
