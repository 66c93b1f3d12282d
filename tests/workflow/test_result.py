"""What a solve hands back: the notebook session, the variables of the file, saving, failing, torque, threads."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import usadel as us
from usadel.discretization import choice
from usadel.gap import newton_schur
from usadel.observables.spectrum import Spectrum
from usadel.results import VARIABLES
from usadel.states import newton

CURRENTS = ("charge_current", "energy_current", "spin_current", "spin_energy_current")
ACCUMULATIONS = ("charge_accumulation", "energy_accumulation", "spin_accumulation", "spin_energy_accumulation")
PAIRS = ("singlet_real", "singlet_imag", "triplet_real", "triplet_imag")
ALWAYS = (*CURRENTS, *[f"{name}_{part}" for name in CURRENTS for part in ("super", "resistive")])


def insulator(magnetization):
    return us.FerromagneticInsulator(spin_mixing=0.6, magnetization=magnetization)


def figure_device(**settings):
    """The device of the notebook session."""
    layer = us.Superconductor(name="S", length=1.5, spin_axis=[1, 0, 0])
    settings.setdefault("output", us.Output(energies=[-2, 2, 5]))
    return us.Stack([insulator([1, 0, 0]), layer, insulator([0, 1, 0])], temperature=0.01, **settings)


def two_superconductors(**settings):
    return us.Stack(
        [
            us.Superconductor(name="A", length=0.8),
            us.Tunnel(conductance=0.5, relative_to="left"),
            us.NormalMetal(name="N", length=0.4),
            us.Superconductor(name="B", length=1.1),
        ],
        temperature=0.3,
        **{"tolerance": 1e-4, "output": us.Output(energies=[0, 1.5, 4]), **settings},
    )


@pytest.fixture(scope="module")
def injected():
    device = figure_device().replace({"S.spin_voltage": 0.25})
    return us.solve(device)


@pytest.fixture(scope="module")
def double():
    return us.solve(two_superconductors())


def test_notebook_session(tmp_path):
    device = figure_device(tolerance=1e-5)
    for word in ("superconductor", "spin_mixing", "Δ0", "ξ"):
        assert word in repr(device)
    r = us.solve(device)
    assert 0.9 < float(r.data.gap.max()) < 1
    assert 0 < r.error <= 1e-5 and r.converged
    spectrum = r.dos(np.linspace(-2, 2, 9))
    assert spectrum.dos.shape == (r.data.position.size, 9)
    assert spectrum.dos.sel(energy=0).max() < 0.1 < spectrum.dos.sel(energy=2).min()
    r2 = us.solve(device.replace({"S.spin_voltage": 0.25}), start=r)
    cold = us.solve(device.replace({"S.spin_voltage": 0.25}))
    assert r2.error <= 1e-5 and r2.device.value("S.spin_voltage") == 0.25
    for name, least in (("spin_current", 0.02), ("gap", 0.9)):
        a, b = (x.data[name].interp(position=np.linspace(0, 1.5, 7), method="cubic") for x in (r2, cold))
        assert float(abs(b).max()) > least
        np.testing.assert_allclose(a, b, atol=1e-3)
        np.testing.assert_allclose(r2.data[name][..., [0, -1]], cold.data[name][..., [0, -1]], atol=2e-5)
    r.save(tmp_path / "a.nc")
    assert us.load(tmp_path / "a.nc").device == device
    text = tmp_path / "x.toml"
    text.write_text(device.to_toml(), encoding="utf-8")
    assert us.Stack.from_toml(text) == device
    assert us.Stack.from_toml(device.to_toml()) == device


def test_every_variable_with_its_dimensions_and_units(injected):
    data = injected.file_data()
    expected = {*ALWAYS, *ACCUMULATIONS, *PAIRS, "gap", "gap_phase", "dos", "dos_spin", "torque"}
    assert expected <= set(data.data_vars)
    for name in data.data_vars:
        entry = VARIABLES[name]
        assert data[name].dims == entry.dims
        assert {key: data[name].attrs[key] for key in ("units", "long_name", "symbol")} == entry.attrs
        assert np.isrealobj(data[name].values) and np.all(np.isfinite(data[name].values))
    for name in CURRENTS:
        total = data[f"{name}_super"] + data[f"{name}_resistive"]
        np.testing.assert_allclose(data[name], total, atol=1e-14)
    attributes = (
        "converged", "residual", "estimated_error", "conservation_error", "usadel_version", "format_version", "device",
    )  # fmt: skip
    assert all(name in data.attrs for name in attributes)
    assert data.attrs["converged"] == 1 and data.attrs["estimated_error"] == injected.error
    assert list(data.component.values) == ["x", "y", "z"]


def test_positions_increase_and_end_at_the_ends(injected, double):
    for result, length in ((injected, 1.5), (double, 2.3)):
        position = result.data.position.values
        assert np.all(np.diff(position) > 0)
        assert position[0] == 0 and position[-1] == pytest.approx(length, abs=1e-14)
    layer, position = double.data.layer.values, double.data.position.values
    assert list(np.unique(layer)) == [0, 1, 2]
    for left, right, place, scale in ((0, 1, 0.8, 0.8), (1, 2, 1.2, 1.1)):
        a, b = position[layer == left][-1], position[layer == right][0]
        assert a < place < b and b - a < 2e-9 * scale


def test_two_superconductors(double):
    """Each has its own gap; the normal metal has none, but has pairs."""
    gap, layer = double.data.gap.values, double.data.layer.values
    assert np.all(gap[layer == 1] == 0)
    assert 0.8 < gap[layer == 0].max() < 0.97 and 0.3 < gap[layer == 2].max() < gap[layer == 0].max()
    assert np.all(np.abs(double.data.gap_phase.values) < 1e-9)
    assert np.min(np.abs(double.data.singlet_real.values[layer == 1])) > 0.1
    assert np.max(np.abs(double.data.charge_current)) < 1e-10


def test_data_is_made_once(injected):
    assert injected.data is injected.data and injected.file_data() is injected.file_data()


def test_maps_over_energy_are_made_for_who_asks(monkeypatch, tmp_path):
    """`data` has none that is not named; the file has all; figures get theirs; who asks `data` is told where it is."""
    asked = []
    at = Spectrum.at
    monkeypatch.setattr(Spectrum, "at", lambda self, energies: asked.append(len(energies)) or at(self, energies))
    device = us.Stack([us.Superconductor(length=1)], temperature=0.5, tolerance=1e-4)
    r = us.solve(device.replace({"output.energies": [0, 2, 5]}))
    assert "dos" not in r.data and "energy" not in r.data.dims and not hasattr(r.data, "dos") and not asked
    assert us.plots.profile(r, "gap").has_data() and us.plots.default_figure(r.data, ["gap"]).axes and not asked
    for ask in (lambda: r.data.dos, lambda: r.data["dos_spin"], lambda: r.data.energy):
        with pytest.raises((AttributeError, KeyError), match=r"output\.quantities.*result\.dos\(energies\)"):
            ask()
    with pytest.raises(AttributeError, match=r"result\.distribution\(energies\)"):
        r.data.distribution  # noqa: B018 the error is what is tested
    with pytest.raises(AttributeError, match="has no attribute 'dosage'"):
        r.data.dosage  # noqa: B018
    copies = pickle.loads(pickle.dumps(r.data)), r.data.copy(deep=True), r.data.isel(position=0)
    assert all(copied.file_data() is copied for copied in copies)  # nothing holds on to the states
    assert not asked
    assert us.plots.dos_map(r.data).has_data() and asked == [5]
    shown = [len(us.plots.default_figure(given).axes) for given in (r, r.data, r.file_data())]
    assert shown[0] == shown[1] == shown[2] and us.plots.dos_cuts(r).has_data()
    r.save(tmp_path / "a.nc")
    assert us.load(tmp_path / "a.nc").data.dos.sizes["energy"] == 5 and asked == [5]
    named = us.solve(device.replace({"output.energies": [0, 2, 5], "output.quantities": ["dos_spin"]}))
    assert named.data.dos_spin.sizes["energy"] == 5 and named.file_data() is named.data
    bare = us.solve(device.replace({"output.quantities": ["gap"]}))
    bare.save(tmp_path / "b.nc")
    back = us.load(tmp_path / "b.nc")
    assert asked == [5, 5] and "dos" not in back.data
    with pytest.raises(AttributeError, match=r"result\.dos"):
        back.data.dos  # noqa: B018


def test_round_trip_through_a_file(injected, tmp_path):
    path = tmp_path / "result.nc"
    injected.save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["result.nc"]
    back = us.load(path)
    xr.testing.assert_identical(back.data.load(), injected.file_data())
    assert (back.error, back.converged, back.device) == (injected.error, True, injected.device)
    with pytest.raises(us.InputError, match="read from a file"):
        back.dos([0.0])
    again = us.solve(back.device, start=back)
    assert again.converged
    for variable in xr.open_dataset(path, engine="h5netcdf").variables.values():
        assert variable.dtype.kind != "c"


@pytest.mark.parametrize("quantities", [["gap"], ["dos"], ["spin_accumulation", "dos_spin"], ["singlet_real"]])
def test_quantities_are_respected(quantities):
    output = us.Output(quantities=quantities, energies=[0, 1, 3])
    device = us.Stack([us.Superconductor(length=1)], temperature=0.5, output=output, tolerance=1e-4)
    data = us.solve(device).data
    assert set(data.data_vars) == {*ALWAYS, *quantities}
    assert ("energy" in data.dims) == any(name.startswith("dos") for name in quantities)


@pytest.mark.parametrize(
    ("energies", "expected"),
    [([-1, 1, 5], [-1, -0.5, 0, 0.5, 1]), ([0.1, 0.2, 0.5, 0.7], [0.1, 0.2, 0.5, 0.7])],
)
def test_explicit_energies(energies, expected):
    device = us.Stack([us.Superconductor(length=1)], temperature=0.5, output=us.Output(energies=energies))
    data = us.solve(device).file_data()
    np.testing.assert_allclose(data.energy, expected, atol=1e-15)
    assert data.dos.sizes["energy"] == len(expected)


def test_default_map_is_refined_until_linear_interpolation_holds():
    output = us.Output(quantities=["dos"])
    r = us.solve(us.Stack([us.Superconductor(length=1)], temperature=0.3, tolerance=1e-5, output=output))
    energy = r.data.energy.values
    assert energy[0] == -3 and energy[-1] == 3 and np.all(np.diff(energy) > 0)
    places = np.random.default_rng(5).uniform(-3, 3, 200)
    exact = r.dos(places, position=0.5).dos.values[0]
    line = np.interp(places, energy, r.data.dos.values[0])
    assert np.max(exact) > 1.2
    assert np.max(np.abs(exact - line)) < 3e-3


def test_dos_between_nodes_and_outside(injected):
    at = injected.dos([0.5, -0.5], position=[0.0, 0.7531, 1.5])
    assert at.dos.dims == ("position", "energy") and at.dos_spin.dims == ("component", "position", "energy")
    full = injected.dos([0.5, -0.5])
    np.testing.assert_allclose(at.dos[[0, -1]], full.dos[[0, -1]], atol=1e-9)
    assert np.all(at.dos.values > 0)
    for bad in (-0.1, 1.6):
        with pytest.raises(us.InputError, match="position"):
            injected.dos([0.5], position=bad)
    for bad in ([np.nan], [np.inf], [[0.0, 1.0]]):
        with pytest.raises(us.InputError, match="energies"):
            injected.dos(bad)


def test_torque_is_the_spin_current_that_a_magnet_absorbs(injected):
    data = injected.data
    assert data.sizes["interface"] == 2
    current = data.spin_current.values
    assert np.max(np.abs(current)) > 0.02
    np.testing.assert_allclose(data.torque.values[:, 0], -current[:, 0], atol=1e-12)
    np.testing.assert_allclose(data.torque.values[:, 1], current[:, -1], atol=1e-12)
    np.testing.assert_allclose(data.torque.sum("interface"), current[:, -1] - current[:, 0], atol=1e-12)
    np.testing.assert_allclose(current - current[:, :1], 0, atol=1e-6)


def test_rigid_magnet_and_textures_absorb_in_the_layer():
    """Where a layer's exchange field turns, the spin current varies, and no interface has a torque of it."""
    layer = us.Ferromagnet(length=1.0, exchange_field=["2*cos(pi*z)", "2*sin(pi*z)", 0])
    device = us.Stack(
        [us.SuperconductingReservoir(), layer, us.SuperconductingReservoir()],
        temperature=0.2, tolerance=1e-5, output=us.Output(quantities=["torque"]),
    )  # fmt: skip
    solved = us.solve(device)
    data = solved.data
    assert float(np.ptp(data.spin_current.values[2])) > 1e-3
    assert "torque" not in data and "torque" not in str(solved.summary())


