"""Datasets and summaries of branches."""

import numpy as np
import pytest
from synthetic_branch import ATTRIBUTES, COORDINATES, branch_points, make_branch, make_sweeps, point

from usadel.results import ResultError, branch_summary_text, build_branch_dataset, load, save


def test_dimensions_and_labels():
    data = make_branch()
    assert data.gap.dims == ("branch_point", "position")
    assert data.spin_current.dims == ("branch_point", "component", "position")
    assert data["S1.length"].dims == ("branch_point",)
    assert data["S1.length"].attrs["units"] == "xi"
    assert data.stable.dtype.kind == "i" and data.fold.values.sum() == 1
    assert all({"units", "long_name", "symbol"} <= set(v.attrs) for v in data.data_vars.values())


def test_sweeps_have_directions():
    data = make_sweeps()
    assert data.gap.dims == ("direction", "branch_point", "position")
    assert list(data.direction.values) == ["up", "down"]
    assert data["S1.length"].dims == ("branch_point",)


def test_failed_points_are_nan_and_survive_the_file(tmp_path):
    failed = dict.fromkeys(("residual", "estimated_error", "conservation_error"), np.nan)
    failed |= {"parameter": 0.7, "stable": 0, "fold": 0, "gap_closing": 0, "converged": 0}
    data = make_branch([*branch_points(), failed], converged=0)
    save(data, tmp_path / "b.nc")
    again = load(tmp_path / "b.nc")
    assert again.equals(data)
    assert np.all(np.isnan(again.gap.values[-1])) and again.converged.values[-1] == 0
    assert np.all(np.isfinite(again.gap.values[:-1]))


@pytest.mark.parametrize(
    "broken",
    [point(0.1, np.nan), point(0.1, 1.0) | {"gap": np.ones(4)}, point(0.1, 1.0) | {"gap": np.ones(5) + 0j}],
)
def test_impossible_points_are_refused(broken):
    with pytest.raises(ResultError):
        make_branch([*branch_points(), broken])


def test_sweeps_need_common_values():
    with pytest.raises(ResultError, match="different values"):
        build_branch_dataset([[point(0, 1.0)], [point(0.1, 1.0)]], "S1.length", "ξ", COORDINATES, ATTRIBUTES)


def test_summary_of_a_branch():
    text = branch_summary_text(make_branch(), 1.5, "b.nc")
    for part in ("8 points in 1.50 s", "folds", "0.9", "gap vanishes", "0.5", "ends where the gap vanishes", "b.nc"):
        assert part in text


def test_summary_of_sweeps():
    lines = dict(line.split(maxsplit=2)[1:] for line in branch_summary_text(make_sweeps(), 1, "b.nc").splitlines()
                 if line.startswith("jumps"))  # fmt: skip
    assert lines == {"up": "0.9", "down": "0.5"}


def test_summary_of_a_branch_that_locates_nothing():
    """It says so, instead of that there were no folds, and where the sweeps differ."""
    for data, parts in (
        (make_branch(method="point by point"), ["not located"]),
        (make_sweeps(method="point by point"), ["not located", "differ from 0.5 to 0.9"]),
    ):
        text = branch_summary_text(data, 1, "b.nc")
        assert all(part in text for part in parts)
        assert "none" not in text and "stable" not in text and "jumps" not in text
