"""The default figure shows what matters, and is written whole, reproducibly, in three formats."""

import numpy as np
import pytest
from synthetic_result import make_dataset

from usadel import plots
from usadel.results import StorageError


def shown(figure):
    """First lines of the labels of all vertical axes, in order."""
    return [ax.get_ylabel().split("\n")[0] for ax in figure.axes]


def test_default_choice_leaves_out_what_is_zero(dataset):
    labels = shown(plots.default_figure(dataset))
    assert labels[:5] == [
        "Superconducting gap",
        "Superconducting phase",
        "Charge current",
        "Spin current",
        "Spin-energy current",
    ]
    assert "Energy current" not in labels
    assert labels.count("Density of states") == 2  # colour bar and cuts


def test_what_is_below_the_estimated_error_is_zero(dataset):
    dataset.attrs["estimated_error"] = 0.13
    assert "Charge current" not in shown(plots.default_figure(dataset))


def test_without_a_gap_the_pair_amplitude_is_shown(dataset):
    dataset.gap.values[:] = 0.0
    labels = shown(plots.default_figure(dataset))
    assert labels[0] == "Singlet pair amplitude, real part" and "Superconducting phase" not in labels


def test_constant_phase_is_not_shown(dataset):
    dataset.gap_phase.values[:] = 0.3
    assert "Superconducting phase" not in shown(plots.default_figure(dataset))


def test_quantities_asked_for(dataset):
    figure = plots.default_figure(dataset, ["charge_current_super", "spin_current.x", "torque", "dos"])
    assert shown(figure)[:3] == [
        "Charge current, supercurrent part",
        "Spin current, $x$ component",
        "Torque on the interface magnet",
    ]
    for wrong in ("gap.x", "spin_current.w", "position", "nothing"):
        with pytest.raises(plots.PlotError):
            plots.default_figure(dataset, [wrong])


def test_title_is_the_devices_and_needs_no_tex(dataset, tmp_path):
    dataset.attrs["device"] = (
        'title = "costs $5 to $6 {and} \\\\nonsense"\n[[stack]]\nkind="superconductor"\nname="$S^"\n'
    )
    dataset = dataset.assign_coords(layer_name=("position", np.full(dataset.position.size, "$S^")))
    figure = plots.default_figure(dataset, ["gap"])
    assert figure.get_suptitle().replace("\n", " ") == "costs $5 to $6 {and} \\nonsense"
    plots.save_figure(figure, tmp_path / "a.svg")


def test_unconverged_result_says_so(dataset):
    assert plots.default_figure(dataset).get_supxlabel() == ""
    bad = make_dataset(nodes=5, energies=41, converged=0, residual=0.03)
    bad.gap.values[2] = np.nan
    assert plots.default_figure(bad).get_supxlabel() == "Not converged: residual 3e-02"


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_formats_are_written_and_reproducible(dataset, tmp_path, ending, start):
    paths = [tmp_path / f"{name}.{ending}" for name in "ab"]
    for path in paths:
        assert plots.save_figure(plots.default_figure(dataset, ["gap", "dos"]), path) == path
    first, second = (path.read_bytes() for path in paths)
    assert first.startswith(start) and first == second
    assert len(list(tmp_path.iterdir())) == 2


def test_picture_is_not_blank(dataset, tmp_path):
    from matplotlib.image import imread

    plots.save_figure(plots.default_figure(dataset), tmp_path / "a.png", dpi=80)
    image = imread(tmp_path / "a.png")
    assert min(image.shape[:2]) > 500 and (image[..., :3].min(axis=-1) < 0.9).mean() > 0.05


def test_figure_that_cannot_be_written(dataset, tmp_path):
    figure = plots.default_figure(dataset, ["gap"])
    with pytest.raises(StorageError, match=r"must end in \.png or \.pdf or \.svg"):
        plots.save_figure(figure, tmp_path / "a.gif")
    with pytest.raises(StorageError, match="no directory"):
        plots.save_figure(figure, tmp_path / "no" / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_symbols_of_parameters():
    """A component of a vector has its own symbol; every symbol can be drawn."""
    from matplotlib.mathtext import MathTextParser

    from usadel.results.schema import parameter_attributes

    found = {path: parameter_attributes(path, "Δ0")["symbol"] for path in ("S.exchange_field.2", "S.length", "T_x")}
    assert found == {"S.exchange_field.2": "h_z", "S.length": "L", "T_x": r"\mathrm{T\_x}"}
    for symbol in (*found.values(), parameter_attributes("S.gauge_z.0", "1/ξ")["symbol"]):
        MathTextParser("path").parse(f"${symbol}$")


@pytest.mark.parametrize("path", ["angle", "V", "S.gauge_z.0"])
def test_no_label_says_a_name_twice(path):
    """A parameter of one's own has no other symbol than its name."""
    import xarray as xr

    from usadel.plots.style import label
    from usadel.results.schema import parameter_attributes

    assert label(xr.DataArray([0.0], name=path, attrs=parameter_attributes(path, ""))) == path
    critical = xr.DataArray(0.0, attrs=parameter_attributes(path, "Δ0") | {"long_name": f"Critical {path}"})
    assert label(critical) == rf"Critical {path} $[\Delta_0]$"
    length = xr.DataArray([0.0], attrs=parameter_attributes("S.length", "ξ"))
    assert label(length) == r"S.length $L$ $[\xi]$"
