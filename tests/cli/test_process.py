"""What only a real process shows: start-up time, streams, pipes, a terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

USADEL = [sys.executable, "-m", "usadel"]


def call(*arguments, **options):
    return subprocess.run([*USADEL, *arguments], capture_output=True, timeout=60, **options)


@pytest.mark.skipif(os.name == "nt", reason="there the times of children are not known")
def test_help_is_quick():
    """The limit is 0.3 s; of processor time, because the machine may be busy, and the best of a few."""
    took = []
    for _ in range(5):
        start = os.times()
        done = call("--help")
        end = os.times()
        took.append(end.children_user + end.children_system - start.children_user - start.children_system)
        assert done.returncode == 0 and done.stdout.startswith(b"Usage: usadel")
    assert 0 < min(took) <= 0.3


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from usadel.__main__ import main; main(['--help']);"
        "heavy = ('numpy', 'xarray', 'matplotlib', 'pydantic', 'numba', 'scipy', 'h5py');"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_usage_error_in_a_process():
    done = call("run")
    assert done.returncode == 2 and done.stdout == b""
    assert done.stderr.startswith(b"usadel: Missing argument") and done.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="pipes of a POSIX shell")
def test_closed_pipe_is_no_traceback():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run([*USADEL, "cite"], stdout=writer, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(writer)
    assert done.stderr == b"" and done.returncode == 141


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is full")
@pytest.mark.parametrize("arguments", [["cite"], ["schema"], ["check", "nowhere.toml"]])
def test_full_standard_output_is_one_line(arguments):
    with FULL.open("wb") as full:
        done = subprocess.run([*USADEL, *arguments], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2 and done.stderr.startswith(b"usadel: ") and done.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize(("arguments", "status"), [("cite", 0), ("check nowhere.toml", 2)])
def test_closed_streams_are_no_fault(arguments, status):
    command = f'"{sys.executable}" -m usadel {arguments} >&- 2>&-'
    assert subprocess.run(["sh", "-c", command], timeout=60).returncode == status


def test_output_is_utf8_in_a_pipe():
    code = "from usadel.cli.terminal import prepare_streams; prepare_streams(); print('Δ0')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert done.stdout.decode("utf-8").strip() == "Δ0"


PROGRESS = """\
from usadel.cli.terminal import Progress
from usadel.progress import Event
with Progress(interval=0.0) as show:
    show(Event("gap step", 2, None, "change 1e-3"))
    show(Event("critical", 1, 4))
    show(Event("level", 3, None, "65 nodes"))
    show(Event("energies", 2, 8))
    show(Event("critical", 3, 4, "second order"))
    show(Event("critical", 4, 4))
    show(Event("level", 5))
"""


def test_progress_is_silent_without_a_terminal():
    done = subprocess.run([sys.executable, "-c", PROGRESS], capture_output=True, check=True)
    assert done.stdout == done.stderr == b""


def test_progress_on_a_terminal_cleans_up_after_itself():
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    done = subprocess.run([sys.executable, "-c", PROGRESS], stdout=subprocess.PIPE, stderr=slave, check=True)
    os.close(slave)
    shown = os.read(master, 10000).decode()
    os.close(master)
    assert done.stdout == b"" and shown.endswith("\r\x1b[K")
    assert [line for line in shown.split("\r\x1b[K") if line] == [
        "gap step 2: change 1e-3",
        "25 % critical 1/4",
        "25 % critical | level 3: 65 nodes",
        "25 % critical | energies 2/8",
        "75 % critical 3/4: second order",
        "100 % critical 4/4",
        "level 5",
    ]
