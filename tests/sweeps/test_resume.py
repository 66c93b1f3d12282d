"""What is finished is kept: interruptions, resumed sweeps, refusals, and what is on the disk meanwhile."""

import errno
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import usadel as us
from usadel.maps import lock
from usadel.maps.lock import Lock, holder
from usadel.maps.record import Point, decode, encode
from usadel.maps.unfinished import progress_rows
from usadel.sweeps import points


def interrupted(solves, count, *arguments, **options):
    """Stop a sweep after some units; what it had then."""
    solves.stop_after = len(solves.changes) + count
    with pytest.raises(us.Interrupted) as caught:
        us.sweep(*arguments, workers=1, **options)
    solves.stop_after = None
    return caught.value.result


@pytest.mark.parametrize("follow", [None, "both"])
def test_resumed_is_uninterrupted_to_the_last_bit(follow, bulk, axes, solves, same, tmp_path):
    whole = us.sweep(bulk, axes, follow=follow, store=tmp_path / "whole.nc", workers=1)
    units = len(solves.changes)
    store = tmp_path / "m.nc"
    partial = interrupted(solves, 2, bulk, axes, follow=follow, store=store)
    assert not store.exists() and (tmp_path / "m.nc.parts" / "manifest.json").exists()
    finished = 2 if follow is None else 6
    for found in (partial, us.load(store)):
        assert isinstance(found, us.Sweep) and not found.converged
        assert found.open == found.data["status"].size - finished == int((found.data.status == "open").sum())
        assert np.isfinite(found.data.gap.isel(fraction=0)).values.sum() == finished
        assert "points are not finished" in found.advice
    with pytest.raises(us.InputError, match="holds an unfinished sweep"):
        us.sweep(bulk, axes, follow=follow, store=store)
    before = len(solves.changes)
    resumed = us.sweep(bulk, axes, follow=follow, store=store, resume=True, workers=1)
    assert len(solves.changes) - before == units - 2 and resumed.data.attrs["resumed_points"] == finished
    assert same(whole, resumed) and same(whole, us.load(store))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.nc", "whole.nc"]
    again = us.sweep(bulk, axes, follow=follow, store=store, resume=True)
    assert len(solves.changes) - before == units - 2 and same(again, resumed)


def test_resume_starts_where_nothing_is_there(bulk, axes, solves, tmp_path):
    assert us.sweep(bulk, axes, store=tmp_path / "m.nc", resume=True, workers=1).converged
    assert len(solves.changes) == 6


def test_nothing_is_left_of_a_sweep_that_did_not_begin(bulk, axes, solves, tmp_path):
    solves.stop_after = 0
    with pytest.raises(KeyboardInterrupt):
        us.sweep(bulk, axes, store=tmp_path / "m.nc")
    assert list(tmp_path.iterdir()) == []


