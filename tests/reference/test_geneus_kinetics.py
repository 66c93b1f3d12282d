"""Devices out of equilibrium solved by GENEUS: a voltage, an injected spin voltage, a thermal bias."""

import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from test_geneus import CUTOFF, at, geneus, modes, solve

from usadel.algebra.modes import Mode
from usadel.energies.rules import TC, gauss_panels
from usadel.observables.columns import ACCUMULATION
from usadel.states.transfer import carry

CASES = ["nsvolt_0.3", "spininject", "thermo"]
# The energy mode at the transparent end of `spininject` has a resistance that sits in a thin layer, where GENEUS does
# not conserve its energy current (3.865e-3 inside, 3.964e-3 at the end; ours is 3.878e-3 everywhere).
CURRENTS = {"nsvolt_0.3": 1e-6, "spininject": 2e-5, "thermo": 1e-7}
DISTRIBUTIONS = {"nsvolt_0.3": 1e-6, "spininject": 3e-4, "thermo": 1e-6}


def enough(expected, at_least=1e-5, count=10):
    """Numbers to compare, at least `count` of them of some size."""
    assert np.sum(np.abs(expected) > at_least) >= count, "nothing to compare"
    return expected


@pytest.mark.parametrize("case", CASES)
def test_currents(case):
    length = solve(case).device.network().layers[0].length
    resistive = geneus(case).lossycurrent.values.T
    total = resistive + geneus(case).supercurrent.values.T
    for name, expected in (("current", total), ("current_resistive", resistive)):
        difference = np.abs(length * modes(case, name) - enough(expected))
        energy = difference[4].copy()
        difference[4] = 0.0
        assert difference.max() < CURRENTS[case]
        assert energy.max() < (1e-4 if case == "spininject" else CURRENTS[case])


def energy_below_cutoff(case):
    """Energy accumulation of our states and distributions up to the cutoff: -∫E N tanh(E/2T_ref) and what δh adds."""
    refined = solve(case).refined
    kinetics = refined.kinetics
    added = carry(kinetics.problem, refined.solution.problem, kinetics.integral.value[:, ACCUMULATION][:, Mode.ENERGY])
    energy, weight = gauss_panels(np.concatenate([np.linspace(0, 2, 41), np.geomspace(2, CUTOFF, 12)[1:]]), 20)
    dos = solve(case).dos(np.concatenate([energy, -energy]), tolerance=1e-6).dos.values
    both = 0.5 * (dos[:, : energy.size] + dos[:, energy.size :])
    vacuum = -(both * energy * np.tanh(energy / (2 * kinetics.system.temperature * TC))) @ weight
    return at(case, vacuum + added)


@pytest.mark.parametrize("case", CASES)
def test_accumulations(case):
    """The energies of pairs beyond 30 Δ0 are missing in GENEUS, and of the spins that an exchange field polarizes."""
    theirs, ours = geneus(case).accumulation.values.T.copy(), modes(case, "accumulation")
    ours[4] = energy_below_cutoff(case)
    difference = np.abs(ours - enough(theirs))
    assert difference[4].max() < (1e-4 if case == "spininject" else 2e-6)
    assert difference[1:4].max() < 2e-4
    assert difference[[0, 5, 6, 7]].max() < 1e-6
    size = np.abs(theirs).max(axis=1)
    assert np.all(difference.max(axis=1) < 2e-3 * size + 1e-12)


@pytest.mark.parametrize("case", CASES)
def test_distributions(case):
    data = geneus(case)
    theirs = data.distribution.values[:, ::7].transpose(2, 0, 1)
    found = solve(case).distribution(data.energy_distribution.values[::7], data.position_distribution.values)
    difference = np.abs(found.distribution.values - enough(theirs, 0.01, 500)).max(axis=(1, 2))
    assert difference[0] < DISTRIBUTIONS[case]
    assert difference[1:].max() < max(2e-5, DISTRIBUTIONS[case] / 10)


def test_command_line(tmp_path):
    """The configuration with its argument, as a user runs and draws it."""
    data = geneus("nsvolt_0.3")
    (tmp_path / "nsvolt.conf").write_text(data.attrs["configuration"], encoding="utf-8")
    commands = (["run", "nsvolt.conf", data.attrs["arguments"], "--set", "tolerance=1e-4"], ["plot", "nsvolt.nc"])
    for command in commands:
        subprocess.run([sys.executable, "-m", "usadel", *command], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "nsvolt.png").stat().st_size > 0
    length = solve("nsvolt_0.3").device.network().layers[0].length
    theirs = -(data.lossycurrent.values + data.supercurrent.values)[:, 0]
    with xr.open_dataset(tmp_path / "nsvolt.nc") as ours:
        assert np.abs(length * ours.charge_current.values - theirs.mean()).max() < 1e-5
        assert list(ours.distribution.dims) == ["mode", "position", "energy"] and ours.sizes["mode"] == 8
    assert abs(theirs.mean()) > 0.01
