"""Sweeps hold what plain solves find, whoever solves them and in whatever order."""

import os
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import usadel as us
from usadel._cores import core_count, one_thread
from usadel.sweeps import points


def test_each_point_is_a_plain_solve(bulk, axes):
    found = us.sweep(bulk, axes, workers=1)
    data = found.data
    assert found.converged and found.device == bulk and found.mode == "fresh"
    assert data.gap.dims == ("temperature", "S.spin_voltage", "fraction")
    assert data.spin_accumulation.dims == ("temperature", "S.spin_voltage", "component", "fraction")
    assert data.attrs["resumed_points"] == data.attrs["failed_points"] == 0
    assert not {"dos", "dos_spin", "distribution"} & set(data.data_vars)
    for temperature in axes["temperature"]:
        for voltage in axes["S.spin_voltage"]:
            alone = us.solve(bulk.replace({"temperature": temperature, "S.spin_voltage": float(voltage)}))
            point = data.sel({"temperature": temperature, "S.spin_voltage": voltage})
            there = alone.at(point.position.values)
            for name in ("gap", "singlet_real", "spin_accumulation", "charge_current"):
                assert np.allclose(point[name].values, there[name].values, rtol=0, atol=1e-12)
            assert float(point.estimated_error) == alone.error
            assert (int(point.converged), str(point.status.values), str(point.advice.values)) == (1, "converged", "")


def test_executors_and_this_process_agree(bulk, axes, alike):
    alone = us.sweep(bulk, axes, workers=1)
    with ThreadPoolExecutor(2) as threads:
        assert alike(alone, us.sweep(bulk, axes, scheduler=threads))
    followed = us.sweep(bulk, axes, follow="both", workers=1)
    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        assert alike(alone, us.sweep(bulk, axes, scheduler=processes))
        assert alike(followed, us.sweep(bulk, axes, follow="both", scheduler=processes))


def test_rows_follow_their_branch(bulk):
    """Up and down the range in which two states are stable; where they do not, points are those of plain solves."""
    voltages = np.linspace(0.42, 0.92, 11)  # not next to the ends of the range
    over = {"temperature": [0.2], "S.spin_voltage": voltages}
    both = us.sweep(bulk, over, follow="both").data.isel(temperature=0)
    assert both.gap.dims == ("S.spin_voltage", "direction", "fraction")
    up, down = (both.sel(direction=way) for way in ("up", "down"))
    apart = np.abs(up.gap - down.gap).max("fraction").values > 0.5
    assert apart.any() and not apart[0] and not apart[-1]
    assert np.all(down.gap.values[apart] == 0) and np.all(up.gap.values[apart] > 0.5)
    for way in ("up", "down"):
        alone = us.sweep(bulk, over, follow=way).data
        assert np.array_equal(alone.gap.sel(direction=way).values[0], both.gap.sel(direction=way).values)
        assert list(alone.direction.values) == [way] and alone.attrs["mode"] == f"follow {way}"
    # the ends of the bistable range, which a trace of its own locates
    branch = us.trace(bulk.replace({"temperature": 0.2}), "S.spin_voltage", 0.42, 0.92, both=True, step=0.1).data
    jumps = {
        way: float(
            branch["S.spin_voltage"].values[((branch.fold + branch.gap_closing).sel(direction=way) > 0).values][0]
        )
        for way in ("up", "down")
    }
    inside = (voltages > jumps["down"]) & (voltages < jumps["up"])
    assert np.array_equal(inside, apart)


def test_a_point_does_not_depend_on_other_points(bulk):
    """Fresh points do not know in which sweep, and from which neighbour, they are solved."""
    many = us.sweep(bulk, {"S.spin_voltage": [0.9, 0.6, 0.3]}).data
    few = us.sweep(bulk, {"S.spin_voltage": [0.6]}).data
    assert many.gap.sel({"S.spin_voltage": 0.6}).values.tobytes() == few.gap.values.tobytes()