def test_torque_on_a_magnet_between_two_metals():
    """The same device with a reservoir, and with a layer that tends to one as its cross section grows."""
    magnet = {
        "conductance": 0.8, "polarization": 0.6, "second_order": 0.3, "magnetization": [1, 2, -1],
        "spin_mixing_left": 0.9, "magnetization_left": [0, 1, 1], "spin_mixing_right": -0.5,
    }  # fmt: skip
    bank = us.SuperconductingReservoir(gap=0.9, phase=1.0)
    wide = {"length": 1, "gap": 0.9, "phase": 1.0, "self_consistent": False}
    rest = [us.Ferromagnet(length=0.8, exchange_field=[0.3, 0, 0.4]), us.SuperconductingReservoir(gap=1)]
    behind = [us.SpinActive(**magnet), *rest]
    between = [us.SpinActive(**magnet, relative_to="right"), *rest]
    settings = {"temperature": 0.2, "tolerance": 1e-5, "output": us.Output(quantities=["torque"])}
    first = us.solve(us.Stack([bank, *behind], **settings)).data
    half, full = (
        us.solve(us.Stack([bank, us.Superconductor(area=area, **wide), *between], **settings)).data.torque.values[:, 1]
        for area in (100, 200)
    )
    torque = first.torque.values[:, 0]
    assert np.min(np.abs(torque)) > 1e-3
    np.testing.assert_allclose(-first.spin_current.values[:, 0], torque, atol=1e-8)  # a singlet bank takes up no spin
    assert 1e-4 < np.max(np.abs(full - torque)) < 1e-2
    np.testing.assert_allclose(2 * full - half, torque, atol=1e-4)
    third = us.solve(us.Stack([*rest[::-1], mirrored(magnet), bank], **settings)).data
    np.testing.assert_allclose(third.torque.values[:, -1], torque, atol=4e-5)


