"""Pair breaking in homogeneous superconductors (A. A. Abrikosov, L. P. Gor'kov, Sov. Phys. JETP 12, 1243).

The rate is Γ = (3/4)ħ/τ_sf = 6 C_sf of spin flips in the definition of Morten et al., and C_dp/2 of orbital depairing.
"""

import numpy as np
import pytest
from limit_data import Limits, extrapolate, solve
from scipy.optimize import brentq

import usadel as us

TOLERANCE = 1e-10
COLD = 1e-5  # Tc; stands for T = 0
AG = Limits("abrikosov_gorkov")
TERMS = {"spin_flip": 1 / 6, "depairing": 2.0}  # C for Γ = 1


def keys(term, rate):
    return {term: TERMS[term] * rate}


def gap(temperature, tolerance=TOLERANCE, **keys):
    data = solve(
        [us.Superconductor(length=1.0, **keys)], temperature=temperature, inelastic=0, tolerance=tolerance
    ).data
    middle = data.gap.values[data.gap.size // 2]
    assert abs(data.gap - middle).max() <= 10 * tolerance
    return float(middle)


@pytest.mark.parametrize("term", TERMS)
@AG.each(lambda v: v["quantity"] == "Tc/Tc0")
def test_critical_temperature(value, term):
    """The gap closes as the square root of the distance."""
    rate = keys(term, value["Gamma_AG"])
    below = [value.value * (1 - 1e-3 * k) for k in range(1, 7)]
    squares = [gap(t, 1e-7, **rate) ** 2 for t in below]
    value.assert_equal(extrapolate(squares, below), asked=1e-7)
    assert gap(1.002 * value.value, 1e-6, **rate) < 1e-6


@pytest.mark.parametrize("term", TERMS)
@AG.each(lambda v: v["quantity"].startswith("Delta(T=0)"))
def test_gap_at_zero_temperature(value, term):
    value.assert_equal(gap(COLD, **keys(term, value["Gamma_AG"])), asked=1e-9)


@pytest.mark.parametrize("term", TERMS)
@AG.each(lambda v: v["quantity"].startswith("Delta(T=0.1"))
def test_gap_at_low_temperature(value, term):
    """Some at a tenth of the critical temperature that the pair breaking leaves, some at a tenth of the clean one."""
    rate = value["Gamma_AG"]
    temperature = 0.1
    if "actual" in value["quantity"]:
        temperature *= {0.075: 0.8942942308393105, 0.3: 0.5443959972548408}[round(rate, 3)]
    value.assert_equal(gap(temperature, **keys(term, rate)), asked=1e-9)


@pytest.mark.parametrize("term", TERMS)
@AG.each(lambda v: v["quantity"].startswith("spectral gap"))
def test_spectral_gap(value, term):
    """The density of states opens as a square root at the edge; a little broadening to keep off it."""
    layer = us.Superconductor(length=1.0, **keys(term, value["Gamma_AG"]))
    result = solve([layer], temperature=COLD, inelastic=1e-9, tolerance=1e-8)
    at = value.value + np.array([-1e-3, 1e-3, 2e-3])
    below, *above = result.dos(at, position=[0.5], tolerance=1e-6).dos.values[0]
    assert abs(below) < 1e-5
    edge = brentq(lambda e: above[0] ** 2 * (at[2] - e) - above[1] ** 2 * (at[1] - e), at[0], at[1])
    value.assert_equal(edge, asked=1e-5)


def test_every_value_is_used():
    assert not AG.rest
