"""Devices whose distribution functions are solved for: equilibrium, conservation, and what is refused."""

import numpy as np
import pytest
from random_materials import random_materials

import usadel as us
from usadel.discretization.choice import make_grids
from usadel.equations.kinetic.distributions import reference
from usadel.equations.kinetic.numbers import KineticNumbers
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import equilibrium
from usadel.states.problem import Problem

SOLVED = {"nonequilibrium": True}
TEMPERATURE = 0.4
ENERGIES = np.array([0.05, 0.3, 0.7, 0.95, 1.02, 1.3, 2.5, 4.0])
FIELD = ["3*cos(z)", "3*sin(z)", 1]


def rigid(**keys):
    return us.Superconductor(self_consistent=False, **SOLVED, **keys)


def magnet():
    return us.FerromagneticInsulator(spin_mixing=0.7, magnetization=[1, 1, 0], second_order=0.1)


def chain(left, right):
    """Phase difference, winding field, phase gradient, contacts of every kind."""
    barrier = us.SpinActive(
        conductance=1.0, polarization=0.5, spin_mixing_left=0.4, spin_mixing_right=-0.3, magnetization=[0, 0, 1],
        magnetization_left=[1, 0, 0], second_order=0.1, relative_to="left",
    )  # fmt: skip
    return us.Stack(
        [
            left,
            us.Ferromagnet(length=1.0, exchange_field=FIELD, nanowire=0.4, rashba=0.3, spin_orbit=0.05, **SOLVED),
            barrier,
            rigid(length=1.2, phase="-0.5*z", spin_flip=0.03, depairing=0.1),
            us.NormalMetal(length=0.7, conductivity=0.6, dresselhaus=0.5, **SOLVED),
            *right,
        ],
        temperature=TEMPERATURE,
    )


def star(end):
    """Three wires at a junction, one of them behind a spin-active barrier."""
    barrier = us.SpinActive(conductance=2.0, polarization=0.4, spin_mixing=0.5, magnetization=[0, 1, 1])
    wires = [
        us.Wire([us.NormalMetal(length=1.0, **SOLVED), barrier], start="a", end="j"),
        us.Wire([us.Ferromagnet(length=0.8, exchange_field=[0, 2, 0], **SOLVED)], start="b", end="j"),
        us.Wire([rigid(length=1.4), magnet()], start="j"),
    ]
    nodes = {"j": us.Junction(), "a": us.SuperconductingReservoir(phase=1.0), "b": end}
    return us.Device(wires, nodes, temperature=TEMPERATURE)


def behind_magnets():
    """A half-metal between spin-active contacts of second order."""
    contact = us.SpinActive(
        conductance=1.0, polarization=0.5, spin_mixing_left=0.8, spin_mixing_right=-0.3, magnetization=[0, 1, 1],
        magnetization_left=[1, 0, 0], second_order=0.1, relative_to="left",
    )  # fmt: skip
    half = us.HalfMetal(length=0.9, polarization=0.7, magnetization=[0, 1, 1], depairing=0.2, inelastic=0.1, **SOLVED)
    behind = [contact, half, contact, rigid(length=1.0, phase=1.0), magnet()]
    return chain(us.SuperconductingReservoir(phase=0.4), behind)


EQUILIBRIA = {
    "half-metal": behind_magnets(),
    "chain": chain(us.SuperconductingReservoir(phase=0.4), [magnet()]),
    "two reservoirs": chain(us.SuperconductingReservoir(phase=0.4), [us.Tunnel(conductance=2.0), us.NormalReservoir()]),
    "star": star(us.SuperconductingReservoir()),
}


def deviation(device, nodes, temperature):
    """Largest |h - tanh(E/2T)| of all modes, solved from another reference temperature."""
    network = device.network()
    problem = Problem(equilibrium(network), make_grids(network, [nodes] * len(network.layers)))
    kinetics = Kinetics(network, problem, problem.initial_gap(), 1e-9)
    kinetics.__dict__["system"] = KineticNumbers(problem.system, problem.system.rows, temperature)
    h = kinetics.distribution(ENERGIES)
    return np.abs(h - reference(TEMPERATURE, ENERGIES)[:, None]).max()


@pytest.mark.parametrize("name", EQUILIBRIA)
def test_equilibrium_is_found_from_any_reference(name):
    """h0 = tanh and seven modes that vanish, although δh does not: M, Q, R and the laws fit the spectral equation."""
    device = EQUILIBRIA[name]
    coarse, fine = (deviation(device, nodes, 0.1) for nodes in (33, 65))
    assert fine < 2e-7
    assert coarse < 1e-6
    assert coarse > 6 * fine


