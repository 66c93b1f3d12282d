"""Supercurrents between rigid superconductors through normal metals and ferromagnets, also under bias."""

import numpy as np
import pytest
import real_axis
from limit_data import Limits, extrapolate, extremum, josephson_current, solve
from scipy.optimize import brentq

import usadel as us
from usadel.equations.gap import bulk_gap

SNS = Limits("sns")
SFS = Limits("ferromagnet_on_superconductor")
TRANSISTOR = Limits("sns_transistor")


def sns_current(length, phase, temperature, tolerance, **settings):
    """e R_N I/Δ0 = J L of a normal wire, with J good to `tolerance`."""
    gap = settings.pop("gap", None)
    layer = us.NormalMetal(length=length, **settings)
    asked = {"temperature": temperature, "inelastic": 0.0, "tolerance": tolerance}
    return length * josephson_current(layer, phase, gap=gap, **asked)


@SNS.each(lambda v: v.q == "e R_N I/Delta0")
def test_normal_wire(value):
    """The tightest tolerance is 1e-10, but takes over 1000 nodes; 1e-9 of J is asked for."""
    found = sns_current(value["L"], np.pi * value["phi_over_pi"], value["T_over_Tc"], 1e-9)
    value.assert_equal(found, asked=1e-9 * max(1.0, value["L"]))


@SNS.each(lambda v: v.q.startswith("finite L approach"))
def test_short_wire(value):
    value.assert_equal(sns_current(value["L"], np.pi / 2, 0.5, 1e-7))


def very_short(phase, temperature):
    """Limit of no length: what a length adds goes like L² and L² ln L.

    The current density is about 2/L, and so must its error be multiplied by L.
    """
    lengths = np.array([1e-3, 2e-3, 4e-3])
    found = [sns_current(x, phase, temperature, 1e-6) for x in lengths]
    terms = np.stack([np.ones(3), lengths**2, lengths**2 * np.log(lengths)], axis=1)
    return float(np.linalg.solve(terms, found)[0])


@SNS.each(lambda v: v.q.startswith("KO-1 short junction"))
def test_very_short_wire(value):
    value.assert_equal(very_short(np.pi * value["phi_over_pi"], value["T_over_Tc"]), asked=1e-6)


def test_very_short_wire_to_its_tolerance():
    """2·2πT Σ (Δ cos φ/2)/δ arctan[(Δ sin φ/2)/δ], δ² = Δ² cos² φ/2 + ωₙ² (Kulik, Omelyanchuk), to 1e-6 of J.

    Spectra have structure up to the escape rate of 1e6 Δ0: rules that did not know it were off by 9e-6 of J.
    """
    phase, temperature, terms = 0.1 * np.pi, 0.1, 1_000_000
    spacing, gap = 2 * np.pi * temperature * real_axis.TC, bulk_gap(temperature, 0.0)
    omega = spacing * (np.arange(terms) + 0.5)
    across, along = gap * np.sin(phase / 2), gap * np.cos(phase / 2)
    rate = np.sqrt(along**2 + omega**2)
    beyond = across * along / (spacing * terms)  # ∫dω/ω²
    exact = 2 * (spacing * np.sum(along / rate * np.arctan(across / rate)) + beyond)
    assert abs(very_short(phase, temperature) - exact) < 1e-6 * 2e-3


@SNS.each(lambda v: v.q.startswith("KO-1 T=0 max"))
def test_largest_current_of_a_very_short_wire(value):
    """T = 1e-3 Tc stands for 0: what is excited over the gap Δ cos φ/2 is nothing."""
    phases = np.pi * (value["phi_over_pi"] + np.array([-0.02, 0.0, 0.02]))
    currents = [very_short(phase, 1e-3) for phase in phases]
    value.assert_equal(currents[1], asked=1e-6)
    assert currents[1] > max(currents[0], currents[2])


def long_current(phase, voltage, length):
    """e R_N I/E_Th of a normal wire with gap 1 reservoirs, E_Th = 1/L², bias in E_Th.

    Thermal smearing changes it by (π²/6)(kT/E_Th)² times the slope (of order 1) of the spectral current at eV;
    kB T = 6e-5 E_Th leaves 6e-9. A tolerance of 1e-9 of J is 1e-9 L³ of this; errors of 1e-11 L³ are found.
    """
    energy = length**-2
    current = sns_current(length, phase, 1e-4 * energy, 1e-9, gap=1.0, voltage=voltage * energy)
    return current / energy