OTHERS = {
    "device": lambda device, axes: (device.replace({"S.length": 2.0}), axes, {}),
    "axes": lambda device, axes: (device, {"S.length": [1.0, 2.0]}, {}),
    "values": lambda device, axes: (device, axes | {"temperature": [0.2, 0.5]}, {}),
    "order": lambda device, axes: (device, dict(reversed(axes.items())), {}),
    "mode": lambda device, axes: (device, axes, {"follow": "up"}),
    "quantities": lambda device, axes: (device, axes, {"quantities": ["gap"]}),
    "version": lambda device, axes: (device, axes, {}),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_sweep_is_not_resumed(what, bulk, axes, solves, tmp_path, monkeypatch):
    store, done = tmp_path / "m.nc", tmp_path / "done.nc"
    interrupted(solves, 1, bulk, axes, store=store)
    us.sweep(bulk, axes, store=done, workers=1)
    before, content = len(solves.changes), {p: p.read_bytes() for p in tmp_path.rglob("*.*") if p.is_file()}
    if what == "version":
        monkeypatch.setattr("usadel.maps.plan.__version__", "9.9")
    device, over, options = OTHERS[what](bulk, axes)
    for path in (store, done):
        with pytest.raises(us.InputError, match="holds a sweep of another"):
            us.sweep(device, over, store=path, resume=True, **options)
    assert len(solves.changes) == before
    assert content == {p: p.read_bytes() for p in tmp_path.rglob("*.*") if p.is_file()}


def test_what_is_varied_may_differ_in_the_device(bulk, axes, solves, tmp_path):
    interrupted(solves, 1, bulk, axes, store=tmp_path / "m.nc")
    us.sweep(bulk.replace({"temperature": 0.77}), axes, store=tmp_path / "m.nc", resume=True, workers=1)
    assert len(solves.changes) == 6


def test_failed_points_are_solved_again_on_request(bulk, axes, solves, same, tmp_path, monkeypatch):
    whole = us.sweep(bulk, axes, workers=1)
    solve = points.follow

    def fails(device, start):
        if device.value("S.spin_voltage") == 0.2:
            raise RuntimeError("unheard of")
        return solve(device, start)

    with monkeypatch.context() as patch:
        patch.setattr(points, "follow", fails)
        assert us.sweep(bulk, axes, store=tmp_path / "m.nc", workers=1).failed == 2
    solves.changes.clear()
    assert us.sweep(bulk, axes, store=tmp_path / "m.nc", resume=True).failed == 2
    assert solves.changes == []
    repaired = us.sweep(bulk, axes, store=tmp_path / "m.nc", retry_failed=True, workers=1)
    assert len(solves.changes) == 2 and repaired.data.attrs["resumed_points"] == 4
    assert same(whole, repaired) and same(whole, us.load(tmp_path / "m.nc"))


def test_what_a_crash_has_damaged_is_solved_again(bulk, axes, solves, same, tmp_path):
    interrupted(solves, 4, bulk, axes, store=tmp_path / "m.nc")
    records = sorted((tmp_path / "m.nc.parts").rglob("*.bin"))
    assert len(records) == 4
    records[0].write_bytes(b"")
    records[1].write_bytes(records[1].read_bytes()[:-5])
    content = bytearray(records[2].read_bytes())
    content[-3] ^= 1
    records[2].write_bytes(content)
    solves.changes.clear()
    resumed = us.sweep(bulk, axes, store=tmp_path / "m.nc", resume=True, workers=1)
    assert len(solves.changes) == 5 and resumed.resumed == 1
    assert same(us.sweep(bulk, axes, workers=1), resumed)


def test_records_come_back_as_they_were():
    values = {"gap": np.linspace(0, 1, 5), "torque": np.arange(6.0).reshape(3, 2), "residual": np.array(1e-300)}
    kept = [
        Point("converged", "", values),
        Point("failed", "schlecht: ü", {}),
        Point("converged", "", {"gap": np.ones(2)}),
    ]
    record = encode(kept)
    back = decode(record)
    for one, other in zip(kept, back, strict=True):
        assert (one.status, one.advice, list(one.values)) == (other.status, other.advice, list(other.values))
        assert all(np.array_equal(value, other.values[name]) for name, value in one.values.items())
    assert all(decode(record[:n]) is None for n in range(len(record)))


HOLDER = """
import sys, time
from pathlib import Path
from usadel.maps.lock import Lock
lock = Lock(Path(sys.argv[1]))
print(repr(lock.acquire()), flush=True)
time.sleep(60)
"""


def test_one_process_writes_and_a_dead_one_is_no_hindrance(bulk, axes, tmp_path):
    folder = tmp_path / "m.nc.parts"
    folder.mkdir()
    other = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder / "lock")], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "''\n"
        assert holder(folder / "lock") == f"process {other.pid} on {platform.node()}"
        for resume in (False, True):
            with pytest.raises(us.InputError, match=f"process {other.pid} on .* works on this sweep"):
                us.sweep(bulk, axes, store=tmp_path / "m.nc", resume=resume)
    finally:
        other.kill()
        other.communicate()
    assert (folder / "lock").read_text() and holder(folder / "lock") == ""
    assert us.sweep(bulk, axes, store=tmp_path / "m.nc").converged
    assert not folder.exists()


