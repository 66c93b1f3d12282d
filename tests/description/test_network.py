"""Who is whose neighbour, with every value in force."""

import math
from itertools import chain

import numpy as np
import pytest

import usadel.description as us
from usadel.description import LayerEnd
from usadel.description.device.resolved import Pairing
from usadel.description.values.profiles import NO_FIELD, Constant

L, R = "left", "right"


def ends_of(network):
    """Every end that occurs anywhere in a network."""
    found = [termination.end for termination in network.terminations]
    found += chain.from_iterable((contact.left, contact.right) for contact in network.contacts)
    found += [end for junction in network.junctions for end, _ in junction.ends]
    return found


def assert_complete(network):
    """Each end of each layer occurs exactly once."""
    expected = {LayerEnd(i, side) for i in range(len(network.layers)) for side in (L, R)}
    found = ends_of(network)
    assert set(found) == expected and len(found) == len(expected)


def test_fi_s_fi():
    device = us.Stack(
        [
            us.FerromagneticInsulator(spin_mixing="2*g", magnetization=[2, 0, 0]),
            us.Superconductor(name="S", length="1.5", spin_axis=[0, 3, 4], spin_voltage=0.25),
            us.FerromagneticInsulator(spin_mixing=0.6, magnetization=["cos(pi*a)", "sin(pi*a)", 0]),
        ],
        temperature=0.1,
        inelastic="g/100",
        parameters={"a": 0.25, "g": 0.3},
    )
    network = device.network()
    assert_complete(network)
    (layer,) = network.layers
    assert layer.exchange == NO_FIELD and layer.spins is None and network.layer_names == ("S",)
    assert (layer.length, layer.temperature, layer.inelastic) == (1.5, 0.1, pytest.approx(0.003))
    assert layer.spin_axis == pytest.approx((0, 0.6, 0.8))
    assert layer.pairing == Pairing(None, Constant(0.0), True) and layer.self_consistent
    left, right = network.terminations
    assert (left.end, right.end) == (LayerEnd(0, L), LayerEnd(0, R))
    assert left.reservoir is None and left.interface.kind == "ferromagnetic_insulator"
    assert (left.interface.spin_mixing, left.interface.magnetization) == (0.6, (1, 0, 0))
    assert right.interface.magnetization == pytest.approx((math.sqrt(0.5), math.sqrt(0.5), 0))
    assert left.interface.reference == right.interface.reference == 0
    assert [label for label, *_ in network.interfaces()] == ["S left", "S right"]


def test_chain_of_everything():
    device = us.Stack(
        [
            us.SuperconductingReservoir(phase=1, temperature=0.2),
            us.Tunnel(conductance=0.3),
            us.NormalMetal(name="N", length=1),
            us.Superconductor(length=2, inelastic=0.5),
            us.Tunnel(name="barrier", conductance=0.1, relative_to="right"),
            us.Ferromagnet(name="F", length=1, exchange_field=[0, 0, 1]),
        ]
    )
    network = device.network()
    assert_complete(network)
    assert network.layer_names == ("N", "superconductor 3", "F")
    first, last = network.terminations
    assert first.pairing.phase == 1 and first.reservoir.temperature == 0.2
    assert first.reservoir.inelastic == 0.01
    assert (first.interface.kind, first.interface.reference) == ("tunnel", 0)
    assert (last.end, last.interface.kind, last.reservoir) == (LayerEnd(2, R), "vacuum", None)
    (contact,) = network.contacts
    assert (contact.left, contact.right) == (LayerEnd(1, R), LayerEnd(2, L))
    assert contact.interface.reference == 2
    (junction,) = network.junctions
    assert [end for end, _ in junction.ends] == [LayerEnd(0, R), LayerEnd(1, L)]
    assert all(law.kind == "transparent" for _, law in junction.ends)
    labels = [label for label, *_ in network.interfaces()]
    assert labels == ["N left", "N|superconductor 3", "barrier", "F right"]
    assert [layer.inelastic for layer in network.layers] == [0.01, 0.5, 0.01]


@pytest.mark.parametrize(("side", "index"), [("left", 0), ("right", 1)])
def test_relative_to(side, index):
    tunnel = us.Tunnel(conductance=1, relative_to=side)
    device = us.Stack([us.NormalMetal(length=1), tunnel, us.NormalMetal(length=2)])
    assert device.network().contacts[0].interface.reference == index


def test_explicit_and_implied_neighbours_are_the_same():
    layers = us.NormalMetal(length=1), us.NormalMetal(name="B", length=2)
    explicit = us.Stack([us.Vacuum(), layers[0], us.Transparent(), layers[1], us.Transparent(), us.NormalReservoir()])
    implied = us.Stack([layers[0], layers[1], us.NormalReservoir()]).network()
    network = explicit.network()
    assert_complete(network)
    for one, other in zip(network.terminations, implied.terminations, strict=True):
        assert (one.end, one.interface.kind, one.reservoir) == (
            other.end,
            other.interface.kind,
            other.reservoir,
        )
    assert [end for end, _ in network.junctions[0].ends] == [end for end, _ in implied.junctions[0].ends]