@SNS.each(lambda v: "at finite Delta/E_Th" in v.q)
def test_largest_current_of_a_long_wire(value):
    length = value["Delta_over_ETh"] ** 0.5
    _, largest = extremum(lambda p: long_current(p, 0.0, length), 2.0, 0.05)
    value.assert_equal(largest, asked=1e-7)


@TRANSISTOR.each(lambda v: "eV_over_ETh" in v.params and v.params["Delta_over_ETh"] == 100.0)
def test_transistor(value):
    """Control electrodes at ±V: each of the two steps of h0 is at eV."""
    found = long_current(np.pi / 2, value["eV_over_ETh"], value["Delta_over_ETh"] ** 0.5)
    value.assert_equal(found, asked=1e-7)


@TRANSISTOR.each(lambda v: v.q.startswith("most negative"))
def test_largest_reversed_current(value):
    length = value["Delta_over_ETh"] ** 0.5
    voltage, current = extremum(lambda v: long_current(np.pi / 2, v, length), value["at_eV_over_ETh"], 0.1)
    value.assert_equal(current)
    assert voltage == pytest.approx(value["at_eV_over_ETh"], abs=1e-3)


LENGTHS = np.array([20.0, 28.0, 40.0, 56.0])
INFINITE = 2e-6  # what is left of an error of 1e-12 of J after the factor L³ and the extrapolation


def infinite_gap(phase, voltage):
    """The limit E_Th/Δ → 0, in which the current is smooth."""
    return extrapolate(LENGTHS**-2, [long_current(phase, voltage, x) for x in LENGTHS])


@TRANSISTOR.each(lambda v: v.params.get("eV_over_ETh") in (1, 3, 7, 15))
def test_transistor_with_an_infinite_gap(value):
    value.assert_equal(infinite_gap(np.pi / 2, value["eV_over_ETh"]), asked=INFINITE)


@pytest.mark.slow
@TRANSISTOR.each(lambda v: v.q.startswith("sign-reversal"))
def test_reversal(value):
    voltage = brentq(lambda v: infinite_gap(np.pi / 2, v), 7.5, 7.9, xtol=1e-7)
    value.assert_equal(voltage, asked=INFINITE)


@SNS.each(lambda v: v.q.startswith("long junction T=0"))
def test_long_junction(value):
    value.assert_equal(infinite_gap(np.pi * value["phi_over_pi"], 0.0), asked=INFINITE)


@pytest.mark.slow
@SNS.each(lambda v: v.q == "phase of that maximum, phi/pi")
def test_phase_of_the_largest_current(value):
    """The file lists it below the KO-1 maximum, but means the long junction.

    Dubos et al. (2001) give φ = 0.6357π for Δ/E_Th → ∞; the KO-1 current is stationary where
    sin(φ/2) artanh(sin(φ/2)) = 1, φ = 0.6274π, as listed with its value.
    """
    half = brentq(lambda u: np.sin(u) * np.arctanh(np.sin(u)) - 1, 0.5, 1.5)
    assert 2 * half / np.pi == pytest.approx(0.6273982, abs=1e-6)
    phase, largest = extremum(lambda p: infinite_gap(p, 0.0), 2.0, 0.05)
    value.assert_equal(phase / np.pi)
    assert largest == pytest.approx(10.8275, abs=1e-4)


@TRANSISTOR.each(lambda v: v.q.startswith("spectral supercurrent"))
def test_spectral_supercurrent(value):
    """L Im j_E from the states at real energies; positive where it adds to the current of positive phase."""
    length = value["Delta_over_ETh"] ** 0.5
    left, right = (us.SuperconductingReservoir(gap=1, phase=s * np.pi * value["phi_over_pi"] / 2) for s in (1, -1))
    result = solve([left, us.NormalMetal(length=length), right], temperature=0.01, inelastic=0.0, tolerance=1e-9)
    states = real_axis.States(result, [value["E_over_ETh"] / length**2], [0.5 * length])
    value.assert_equal(length * states.spectral_supercurrent()[0, 0])


@SFS.each(lambda v: v.q.startswith("Delta(T"))
def test_gap_of_the_reservoirs(value):
    assert bulk_gap(0.3, 0.0) == pytest.approx(value.value, abs=1e-11)