def test_linked_axes_and_lengths():
    device = us.Stack(
        [us.Superconductor(name="S", length=1.0), us.NormalMetal(name="N", length=1.0)], temperature=0.3, tolerance=1e-2
    )
    found = us.sweep(device, {("S.length", "N.length"): [(1.0, 0.5), (2.0, 0.25)], "temperature": (0.3,)}).data
    assert found.gap.dims == ("S.length", "temperature", "fraction")
    assert list(found["N.length"].values) == [0.5, 0.25] and found["N.length"].dims == ("S.length",)
    assert found.position.dims == ("S.length", "temperature", "fraction")
    assert np.all(np.diff(found.position.values) > 0)
    ends = found.position.isel(temperature=0)
    assert np.allclose(ends.isel(fraction=-1), [1.5, 2.25]) and np.allclose(ends.isel(fraction=32), [1.0, 2.0])
    assert list(found.layer_name.values[[0, -1]]) == ["S", "N"] and found.fraction.values[33] == 0
    alone = us.solve(device.replace({"S.length": 2.0, "N.length": 0.25}))
    inside = np.delete(np.arange(66), [32, 33])
    there = alone.at(found.position.values[1, 0, inside])
    assert np.allclose(found.singlet_real.values[1, 0, inside], there.singlet_real.values, rtol=0, atol=1e-12)


def test_maps_over_energy_on_request(bulk):
    device = bulk.replace({"output.energies": [0, 2, 5]})
    found = us.sweep(device, {"temperature": [0.2, 0.3]}, quantities=["gap", "dos"]).data
    assert found.dos.dims == ("temperature", "fraction", "energy") and "dos_spin" not in found
    assert list(found.energy.values) == [0, 0.5, 1, 1.5, 2] and "singlet_real" not in found
    alone = us.solve(device.replace({"temperature": 0.3})).dos([0.5, 1.5])
    assert np.allclose(found.dos.sel(temperature=0.3, energy=[0.5, 1.5]).isel(fraction=0), alone.dos[0], atol=1e-3)
    assert us.sweep(bulk, {"temperature": [0.3]}, quantities=["dos_spin"]).data.sizes["energy"] == 301


def test_networks_driven_devices_and_parameters():
    wires = [us.Wire([us.NormalMetal(length=1.0), us.NormalReservoir(voltage="bias")], start="middle") for _ in "ab"]
    wires.append(us.Wire([us.NormalMetal(length=1.0), us.NormalReservoir(voltage=0.0)], start="middle"))
    device = us.Device(wires, {"middle": us.Junction()}, temperature=0.3, tolerance=1e-2, parameters={"bias": 0.1})
    device = device.replace({"output.energies": [0, 1, 3]})
    found = us.sweep(device, {"bias": [0.0, 0.2]}, quantities=["charge_current", "distribution"]).data
    assert found.distribution.dims == ("bias", "mode", "fraction", "energy")
    assert list(np.unique(found.wire.values)) == [0, 1, 2]
    current = found.charge_current.isel(fraction=-1).values
    assert abs(current[0]) < 1e-6 < abs(current[1])
    alone = us.solve(device.replace({"bias": 0.2})).data.charge_current[-1]
    assert current[1] == pytest.approx(float(alone), abs=1e-9)


def test_arguments_of_configurations(tmp_path):
    text = "[superconductor]\n length: {1}\n temperature: 0.3\n"
    (tmp_path / "s.conf").write_text(text, encoding="utf-8")
    device = us.from_geneus(tmp_path / "s.conf", "0.5").replace({"tolerance": 1e-2})
    found = us.sweep(device, {"arg1": [0.5, 1.5]}).data
    assert np.allclose(found.position.isel(fraction=-1), [0.5, 1.5])


def test_failed_points_are_told(bulk, axes, monkeypatch):
    solve = points.follow

    def fails(device, start):
        if device.value("temperature") == 0.4 and device.value("S.spin_voltage") == 0.2:
            raise RuntimeError("unheard of")
        return solve(device, start)

    monkeypatch.setattr(points, "follow", fails)
    found = us.sweep(bulk, axes, workers=1)
    point = found.data.sel(temperature=0.4, **{"S.spin_voltage": 0.2})
    assert not found.converged and found.failed == 1 and np.all(np.isnan(point.gap.values))
    assert str(point.status.values) == "failed" and "unheard of" in str(point.advice.values)
    assert "1 of 6 points failed: temperature = 0.4, S.spin_voltage = 0.2" in found.advice
    assert np.isfinite(found.data.gap.values).sum() == 5 * 33
    with pytest.raises(us.NotConverged):
        found.raise_if_unconverged()
    followed = us.sweep(bulk, axes, follow="up").data  # the next point goes on from the last one that was solved
    assert followed.converged.values.sum() == 5


