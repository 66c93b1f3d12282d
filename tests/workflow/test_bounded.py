"""Every solve ends: its work is bounded, alike on every machine, and grids along neighbours do not only grow."""

import gc
import weakref
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest

import usadel as us
from usadel import work
from usadel.branches.tracer import Tracer
from usadel.gap.newton_schur import collapses
from usadel.solvers.status import Status
from usadel.states.parallel import parallel

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def device(**changes):
    """The paper's FI/S/FI device at a temperature at which its gap ceases at a spin voltage of 0.85."""
    return us.load_device(EXAMPLES / "fi_s_fi.toml").replace({"temperature": 0.1, **changes})


def bounded_by(monkeypatch, **options):
    """The bounds of a solve replaced."""
    monkeypatch.setattr(work, "OPTIONS", replace(work.OPTIONS, **options))


def test_a_solve_ends_with_what_it_has(monkeypatch):
    """Within a finer level: the solution of the one before, with its estimate."""
    bounded_by(monkeypatch, solve=30000.0)
    with pytest.raises(us.NotConverged, match="work") as caught:
        us.solve(device(tolerance=1e-8))
    result = caught.value.result
    assert result.status == Status.TOO_MUCH_WORK
    assert float(result.profiles().gap.max()) == pytest.approx(0.969080, abs=1e-6)
    assert 1e-8 < result.error < 1e-6


def test_an_unfinished_solve_claims_nothing(monkeypatch):
    """Within the first level there is no solution, and no estimate of its error."""
    bounded_by(monkeypatch, solve=4000.0)
    with pytest.raises(us.NotConverged, match="work") as caught:
        us.solve(device(tolerance=1e-8))
    result = caught.value.result
    assert result.error == np.inf
    assert dict(result.summary())["estimated error"].startswith("unknown")


def test_the_end_does_not_depend_on_threads(monkeypatch):
    ends = set()
    bounded_by(monkeypatch, solve=30000.0)
    for threads in ("1", "2"):
        monkeypatch.setenv("USADEL_THREADS", threads)
        with pytest.raises(us.NotConverged) as caught:
            us.solve(device(tolerance=1e-8))
        ends.add((caught.value.result.error, caught.value.result.state.problem.layout.sites))
    assert len(ends) == 1


def test_a_map_ends_with_what_it_has(monkeypatch):
    result = us.solve(device(tolerance=1e-4))
    bounded_by(monkeypatch, spectrum=2000.0)
    data = result.file_data()
    assert data.attrs["status"] == "too_much_work"
    assert np.sum(np.isfinite(data.dos.values)) > 0


def test_grids_stay_within_the_memory_that_a_solve_may_hold(monkeypatch):
    bounded_by(monkeypatch, memory=(work.OPTIONS.chains + 2 * work.OPTIONS.layer) * 50 * 40)
    with pytest.raises(us.NotConverged, match="tolerance") as caught:
        us.solve(device(tolerance=1e-8))
    state = caught.value.result.state
    assert state.problem.layout.sites * state.contour.energies.size <= 60 * 60


def test_a_part_has_no_more_than_the_whole():
    with work.allowance(100.0):
        with work.allowance(30.0):
            work.count(20, 1, 0)
            assert work.left() == 10.0
        assert work.left() == 80.0
        with work.allowance(1e9):
            assert parallel(lambda k: (work.count(k, 1, 0), work.left())[1], [10, 20]) == [70.0, 60.0]
        assert work.left() == 50.0


def test_a_branch_ends_with_the_points_it_has(monkeypatch):
    bounded_by(monkeypatch, trace=6e4)
    branch = us.trace(device(tolerance=1e-4), "S.spin_voltage", 0.1, 0.9)
    assert not branch.converged and "work" in branch.advice
    assert np.sum(np.isfinite(branch.data.gap.values[:, 0])) > 2


def test_a_point_of_a_branch_ends(monkeypatch):
    """All attempts at one point together take the work of a solve at most."""
    first = us.solve(device(tolerance=1e-4, **{"S.spin_voltage": 0.1})).state
    tracer = Tracer(device(tolerance=1e-4), "S.spin_voltage", 0.1, 0.9, 0.015, count(1))
    points = tracer.points_from(first, 0.1)
    next(points)
    bounded_by(monkeypatch, solve=100.0)
    with pytest.raises(us.NotConverged, match="work"):
        list(points)


def test_a_branch_point_by_point_ends(monkeypatch):
    bounded_by(monkeypatch, trace=5e4)
    branch = us.trace(probed(), "a.voltage", 0.1, 0.9)
    assert not branch.converged and "work" in branch.advice
    assert 1 < branch.data.sizes["branch_point"] < 30


def test_a_search_ends(monkeypatch):
    bounded_by(monkeypatch, search=5e3)
    with pytest.raises(us.NotConverged, match="work"):
        us.critical(device(tolerance=1e-4))


def probed():
    """A wire between reservoirs at different voltages, next to a superconductor."""
    stack = [
        us.NormalReservoir(name="a", voltage=0.3),
        us.NormalMetal(length=1.0),
        us.Tunnel(conductance=1.0),
        us.SuperconductingReservoir(),
    ]
    return us.Stack(stack, temperature=0.2, tolerance=1e-4, output=us.Output(quantities=("gap",)))


