"""Figures of sweeps, of made-up points: what is drawn, where it is taken, and what cannot be drawn."""

import numpy as np
import pytest

import usadel as us
from usadel.maps.record import Point
from usadel.results import load, save
from usadel.sweeps.dataset import sweep_dataset
from usadel.sweeps.sweep import sweep_plan

LAYERS = [us.Superconductor(name="S", length=1.0), us.NormalMetal(name="N", length=1.0)]


def made(over, follow=None, fails=()):
    """A sweep whose gap in S is the sum of a point's indices, plus one on the way up; N has none."""
    plan = sweep_plan(us.Stack(LAYERS, title="Made"), over, follow, ["gap", "spin_current"])
    units = {}
    for unit in range(plan.units):
        units[unit] = []
        for place in plan.places(unit):
            size = sum(place[: len(plan.axes)]) + (follow is not None and place[-1] == 0)
            gap = np.concatenate([np.full(33, float(size)), np.zeros(33)])
            spin = np.stack([0 * gap, gap - 1, 0.5 * gap])
            values = {"gap": gap, "spin_current": spin, "estimated_error": np.array(1e-6)}
            units[unit].append(Point("failed", "no luck") if place in fails else Point("converged", values=values))
    return sweep_dataset(plan, units)


def test_a_line_shows_the_values_where_they_are_largest():
    data = made({"temperature": [0.1, 0.2, 0.4]}, fails=[(1,)])
    axes = us.plots.sweep(data)
    (line,) = axes.lines
    assert np.array_equal(line.get_ydata(), [0, np.nan, 2], equal_nan=True)
    assert list(line.get_xdata()) == [0.1, 0.2, 0.4] and axes.get_title() == "in the middle of S"
    assert "temperature" in axes.get_xlabel() and "gap" in axes.get_ylabel()


def test_components_and_directions_are_told_apart():
    data = made({"temperature": [0.1, 0.2, 0.4]}, follow="both")
    axes = us.plots.sweep(data)
    up, down = axes.lines
    assert list(up.get_ydata()) == [1, 2, 3] and list(down.get_ydata()) == [0, 1, 2]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["up", "down"]
    assert up.get_linestyle() != down.get_linestyle()
    axes = us.plots.sweep(data.sel(direction="up"), "spin_current")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["$x$", "$y$", "$z$"]
    assert len(us.plots.sweep(data, "spin_current", "z").lines) == 2


def test_maps_have_the_first_axis_upwards():
    data = made({"S.length": [1.0, 2.0], "temperature": [0.1, 0.2, 0.4]})
    axes = us.plots.sweep(data)
    (mesh,) = axes.collections
    assert np.array_equal(mesh.get_array(), [[0, 1, 2], [1, 2, 3]])
    assert "S.length" in axes.get_ylabel() and "temperature" in axes.get_xlabel()
    signed = us.plots.sweep(data, "spin_current").collections[0]
    assert np.array_equal(signed.get_array(), [[-1, 0, 1], [0, 1, 2]]) and signed.get_clim() == (-2, 2)
    followed = us.plots.sweep(made({"S.length": [1.0, 2.0], "temperature": [0.1, 0.2, 0.4]}, follow="both"))
    assert np.array_equal(followed.collections[0].get_array(), [[1, 2, 3], [2, 3, 4]])
    assert len(followed.collections) > 1  # both ways differ everywhere: hatched


def test_the_default_figure_shows_what_is_not_zero(tmp_path):
    data = load(save(made({"temperature": [0.1, 0.2, 0.4]}, fails=[(1,)]), tmp_path / "m.nc"))
    figure = us.plots.default_figure(data)
    assert len(figure.axes) == 2
    assert figure.get_suptitle() == "Made" and figure.get_supxlabel() == "Not converged: 1 of 3 points"
    one = us.plots.default_figure(data, ["spin_current.z"])
    assert len(one.axes) == 1 and len(one.axes[0].lines) == 1
    us.plots.save_figure(figure, tmp_path / "m.png")


def test_what_cannot_be_drawn_is_said():
    cube = made({"S.length": [1.0, 2.0], "temperature": [0.1, 0.2], "N.length": [1.0, 3.0]})
    with pytest.raises(us.plots.PlotError, match=r"3 axes \(S.length, temperature, N.length\)"):
        us.plots.sweep(cube)
    assert len(us.plots.sweep(cube.isel({"N.length": 0})).collections) == 1
    with pytest.raises(us.plots.PlotError, match="a single point"):
        us.plots.sweep(made({"temperature": [0.1]}))
    with pytest.raises(us.plots.PlotError, match="no point was solved"):
        us.plots.default_figure(made({"temperature": [0.1, 0.2]}, fails=[(0,), (1,)]))
    with pytest.raises(us.plots.PlotError, match="no quantity 'gapp'"):
        us.plots.sweep(cube, "gapp")
    with pytest.raises(us.plots.PlotError, match="no sweep"):
        us.plots.sweep(cube.drop_vars("status"))
