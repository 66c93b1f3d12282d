"""Figures of branches: what is solid, dashed, marked and shaded."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from synthetic_branch import make_branch, make_sweeps

from usadel import plots
from usadel.plots.branches import stable_intervals


def test_stable_is_solid_and_unstable_dashed_and_folds_are_dots():
    ax = plots.branch(make_branch(), "gap")
    lines = [line for line in ax.lines if len(line.get_xdata()) > 2]
    solid = next(line for line in lines if line.get_linestyle() == "-")
    dashed = next(line for line in lines if line.get_linestyle() == "--")
    assert solid.get_xdata()[-1] == dashed.get_xdata()[0] == 0.9  # both meet in the fold
    assert dashed.get_xdata()[-1] == 0.5
    dots = {tuple(line.get_xdata()): line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "o"}
    assert set(dots) == {(0.9,), (0.5,)} and dots[(0.5,)] == "white"
    assert "S1.length" in ax.get_xlabel() and "gap" in ax.get_ylabel().lower()


def test_bistable_and_normal_ranges():
    gapped, normal = stable_intervals(make_branch())
    assert gapped == [(0.0, 0.9)] and normal == [(0.5, 0.9)]
    spans = [patch.get_extents() for patch in plots.branch(make_branch(), "gap").patches]
    assert len(spans) == 1


def test_one_component_and_given_axes():
    figure = Figure()
    ax = figure.add_subplot()
    assert plots.branch(make_branch(), "spin_current", component="z", ax=ax) is ax
    solid = next(line for line in ax.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 3)
    assert np.allclose(solid.get_ydata()[0], 1.0)
    assert pyplot.get_fignums() == []


def test_sweeps_are_two_curves_with_dotted_jumps():
    ax = plots.branch(make_sweeps(), "gap")
    jumps = [line for line in ax.lines if line.get_linestyle() == ":"]
    heights = sorted(abs(np.diff(line.get_ydata())[0]) for line in jumps)
    assert heights == pytest.approx([0.0, 0.0, 0.7, 0.95])


def test_default_figure_of_a_branch(tmp_path):
    figure = plots.default_figure(make_branch())
    assert [ax.get_ylabel().split("\n")[0] for ax in figure.axes] == ["Superconducting gap", "Spin current"]
    assert plots.save_figure(figure, tmp_path / "b.png").stat().st_size > 1000
    assert len(plots.default_figure(make_branch(), ["spin_current.z"]).axes) == 1


def test_what_is_no_branch_is_refused(dataset):
    with pytest.raises(plots.PlotError, match="no traced branch"):
        plots.branch(dataset, "gap")
    with pytest.raises(plots.PlotError, match="position"):
        plots.branch(make_branch(), "torque")
    with pytest.raises(plots.PlotError, match="gap"):
        plots.branch(make_branch(), "gab")
