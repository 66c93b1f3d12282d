"""Networks on the page: what flows in at each terminal, and what floating ones are at."""

import pytest

import usadel as us
from usadel.explorer.answers import pictures


def test_numbers_of_a_network_are_those_of_its_terminals():
    lengths = {"L": 1.0, "R": 2.0, "P": 1.0}
    wires = [us.Wire([us.NormalMetal(length=a)], start=name, end="hub") for name, a in lengths.items()]
    nodes = {"L": us.NormalReservoir(voltage=0.3), "R": us.NormalReservoir(), "hub": us.Junction()}
    nodes["P"] = us.NormalReservoir(floating=["voltage"])
    result = us.solve(us.Device(wires, nodes, temperature=0.2, tolerance=1e-4))
    values = pictures.numbers(result, result.profiles())
    assert values["charge_into_L"] == pytest.approx(0.1, abs=1e-4)
    assert values["charge_into_P"] == pytest.approx(0.0, abs=1e-4)
    assert values["terminal_voltage_P"] == pytest.approx(0.2, abs=1e-4)
    assert set(values) <= {name for name, _, _ in pictures.labels(result.device)}
