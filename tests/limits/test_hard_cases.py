"""Cases on which the engine failed at first."""

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
