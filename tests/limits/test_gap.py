"""The gap of homogeneous superconductors: BCS, Dynes broadening, spin voltage."""

import pytest
from limit_data import Limits, extrapolate, solve

import usadel as us

TOLERANCE = 1e-10  # the tightest that can be asked for
COLD = 1e-5  # Tc; stands for T = 0: at Γ > 0 the gap departs from that of T = 0 by about 0.03 (T/Tc)²

BCS = Limits("bcs_gap")
DYNES = Limits("dynes_gap")
SPIN_VOLTAGE = Limits("exchange_field_and_spin_voltage")


def gap(temperature, inelastic=0.0, spin_voltage=0.0, **settings):
    """Gap in the middle and largest departure from it."""
    layer = us.Superconductor(length=1.5, spin_voltage=spin_voltage)
    data = solve([layer], temperature=temperature, inelastic=inelastic, **{"tolerance": TOLERANCE, **settings}).data
    middle = data.gap.values[data.gap.size // 2]
    assert abs(data.gap - middle).max() <= TOLERANCE
    return float(middle)


@BCS.each(lambda v: True)
def test_bcs(value):
    value.assert_equal(gap(value["T_over_Tc"]), TOLERANCE)


@DYNES.each(lambda v: True)
def test_dynes(value):
    value.assert_equal(gap(value["T_over_Tc"] or COLD, value["Gamma"]), TOLERANCE)


@SPIN_VOLTAGE.each(lambda v: v.params.get("q", "").startswith("all nonzero gap solutions") and v.value)
def test_spin_voltage(value):
    """The stable solution is the largest; the unstable one needs a continuation."""
    assert gap(value["T_over_Tc"], spin_voltage=value["eVs"]) == pytest.approx(value.value[-1], abs=value.error)


@SPIN_VOLTAGE.each(lambda v: v.q == "Delta on superconducting branch, h<Delta0")
def test_spin_voltage_leaves_the_gap_alone_at_zero_temperature(value):
    for spin_voltage in (0.2, 0.6):
        value.assert_equal(gap(COLD, spin_voltage=spin_voltage), TOLERANCE)


@SPIN_VOLTAGE.each(lambda v: v.q.startswith("gap on the stable SC branch"))
def test_spin_voltage_with_broadening(value):
    found = gap(value["T_over_Tc"], value["Gamma"], value["eVs"])
    value.assert_equal(found, TOLERANCE)


@SPIN_VOLTAGE.each(lambda v: v.q.startswith("T/Tc0 where linearised") and v["h"] == 0.4)
def test_second_order_line(value):
    """Above its tricritical temperature the gap closes as the square root of the distance; h stands for eVs."""
    below = [value.value * (1 - 1e-3 * k) for k in range(1, 7)]
    squares = [gap(t, spin_voltage=value["h"]) ** 2 for t in below]
    value.assert_equal(extrapolate(squares, below), asked=1e-9)
    assert gap(1.002 * value.value, spin_voltage=value["h"], tolerance=1e-6) < 1e-6


SPIN_VOLTAGE.later("no superconducting solution: test_open", lambda v: v.value == [])
SPIN_VOLTAGE.later(
    "continuation, or free energies: unstable branches, ends of the bistable interval, first-order lines",
    lambda v: any(
        word in v.q
        for word in ("unstable", "Chandrasekhar", "bistable", "tricritical", "first-order", "normal-state spinodal")
    ),
)


def test_every_value_is_compared():
    assert [v.label() for limits in (BCS, DYNES, SPIN_VOLTAGE) for v in limits.rest] == []


def test_condensation_energy():
    """∫E q4 of a bulk superconductor at T → 0, Γ = 0 is the ground-state energy -¼N0Δ0²."""
    data = solve([us.Superconductor(length=1.5)], temperature=1e-3, inelastic=0, tolerance=1e-9).data
    thermal = 0.0  # of the quasiparticles: exp(-Δ0/kB T) is nothing
    assert data.energy_accumulation.values == pytest.approx(-0.25 + thermal, abs=1e-8)