@pytest.mark.parametrize("name", EQUILIBRIA)
def test_equilibrium_is_exact(name):
    assert deviation(EQUILIBRIA[name], 17, TEMPERATURE) == 0.0


def unknown(device):
    """A device with all its distributions unknown and all its gaps given."""
    elements = []
    for element in device.elements:
        changed = {"nonequilibrium": True} if hasattr(element, "nonequilibrium") else {}
        changed |= {"self_consistent": False} if hasattr(element, "self_consistent") else {}
        elements.append(element.model_copy(update=changed))
    return us.Stack(elements, temperature=TEMPERATURE, inelastic=0.01)


@pytest.mark.parametrize("seed", [1, 2, 3, 5, 8, 9, 11])
def test_random_devices_in_equilibrium(seed):
    """Every material, term and law, misaligned: exact, and from another reference found to the accuracy of the grid.

    On the finer one rounding of the slopes of states takes over.
    """
    device = unknown(random_materials(seed))
    assert deviation(device, 17, TEMPERATURE) == 0.0
    coarse, fine = (deviation(device, nodes, 0.1) for nodes in (33, 129))
    assert fine < 5e-9
    assert coarse > 10 * fine


def test_currents_into_a_junction_sum_to_zero():
    device = star(us.NormalReservoir(voltage=0.4, spin_voltage=0.3, spin_axis=[1, 0, 1], temperature=0.6))
    result = us.solve(device.replace({"tolerance": 1e-5}))
    data, energy = result.data, result.data.energy_current.values
    ends = {k: np.flatnonzero(data.layer.values == k)[[0, -1]] for k in range(3)}
    assert np.abs(energy).max() > 0.01
    assert abs(energy[ends[0][1]] + energy[ends[1][1]] - energy[ends[2][0]]) < 1e-9
    charge = data.charge_current.values
    assert np.abs(charge).max() > 0.01
    assert abs(charge[ends[0][1]] + charge[ends[1][1]] - charge[ends[2][0]]) < 1e-9
    for k in range(3):
        assert np.ptp(energy[data.layer.values == k]) < 1e-9
    assert result.error < 1e-5


def test_error_estimate():
    """A biased ferromagnet behind a superconductor, against the same at a fiftieth of the tolerance."""
    end = us.NormalReservoir(voltage=0.4, spin_voltage=0.3, spin_axis=[1, 0, 1], temperature=0.6)
    device = us.Stack(
        [
            us.SuperconductingReservoir(phase=0.4),
            us.Tunnel(conductance=1.5),
            us.Ferromagnet(length=1.0, exchange_field=FIELD, **SOLVED),
            us.Tunnel(conductance=0.5),
            end,
        ],
        temperature=0.1,
    )
    rough, fine = (us.solve(device.replace({"tolerance": t})) for t in (1e-5, 2e-7))
    names = [f"{mode}_current" for mode in ("charge", "spin", "energy", "spin_energy")]
    for name in names:
        difference = abs(rough.data[name][..., 0] - fine.data[name][..., 0])
        assert difference.max() < rough.error
    assert rough.error < 1e-5


def test_an_imposed_layer_next_to_a_solved_one():
    """Its distribution counts once: ∫(f - f₀)dE = V; a voltage divider beyond."""
    barrier = us.Tunnel(conductance=1.0, relative_to="left")
    layers = [us.NormalMetal(length=1, voltage=0.3), barrier, us.NormalMetal(length=1, **SOLVED)]
    data = us.solve(us.Stack([*layers, us.NormalReservoir()], temperature=0.1, tolerance=1e-7)).data
    imposed, solved = (data.layer.values == k for k in (0, 1))
    assert data.charge_accumulation.values[imposed] == pytest.approx(0.3, abs=1e-7)
    assert data.charge_current.values[solved] == pytest.approx(0.15, abs=1e-7)


def test_what_is_refused():
    n = us.NormalReservoir
    cases = {
        "voltage": [n(), us.NormalMetal(length=1, voltage=0.1, **SOLVED)],
        "reservoir": [us.NormalMetal(length=1, **SOLVED)],
    }
    for word, elements in cases.items():
        with pytest.raises(us.InputError, match=word):
            us.solve(us.Stack(elements))
    with pytest.raises(us.InputError, match="spin_temperature"):
        us.Stack([n(spin_temperature=0.3, temperature=0.2), us.NormalMetal(length=1)]).network()
    with pytest.raises(us.InputError, match="voltage"):
        us.SuperconductingReservoir(voltage=0.1)
