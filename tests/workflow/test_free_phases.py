"""Superconductors in series and in networks, whose phases nothing gives: found, with charge conserved everywhere."""

import numpy as np
import pytest

import usadel as us

TOLERANCE, CONSERVED = 1e-5, 1e-6
SETTINGS = {"temperature": 0.3, "tolerance": TOLERANCE, "output": us.Output(quantities=["gap"])}
CONTACT = us.Tunnel(conductance=3.0)


def reservoir(phase=0.0, **keys):
    return us.SuperconductingReservoir(phase=phase, **keys)


def superconductor(length=1.0, **keys):
    return us.Superconductor(length=length, **keys)


def barrier(conductance=1.0, **keys):
    return us.Tunnel(conductance=conductance, relative_to="left", **keys)


def chain(first):
    """Three superconductors between two reservoirs: a barrier, a ferromagnet and a polarizing magnet between them."""
    magnet = us.SpinActive(
        conductance=1.5, polarization=0.3, magnetization=[0, 1, 1], spin_mixing=0.3, magnetization_left=[1, 0, 0],
        relative_to="left", second_order=0.2,
    )  # fmt: skip
    return us.Stack(
        [
            first, us.Tunnel(conductance=2.0), superconductor(0.8, area=1.3), barrier(1.5),
            superconductor(conductivity=0.7), barrier(2.0), us.Ferromagnet(length=0.3, exchange_field=[0, 0.5, 1]),
            magnet, superconductor(1.2, diffusion=1.4), us.Tunnel(conductance=3.0), reservoir(),
        ],
        **SETTINGS,
    )  # fmt: skip


def phases(result):
    """Mean phase of the gap in each superconductor."""
    layer, gap = result.data.layer.values, result.refined.profiles.gap
    return [float(np.angle(gap[layer == k].sum())) for k in np.unique(layer[np.abs(gap) > 0])]


def test_series_under_phase_bias():
    result = us.solve(chain(reservoir(1.4)))
    currents = result.data.charge_current.values
    assert abs(currents.mean()) > 0.01 and np.ptp(currents) < CONSERVED
    found = [1.4, *phases(result), 0.0]
    assert np.all(np.diff(found) < -0.02)  # every element takes its part of the difference


@pytest.mark.parametrize("wanted", [0.03, pytest.param(-0.02, marks=pytest.mark.slow)])
def test_series_under_current_bias(wanted):
    result = us.solve(chain(reservoir(current=wanted)))
    currents = result.data.charge_current.values
    assert np.ptp(currents) < CONSERVED and abs(currents.mean() - wanted) < TOLERANCE
    phase = result.data.attrs["bias_phase"]
    assert phase * wanted > 0
    again = us.solve(chain(reservoir(phase))).data.charge_current.values
    assert np.ptp(again) < CONSERVED and abs(again.mean() - wanted) < 2 * TOLERANCE


def star(left, right, island=None):
    """Two reservoirs joined by normal wires, and a superconducting island behind a barrier on a third."""
    nodes = {"a": reservoir(left), "b": reservoir(right), "o": us.Junction()}
    wires = [
        us.Wire([CONTACT, us.NormalMetal(length=0.5)], start="a", end="o"),
        us.Wire([us.NormalMetal(length=0.5), CONTACT], start="o", end="b"),
        us.Wire([us.NormalMetal(length=0.3), barrier(2.0), island or superconductor(1.5)], start="o"),
    ]
    return us.Device(wires, nodes, **SETTINGS)


def arms(result):
    """Charge current in each layer: its mean and how much it varies."""
    layer, current = result.data.layer.values, result.data.charge_current.values
    parts = [current[layer == k] for k in np.unique(layer)]
    return np.array([part.mean() for part in parts]), max(np.ptp(part) for part in parts)


def test_island_on_a_junction_takes_the_mean_phase():
    """By symmetry; no charge flows into it."""
    result = us.solve(star(1.3, 0.3))
    assert phases(result) == pytest.approx([0.8], abs=2 * TOLERANCE)
    flow, variation = arms(result)
    assert variation < CONSERVED and flow[0] > 0.05
    assert np.max(np.abs(flow[[2, 3]])) < CONSERVED and flow[1] == pytest.approx(flow[0], abs=CONSERVED)


def test_turned_reservoirs_turn_the_island():
    one, two = us.solve(star(1.3, 0.0)), us.solve(star(1.3 - 2.0, -2.0))
    assert phases(two)[0] == pytest.approx(phases(one)[0] - 2.0, abs=2 * TOLERANCE)
    assert two.data.gap.values == pytest.approx(one.data.gap.values, abs=2 * TOLERANCE)
    assert arms(two)[0] == pytest.approx(arms(one)[0], abs=2 * TOLERANCE)


def test_islands_in_parallel_share_the_current():
    """Two arms between the same junctions, with unequal barriers."""
    nodes = {"a": us.Junction(), "b": us.Junction(), "left": reservoir(1.0), "right": reservoir(0.0)}

    def arm(conductance):
        island = [barrier(conductance), superconductor(1.0), us.Tunnel(conductance=1.0, relative_to="right")]
        return us.Wire([us.NormalMetal(length=0.3), *island, us.NormalMetal(length=0.3)], start="a", end="b")

    lead = us.NormalMetal(length=0.3)
    wires = [us.Wire([CONTACT, lead], start="left", end="a"), arm(2.0), arm(0.7)]
    result = us.solve(us.Device([*wires, us.Wire([lead, CONTACT], start="b", end="right")], nodes, **SETTINGS))
    flow, variation = arms(result)
    upper, lower = flow[1], flow[4]
    assert variation < CONSERVED and upper > lower + 1e-4 > 2e-4
    assert flow[[0, 7]] == pytest.approx(upper + lower, abs=CONSERVED)
    assert flow[1:4] == pytest.approx(upper, abs=CONSERVED) and flow[4:7] == pytest.approx(lower, abs=CONSERVED)


def test_devices_without_any_given_phase():
    """A chain and a ring of superconductors alone: no current, equal phases, the null mode does no harm."""
    stack = us.Stack([superconductor(), barrier(), superconductor(1.4), barrier(0.4), superconductor(0.9)], **SETTINGS)
    parts = [us.NormalMetal(length=0.2), barrier(2.0), superconductor(1.5), barrier(1.0), superconductor(1.1)]
    ring = us.Device([us.Wire(parts, start="o", end="o")], {"o": us.Junction()}, **SETTINGS)
    for device in (stack, ring):
        result = us.solve(device)
        found = np.array(phases(result))
        assert np.ptp(found) < TOLERANCE and result.data.gap.values.max() > 0.8
        assert np.max(np.abs(result.data.charge_current)) < 1e-9
