"""Inelastic collisions in the relaxation time approximation, against closed solutions."""

import numpy as np
import pytest

import usadel as us
from usadel.energies.rules import TC

LORENZ = np.pi**2 / 6 * TC**2  # of energy by T², in Δ0²


def wire(length=2.0, left=None, tolerance=1e-5, **keys):
    left = left or us.NormalReservoir(name="L", voltage=1.0)
    layer = us.NormalMetal(name="N", length=length, **keys)
    return us.Stack([left, layer, us.NormalReservoir(name="R")], temperature=0.1, tolerance=tolerance)


@pytest.mark.parametrize("time", [2.0, 0.02])
def test_hot_electrons(time):
    """T² = T0² + 3V²x(L-x)/π²L² of the bath, whatever the time: energy is conserved, and with it its accumulation."""
    result = us.solve(wire(tau_ee=time, tolerance=1e-4))
    kinetics = result.solved.kinetics
    x = kinetics.problem.positions / 2.0
    exact = np.sqrt(0.1**2 + 3 / (np.pi * TC) ** 2 * x * (1 - x))
    assert exact.max() == pytest.approx(0.496415, abs=1e-6)
    assert np.abs(kinetics.baths[0, :, 0] - exact).max() < 1e-4
    assert np.abs(kinetics.baths[0, :, 1] - (1 - x)).max() < 1e-4
    middle = np.interp(1.0, result.data.position, result.data.energy_accumulation)
    assert middle == pytest.approx(LORENZ * exact.max() ** 2 + 0.5 * 0.5**2, abs=1e-4)
    assert result.data.attrs["conservation_error"] < 1e-4


def test_strong_collisions_leave_a_thermal_distribution():
    """To the order of Dτ/L²."""
    result = us.solve(wire(tau_ee=0.01, tolerance=1e-3))
    energies, t = np.array([0.2, 0.5, 0.9]), 0.496415
    found = result.distribution(energies, position=np.array([1.0])).distribution.sel(mode="energy").values.ravel()
    exact = sum(0.5 * np.tanh((energies + v) / (2 * t * TC)) for v in (0.5, -0.5))
    assert found == pytest.approx(exact, abs=5e-3)
    without = (
        us.solve(wire(tolerance=1e-3))
        .distribution(energies, position=np.array([1.0]))
        .distribution.sel(mode="energy")
        .values
    )
    assert np.abs(without.ravel() - exact).max() > 0.1


def test_electrons_cooled_by_phonons():
    """h - h_ph = (h_L - h_ph) sh((L-x)/ℓ)/sh(L/ℓ), ℓ² = Dτ, at every energy."""
    time, diffusion, length = 0.3, 1.4, 1.7
    mean = np.sqrt(time * diffusion)
    device = wire(length, us.NormalReservoir(name="L", temperature=0.5), tau_eph=time, diffusion=diffusion)
    result = us.solve(device)
    heat = LORENZ * (0.5**2 - 0.1**2) / mean
    exact = [heat / np.tanh(length / mean), -heat / np.sinh(length / mean)]
    assert result.terminals.energy_current.values == pytest.approx(exact, abs=1e-5)
    energies, x = np.array([0.1, 0.4]), 0.6
    found = result.distribution(energies, position=np.array([x])).distribution.sel(mode="energy").values.ravel()
    hot, cold = (np.tanh(energies / (2 * t * TC)) for t in (0.5, 0.1))
    assert found == pytest.approx(cold + (hot - cold) * np.sinh((length - x) / mean) / np.sinh(length / mean), abs=1e-4)


def test_phonons_of_their_own_temperature():
    """They heat a wire whose reservoirs are cold, by h - h_ph = (h_0 - h_ph) ch((x-L/2)/ℓ)/ch(L/2ℓ)."""
    device = wire(2.0, us.NormalReservoir(name="L"), tau_eph=0.5, phonon_temperature=0.4)
    assert device.network().layers[0].nonequilibrium
    mean = np.sqrt(0.5)
    heat = LORENZ * (0.4**2 - 0.1**2) * np.tanh(1.0 / mean) / mean
    assert us.solve(device).terminals.energy_current.values == pytest.approx([-heat, -heat], abs=1e-5)


