"""Normal metals, where the kinetic equation has closed solutions."""

import numpy as np

import usadel as us
from usadel.energies.rules import TC

SOLVED = {"nonequilibrium": True}
LORENZ = np.pi**2 / 6 * TC**2  # energy current per σA/L and T₁² - T₂² in Δ0²


def divider(left, right):
    """Three wires and two barriers between reservoirs, and the total resistance."""
    device = us.Stack(
        [
            left,
            us.NormalMetal(length=1.0, **SOLVED),
            us.NormalMetal(length=2.0, conductivity=0.5, **SOLVED),
            us.Tunnel(conductance=0.8, relative_to="left"),
            us.NormalMetal(length=1.5, area=2.0, **SOLVED),
            us.Tunnel(conductance=2.0),
            right,
        ],
        tolerance=1e-7,
    )
    third = 2.0 / 1.5
    return device, 1 / 1.0 + 1 / 0.25 + 1 / (0.8 * 0.25) + 1 / third + 1 / (2.0 * third)


def test_voltage_divider():
    device, resistance = divider(us.NormalReservoir(voltage=0.3, temperature=0.2), us.NormalReservoir(temperature=0.2))
    data = us.solve(device).file_data()
    current = 0.3 / resistance
    assert np.abs(data.charge_current.values - current).max() < 1e-9
    assert np.abs(data.charge_current_super.values).max() < 1e-12
    first = data.isel(position=data.layer.values == 0)
    potential = 0.3 - current * first.position.values
    assert np.abs(first.charge_accumulation.values - potential).max() < 1e-8
    middle = float(first.position[first.position.size // 2])
    occupation = potential[first.position.size // 2] / 0.3  # part of the left reservoir's distribution
    h = data.distribution.sel(mode="charge").interp(position=middle).interp(energy=[0.0, 0.3, 1.0]).values
    kelvin = 2 * 0.2 * TC
    exact = occupation * 0.5 * (np.tanh([0.3 / kelvin, 0.6 / kelvin, 1.3 / kelvin]) + np.tanh(
        [0.3 / kelvin, 0.0, -0.7 / kelvin]))  # fmt: skip
    assert np.abs(h - exact).max() < 1e-3


def test_wiedemann_franz_and_joule():
    """The energy current is the heat by the difference of T², plus the work V²/2 per resistance."""
    device, resistance = divider(us.NormalReservoir(voltage=0.3, temperature=0.5), us.NormalReservoir(temperature=0.2))
    data = us.solve(device).data
    exact = (LORENZ * (0.5**2 - 0.2**2) + 0.5 * 0.3**2) / resistance
    assert np.abs(data.energy_current.values - exact).max() < 1e-7


def test_wiedemann_franz_of_each_spin():
    """Spins s along u at T + sTs: each carries half of the heat of its own T², both together 2TTs as spin energy."""
    kelvin, spin_kelvin, length, u = 0.4, 0.15, 1.7, np.array([2.0, 1.0, 2.0]) / 3
    hot = us.NormalReservoir(temperature=kelvin, spin_temperature=spin_kelvin, spin_axis=list(u))
    cold = us.NormalReservoir(temperature=0.2)
    device = us.Stack([hot, us.NormalMetal(length=length, **SOLVED), cold], temperature=0.2, tolerance=1e-7)
    data = us.solve(device).data
    squares = [(kelvin + s * spin_kelvin) ** 2 - 0.2**2 for s in (1, -1)]
    energy, spin_energy = 0.5 * LORENZ * sum(squares) / length, 0.5 * LORENZ * (squares[0] - squares[1]) / length
    assert np.abs(data.energy_current.values - energy).max() < 1e-7
    assert (
        np.abs(data.spin_energy_current.values - np.multiply.outer(u, np.full(data.position.size, spin_energy))).max()
        < 1e-7
    )
    assert np.abs(data.charge_current.values).max() < 1e-12


def test_spin_precession():
    """A spin voltage along x in a field along z: (h_x + i h_y)'' = 2ih (h_x + i h_y)/D, up to the sign of rotation."""
    field, length, spin_voltage = 0.8, 3.0, 0.25
    device = us.Stack(
        [
            us.NormalReservoir(spin_voltage=spin_voltage, spin_axis=[1, 0, 0], temperature=0.1),
            us.Ferromagnet(length=length, exchange_field=[0, 0, field], **SOLVED),
            us.NormalReservoir(temperature=0.1),
        ],
        tolerance=1e-7,
    )
    data = us.solve(device).data
    x = data.position.values
    wave = np.sqrt(2j * field)
    profile = -spin_voltage * np.sinh(wave * (length - x)) / np.sinh(wave * length)
    spin = data.spin_accumulation.values
    assert np.abs(spin[0] - profile.real).max() < 1e-6
    assert np.abs(np.abs(spin[1]) - np.abs(profile.imag)).max() < 1e-6
    assert np.abs(profile.imag).max() > 0.03
    assert np.abs(spin[2]).max() < 1e-12
