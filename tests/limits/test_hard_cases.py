"""Cases on which the engine failed at first."""

import tomllib

import numpy as np
import pytest
from limit_data import Limits, josephson_current, solve
from test_contour_is_real_axis import (
    ACCURACY,
    modes,
    spin_heated_rigid_superconductor,
    spin_heated_superconductor,
)
from test_contour_is_real_axis import (
    solve as on_real_axis,
)

import usadel as us


@pytest.mark.parametrize("device", [spin_heated_superconductor, spin_heated_rigid_superconductor])
def test_spin_energy_of_a_superconductor(device):
    """∫E q: what the two rules cut off differently is ¼|Δ|²(n₊ - n₋)u, n_s = Σ2πT/ω + ln T of the current's share s.

    Adding that to the plain sums gives the integrals to 4e-11; the triplets that ½Re Δ*f_t takes out as well are no
    part of ∫E q.
    """
    result, states, weights = on_real_axis(device)
    expected = (states.accumulations() @ weights)[5:]
    found = modes(result.data, "accumulation", states.site)[5:]
    assert found == pytest.approx(expected, abs=ACCURACY)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("length", [1.0, 0.1, 0.01])
def test_tolerance_is_kept_by_large_currents(length, tolerance):
    layer, settings = us.NormalMetal(length=length), {"temperature": 0.1, "inelastic": 0.0}
    best = josephson_current(layer, np.pi / 2, tolerance=1e-8, **settings)
    assert josephson_current(layer, np.pi / 2, tolerance=tolerance, **settings) == pytest.approx(best, abs=tolerance)


NORMAL = Limits("exchange_field_and_spin_voltage")


@NORMAL.each(lambda v: v.value == [])
def test_only_the_normal_state(value):
    layer = us.Superconductor(length=1.5, spin_voltage=value["eVs"])
    data = solve([layer], temperature=value["T_over_Tc"], inelastic=0.0).data
    assert data.gap.max() < 1e-6


SPIN_ORBIT = """
temperature = 0.0535
inelastic = 0.00542
tolerance = 1e-4
[[stack]]
kind = "ferromagnetic_insulator"
spin_mixing = 1.8661
magnetization = [-0.718, 0.0191, -0.6958]
[[stack]]
kind = "superconductor"
length = 0.3
conductivity = 1.61
nanowire = -1.8
[[stack]]
kind = "spin_active"
conductance = 1.69
magnetization = [-0.1957, 0.7737, 0.6026]
relative_to = "right"
spin_mixing_left = 2.4823
spin_mixing_right = 1.6017
[[stack]]
kind = "normal_metal"
length = 0.735
conductivity = 0.0178
gauge_z = [1.7872, 1.2438, -0.1441]
[[stack]]
kind = "tunnel"
conductance = 0.0851
relative_to = "left"
[[stack]]
kind = "superconductor"
length = 8.31
diffusion = 0.0137
conductivity = 27.3
area = 0.228
rashba = -0.543
[[stack]]
kind = "superconductor"
length = 0.476
conductivity = 0.178
area = 28.8
nanowire = 1.16
[[stack]]
kind = "spin_active"
conductance = 0.0392
magnetization = [-0.3118, 0.7635, 0.5655]
polarization = 0.2747
spin_mixing_left = -0.6854
spin_mixing_right = 1.9594
magnetization_right = [-0.98, 0.056, 0.1908]
[[stack]]
kind = "superconducting_reservoir"
phase = 1.0326
"""


@pytest.mark.slow
def test_strong_spin_orbit_coupling_converges():
    """Triplets that turn with the field by 0.5 rad between nodes: Newton's method ran away, and took all its work."""
    device = us.Stack.from_tables(tomllib.loads(SPIN_ORBIT))
    result = us.solve(device)
    finer = us.solve(device.replace({"tolerance": 3e-5}), start=result)
    places = np.linspace(0.1, 9.7, 40)
    assert result.error <= 1e-4
    assert np.max(np.abs(result.at(places).gap.values - finer.at(places).gap.values)) < 1e-4
