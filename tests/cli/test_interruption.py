"""A run that is killed, interrupted or does not converge: what is on the disk and what the shell is told."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from synthetic_result import make_dataset

import usadel as us
from usadel.__main__ import main
from usadel.observables import spectrum
from usadel.results import save
from usadel.states import newton

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

DEVICE = """\
[output]
energies = [-3, 3, {energies}]
[[stack]]
kind = "superconducting_reservoir"
[[stack]]
kind = "ferromagnet"
length = 2
exchange_field = ["z", 0, 1]  # all spins are coupled: the slowest case
[[stack]]
kind = "superconducting_reservoir"
"""


def listen_to_interruptions():
    """Shells start background jobs with Ctrl-C ignored, and children inherit it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def started(tmp_path):
    """Start ``usadel run`` on a device that takes many seconds, in an empty directory."""
    (tmp_path / "device.toml").write_text(DEVICE.format(energies=20001), encoding="utf-8")
    running = []

    def start(program=("-m", "usadel"), threads="2"):
        process = subprocess.Popen(
            [sys.executable, *program, "run", "device.toml"],
            cwd=tmp_path,
            env={**os.environ, "USADEL_THREADS": threads},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=listen_to_interruptions,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def listing(path):
    return sorted(entry.name for entry in path.iterdir())


def test_a_run_that_is_interrupted_within_its_map_keeps_the_solve(tmp_path, monkeypatch, capsys):
    """Result without map, status 130; it takes no place of a whole one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "device.toml").write_text(DEVICE.format(energies=11), encoding="utf-8")

    def stopped(*_):
        signal.raise_signal(signal.SIGINT)
        raise KeyboardInterrupt  # where another test has left the signal ignored

    def interrupted():
        with monkeypatch.context() as patch:
            patch.setattr(spectrum.Spectrum, "at", stopped)
            assert main(["run", "device.toml"]) == 130
        *_, kept, last = capsys.readouterr().err.splitlines()
        assert last == "usadel: interrupted"
        return kept

    assert interrupted() == "usadel: what is done is in device.nc, without maps over energy"
    data = us.load("device.nc").data
    assert data.attrs["converged"] == 1 and "dos" not in data.data_vars
    assert main(["run", "device.toml"]) == 0
    assert interrupted() == "usadel: what is done is in device.failed.nc, without maps over energy"
    assert "dos" in us.load("device.nc").data


def test_interrupted_run_says_so_and_leaves_no_part(started, tmp_path):
    process = started()
    time.sleep(3.0)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and out == ""
    assert err.splitlines()[-1] == "usadel: interrupted" and "Traceback" not in err
    kept = ["device.nc"] if "what is done is in device.nc" in err else []  # the signal came within the map
    assert listing(tmp_path) == [*kept, "device.toml"]


def test_killed_run_leaves_no_partial_file(started, tmp_path):
    process = started()
    time.sleep(3.0)
    assert process.poll() is None
    process.kill()
    process.communicate(timeout=30)
    assert listing(tmp_path) == ["device.toml"]


KILLED_WHILE_WRITING = """\
import os, signal, sys
real = os.fsync
def flush(descriptor):
    real(descriptor)
    os.kill(os.getpid(), signal.SIG{name})
os.fsync = flush
from usadel.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("name", ["KILL", "INT"])
def test_stopped_between_writing_and_renaming(started, tmp_path, name):
    """A killed process leaves the result of an earlier run; Ctrl-C waits until the finished one is in its place."""
    (tmp_path / "device.toml").write_text(DEVICE.format(energies=3), encoding="utf-8")
    earlier = save(make_dataset(), tmp_path / "device.nc").read_bytes()
    process = started(["-c", KILLED_WHILE_WRITING.replace("SIG{name}", f"SIG{name}")])
    _, err = process.communicate(timeout=100)
    assert process.returncode == (130 if name == "INT" else -signal.SIGKILL), err
    kept = (tmp_path / "device.nc").read_bytes()
    assert (kept == earlier) == (name == "KILL")
    assert us.load(tmp_path / "device.nc").converged
    left = [entry for entry in listing(tmp_path) if entry not in ("device.toml", "device.nc")]
    assert all(not entry.endswith(".nc") for entry in left)
    assert left == [] or name == "KILL"


def test_not_converged_writes_what_it_has(tmp_path, monkeypatch, capsys):
    from usadel.__main__ import main

    monkeypatch.setattr(newton, "OPTIONS", replace(newton.OPTIONS, iterations=1))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "device.toml").write_text(DEVICE.format(energies=3), encoding="utf-8")
    assert main(["run", "device.toml"]) == 3
    printed = capsys.readouterr()
    assert "NO" in printed.out
    lines = [line for line in printed.err.splitlines() if "compiling" not in line]
    assert len(lines) == 1 and lines[0].startswith("usadel: not converged: ")
    assert listing(tmp_path) == ["device.nc", "device.toml"]
    assert us.load("device.nc").data.attrs["converged"] == 0