def test_torque_at_a_junction():
    """A magnet between a wire and a junction is one between two layers."""
    magnet = {"conductance": 0.8, "polarization": 0.6, "second_order": 0.3, "magnetization": [1, 2, -1]}
    magnet |= {"spin_mixing_left": 0.9, "magnetization_left": [0, 1, 1], "spin_mixing_right": -0.5}
    left = [us.SuperconductingReservoir(phase=1.0), us.Ferromagnet(length=0.5, exchange_field=[0, 0.4, 0])]
    right = [us.Ferromagnet(length=0.8, exchange_field=[0.3, 0, 0.4]), us.SuperconductingReservoir()]
    settings = {"temperature": 0.2, "tolerance": 1e-5, "output": us.Output(quantities=["torque"])}
    chain = us.solve(us.Stack([*left, us.SpinActive(**magnet, relative_to="right"), *right], **settings)).data
    wires = [us.Wire(left, end="o"), us.Wire([us.SpinActive(**magnet), *right], start="o")]
    net = us.solve(us.Device(wires, {"o": us.Junction()}, **settings)).data
    torque = chain.torque.values[:, 1]
    found = net.torque.values[:, np.argmax(np.max(np.abs(net.torque.values), axis=0))]
    assert np.max(np.abs(torque - chain.spin_current.values[:, 0])) > 1e-3  # both sides count
    np.testing.assert_allclose(found, torque, atol=4e-5)


