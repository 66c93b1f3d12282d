"""Devices at the edges: small broadening, strong fields, long and short, near Tc, weak and clear contacts."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

import usadel as us
from usadel.algebra.modes import Mode
from usadel.equations.spectral.local import spectral_radius

ENERGIES = [0.0, 0.5, 0.97, 1.0, 1.5]
SLOW = 2.0  # s, on one core and with compiled kernels: what is worth a look
X, Z = [1, 0, 0], [0, 0, 1]
TC = json.loads(
    (Path(__file__).parents[1] / "reference/limits/fi_s_fi_critical_temperature.json").read_text(encoding="utf-8")
)["values"]


def insulator(mixing, magnetization=Z):
    return us.FerromagneticInsulator(spin_mixing=mixing, magnetization=magnetization)


def superconductor(length=1.0, **keys):
    return us.Superconductor(length=length, **keys)


def reservoir(phase=0.0):
    return us.SuperconductingReservoir(phase=phase)


def checked(device, start=None):
    """Solve; check branch, conservation, error, and the density of states at a few energies."""
    began = time.perf_counter()
    result = us.solve(device, start=start)
    solved = time.perf_counter()
    spectrum = result.dos(ENERGIES, tolerance=1e-4)
    ended = time.perf_counter()
    if ended - began > SLOW:
        print(f"slow: solve {solved - began:.1f} s, spectrum {ended - solved:.1f} s\n{device}")
    assert result.converged and result.error <= device.value("tolerance")
    assert max(float(spectral_radius(pack.state).max()) for pack in result.refined.solution.packs) <= 1 + 1e-9
    assert np.all(np.isfinite(spectrum.dos)) and float(spectrum.dos.min()) > -1e-4
    up_and_down = abs(spectrum.dos_spin).max("component") - spectrum.dos
    assert float(up_and_down.max()) < 1e-4  # neither spin has a negative density of states
    assert attributes(result)["conservation_error"] < 10 * device.value("tolerance")
    return result


def attributes(result):
    return result.profiles().attrs


def largest_gap(result):
    return float(np.max(np.abs(result.refined.profiles.gap)))


@pytest.mark.parametrize("length", [0.05, 1.0, 30.0])
@pytest.mark.parametrize("temperature", [1e-3, 0.1, 0.9, 0.999, 1.0, 1.05, 3.0])
def test_bulk(length, temperature):
    result = checked(us.Stack([superconductor(length)], temperature=temperature, inelastic=1e-4))
    from usadel.equations.gap import bulk_gap

    expected = bulk_gap(temperature, 1e-4)
    assert (expected > 0.04) == (temperature < 1)
    assert np.max(np.abs(np.abs(result.refined.profiles.gap) - expected)) < 2e-6


CRITICAL = [v for v in TC if v["value"] is not None and v["params"]["config"] in ("parallel", "antiparallel")]


@pytest.mark.parametrize("fraction", [1e-3, 0.5, 0.9, 0.99, 0.999, 1.001, 1.1, 2.0])
@pytest.mark.parametrize("value", CRITICAL[1::2], ids=lambda v: "{L}-{Gphi_over_GN}-{config}".format(**v["params"]))
def test_film_between_magnets_up_to_its_critical_temperature(value, fraction):
    p = value["params"]
    other = Z if p["config"] == "parallel" else [0, 0, -1]
    mixing, temperature = p["Gphi_over_GN"], fraction * value["value"]
    film = [insulator(mixing), superconductor(p["L"]), insulator(mixing, other)]
    result = checked(us.Stack(film, temperature=temperature, inelastic=0.0))
    if fraction < 1:
        near = np.sqrt(1 - fraction)
        assert largest_gap(result) > min(0.85, 1.5 * near)
    else:
        assert largest_gap(result) < 2e-6


@pytest.mark.parametrize("temperature", [1e-3, 0.5])
@pytest.mark.parametrize("field", [0.5, 30.0])
@pytest.mark.parametrize("length", [0.05, 0.5, 5.0, 30.0])
def test_ferromagnetic_junction(length, field, temperature):
    layer = us.Ferromagnet(length=length, exchange_field=[0, 0, field])
    checked(us.Stack([reservoir(1.0), layer, reservoir()], temperature=temperature, inelastic=1e-4))


@pytest.mark.parametrize("length", [0.05, 1.0, 10.0])
@pytest.mark.parametrize("conductance", [1e-4, 1.0, 1e3])
def test_tunnel_junction(conductance, length):
    tunnel = us.Tunnel(conductance=conductance)
    layers = [reservoir(2.0), tunnel, us.NormalMetal(length=length), tunnel, reservoir()]
    result = checked(us.Stack(layers, temperature=0.01, inelastic=1e-4))
    assert -result.refined.profiles.current[0, Mode.CHARGE] > 0


@pytest.mark.parametrize("conductance", [1e-4, 1.0, 1e3])
def test_tunnel_bilayer(conductance):
    tunnel = us.Tunnel(conductance=conductance, relative_to="left")
    layers = [superconductor(2.0), tunnel, us.Ferromagnet(length=1.0, exchange_field=[0, 10, 0])]
    result = checked(us.Stack(layers, temperature=0.01, inelastic=1e-4))
    assert largest_gap(result) > 0.7


COMBINED = [
    pytest.param((0.05, 30.0, 1e3, -1.0, 0.5), id="short and clear"),
]


@pytest.mark.parametrize("c", COMBINED)
def test_combinations(c):
    length, field, conductance, mixing, temperature = c
    layers = [
        insulator(mixing, X),
        superconductor(2.0, spin_voltage=0.2),
        us.Tunnel(conductance=conductance, relative_to="left"),
        us.Ferromagnet(length=length, exchange_field=[0, 0, field], spin_voltage=0.2),
        us.NormalMetal(length=0.5, spin_voltage=0.2),
        us.Tunnel(conductance=0.3),
        reservoir(1.0),
    ]
    checked(us.Stack(layers, temperature=temperature, inelastic=1e-3, tolerance=1e-5))


NORMAL = {
    "above Tc": us.Stack([superconductor()], temperature=1.01),
    "above Tc, started with a gap": us.Stack([superconductor(gap=0.9)], temperature=1.0001),
    "strong magnets": us.Stack([insulator(3.0), superconductor(), insulator(3.0)], temperature=0.1),
    "strong ferromagnet": us.Stack(
        [superconductor(0.8), us.Ferromagnet(length=1, exchange_field=[0, 0, 5])], temperature=0.1
    ),
    "between normal reservoirs, thinner than pi": us.Stack(
        [us.NormalReservoir(), superconductor(3.0), us.NormalReservoir()], temperature=0.05, inelastic=1e-4
    ),
    "spin voltage above the gap": us.Stack([superconductor(spin_voltage=1.1)], temperature=0.05),
}


@pytest.mark.parametrize("case", NORMAL)
def test_ends_in_the_normal_state(case):
    result = checked(NORMAL[case])
    assert largest_gap(result) < 1e-6
    np.testing.assert_allclose(result.dos(ENERGIES).dos, 1, atol=1e-4)


@pytest.mark.parametrize("length", [3.2, 3.3, 4.0])
def test_barely_superconducting_between_normal_reservoirs(length):
    """Critical thickness π at T = 0 (pair breaking ½q² with q = π/L reaches Δ0/2)."""
    device = us.Stack(
        [us.NormalReservoir(), superconductor(length), us.NormalReservoir()],
        temperature=0.05, inelastic=1e-4, tolerance=1e-5,
    )  # fmt: skip
    assert largest_gap(checked(device)) > 0.15


def test_neighbours_of_a_solution():
    """From start to start through the device's parameters, ending where a cold start ends."""
    device = us.Stack([insulator(0.4, X), superconductor(1.2), insulator(0.4)], temperature=0.05, tolerance=1e-5)
    result = checked(device)
    for temperature in (0.2, 0.4, 0.6):
        device = device.replace({"temperature": temperature})
        result = checked(device, start=result)
    cold = us.solve(device)
    np.testing.assert_allclose(result.refined.profiles.gap[[0, -1]], cold.refined.profiles.gap[[0, -1]], atol=2e-5)
    assert largest_gap(cold) > 0.5
