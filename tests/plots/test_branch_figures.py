"""Figures of branches: what is solid, dashed, marked and shaded."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from synthetic_branch import make_branch, make_sweeps, point

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


def explained(figure):
    """What stands below a figure: its title, and the names of its entries."""
    (legend,) = figure.legends
    return legend.get_title().get_text(), [text.get_text() for text in legend.get_texts()]


def test_lines_dots_and_tints_are_explained_below_a_new_figure():
    where, names = explained(plots.branch(make_branch(), "gap").figure)
    assert names == ["stable", "unstable", "fold", "gap vanishes", "more than one stable state"]
    assert where == "Values in the middle of the device"
    assert explained(plots.branch(make_branch(), "gap", position=0.25).figure)[0] == r"Values at $x = 0.25\,\xi$"
    assert explained(plots.default_figure(make_branch())) == (where, names)
    names = explained(plots.default_figure(make_sweeps()))[1]
    assert names == ["S1.length from 0 to 1", "back", "jump"]


def test_explained_is_only_what_is_there():
    plain = make_branch([point(v, 1 - v) for v in (0.0, 0.1, 0.2)])
    assert explained(plots.default_figure(plain))[1] == []
    figure = Figure(layout="constrained")
    plots.explain(figure, make_branch(), tints=["#dcdcdc"])
    assert explained(figure)[1][-1] == "only the normal state is stable"


@pytest.mark.parametrize("stable", [1, 0])
def test_nothing_is_grey_where_nothing_bifurcates(stable):
    """A device without a gap of its own, also where a point failed."""
    points = [point(v, 0.0, stable=stable if v == 0.2 else 1) for v in (0.0, 0.1, 0.2, 0.3)]
    data = make_branch(points)
    assert not plots.branch(data, "spin_current").patches
    assert "only the normal state is stable" not in explained(plots.default_figure(data, ["spin_current"]))[1]


def test_a_normal_state_that_becomes_unstable_is_grey_on_one_side():
    points = [point(v, 0.0, stable=int(v > 0.2), gap_closing=int(v == 0.2)) for v in (0.0, 0.1, 0.2, 0.3, 0.4)]
    (span,) = plots.branch(make_branch(points), "gap").patches
    low, high = span.get_x(), span.get_x() + span.get_width()
    assert low == pytest.approx(0.3) and high == pytest.approx(0.4)


@pytest.mark.parametrize("make", [make_branch, make_sweeps])
def test_dots_at_the_ends_are_whole(make):
    """Room for at least half a dot on both sides of the curves."""
    ax = plots.branch(make(), "gap")
    ax.figure.draw_without_rendering()
    ends = [line.get_transform().transform(line.get_xydata())[:, 0] for line in ax.lines if line.get_marker() == "o"]
    ends += [ax.transData.transform([[v, 0] for v in make()["S1.length"].values])[:, 0]]
    frame = ax.get_window_extent()
    radius = 0.5 * 4.5 * ax.figure.dpi / 72
    for x in ends:
        assert np.all(x - radius >= frame.x0) and np.all(x + radius <= frame.x1)


def test_rounding_in_the_middle_is_no_curve():
    """A quantity that is zero in the middle is left out, and flat if it is asked for."""
    data = make_branch()
    current = data.spin_current.values
    current[:] = 0.0
    current[:, 2, :] = [-1.0, -0.5, 1e-9, 0.5, 1.0]
    figure = plots.default_figure(data)
    assert [ax.get_ylabel().split("\n")[0] for ax in figure.axes] == ["Superconducting gap"]
    assert plots.branch(data, "spin_current").get_ylim() == (-1.0, 1.0)


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


def test_an_unconverged_branch_says_so_once():
    figure = plots.default_figure(make_branch(converged=0))
    assert "Not converged: residual 1e-09" in explained(figure)[0] and figure.get_supxlabel() == ""


def test_what_is_no_branch_is_refused(dataset):
    with pytest.raises(plots.PlotError, match="no traced branch"):
        plots.branch(dataset, "gap")
    with pytest.raises(plots.PlotError, match="position"):
        plots.branch(make_branch(), "torque")
    with pytest.raises(plots.PlotError, match="gap"):
        plots.branch(make_branch(), "gab")