def mirrored(magnet):
    """The interface as seen from its other side."""
    exchange = {"left": "right", "right": "left"}
    turned = {}
    for key, value in magnet.items():
        stem, _, side = key.rpartition("_")
        turned[f"{stem}_{exchange[side]}" if side in exchange else key] = value
    return us.SpinActive(**turned)


STOPPED = {
    "states": (newton, us.Stack([us.SuperconductingReservoir(), us.NormalMetal(length=1)], temperature=0.1)),
    "gap": (newton_schur, us.Stack([insulator([0, 0, 1]), us.Superconductor(length=1)], temperature=0.1)),
}


@pytest.mark.parametrize("case", STOPPED)
def test_not_converged_carries_result_and_advice(case, monkeypatch, tmp_path):
    module, device = STOPPED[case]
    device = device.replace({"output.quantities": ["gap"]})
    monkeypatch.setattr(newton_schur, "OPTIONS", replace(newton_schur.OPTIONS, relaxations=1))  # nor may that save it
    monkeypatch.setattr(module, "OPTIONS", replace(module.OPTIONS, iterations=1))
    with pytest.raises(us.NotConverged) as caught:
        us.solve(device)
    failure = caught.value
    assert isinstance(failure.result, us.Result) and not failure.result.converged
    assert failure.advice and "try" in failure.advice and str(failure) == failure.advice
    data = failure.result.data
    assert data.attrs["converged"] == 0 and data.attrs["advice"] == failure.advice
    failure.result.save(tmp_path / "a.nc")
    assert us.load(tmp_path / "a.nc").converged is False
    assert "NOT CONVERGED" in repr(failure.result)


