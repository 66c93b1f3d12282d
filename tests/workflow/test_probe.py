"""Potentials that tunnel probes measure: closed forms in normal metals, and a real electrode elsewhere."""

import numpy as np
import pytest

import usadel as us

SOLVED = {"nonequilibrium": True}
POLARIZATION = 0.4
WITHOUT_SPECTRA = us.Output(quantities=("gap",))


@pytest.fixture(scope="module")
def normal():
    """A voltage and a spin voltage along x at the left end of a wire with spin flips, l_sf = √(1/8C)."""
    left = us.NormalReservoir(voltage=0.3, spin_voltage=0.2, spin_axis=[1, 0, 0])
    wire = us.NormalMetal(length=2, spin_flip=0.05, **SOLVED)
    return us.solve(us.Stack([left, wire, us.NormalReservoir()], temperature=0.2, tolerance=1e-7))


def test_voltage_and_spin_voltage_of_a_normal_metal(normal):
    x = np.array([0.0, 0.5, 1.3, 2.0])
    length = np.sqrt(1 / 0.4)
    voltage, spin_voltage = 0.3 * (1 - x / 2), 0.2 * np.sinh((2 - x) / length) / np.sinh(2 / length)
    for m, part in (([2, 0, 0], 1.0), ([1, 1, 0], np.sqrt(0.5)), ([0, 0, 1], 0.0)):
        found = normal.probe(x, POLARIZATION, m, temperature=0.4)
        for sign, orientation in ((1, "parallel"), (-1, "antiparallel")):
            exact = voltage + sign * POLARIZATION * part * spin_voltage
            for name in ("potential", "linear_potential"):
                assert np.abs(found[name].sel(orientation=orientation).values - exact).max() < 1e-7
        assert np.abs(found.difference.values - 2 * POLARIZATION * part * spin_voltage).max() < 1e-7
    assert np.abs(normal.probe(x).potential.values - voltage).max() < 1e-7


def electrode(voltage, gap):
    """The left half and right half of a wire, and at their joint a polarized electrode behind a very weak barrier."""
    end = us.NormalReservoir(voltage=0.5, spin_voltage=0.4)
    barrier = us.SpinActive(conductance=1e-4, polarization=POLARIZATION, magnetization=[0, 0, 1])
    wires = [
        us.Wire([us.Superconductor(length=1.0, gap=gap, self_consistent=False, **SOLVED)], start="left", end="j"),
        us.Wire([us.Superconductor(length=1.0, gap=gap, self_consistent=False, **SOLVED)], start="j", end="right"),
        us.Wire([us.NormalMetal(length=1.0, conductivity=10, **SOLVED), barrier], start="probe", end="j"),
    ]
    nodes = {
        "j": us.Junction(), "left": end, "right": us.SuperconductingReservoir(gap=gap),
        "probe": us.NormalReservoir(voltage=voltage, temperature=0.3),
    }  # fmt: skip
    return us.Device(wires, nodes, temperature=0.2, inelastic=0.02, tolerance=1e-5, output=WITHOUT_SPECTRA)


def test_no_current_flows_into_an_electrode_at_that_potential():
    """The current of a real third terminal, in a superconductor with charge and spin imbalance."""
    gap = 0.4
    result = us.solve(electrode(0.0, gap))
    found = result.probe(1.0, POLARIZATION, [0, 0, 1], temperature=0.3, tolerance=1e-5)
    potential = float(found.potential.sel(orientation="parallel")[0])
    assert abs(potential - float(found.linear_potential.sel(orientation="parallel")[0])) > 0.01

    def current(voltage):
        data = us.solve(electrode(voltage, gap).replace({"tolerance": 1e-6})).data
        return float(data.charge_current[data.layer.values == 2][0])

    at_zero, at_potential = current(0.0), current(potential)
    assert abs(at_zero) > 1e-5
    assert abs(at_potential) < 3e-3 * abs(at_zero)


def test_bad_input(normal):
    for word, arguments in {
        "polarization": (1.0, 1.0, [1, 0, 0]),
        "magnetization": (1.0, 0.5),
        "position": (5.0,),
        "temperature": (1.0, 0.0, None, -1.0),
    }.items():
        with pytest.raises(us.InputError, match=word):
            normal.probe(*arguments)
    with pytest.raises(us.InputError, match="nonequilibrium"):
        us.solve(us.Stack([us.NormalMetal(length=1)])).probe(0.5)
