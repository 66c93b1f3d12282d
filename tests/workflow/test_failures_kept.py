"""A failure at one point of a long procedure: what is done before it is kept, and what happened is said."""

import logging

import numpy as np
import pytest

import usadel as us
from usadel.branches import pointwise, tracer
from usadel.branches.curve import GapCurve
from usadel.branches.normal import NormalBranch
from usadel.cli.entry import execute
from usadel.results import load
from usadel.transitions import search

VS = "S.spin_voltage"


def bulk(**settings):
    return us.Stack([us.Superconductor(name="S", length=1.0)], **({"temperature": 0.3, "tolerance": 1e-4} | settings))


def failing(method, fails):
    """The same method, with a failure of the kind that nobody foresees where `fails(its object, its arguments)`."""

    def replacement(self, *arguments):
        if fails(self, *arguments):
            raise ValueError("operands could not\nbe broadcast")
        return method(self, *arguments)

    return replacement


@pytest.fixture
def curve_fails_beyond(monkeypatch):
    def at(value):
        replacement = failing(GapCurve.linearize, lambda curve, fresh: curve.parameter > value)
        monkeypatch.setattr(GapCurve, "linearize", replacement)

    return at


@pytest.mark.parametrize("both", [False, True])
def test_a_branch_keeps_its_points(both, curve_fails_beyond, tmp_path):
    whole = us.trace(bulk(), VS, 0, 0.5, step=0.1)
    curve_fails_beyond(0.3)
    branch = us.trace(bulk(), VS, 0, 0.5, step=0.1, both=both)
    assert branch.end == "failed" and not branch.converged
    assert VS in branch.advice and "ValueError: operands could not be broadcast" in branch.advice
    branch.save(tmp_path / "part.nc")
    data = us.load(tmp_path / "part.nc").data
    assert data.attrs["converged"] == 0 and data.attrs["advice"] == branch.advice
    gap = np.atleast_2d(data.gap.isel(position=0).values)[0]
    values, found = data[VS].values, np.isfinite(gap)
    assert found.sum() >= 3 and not found[-1] and values[found].max() <= 0.3 + 1e-9
    expected = np.interp(values[found], whole.data[VS].values, whole.data.gap.isel(position=0).values)
    assert gap[found] == pytest.approx(expected, abs=2e-3)  # of linear interpolation


def test_the_sweep_up_is_kept_when_the_one_down_fails(monkeypatch):
    def fails(branch, value):
        return value < 0.65

    monkeypatch.setattr(NormalBranch, "_state", failing(NormalBranch._state, fails))
    branch = us.trace(bulk(inelastic=0.0), VS, 0.5, 1.1, step=0.1, both=True)
    up, down = (branch.data.gap.sel(direction=way).isel(position=0).values for way in ("up", "down"))
    assert not branch.converged and branch.advice.startswith("down after S.spin_voltage")
    assert np.all(up[branch.data[VS].values < 0.69] > 0.5) and np.isfinite(down[-1])


def test_the_first_point_may_fail(monkeypatch, tmp_path):
    monkeypatch.setattr(tracer, "solve", failing(us.solve, lambda *_: True))
    branch = us.trace(bulk(), VS, 0, 0.5)
    assert branch.end == "failed" and branch.advice.startswith("S.spin_voltage = 0: ")
    branch.save(tmp_path / "none.nc")
    assert us.load(tmp_path / "none.nc").data.attrs["converged"] == 0
    with pytest.raises(us.plots.PlotError, match="no point was solved"):
        us.plots.default_figure(us.load(tmp_path / "none.nc").data)


def test_driven_points_go_on_without_the_one_that_fails(monkeypatch):
    wire = us.NormalMetal(length=1.0, nonequilibrium=True)
    contacts = [us.NormalReservoir(voltage="V"), us.NormalReservoir(voltage="-V")]
    device = us.Stack([contacts[0], wire, contacts[1]], temperature=0.2, tolerance=1e-3, parameters={"V": 0.0})
    at = 0.2
    solve_near = pointwise.solve_near

    def one_fails(device, start):
        if device.value("V") == pytest.approx(at):
            raise np.linalg.LinAlgError("Singular matrix")
        return solve_near(device, start)

    monkeypatch.setattr(pointwise, "solve_near", one_fails)
    branch = us.trace(device, "V", 0, 0.5, step=0.2)
    assert branch.advice.startswith("V = 0.2: ") and "Singular matrix" in branch.advice
    assert list(branch.data.converged.values) == [1, 1, 0, 1, 1, 1]
    current = branch.data.charge_current.isel(position=0).values
    assert np.delete(current, 2) == pytest.approx(2 * np.delete(branch.data["V"].values, 2), abs=1e-3)


