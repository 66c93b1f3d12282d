"""`usadel critical` on a bulk superconductor: what it prints, what it writes, and its exit status."""

import numpy as np
import pytest

import usadel as us
from usadel.cli.entry import execute
from usadel.results import load
from usadel.solvers.status import Status
from usadel.transitions import search

DEVICE = """
temperature = 0.3
inelastic = 0
tolerance = 1e-4

[[stack]]
kind = "superconductor"
name = "S"
length = 1
spin_voltage = 0.4
"""
CRITICAL = 0.8786359775841062  # Tc at eVs = 0.4 Δ0
FOLD = 0.6991389544237453  # eVs at 0.3 Tc


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    (tmp_path / "bulk.toml").write_text(DEVICE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = execute(["critical", "bulk.toml", *arguments])
        streams = capsys.readouterr()
        return status, streams.out, streams.err

    return call


def test_prints_and_writes_the_critical_temperature(run):
    status, out, err = run()
    assert status == 0 and err == ""
    path, _, value = out.splitlines()[0].partition(" = ")
    assert path == "temperature" and float(value) == pytest.approx(CRITICAL, abs=1e-4)
    data = load("bulk.critical.nc")
    assert float(data["critical_temperature"]) == pytest.approx(CRITICAL, abs=1e-4)
    assert int(data["transition_order"]) == 2 and data.attrs["converged"] == 1
    assert data["critical_temperature"].attrs["units"] == "T_c"
    assert us.load("bulk.critical.nc").device == us.load_device("bulk.toml")


def test_range_of_expressions_and_first_order(run):
    status, out, _ = run("--find", "S.spin_voltage=0:sqrt(2)", "-o", "fold.nc")
    assert status == 0 and "order 1" in out
    assert float(load("fold.nc")["critical_S.spin_voltage"]) == pytest.approx(FOLD, abs=1e-4)


def test_maps_have_the_axes_as_dimensions_and_a_figure(run, tmp_path):
    status, out, _ = run("--over", "S.spin_voltage=0:2:3", "--over", "inelastic=0:0.1:2", "-o", "map.nc")
    data = load("map.nc")
    assert status == 0 and "4 without transition" in out
    assert data["critical_temperature"].dims == ("S.spin_voltage", "inelastic")
    assert data["S.spin_voltage"].values.tolist() == [0, 1, 2]
    found = data["critical_temperature"].values
    assert found[0, 0] == pytest.approx(1.0, abs=1e-4) and found[0, 1] < 0.95 and np.all(np.isnan(found[1:]))
    assert execute(["plot", "map.nc"]) == 0 and (tmp_path / "map.png").stat().st_size > 1000
    line = data.isel(inelastic=0, drop=True)
    axes = us.plots.critical(line)
    assert "S.spin_voltage" in axes.get_xlabel() and "Critical temperature" in axes.get_ylabel()
    shown = np.concatenate([part.get_ydata() for part in axes.lines])
    assert found[0, 0] in shown
    with pytest.raises(us.plots.PlotError, match="single number"):
        us.plots.critical(line.isel({"S.spin_voltage": 0}))


@pytest.mark.parametrize(
    "arguments, word",
    [
        (("--find", "S.spin_voltage=0:0.1"), "unstable at both ends"),
        (("--find", "S.spin_voltage=2:3"), "normal at both ends"),
        (("--find", "S.spin_voltage=0.1"), "PATH=START:STOP"),
        (("--find", "S.spin_voltage=1:1"), "two different"),
        (("--find", "S.foo"), "unknown key"),
        (("--find", "title"), "not a number"),
        (("--over", "temperature=0.1:1:3"), "at once"),
        (("--over", "S.length=1:2"), "START:STOP:N"),
        (("--over", "S.length=1:2:2.5"), "whole number"),
    ],
)
def test_bad_input_is_one_line(run, arguments, word):
    status, out, err = run(*arguments)
    assert status == 2 and out == ""
    assert err.count("\n") == 1 and word in err


def test_not_converged_is_written_and_told(run, monkeypatch):
    monkeypatch.setattr(search.Search, "run", lambda self: search.Transition(0.5, 0.5, order=2, status=Status(1)))
    status, _, err = run()
    assert status == 3 and err.startswith("usadel: not converged") and err.count("\n") == 1
    assert load("bulk.critical.nc").attrs["converged"] == 0
