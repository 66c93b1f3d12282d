"""`usadel sweep`: what it prints and writes, resumes, refuses, and its exit status."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

import usadel as us
from usadel.sweeps import points
from usadel.sweeps import sweep as sweeping

DEVICE = """\
temperature = 0.3
tolerance = 1e-2

[parameters]
field = 0.1

[[stack]]
kind = "superconductor"
name = "S"
length = 1
spin_voltage = "field"
"""
AXES = ("--over", "temperature=0.2:0.4:2", "--over", "field=0:pi/10:3")


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "x.toml").write_text(DEVICE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stopped_after(monkeypatch):
    """Let Ctrl-C come after so many points."""

    def after(count):
        done, solve = [], points.solve_unit

        def counted(task):
            if len(done) == count:
                raise KeyboardInterrupt
            done.append(task)
            return solve(task)

        monkeypatch.setattr(sweeping, "KIND", replace(sweeping.KIND, solve=counted))

    yield after


def test_writes_a_labelled_map_and_resumes_it(here, usadel, stopped_after, monkeypatch):
    with monkeypatch.context():
        stopped_after(4)
        done = usadel("sweep", "x.toml", *AXES, "--workers", "1")
    assert done.status == 130 and done.out == ""
    assert "--resume" in done.err and done.err.splitlines()[-1] == "usadel: interrupted"
    assert sorted(path.name for path in here.iterdir()) == ["x.sweep.nc.parts", "x.toml"]
    monkeypatch.setattr(sweeping, "KIND", replace(sweeping.KIND, solve=points.solve_unit))

    done = usadel("sweep", "--status", "x.sweep.nc")
    assert done.status == 0 and "4 of 6 points" in done.out and "nobody" in done.out
    assert us.load("x.sweep.nc").open == 2

    done = usadel("sweep", "x.toml", *AXES)
    assert done.status == 2 and "holds an unfinished sweep" in done.err and len(done.err.splitlines()) == 1
    done = usadel("sweep", "x.toml", "--set", "S.length=2", *AXES, "--resume")
    assert done.status == 2 and "another device" in done.err

    done = usadel("sweep", "x.toml", *AXES, "--resume")
    assert done.status == 0 and done.err == "" and "resumed" in done.out and "x.sweep.nc" in done.out
    data = us.load("x.sweep.nc").data
    assert data.gap.dims == ("temperature", "field", "fraction") and data.attrs["resumed_points"] == 4
    assert np.allclose(data.field, [0, np.pi / 20, np.pi / 10]) and data.attrs["source"] == "x.toml"
    assert sorted(path.name for path in here.iterdir()) == ["x.sweep.nc", "x.toml"]

    content = (here / "x.sweep.nc").read_bytes()
    assert usadel("sweep", "x.toml", *AXES, "--resume").status == 0
    assert (here / "x.sweep.nc").read_bytes() == content
    done = usadel("sweep", "--status", "x.sweep.nc")
    assert done.status == 0 and "converged" in done.out
    done = usadel("sweep", "x.toml", "--over", "temperature=0.2:0.3:2")
    assert done.status == 0 and "replaced x.sweep.nc" in done.err
    done = usadel("plot", "x.sweep.nc")
    assert done.status == 0 and (here / "x.sweep.png").exists()


def test_failed_points_are_written_and_told(here, usadel, monkeypatch):
    solve = points.follow

    def fails(device, start):
        if device.value("field") > 0.2:
            raise RuntimeError("unheard of")
        return solve(device, start)

    with monkeypatch.context() as patch:
        patch.setattr(points, "follow", fails)
        done = usadel("sweep", "x.toml", *AXES, "--workers", "1", "--quantities", "gap")
    assert done.status == 3 and "2 of 6 points failed" in done.err and len(done.err.splitlines()) == 1
    assert us.load("x.sweep.nc").failed == 2
    assert usadel("sweep", "x.toml", *AXES, "--quantities", "gap", "--resume").status == 3
    assert usadel("sweep", "x.toml", *AXES, "--quantities", "gap", "--retry-failed").status == 0


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((), "SYSTEM is missing"),
        (("x.toml",), "--over PATH=START:STOP:N is missing"),
        (("x.toml", "--over", "temperature=0:1"), "must be PATH=START:STOP:N"),
        (("x.toml", "--over", "temperature=0.1:0.2:0"), "N must be a whole number"),
        (("x.toml", "--over", "S.length=1:2:2", "--over", "S.length=1:2:2"), "two axes have the same path"),
        (("x.toml", "--over", "S.kind=1:2:2"), "kind"),
        (("x.toml", *AXES, "--follow", "back"), "up, down, both"),
        (("x.toml", *AXES, "-o", "no/m.nc"), "cannot write"),
        (("x.toml", *AXES, "--quantities", "gapp"), "did you mean 'gap'"),
        (("--status", "no.nc"), "there is no such file"),
        (("--status", "x.nc"), "is the result of 'solve'"),
    ],
)
def test_bad_input_is_one_line(here, usadel, arguments, words):
    if "x.nc" in arguments:
        us.solve(us.load_device("x.toml")).save("x.nc")
    done = usadel("sweep", *arguments)
    assert done.status == 2 and done.out == "" and words in done.err and len(done.err.splitlines()) == 1
    assert not list(here.glob("*.parts"))


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_workers_end_with_the_command(here):
    """Ctrl-C at the command alone, and a kill of the command alone: its worker processes end, what is done is kept."""
    line = [sys.executable, "-m", "usadel", "sweep", "x.toml", "--over", "field=0:0.3:2000", "--workers", "2"]
    finished = 0
    for number, status in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
        process = subprocess.Popen([*line, "--resume"], stderr=subprocess.PIPE, preexec_fn=_listen, process_group=0)
        begun = time.monotonic()
        while len(members(process.pid)) < 3 and time.monotonic() - begun < 60:
            time.sleep(0.2)
        workers = members(process.pid)
        assert len(workers) >= 3
        process.send_signal(number)
        process.communicate(timeout=30)
        assert process.returncode == status
        begun = time.monotonic()
        while members(process.pid) and time.monotonic() - begun < 10:
            time.sleep(0.1)
        assert members(process.pid) == []
        done = 2000 - us.load("x.sweep.nc").open
        assert done > finished
        finished = done


def _listen():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def members(group):
    """Processes of a group."""
    done = subprocess.run(["ps", "-e", "-o", "pid=,pgid=,stat="], capture_output=True, text=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    return [int(pid) for pid, pgid, state in rows if int(pgid) == group and not state.startswith("Z")]
