"""Which solution a result is: attributes `stable` and `lower_state`."""

import numpy as np
import pytest

import usadel as us
from usadel.gap.condensation import condensation_energy
from usadel.gap.free_energy import free_energy_of
from usadel.gap.stability import modulus_eigenvalues

CLOGSTON = 1 / np.sqrt(2)  # exchange field (Δ0) beyond which the normal state of a cold superconductor lies lower


def split(field, **keys):
    layer = us.Superconductor(name="S", length=2, exchange_field=[0, 0, field], **keys)
    return us.Stack([layer], temperature=0.0342, tolerance=1e-4)


def attributes(device, **how):
    return us.solve(device, **how).profiles().attrs


@pytest.mark.parametrize(("field", "lower"), [(0.3, 0), (0.68, 0), (0.7418, 1), (0.8, 1)])
def test_metastable_beyond_the_clogston_field(field, lower):
    found = attributes(split(field))
    assert found["stable"] == 1
    assert found["lower_state"] == lower == int(field > CLOGSTON)


def test_sign_of_the_free_energy_is_that_of_the_full_integral():
    for field in (0.69, 0.73):
        state = us.solve(split(field)).state
        assert (free_energy_of(state, 0.0).value > 0) == (condensation_energy(state) > 0) == (field > CLOGSTON)


def test_summary_names_a_metastable_state():
    assert any("metastable" in text for _, text in us.solve(split(0.75)).summary())
    assert not any("metastable" in text for _, text in us.solve(split(0.5)).summary())


def test_start_in_a_saddle_is_left():
    """Between Δ = 0 and the full gap a cold superconductor in a field has a solution that is not stable."""
    result = us.solve(split(0.7, gap=0.15))
    assert float(np.max(np.abs(result.refined.profiles.gap))) in (0.0, pytest.approx(0.985, abs=0.02))
    assert result.profiles().attrs["stable"] == 1
    assert np.min(modulus_eigenvalues(result.solved.solution).real) > 0


def test_saddle_of_a_complex_gap_is_left():
    """Beside a superconductor of another phase; without the key `gap` the same solution is found."""

    def device(**start):
        elements = [
            us.FerromagneticInsulator(spin_mixing=0.5, magnetization=[-0.34, -0.65, -0.68]),
            us.Superconductor(name="S", length=1.67, exchange_field=[0.14, 0.09, 0.02], **start),
            us.Tunnel(conductance=0.53, relative_to="left"),
            us.Ferromagnet(length=1.06, exchange_field=["0.43*cos(2*pi*z)", "0.43*sin(2*pi*z)", 0.13]),
            us.Tunnel(conductance=1.5),
            us.SuperconductingReservoir(phase=-0.0173),
        ]
        return us.Stack(elements, temperature=0.0257, tolerance=1e-4)

    gaps = []
    for start in ({}, {"gap": 0.15}):
        result = us.solve(device(**start))
        gaps.append(float(np.max(np.abs(result.refined.profiles.gap))))
        assert result.profiles().attrs["stable"] == 1
        assert "lower_state" not in result.profiles().attrs  # a reservoir gives a gap
    assert gaps[0] > 0.8
    assert gaps[1] == pytest.approx(gaps[0], abs=3e-4)


def test_absent_where_it_is_not_known():
    rigid = us.Stack([us.SuperconductingReservoir(), us.NormalMetal(length=1)], temperature=0.3)
    driven = us.Stack([us.Superconductor(length=1, spin_voltage=0.2, spin_flip=0.01)], temperature=0.3)
    known = {"stable", "lower_state"}
    assert not known & set(attributes(rigid))
    assert known & set(attributes(driven)) == {"stable"}
    first = us.solve(split(0.3))
    assert not known & set(attributes(split(0.31), start=first))