def test_collisions_conserve_charge_and_spin():
    """Both kinds, noncollinear spins: currents are those without collisions, and the spins' densities too."""
    left = us.NormalReservoir(name="L", voltage=0.3, spin_voltage=0.2, spin_axis=[1, 1, 0])
    with_them, without = us.solve(wire(1.0, left, tau_ee=0.5, tau_eph=2.0, tolerance=1e-4)), us.solve(wire(1.0, left))
    for name in ("charge_current", "spin_current"):
        assert with_them.terminals[name].values == pytest.approx(without.terminals[name].values, abs=1e-4)
    for result in (with_them, without):
        assert result.data.attrs["conservation_error"] < 1e-4
    one, two = (
        np.interp(0.5, r.data.position, r.data.spin_accumulation.sel(component="x")) for r in (with_them, without)
    )
    assert one == pytest.approx(two, abs=1e-4)


def test_beside_a_superconductor():
    """Charge is conserved, energy between electrons too; rare collisions change little, and nothing for τ → ∞."""

    def device(**keys):
        layer = us.NormalMetal(length=1.5, inelastic=0.02, **keys)
        ends = (
            us.NormalReservoir(name="L", voltage=0.4),
            us.Tunnel(conductance=2.0),
            us.SuperconductingReservoir(name="R"),
        )
        return us.Stack([ends[0], layer, ends[1], ends[2]], temperature=0.2, tolerance=1e-4)

    elastic, rare, strong = (us.solve(device(**keys)) for keys in ({}, {"tau_ee": 1e5}, {"tau_ee": 0.3}))
    assert rare.terminals.charge_current.values == pytest.approx(elastic.terminals.charge_current.values, abs=1e-4)
    for result in (rare, strong):
        assert abs(float(result.terminals.charge_current.sum())) < 1e-4
        assert abs(float(result.terminals.energy_current.sum())) < 1e-4
    assert abs(float(strong.terminals.charge_current[0] - elastic.terminals.charge_current[0])) > 1e-3


def test_what_is_refused():
    superconductor = us.Superconductor(name="S", length=1.0)
    normal = us.NormalReservoir(name="L", voltage=0.1)
    for layer, words in (
        ({"kind": us.Superconductor, "tau_ee": 1.0}, "self_consistent = false"),
        ({"kind": us.HalfMetal, "tau_ee": 1.0, "polarization": 0.5, "magnetization": [0, 0, 1]}, "half-metal"),
        ({"kind": us.NormalMetal, "tau_ee": 0.0}, "tau_ee"),
    ):
        kind = layer.pop("kind")
        with pytest.raises(us.InputError, match=words):
            us.Stack([normal, kind(length=1.0, **layer)])
    with pytest.raises(us.InputError, match="electrons collide"):
        us.solve(us.Stack([normal, us.NormalMetal(name="N", length=1.0, tau_ee=1.0), superconductor], temperature=0.3))
    result = us.solve(wire(1.0, us.NormalReservoir(name="L", voltage=0.1), tolerance=1e-3, tau_ee=1.0))
    with pytest.raises(us.InputError, match="electrons collide"):
        result.response()
    with pytest.raises(us.InputError, match="electrons collide"):
        result.sensitivity("charge_current", "L.voltage")


def test_times_in_real_units():
    """ħ/Δ0 of niobium, 9.2 K, is 0.4707 ps."""
    pytest.importorskip("pint")
    layer = us.NormalMetal(name="N", length="30 nm", tau_ee="2 ps", phonon_temperature="4.6 K", tau_eph=1.0)
    device = us.Stack([layer], scale=us.Scale(critical_temperature="9.2 K", coherence_length="10 nm"))
    assert device.value("N.tau_ee") == pytest.approx(2e-12 * 1.7638769 * 1.380649e-23 * 9.2 / 1.054571817e-34)
    assert device.value("N.phonon_temperature") == pytest.approx(0.5)
