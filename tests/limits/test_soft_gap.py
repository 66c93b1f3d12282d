"""Gaps close to a transition of second order, where the gap equation is soft: its Jacobian has an eigenvalue near zero.

A thin superconductor between opposite magnets, L = 0.2 ξ and Gφ/G_N = 0.2. About Δ = 0 each spin s obeys
θ'' = 2ωθ - 2Δ, θ'(0) = is(Gφ/L)θ(0), θ'(L) = is(Gφ/L)θ(L), and Δ ln T = 2πT Σ (Re θ - Δ/ω): solved here by Chebyshev
collocation.
"""

from functools import cache

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

import usadel as us

TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0
LENGTH, MIXING, NODES = 0.2, 0.2, 33


def chebyshev():
    """Points (0 to LENGTH) and the matrix of the first derivative."""
    k = np.arange(NODES)
    x = np.cos(np.pi * k[::-1] / (NODES - 1))
    c = np.where((k == 0) | (k == NODES - 1), 2.0, 1.0) * (-1.0) ** k
    difference = x[:, None] - x + np.eye(NODES)
    matrix = c[:, None] / c / difference
    np.fill_diagonal(matrix, 0.0)
    np.fill_diagonal(matrix, -matrix.sum(axis=1))
    return 0.5 * LENGTH * (x + 1), 2 / LENGTH * matrix


def frequencies(temperature):
    """Matsubara frequencies and weights; the many high ones as an integral, in 1/√ω, by the midpoint rule backwards."""
    spacing, count = 2 * np.pi * temperature * TC, 200
    u, weight = np.polynomial.legendre.leggauss(40)
    u, weight = (part / (2 * np.sqrt(spacing * count)) for part in (u + 1, weight))
    low = spacing * (np.arange(count) + 0.5)
    return np.append(low, u**-2.0), np.append(np.full(count, spacing), 2 * weight * u**-3.0)


def lowest_eigenvalue(temperature):
    """Of ln T - 2πT Σ (Re θ[Δ] - Δ/ω)."""
    _, first = chebyshev()
    omega, weight = frequencies(temperature)
    omega, weight = omega[:, None, None], weight[:, None, None]
    system = np.eye(NODES) - (first @ first) / (2 * omega) + 0j
    right = np.broadcast_to(np.eye(NODES) / omega, system.shape).copy()
    for end in (0, NODES - 1):
        system[:, end] = first[end] - 1j * MIXING / LENGTH * np.eye(NODES)[end]
        right[:, end] = 0.0
    total = np.sum(weight * (np.linalg.solve(system, right).real - np.eye(NODES) / omega), axis=0)
    return float(np.min(np.linalg.eigvals(np.log(temperature) * np.eye(NODES) - total).real))


@cache
def critical_temperature():
    return brentq(lowest_eigenvalue, 0.08, 0.12, xtol=1e-11)


def abrikosov_gorkov_gap(temperature):
    """Gap of a homogeneous superconductor of the same Tc by pair breaking α, to first order below Tc.

    ln(T/Tc) + … = -Δ² b/2 with F(ω) = 1/(ω+α): the cubic term sums ω/(2(ω+α)⁴), in 2πT.
    """

    def breaking(t, alpha):
        return np.log(t) + digamma(0.5 + alpha / (2 * np.pi * t * TC)) - digamma(0.5)

    alpha = brentq(lambda a: breaking(critical_temperature(), a), 1e-3, 1.0)
    width = 2 * np.pi * temperature * TC
    z = 0.5 + alpha / width
    cubic = (-polygamma(2, z) / 2 - alpha / width * polygamma(3, z) / 6) / (2 * width**2)
    return float(np.sqrt(-breaking(temperature, alpha) / cubic))


def device(temperature, tolerance=1e-6):
    ends = [us.FerromagneticInsulator(spin_mixing=MIXING, magnetization=[0, 0, sign]) for sign in (1, -1)]
    layer = us.Superconductor(name="S", length=LENGTH)
    output = {"quantities": ["gap"]}
    elements = [ends[0], layer, ends[1]]
    return us.Stack(elements, temperature=temperature, inelastic=0.0, tolerance=tolerance, output=output)


@cache
def exact_gap(below):
    """Of the device at a tight tolerance, so much below its critical temperature."""
    return largest_gap(us.solve(device(below * critical_temperature(), 1e-7)))


def largest_gap(result):
    return float(np.max(np.abs(result.refined.profiles.gap)))


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
def test_critical_temperature(tolerance):
    found = us.critical(device(0.1, tolerance))
    assert found.order == 2
    assert abs(found.value - critical_temperature()) <= found.error + 1e-7
    assert found.error < tolerance


@pytest.mark.parametrize("tolerance", [1e-2, 1e-3, 1e-5])
def test_normal_above(tolerance):
    result = us.solve(device(1.01 * critical_temperature(), tolerance))
    assert largest_gap(result) == 0.0


@pytest.mark.parametrize("tolerance", [1e-2, 1e-3, 1e-4, 1e-5])
@pytest.mark.parametrize("below", [0.99, 0.98])
def test_small_gaps_are_what_they_say(tolerance, below):
    temperature = below * critical_temperature()
    result = us.solve(device(temperature, tolerance))
    assert exact_gap(below) == pytest.approx(abrikosov_gorkov_gap(temperature), rel=0.03)
    true = abs(largest_gap(result) - exact_gap(below))
    assert true <= 3 * result.error + 1e-3 * tolerance
    assert true <= tolerance


@pytest.mark.parametrize("tolerance", [1e-3, 1e-4])
@pytest.mark.parametrize("near", [0.999, 0.9999, 0.99995, 1.0001, 1.001])
def test_a_gap_next_to_its_transition_is_never_zero_without_a_word(tolerance, near):
    """There a grid may have the transition on the wrong side; the error of a vanishing gap is √λ."""
    try:
        result = us.solve(device(near * critical_temperature(), tolerance))
    except us.NotConverged as failure:
        assert near < 1.0
        assert failure.result.error >= 0.5 * exact_gap(near)
        return
    true = abs(largest_gap(result) - (exact_gap(near) if near < 1.0 else 0.0))
    assert true <= tolerance
