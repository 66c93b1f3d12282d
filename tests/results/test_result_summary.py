"""The summary holds what the file holds, in words and in JSON."""

import json

import numpy as np
import pytest
from synthetic_result import make_dataset

from usadel.results import summarize, summary_text
from usadel.results.summary import layer_names, title


def test_numbers_come_from_the_data(dataset):
    summary = summarize(dataset, seconds=0.25, path="a.nc")
    inside = dataset.gap.values[dataset.layer.values == 0]
    assert summary["gap"][0] == {"layer": "S1", "min": inside.min(), "max": inside.max()}
    assert [item["layer"] for item in summary["gap"]] == ["S1", "S (stack.3)"]
    assert summary["currents"]["charge_current"] == pytest.approx(0.12)
    expected = dataset.spin_current.sel(component="x").values
    assert summary["currents"]["spin_current"]["x"] == expected[np.abs(expected).argmax()]
    assert summary["torque"] == [{"interface": 1, "x": 0.02, "y": 0.0, "z": -0.013}]
    assert summary["converged"] is True and summary["estimated_error"] == 4e-7
    assert summary["seconds"] == 0.25 and summary["file"] == "a.nc"


def test_largest_keeps_its_sign(dataset):
    dataset.charge_current.values[:] = -0.5
    assert summarize(dataset)["currents"]["charge_current"] == -0.5


def test_text_is_complete(dataset):
    text = summary_text(summarize(dataset, seconds=0.25, path="a.nc"))
    for part in (
        "S/N/S, made up",
        "yes, in 0.25 s",
        "gap in S1",
        "0.12 Δ0/(|e| R_ξ)",
        "torque at interface 1",
        "4e-07",
        "a.nc",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) < 100


def test_interfaces_without_a_magnet_have_no_torque(dataset):
    dataset["torque"] *= 0
    assert "torque" not in summary_text(summarize(dataset))


def test_holes_become_null_in_json():
    dataset = make_dataset(nodes=5, energies=41, converged=0, residual=float("inf"), advice="lower the voltage")
    dataset.gap.values[0] = np.nan
    summary = summarize(dataset)
    read = json.loads(json.dumps(summary, allow_nan=False))
    assert read["converged"] is False and read["residual"] is None and read["advice"] == "lower the voltage"
    assert read["gap"][0]["min"] is None
    assert "NO" in summary_text(summary)


def test_a_superconductor_that_has_become_normal_is_still_listed(dataset):
    dataset.gap.values[:] = 0.0
    assert [item["max"] for item in summarize(dataset)["gap"]] == [0.0, 0.0]


def test_layers_without_a_readable_device(dataset):
    assert layer_names(dataset) == {0: "S1", 1: "N", 2: "S"}
    dataset.attrs["device"] = "not = = toml"
    assert layer_names(dataset) == {0: "S1", 1: "N", 2: "S"} and title(dataset) == ""  # the file itself has names
    dataset = dataset.drop_vars(["layer_name", "layer_kind"])
    assert layer_names(dataset) == {0: "layer 0", 1: "layer 1", 2: "layer 2"}
    assert len(summarize(dataset)["gap"]) == 2


@pytest.mark.parametrize("file", ["solution", "network"])
def test_layers_of_old_files_have_their_names(file):
    """Those of 0.1.0 have no names beside the nodes; the device in the file has."""
    from pathlib import Path

    import usadel as us
    from usadel.results import load

    path = Path(__file__).parents[1] / "reference" / "format_0_1_0" / f"{file}.nc"
    bare = load(path)
    assert "layer_name" not in bare.coords
    assert layer_names(bare) == layer_names(us.load(path).data)
