"""Compressed Matsubara sums against brute force with asymptotic tails."""

import numpy as np
import pytest
from scipy import integrate, special

from usadel.energies.rules import TC, gauss_panels, matsubara_rule

TEMPERATURES = [1e-3, 0.01, 0.1, 0.4, 1.0]
TOLERANCES = [1e-4, 1e-6, 1e-8, 1e-10]
TERMS = 4000


def full_sum(function, integral, temperature):
    """Σ 2πT F(ωₙ): TERMS terms, then ∫F from the next midpoint on with the Euler-Maclaurin term h²F'/24."""
    h = 2 * np.pi * temperature * TC
    start = h * TERMS
    delta = 1e-3 * start
    slope = (function(start + delta) - function(start - delta)) / (2 * delta)
    return h * np.sum(function(h * (np.arange(TERMS) + 0.5))) + integral(start) + h**2 * slope / 24


def compressed(function, temperature, tolerance):
    omega, weight, _ = matsubara_rule(temperature, tolerance)
    return np.sum(weight * function(omega))


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize(
    ("gap", "shift"), [(1.0, 0.0), (0.2, 0.0), (1.0, 0.01 - 0.25j), (0.7, 0.05 - 1.3j), (0.0, -2.9j)]
)
def test_superconductors_at_shifted_frequencies(temperature, tolerance, gap, shift):
    """1/√((ω+Γ-iV)² + Δ²) - 1/ω."""

    def function(omega):
        return 1 / np.sqrt((omega + shift) ** 2 + gap**2) - 1 / omega

    def integral(start):
        z = start + shift
        return np.log(2 * start / (z + np.sqrt(z**2 + gap**2)))

    exact = full_sum(function, integral, temperature)
    assert abs(exact) > 0.01
    assert abs(compressed(function, temperature, tolerance) - exact) < tolerance


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("rate", [0.03, 1.0, 40.0, 3e3])
def test_half_integer_powers_of_boundary_layers(temperature, tolerance, rate):
    """√κ/(ω+κ)^{3/2}, which the rule integrates as a function of weight 10."""
    h = 2 * np.pi * temperature * TC
    exact = np.sqrt(rate / h) * special.zeta(1.5, 0.5 + rate / h)
    assert exact > 0.1

    def function(omega):
        return np.sqrt(rate) / (omega + rate) ** 1.5

    assert abs(compressed(function, temperature, tolerance) - exact) < 10 * tolerance


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("tolerance", TOLERANCES)
def test_superconductor_next_to_an_insulating_magnet(temperature, tolerance):
    """1/[√(ω²+1) + ½√(ω+1)] - 1/ω: poles, cuts and half-integer powers at once, of weight about 10."""

    def function(omega):
        return 1 / (np.sqrt(omega**2 + 1) + 0.5 * np.sqrt(omega + 1)) - 1 / omega

    def integral(start):
        return integrate.quad(lambda t: 2 * t * function(start / t**2) * start / t**4, 0, 1, epsabs=1e-14)[0]

    exact = full_sum(function, integral, temperature)
    assert abs(exact) > 0.01
    assert abs(compressed(function, temperature, tolerance) - exact) < 10 * tolerance


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("tolerance", TOLERANCES)
def test_points_ascend_and_weights_do_not_cancel(temperature, tolerance):
    omega, weight, variation = matsubara_rule(temperature, tolerance)
    assert omega[0] == pytest.approx(np.pi * temperature * TC, rel=1e-2)  # the first frequency
    assert np.all(np.diff(omega) > 0) and omega.size == weight.size == variation.size < 84
    assert np.sum(np.abs(weight) / omega) < 50
    assert np.max(np.abs(variation / weight)) < 1
    if tolerance >= 1e-6 and temperature > 1e-3:  # free nodes; selected ones claim no error of their own
        assert np.max(np.abs(variation / weight)) > 0


def test_few_points_are_enough():
    """Free nodes integrate twice as many functions as frequencies chosen among Matsubara's."""
    sizes = [matsubara_rule(0.01, tolerance)[0].size for tolerance in (1e-4, 1e-6, 1e-8)]
    assert sizes[0] <= 16 and sizes[1] <= 24 and sizes[2] <= 36


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("conductance", [0.5, 5.0])
def test_energy_of_a_superconductor_next_to_a_tunnel_contact(temperature, tolerance, conductance):
    energy_next_to_a_contact(temperature, tolerance, conductance)


@pytest.mark.parametrize("tolerance", [1e-4, 1e-7])
@pytest.mark.parametrize("conductance", [300.0, 1e4])
def test_spectra_of_thin_layers(tolerance, conductance):
    """Structure up to 1e5 and 1e8 Δ0, as in layers of 1e-4 ξ."""
    energy_next_to_a_contact(0.1, tolerance, conductance)


def energy_next_to_a_contact(temperature, tolerance, conductance):
    """f = 1/(ω + g√ω): ω f² and f with the 1/ω of the bulk taken out, as in energy densities."""

    def function(omega):
        f = 1 / (omega + conductance * np.sqrt(omega))
        return omega * f**2 - f

    def integral(start):
        return integrate.quad(lambda t: 2 * t * function(start / t**2) * start / t**4, 0, 1, epsabs=1e-14)[0]

    exact = full_sum(function, integral, temperature)
    assert abs(exact) > 0.01
    omega, weight, _ = matsubara_rule(temperature, tolerance, 2 * conductance**2)
    assert abs(np.sum(weight * function(omega)) - exact) < 10 * tolerance


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("distance", [1e-3, 0.01, 0.1])
def test_boundary_layer_of_a_leaking_contact(temperature, tolerance, distance):
    """ω^{-3/2} exp(-d√(2ω)) at a distance from a contact that singlets leak through, where E varies like d ln d."""

    def function(omega):
        return np.exp(-distance * np.sqrt(2 * (omega + 1))) / (omega + 1) ** 1.5

    def integral(start):
        return 2 * special.expn(2, distance * np.sqrt(2 * (start + 1))) / np.sqrt(start + 1)

    exact = full_sum(function, integral, temperature)
    assert exact > 0.5
    omega, weight, variation = matsubara_rule(temperature, tolerance, leaks=True)
    assert np.max(np.abs(variation / weight)) > 0  # a rule of free nodes, that claims an error
    assert abs(np.sum(weight * function(omega)) - exact) < (2 if tolerance > 1e-9 else 10) * tolerance


def test_panels_integrate_polynomials():
    edges = np.array([-1.0, 0.2, 0.3, 4.0])
    point, weight = gauss_panels(edges, 5)
    for power in range(10):
        exact = (4.0 ** (power + 1) - (-1.0) ** (power + 1)) / (power + 1)
        assert np.sum(weight * point**power) == pytest.approx(exact, rel=1e-13)
    assert np.sum(weight * point**10) != pytest.approx((4.0**11 + 1) / 11, rel=1e-9)
