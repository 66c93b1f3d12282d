"""Equation (11) of Morten, Brataas and Belzig, against numbers of another integration and against its own limits."""

import json
from pathlib import Path

import numpy as np
import pytest

from usadel.studies.spin_battery import (
    GAP_OVER_TC,
    coefficients,
    cold_signal,
    normal_signal,
    paper_gap,
    signal,
)

VALUES = json.loads(
    (Path(__file__).resolve().parents[1] / "reference" / "limits" / "spin_battery.json").read_text(encoding="utf-8")
)["values"]
CURVES = [v for v in VALUES if "T_over_Tc" in v["params"]]
COLD = [v for v in VALUES if "T=0" in v["params"]["q"]]


def test_all_reference_values_are_compared():
    assert len(CURVES) == 42 and len(COLD) > 12 and len(CURVES) + len(COLD) == len(VALUES)


@pytest.mark.parametrize("value", CURVES, ids=lambda v: str(list(v["params"].values())[:3]))
def test_signal_against_temperature(value):
    """Relative accuracy also where the signal is 1e-12 of the normal one."""
    p = value["params"]
    distance, temperature = p["L_over_lsf"], p["T_over_Tc"]
    found = signal(distance, p["eV_over_Delta0"] * GAP_OVER_TC, temperature, float(paper_gap(temperature)))
    assert found / normal_signal(distance) == pytest.approx(value["value"], rel=1e-9, abs=0)


@pytest.mark.parametrize("value", COLD, ids=lambda v: v["params"]["q"][:32] + str(v["params"]["eV_over_Delta"]))
def test_signal_at_zero_temperature(value):
    p = value["params"]
    distance, bias = p["L_over_lsf"], p["eV_over_Delta"]
    if "exact" in p["q"]:
        found, allowed = signal(distance, bias, 1e-5, 1.0, barrier=0.0), 1e-7
    else:
        found, allowed = cold_signal(distance, bias, 1.0, printed="printed" in p["q"]), 1e-9
    assert found == pytest.approx(value["value"], rel=allowed, abs=0)


def test_nothing_flows_below_twice_the_gap():
    """The threshold of Eq. (11) is eV = 2Δ, not the printed eV = Δ."""
    assert cold_signal(6.0, 1.99, 1.0) == 0.0 < cold_signal(6.0, 2.01, 1.0)
    assert signal(6.0, 1.5, 0.02, 1.0) < 1e-4 * signal(6.0, 2.5, 0.02, 1.0)


def test_normal_limit_is_half_of_the_printed_one():
    distance, barrier = 1.3, 0.7
    assert signal(distance, 0.4, 1.1, 0.0, barrier) == pytest.approx(normal_signal(distance, barrier), rel=1e-10)
    printed = 2 * np.exp(-distance) / (1 + barrier)
    assert printed == pytest.approx(2 * normal_signal(distance, barrier))


def test_bcs_coefficients_are_those_of_the_text():
    """Below and above the gap as the paper states them after Eq. (10)."""
    below, above = np.array([0.2, 0.9]), np.array([1.1, 2.0, 7.0])
    c = coefficients(below, 1.0)
    np.testing.assert_allclose(c["alpha_tt"], 1 / np.sqrt(1 - below**2))
    np.testing.assert_allclose(c["alpha_lsls"], -1 / (1 - below**2))
    np.testing.assert_allclose(c["d_t"], 1 / (1 - below**2))
    np.testing.assert_allclose([c["d_l"], c["alpha_tsts"], c["l_sf"]], 0, atol=1e-14)
    c = coefficients(above, 1.0)
    np.testing.assert_allclose(c["alpha_tt"], 0, atol=1e-14)
    np.testing.assert_allclose(c["alpha_lsls"], above**2 / (above**2 - 1))
    np.testing.assert_allclose(c["alpha_tsts"], (above**2 + 1) / (above**2 - 1))
    np.testing.assert_allclose(c["d_l"], 1)
    np.testing.assert_allclose(c["d_t"], above**2 / (above**2 - 1))
    np.testing.assert_allclose(c["l_sf"], np.sqrt((above**2 - 1) / (above**2 + 1)))


@pytest.mark.parametrize("bad", [{"distance": 0.0}, {"bias": -1.0}, {"temperature": 0.0}, {"gap": -0.1}])
def test_impossible_parameters_are_refused(bad):
    with pytest.raises(ValueError, match="must be positive"):
        signal(**({"distance": 1.0, "bias": 1.0, "temperature": 0.5, "gap": 0.5} | bad))
