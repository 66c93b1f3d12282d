"""Figures of distribution functions that were solved for."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import usadel as us
from usadel import plots
from usadel.results.schema import MODES


def test_map_shows_the_mode_asked_for(dataset):
    figure = Figure()
    ax = figure.add_subplot()
    assert plots.distribution_map(dataset, ax, "energy") is ax
    meshes = ax.collections
    shown = np.concatenate([np.asarray(mesh.get_array()).reshape(dataset.energy.size, -1) for mesh in meshes], axis=1)
    assert np.array_equal(shown, dataset.distribution.sel(mode="energy").values.T)
    low, high = meshes[0].get_clim()
    assert low == -high and high == np.max(np.abs(shown)) > 0.9
    assert ax.get_xlim() == (0, 4) and ax.get_ylim() == (-3, 3)
    (bar,) = [other for other in figure.axes if other is not ax]
    assert bar.get_ylabel() == "Distribution function\n$h_0$, energy"


def test_the_largest_mode_out_of_equilibrium_is_shown_unless_told(dataset):
    assert plots.distribution_cuts(dataset).get_ylabel() == "Distribution function\n$h_4$, charge"
    dataset.distribution.values[6] = 0.3
    assert plots.distribution_cuts(dataset).get_ylabel() == "Distribution function\n$h_6$, spin $y$"
    dataset.distribution.values[1:] = 1e-12  # equilibrium
    assert plots.distribution_cuts(dataset).get_ylabel() == "Distribution function\n$h_0$, energy"


@pytest.mark.parametrize("number", range(8))
def test_cuts_are_the_data_of_every_mode(dataset, number):
    rng = np.random.default_rng(number)
    dataset.distribution.values[:] = rng.normal(size=dataset.distribution.shape)
    x = dataset.position.values
    ax = plots.distribution_cuts(dataset, [float(x[2]), 0.5 * (x[2] + x[3])], mode=MODES[number])
    first, second = (line for line in ax.lines if len(line.get_xdata()) > 2)
    values = dataset.distribution.values[number]
    assert np.allclose(first.get_ydata(), values[2])
    assert np.allclose(second.get_ydata(), 0.5 * (values[2] + values[3]))
    assert f"$h_{number}$" in ax.get_ylabel() and "\\epsilon" in ax.get_xlabel()


def test_default_figure_and_quantities(dataset):
    def labels(figure):
        return [ax.get_ylabel().split("\n")[0] for ax in figure.axes]

    assert labels(plots.default_figure(dataset)).count("Distribution function") == 2
    two = plots.default_figure(dataset, ["distribution", "distribution.energy"])
    assert [t.get_ylabel() for t in two.axes if "$h" in t.get_ylabel()] == [
        "Distribution function\n$h_4$, charge",
        "Distribution function\n$h_0$, energy",
    ]
    assert "Distribution function" not in labels(plots.default_figure(dataset.drop_vars("distribution")))


def test_what_cannot_be_drawn_is_said(dataset):
    with pytest.raises(plots.PlotError, match=r"has the modes energy, .*, not 'charg'"):
        plots.distribution_map(dataset, mode="charg")
    with pytest.raises(plots.PlotError, match="no quantity 'distribution'"):
        plots.distribution_cuts(dataset.drop_vars("distribution"))


def test_steps_of_a_biased_wire_are_drawn_where_they_are(tmp_path):
    """h0 in the middle of a wire between ±V is ½[tanh (E+V)/2T + tanh (E-V)/2T]: steps of width T = 0.006 Δ0."""
    ends = [us.NormalReservoir(voltage=sign * 0.53) for sign in (1, -1)]
    layers = [ends[0], us.NormalMetal(length=2, nonequilibrium=True), ends[1]]
    result = us.solve(us.Stack(layers, temperature=0.01, tolerance=1e-4))
    curve = plots.distribution_cuts(result.data, [1.0], mode="energy").lines[0]
    energies = np.linspace(-1, 1, 801)
    drawn = np.interp(energies, curve.get_xdata(), curve.get_ydata())
    width = 0.01 / 0.88193849
    exact = 0.5 * (np.tanh((energies + 0.53) / width) + np.tanh((energies - 0.53) / width))
    np.testing.assert_allclose(drawn, exact, atol=3e-3)
    assert plots.save_figure(plots.default_figure(result.data), tmp_path / "a.png").stat().st_size > 1000
