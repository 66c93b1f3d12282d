"""Critical values of both orders against closed forms and other solvers."""

import numpy as np
import pytest
from limit_data import Limits
from scipy.optimize import brentq
from scipy.special import digamma

import usadel as us
from usadel.accuracy import refine
from usadel.gap.condensation import condensation_energy
from usadel.gap.normal_state import normal_state
from usadel.transitions import search
from usadel.transitions.first_order import cubic_coefficient, superconducting_state
from usadel.transitions.search import NoTransition

TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0
HOMOGENEOUS = Limits("exchange_field_and_spin_voltage")
MAGNETS = Limits("fi_s_fi_critical_temperature")
DIRECTIONS = {"parallel": (1, 1), "antiparallel": (1, -1), "AP": (1, -1), "one FI only": (1, 0)}


def bulk(temperature, spin_voltage=0.0, inelastic=0.0):
    layer = us.Superconductor(name="S", length=1.0, spin_voltage=spin_voltage)
    return us.Stack([layer], temperature=temperature, inelastic=inelastic)


def magnet(mixing, sign):
    return us.FerromagneticInsulator(spin_mixing=mixing, magnetization=[0, 0, sign])


def homogeneous(temperature, inelastic, field):
    z = 0.5 + (inelastic + 1j * field) / (2 * np.pi * temperature * TC)
    return float(np.log(temperature) + (digamma(z) - digamma(0.5)).real)


@pytest.mark.parametrize("inelastic", [0.0, 0.01, 0.3])
def test_broadening_lowers_the_critical_temperature(inelastic):
    expected = brentq(lambda t: homogeneous(t, inelastic, 0.0), 0.05, 1.2, xtol=1e-12)
    found = us.critical(bulk(0.1, 0.0, inelastic))
    assert found.order == 2
    assert found.value == pytest.approx(expected, abs=1e-6)
    assert abs(found.value - expected) <= found.error + 1e-9


@HOMOGENEOUS.each(lambda v: v.q.startswith("T/Tc0 where linearised") and v["h"] == 0.4)
def test_temperature_under_a_spin_voltage(value):
    found = us.critical(bulk(0.1, value["h"]))
    assert found.order == 2
    value.assert_equal(found.value, asked=1e-6)


@pytest.mark.parametrize("length", [3.3, 4.0])
def test_between_transparent_normal_contacts(length):
    """Δ = sin(πx/L): pair breaking D(π/L)²/2. One of these grids is finer than the functions of the gap."""
    layer = us.Superconductor(length=length)
    found = us.critical(us.Stack([us.NormalReservoir(), layer, us.NormalReservoir()], inelastic=0.0))
    expected = brentq(lambda t: homogeneous(t, 0.5 * (np.pi / length) ** 2, 0.0), 0.01, 1.0, xtol=1e-12)
    assert found.order == 2
    assert found.value == pytest.approx(expected, abs=1e-6)


def test_second_order_spin_voltage_and_range():
    expected = brentq(lambda h: homogeneous(0.8, 0.01, h), 0.1, 1.0, xtol=1e-12)
    for arguments in ((), (0, 1.2), (1.2, 0)):
        found = us.critical(bulk(0.8, 0.0, 0.01), "S.spin_voltage", *arguments)
        assert found.order == 2 and found.value == pytest.approx(expected, abs=1e-6)


@HOMOGENEOUS.each(lambda v: v.q.startswith("upper end of bistable interval"))
def test_first_order_spin_voltage_ends_at_the_fold(value):
    temperature = value["T_over_Tc"]
    found = us.critical(bulk(temperature), "spin_voltage", 0, 1.2)
    closing = brentq(lambda h: homogeneous(temperature, 0.0, h), 0.3, 0.65, xtol=1e-12)
    assert found.order == 1
    value.assert_equal(found.value, asked=1e-6)
    assert float(found.data["closing_spin_voltage"]) == pytest.approx(closing, abs=1e-6)
    assert float(found.data["fold_spin_voltage"]) == found.value


@HOMOGENEOUS.each(lambda v: v.q.startswith("lower end of bistable interval"))
def test_closing_with_broadening(value):
    found = us.critical(bulk(value["T_over_Tc"], 0.0, value["Gamma"]), "spin_voltage", 0, 1.2)
    value.assert_equal(float(found.data["closing_spin_voltage"]), asked=1e-6)


@HOMOGENEOUS.each(lambda v: v.q == "tricritical T/Tc0")
def test_the_cubic_coefficient_vanishes_at_the_tricritical_point(value):
    def coefficient(temperature):
        field = brentq(lambda h: homogeneous(temperature, 0.0, h), 0.3, 0.7, xtol=1e-13)
        return cubic_coefficient(normal_state(bulk(temperature, field).network(), 1e-8))

    below, above = (coefficient(value.value + shift) for shift in (-0.01, 0.01))
    assert below < 0 < above
    crossing = value.value + 0.01 * (below + above) / (below - above)
    assert crossing == pytest.approx(value.value, abs=5e-4)


