"""One family of results: what every procedure hands back behaves alike, live and read from its file."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import usadel as us
from usadel.results import StorageError, save, summarize
from usadel.results.schema import COORDINATES

S = us.Superconductor(name="S", length=1.0)
OUTPUT = us.Output(quantities=["gap", "spin_current"])


def arms(**settings):
    """Three wires that meet at a node, one with two layers; only one layer has a name."""
    wires = [
        us.Wire([us.SuperconductingReservoir(phase=1.0), us.NormalMetal(length=1.0)], end="middle"),
        us.Wire([us.Ferromagnet(name="F", length=0.7, exchange_field=[0, 1, 2]), us.NormalReservoir()], start="middle"),
        us.Wire([us.NormalMetal(length=0.4), us.Superconductor(length=1.3)], start="middle"),
    ]
    return us.Device(wires, {"middle": us.Junction()}, temperature=0.2, tolerance=1e-4, output=OUTPUT, **settings)


@pytest.fixture(scope="module")
def network():
    return us.solve(arms())


@pytest.fixture(scope="module")
def bilayer():
    layers = [us.Superconductor(length=0.8), us.Tunnel(conductance=0.5, relative_to="left"), us.NormalMetal(length=0.4)]
    return us.solve(us.Stack(layers, temperature=0.3, tolerance=1e-4, output=OUTPUT))


@pytest.fixture(scope="module")
def results(network):
    bulk = us.Stack([S], title="A & B", temperature=0.1, tolerance=1e-3, output=OUTPUT)
    found = {
        "solve": us.solve(bulk),
        "trace": us.trace(bulk, "S.spin_voltage", 0.3, 0.9, step=0.1),
        "critical": us.critical(bulk.replace({"tolerance": 1e-2})),
    }
    found["sweep"] = us.sweep(bulk, {"temperature": [0.1, 0.3], "S.spin_voltage": [0.2, 0.3, 0.4]})
    return found | {"network": network}


KINDS = {"solve": us.Solution, "trace": us.Branch, "critical": us.Critical, "network": us.Result, "sweep": us.Sweep}


@pytest.mark.parametrize("name", KINDS)
def test_live_and_loaded_are_alike(name, results, tmp_path):
    live = results[name]
    path = live.save(tmp_path / "r.nc")
    assert path == tmp_path / "r.nc"
    back = us.load(path)
    for result in (live, back):
        assert isinstance(result, us.Labelled) and isinstance(result, KINDS[name])
        assert result.raise_if_unconverged() is result and result.advice == ""
    assert back.data.identical(live.data)
    assert (back.device, back.error, back.converged) == (live.device, live.error, True)
    assert repr(back) == repr(live) and repr(live).startswith(f"<usadel.{live.public_name}")
    assert live.data.attrs["procedure"] == ("solve" if name == "network" else name)
    html = live._repr_html_()
    assert html == back._repr_html_() and "<table>" in html and "&lt;usadel" in html
    assert "A & B" not in html


KEY_NUMBERS = {
    "solve": ["gap in S", "spin current", "conservation error"],
    "trace": ["folds", "gap vanishes", "stable"],
    "critical": ["temperature", "Tc", "order 2 (the gap opens continuously)"],
    "network": ["charge current"],
    "sweep": ["6 points, fresh", "over temperature", "0.1 to 0.3, 2 values"],
}


@pytest.mark.parametrize("name", KINDS)
def test_representations_hold_key_numbers_on_one_screen(name, results):
    result = results[name]
    rows, text, html = result.summary(), repr(result), result._repr_html_()
    assert isinstance(rows, list) and all(len(row) == 2 for row in rows)
    assert len(str(rows).splitlines()) == len(rows) and str(rows) == repr(rows)
    for part in KEY_NUMBERS[name]:
        assert part in str(rows) and part in text and part in html and part in rows._repr_html_()
    assert len(text.splitlines()) <= 20 and max(map(len, text.splitlines())) <= 120 and len(html) < 5000


def test_an_unconverged_result_shows_its_advice(results):
    data = results["trace"].data.assign_attrs(converged=0, advice="try <this>")
    result = us.Branch(results["trace"].device, data)
    assert "NOT CONVERGED" in repr(result).splitlines()[0] and "try <this>" in repr(result)
    assert "try &lt;this&gt;" in result._repr_html_()


def test_a_branch_is_read_with_its_folds(results, tmp_path):
    live = results["trace"]
    back = us.load(live.save(tmp_path / "b.nc"))
    assert len(live.folds) == 1 and len(live.gap_closings) == 1
    assert (back.folds, back.gap_closings, back.end, back.path) == (live.folds, live.gap_closings, live.end, live.path)


def test_a_critical_value_is_read_again(results, tmp_path):
    live = results["critical"]
    back = us.load(live.save(tmp_path / "c.nc"))
    assert (back.value, back.order, back.path) == (live.value, 2, "temperature")


def test_an_unknown_procedure_is_refused(results, tmp_path):
    data = results["solve"].data.assign_attrs(procedure="divination")
    save(data, tmp_path / "d.nc")
    with pytest.raises(StorageError, match=r"d\.nc': it is the result of 'divination'"):
        us.load(tmp_path / "d.nc")


def test_what_is_not_converged_says_so(results, tmp_path):
    for name in ("solve", "trace", "critical", "sweep"):
        data = results[name].data.assign_attrs(converged=0, advice="try harder")
        save(data, tmp_path / "n.nc")
        back = us.load(tmp_path / "n.nc")
        assert not back.converged and "NOT CONVERGED" in repr(back)
        with pytest.raises(us.NotConverged, match="try harder") as caught:
            back.raise_if_unconverged()
        assert caught.value.result is back and caught.value.advice == "try harder"


def test_only_a_solution_is_a_start(results):
    device = results["solve"].device
    for wrong in (results["trace"], 0.3):
        with pytest.raises(us.InputError, match="start: must be the result of a solve"):
            us.solve(device, start=wrong)


def test_layers_and_wires_of_a_network_have_names(network):
    data = network.data
    assert list(dict.fromkeys(data.layer_name.values)) == [
        "normal_metal 0.1",
        "F",
        "normal_metal 2.0",
        "superconductor 2.1",
    ]
    assert np.all(np.diff(data.position) > 0)
    assert list(np.unique(data.wire)) == [0, 1, 2]
    for wire, length in enumerate((1.0, 0.7, 1.7)):
        along = data.wire_position.values[data.wire == wire]
        assert along[[0, -1]] == pytest.approx([0, length], abs=2e-9) and np.all(np.diff(along) > 0)
    assert [item["layer"] for item in summarize(data)["gap"]] == ["S (wire.2.stack.1)"]
    for name in ("layer_name", "layer_kind", "wire", "wire_name", "wire_position"):
        assert data[name].attrs == COORDINATES[name].attrs and data[name].dims == ("position",)


def test_a_branch_of_a_network_has_names():
    rigid = us.Wire([us.SuperconductingReservoir(), us.NormalMetal(name="N", length=0.5)], end="o")
    other = us.Wire([us.NormalMetal(length=0.5), us.NormalReservoir()], start="o")
    device = us.Device([rigid, other], {"o": us.Junction()}, temperature=0.2, tolerance=1e-3, output=OUTPUT)
    data = us.trace(device, "N.length", 0.5, 0.6, step=0.2).data
    assert set(data.layer_name.values) == {"N", "normal_metal 1.0"} and set(data.wire.values) == {0, 1}
    assert data.position.values[-1] == pytest.approx(1.0) and data.wire_position.values[-1] == pytest.approx(0.5)


def test_stacks_have_no_wires(bilayer):
    assert set(bilayer.data.coords) & set(COORDINATES) >= {"layer_name", "layer_kind"}
    assert not {"wire", "wire_name", "wire_position"} & set(bilayer.data.coords)
    assert list(dict.fromkeys(bilayer.data.layer_name.values)) == ["superconductor 0", "normal_metal 2"]


@pytest.mark.parametrize("case", ["network", "bilayer"])
def test_at_nodes_are_the_values_of_the_nodes(case, request):
    """Copies of a node at an interface lie a billionth of a layer inside: where profiles are steep, values differ.

    There are no torques without magnets; a free energy has no place.
    """
    result = request.getfixturevalue(case)
    nodes = result.profiles()
    found = result.at(nodes.position.values)
    for name in found.data_vars:
        np.testing.assert_allclose(found[name], nodes[name], atol=1e-5, err_msg=str(name))
    for name in ("layer", "layer_name"):
        assert list(found[name].values) == list(nodes[name].values)
    assert {name for name in nodes.data_vars if nodes[name].dims} == set(found.data_vars) and "torque" not in nodes


def test_at_is_as_accurate_as_the_scheme():
    """Between nodes, against a solution on finer grids, where straight lines are a hundred times worse."""
    device = us.Stack([us.SuperconductingReservoir(), us.NormalMetal(length=3)], temperature=0.1, tolerance=1e-4)
    coarse, fine = us.solve(device), us.solve(device.replace({"tolerance": 1e-9}))
    places = np.linspace(0.1, 2.9, 61)
    exact = fine.at(places).singlet_real.values
    error = np.max(np.abs(coarse.at(places).singlet_real.values - exact))
    nodes = coarse.profiles()
    straight = np.max(np.abs(np.interp(places, nodes.position, nodes.singlet_real) - exact))
    assert error < 1e-3 and straight > 20 * error


def test_at_takes_positions_in_any_order(bilayer):
    found = bilayer.at([1.0, 0.2, 0.2])
    assert list(found.layer.values) == [1, 0, 0] and found.gap.values[1] == found.gap.values[2] > 0.3
    assert bilayer.at(0.8).layer.values[0] == 1  # at an interface: on its right
    assert bilayer.at(0.2).gap.shape == (1,)
    for bad in (-0.1, 1.3, np.nan, [[0.1]]):
        with pytest.raises(us.InputError, match="position"):
            bilayer.at(bad)


def test_profiles_on_equidistant_points(bilayer):
    found = bilayer.profiles(points=13)
    assert found.position.values == pytest.approx(np.linspace(0, 1.2, 13))
    xr.testing.assert_equal(found, bilayer.at(found.position.values))
    for bad in (1, 2.5, "many"):
        with pytest.raises(us.InputError, match="points"):
            bilayer.profiles(points=bad)


def test_profiles_are_those_of_the_file(bilayer):
    data, profiles = bilayer.data, bilayer.profiles()
    for name in data.data_vars:
        assert profiles[name].identical(data[name])
    assert profiles.attrs == data.attrs


def test_profiles_at_some_sites_keep_all_their_parts(bilayer):
    """The resistive part of currents, too, which is 0 or one value per site."""
    plain = bilayer.state.problem.layout.sites
    whole = replace(bilayer.solved.profiles, resistive=np.arange(8.0 * plain).reshape(plain, 8))
    assert np.array_equal(whole.at(np.array([3, 1])).resistive, whole.resistive[[3, 1]])
    assert bilayer.solved.profiles.at(np.array([3, 1])).resistive == 0.0


def test_kinetic_questions_are_asked_of_the_result_or_its_kinetics():
    wire = us.NormalMetal(name="N", length=2, nonequilibrium=True)
    ends = us.NormalReservoir(voltage=0.3), us.NormalReservoir()
    device = us.Stack([ends[0], wire, ends[1]], temperature=0.2, tolerance=1e-3, output=OUTPUT)
    result = us.solve(device)
    asked = {
        "probe": (0.5,), "conductance": ("normal_reservoir 0",), "distribution": ([0.1, 0.4],),
        "kinetic_coefficients": ([0.3], [1.0]),
    }  # fmt: skip
    for name, arguments in asked.items():
        assert getattr(result, name)(*arguments).equals(getattr(result.kinetics, name)(*arguments)), name
    assert float(result.probe(0.5).potential[0, 0]) == pytest.approx(0.225, abs=1e-3)
    assert isinstance(us.distributions(device), us.KineticAnswers)


def test_without_solved_distributions_there_is_nothing_to_ask(bilayer):
    for ask in (lambda: bilayer.kinetics, lambda: bilayer.probe(0.5), lambda: bilayer.conductance("left")):
        with pytest.raises(us.InputError, match="nonequilibrium = true"):
            ask()


def test_the_gap_moves_as_a_complex_number():
    """The phase of a junction jumps by 2π where it passes ±π; its cosine must not."""
    banks = [us.Superconductor(length=1, gap=0.9, phase=p, self_consistent=False) for p in ("3 + z", -3.0)]
    device = us.Stack([banks[0], us.NormalMetal(length=1), banks[1]], temperature=0.3, tolerance=1e-3)
    found = us.solve(device).at(np.linspace(0, 1, 300)[:-1])
    assert found.gap.values == pytest.approx(0.9, abs=1e-6)
    phase = 3 + np.linspace(0, 1, 300)[:-1]
    assert np.exp(1j * found.gap_phase.values) == pytest.approx(np.exp(1j * phase), abs=1e-6)
