"""Interfaces of GENEUS configurations, which two layers describe from two sides."""

import math
import re

import pytest
from geneus_texts import RESERVOIR, device, layer, refused

from usadel.description.device.resolved import HalfMetalSpins
from usadel.description.geneus.convert import convert
from usadel.description.values.profiles import Constant


def interface(text, *arguments):
    """The interface right of the first layer."""
    network = device(text, *arguments).network()
    return network.contacts[0].interface if network.contacts else network.terminations[-1].interface


def test_without_neighbour_spin_mixing_is_relative_to_the_layer():
    found = interface("[conductor]\nspinmixing_b: 0.6\nmagnetization_b: [0,3,4]")
    assert (found.kind, found.spin_mixing) == ("ferromagnetic_insulator", 0.6)
    assert found.magnetization == (0, 0.6, 0.8)
    assert interface("[conductor]\nspinmixing_b: 0.6").magnetization == (0, 0, 1)
    assert interface("[conductor]").kind == "vacuum"


def test_with_a_neighbour_spin_mixing_is_relative_to_the_interface():
    text = "[conductor]\nconductance_b: 0.8\nspinmixing_b: 0.5\npolarization_b: 0.6\nmagnetization_b: [1,0,0]\n"
    found = interface(text + RESERVOIR)
    assert (found.kind, found.conductance, found.polarization) == ("spin_active", 0.8, 0.6)
    assert found.spin_mixing == pytest.approx(0.4) and found.magnetization == (1, 0, 0)


def test_conductance_is_one_unless_written():
    assert interface("[conductor]\n" + RESERVOIR).conductance == 1
    assert interface("[conductor]\nresistance_b: 4\n" + RESERVOIR).conductance == 0.25


def test_transparent_contact_with_a_reservoir():
    assert interface("[conductor]\ntransparent_b: T\n" + RESERVOIR).kind == "transparent"


def test_reservoirs_keep_the_gap_of_zero_temperature():
    reservoir = device("[conductor]\n[superconductor]\norder: 0\ntemperature: 0.9").network().terminations[1].reservoir
    assert (reservoir.pairing.gap, reservoir.temperature) == (1, 0.9)
    rigid = layer("[superconductor]\nselfconsistent: F\ntemperature: 0.9")
    assert (rigid.pairing.gap, rigid.self_consistent) == (Constant(1), False)


def test_a_normal_reservoir():
    network = device("[conductor]\norder: 0\n[superconductor]").network()
    assert network.terminations[0].reservoir.takes_voltage and network.terminations[0].pairing is None


def test_a_conductor_with_a_gap_is_a_superconducting_reservoir():
    network = device("[conductor]\norder: 0\ngap: 0.5\nphase: 1\n[superconductor]").network()
    reservoir = network.terminations[0].reservoir
    assert (reservoir.pairing.gap, reservoir.pairing.phase) == (0.5, pytest.approx(math.pi))


def test_two_conductance_ratios_give_the_conductivities():
    """Both ratios hold: G_T = c_b σ1/L1 = c_a σ2/L2, at each of the two interfaces."""
    text = """
    [superconductor]
      length: 2
      conductance_b: 0.3
    [conductor]
      length: 0.7
      conductance_a: 0.9
      conductance_b: 1.1
    [ferromagnet]
      length: 1.3
      conductance_a: 0.2
    """
    network = device(text).network()
    conductances = [one.conductivity / one.length for one in network.layers]
    for contact, theirs, other in zip(network.contacts, (0.3, 1.1), (0.9, 0.2), strict=True):
        left = conductances[contact.left.layer]
        transmission = contact.interface.conductance * conductances[contact.interface.reference]
        assert transmission == pytest.approx(theirs * left, rel=1e-12)
        assert transmission == pytest.approx(other * conductances[contact.right.layer], rel=1e-12)
    assert all(one.diffusion == 1 for one in network.layers)


def test_spin_mixing_between_layers_is_one_of_each_side():
    text = """
    [superconductor]
      conductance_b: 0.5
      spinmixing_b: 0.6
      magnetization_b: [1,0,0]
    [conductor]
      conductance_a: 2.0
      spinmixing_a: -0.2
      magnetization_a: [0,1,0]
    """
    found = interface(text)
    (left, here), (right, there) = found.reflection("left"), found.reflection("right")
    assert (left, right) == (pytest.approx(0.3), pytest.approx(-0.1))  # times 0.5 G_N of the superconductor
    assert here == (1, 0, 0) and there == (0, 1, 0)


def test_reflection_on_the_side_of_the_layer():
    """misalignment0 is what the layer's own reflection sees: on the right of an interface at its left end."""
    magnet = "polarization_{0}: 0.5\nspinmixing_{0}: 1\nmagnetization_{0}: [1,0,0]\nmisalignment0_{0}: [0,1,0]\n"
    left = device(RESERVOIR + "[conductor]\n" + magnet.format("a")).network().terminations[0].interface
    assert (left.reflection("right"), left.magnetization) == ((1, (0, 1, 0)), (1, 0, 0))
    right = interface("[conductor]\n" + magnet.format("b") + RESERVOIR)
    assert (right.reflection("left"), right.magnetization) == ((1, (0, 1, 0)), (1, 0, 0))


