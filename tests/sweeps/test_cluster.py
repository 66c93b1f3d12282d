"""Sweeps on a real dask scheduler with real worker processes, on loopback."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from json import loads

import numpy as np
import pytest

import usadel as us
from usadel.maps import cluster

distributed = pytest.importorskip(
    "distributed", reason="dask.distributed is not installed: pip install 'usadel[cluster]'"
)


class Processes:
    """A scheduler and workers, each a process group of its own."""

    def __init__(self, folder):
        self.folder, self.running = folder, []
        self.environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "USADEL_THREADS": "1"}

    def start(self, *arguments, **environment):
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.environment | environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.running.append(process)
        return process

    def scheduler(self):
        file = self.folder / "scheduler.json"
        process = self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                             "--scheduler-file", str(file))  # fmt: skip
        until(file.exists)
        return process, loads(file.read_text())["address"]

    def worker(self, address, **environment):
        return self.start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", **environment)

    @staticmethod
    def kill(process):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self):
        for process in self.running:
            if process.poll() is None:
                self.kill(process)


def until(happened, seconds=60.0):
    limit = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def processes(tmp_path):
    started = Processes(tmp_path)
    yield started
    started.end()


def kill_after(points, process):
    """A listener that kills a process when some points are done."""

    def listen(event):
        if event.done >= points and process.poll() is None:
            Processes.kill(process)

    return listen


AXES = {"temperature": [0.2, 0.4], "S.spin_voltage": np.linspace(0.0, 0.4, 15)}


def test_a_worker_that_is_killed_changes_nothing(bulk, alike, processes):
    _, address = processes.scheduler()
    first, _ = processes.worker(address), processes.worker(address)
    found = us.sweep(bulk, AXES, scheduler=address, progress=kill_after(8, first))
    assert first.poll() is not None and found.converged
    assert alike(us.sweep(bulk, AXES, workers=1), found)


def test_a_scheduler_that_ends_loses_nothing_that_is_finished(bulk, alike, processes, tmp_path):
    scheduler, address = processes.scheduler()
    processes.worker(address)
    asked = {"over": AXES, "store": tmp_path / "map.nc"}
    with pytest.raises(us.InputError, match=r"scheduler: tcp://127.0.0.1:\d+: the connection to the scheduler is lost"):
        us.sweep(bulk, **asked, scheduler=address, progress=kill_after(8, scheduler))
    kept = sum(1 for _ in (tmp_path / "map.nc.parts").rglob("*.bin"))
    assert 8 <= kept < 30
    found = us.sweep(bulk, **asked, resume=True)
    assert found.data.attrs["resumed_points"] == kept
    assert alike(us.sweep(bulk, AXES, workers=1), us.Sweep(found.device, found.data.assign_attrs(resumed_points=0)))


def test_a_scheduler_without_workers(bulk, processes, monkeypatch):
    monkeypatch.setattr(cluster, "OPTIONS", replace(cluster.OPTIONS, patience=1.0))
    _, address = processes.scheduler()
    with pytest.raises(us.InputError, match=r"no worker for \d+ s"):
        us.sweep(bulk, AXES, scheduler=address)


def test_workers_of_another_version(bulk, processes, tmp_path):
    """In its place stands something of the same name that is of another version."""
    (tmp_path / "usadel").mkdir()
    (tmp_path / "usadel/__init__.py").touch()
    (tmp_path / "usadel/_version.py").write_text('__version__ = "0.0.1"\n')
    _, address = processes.scheduler()
    processes.worker(address, PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(1)
    with pytest.raises(us.InputError, match=r"has usadel 0\.0\.1; allowed: workers with usadel"):
        us.sweep(bulk, {"temperature": [0.2]}, scheduler=address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "tcp://"])
def test_no_scheduler_there(address, bulk, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "OPTIONS", replace(cluster.OPTIONS, reached=0.5))
    with pytest.raises(us.InputError, match=r"scheduler: '.*' cannot be reached .* allowed") as refused:
        us.sweep(bulk, AXES, scheduler=address, store=tmp_path / "map.nc")
    assert "\n" not in str(refused.value) and not list(tmp_path.iterdir())


def test_the_command(processes, tmp_path, capsys, monkeypatch):
    from usadel.__main__ import main

    monkeypatch.chdir(tmp_path)
    _, address = processes.scheduler()
    processes.worker(address)
    device = tmp_path / "bulk.toml"
    device.write_text('temperature = 0.3\ntolerance = 1e-2\n[[stack]]\nkind = "superconductor"\nlength = 1\n')
    assert main(["sweep", str(device), "--over", "temperature=0.2:0.4:4", "--scheduler", address]) == 0
    assert us.load("bulk.sweep.nc").converged
    assert main(["sweep", str(device), "--over", "temperature=0.2:0.4:4", "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