def test_progress_tells_points_failures_rate_and_time_left(bulk, axes, monkeypatch):
    solve = points.follow

    def fails(device, start):
        if device.value("temperature") == 0.2:
            raise RuntimeError("unheard of")
        return solve(device, start)

    monkeypatch.setattr(points, "follow", fails)
    events = []
    us.sweep(bulk, axes, workers=1, progress=events.append)
    assert {event.stage for event in events} == {"sweep"}
    assert list(dict.fromkeys((event.done, event.total) for event in events))[1:] == [(k, 6) for k in range(7)]
    assert re.fullmatch(r"sweep 5/6: 3 failed, [\d.e+]+ points/s, \d+:\d\d left", str(events[-2]))


def test_an_exception_of_the_listener_ends_a_sweep_and_what_is_done_is_kept(bulk, axes, tmp_path):
    def enough(event):
        if event.done == 2:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        us.sweep(bulk, axes, workers=1, store=tmp_path / "m.nc", progress=enough)
    assert us.load(tmp_path / "m.nc").open == 4


VOLTAGES = [0.005 * k for k in range(40)]
UNGUARDED = """\
import multiprocessing, os, signal
from dataclasses import replace
import usadel as us
from usadel.maps import run
run.OPTIONS = replace(run.OPTIONS, startup=0.0)
killed = []
def kill_one(event):
    if event.done == 12 and not killed:
        killed.append(multiprocessing.active_children()[0].pid)
        os.kill(killed[0], signal.SIGKILL)
device = us.Stack([us.Superconductor(name="S", length=1.0)], temperature=0.3, tolerance=1e-2)
found = us.sweep(device, {"S.spin_voltage": [0.005 * k for k in range(40)]}, workers=2, progress=kill_one)
found.save("m.nc")
print(len(killed))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_script_without_guard_and_a_worker_that_is_killed(tmp_path, alike):
    (tmp_path / "script.py").write_text(UNGUARDED, encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr
    found = us.load(tmp_path / "m.nc")
    assert found.converged and alike(found, us.sweep(found.device, {"S.spin_voltage": VOLTAGES}, workers=1))


REFUSED = {
    "no axis": ({}, {}, "at least one"),
    "empty": ({"temperature": []}, {}, "temperature: must be different finite numbers"),
    "twice": ({"temperature": [0.2, 0.2]}, {}, "different"),
    "not finite": ({"temperature": [0.2, np.inf]}, {}, "finite"),
    "text": ({"temperature": "abc"}, {}, "temperature: must be"),
    "no number": ({"S.spin_axis": [1]}, {}, "S.spin_axis: is not a number"),
    "unknown": ({"S.lenght": [1]}, {}, "did you mean 'length'"),
    "impossible": ({"temperature": [0.3, -0.1]}, {}, "temperature"),
    "same place": ({"S.length": [1.0], "stack.0.length": [2.0]}, {}, "stack.0.length"),
    "unlinked": ({("S.length", "temperature"): [(1.0, 0.2), (1.0,)]}, {}, "needs 2 numbers"),
    "linked and empty": ({("S.length", "temperature"): []}, {}, "there are none"),
    "name of a variable": ({"gap": [1.0]}, {}, "allowed: stack.0.gap"),
    "follow": ({"temperature": [0.2]}, {"follow": "sideways"}, "up, down, both"),
    "workers": ({"temperature": [0.2]}, {"workers": 0}, "workers"),
    "quantity": ({"temperature": [0.2]}, {"quantities": ["gapp"]}, "did you mean 'gap'"),
    "scheduler": ({"temperature": [0.2]}, {"scheduler": 7}, "executor"),
    "moving phase": ({"S.spin_temperature": [0.1]}, {}, "stationary"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_sense_is_refused_in_one_line(name, bulk, solves, tmp_path):
    over, options, words = REFUSED[name]
    device = bulk.replace({"S.gap": 1.0, "S.self_consistent": False}) if name == "name of a variable" else bulk
    with pytest.raises(us.InputError) as caught:
        us.sweep(device, over, store=tmp_path / "m.nc", **options)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert solves.changes == [] and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("before", [None, "2"])
def test_several_may_limit_threads_at_once(before, monkeypatch):
    """As executors of threads do; one that left took the limit from others, or found it gone."""
    if before is None:
        monkeypatch.delenv("USADEL_THREADS", raising=False)
    else:
        monkeypatch.setenv("USADEL_THREADS", before)
    first, second = one_thread(), one_thread()
    first.__enter__(), second.__enter__()
    first.__exit__(None, None, None)
    assert core_count() == 1
    second.__exit__(None, None, None)
    assert os.environ.get("USADEL_THREADS") == before
