"""Arguments of GENEUS configurations as parameters: a value of arg1 is the configuration with it in its text."""

import re

import numpy as np
import pytest
from geneus_texts import RESERVOIR, refused
from test_geneus_configuration import assert_same

import usadel as us
from usadel.description.geneus.convert import convert, converted_text

DERIVED = 2e-13  # derived numbers of a text are rounded to 14 digits, those that depend on a parameter are not
LAYER = "[conductor]\nlength: 0.7\n"


def between(left, right):
    return f"[superconductor]\nlength: 0.5\n{left}\n[conductor]\nlength: 0.7\n{right}\n"


DEVICES = {
    "insulators": (
        "[superconductor]\nmagnetization_a: [1,0,0]\nspinmixing_a: {1}\nmagnetization_b: [0,1,0]\nspinmixing_b: {1}"
    ),
    "arithmetic": "[conductor]\nlength: 1 + {1}^2/2\nvoltage: -{1}*2\nspinvoltage: 2-{1}\nspinaxis: [{1}, 1, -{1}/2]",
    "functions": "[ferromagnet]\nmagnetization: [sin(pi*{1})*cos(pi*z), 3*{1}, z^2 - {1}]\nrashba: abs({1})",
    "temperature": (
        "[superconductor]\ntemperature: 0.2+abs({1})/9\nphase: {1}*z\n[conductor]\ntemperature: 0.2+abs({1})/9"
    ),
    "reservoirs": (
        f"{RESERVOIR} phase: +{{1}}/2\n[conductor]\nlength: 3\nconductance_a: 0.3\n{RESERVOIR} phase: -{{1}}/2"
    ),
    "bias": "[conductor]\norder: 0\nvoltage: {1}\nspinvoltage: {1}/2\n" + LAYER + "nonequilibrium: T",
    "lengths": "[superconductor]\nlength: 1+abs({1})\nconductance_b: 0.4\n[conductor]\nlength: 2\nresistance_a: 2-{1}",
    "same lengths": between("conductance_b: 0.4", "conductance_a: 0.4+abs({1})").replace("0.7", "0.5+abs({1})"),
    "transparent": between("transparent_b: T", "transparent_a: T").replace("0.5", "1-{1}"),
    "both sides": between(
        "spinmixing_b: {1}\nmagnetization_b: [1,0,{1}]", "spinmixing_a: {1}\nmagnetization_a: [1,0,{1}]"
    ),
    "one side": between("conductance_b: 2\nspinmixing_b: {1}", "spinmixing_a: 0.41\nmagnetization_a: [1,{1},0]"),
    "polarized": between(
        "polarization_b: {1}/2\nspinmixing_b: 0.37",
        "polarization_a: {1}/2\nspinmixing_a: {1}\nmisalignment0_a: [2,{1},0]",
    ),
    "second order": LAYER + "spinmixing_b: 1-{1}\nsecondorder_b: 0.2\nconductance_b: 0.5\n[superconductor]\norder: 0",
    "free end": LAYER + "spinmixing_a: {1}\nsecondorder_a: {1}/3\nmisalignment0_a: [1,1,{1}]\nmagnetization_a: [0,1,0]",
    "to a reservoir": (
        LAYER + "polarization_b: {1}/3\nspinmixing_b: {1}\nmisalignment0_b: [0,1,{1}]\n[conductor]\norder: 0"
    ),
    "half-metal": between("", "").replace("[conductor]", "[halfmetal]\npolarization: {1}/2"),
}


def substituted(text, value):
    """As the program does it: in the text, and in parentheses after a sign."""
    return re.sub(r"\{1\}", f"({value})" if value[0] in "+-" else value, text) + "\n"


def same_network(one, other):
    assert len(one.layers) == len(other.layers) and len(one.terminations) == len(other.terminations)
    for ours, theirs in zip(one.layers, other.layers, strict=True):
        assert_same(ours, theirs, rtol=DERIVED)
    for ours, theirs in zip(one.interfaces(), other.interfaces(), strict=True):
        assert_same(ours[1], theirs[1], rtol=DERIVED)
    for ours, theirs in zip(one.terminations, other.terminations, strict=True):
        assert (ours.reservoir is None) == (theirs.reservoir is None)
        if ours.reservoir is not None:
            assert_same(ours.reservoir, theirs.reservoir, rtol=DERIVED)


@pytest.mark.parametrize("first", ["0.3", "-0.25", 0.6])
@pytest.mark.parametrize("name", DEVICES)
def test_a_value_of_the_parameter_is_the_configuration_with_it(name, first):
    text = DEVICES[name]
    device = us.from_geneus(text + "\n", first)
    assert set(device.parameters) == {"arg1"} and not convert(text + "\n", [first]).notes[1:]
    same_network(device.network(), us.from_geneus(substituted(text, str(first))).network())
    for value in ("0.45", "-0.15"):
        same_network(
            device.replace({"arg1": float(value)}).network(), us.from_geneus(substituted(text, value)).network()
        )
    assert us.Stack.from_toml(device.to_toml()) == device
    assert us.Stack.from_toml(converted_text(text + "\n", [first])[0]).parameters == device.parameters


@pytest.mark.parametrize("name", ["insulators", "one side", "polarized", "free end", "to a reservoir", "half-metal"])
def test_what_vanishes_at_first_is_there_for_other_values(name):
    """Spin mixing that begins at zero does not make vacuum or a tunnel barrier of its interface."""
    device = us.from_geneus(DEVICES[name] + "\n", "0")
    same_network(device.replace({"arg1": 0.4}).network(), us.from_geneus(substituted(DEVICES[name], "0.4")).network())