def test_tricritical_point_of_a_map(tmp_path):
    """Where Σ Re (ω + ih)⁻³ = 0 on the line T(h): beyond it no gap opens by itself, and both lines meet there."""

    def field_at(temperature):
        return brentq(lambda h: homogeneous(temperature, 0.0, h), 0.3, 0.7, xtol=1e-13)

    def cubic(temperature):
        omega = 2 * np.pi * temperature * TC * (np.arange(20_000) + 0.5)
        return float(np.sum((omega + 1j * field_at(temperature)) ** -3.0).real)

    expected = brentq(cubic, 0.5, 0.6, xtol=1e-9)
    layer = us.Superconductor(length=1.0, exchange_field=[0, 0, "h"])
    device = us.Stack([layer], inelastic=0.0, parameters={"h": 0.5}, tolerance=1e-4)
    found = us.critical(device, over={"h": [0.5, 0.58, 0.62]}, store=tmp_path / "map.nc")
    assert found.order.tolist() == [2, 2, 1]
    assert found.data.tricritical_temperature.values == pytest.approx([expected], abs=1e-5)
    assert found.data.tricritical_h.values == pytest.approx([field_at(expected)], abs=1e-5)
    assert found.summary()[-1] == ("tricritical point", "h = 0.608221, temperature = 0.561493")
    assert us.load(tmp_path / "map.nc").data.identical(found.data)
    (axes,) = us.plots.default_figure(found.data).axes
    ends = [line.get_xydata()[np.isfinite(line.get_ydata())] for line in axes.lines[:2]]
    np.testing.assert_array_equal(ends[0][-1], ends[1][0])


def test_cubic_coefficient_of_a_homogeneous_superconductor():
    temperature, field = 0.7, 0.2
    omega = 2 * np.pi * temperature * TC * (np.arange(100_000) + 0.5)
    expected = 0.5 * float(np.sum(2 * np.pi * temperature * TC / (omega + 1j * field) ** 3).real)
    found = cubic_coefficient(normal_state(bulk(temperature, field).network(), 1e-8))
    assert found == pytest.approx(expected, rel=1e-3)


@HOMOGENEOUS.each(lambda v: v.q.startswith("equilibrium first-order exchange field"))
def test_equal_free_energies(value):
    """A spin voltage enters the gap equation of a homogeneous superconductor as an exchange field does."""

    def networks(field):
        return bulk(value["T_over_Tc"], field).network()

    energies = [condensation_energy(superconducting_state(networks, h, 1e-7).state) for h in (0.699, 0.7005)]
    assert energies[0] < 0 < energies[1]
    crossing = 0.699 + 0.0015 * energies[0] / (energies[0] - energies[1])
    value.assert_equal(crossing, asked=2e-6)


def test_condensation_energy_of_a_cold_superconductor():
    """-¼N0Δ0² and the thermal energy (π²/6)T² that the normal state has, times the length."""
    state = superconducting_state(lambda t: bulk(t).network(), 0.05, 1e-7)
    assert condensation_energy(state.state) == pytest.approx(-0.25 + np.pi**2 / 6 * (0.05 * TC) ** 2, abs=1e-6)


@MAGNETS.each(lambda v: v.value is not None and v["Gphi_over_GN"] <= 0.2)
def test_magnets(value):
    ends = [magnet(value["Gphi_over_GN"], sign) if sign else None for sign in DIRECTIONS[value["config"]]]
    elements = [e for e in (ends[0], us.Superconductor(length=value["L"]), ends[1]) if e is not None]
    found = us.critical(us.Stack(elements, inelastic=0.0))
    assert found.order == 2
    value.assert_equal(found.value, asked=1e-6)


@pytest.mark.slow
def test_first_order_in_equilibrium():
    """Thin films between parallel magnets feel h = (Gφ/G_N)/L²; the first-order field at 0.1 Tc as L → 0."""
    (reference,) = [v for v in Limits("exchange_field_and_spin_voltage").rest if "equilibrium first" in v.q]
    fields = []
    for length in (0.1, 0.05):
        elements = [magnet("g", 1), us.Superconductor(length=length), magnet("g", 1)]
        device = us.Stack(elements, inelastic=0.0, temperature=0.1, parameters={"g": 0.5 * length**2})
        found = us.critical(device, "g")
        assert found.order == 1
        assert found.data["closing_g"] < found.value < found.data["fold_g"]
        fields.append(found.value / length**2)
    assert (4 * fields[1] - fields[0]) / 3 == pytest.approx(reference.value, abs=1e-5)


