"""Results in real units: a device with units is the scaled one, and every unit follows from laws of a normal metal."""

import math

import numpy as np
import pytest
from scipy import constants as nature

import usadel as us
from usadel.results import load, summarize, summary_text

TC, XI, RHO, AREA = 9.2, 12e-9, 1e-7, 5e-15  # K, m, Ω m, m²
GAP = math.pi * math.exp(-0.57721566490153286) * nature.k * TC
SCALE = us.Scale(
    critical_temperature="9.2 K", coherence_length="12 nm", resistivity="10 µΩ cm", cross_section="5000 nm^2"
)
LENGTH, BIAS = 240e-9, 0.4e-3  # m, V


@pytest.fixture(scope="module")
def wire():
    """A normal wire of 240 nm and half the resistivity, between a hot reservoir with a bias and a cold one."""
    return us.solve(
        us.Stack(
            [
                us.NormalReservoir(name="L", voltage="0.4 mV", temperature="2 K", spin_voltage="0.1 mV"),
                us.NormalMetal(name="N", length="240 nm", conductivity="5 µΩ cm", diffusion="12 cm^2/s"),
                us.NormalReservoir(name="R"),
            ],
            temperature="1 K",
            tolerance=1e-6,
            scale=SCALE,
        )
    )


def test_currents_are_those_of_ohm_and_wiedemann_franz(wire):
    si, resistance = wire.si, 0.5 * RHO * LENGTH / AREA
    assert si.position.attrs["units"] == "m" and si.position.values[-1] == pytest.approx(LENGTH, rel=1e-12)
    assert si.charge_current.attrs["units"] == "A" and si.gap.attrs["units"] == "J"
    assert si.charge_current.values == pytest.approx(np.full(si.position.size, BIAS / resistance), rel=1e-5)
    lorenz = (math.pi * nature.k / nature.e) ** 2 / 3
    heat = (lorenz * (2**2 - 1**2) + BIAS**2 + 1e-8) / (2 * resistance)  # of both baths, and half of what V and Vs heat
    assert si.energy_current.attrs["units"] == "W"
    assert si.energy_current.values == pytest.approx(np.full(si.position.size, heat), rel=1e-5)
    spins = -nature.hbar / 2 * 1e-4 / (nature.e * resistance)  # (ħ/2e) Vs/R along z, with the sign of the accumulation
    assert si.spin_current.sel(component="z").values == pytest.approx(np.full(si.position.size, spins), rel=1e-5)


def test_accumulations_count_the_states_of_their_own_layer(wire):
    states = 1 / (nature.e**2 * 0.5 * RHO * 12e-4)  # Einstein: 1/ρ = e² N0 D
    left = wire.si.isel(position=0)
    assert float(left.charge_accumulation) == pytest.approx(nature.e * states * nature.e * BIAS, rel=1e-5)
    assert left.charge_accumulation.attrs["units"] == "C/m^3"
    assert float(left.spin_accumulation[2]) == pytest.approx(-nature.hbar / 2 * states * nature.e * 1e-4, rel=1e-5)
    heat = states / 2 * ((math.pi * nature.k) ** 2 / 3 * 2**2 + (nature.e * BIAS) ** 2 + (nature.e * 1e-4) ** 2)
    assert float(left.energy_accumulation) == pytest.approx(heat, rel=1e-5)


def scaled(device):
    """The same device in numbers of the program alone."""
    numbers = {path: device.value(path) for path in device.paths() if isinstance(_get(device, path), str)}
    return device.replace(
        {path: number for path, number in numbers.items() if isinstance(number, float)} | {"scale": None}
    )


def _get(device, path):
    return None if path.startswith("scale") else device.get(path)


DEVICE = us.Stack(
    [
        us.SuperconductingReservoir(phase="60 deg", temperature="1.1 K"),
        us.Tunnel(conductance="2 fΩ m^2"),
        us.Superconductor(name="S", length="20 nm", depairing="50 mT", thickness="10 nm", inelastic="20 µeV"),
        us.Ferromagnet(name="F", length="5 nm", exchange_field=[0, 0, "20 meV"], conductivity="20 µΩ cm"),
        us.FerromagneticInsulator(spin_mixing="1e13 S/m^2", magnetization=[1, 0, 0]),
    ],
    temperature="1.2 K",
    tolerance=1e-5,
    scale=SCALE,
    output={"quantities": ["gap", "charge_accumulation"]},
)


def test_a_device_with_units_is_the_scaled_one(tmp_path):
    one, other = us.solve(DEVICE), us.solve(scaled(DEVICE))
    for name in one.data.data_vars:
        np.testing.assert_allclose(one.data[name], other.data[name], rtol=0, atol=1e-12)
    one.save(tmp_path / "a.nc")
    again = us.load(tmp_path / "a.nc")
    assert again.device == DEVICE and again.si.identical(one.si)
    np.testing.assert_allclose(again.si.gap, one.data.gap * GAP, rtol=1e-14)
    text = summary_text(summarize(load(tmp_path / "a.nc")), again.beside)
    assert " Δ0, the largest (" in text and " meV)" in text
    assert str(again.summary()) in text or "meV" in repr(again)
    assert "meV" not in repr(other)


