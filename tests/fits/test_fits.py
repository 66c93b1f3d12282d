"""Fits against data of formulas that know nothing of the program: Dynes and thermal broadening, pair breaking, Ohm."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq
from scipy.special import digamma

import usadel as us
from usadel.fits.descent import Free, starts_of
from usadel.results import save

TC = np.exp(np.euler_gamma) / np.pi  # kB Tc in Δ0 of a bulk superconductor
VOLTAGES = np.linspace(-2, 2, 25)
FILM = us.Stack(
    [us.Superconductor(name="S", length=1.0, self_consistent=False, gap=1.0)],
    temperature=0.1,
    inelastic=0.05,
    tolerance=1e-3,
)
NUMBERS = {"S.gap": (0.5, 1.5), "inelastic": (0.02, 0.3)}


def dynes(gap, broadening, temperature=0.1):
    """dI/dV of a normal contact to a bulk superconductor with Dynes broadening, by the trapezoidal rule."""
    width = temperature * TC
    energies = np.linspace(-5, 5, 20001)
    z = energies + 1j * broadening
    density = np.abs((z / np.sqrt(z**2 - gap**2)).real)
    thermal = np.cosh((energies + VOLTAGES[:, None]) / (2 * width)) ** -2 / (4 * width)
    return np.trapezoid(density * thermal, energies, axis=1)


def pair_breaking(rate):
    """Tc of a bulk superconductor with pair breaking α (Δ0): ln 1/t = ψ(½ + α/2πT) - ψ(½)."""
    return brentq(lambda t: np.log(t) + digamma(0.5 + rate / (2 * np.pi * t * TC)) - digamma(0.5), 0.02, 1.0)


def test_tunnel_conductance_of_a_superconductor():
    found = us.fit(FILM, (VOLTAGES, dynes(0.8, 0.1)), NUMBERS, "tunnel_conductance", position=0.5)
    assert found.converged and found.values == pytest.approx({"S.gap": 0.8, "inelastic": 0.1}, abs=1e-3)
    assert found.fitted.value("S.gap") == found.values["S.gap"]
    assert set(found.data["value"].dims) == {"parameter"} and found.data.sizes["descent"] == 3


def test_error_bars_cover_as_often_as_they_say():
    """68 % intervals of two numbers in 20 noisy sets: 27 of 40 on average, with a standard deviation of 3."""
    exact, noise, inside = dynes(0.8, 0.1), 0.02, 0
    random, near = np.random.default_rng(20), FILM.replace({"S.gap": 0.82, "inelastic": 0.09})
    for _ in range(20):
        data = exact + random.normal(0, noise, exact.size), np.full(exact.size, noise)
        found = us.fit(near, (VOLTAGES, *data), NUMBERS, "tunnel_conductance", position=0.5, starts=1).data
        inside += np.count_nonzero(np.abs(found["value"] - [0.8, 0.1]) < found["standard_error"])
    assert 20 <= inside <= 34


PAIR_BREAKING = us.Stack(
    [us.Superconductor(name="S", length=1.0, depairing="rate*field")],
    parameters={"rate": 0.5, "field": 1.0},
    inelastic=0,
    tolerance=1e-4,
)


def test_critical_temperature_by_pair_breaking():
    fields = np.array([0.2, 0.5, 0.8])
    values = [pair_breaking(0.5 * 0.3 * field) for field in fields]  # the rate is half of `depairing`
    data = xr.DataArray(values, {"field": fields}, name="critical_temperature")
    found = us.fit(PAIR_BREAKING, data, {"rate": (0.05, 0.6)}, starts=1)
    assert found.values["rate"] == pytest.approx(0.3, abs=2e-4)


def test_resistance_from_a_file_with_units(tmp_path):
    metal = us.NormalMetal(name="N", length=2.0)
    scale = {"critical_temperature": "9.2 K", "coherence_length": "10 nm", "resistivity": "10 µΩ cm"}
    scale |= {"cross_section": "100 nm^2"}
    wire = us.Stack(
        [us.NormalReservoir(name="A"), metal, us.NormalReservoir()], temperature=0.3, tolerance=1e-3, scale=scale
    )
    unit = float(np.pi * np.exp(-np.euler_gamma)) * 8.617333e-2 * 9.2  # Δ0/e in mV
    lines = [f"{voltage * unit!r}, {voltage / 1.6!r}, 0.01" for voltage in (0.2, 0.6, 1.0)]
    file = tmp_path / "wire.csv"
    file.write_text("\n".join(["# a wire of 16 nm", "A.voltage (mV), charge_current, error", *lines]), encoding="utf-8")
    found = us.fit(wire, file, {"N.length": ("10 nm", "30 nm")}, position=0.5, starts=1)
    assert found.values["N.length"] == pytest.approx(1.6, abs=1e-3)
    assert found.si["value"].values == pytest.approx([16e-9], rel=1e-3)
    slopes = np.array([0.2, 0.6, 1.0]) / 1.6**2  # of I = V/L
    assert float(found.data["standard_error"][0]) == pytest.approx(0.01 / np.linalg.norm(slopes), rel=1e-2)
    again = us.load(found.save(tmp_path / "wire.fit.nc"))
    assert again.values == found.values and again.warnings == found.warnings == []
    for name in ("covariance", "fit", "unit", "A.voltage", "parameter"):
        save(found.data.drop_vars(name), tmp_path / "damaged.nc")
        with pytest.raises(us.StorageError, match="damaged"):
            us.load(tmp_path / "damaged.nc")
    upper, lower = us.plots.default_figure(again, si=True).axes  # each in a unit of its own: R_ξ = 10 Ω
    assert "µA" in upper.get_ylabel() and height_of_bars(upper) == pytest.approx(2 * 0.01 * unit * 100, rel=1e-5)
    shown = again.readable(again.data)
    ratio = shown.sigma.per_program_unit / shown.residual.per_program_unit
    assert height_of_bars(lower) == pytest.approx(2 * shown.sigma.values[0] / ratio)
    bare = us.Fit(wire.replace({"scale.resistivity": None}), found.data)
    with pytest.raises(us.plots.PlotError, match="resistivity"):
        us.plots.default_figure(bare, si=True)
    assert us.plots.default_figure(again).axes[1].get_xlabel() == us.plots.residuals(found).get_xlabel()


def height_of_bars(axes):
    """Length of an error bar."""
    bar = axes.containers[0][2][0].get_segments()[0]
    return bar[1, 1] - bar[0, 1]


def fit_film(data, numbers=NUMBERS, **options):
    return us.fit(FILM, (VOLTAGES, *data), numbers, "tunnel_conductance", position=0.5, **options)


def test_what_is_to_be_doubted_is_said():
    exact = dynes(0.8, 0.1)
    at_bound = fit_film([exact], {"S.gap": (0.5, 0.7)}, starts=1)
    assert any("S.gap = 0.7 is at its bound 0.7" in text for text in at_bound.warnings)
    misfit = fit_film([exact + 0.2 * np.cos(9 * VOLTAGES), np.full(exact.size, 0.02)], starts=1)
    assert any("residuals are larger" in text for text in misfit.warnings)
    idle = us.fit(
        FILM.replace({"parameters": {"idle": 0.5}}),
        (VOLTAGES, exact),
        {"S.gap": (0.5, 1.5), "idle": (0, 1)},
        "tunnel_conductance",
        position=0.5,
        starts=1,
    )
    assert any("do not determine idle" in text for text in idle.warnings)
    assert np.isnan(idle.data["standard_error"]).all()


def test_a_start_that_cannot_be_solved_is_left_out():
    """Beyond a rate of Δ0 there is no transition; where no start has one, nothing is made up."""
    data = [0.5, 1.0], [0.9, 0.8]
    found = us.fit(PAIR_BREAKING, data, {"rate": (0.01, 2.5)}, "critical_temperature", over="field", starts=2)
    assert found.converged and any("start rate" in text for text in found.warnings)
    with pytest.raises(us.NotConverged) as failure:
        us.fit(PAIR_BREAKING, data, {"rate": (2, 3)}, "critical_temperature", over="field", starts=1)
    assert failure.value.result is None


def test_an_interruption_keeps_the_descents_that_ended():
    descents = []

    def interrupt(event):
        descents.append(event.text == "begins")
        if sum(descents) == 2:
            raise KeyboardInterrupt

    with pytest.raises(us.Interrupted) as stopped:
        fit_film([dynes(0.8, 0.1)], {"S.gap": (0.5, 1.5)}, progress=interrupt)
    kept = stopped.value.result
    assert not kept.converged and "interrupted" in kept.advice and kept.data.sizes["descent"] == 1


def test_starts_fill_the_space_and_begin_with_the_device():
    free = Free({"a": (0.0, 2.0), "b": (1.0, 3.0)})
    own, *others = starts_of([1.0, 1.5], free, 3)
    assert own == pytest.approx([0.5, 0.25]) and len(others) == 2
    assert len(starts_of([5.0, 1.5], free, 3)) == 3
    points = np.array(starts_of([None, None], free, 64))
    assert np.all(np.histogram2d(*points.T, bins=4, range=[(0, 1), (0, 1)])[0] >= 2)
