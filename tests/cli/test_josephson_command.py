"""`usadel josephson` on a normal wire: what it prints, what it writes, and its exit status."""

import numpy as np
import pytest

import usadel as us
from usadel.cli.entry import execute
from usadel.junctions import samples

DEVICE = """
temperature = 0.3
tolerance = 1e-3

[[stack]]
kind = "superconducting_reservoir"
name = "A"

[[stack]]
kind = "normal_metal"
name = "N"
length = 1

[[stack]]
kind = "superconducting_reservoir"
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    (tmp_path / "wire.toml").write_text(DEVICE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = execute(["josephson", "wire.toml", *arguments])
        streams = capsys.readouterr()
        return status, streams.out, streams.err

    return call


def when(monkeypatch, condition, error):
    """Let solves of some devices end in an error."""
    solve = samples.solve_near

    def failing(device, start):
        if condition(device):
            raise error
        return solve(device, start)

    monkeypatch.setattr(samples, "solve_near", failing)


def test_prints_and_writes_the_relation(run, tmp_path):
    status, out, err = run()
    assert status == 0 and err == ""
    rows = dict(line.split("  ", 1) for line in out.splitlines() if "  " in line)
    assert rows["converged"].strip() == "yes" and "at φ = 0.59" in rows["critical current, forward"]
    found = us.load("wire.josephson.nc")
    assert found.critical_current == pytest.approx(1.352, abs=2e-3)
    assert found.device == us.load_device("wire.toml")
    assert execute(["plot", "wire.josephson.nc"]) == 0
    assert (tmp_path / "wire.josephson.png").stat().st_size > 5000
    assert run("--phase", "A.phase", "--force")[0] == 0


def test_relations_along_an_axis(run):
    status, out, _ = run("--over", "N.length=1:2:2", "-o", "two.nc")
    assert status == 0 and "0 for 2 values" in out and "0-π crossings     none" in out
    assert list(us.load("two.nc").data["N.length"]) == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--phase", "N.length"), "changes no phase difference"),
        (("--phase", "B.phase"), "B"),
        (("--over", "N.length"), "N.length"),
        (("--over", "A.phase=0:1:3"), "A.phase: is the phase and an axis at once"),
        (("--over", "temperature=nan:1:2"), "temperature"),
        (("--set", "A.phase=inf"), "A.phase"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(run, tmp_path, arguments, words):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "") and words in err and err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["wire.toml"]


def test_a_phase_that_fails(run, monkeypatch):
    when(monkeypatch, lambda d: d.value("A.phase") == np.pi / 2, us.NotConverged(None, "try again"))
    status, out, err = run()
    assert status == 3 and "phase 1.5708: try again" in err and "NO" in out
    data = us.load(out.split()[-1]).data
    assert np.isnan(data.current.values).sum() == 2 and np.isfinite(data.critical_current_forward)


def test_a_relation_that_fails(run, monkeypatch):
    when(monkeypatch, lambda d: d.value("N.length") == 2, us.NotConverged(None, "try again"))
    status, out, err = run("--over", "N.length=1:2:2")
    assert status == 3 and "N.length = 2: phase 0.0000: try again" in err
    assert list(np.isfinite(us.load(out.split()[-1]).critical_current)) == [True, False]


def test_nothing_that_converges(run, monkeypatch, tmp_path):
    when(monkeypatch, lambda d: True, us.NotConverged(None, "try again"))
    status, out, err = run()
    assert status == 3 and "try again" in err and out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["wire.toml"]


def test_ctrl_c_keeps_what_is_done(run, monkeypatch):
    when(monkeypatch, lambda d: d.value("A.phase") > 2, KeyboardInterrupt())
    status, out, err = run()
    assert status == 130 and out == "" and "what is done is in " in err
    found = us.load(err.split("what is done is in ")[1].split()[0])
    assert found.data.sizes["phase"] == 6 and not found.converged and np.isnan(found.critical_current)
