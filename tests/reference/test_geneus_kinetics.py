"""Devices out of equilibrium solved by GENEUS: a voltage, an injected spin voltage, a thermal bias."""

import numpy as np
import pytest
from test_geneus import CURRENT, CUTOFF, at, geneus, modes, solve

CASES = ["nsvolt_0.3", "spininject", "thermo"]
# The energy mode at the transparent end of `spininject` has a resistance that sits in a thin layer, where GENEUS does
# not conserve its energy current (3.865e-3 inside, 3.964e-3 at the end; ours is 3.878e-3 everywhere).
CURRENTS = {"nsvolt_0.3": 1e-6, "spininject": 2e-5, "thermo": 1e-7}
DISTRIBUTIONS = {"nsvolt_0.3": 1e-6, "spininject": 3e-4, "thermo": 1e-6}
MIDDLE = 0.2  # of the length, on both sides of the centre: energies above the cutoff matter near interfaces


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


@pytest.mark.parametrize("case", CASES)
def test_accumulations(case):
    """GENEUS stops at 30 Δ0: the pairs beyond have an energy ½Δ²-½ΔF(30), and an exchange field polarizes them."""
    position = geneus(case).position.values
    theirs, ours = geneus(case).accumulation.values.T.copy(), modes(case, "accumulation")
    theirs[4] += 0.5 * CUTOFF**2
    gap = at(case, solve(case).data.gap.values)
    theirs[4] += 0.5 * gap * at(case, solve(case).data.singlet_real.values) - 0.5 * gap**2
    inside = np.abs(position / position[-1] - 0.5) < MIDDLE
    assert np.abs(ours - enough(theirs))[4, inside].max() < CURRENT
    assert np.delete(np.abs(ours - theirs), 4, axis=0).max() < CURRENT
    size = np.abs(theirs).max(axis=1)
    allowed = 2e-3 * size + 1e-12
    allowed[4] = 1e-2 * size[4]
    assert np.all(np.abs(ours - theirs)[:, inside].max(axis=1) < allowed)


@pytest.mark.parametrize("case", CASES)
def test_distributions(case):
    data = geneus(case)
    theirs = data.distribution.values[:, ::7].transpose(2, 0, 1)
    found = solve(case).distribution(data.energy_distribution.values[::7], data.position_distribution.values)
    difference = np.abs(found.distribution.values - enough(theirs, 0.01, 500)).max(axis=(1, 2))
    assert difference[0] < DISTRIBUTIONS[case]
    assert difference[1:].max() < max(2e-5, DISTRIBUTIONS[case] / 10)