def test_a_lock_that_is_removed_is_not_ours(tmp_path):
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.acquire() == "" and second.acquire() != ""
    (tmp_path / "lock").unlink()
    assert second.acquire() == ""
    first.release()
    assert holder(tmp_path / "lock") != ""
    second.release()


def test_where_nothing_can_be_locked_nothing_is_solved(bulk, axes, solves, tmp_path, monkeypatch):
    def no_locks(file):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_try_lock", no_locks)
    with pytest.raises(us.StorageError, match="No locks available"):
        us.sweep(bulk, axes, store=tmp_path / "m.nc")
    assert solves.changes == []


def test_how_far_it_is(bulk, axes, solves, tmp_path):
    interrupted(solves, 2, bulk, axes, store=tmp_path / "m.nc")
    rows = dict(progress_rows(tmp_path / "m.nc"))
    assert rows["finished"] == "2 of 6 points, fresh" and rows["worked on by"] == "nobody"
    ours = Lock(tmp_path / "m.nc.parts" / "lock")
    ours.acquire()
    assert f"process {os.getpid()}" in dict(progress_rows(tmp_path / "m.nc"))["worked on by"]
    ours.release()


def test_stores_that_cannot_be(bulk, axes, solves, tmp_path):
    for name in ("nowhere/m.nc", "m.txt"):
        with pytest.raises(us.StorageError, match="cannot write"):
            us.sweep(bulk, axes, store=tmp_path / name)
    (tmp_path / "m.nc.parts").write_text("a file")
    with pytest.raises(us.StorageError, match="cannot write"):
        us.sweep(bulk, axes, store=tmp_path / "m.nc")
    (tmp_path / "n.nc.parts").mkdir()
    (tmp_path / "n.nc.parts" / "manifest.json").write_text("{}")
    for resume in (False, True):
        with pytest.raises(us.StorageError, match="damaged"):
            us.sweep(bulk, axes, store=tmp_path / "n.nc", resume=resume)
    us.solve(bulk).save(tmp_path / "solve.nc")
    with pytest.raises(us.InputError, match="no sweep that could be resumed"):
        us.sweep(bulk, axes, store=tmp_path / "solve.nc", resume=True)
    assert solves.changes == []


def test_records_left_behind_the_file_are_removed(bulk, axes, solves, tmp_path):
    """A crash after the file was written, and before its records were removed."""
    interrupted(solves, 1, bulk, axes, store=tmp_path / "m.nc")
    us.sweep(bulk, axes, store=tmp_path / "other.nc", workers=1)
    (tmp_path / "other.nc").rename(tmp_path / "m.nc")
    solves.changes.clear()
    assert us.sweep(bulk, axes, store=tmp_path / "m.nc", resume=True).converged and solves.changes == []
    assert [path.name for path in tmp_path.iterdir()] == ["m.nc"]


def test_the_manifest_is_readable(bulk, axes, solves, tmp_path):
    interrupted(solves, 1, bulk, axes, store=tmp_path / "m.nc")
    manifest = json.loads(Path(tmp_path / "m.nc.parts" / "manifest.json").read_text())
    assert us.Stack.from_toml(manifest["device"]) == bulk
    assert [paths for paths, _ in manifest["axes"]] == [["temperature"], ["S.spin_voltage"]]


@pytest.mark.parametrize("name, kept", [("2.bin", 2), ("m.nc", 6)])
def test_a_full_disk_loses_nothing(name, kept, bulk, axes, same, tmp_path, monkeypatch):
    """It is full at the third point, or when the result is to be written."""
    real = Path.replace

    def replace(self, target):
        if Path(target).name == name:
            raise OSError(28, "No space left on device")
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(us.StorageError, match=r"No space left on device; .*kept"):
            us.sweep(bulk, axes, store=tmp_path / "m.nc", workers=1)
    assert us.load(tmp_path / "m.nc").open == 6 - kept
    resumed = us.sweep(bulk, axes, store=tmp_path / "m.nc", resume=True, workers=1)
    assert resumed.resumed == kept and same(resumed, us.sweep(bulk, axes, workers=1))
    assert [path.name for path in tmp_path.iterdir()] == ["m.nc"]
