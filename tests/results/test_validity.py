"""Files whose checksums hold, but which no procedure has written, are refused in one line."""

from pathlib import Path

import numpy as np
import pytest
from synthetic_result import make_dataset

import usadel as us
from usadel.maps.record import Point
from usadel.results import StorageError, load, save
from usadel.sweeps.dataset import sweep_dataset
from usadel.sweeps.sweep import sweep_plan

FOLDER = Path(__file__).parents[1] / "reference" / "format_0_1_0"
CHANGES = {
    "device text cut": lambda data: data.assign_attrs(device='title = "x'),
    "device a path": lambda data: data.assign_attrs(device="result.nc"),
    "device a number": lambda data: data.assign_attrs(device=3),
    "converged a text": lambda data: data.assign_attrs(converged="yes"),
    "converged seven": lambda data: data.assign_attrs(converged=7),
    "error a text": lambda data: data.assign_attrs(estimated_error="small"),
    "version a list": lambda data: data.assign_attrs(format_version=[1.0, 2.0]),
    "no layer": lambda data: data.drop_vars("layer"),
    "no position": lambda data: data.drop_vars("position"),
    "position turned": lambda data: data.assign_coords(position=data.position.values[::-1].copy()),
    "a layer too many": lambda data: data.assign_coords(layer=("position", data.layer.values + 40)),
    "layer of text": lambda data: data.assign_coords(layer=("position", ["S"] * data.position.size)),
    "gap along another": lambda data: data.assign(gap=("elsewhere", data.gap.values)),
    "gap a single number": lambda data: data.assign(gap=0.5),
    "gap not finite": lambda data: data.assign(gap=data.gap * np.nan),
    "gap beyond all": lambda data: data.assign(gap=data.gap + 1e200),
    "components x, y": lambda data: data.assign_coords(component=["x", "y", "y"]),
    "procedure a trace": lambda data: data.assign_attrs(procedure="trace"),
    "procedure critical": lambda data: data.assign_attrs(procedure="critical"),
    "procedure unknown": lambda data: data.assign_attrs(procedure="nonsense"),
}


def is_refused(path):
    with pytest.raises(StorageError) as caught:
        us.load(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


@pytest.mark.parametrize("change", CHANGES)
def test_solution(change, tmp_path):
    good = save(make_dataset(nodes=5, energies=11), tmp_path / "result.nc")
    assert us.load(good).converged
    is_refused(save(CHANGES[change](load(good)), good))


@pytest.mark.parametrize("name", ["branch", "sweeps", "critical", "critical_map"])
def test_every_variable_of_branches_and_maps_is_needed(name, tmp_path):
    data = load(FOLDER / f"{name}.nc")
    optional = {"gap", "gap_phase", *(v for v in data.data_vars if "position" in data[v].dims), "interface", "torque"}
    for variable in set(data.variables) - optional - {"layer_name", "layer_kind", "component"}:
        is_refused(save(data.drop_vars(variable), tmp_path / "less.nc"))


SWEEP_CHANGES = {
    "no status": lambda data: data.drop_vars("status"),
    "no fraction": lambda data: data.drop_vars("fraction"),
    "no axis": lambda data: data.drop_vars("temperature"),
    "axis of text": lambda data: data.assign_coords(temperature=["a", "b"]),
    "axis not finite": lambda data: data.assign_coords(temperature=[0.1, np.nan]),
    "axis not said": lambda data: data.assign_attrs(parameter="S.length"),
    "status a number": lambda data: data.assign(status=data.estimated_error),
    "converged of text": lambda data: data.assign(converged=data.status),
    "gap over one axis": lambda data: data.assign(gap=data.gap.isel(temperature=0)),
    "a layer too many": lambda data: data.assign_coords(layer=data.layer + 3),
}


@pytest.mark.parametrize("change", SWEEP_CHANGES)
def test_sweep(change, tmp_path):
    layer = us.Superconductor(name="S", length=1.0)
    plan = sweep_plan(us.Stack([layer], title="A"), {"temperature": [0.1, 0.2]}, None, ["gap"])
    point = Point("converged", values={"gap": np.ones(33), "estimated_error": np.array(1e-9)})
    good = save(sweep_dataset(plan, {0: [point], 1: [point]}), tmp_path / "sweep.nc")
    assert us.load(good).converged
    is_refused(save(SWEEP_CHANGES[change](load(good)), good))


def test_what_users_add_is_left_alone(tmp_path):
    data = make_dataset(nodes=5).assign(mine=("sample", [1.0, 2.0]), note="text").assign_attrs(history="edited")
    assert us.load(save(data, tmp_path / "a.nc")).data.attrs["history"] == "edited"