def test_profiles():
    device = us.Stack(
        [
            us.Ferromagnet(length=1, exchange_field=["h*cos(pi*z)", "h*sin(pi*z)", 2]),
            us.Superconductor(length=1, gap="1-z/2", phase="phi*z", self_consistent=False),
        ],
        parameters={"h": -3, "phi": "pi/2"},
    )
    magnet, superconductor = device.network().layers
    z = np.linspace(0, 1, 5)
    expected = [-3 * np.cos(np.pi * z), -3 * np.sin(np.pi * z), np.full(5, 2.0)]
    np.testing.assert_allclose(magnet.exchange.at(z), expected, atol=1e-15)
    np.testing.assert_allclose(superconductor.pairing.gap.at(z), 1 - z / 2)
    np.testing.assert_allclose(superconductor.pairing.phase.at(z), np.pi / 2 * z)
    assert superconductor.exchange.at(z).shape == (3, 5)
    assert Constant(1.0).at(z).tolist() == [1.0] * 5


def test_profile_longer_than_an_input_may_be():
    text = "+".join(["parameter*z"] * 80)
    device = us.Stack([us.Superconductor(length=1, gap=text)], parameters={"parameter": 1 / 3})
    np.testing.assert_allclose(device.network().layers[0].pairing.gap.at([0.5]), 80 / 6)


def y_device(**law):
    arm = us.NormalMetal(length=1)
    tunnel = [us.Tunnel(conductance=0.2)]
    return us.Device(
        [
            us.Wire([*tunnel, arm], start="A", end="J"),
            us.Wire([us.NormalMetal(name="B2", length=2)], start="J", end="B"),
            us.Wire([*tunnel, us.Superconductor(length=3), us.FerromagneticInsulator(**FI)], start="J"),
        ],
        {"A": us.SuperconductingReservoir(phase="p"), "B": us.NormalReservoir(), "J": us.Junction()},
        parameters={"p": 0.5},
    )


FI = {"spin_mixing": 0.5, "magnetization": [0, 0, 2]}


def test_y_device():
    network = y_device().network()
    assert_complete(network)
    assert network.layer_names == ("normal_metal 0.1", "B2", "superconductor 2.1")
    (junction,) = network.junctions
    assert junction.name == "J"
    laws = [(end, law.kind, law.reference) for end, law in junction.ends]
    assert laws == [
        (LayerEnd(0, R), "transparent", None),
        (LayerEnd(1, L), "transparent", None),
        (LayerEnd(2, L), "tunnel", 2),
    ]
    by_end = {termination.end: termination for termination in network.terminations}
    assert by_end[LayerEnd(0, L)].pairing.phase == 0.5 and by_end[LayerEnd(0, L)].name == "A"
    assert by_end[LayerEnd(0, L)].interface.reference == 0
    assert by_end[LayerEnd(1, R)].interface.kind == "transparent"
    assert by_end[LayerEnd(2, R)].interface.magnetization == (0, 0, 1)
    labels = [label for label, *_ in network.interfaces()]
    expected = [
        "normal_metal 0.1 left",
        "J",
        "B2 right",
        "superconductor 2.1 left",
        "superconductor 2.1 right",
    ]
    assert labels == expected


def test_ring_of_two_wires():
    arms = [us.Wire([us.NormalMetal(length=1 + i)], start="P", end="Q") for i in range(2)]
    leads = [
        us.Wire([us.NormalMetal(length=0.5)], start="S1", end="P"),
        us.Wire([us.NormalMetal(length=0.5)], start="Q", end="S1"),
    ]
    nodes = {"P": us.Junction(), "Q": us.Junction(), "S1": us.SuperconductingReservoir()}
    network = us.Device(arms + leads, nodes).network()
    assert_complete(network)
    ends = {junction.name: [end for end, _ in junction.ends] for junction in network.junctions}
    assert ends["P"] == [LayerEnd(0, L), LayerEnd(1, L), LayerEnd(2, R)]
    assert ends["Q"] == [LayerEnd(0, R), LayerEnd(1, R), LayerEnd(3, L)]
    assert {termination.name for termination in network.terminations} == {"S1"}
    assert len(network.terminations) == 2


def test_loop_back_to_the_same_junction():
    loop = us.Wire([us.NormalMetal(length=3)], start="J", end="J")
    network = us.Device([loop], {"J": us.Junction()}).network()
    assert_complete(network)


def test_energies():
    layer = us.NormalMetal(length=1)
    assert us.Stack([layer]).energies() == us.EnergyRequest(-3.0, 3.0, None)
    grid = us.Stack([layer], output={"energies": ["-a", "a", 5]}, parameters={"a": 2}).energies()
    assert grid == us.EnergyRequest(-2.0, 2.0, (-2.0, -1.0, 0.0, 1.0, 2.0))
    listed = us.Stack([layer], output=us.Output(energies=[0, 0.1, 1, 2]))
    assert listed.energies().points == (0.0, 0.1, 1.0, 2.0)
