"""Files of 0.1.0, which do not say what they are, are read as what they were written from."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import usadel as us
from usadel.results import branch_summary_text, critical_text, summarize
from usadel.results.summary import layer_names

FOLDER = Path(__file__).parents[1] / "reference" / "format_0_1_0"
KINDS = {
    "solution": us.Solution, "network": us.Solution, "branch": us.Branch, "sweeps": us.Branch, "critical": us.Critical,
    "critical_map": us.Critical,
}  # fmt: skip


def read(name):
    return us.load(FOLDER / f"{name}.nc")


def test_every_file_is_read():
    assert {path.stem for path in FOLDER.glob("*.nc")} == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_values_are_those_of_the_file(name):
    result = read(name)
    assert type(result) is KINDS[name] and result.converged
    with xr.open_dataset(FOLDER / f"{name}.nc", engine="h5netcdf") as raw:
        assert "procedure" not in raw.attrs and "layer_name" not in raw.coords  # else it is none of 0.1.0
        assert raw.attrs["usadel_version"] == "0.1.0"
        assert result.data.drop_vars([c for c in result.data.coords if c not in raw.coords]).identical(raw.load())
    assert f"usadel.{KINDS[name].__name__}" in repr(result)


@pytest.mark.parametrize("name", KINDS)
def test_written_again_it_is_the_same(name, tmp_path):
    result = read(name)
    again = us.load(result.save(tmp_path / "again.nc"))
    assert type(again) is type(result) and again.device == result.device
    assert again.data.identical(result.data)


def test_branches_have_their_folds():
    """Numbers as the program that wrote the files printed them."""
    for name, ends in (("branch", "gap_closing"), ("sweeps", "start")):
        branch = read(name)
        assert branch.folds == [pytest.approx(0.8350432943958216, abs=1e-15)]
        assert branch.gap_closings == [pytest.approx(0.5112939, abs=1e-7)]
        assert (branch.path, branch.end, branch.method) == ("S.spin_voltage", ends, "arclength")
        assert "0.83504329" in branch_summary_text(branch.data, 1.0, "a.nc")
    assert read("branch").data.sizes["branch_point"] == 40


def test_critical_values():
    """Likewise."""
    single, many = read("critical"), read("critical_map")
    assert single.path == many.path == "temperature"
    assert single.value == 0.9131985935392153 and single.order == 2
    assert single.error == pytest.approx(0.0001491538, rel=1e-6)
    assert np.allclose(many.value, [0.6797277, 0.91319859], atol=1e-8) and list(many.order) == [2, 2]
    assert "temperature = 0.9132" in critical_text(single.data)


def test_layers_of_a_network_have_names():
    data = read("network").data
    assert layer_names(data) == {0: "N", 1: "F", 2: "S"}
    assert [item["layer"] for item in summarize(data)["gap"]] == ["S (wire.2.stack.0)"]
    assert list(dict.fromkeys(data.wire_name.values)) == ["wire 0", "wire 1", "wire 2"]


def test_they_hold_no_state():
    result = read("solution")
    assert result.refined is None
    for ask in (lambda: result.state, lambda: result.at(0.5), result.profiles, lambda: result.dos([0.0])):
        with pytest.raises(us.InputError, match="read from a file") as caught:
            ask()
        assert "\n" not in str(caught.value)