def test_second_order_becomes_the_transmission():
    """Their ϑ, ours t = ϑ G_T/G_φ; the reflection there has its own direction."""
    text = "[conductor]\nconductance_b: 2\nspinmixing_b: 0.5\nsecondorder_b: 0.1\nmagnetization_b: [1,0,0]\n"
    found = interface(text + "misalignment1_b: [0,1,0]\n" + RESERVOIR)
    assert found.second_order == pytest.approx(0.2) and found.spin_mixing == pytest.approx(1)
    assert found.reflection("right")[1] == (0, 1, 0) and found.reflection("left")[1] == (1, 0, 0)
    insulator = interface("[conductor]\nspinmixing_b: 0.5\nsecondorder_b: 0.1")
    assert (insulator.spin_mixing, insulator.second_order) == (0.5, 0.1)
    assert any("do not conserve charge" in note for note in convert(text + RESERVOIR).notes)


def test_half_metals_polarize_their_interfaces():
    text = "[halfmetal]\npolarization: 0.9\nconductance_b: 0.3\nspinmixing_b: 0.5\nmisalignment0_b: [1,0,0]\n"
    network = device(text + RESERVOIR).network()
    assert network.layers[0].spins == HalfMetalSpins(0.9, (0, 0, 1))
    found = network.terminations[1].interface
    assert (found.polarization, found.magnetization) == (0.9, (0, 0, 1))
    assert found.reflection("left") == (pytest.approx(0.15), (1, 0, 0))


def test_a_half_metal_polarizes_both_sides():
    """Its neighbour may leave out the polarization, or say the same; its own reflection keeps its direction."""
    magnet = "conductance_b: 0.5\nspinmixing_b: 2\nmagnetization_b: [1,0,0]\n"
    half_metal = "[halfmetal]\npolarization: 0.9\nconductance_a: 0.5\n"
    text = "[superconductor]\n" + magnet + half_metal
    found = interface(text)
    assert (found.polarization, found.magnetization) == (0.9, (0, 0, 1))
    assert found.reflection("left") == (pytest.approx(1), (1, 0, 0)) and found.reflection("right")[0] == 0
    assert any(note.startswith("polarization (line 6): GENEUS has") for note in convert(text).notes)
    plain = interface("[superconductor]\nconductance_b: 0.5\npolarization_b: 0.9\n" + half_metal)
    assert (plain.polarization, plain.magnetization) == (0.9, (0, 0, 1))
    assert "differs" in refused("[superconductor]\npolarization_b: 0.5\n" + half_metal)


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ("polarization_b: 0.5", "", "line 2: polarization_b: differs.*0.5 in .superconductor.*0 in .conductor"),
        ("", "polarization_a: 0.5", "line 4: polarization_a: differs"),
        (
            "polarization_b: 0.5",
            "polarization_a: 0.5\nmagnetization_a: [1,0,0]",
            "line 5: magnetization_a: differs.*0, 0, 1.*1, 0, 0",
        ),
        ("transparent_b: T", "", "line 2: transparent_b: needs transparent_a of .conductor"),
        ("conductance_b: 0", "", "line 2: conductance_b: must be a number > 0"),
        ("", "resistance_a: 0", "line 4: resistance_a: must be a number > 0"),
        ("", "conductance_a: 1\nresistance_a: 1", "line 5: resistance_a: says the same as conductance_a in line 4"),
        ("conductance_b: z", "", "line 2: conductance_b: .*name 'z'"),
        ("spinmixing_b: 1\nsecondorder_b: 0.1", "", "line 3: secondorder_b: differs"),
        ("secondorder_b: 0.1", "", "line 2: secondorder_b: needs spinmixing_b"),
        ("spinmixing_b: 1\nmagnetization_b: [0,0,0]", "", "line 3: magnetization_b: must not be zero"),
        ("secondorder_a: 0.1", "", "line 2: secondorder_a: needs spinmixing_a"),
        ("transparent_a: T", "", "line 2: transparent_a: has no neighbour"),
        ("", "polarization_a: 1\npolarization_b: 3", "line 4: polarization_a: differs"),
    ],
)
def test_interfaces_that_cannot_be_represented(one, other, message):
    text = f"[superconductor]\n{one or '#'}\n[conductor]\n{other or '#'}"
    assert re.search(message, refused(text)), refused(text)


def test_transparent_layers_have_equal_conductivity():
    text = "[superconductor]\nlength: 2\ntransparent_b: T\n[conductor]\nlength: 0.5\ntransparent_a: T"
    network = device(text).network()
    assert [one.conductivity for one in network.layers] == [1, 1]
    assert len(network.junctions) == 1 and not network.contacts
    assert any("conserved" in note for note in convert(text + "\n").notes)