def test_what_a_scale_does_not_tell_is_left_out_and_said():
    device = us.Stack([us.Superconductor(length=1)], scale={"critical_temperature": "9.2 K"}, tolerance=1e-3)
    result = us.solve(device)
    si = result.si
    assert set(si.data_vars) >= {"gap", "gap_phase"} and "position" not in si.coords and "charge_current" not in si
    assert "charge_current" in si.attrs["left_out"] and "needs resistivity in [scale]" in si.attrs["left_out"]
    with pytest.raises(us.plots.PlotError, match="real units of position are not known"):
        us.plots.default_figure(result, si=True)
    with pytest.raises(us.InputError, match=r"no table \[scale\]"):
        _ = us.solve(device.replace({"scale": None})).si


def test_axes_and_critical_values_in_real_units():
    device = us.Stack([us.Superconductor(name="S", length="30 nm")], scale=SCALE, tolerance=1e-3, temperature="2 K")
    swept = us.sweep(device, {"S.inelastic": ["10 µeV", "100 µeV"]}, workers=1)
    np.testing.assert_allclose(swept.data["S.inelastic"], [1e-5 * nature.e / GAP, 1e-4 * nature.e / GAP], rtol=1e-12)
    np.testing.assert_allclose(swept.si["S.inelastic"], [1e-5 * nature.e, 1e-4 * nature.e], rtol=1e-12)
    assert "(10 µeV) to" in str(swept.summary())
    found = us.critical(device)
    assert float(found.si.critical_temperature) == pytest.approx(found.value * TC, rel=1e-12)
    assert f"({found.value * TC:.6g} K)" in str(found.summary())


def test_states_of_a_varied_metal_are_not_guessed():
    device = us.Stack([us.Superconductor(name="S", length=1)], scale=SCALE, tolerance=1e-3)
    swept = us.sweep(device, {"S.conductivity": [1, 2]}, workers=1)
    assert "energy_accumulation" not in swept.si and "not varied" in swept.si.attrs["left_out"]
    assert "gap" in swept.si
    swept = us.sweep(device, {"S.inelastic": [0.01, 0.02]}, workers=1)
    assert swept.si.energy_accumulation.dims == swept.data.energy_accumulation.dims


def test_figures_show_real_units(wire):
    figure = us.plots.default_figure(wire, ["charge_accumulation", "energy_current"], si=True)
    labels = [axes.get_xlabel() + axes.get_ylabel() for axes in figure.axes]
    assert all("nm" in text for text in labels) and "C/m^3" in labels[0] and r"\mathrm{nW}" in labels[1]
    assert figure.axes[0].lines[0].get_xdata()[-1] == pytest.approx(LENGTH * 1e9)
    with pytest.raises(us.plots.PlotError, match="need the result itself"):
        us.plots.default_figure(wire.data, si=True)


def test_linear_response_is_that_of_ohm_and_wiedemann_franz():
    wire = us.Stack(
        [us.NormalReservoir(name="L"), us.NormalMetal(length="240 nm"), us.NormalReservoir(name="R")],
        temperature="2 K", tolerance=1e-5, scale=SCALE,
    )  # fmt: skip
    found, resistance = us.solve(wire).response(), RHO * LENGTH / AREA
    own = found.si.response.sel(terminal="L", driven="L")
    assert float(own.sel(current="charge", drive="voltage")) == pytest.approx(1 / resistance, rel=1e-5)
    heat = (math.pi * nature.k / nature.e) ** 2 / 3 * 2 / resistance
    assert float(own.sel(current="energy", drive="temperature")) == pytest.approx(heat, rel=1e-5)
    spins = nature.hbar / 2 / (nature.e**2 * resistance)
    assert abs(float(own.sel(current="spin_x", drive="spin_voltage_x"))) == pytest.approx(spins, rel=1e-5)
    assert f"∂I/∂V {RHO * XI / AREA / resistance:.6g} ({1e3 / resistance:.6g} mS)" in str(found.summary())
    assert "response" not in found.si.attrs["left_out"].replace("response_error", "")


def test_a_floating_electrode_is_at_the_potential_of_the_divider():
    """10 nm in series with a barrier of 1 Ω and 20 nm of a third of the resistivity, and a probe at their joint."""
    network = us.Device(
        [
            us.Wire([us.NormalMetal(length="10 nm")], start="in", end="joint"),
            us.Wire(
                [us.Tunnel(conductance="5 fΩ m^2"), us.NormalMetal(length="20 nm", conductivity=3)],
                start="joint", end="out",
            ),
            us.Wire([us.NormalMetal(length="20 nm")], start="joint", end="probe"),
        ],
        {
            "in": us.NormalReservoir(voltage="10 µV"), "out": us.NormalReservoir(),
            "probe": us.NormalReservoir(floating=["voltage"]), "joint": us.Junction(),
        },
        temperature="1 K", tolerance=1e-3, scale=SCALE,
    )  # fmt: skip
    first, rest = RHO * 10e-9 / AREA, 1.0 + RHO / 3 * 20e-9 / AREA
    si = us.solve(network).si
    assert float(si.terminal_voltage.sel(terminal="probe")) == pytest.approx(1e-5 * rest / (first + rest), rel=1e-6)
    assert float(si.charge_current[0]) == pytest.approx(1e-5 / (first + rest), rel=1e-6)
