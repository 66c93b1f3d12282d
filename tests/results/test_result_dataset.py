"""Datasets carry their labels, and nothing that cannot be a result becomes one."""

import numpy as np
import pytest

from usadel.results import COORDINATES, VARIABLES, ResultError, build_dataset


def test_every_variable_is_labelled(dataset):
    assert list(dataset.data_vars) == list(VARIABLES)
    for name, item in {**VARIABLES, **COORDINATES}.items():
        assert dataset[name].dims == item.dims
        assert dataset[name].attrs == {
            "units": item.units,
            "long_name": item.long_name,
            "symbol": item.symbol,
        }


def test_layer_travels_with_position(dataset):
    assert dataset.gap.layer.dims == ("position",)
    assert dataset.gap.where(dataset.layer == 1, drop=True).size == 7


def test_attributes_are_plain_numbers_and_text(parts):
    values, coords, attrs = parts
    attrs |= {"converged": True, "residual": np.float64(1e-9), "advice": "none"}
    checked = build_dataset(values, coords, attrs).attrs
    assert type(checked["converged"]) is int and type(checked["residual"]) is float
    assert checked["format_version"] == 1 and checked["advice"] == "none"


def test_component_may_be_left_out_and_is_absent_when_unused(parts):
    values, coords, attrs = parts
    del coords["component"]
    assert list(build_dataset(values, coords, attrs).component.values) == ["x", "y", "z"]
    only = build_dataset({"gap": values["gap"]}, {k: coords[k] for k in ("position", "layer")}, attrs)
    assert "component" not in only.coords


def spoil(parts, what):
    values, coords, attrs = parts
    actions = {
        "unknown variable 'gapp'; did you mean 'gap'": lambda: values.update(gapp=values["gap"]),
        "'gap' has shape": lambda: values.update(gap=values["gap"][:-1]),
        r"\(position, energy\) is": lambda: values.update(dos=values["dos"].T),
        "'gap' has type complex128": lambda: values.update(gap=values["gap"] + 0j),
        "'gap' has type bool": lambda: values.update(gap=values["gap"] > 0),
        "'spin_current' is not finite in 1 place": lambda: np.put(values["spin_current"], 3, np.nan),
        "'gap' is not finite": lambda: np.put(values["gap"], 0, np.inf),
        "'dos' is negative": lambda: np.put(values["dos"], 5, -1e-3),
        "'dos_spin' exceeds 'dos'": lambda: np.put(values["dos_spin"], 0, 50.0),
        "'charge_current' is not the sum": lambda: np.put(values["charge_current"], 2, 0.1201),
        "missing coordinate 'layer'": lambda: coords.pop("layer"),
        "missing coordinate 'energy'": lambda: coords.pop("energy"),
        "unknown coordinate 'postion'; did you mean 'position'": lambda: coords.update(postion=coords["position"]),
        "'position' is not strictly increasing": lambda: np.put(coords["position"], 1, 0.0),
        "'energy' is not finite": lambda: np.put(coords["energy"], 0, -np.inf),
        "layer has 14 values for 15": lambda: coords.update(layer=coords["layer"][1:]),
        "layer decreases": lambda: coords.update(layer=coords["layer"][::-1]),
        "'layer' has type float64": lambda: coords.update(layer=coords["layer"] * 1.0),
        "'component' is": lambda: coords.update(component=np.array(["z", "y", "x"])),
        r"'interface' has shape \(\)": lambda: coords.update(interface=1),
        "missing attribute: device": lambda: attrs.pop("device"),
        "'converged' is 2": lambda: attrs.update(converged=2),
        "'residual' is nan": lambda: attrs.update(residual=float("nan")),
        "'estimated_error' is -1": lambda: attrs.update(estimated_error=-1.0),
        "'note' is neither": lambda: attrs.update(note=[1, 2]),
    }
    if what is None:
        return list(actions)
    return actions[what]()


@pytest.mark.parametrize("message", spoil(({}, {}, {}), None))
def test_refused(parts, message):
    spoil(parts, message)
    with pytest.raises(ResultError, match=message):
        build_dataset(*parts)


def test_an_unconverged_result_may_hold_holes(parts):
    values, coords, attrs = parts
    values["gap"][3] = np.nan
    values["dos"][0, 0] = -1.0
    attrs |= {"converged": 0, "residual": float("inf"), "estimated_error": float("nan")}
    assert np.isnan(build_dataset(values, coords, attrs).gap.values[3])


def test_rounding_in_a_hard_gap_is_no_error(parts):
    values, coords, attrs = parts
    values["dos"][:, 10] = -1e-12
    values["dos_spin"][:, :, 10] = 0.0
    build_dataset(values, coords, attrs)


def test_input_arrays_are_not_shared_with_the_caller(parts):
    values, coords, attrs = parts
    dataset = build_dataset(values, coords, attrs)
    values["gap"][:] = 7.0
    assert dataset.gap.max() < 1