def test_tolerance_not_reached_is_said(monkeypatch):
    monkeypatch.setattr(choice, "MOST_NODES", 25)
    layers = [us.SuperconductingReservoir(phase=1), us.NormalMetal(length=8)]
    device = us.Stack(layers, temperature=0.01, tolerance=1e-9)
    with pytest.raises(us.NotConverged) as caught:
        us.solve(device)
    assert caught.value.result.error > 1e-9 and "tolerance" in caught.value.advice


DIGITS = """
import sys
import usadel as us
fi = lambda m: us.FerromagneticInsulator(spin_mixing=0.6, magnetization=m)
S = us.Superconductor(length=1.2, spin_voltage=0.3, spin_axis=[1, 1, 0])
F = us.Ferromagnet(length=0.4, exchange_field=[0.5, 0, 1])
T = us.Tunnel(conductance=0.8, relative_to="left")
out = us.Output(energies=[-2, 2, 41])
r = us.solve(us.Stack([fi([1, 0, 0]), S, T, F], temperature=0.1, tolerance=1e-5, output=out))
data = r.file_data()
for name in sorted(data.data_vars):
    sys.stdout.buffer.write(data[name].values.tobytes())
"""


def test_threads_change_no_digit():
    found = []
    for threads in ("1", "2", "3"):
        environment = {**os.environ, "USADEL_THREADS": threads}
        done = subprocess.run([sys.executable, "-c", DIGITS], capture_output=True, env=environment, check=True)
        found.append(done.stdout)
    assert len(found[0]) > 10000
    assert found[0] == found[1] == found[2]
