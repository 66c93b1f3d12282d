"""The free energy: closed forms, and its derivatives against what is measured otherwise, term by term.

Each row of `DEVICES` is a device with one term or law; its derivatives by an exchange field, by the angle of a magnet
or by a phase are spins, torques and currents, in which the functional has no part.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import usadel as us
from usadel.energies.rules import TC
from usadel.gap.condensation import condensation_energy

VALUES = json.loads((Path(__file__).parents[1] / "reference" / "free_energy.json").read_text())
FI = us.FerromagneticInsulator
STEP = 1e-3  # of derivatives
GAUSS = np.polynomial.legendre.leggauss(64)


def energy(device, error=None):
    found = us.solve(device).profiles().free_energy
    if error is not None:
        assert found.attrs["estimated_error"] <= error
    return float(found)


def derivative(of, at, step=STEP):
    return (of(at + step) - of(at - step)) / (2 * step)


def spin(result, layer, component):
    """∫dx (σA/D) q of a layer."""
    network = result.device.network()
    start = sum(one.length for one in network.layers[:layer])
    this = network.layers[layer]
    places = start + 0.5 * this.length * (1 + GAUSS[0])
    q = result.at(places).spin_accumulation.values[component]
    return float(0.5 * this.length * GAUSS[1] @ q * this.conductivity * this.area / this.diffusion)


def layer(field, **keys):
    given = {"self_consistent": False, "gap": 0.9} | keys
    return us.Superconductor(name="S", length=1.4, exchange_field=field, **given)


def stack(*elements, **keys):
    return us.Stack(list(elements), **({"temperature": 0.3, "tolerance": 1e-6} | keys))


OBLIQUE = FI(spin_mixing=0.3, magnetization=(0, 0.6, 0.8))


PLAIN = {
    "conductance": 0.4, "polarization": 0.4, "magnetization": (0, 0.6, 0.8), "spin_mixing_left": 0.4,
    "magnetization_left": (0, 1, 0),
}  # fmt: skip


def polarized(**keys):
    return us.SpinActive(**PLAIN, spin_mixing_right=0.3, magnetization_right=(1, 0, 0), **keys)


def beside(field, contact):
    return stack(layer(field), contact, us.Ferromagnet(length=0.6, exchange_field=(0.3, 0, 0.2), area=1.3), OBLIQUE)


def half_metal(field):
    metal = us.HalfMetal(length=0.5, polarization=0.6, magnetization=(0, 0, 1))
    return stack(OBLIQUE, layer(field), polarized(relative_to="left"), metal)


def crossing(field):
    """Three wires that meet, one of them through a polarized contact."""
    wires = [
        us.Wire([OBLIQUE, layer(field)], end="middle"),
        us.Wire([us.NormalMetal(length=0.7, area=0.6), us.Vacuum()], start="middle"),
        us.Wire(
            [polarized(relative_to="right"), us.Ferromagnet(length=0.5, exchange_field=(0.2, 0.1, 0))], start="middle"
        ),
    ]
    return us.Device(wires, {"middle": us.Junction()}, temperature=0.3, tolerance=1e-6)


DEVICES = {
    "plain": lambda h: stack(layer(h)),
    "other metal": lambda h: stack(layer(h, diffusion=1.3, conductivity=0.8, area=1.7), OBLIQUE),
    "spin flip": lambda h: stack(layer(h, spin_flip=0.03)),
    "spin orbit": lambda h: stack(layer(h, spin_orbit=0.05)),
    "depairing": lambda h: stack(layer(h, depairing=0.1)),
    "rashba": lambda h: stack(layer(h, rashba=0.3)),
    "dresselhaus": lambda h: stack(layer(h, dresselhaus=0.3), OBLIQUE),
    "nanowire": lambda h: stack(OBLIQUE, layer(h, nanowire=0.4)),
    "phase gradient": lambda h: stack(layer(h, phase_gradient=0.4), OBLIQUE),
    "insulator": lambda h: stack(OBLIQUE, layer(h)),
    "insulator, second order": lambda h: stack(
        FI(spin_mixing=0.3, magnetization=(0, 0.6, 0.8), second_order=0.4), layer(h)
    ),
    "contact": lambda h: beside(h, polarized(relative_to="left")),
    "contact, second order": lambda h: beside(h, polarized(relative_to="left", second_order=0.3)),
    "reservoir": lambda h: stack(
        OBLIQUE, layer(h), us.SpinActive(**PLAIN), us.SuperconductingReservoir(phase=0.7)
    ),
    "transparent contact": lambda h: stack(layer(h), us.NormalMetal(length=0.8, conductivity=0.5), OBLIQUE),
    "crossing": crossing,
    "half-metal": half_metal,
    "own critical temperature": lambda h: stack(
        OBLIQUE, us.Superconductor(name="S", length=1.4, exchange_field=h, critical_temperature=0.7)
    ),
    "unknown gap": lambda h: stack(OBLIQUE, us.Superconductor(name="S", length=1.4, exchange_field=h)),
    "field that follows the spins": lambda h: stack(
        OBLIQUE, us.Superconductor(name="S", length=1.4, exchange_field=h, zeeman=0.4), tolerance=1e-7
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("component", [0, 2])
def test_derivative_by_a_field_is_the_spin(name, component):
    """∂F/∂h = -∫dx (σA/D) q, F in the fields of its normal state."""
    field, direction = np.array([0.1, 0.15, 0.1]), np.eye(3)[component]

    def at(shift):
        return DEVICES[name](tuple(field + shift * direction))

    result = us.solve(at(0.0))
    found = derivative(lambda shift: energy(at(shift)), 0.0)
    assert found == pytest.approx(-spin(result, 0, component), abs=5e-7)


def turned(name):
    """A device by the angle of one of its magnets in a plane, the axis that it turns about, and where its torque is."""
    angle_of = {
        "insulator": lambda m: stack(FI(spin_mixing=0.5, magnetization=m), layer((0.1, 0.1, 0.0)), OBLIQUE),
        "second order": lambda m: stack(
            FI(spin_mixing=0.5, magnetization=m, second_order=0.4), layer((0.1, 0.1, 0.0)), OBLIQUE
        ),
        "spin valve": lambda m: stack(
            FI(spin_mixing=0.5, magnetization=m), layer((0, 0, 0)), FI(spin_mixing=0.4, magnetization=(1, 0, 0))
        ),
        "to a reservoir": lambda m: stack(
            us.SuperconductingReservoir(phase=0.4),
            us.SpinActive(
                conductance=0.6, polarization=0.5, magnetization=m, spin_mixing_right=0.3, magnetization_right=m
            ),
            us.Ferromagnet(length=0.7, exchange_field=(0.3, 0.1, 0)),
        ),
    }  # fmt: skip
    return lambda angle: angle_of[name]((float(np.sin(angle)), 0.0, float(np.cos(angle))))


@pytest.mark.parametrize("name", ["insulator", "second order", "spin valve", "to a reservoir"])
def test_derivative_by_an_angle_is_the_torque(name):
    """∂F/∂θ = -½ a·τ of a magnet that turns about a = y."""
    device = turned(name)
    torque = us.solve(device(0.7)).profiles().torque.values
    interface = 0
    assert abs(torque[1, interface]) > 1e-4
    assert derivative(lambda angle: energy(device(angle)), 0.7) == pytest.approx(-0.5 * torque[1, interface], abs=3e-7)


@pytest.mark.parametrize("second", [0.0, 0.3])
def test_derivative_by_a_phase_is_the_current(second):
    """I = 2 ∂F/∂φ_left = -2 ∂F/∂φ_right."""

    def device(left, right):
        return stack(
            us.SuperconductingReservoir(phase=left),
            us.SpinActive(
                conductance=1.2, polarization=0.2, magnetization=(0, 0, 1), spin_mixing=0.2, second_order=second
            ),
            us.Ferromagnet(length=1.1, exchange_field=(0.3, 0.1, 0), area=1.4),
            us.SpinActive(
                conductance=0.9, polarization=0.3, magnetization=(0, 0, 1), spin_mixing=0.3, relative_to="left",
                second_order=second,
            ),
            us.Superconductor(length=0.8, self_consistent=False, gap=1.0, phase=right),
            temperature=0.2,
        )  # fmt: skip

    current = float(us.solve(device(0.0, 1.0)).profiles().charge_current[0])
    assert abs(current) > 0.01
    by_left = derivative(lambda phase: energy(device(phase, 1.0)), 0.0)
    by_right = derivative(lambda phase: energy(device(0.0, phase)), 1.0)
    assert [2 * by_left, -2 * by_right] == pytest.approx([current, current], abs=1e-6)


def test_derivative_by_the_temperature_is_the_entropy():
    """-∂F/∂T from the density of states, at a given gap; values of a script of its own."""
    wanted = VALUES["generic_stack"]

    def device(temperature):
        return us.Stack(
            [
                FI(spin_mixing=0.3, magnetization=(float(np.sin(0.7)), 0.0, float(np.cos(0.7)))),
                us.Superconductor(
                    name="S", length=2.0, exchange_field=(0.1, 0.15, 0.1), spin_flip=0.02, spin_orbit=0.03,
                    depairing=0.05, diffusion=1.3, conductivity=0.8, self_consistent=False, gap=0.9,
                ),
                us.SpinActive(
                    conductance=0.4, polarization=0.4, magnetization=(0, float(np.sin(0.3)), float(np.cos(0.3))),
                    spin_mixing_left=0.4, magnetization_left=(0, 1, 0), spin_mixing_right=0.3,
                    magnetization_right=(1, 0, 0), relative_to="left",
                ),
                us.Ferromagnet(name="F", length=0.6, exchange_field=(0.3, 0, 0.2), rashba=0.3, nanowire=0.2),
                FI(spin_mixing=0.3, magnetization=(0, 0.6, 0.8)),
            ],
            temperature=temperature,
            tolerance=1e-6,
        )  # fmt: skip

    assert energy(device(0.3)) == pytest.approx(wanted["F"], abs=1e-7)
    slope = derivative(lambda temperature: energy(device(temperature)), 0.3) / TC
    assert -slope == pytest.approx(wanted["entropy_from_dos"], abs=wanted["error"])


@pytest.mark.parametrize("temperature", [0.02, 0.3, 0.7])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-7])
def test_bulk(temperature, tolerance):
    """F = -½ Σₙ 2πT (√(ωₙ² + Δ²) - ωₙ)²/√(ωₙ² + Δ²); the estimated error covers the difference."""
    device = us.Stack([us.Superconductor(length=1.3)], temperature=temperature, inelastic=1e-9, tolerance=tolerance)
    found = us.solve(device).profiles()
    gap = float(found.gap.max())
    omega = 2 * np.pi * temperature * TC * (np.arange(400_000) + 0.5)
    root = np.hypot(omega, gap)
    exact = -0.5 * 1.3 * 2 * np.pi * temperature * TC * np.sum((gap**2 / (root + omega)) ** 2 / root)
    assert abs(float(found.free_energy) - exact) <= found.free_energy.attrs["estimated_error"] + 1e-10
    assert found.free_energy.attrs["estimated_error"] < tolerance


def test_film_at_its_first_order_field():
    wanted = VALUES["film_first_order_field"]
    film = us.Superconductor(name="S", length=0.5, exchange_field=(0, 0, wanted["exact"]))
    device = us.Stack([film], temperature=wanted["T/Tc"], inelastic=wanted["gamma"], tolerance=1e-7)
    magnetization = -derivative(lambda h: energy(device.replace({"S.exchange_field.2": h})), wanted["exact"])
    assert energy(device) == pytest.approx(0.0, abs=abs(magnetization) * wanted["error"])


@pytest.mark.parametrize(
    ("field", "wanted"), list(zip(*(VALUES["paper_device_exchange_field_z"][k] for k in "hF"), strict=True))
)
def test_device_of_the_paper_in_a_field(field, wanted):
    insulators = [FI(spin_mixing=0.6, magnetization=m) for m in ((1, 0, 0), (0, 1, 0))]
    layer = us.Superconductor(length=1.5, exchange_field=(0, 0, field))
    device = us.Stack([insulators[0], layer, insulators[1]], temperature=0.01)
    assert energy(device) == pytest.approx(wanted, abs=5e-7)
    assert energy(device) == pytest.approx(condensation_energy(us.solve(device).state), rel=2e-3)


def valve(voltage, field, left=(0, 0, 1)):
    layer = us.Superconductor(
        name="S", length=1.5, exchange_field=(0, 0, field), spin_voltage=voltage, spin_axis=(0, 0, 1)
    )
    insulators = [FI(spin_mixing=0.6, magnetization=left), FI(spin_mixing=0.4, magnetization=(0, 0, -1))]
    return us.Stack([insulators[0], layer, insulators[1]], temperature=0.05)


@pytest.mark.parametrize(("voltage", "field"), [(0.3, 0.0), (0.3, 0.1), (-0.2, 0.1)])
def test_spin_voltage_of_a_conserved_spin_is_a_field(voltage, field):
    """h - V_s u in equilibrium has the same gap and free energy."""
    driven, still = (us.solve(valve(*given)).profiles() for given in ((voltage, field), (0.0, field - voltage)))
    assert float(driven.free_energy) == pytest.approx(float(still.free_energy), abs=1e-10)
    assert float(driven.gap.max()) == pytest.approx(float(still.gap.max()), abs=1e-9)


@pytest.mark.parametrize(
    "device",
    [
        valve(0.3, 0.0, left=(1, 0, 0)),
        valve(0.3, 0.0).replace({"S.spin_flip": 0.02}),
        valve(0.3, 0.0).replace({"S.rashba": 0.2}),
        valve(0.0, 0.1).replace({"S.debye_energy": 40.0}),
        stack(us.NormalReservoir(voltage=0.2), us.Tunnel(conductance=1.0), layer((0, 0, 0)), us.NormalReservoir()),
    ],
    ids=["turned", "flipped", "spin-orbit", "cutoff", "driven"],
)
def test_absent_where_there_is_none(device):
    assert "free_energy" not in us.solve(device).profiles()


def test_not_interpolated_between_places():
    result = us.solve(valve(0.0, 0.1))
    assert result.data.free_energy.dims == ()
    assert "free_energy" not in result.at([0.2])


@pytest.mark.parametrize("length", [0.3, 1.0])
def test_clear_contacts_leave_nothing_to_the_grid(length):
    """States vary on all scales beside a clear contact: the estimate covers the error at every tolerance."""
    ends = [us.SuperconductingReservoir(phase=0.8), us.SuperconductingReservoir()]
    found = [
        us.solve(us.Stack([ends[0], us.NormalMetal(length=length), ends[1]], temperature=0.3, tolerance=t)).profiles()
        for t in (1e-3, 1e-5, 1e-7)
    ]
    values = [float(one.free_energy) for one in found]
    errors = [one.free_energy.attrs["estimated_error"] for one in found]
    assert abs(values[0] - values[2]) <= errors[0] < 1e-2
    assert abs(values[1] - values[2]) <= errors[1] < 1e-4
