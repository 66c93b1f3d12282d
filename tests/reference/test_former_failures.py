"""Inputs that once failed (former_failures), each with what is right: its first line says it.

Right values are closed forms, the same device in other words, or those of a version that resolved what was missed.
"""

import resource
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import digamma

import usadel as us

FOLDER = Path(__file__).resolve().parent / "former_failures"
TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0


def device(name):
    return us.load_device(FOLDER / f"{name}.toml")


@cache
def solved(name):
    return us.solve(device(name))


def largest_gap(result):
    return float(np.max(np.abs(result.refined.profiles.gap)))


@pytest.mark.parametrize(
    ("name", "words"),
    [("diffusion_huge", "stack.0.diffusion"), ("energies_far", "output.energies"),
     ("temperature_denormal", "temperature")],
)  # fmt: skip
@pytest.mark.parametrize("command", ["run", "check"])
def test_refused_in_one_line(name, words, command, capsys, tmp_path, monkeypatch, recwarn):
    from usadel.__main__ import main

    monkeypatch.chdir(tmp_path)
    assert main([command, str(FOLDER / f"{name}.toml")]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1 and not list(recwarn)
    assert f"{name}.toml, line" in printed.err and words in printed.err and "must be" in printed.err
    assert not list(tmp_path.iterdir())


def test_a_pure_gauge():
    """Of the whole device: a gap as without it, with the phase -0.1 x + constant."""
    result, places = solved("bilayer_with_phase_gradient"), np.linspace(0.0, 1.99, 9)
    plain = us.solve(device("bilayer_with_phase_gradient").replace(dict.fromkeys(GRADIENTS, 0.0)))
    found, expected = result.at(places), plain.at(places)
    assert found.gap.values == pytest.approx(expected.gap.values, abs=2e-4)
    assert largest_gap(result) == pytest.approx(0.8702, abs=1e-4)
    phase = found.gap_phase.values + 0.1 * places
    assert np.ptp(phase) < 2e-3
    assert np.max(np.abs(result.data.charge_current.values)) < 1e-5


GRADIENTS = ("stack.0.phase_gradient", "stack.1.phase_gradient")


@pytest.mark.parametrize(
    ("name", "expected", "digits"),
    [("sheet_between_nodes", 0.42116, 1e-5), ("thin_sheet_missed", 0.009541, 2e-6)],
)
def test_currents_through_sheets(name, expected, digits):
    current = float(solved(name).data.charge_current[0])
    assert abs(current - expected) < 1e-4 + digits
    attributes = solved(name).data.attrs
    assert max(attributes["estimated_error"], attributes["conservation_error"]) <= 1e-4
    tenth = us.solve(device(name).replace({"tolerance": 1e-5}))
    assert abs(float(tenth.data.charge_current[0]) - expected) < 1e-5 + digits


def test_an_energy_current_and_its_estimate():
    result = solved("energy_current_underestimated")
    error = abs(float(result.data.energy_current[0]) - 9.6632978)
    assert error < 3 * result.error + 1e-7 and result.error < 1e-4


def test_an_energy_next_to_a_contact():
    """Nothing drives it: solved distributions are those of equilibrium."""
    places = [0.3 - 1e-4, 0.3 - 3e-5]
    found = solved("energy_next_to_contact_solved").at(places).energy_accumulation.values
    assert found == pytest.approx([-0.8283866, -0.8274491], abs=2e-7)
    plain = us.solve(device("energy_next_to_contact_solved").replace({"stack.2.nonequilibrium": False}))
    assert plain.at(places).energy_accumulation.values == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-3, 1e-4])
def test_normal_above_a_transition(tolerance):
    result = us.solve(device("fi_s_fi_antiparallel_thin_above_tc").replace({"tolerance": tolerance}))
    assert largest_gap(result) == 0.0


def between_normal_contacts(temperature):
    return np.log(temperature) + digamma(0.5 + (np.pi / 3.3) ** 2 / (4 * np.pi * temperature * TC)) - digamma(0.5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [("fi_s_fi_antiparallel_thin_critical", 0.0969153943),
     ("nsn_critical_fine_grid", brentq(between_normal_contacts, 0.1, 0.5))],
)  # fmt: skip
def test_transitions_of_second_order(name, expected):
    """Devices of the same kinds are in every run: tests/limits/test_soft_gap.py and test_critical.py."""
    found = us.critical(device(name))
    assert found.order == 2 and found.converged
    assert abs(found.value - expected) <= found.error + 1e-8


