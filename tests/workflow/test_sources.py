"""Sources beyond a plain voltage: transverse voltages and a spin-pumped ferromagnet."""

import numpy as np
import pytest

import usadel as us

SOLVED = {"nonequilibrium": True}
GAP = us.Output(quantities=["gap", "charge_current", "charge_accumulation", "spin_accumulation"])
SETTINGS = {"temperature": 0.15, "tolerance": 1e-5, "output": GAP}


def thin(middle, left, right, conductance=1e-3):
    barrier = us.Tunnel(conductance=conductance)
    return us.Stack([us.NormalReservoir(**left), barrier, middle, barrier, us.NormalReservoir(**right)], **SETTINGS)


def test_transverse_voltages_are_those_of_two_weak_contacts():
    """A thin island between ±V has h0 = ½Σtanh(E ± V)/2T and no charge mode."""
    bias = {"voltage": 0.7, "spin_voltage": 0.1}
    opposite = {key: -value for key, value in bias.items()}
    solved = us.solve(thin(us.Superconductor(length=0.2, **SOLVED), bias, opposite)).data
    imposed = us.solve(thin(us.Superconductor(length=0.2, transverse=True, **bias), {}, {})).data
    longitudinal = us.solve(thin(us.Superconductor(length=0.2, self_consistent=False, gap=0.9, **bias), {}, {})).data
    middle = imposed.gap.size // 2
    assert imposed.gap.values[middle] == pytest.approx(solved.gap.values[solved.gap.size // 2], abs=2e-5)
    assert 0.5 < imposed.gap.values[middle] < 0.95
    assert np.abs(imposed.charge_accumulation.values).max() < 1e-12
    assert abs(longitudinal.charge_accumulation.values[middle]) > 0.01


def test_transverse_voltages_of_a_reservoir():
    """Fed by a reservoir half-way between ±V, or by one at +V and one at -V: the same mean of both."""
    wire = us.NormalMetal(length=1.0, **SOLVED)
    one = us.Stack([us.NormalReservoir(voltage=0.4, transverse=True), wire], temperature=0.2)
    two = us.Stack([us.NormalReservoir(voltage=0.4), wire, us.NormalReservoir(voltage=-0.4)], temperature=0.2)
    energies = [0.1, 0.4, 0.7]
    h = us.solve(one).distribution(energies, position=0.3).distribution.values[:, 0]
    assert h == pytest.approx(us.solve(two).distribution(energies, position=0.5).distribution.values[:, 0], abs=1e-9)


def test_spin_pumped_reservoir():
    """ħΩ/2 along the magnetization."""
    direction = [1.0, 2.0, 2.0]
    pumped = us.SpinPumpedReservoir(frequency=0.6, cone_angle=0.02, magnetization=direction)
    biased = us.NormalReservoir(spin_voltage=0.3, spin_axis=direction)
    wire = us.NormalMetal(length=1.0, spin_flip=0.1, **SOLVED)
    results = [us.solve(us.Stack([end, us.Tunnel(conductance=2.0), wire], **SETTINGS)).data for end in (pumped, biased)]
    first, second = (r.spin_accumulation.values for r in results)
    assert np.abs(second).max() > 0.05
    assert first == pytest.approx(second, abs=1e-12)
    axis = first[:, 0] / np.linalg.norm(first[:, 0])
    assert np.abs(axis) == pytest.approx([1 / 3, 2 / 3, 2 / 3], abs=1e-9)


@pytest.mark.parametrize("angle", [0.0, -0.1, 0.3])
def test_cone_angle_out_of_range(angle):
    keys = {"frequency": 0.6, "cone_angle": angle, "magnetization": [0, 0, 1]}
    with pytest.raises(us.InputError, match="cone_angle") as caught:
        us.Stack([us.SpinPumpedReservoir(**keys), us.NormalMetal(length=1.0)]).network()
    assert "\n" not in str(caught.value)


def test_an_imposed_and_solved_distribution_is_refused():
    with pytest.raises(us.InputError, match=r"transverse.*solves for"):
        us.Stack([us.NormalReservoir(), us.NormalMetal(length=1.0, transverse=True, **SOLVED)]).network()