def test_a_map_keeps_the_points_that_do_not_fail(monkeypatch, tmp_path, capsys):
    place = bulk().replace({VS: 0.4}).network()
    normal_state = search.normal_state

    def one_fails(network, *arguments):
        if network.layers[0].spin_voltage == place.layers[0].spin_voltage:
            raise FloatingPointError("overflow")
        return normal_state(network, *arguments)

    monkeypatch.setattr(search, "normal_state", one_fails)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bulk.toml").write_text(bulk(inelastic=0.0).to_toml(), encoding="utf-8")
    assert execute(["critical", "bulk.toml", "--over", f"{VS}=0:0.4:2", "-o", "map.nc"]) == 3
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1 and "1 of 2 points failed: S.spin_voltage = 0.4: " in printed.err
    assert "overflow" in printed.err and "1 failed" in printed.out and "0 without transition" in printed.out
    data = load("map.nc")
    values = data["critical_temperature"].values
    assert values[0] == pytest.approx(1.0, abs=1e-3) and np.isnan(values[1])
    assert list(data["converged"].values) == [1, 0] and "overflow" in data.attrs["advice"]


def test_an_order_that_cannot_be_told_leaves_the_closing(monkeypatch):
    def fails(*states):
        raise FloatingPointError("overflow")

    monkeypatch.setattr(search, "opens_backwards", fails)
    with pytest.raises(us.NotConverged, match="overflow") as stopped:
        us.critical(bulk(inelastic=0.0))
    assert float(stopped.value.result.data.closing_temperature) == pytest.approx(1.0, abs=1e-4)


def test_the_command_writes_what_is_done_and_says_why(curve_fails_beyond, tmp_path, monkeypatch, capsys, caplog):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bulk.toml").write_text(bulk().to_toml(), encoding="utf-8")
    curve_fails_beyond(0.3)
    with caplog.at_level(logging.DEBUG, logger="usadel"):
        assert execute(["trace", "bulk.toml", "--over", f"{VS}=0:0.5", "-o", "part.nc"]) == 3
    printed = capsys.readouterr()
    assert printed.err.startswith("usadel: not converged: after S.spin_voltage = ") and printed.err.count("\n") == 1
    assert "Traceback" not in printed.err and "unexpected" not in printed.err
    assert np.isfinite(load("part.nc").gap.values).any()
    (record,) = caplog.records  # what USADEL_DEBUG shows
    assert record.exc_info is not None and record.exc_info[0] is ValueError


def test_bad_input_is_refused_before_anything_is_done():
    driven = bulk().replace({"S.self_consistent": True})
    with pytest.raises(us.InputError, match="stationary"):
        us.trace(driven, "S.voltage", 0, 0.3)


def test_grids_that_cannot_be_refined_leave_the_branch_on_its_own(monkeypatch):
    """The tangents of its points belong to those grids."""
    magnet = us.Ferromagnet(length=0.5, exchange_field=[0, 0, 2])
    device = us.Stack([us.Superconductor(name="S", length=3.0), magnet], temperature=0.5, tolerance=1e-4)
    start, calls = tracer.continuation.start, []

    def only_the_first(*arguments):
        calls.append(arguments)
        return start(*arguments) if len(calls) == 1 else None

    monkeypatch.setattr(tracer.continuation, "start", only_the_first)
    branch = us.trace(device, "S.length", 3.0, 6.0, step=0.2)
    assert len(calls) > 1 and not branch.converged
    last = branch.data.isel(branch_point=-2)
    alone = us.solve(device.replace({"S.length": float(last["S.length"])}))
    assert not last.converged and float(last.gap[0]) == pytest.approx(float(alone.data.gap[0]), abs=1e-3)
