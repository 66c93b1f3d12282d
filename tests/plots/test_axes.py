"""Each drawing function draws the data, labels it, and leaves the session's settings alone."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import usadel as us
from usadel import plots
from usadel.plots.style import COMPONENTS, STYLE


def curves(ax):
    """Lines with more than the two points of an interface mark."""
    return [line for line in ax.lines if len(line.get_xdata()) > 2]


def drawn(line):
    """Data of a line without the breaks at interfaces."""
    y = np.asarray(line.get_ydata(), float)
    x = np.asarray(line.get_xdata(), float)
    return x[np.isfinite(x)], y[np.isfinite(x)]


def test_profile_of_a_scalar_is_the_data(dataset):
    ax = plots.profile(dataset, "gap")
    (line,) = curves(ax)
    x, y = drawn(line)
    assert np.array_equal(x, dataset.position) and np.array_equal(y, dataset.gap)
    assert ax.get_xlabel() == r"Position $x$ $[\xi]$"
    assert ax.get_ylabel() == "Superconducting gap\n$|\\Delta|$ $[\\Delta_0]$"
    assert ax.get_xlim() == (0.0, 4.0)


def test_profile_is_broken_and_marked_where_layers_meet(dataset):
    ax = plots.profile(dataset, "gap")
    (line,) = curves(ax)
    assert np.count_nonzero(np.isnan(line.get_xdata())) == 2
    marks = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2]
    assert np.allclose(marks, [1.5, 2.5], atol=1e-8)
    assert [text.get_text() for text in ax.texts] == ["S1", "N", "S"]


def test_layers_of_a_network_are_marked_by_their_names():
    """Also in a file of 0.1.0, which does not hold them."""
    data = us.load(Path(__file__).parents[1] / "reference" / "format_0_1_0" / "network.nc").data
    assert [text.get_text() for text in plots.profile(data, "gap").texts] == ["N", "F", "S"]


def test_vector_draws_its_components_in_their_colours(dataset):
    ax = plots.profile(dataset, "spin_current")
    assert [line.get_color() for line in curves(ax)] == [COMPONENTS[name][0] for name in "xyz"]
    for line, name in zip(curves(ax), "xyz", strict=True):
        assert np.array_equal(drawn(line)[1], dataset.spin_current.sel(component=name))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["$x$", "$y$", "$z$"]


@pytest.mark.parametrize(("component", "count"), [("z", 1), ("xz", 2), (["y"], 1)])
def test_chosen_components(dataset, component, count):
    ax = plots.profile(dataset, "spin_current", component=component)
    assert len(curves(ax)) == count
    assert ("component" in ax.get_ylabel()) == (count == 1)


def test_phase_of_no_gap_is_not_drawn(dataset):
    y = drawn(curves(plots.profile(dataset, "gap_phase"))[0])[1]
    assert np.array_equal(np.isnan(y), dataset.gap.values == 0)


def test_rounding_errors_are_not_blown_up(dataset):
    dataset.charge_current.values[:] = 0.12 + 1e-13 * np.arange(dataset.position.size)
    low, high = plots.profile(dataset, "charge_current").get_ylim()
    assert low < 0 and 0.12 < high < 0.15
    dataset.charge_current.values[:] = 1e-16 * np.arange(dataset.position.size)
    assert plots.profile(dataset, "charge_current").get_ylim() == (-1, 1)


def test_holes_can_be_drawn(dataset):
    dataset.gap.values[:3] = np.nan
    assert np.all(np.isfinite(plots.profile(dataset, "gap").get_ylim()))
    dataset.gap.values[:] = np.nan
    assert "no finite values" in [text.get_text() for text in plots.profile(dataset, "gap").texts]


def test_given_axes_are_used_and_can_be_shared(dataset):
    figure = Figure()
    ax = figure.add_subplot()
    assert plots.profile(dataset, "charge_current", ax) is ax
    limits = ax.get_ylim()
    plots.profile(dataset, "charge_current_super", ax=ax)
    assert len(curves(ax)) == 2 and ax.get_ylim() == limits and len(ax.texts) == 3


def test_map_covers_the_device_and_shows_the_data(dataset):
    ax = plots.dos_map(dataset)
    meshes = ax.collections
    assert len(meshes) == 3
    shown = np.concatenate([np.asarray(mesh.get_array()).reshape(dataset.energy.size, -1) for mesh in meshes], axis=1)
    assert np.array_equal(shown, dataset.dos.values.T)
    assert {mesh.get_clim() for mesh in meshes} == {(0.0, 3.0)}
    assert ax.get_xlim() == (0, 4) and ax.get_ylim() == (-3, 3)
    (bar,) = [other for other in ax.figure.axes if other is not ax]
    assert "Density of states" in bar.get_ylabel() and "N_0" in bar.get_ylabel()


def test_map_of_a_signed_quantity_is_centred_on_zero(dataset):
    ax = plots.dos_map(dataset, component="z")
    low, high = ax.collections[0].get_clim()
    assert low == -high < 0


def test_cuts_interpolate_and_name_the_layer(dataset):
    x = dataset.position.values
    ax = plots.dos_cuts(dataset, [float(x[2]), 0.5 * (x[2] + x[3])])
    first, second = curves(ax)
    assert np.allclose(first.get_ydata(), dataset.dos[2])
    assert np.allclose(second.get_ydata(), 0.5 * (dataset.dos[2] + dataset.dos[3]))
    assert "(S1)" in second.get_label() and ax.get_ylim()[0] == 0


def test_default_cuts_are_at_the_centres(dataset):
    labels = [line.get_label() for line in curves(plots.spectrum(dataset))]
    assert [text.split("\\,")[0] for text in labels] == ["$x = 0.75", "$x = 2", "$x = 3.25"]


def test_a_single_layer_is_cut_at_its_ends_too(dataset):
    single = dataset.isel(position=dataset.layer.values == 0)
    stop = float(single.position[-1])
    labels = [line.get_label() for line in curves(plots.spectrum(single))]
    assert labels == [f"$x = {x:.4g}\\,\\xi$" for x in (0.0, 0.5 * stop, stop)]


def test_spectrum_takes_the_largest_component_unless_told(dataset):
    assert "$y$ component" in plots.spectrum(dataset, "dos_spin").get_ylabel()
    assert "$z$ component" in plots.spectrum(dataset, "dos_spin", component="z").get_ylabel()


def test_torque_bars(dataset):
    ax = plots.torque(dataset)
    assert [bar.get_height() for bar in ax.patches] == [0.02, 0.0, -0.013]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: plots.profile(d, "gapp"), "no quantity 'gapp'; did you mean 'gap'"),
        (lambda d: plots.profile(d, "dos"), "not a profile along position: it depends on position, energy"),
        (lambda d: plots.profile(d, "gap", component="x"), "no spin components"),
        (lambda d: plots.profile(d, "spin_current", component="w"), "components x, y, z, not 'w'"),
        (lambda d: plots.spectrum(d, "gap"), "not resolved in energy"),
        (lambda d: plots.dos_cuts(d, [7.0]), r"position 7 lies outside the device, \[0, 4\]"),
        (lambda d: plots.profile(d.drop_vars("layer"), "gap"), "not a single solution"),
        (lambda d: plots.default_figure(d.drop_vars(list(d.data_vars))), "nothing to draw"),
    ],
)
def test_what_cannot_be_drawn_is_said(dataset, call, message):
    with pytest.raises(plots.PlotError, match=message):
        call(dataset)


def test_global_state_is_untouched(dataset, tmp_path):
    before = dict(mpl.rcParams)
    ax = plots.profile(dataset, "spin_current")
    plots.dos_map(dataset)
    plots.save_figure(plots.default_figure(dataset, ["gap", "spin_current"]), tmp_path / "a.svg")
    assert dict(mpl.rcParams) == before
    assert not ax.spines["top"].get_visible()  # yet the style was in force
    pyplot = pytest.importorskip("matplotlib.pyplot")
    assert pyplot.get_fignums() == []


def test_style_file_is_shipped_and_valid():
    assert STYLE.is_file()
    assert len(mpl.rc_params_from_file(STYLE, use_default_template=False)) > 30