def test_what_is_metastable_is_called_so():
    attributes = solved("metastable_default").profiles().attrs
    assert attributes["stable"] == 1 and attributes["lower_state"] == 1
    lower = us.solve(device("metastable_default").replace({"stack.0.gap": 0.15}))
    assert largest_gap(lower) == 0.0 and lower.profiles().attrs.get("lower_state", 0) == 0


@pytest.mark.slow
def test_a_saddle_is_left():
    """tests/workflow/test_standing.py has one of fewer layers."""
    result = solved("unstable_from_start")
    assert largest_gap(result) == pytest.approx(0.9206, abs=1e-4)
    assert result.profiles().attrs["stable"] == 1


@pytest.mark.parametrize("share", [0.1, pytest.param(0.3, marks=pytest.mark.slow)])
def test_coopers_limit(share):
    """The whole film is a superconductor whose pairing is diluted to 0.8: ω_D/cosh(ln(2ω_D)/0.8) = 0.8 Δ at T = 0."""
    thin = {"S.debye_energy": 125, "S.length": 0.1 * share, "stack.1.length": 0.025 * share}
    gap = largest_gap(us.solve(device("thin_bilayer_debye_energy").replace(thin)))
    assert gap == pytest.approx(125 / np.cosh(np.log(250) / 0.8) / 0.8, abs=2e-3)


def test_a_thin_bilayer_with_its_map():
    result = solved("thin_bilayer_run_never_ends")
    assert result.converged and largest_gap(result) == pytest.approx(0.0573, abs=5e-5)
    data = result.file_data()
    assert data.attrs["status"] == "converged" and np.all(np.isfinite(data.dos.values))


def test_two_superconductors_far_from_each_other():
    """At their ends: the gap of one, and none of the other, which is above its own critical temperature."""
    result = us.solve(device("two_superconductors").replace({"Nb.length": 9, "Al.length": 14, "tolerance": 1e-4}))
    bulk = us.solve(us.Stack([us.Superconductor(length=1)], temperature=0.3, tolerance=1e-4))
    assert float(result.data.gap[0]) == pytest.approx(largest_gap(bulk), abs=2e-4)
    assert 0 <= float(result.data.gap[-1]) < 1e-3
    near = solved("two_superconductors").data.gap.values
    assert near[-1] > 0.01 and np.all(np.diff(near) < 1e-6)


def test_a_trace_from_zero():
    branch = us.trace(device("trace_from_zero_spin_voltage"), "S.spin_voltage", 0, 0.9, step=0.1)
    assert branch.converged and branch.end == "gap_closing"
    beside = us.solve(device("trace_from_zero_spin_voltage").replace({"S.spin_voltage": 0.0}))
    assert float(branch.data.gap[0].max()) == pytest.approx(largest_gap(beside), abs=1e-4)
    assert branch.folds == [pytest.approx(0.70983, abs=1e-4)]  # as from 0.01, where nothing merges


def test_an_argument_is_a_parameter():
    """A bracket of the transition: normal and superconducting states of configurations with other arguments."""
    path = FOLDER / "argument_as_parameter.conf"
    device = us.from_geneus(path, "0.5").replace({"temperature": 0.9, "tolerance": 1e-3})
    found = us.critical(device, "arg1", 0, 1).value
    for value, superconducting in ((found - 0.02, True), (found + 0.02, False)):
        beside = us.from_geneus(path, repr(value)).replace({"temperature": 0.9, "tolerance": 1e-3})
        assert (largest_gap(us.solve(beside)) > 0.01) == superconducting


@pytest.mark.slow
@pytest.mark.parametrize("name", ["slow_115", "slow_2"])
def test_every_solve_ends(name):
    """tests/workflow/test_bounded.py has quick devices of this kind."""
    began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        assert us.solve(device(name)).converged
    except us.NotConverged as failure:
        assert failure.result is not None
    assert time.process_time() - began < 60
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after == memory or after < 1e6  # kB


def test_every_file_is_used():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in FOLDER.iterdir() if f'"{path.stem}' not in text] == []
