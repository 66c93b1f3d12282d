"""A result that was read from a file is as good a start as the one that was saved, and other structures are refused."""

import numpy as np
import pytest

import usadel as us
from usadel.solution.start import neighbour_of


def insulator(m):
    return us.FerromagneticInsulator(spin_mixing=0.6, magnetization=m)


S = us.Superconductor(name="S", length=1.2)
N = us.NormalMetal(name="N", length=0.5)
TUNNEL = us.Tunnel(name="T", conductance=0.5, relative_to="right")
FILTER = us.SpinActive(conductance=0.4, polarization=0.1, magnetization=[0, 0, 1], relative_to="right")
INSIDE = np.linspace(0.03, 0.97, 9)  # of the device: at junctions of S and N the gap itself jumps
SETTINGS = {"tolerance": 1e-4, "temperature": 0.2}
DEVICES = {
    "magnets": (us.Stack([insulator([1, 0, 0]), S, insulator([0, 1, 0])], **SETTINGS), {"S.spin_voltage": 0.2}),
    "phases": (
        us.Stack([S, TUNNEL, N, us.SuperconductingReservoir(name="R", phase=1.5)], **SETTINGS), {"R.phase": 1.4},
    ),
    "driven": (
        us.Stack(
            [us.NormalReservoir(name="L", voltage=0.1), us.Tunnel(conductance=0.5), S, us.Tunnel(conductance=0.5),
             us.NormalReservoir(name="R", voltage=-0.1)], **SETTINGS | {"tolerance": 1e-3},
        ), {"temperature": 0.22},
    ),
    "network": (
        us.Device(
            [us.Wire([S], start="o"), us.Wire([N], start="o"),
             us.Wire([TUNNEL, us.NormalMetal(length=0.6)], start="o")],
            {"o": us.Junction()}, **SETTINGS,
        ), {"S.length": 1.1},
    ),
    "given gaps": (
        us.Stack([us.SuperconductingReservoir(phase=1), N, us.SuperconductingReservoir()], **SETTINGS),
        {"N.length": 0.6},
    ),
    "zeeman": (us.Stack([us.Superconductor(name="S", length=2, exchange_field=[0.2, 0, 0], zeeman=0.5)], **SETTINGS),
               {"S.exchange_field.0": 0.22}),
}  # fmt: skip


@pytest.mark.parametrize("name", DEVICES)
def test_a_file_is_a_start_like_the_result_itself(name, tmp_path):
    device, change = DEVICES[name]
    device = device.replace({"output.quantities": ["gap", "gap_phase", "spin_accumulation"]})  # without maps
    first, changed = us.solve(device), device.replace(change)
    saved = us.load(first.save(tmp_path / "a.nc"))
    cold, warm = us.solve(changed), us.solve(changed, start=saved)
    assert warm.converged and warm.device == changed
    places = INSIDE * float(cold.data.position[-1])
    for quantity in ("gap", "charge_current", "energy_current", "spin_current", "spin_accumulation"):
        difference = abs(warm.at(places)[quantity] - cold.at(places)[quantity]).max()
        assert float(difference) <= cold.error + warm.error
    again = neighbour_of(saved, device).solution.state  # of the same device: its gap, on as many nodes
    assert [grid.size for grid in again.problem.grids] == [grid.size for grid in first.state.problem.grids]
    inside = INSIDE * float(first.data.position[-1])
    here, there = (state.problem.interpolation(inside) @ state.gap for state in (again, first.state))
    assert np.max(np.abs(here - there)) < 1e-6


def test_a_file_remembers_which_solution_it_is(tmp_path):
    """Both states of a superconductor under spin injection: the one that the file holds is found again."""
    device = us.Stack([us.Superconductor(name="S", length=1)], temperature=0.1, tolerance=1e-4)
    hot = us.solve(device.replace({"temperature": 1.2}))
    normal = us.solve(device.replace({"S.spin_voltage": 0.65}), start=hot)
    cold = us.solve(device.replace({"S.spin_voltage": 0.65}))
    assert float(normal.data.gap.max()) == 0 < 0.9 < float(cold.data.gap.min())
    for number, result in enumerate((normal, cold)):
        result.save(tmp_path / f"{number}.nc")
        found = us.solve(device.replace({"S.spin_voltage": 0.66}), start=us.load(tmp_path / f"{number}.nc"))
        assert (float(found.data.gap.max()) > 0.9) == (result is cold)


def loaded(device, path, quantities=None):
    """A result as it is read from a file, with a map or without."""
    us.solve(device.replace({"output.quantities": quantities})).save(path)
    return us.load(path)


def test_other_structures_are_refused_in_one_line(tmp_path):
    gap = ["gap", "gap_phase"]
    pair = us.Stack([S, TUNNEL, N], **SETTINGS)
    start = loaded(pair, tmp_path / "a.nc", gap)
    live = us.solve(pair)
    star = [us.Wire([S], start="o"), us.Wire([N], start="o")]
    for device, words in (
        (us.Stack([S], **SETTINGS), r"it has 2 layers \(superconductor, normal_metal\), this device 1 layer \("),
        (us.Stack([N, TUNNEL, S], **SETTINGS), "layer 0 is a superconductor there and a normal_metal here"),
        (us.Device(star, {"o": us.Junction()}, **SETTINGS),
         "the left end of S and the left end of N meet here alone|the right end of S and the left end of N meet there"),
    ):  # fmt: skip
        for one in (start, live):
            with pytest.raises(us.InputError, match=words) as caught:
                us.solve(device, start=one)
            text = str(caught.value)
            assert text.startswith("start: is a result of another structure") and "\n" not in text
    other = us.Device([us.Wire([S, FILTER, N])], **SETTINGS)
    assert us.solve(other, start=start).converged  # a wire of the same layers, and another interface between them


def test_what_a_file_lacks_is_said(tmp_path):
    bare = us.Stack([S], **SETTINGS)
    start = loaded(bare, tmp_path / "a.nc", ["charge_current"])
    with pytest.raises(us.InputError, match=r"^start: the file holds no gap; allowed: .*output.quantities names gap"):
        us.solve(bare, start=start)
    only = loaded(bare, tmp_path / "b.nc", ["gap"])  # without its phase, which is that of the device
    assert us.solve(bare.replace({"S.phase": 0.5}), start=only).data.gap.max() > 0.9
    rigid = us.Stack([us.SuperconductingReservoir(), N], **SETTINGS)
    assert us.solve(rigid, start=loaded(rigid, tmp_path / "c.nc", ["charge_current"])).converged