def test_several_arguments_and_titles():
    text = "# L = {2}, mixing {1} of {3}\n[superconductor]\nlength: {2}\nspinmixing_a: {1}*{2}\ngap: 1-{2}/9\n"
    device = us.from_geneus(text, "0.5", 2)
    assert device.title == "L = 2, mixing 0.5 of {3}"
    assert device.parameters == {"arg1": 0.5, "arg2": 2.0} and device.get("length") == "arg2"
    moved = device.replace({"arg2": 3, "arg1": 0.2})
    assert moved.title == "L = 3, mixing 0.2 of {3}"
    assert moved.network().layers[0].length == 3 and moved.value("spin_mixing") == pytest.approx(0.6)
    assert us.from_geneus("# with {1}\n[conductor]\nlength: 2\n", "words").title == "with words"
    assert us.from_geneus("[conductor]\nlength: {1}\n", "pi/4").parameters == {"arg1": "pi/4"}
    junction = us.from_geneus(DEVICES["reservoirs"] + "\n", "pi/8")
    assert junction.parameters == {"arg1": "pi/8"} and junction.get("stack.0.phase") == "pi*(+arg1/2)"
    assert us.from_geneus("[conductor]\nlength: {1}\n", "1.5d0").parameters == {"arg1": 1.5}


@pytest.mark.parametrize(
    ("text", "argument", "note"),
    [
        ("[conductor]\nvoltage: 1{1}", "5", "not an operand"),
        ("[conductor]\nvoltage: 0.{1}\nlength: {1}", "5", "not an operand"),
        ("[conductor]\nvoltage: {1}e-1", "5", "not an operand"),
        ("[conductor]\nvoltage: 1 - {1}/2", "3+1", "not an operand"),
        ("[conductor]\nvoltage: 2*{1}", "1-2", "not an operand"),
        ("[conductor]\nvoltage: 1\n[conductor]\norder: {1}", "0", "shape of the device"),
        ("[conductor]\nvoltage_{1}: 1", "5", None),
        ("[{1}]\nlength: 2", "conductor", ""),
        ("[superconductor]\nselfconsistent: {1}", "F", ""),
        ("[ferromagnet]\nmagnetization: {1}", "[1,0,0]", ""),
        ("[ferromagnet]\nmagnetization: [{1}]", "1,0,0", ""),
        ("[ferromagnet]\nmagnetization: [{1},0,0]", "sin(pi*z)", ""),
        ("[conductor]\n{1}: 2", "length", ""),
        ("[conductor]\niteration: {1}", "3", "unnecessary"),
        (between("polarization_b: {1}", "polarization_a: 0.3"), "0.3", "polarizations on both sides"),
        (between("polarization_b: 0.3\nmagnetization_b: [0,1,{1}]", "polarization_a: 0.3\nmagnetization_a: [0,1,1]"),
         "1", "magnetizations of an interface agree only for this value"),
        (between("secondorder_b: {1}\nspinmixing_b: 1", "secondorder_a: 0.2\nspinmixing_a: 1"), "0.2", "transmissions"),
        ("[superconductor]\norder: 0\nvoltage: {1}\n" + LAYER, "0", "can only be 0"),
        (LAYER + "spinmixing_a: 1\nmagnetization_a: [1,0,0]\nmisalignment0_a: [0,0,{1}]", "0", "vanishes for this"),
    ],
)  # fmt: skip
def test_what_is_no_parameter_stays_text(text, argument, note):
    """The device is that of the text, without parameters; of a number it is said why."""
    if note is None:
        assert "unknown key 'voltage_5'" in refused(text, argument)
        return
    found = convert(text + "\n", [argument])
    assert not found.device.parameters
    same_network(found.device.network(), us.from_geneus(substituted(text, argument)).network())
    assert any(note in line for line in found.notes) if note else not found.notes


def test_a_title_follows_its_parameters():
    head = 'title = "L = {size}, of {nothing}"\n[parameters]\nsize = 2\n'
    text = head + '[[stack]]\nkind = "superconductor"\nlength = "size"\n'
    device = us.Stack.from_toml(text)
    assert device.title == "L = 2, of {nothing}" and device.replace({"size": 0.5}).title == "L = 0.5, of {nothing}"
    assert 'title = "L = {size}, of {nothing}"' in device.to_toml() and us.Stack.from_toml(device.to_toml()) == device
    assert device.replace({"title": "none"}).replace({"size": 3}).title == "none"
    assert "L = 0.5, of" in device.replace({"size": 0.5}).sketch()


def test_a_value_beyond_the_range_is_one_line():
    device = us.from_geneus("[conductor]\nlength: 1-{1}\n", "0.5")
    with pytest.raises(us.InputError, match=r"stack.0.length .*> 0.*which is -1"):
        device.replace({"arg1": 2})
    assert "line 2: length" in refused("[conductor]\nlength: 1-{1}", "2")


def test_values_of_a_loop_are_those_of_one_device():
    """The loop over {1} of GENEUS users, and one device with a parameter: gap and currents agree."""
    text = DEVICES["reservoirs"] + "\n"
    device = us.from_geneus(text, "0.5").replace({"tolerance": 1e-4})
    for value in ("0.25", "0.8"):
        one = us.solve(us.from_geneus(substituted(text, value)).replace({"tolerance": 1e-4}))
        other = us.solve(device.replace({"arg1": float(value)}))
        np.testing.assert_allclose(one.data.charge_current, other.data.charge_current, atol=1e-12)
