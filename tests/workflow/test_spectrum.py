"""States at real energies: of the physical branch, however they were found."""

from functools import cache
from pathlib import Path

import numpy as np

import usadel as us
from usadel.observables.spectrum import Spectrum
from usadel.solvers.status import Status
from usadel.states import newton

DEVICES = Path(__file__).resolve().parents[1] / "reference" / "devices"
TEMPTING = np.array([0.11375, 0.115, 0.11625, 0.1175])  # energies with a wrong solution near the homogeneous state


@cache
def problem():
    """A normal metal between spin-active interfaces, on its grid, with little broadening."""
    device = us.load_device(DEVICES / "sactive.toml").replace({"tolerance": 1e-4, "inelastic": 1e-4})
    solution = us.solve(device).refined.solution
    return solution.problem, solution.gap


def followed_from_above(discrete, gap):
    """States at the tempting energies, from ε + 10i down in steps of a fifth."""
    sites, state = discrete.sites(gap), None
    for height in [*np.geomspace(10, 1e-4, 52), 0.0]:
        (pack,) = discrete.packs(
            TEMPTING + 1j * height, gap, states=None if state is None else state[..., : TEMPTING.size]
        )
        found, _, status = newton.iterate(discrete, pack, sites, 1e-11)
        state = found.state
        assert np.all(status == Status.CONVERGED)
    return state


def test_wrong_branch_is_noticed_and_left():
    discrete, gap = problem()
    sites, physical = discrete.sites(gap), followed_from_above(discrete, gap)
    assert newton.positive(physical).all()
    (pack,) = discrete.packs(TEMPTING + 0j, gap, lift=0.3)
    found, _, status = newton.iterate(discrete, pack, sites, 1e-11)
    state = found.state
    converged, wrong = status == Status.CONVERGED, np.max(np.abs(state - physical), axis=(0, 1)) > 0.1
    assert np.any(converged & wrong), "no energy tempts Newton's method any more"
    assert not newton.positive(state)[converged & wrong].any()
    solved = newton.solve_pack(discrete, pack, sites, gap, 1e-11)
    assert np.all(solved.status == Status.CONVERGED)
    assert np.max(np.abs(solved.pack.state - physical)) < 1e-9


def test_neighbours_change_nothing():
    energies = np.concatenate([np.linspace(-0.4, 0.4, 49), [-1.7, 1.0, 3.0]])
    together = Spectrum(*problem(), 1e-8)
    found = together.at(energies)
    assert together.status == Status.CONVERGED
    for k in range(0, energies.size, 4):
        alone = Spectrum(*problem(), 1e-8).at(energies[k : k + 1])
        assert np.max(np.abs(found[:, :, k] - alone[:, :, 0])) < 2e-8
    assert np.ptp(found[0]) > 0.5
