"""Devices with a given charge current: the phase that is found carries it, and is the one that phase bias needs."""

import numpy as np
import pytest

import usadel as us

SETTINGS = {"temperature": 0.3, "tolerance": 1e-6, "output": us.Output(quantities=["gap"])}


def weak_link(side="left", **bias):
    """A self-consistent superconductor between reservoirs, so that the gap's phase has a slope, behind a barrier."""
    biased, other = us.SuperconductingReservoir(**bias), us.SuperconductingReservoir()
    inside = [us.Superconductor(length=1.0), us.Tunnel(conductance=0.8)]
    ends = [biased, other] if side == "left" else [other, biased]
    return us.Stack([ends[0], *inside, ends[1]], **SETTINGS)


@pytest.mark.parametrize("side", ["left", "right"])
def test_found_phase_carries_the_current(side):
    wanted = 0.1
    result = us.solve(weak_link(side, current=wanted))
    currents = result.data.charge_current.values
    assert currents == pytest.approx(wanted, abs=1e-6)  # everywhere: conserved
    phase = result.data.attrs["bias_phase"]
    assert (phase > 0.1) == (side == "left")
    again = us.solve(weak_link(side, phase=phase))
    assert again.data.charge_current.values == pytest.approx(wanted, abs=1e-6)


def test_opposite_currents_have_opposite_phases():
    phases = [us.solve(weak_link(current=j)).data.attrs["bias_phase"] for j in (0.05, -0.05)]
    assert phases[0] == pytest.approx(-phases[1], abs=1e-6) and phases[0] > 0.02


def test_no_current_has_no_phase():
    assert us.solve(weak_link(current=0.0, phase=0.7)).data.attrs["bias_phase"] == pytest.approx(0, abs=1e-6)


def test_beyond_the_critical_current():
    """The largest current of a sinusoidal junction is that at π/2."""

    def junction(**bias):
        ends = [us.SuperconductingReservoir(**bias), us.SuperconductingReservoir()]
        barrier = us.Tunnel(conductance=0.05)
        stack = [ends[0], barrier, us.NormalMetal(length=1.0), us.Tunnel(conductance=0.05), ends[1]]
        return us.Stack(stack, **SETTINGS)

    critical = max(
        float(us.solve(junction(phase=phase)).data.charge_current[0])
        for phase in np.linspace(0.4 * np.pi, 0.7 * np.pi, 31)
    )
    with pytest.raises(us.InputError, match="beyond the critical current") as refused:
        us.solve(junction(current=1.5 * critical))
    told = float(str(refused.value).split("of this device, ")[1].split()[0])
    assert told == pytest.approx(critical, rel=2e-3)
    found = us.solve(junction(current=0.9 * critical))
    assert float(found.data.charge_current[0]) == pytest.approx(0.9 * critical, abs=1e-6)


def test_impossible_bias_is_refused():
    one, other = us.SuperconductingReservoir(current=0.1), us.SuperconductingReservoir(current=0.2)
    with pytest.raises(us.InputError, match="only one reservoir can"):
        us.solve(us.Stack([one, us.NormalMetal(length=1.0), other], **SETTINGS))
    with pytest.raises(us.InputError, match="flows nowhere"):
        us.solve(us.Stack([one, us.NormalMetal(length=1.0)], **SETTINGS))
