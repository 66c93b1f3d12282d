"""In a copy of the package with the quantity of the page: it is in results, files, figures."""

import numpy as np
import xarray as xr

import usadel as us
from usadel.__main__ import main

JUNCTION = [
    us.SuperconductingReservoir(phase=1.2),
    us.Ferromagnet(length=0.6, exchange_field=[0, 0, 3]),
    us.SpinActive(conductance=2.0, polarization=0.6, spin_mixing=0.8, magnetization=[1, 0, 1], relative_to="left"),
    us.NormalMetal(length=0.4),
    us.SuperconductingReservoir(),
]
BIASED = [
    us.NormalReservoir(voltage=0.5),
    us.SpinActive(conductance=2.0, polarization=0.6, magnetization=[0, 0, 1]),
    us.NormalMetal(length=1.0, nonequilibrium=True),
    us.NormalReservoir(),
]


def assert_half_of_charge_less_spin(data):
    for part in ("", "_super", "_resistive"):
        charge, spin = data[f"charge_current{part}"], data[f"spin_current{part}"].sel(component="z", drop=True)
        np.testing.assert_allclose(data[f"spin_up_current{part}"], 0.5 * (charge - spin), atol=1e-12)


def test_results_files_and_figures(tmp_path, capsys):
    device = us.Stack(JUNCTION, temperature=0.2, tolerance=1e-3)
    us.solve(device).save(tmp_path / "a.nc")
    data = xr.load_dataset(tmp_path / "a.nc", engine="h5netcdf")
    assert_half_of_charge_less_spin(data)
    assert float(abs(data.spin_up_current).max()) > 1e-2
    assert data.spin_up_current.attrs["units"] == data.charge_current.attrs["units"]
    assert data.spin_up_current.attrs["long_name"] == "Current of spins up"
    labels = [ax.get_ylabel() for ax in us.plots.default_figure(data).axes]
    assert any(label.startswith("Current of spins up") for label in labels)
    picture = tmp_path / "a.png"
    assert main(["plot", str(tmp_path / "a.nc"), "spin_up_current", "-o", str(picture)]) == 0, capsys.readouterr().err
    assert picture.stat().st_size > 1000


def test_solved_distributions():
    data = us.solve(us.Stack(BIASED, temperature=0.2, tolerance=1e-3)).data
    assert_half_of_charge_less_spin(data)
    assert float(abs(data.spin_up_current_resistive).min()) > 1e-2