def ferromagnet_current(value, length, phase, tolerance):
    layer = us.Ferromagnet(length=length, exchange_field=[0, 0, value["h"]])
    asked = {"temperature": value["T_over_Tc"], "inelastic": 0.0, "tolerance": tolerance}
    return length * josephson_current(layer, phase, **asked)


@SFS.each(lambda v: v.q.startswith("e R_N I/Delta0"))
def test_ferromagnet(value):
    for part, phase in enumerate((0.25, 0.5, 0.75)):
        found = ferromagnet_current(value, value["L"], np.pi * phase, 1e-9)
        assert found == pytest.approx(value.value[part], abs=1e-9 * max(1.0, value["L"]))


@SFS.each(lambda v: v.q.startswith("signed critical current"))
def test_critical_current_of_a_ferromagnet(value):
    centre = np.pi * value["phi_over_pi_at_extremum"]
    phase, current = extremum(lambda p: ferromagnet_current(value, value["L"], p, 1e-9), centre, 0.02)
    value.assert_equal(current, asked=1e-9 * value["L"])
    assert phase == pytest.approx(centre, abs=1e-4)


def slope_at_no_phase(value, length, tolerance, **settings):
    """dI/dφ at φ = 0 from two phases; I is odd, what is left out is φ⁴ I⁽⁵⁾(0)/30."""
    phase = 0.03
    one, two = (ferromagnet_current({**value.params, **settings}, length, k * phase, tolerance) for k in (1, 2))
    return (8 * one - two) / (6 * phase)


@pytest.mark.slow
@SFS.each(lambda v: v.q.startswith("thickness where"))
def test_thickness_of_the_transition(value):
    found = brentq(lambda x: slope_at_no_phase(value, x, 1e-9), 1.52, 1.56, xtol=1e-8)
    value.assert_equal(found)


@pytest.mark.slow
def test_thickness_where_the_other_criterion_has_the_transition():
    """I(π/2) = 0 in place of I'(0) = 0: 5 % thinner at h = 3 Δ0, T = 0.3 Tc; only the second harmonic is left there."""
    value = {"h": 3.0, "T_over_Tc": 0.3}
    found = brentq(lambda x: ferromagnet_current(value, x, 0.5 * np.pi, 1e-9), 1.4, 1.6, xtol=1e-8)
    assert found / 1.539063948874445 == pytest.approx(0.95, abs=3e-3)
    phases = 0.125 * np.pi * np.arange(1, 8)
    currents = [ferromagnet_current(value, found, phase, 1e-9) for phase in phases]
    first, second = (0.25 * np.sin(k * phases) @ currents for k in (1, 2))
    assert second > 0.04 and abs(first) < 0.05 * second


@pytest.mark.slow
@SFS.each(lambda v: v.q.startswith("closed-form check"))
def test_thickness_of_the_transition_at_tc(value):
    """At T = Tc for gaps that vanish: three small gaps, extrapolated in their squares."""

    def thickness(gap):
        layer = {"exchange_field": [0, 0, value["h"]]}
        settings = {"temperature": 1.0, "inelastic": 0.0, "tolerance": 1e-9, "gap": gap}
        return brentq(
            lambda x: josephson_current(us.Ferromagnet(length=x, **layer), 1.0, **settings) / gap**2,
            1.55, 1.65, xtol=1e-9,
        )  # fmt: skip

    gaps = np.array([0.1, 0.15, 0.2])
    found = extrapolate(gaps**2, [thickness(gap) for gap in gaps])
    value.assert_equal(found, asked=1e-6)


@pytest.mark.parametrize("length", [20.0, 30.0, 50.0])
def test_long_wires_are_solved(length):
    """In the middle γ is below 1e-80 at high energies: its fourth power is no normal number."""
    for temperature in (0.1, 1e-4):
        current = sns_current(length, np.pi / 2, temperature, 1e-6)
        assert 0 < current < 11 / length**2


SNS.pick(lambda v: "minigap" in v.q)  # test_proximity
SFS.pick(lambda v: v.q.startswith("DOS/N0"))  # test_proximity
TRANSISTOR.pick(lambda v: "minigap" in v.q)  # test_proximity


def test_every_value_is_compared():
    assert [v.label() for limits in (SNS, SFS, TRANSISTOR) for v in limits.rest] == []
