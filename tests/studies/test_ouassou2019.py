"""The figures of the 2019 paper: what the paper says of them, at a coarse tolerance."""

import json

import numpy as np
import pytest
import xarray as xr

import usadel as us
from usadel import studies
from usadel.studies import ouassou2019

TOLERANCE = 1e-4
NAMES = [f"fig{n}{letter}{sign}" for n in "23" for letter in "ab" for sign in ("", "_opposite")]
QUICK = ["fig2a", "fig2b", "fig2b_opposite", "fig3b"]


def reproduced(folder, names):
    chosen = [panel for panel in ouassou2019.panels() if panel.name in names]
    return folder, ouassou2019.reproduce(folder, TOLERANCE, chosen)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return reproduced(tmp_path_factory.mktemp("figures"), QUICK)


@pytest.fixture(scope="module")
def all_made(tmp_path_factory):
    return reproduced(tmp_path_factory.mktemp("all_figures"), NAMES)


def data(made, name):
    with xr.open_dataset(made[0] / f"{name}.nc", engine="h5netcdf") as found:
        return found.load()


def check_panels(made, names):
    folder, located = made
    assert set(located) == set(names)
    for name in names:
        assert located[name]["converged"], name
        assert (folder / f"{name}.png").stat().st_size > 20_000
        assert (folder / f"{name}.pdf").read_bytes()[:4] == b"%PDF"
        assert data(made, name).sizes["branch_point"] >= 50


def test_panels_are_written(made):
    check_panels(made, QUICK)


@pytest.mark.slow
def test_every_panel_is_written(all_made):
    check_panels(all_made, NAMES)


def test_spin_z_injection_leaves_the_current_alone_until_it_switches(made):
    found = data(made, "fig2a")
    current = found.spin_current.mean("position")
    values = found["S.spin_voltage"].values
    below = values < 0.5
    below[np.argmax(values > 0.5) :] = False  # the first stable part
    along_z = current.sel(component="z").values[below]
    assert np.ptp(along_z) < 0.03 * along_z[0] and along_z[0] > 0.02
    assert np.abs(current.sel(component="y")).max() < 1e-4 * along_z[0]


def test_spin_x_injection_turns_the_current_linearly(made):
    found = data(made, "fig2b")
    current = found.spin_current.mean("position")
    values = found["S.spin_voltage"].values
    low = np.flatnonzero((values > 0) & (values < 0.25))[:10]
    slope = current.sel(component="y").values[low] / values[low]
    assert np.ptp(slope) < 0.05 * slope[0] and slope[0] > 0.02


def test_a_point_of_pure_rotation(made):
    (point,) = made[1]["fig2b"]["rotation_points"]
    device = ouassou2019.device(ouassou2019.X, point["S.spin_voltage"], 1e-6)
    current = us.solve(device).data.spin_current.mean("position")
    assert abs(float(current.sel(component="z"))) < 1e-3 * float(current.sel(component="y"))
    low, high = made[1]["fig2b"]["bistable"][0]
    assert low < point["S.spin_voltage"] < high  # within the bistable regime, as the paper says
    assert made[1]["fig2a"]["rotation_points"] == []


def test_signs_differ_along_x(made):
    """The magnets' exchange field along x adds to the spin voltage or works against it."""
    one, other = (made[1][name]["end_of_superconductivity"] for name in ("fig2b", "fig2b_opposite"))
    assert one > 0.8 and -0.7 < other < -0.5


@pytest.mark.slow
def test_signs_do_not_differ_along_z(all_made):
    located = all_made[1]
    assert np.array(located["fig2a"]["folds"]) == pytest.approx(-np.array(located["fig2a_opposite"]["folds"]), abs=1e-4)
    assert located["fig3a"]["critical_temperature"] == pytest.approx(
        located["fig3a_opposite"]["critical_temperature"], abs=1e-4
    )
    assert located["fig3b"]["critical_temperature"] > located["fig3b_opposite"]["critical_temperature"] + 0.05


def test_critical_temperature_is_that_of_the_linearized_problem(made):
    panel = next(p for p in ouassou2019.panels() if p.name == "fig3b")
    expected = us.critical(panel.device(1e-5), "temperature").value
    assert made[1]["fig3b"]["critical_temperature"] == pytest.approx(float(expected), abs=2e-5)


def test_summary_and_its_text(tmp_path, monkeypatch):
    located = {"fig9": {"converged": False, "folds": [0.5], "rotation_points": [{"S.spin_voltage": 0.7}]}}
    monkeypatch.setattr(ouassou2019, "reproduce", lambda folder: located)
    summary = studies.reproduce("ouassou2019", tmp_path / "new" / "folder")
    assert json.loads((tmp_path / "new" / "folder" / "summary.json").read_text())["figures"] == located
    text = studies.located_text(summary)
    assert "NOT CONVERGED; folds at 0.5; rotation by 90° at 0.7" in text and "NOT all converged" in text


def test_impossible_requests(tmp_path):
    with pytest.raises(us.InputError, match="no study is called 'nobody1999'; allowed: ouassou2019"):
        studies.reproduce("nobody1999")
    (tmp_path / "file").write_text("")
    with pytest.raises(us.InputError, match="cannot make the folder"):
        studies.reproduce("ouassou2019", tmp_path / "file" / "folder")
