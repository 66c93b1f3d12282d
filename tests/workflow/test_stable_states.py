"""Solves that have to find the stable state, the phase of an island, and tiny amplitudes."""

import numpy as np
import pytest

import usadel as us
from usadel.algebra.modes import Mode

X = [1, 0, 0]


def superconductor(length=1.0, **keys):
    return us.Superconductor(length=length, **keys)


def largest_gap(result):
    return float(np.max(np.abs(result.refined.profiles.gap)))


def test_start_of_another_structure_is_refused():
    other = us.solve(us.Stack([us.NormalMetal(length=1)], temperature=0.5))
    for layers, words in (
        ([superconductor(1.3)], "layer 0 is a normal_metal there and a superconductor here"),
        ([superconductor(1.3), us.NormalMetal(length=0.4)], "it has 1 layer .*, this device 2 layers"),
    ):
        with pytest.raises(us.InputError, match=f"start: is a result of another structure: {words}"):
            us.solve(us.Stack(layers, temperature=0.5, tolerance=1e-5), start=other)


def test_start_from_the_other_side_of_the_transition():
    hot = us.solve(us.Stack([superconductor()], temperature=1.1))
    cold = us.solve(us.Stack([superconductor()], temperature=0.5))
    assert largest_gap(hot) == 0 and largest_gap(cold) > 0.9
    assert largest_gap(us.solve(us.Stack([superconductor()], temperature=1.1), start=cold)) < 1e-6
    again = us.solve(us.Stack([superconductor()], temperature=0.5), start=hot)
    assert abs(largest_gap(again) - largest_gap(cold)) < 2e-6


@pytest.mark.parametrize("gap", [0.01, 0.1, 0.3, 0.9, 1.5])
def test_guess_of_the_gap_does_not_matter(gap):
    result = us.solve(us.Stack([superconductor(gap=gap)], temperature=0.5))
    assert abs(largest_gap(result) - 0.943159) < 2e-6


def test_long_normal_arms_at_a_tight_tolerance():
    """Amplitudes that underflow far from a superconductor are no failure."""
    nodes = {"a": us.SuperconductingReservoir(), "o": us.Junction()}
    arm = us.NormalMetal(length=1.0)
    wires = [us.Wire([us.NormalMetal(length=0.4)], start="a", end="o"), *[us.Wire([arm], start="o")] * 2]
    assert us.solve(us.Device(wires, nodes, temperature=0.2, tolerance=1e-8)).converged


def island(spin_voltage, phase, mixing=0.0):
    magnet = [us.FerromagneticInsulator(spin_mixing=mixing, magnetization=X)] if mixing else []
    layers = [
        *magnet,
        superconductor(2.0, spin_voltage=spin_voltage),
        us.Tunnel(conductance=5.0, relative_to="left"),
        us.Ferromagnet(length=1.0, exchange_field=[0, 0, 3], spin_voltage=spin_voltage),
        us.NormalMetal(length=0.5, spin_voltage=spin_voltage),
        us.Tunnel(conductance=0.3),
        us.SuperconductingReservoir(phase=phase),
    ]
    return us.Stack(layers, temperature=0.05, inelastic=1e-3, tolerance=1e-5)


@pytest.mark.parametrize("mixing", [0.0, 0.5])
def test_island_behind_a_magnet_finds_its_phase(mixing):
    assert us.solve(island(0.2, 1.0, mixing)).converged


def test_phase_of_an_island_does_not_depend_on_the_global_one():
    """Behind this ferromagnet the island is in antiphase with its reservoir, also where that has phase 0."""
    gaps = [us.solve(island(0.0, phase)).refined.profiles.gap[0] * np.exp(-1j * phase) for phase in (1.0, 0.0)]
    assert abs(gaps[0]) > 0.8
    assert abs(gaps[0] - gaps[1]) < 4e-5


def test_spin_temperature_leaves_an_energy_that_is_no_matter_of_tolerance():
    layer = us.Superconductor(length=1, spin_temperature=0.1, self_consistent=False)
    found = []
    for tolerance in (1e-4, 1e-6):
        result = us.solve(us.Stack([layer], temperature=0.3, tolerance=tolerance))
        found.append(result.refined.profiles.accumulation[0, Mode.SPIN_ENERGY_Z])
    assert abs(found[0] - found[1]) < 1e-4


@pytest.mark.parametrize("contact", [us.Transparent(), us.Tunnel(conductance=1)])
def test_energy_of_a_normal_metal_at_a_superconductor(contact):
    found = []
    for tolerance in (1e-4, 1e-6):
        layers = [us.SuperconductingReservoir(), contact, us.NormalMetal(length=1)]
        result = us.solve(us.Stack(layers, temperature=0.3, tolerance=tolerance))
        found.append(result.refined.profiles.accumulation[:, Mode.ENERGY])
    assert np.all(np.isfinite(np.concatenate(found)))  # at the contact itself there is only a logarithmic limit
    assert abs(found[0][-1]) > 1e-3
    assert abs(found[0][-1] - found[1][-1]) < 1e-3
