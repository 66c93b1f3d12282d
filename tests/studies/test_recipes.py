"""Studies that come up again and again, at a few points each; other tests compare them with other programs."""

import numpy as np
import pytest

import usadel as us


def test_tunable_critical_temperature():
    """The spin valve of a paper: both fields of the magnets add up where these are parallel."""
    found = us.studies.spin_valve([0.0, 1.0], tolerance=1e-4)
    assert found.data.critical_temperature.dims == ("angle",) and found.value[0] < found.value[1] - 0.1


def test_critical_temperature_against_thickness():
    """It is least where the magnet is about as thick as pairs oscillate in (Fig. 7 of the paper of 2002)."""
    found = us.studies.NIOBIUM_COPPER_NICKEL.critical_temperatures([2.0, 5.0, 12.0], 1e-3)
    assert np.argmin(found.value) == 1 and found.value[2] - found.value[1] > 0.02


@pytest.mark.parametrize("same_side", [True, False])
def test_triplet_junction(same_side):
    """Long-ranged pairs carry the current; magnets turned to the same side make it a π junction."""
    keys = {"tolerance": 1e-4}
    found = us.studies.triplet_junction([0.0, 0.5], same_side=same_side, **keys)
    collinear, turned = found.critical_current
    assert turned > 20 * collinear
    assert found.ground_state_phase[1] == pytest.approx(np.pi if same_side else 0.0, abs=1e-3)
    assert len(found.crossings) == same_side


def test_spin_injection():
    """At T = 0.01 where a trace has its fold and the gap vanishes (spin-z injection of the 2019 paper)."""
    found = us.studies.injection_diagram([0.01])
    assert found.order[0] == 1 and found.value[0] == pytest.approx(0.6433, abs=2e-4)
    assert float(found.data["closing_S.spin_voltage"][0]) == pytest.approx(0.5421, abs=2e-4)