@pytest.mark.parametrize(
    "ask",
    [
        lambda result: result.probe([0.2, 0.7]),
        lambda result: result.conductance("a"),
        lambda result: result.distribution(np.linspace(-3, 3, 301)),
        lambda result: result.kinetic_coefficients(np.linspace(0.1, 3, 301), [0.5]),
    ],
)
def test_what_is_asked_of_a_result_ends(monkeypatch, ask):
    result = us.solve(probed())
    bounded_by(monkeypatch, spectrum=300.0)
    with pytest.raises(us.NotConverged, match="work"):
        ask(result)
    assert result.converged


def test_a_driven_gap_ends(monkeypatch):
    bounded_by(monkeypatch, solve=4e4)
    driven = us.Superconductor(length=1.5, nonequilibrium=True)
    ends = us.NormalReservoir(voltage=0.4), us.NormalReservoir(voltage=-0.4)
    barrier = us.Tunnel(conductance=0.3)
    with pytest.raises(us.NotConverged, match="work") as caught:
        us.solve(us.Stack([ends[0], barrier, driven, barrier, ends[1]], temperature=0.1, tolerance=1e-5))
    assert caught.value.result.error == np.inf


def test_parallel_parts_know_their_own_work_only():
    """What was left when they began, whatever the others do meanwhile."""
    with work.allowance(100.0):
        work.count_residual(100, 1)
        assert parallel(lambda k: (work.count(10 * k, 1, 0), work.left())[1], [1, 2, 3]) == [70.0, 60.0, 50.0]
        assert work.left() == pytest.approx(20.0)
        parallel(lambda k: work.count(15, 1, 0), [1, 2])
        assert work.exhausted()
    assert work.left() == np.inf


def test_neighbours_across_a_transition_keep_small_grids():
    """Up and down across the fold at 0.85: nodes as those of a solve alone, results within the tolerance of it."""
    voltages = np.concatenate([np.linspace(0.7, 1.0, 13), np.linspace(1.0, 0.7, 13)])
    result, nodes, gaps = None, [], []
    for voltage in voltages:
        result = us.solve(device(**{"S.spin_voltage": float(voltage)}), start=result)
        nodes.append(result.state.problem.layout.sites)
        gaps.append(float(np.max(np.abs(result.state.gap))))
    alone = us.solve(device(**{"S.spin_voltage": 0.7}))
    assert max(nodes) <= 2 * alone.state.problem.layout.sites
    assert nodes[-1] <= alone.state.problem.layout.sites
    assert gaps[0] == pytest.approx(float(np.max(np.abs(alone.state.gap))), abs=2e-6)
    assert min(gaps) == 0.0


def test_a_long_chain_up_and_down_stays_as_small_as_its_first_round():
    """60 neighbours, three rounds across a fold and back: nodes do not grow, and no state of an earlier one is kept."""
    values = 0.75 + 0.15 * np.cos(2 * np.pi * np.arange(60) / 20)
    result, nodes, gaps, known = None, [], [], []
    for value in values:
        result = us.solve(device(tolerance=1e-4, **{"S.spin_voltage": float(value)}), start=result)
        nodes.append(result.state.problem.layout.sites)
        gaps.append(float(np.max(np.abs(result.state.gap))))
        known.append(weakref.ref(result.state.packs[0].state))
    gc.collect()
    assert np.count_nonzero(np.diff(np.array(gaps) > 0.0)) >= 5
    assert max(nodes[20:]) <= max(nodes[:20]) <= 2 * nodes[0]
    assert sum(one() is not None for one in known) <= 4


def test_a_start_on_grids_that_are_too_fine_gives_them_up():
    fine = us.solve(device(tolerance=1e-9))
    coarse = us.solve(device(tolerance=1e-5))
    warm = us.solve(device(tolerance=1e-5, **{"S.spin_voltage": 0.26}), start=fine)
    alone = us.solve(device(tolerance=1e-5, **{"S.spin_voltage": 0.26}))
    nodes = [one.state.problem.layout.sites for one in (fine, warm, coarse)]
    assert nodes[1] < 0.7 * nodes[0]
    assert np.max(np.abs(warm.at([0.3, 0.8]).gap.values - alone.at([0.3, 0.8]).gap.values)) < 1e-5


def test_a_collapsing_gap_is_told_from_a_small_one():
    """Sizes of the Landau equation da/dt = -ra + ba³ - ca⁵ by small steps: only those that tend to zero collapse."""

    def told(rate, cubic, fifth, start=0.099, count=400):
        sizes = [start]
        for _ in range(count):
            a = sizes[-1]
            sizes.append(a - 0.05 * (rate * a - cubic * a**3 + fifth * a**5))
            if collapses(sizes):
                return True
        return False

    assert told(1.0, -50.0, 0.0) and told(1.0, 50.0, 0.0)
    assert not told(-0.1, -50.0, 0.0)  # a gap of 0.045
    assert not told(0.0, -50.0, 0.0)  # at a transition of second order
    assert not told(0.05, 80.0, 2.4e4)  # a gap of 0.05 beside a stable normal state


def test_the_normal_side_takes_fewer_steps(monkeypatch):
    """A work count: most of a cold solve beyond the fold went into the last digits of a gap that vanishes."""
    counted = []
    monkeypatch.setattr(work, "count", lambda *units: counted.append(units))
    result = us.solve(device(**{"S.spin_voltage": 0.88}))
    assert float(np.max(np.abs(result.state.gap))) == 0.0
    assert len(counted) < 500