def test_first_order_under_a_normal_state_that_is_stable_throughout():
    """Vs = 0.9 Δ0: no temperature closes the gap continuously, and yet there is one below."""
    found = us.critical(bulk(0.01, 0.9))
    assert found.order == 1 and np.isnan(found.data["closing_temperature"])
    below, above = (
        superconducting_state(lambda t: bulk(t, 0.9).network(), found.value * f, 1e-5) for f in (0.98, 1.02)
    )
    assert below is not None and above is None


@pytest.mark.parametrize("start, stop, words", [(0, 0.1, "unstable at both ends"), (2, 3, "normal at both ends")])
def test_no_transition_in_the_range(start, stop, words):
    with pytest.raises(us.InputError, match=words):
        us.critical(bulk(0.1), "spin_voltage", start, stop)


def test_maps_keep_points_without_transition():
    found = us.critical(bulk(0.1), over={"S.spin_voltage": [0.4, 2.0], "inelastic": [0.0, 0.05, 0.1]})
    data = found.data
    assert found.value.shape == (2, 3) and data["critical_temperature"].dims == ("S.spin_voltage", "inelastic")
    assert np.all(np.isnan(found.value[1])) and np.all(found.order == [[2] * 3, [0] * 3])
    for value, inelastic in zip(found.value[0], (0.0, 0.05, 0.1), strict=True):
        assert homogeneous(value, inelastic, 0.4) == pytest.approx(0.0, abs=2e-6)
    with pytest.raises(NoTransition):
        us.critical(bulk(0.1, 2.0))


@pytest.mark.parametrize(("field", "path"), [(0.0, "S.spin_voltage"), (0.65, "temperature")])
def test_the_error_of_a_first_order_transition_contains_that_of_grids_and_energies(field, path):
    """Of a fold, and of equal free energies: against a solve a thousand times more accurate."""
    layer = us.Superconductor(name="S", length=1.5, exchange_field=(0, 0, field))
    rough, fine = (us.critical(us.Stack([layer], temperature=0.2, tolerance=t), path) for t in (1e-4, 1e-7))
    assert rough.order == fine.order == 1
    assert abs(rough.value - fine.value) <= 3 * rough.error
    assert rough.error <= 1e-4 * rough.value


def test_an_interrupted_map_keeps_its_points():
    def interrupt(event):
        if event.stage == "critical" and event.done == 2:
            raise KeyboardInterrupt

    device = bulk(0.1)
    with pytest.raises(us.Interrupted) as stopped:
        us.critical(device, over={"inelastic": [0.0, 0.05, 0.1]}, progress=interrupt)
    found = stopped.value.result
    assert not found.converged and "1 of 3 points are not finished" in found.advice
    assert np.isfinite(found.value).tolist() == [True, True, False]
    assert found.value[0] == pytest.approx(us.critical(device.replace({"inelastic": 0.0})).value, abs=1e-6)


@pytest.mark.parametrize(("field", "length"), [(3.0, 0.48), (10.0, 1.0)])
def test_the_order_beside_a_ferromagnet(field, length):
    """Δ² is linear in T below a transition of second order; states at the highest energies once told another order."""
    layers = [us.Superconductor(name="S", length=1.4), us.Tunnel(conductance=0.7, relative_to="left"),
              us.Ferromagnet(name="F", length=length, exchange_field=(0, 0, field))]  # fmt: skip
    device = us.Stack(layers, tolerance=1e-4)
    found = us.critical(device)
    assert found.order == 2
    gaps = [us.solve(device.replace({"temperature": found.value * (1 - below)})) for below in (0.004, 0.008, 0.012)]
    squares = np.array([float(np.max(result.data.gap.values)) ** 2 for result in gaps])
    assert np.diff(squares) == pytest.approx(squares[0], rel=0.1)


def test_a_search_takes_few_eigenvalues(monkeypatch):
    """A rough one at each place of the scan, few finer ones on the way to the root, and no fine one beyond it."""
    calls = []
    counted = normal_state

    def count(network, tolerance, *near):
        state = counted(network, tolerance, *near)
        calls.append((tolerance, sum(state.nodes)))
        return state

    monkeypatch.setattr(search, "normal_state", count)
    monkeypatch.setattr(refine, "normal_state", count)
    layers = [us.Superconductor(length=1.4), us.Tunnel(conductance=0.7, relative_to="left"), us.NormalMetal(length=0.8)]
    found = us.critical(us.Stack(layers))
    assert found.value == pytest.approx(0.8184401, abs=1e-6)  # by collocation, see test_linearized.py
    rough, fine = ([size for tolerance, size in calls if (tolerance >= 1e-3) == kind] for kind in (True, False))
    assert len(rough) <= 10 and len(fine) <= 3
    assert max(rough) < 60 and sorted(fine) == fine
