"""GENEUS configurations become the devices they describe, or one line that says why not."""

import math
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from geneus_texts import RESERVOIR, device, layer, refused
from hypothesis import given, settings
from hypothesis import strategies as st

import usadel as us
from usadel.description.geneus.convert import INTERFACE, KINETIC, LAYERS, SCALARS, STEERING, convert, converted_text
from usadel.description.geneus.file import Entry
from usadel.description.values.profiles import NO_FIELD, Constant

REFERENCE = Path(__file__).parents[1] / "reference"


# ---------------------------------------------------------------- the same device as written by hand in TOML


@pytest.mark.parametrize("case", sorted(path.stem for path in (REFERENCE / "devices").glob("*.toml")))
def test_configurations_of_the_reference_data_are_the_devices_written_by_hand(case):
    with xr.open_dataset(REFERENCE / "geneus" / f"{case}.nc", engine="h5netcdf") as data:
        configuration, arguments = data.attrs["configuration"], data.attrs["arguments"].split()
    ours = us.from_geneus(configuration, *arguments).network()
    theirs = us.Stack.from_toml(REFERENCE / "devices" / f"{case}.toml").network()
    assert len(ours.layers) == len(theirs.layers) == 1
    assert_same(ours.layers[0], theirs.layers[0])
    assert len(ours.terminations) == len(theirs.terminations) == 2
    for one, other in zip(ours.terminations, theirs.terminations, strict=True):
        assert one.end == other.end
        assert_same(one.interface, other.interface)
        assert (one.reservoir is None) == (other.reservoir is None)
        if one.reservoir is not None:
            assert_same(one.reservoir, other.reservoir)


def assert_same(one, other, what="", rtol=1e-14):
    """Two resolved values are the same, profiles compared by their values; what they are called does not count."""
    if hasattr(one, "at"):
        np.testing.assert_allclose(one.at(Z), other.at(Z), rtol=rtol, atol=rtol, err_msg=what)
    elif is_dataclass(one):
        assert type(one) is type(other)
        for field in fields(one):
            if field.name not in ("label", "place"):
                assert_same(getattr(one, field.name), getattr(other, field.name), field.name, rtol)
    elif isinstance(one, (float, tuple)):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol, err_msg=what)
    else:
        assert one == other, what


Z = np.linspace(0, 1, 7)


def test_a_device_reads_back_from_its_toml(every_key):
    found = device(every_key, "0.3")
    assert us.Stack.from_toml(found.to_toml()) == found
    text, notes = converted_text(every_key, ["0.3"])
    assert us.Stack.from_toml(text) == found
    assert text.startswith("# Converted from")
    assert len(notes) == 1 and notes[0] in text.replace("Unnecessary", "unnecessary")


@pytest.fixture
def every_key():
    return """
    # a trilayer with every kind of value
    [superconductor]
      length: 2
      temperature: 0.3
      scattering: 0.02
      gap: 0.9
      phase: -0.1*z
      magnetization: [0, 0.1*sin(pi*z), 0]
      spinmixing_a: -0.2
      magnetization_a: [1, 0, 1]
      conductance_b: {1}
      spinmixing_b: 0.5
      magnetization_b: [0, 1, 0]
      boost: F
    [ferromagnet]
      length: 0.5
      temperature: 0.3
      scattering: 0.02
      magnetization: [cos(pi*{1}), 0, 1 - z^2]
      rashba: 0.1
      dresselhaus: -0.2
      nanowire: 0.3
      scattering_spinflip: 0.01
      scattering_spinorbit: 0.02
      depairing: 0.03
      voltage: 0.1
      spinvoltage: 0.2
      spintemperature: 0.05
      spinaxis: [0, 0, 2]
      resistance_a: 4
      spinmixing_a: 0.25
      magnetization_a: [1, 0, 0]
      transparent_b: T
    [conductor]
      order: 0
      temperature: 0.4
    """


def test_every_key_arrives(every_key):
    network = device(every_key, "0.3").network()
    first, second = network.layers
    assert device(every_key, "0.3").title == "a trilayer with every kind of value"
    assert (first.length, first.temperature, first.inelastic, first.pairing.gap) == (2, 0.3, 0.02, Constant(0.9))
    np.testing.assert_allclose(first.pairing.phase.at([0, 1]), [0, -0.1 * math.pi])
    np.testing.assert_allclose(first.exchange.at([0.5]), [[0], [0.1], [0]])
    assert (second.rashba, second.dresselhaus, second.nanowire) == (0.1, -0.2, 0.3)
    assert (second.spin_flip, second.spin_orbit, second.depairing) == (0.01, 0.02, 0.03)
    assert (second.voltage, second.spin_voltage, second.spin_temperature) == (0.1, 0.2, 0.05)
    assert second.spin_axis == (0, 0, 1)
    np.testing.assert_allclose(second.exchange.at([0.5])[:, 0], [math.cos(0.3 * math.pi), 0, 0.75])
    left, right = network.terminations
    assert left.interface.kind == "ferromagnetic_insulator" and left.interface.spin_mixing == -0.2
    assert right.interface.kind == "transparent" and right.reservoir.temperature == 0.4
    assert right.reservoir.inelastic == 0.01  # its own default, not that of its neighbour


# ---------------------------------------------------------------- the format


def test_defaults_of_a_section():
    found = layer("[conductor]")
    assert (found.pairing, found.exchange, found.spins) == (None, None, None)
    assert (found.length, found.temperature, found.inelastic) == (1, 0.01, 0.01)
    assert layer("[superconductor]").self_consistent
    magnet = layer("[ferromagnet]")
    assert (magnet.pairing, magnet.exchange) == (None, NO_FIELD)


def test_comments_spaces_and_empty_lines_do_not_count():
    assert layer("\n # c\n [conductor] # c\n\n\n length :  1 . 5 # c: d") == layer("[conductor]\nlength:1.5")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2.0),
        ("+1.5e-1", 0.15),
        ("1.5D-1", 0.15),
        ("2d0*.5", 1.0),
        ("007.5", 7.5),
        ("2^3", 8.0),
        ("2**3", 8.0),
        ("2^(1^2)", 2.0),
        ("(2^3)^2", 64.0),
        ("3-2+1", 2.0),
        ("8/4*2", 4.0),
        ("1+-(0.5)", 0.5),
        ("4-2^2/4", 3.0),
        ("SIN(pi/2)", 1.0),
        ("log10(1000)", 3.0),
        ("log(exp(2))", 2.0),
        ("sqrt(abs(0-4))+tanh(0)+acos(1)", 2.0),
    ],
)
def test_expressions(text, value):
    assert layer(f"[conductor]\nlength: {text}").length == pytest.approx(value, rel=1e-15)


def test_a_leading_minus_binds_as_there():
    """-2^2 is -(2^2), as the parser of GENEUS has it."""
    assert layer("[conductor]\nvoltage: -2^2").voltage == -4


def test_arguments_are_text():
    assert layer("[conductor]\nlength: {2}\nvoltage: 1{1}", "5", "0.5").length == 0.5
    assert layer("[conductor]\nvoltage: 1{1}", "5").voltage == 15
    assert layer("[conductor]\nvoltage: 1 - {1}/2", "3+1").voltage == pytest.approx(1 - 3 + 0.5)


def test_arguments_with_a_sign_are_put_in_parentheses():
    assert layer("[conductor]\nvoltage: 1-{1}", "-0.5").voltage == 1.5
    assert layer("[conductor]\nvoltage: -{1}", -0.25).voltage == 0.25


def test_phases_are_in_units_of_pi():
    text = RESERVOIR + " phase: -{1}/2\n[conductor]\n" + RESERVOIR + " phase: 0.25"
    left, right = device(text, "0.5").network().terminations
    assert left.pairing.phase == pytest.approx(-math.pi / 4, rel=1e-15)
    assert right.pairing.phase == pytest.approx(math.pi / 4, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[conductor]\nlength 3", "line 2.*neither a section.*'length 3'"),
        ("[conductor]\nlength: {1}", r"line 2.*argument \{1\} is missing \(none given\)"),
        ("[conductor]\nlength: {0}", "line 2.*no argument"),
        ("[conductor]\nlength: {x}", "line 2.*no argument"),
        ("[conductor]\nlength: 1\nlength: 2", "line 3: length.*twice.*line 2"),
        ("[conductor]\nlenght: 1", "line 2: conductor: unknown key 'lenght', did you mean 'length'"),
        ("[conductor]\nmagnetization: [0,0,1]", "line 2: conductor: unknown key 'magnetization'"),
        ("[superconducter]", "line 1: unknown material 'superconducter', did you mean 'superconductor'"),
        ("# nothing", "no section"),
        (RESERVOIR, "line 1: has no layer: every section is a reservoir"),
        ("[conductor]\n" + RESERVOIR + "[conductor]", "line 3: order: a reservoir is allowed only"),
        ("[conductor]\norder: -1", "line 2: order: must be an integer from 0"),
        ("[conductor]\norder: 1.0", "line 2: order: must be an integer, not '1.0'"),
        ("[conductor]\nboost: true", "line 2: boost: must be T or F, not 'true'"),
        ("[conductor]\nlength: 0", "line 2: length: must be a number > 0"),
        ("[conductor]\nlength: 1-pi", "line 2: length: must be a number > 0.*which is -2.14159"),
        ("[conductor]\nlength: z", "line 2: length: cannot depend on z"),
        ("[conductor]\nlength: 2$", "line 2: length: cannot read the expression"),
        ("[conductor]\nlength: 2^3^2", "line 2: length: powers of powers need parentheses"),
        ("[conductor]\nlength: x", "line 2: length: .*unknown name 'x'"),
        ("[conductor]\nlength:", "line 2: length: cannot read"),
        ("[conductor]\nspinaxis: [0,0,0]", "line 2: spinaxis: .*not all zero"),
        ("[ferromagnet]\nmagnetization: [0,0]", "line 2: magnetization: must be three numbers"),
        ("[ferromagnet]\nmagnetization: [0,0,1/z]", "line 2: magnetization: .*not a finite real number"),
        ("[superconductor]\ngap: -1", "line 2: gap: must be a number >= 0"),
        ("[halfmetal]", "line 1: halfmetal: needs polarization"),
        ("[halfmetal]\npolarization: 1", "line 2: polarization: must be a number > -1 and < 1"),
        ("[conductor]\ntemperature: 0", "line 2: temperature: must be a number > 0"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_key(text, message):
    assert re.search(message, refused(text)), refused(text)


def test_an_argument_that_is_not_used_is_refused():
    assert "argument 2, '7', is used nowhere: the file asks for {1}" in refused("[conductor]\nlength: {1}", 1, 7)


def test_the_file_is_named(tmp_path):
    path = tmp_path / "wrong.conf"
    path.write_text("[conductor]\nlength: -1\n", encoding="utf-8")
    with pytest.raises(us.InputError, match=r"wrong\.conf, line 2: length"):
        us.from_geneus(path)
    with pytest.raises(us.InputError, match="a GENEUS configuration is expected"):
        us.from_geneus(tmp_path / "none.conf")


@pytest.mark.parametrize("line", ["nonequilibrium: T", "equilibrium: F"])
def test_the_kinetic_equation_is_asked_for(line):
    assert layer(f"[conductor]\n{line}").nonequilibrium


def test_biases_of_reservoirs():
    biases = "voltage: 0.3\nspinvoltage: 0.2\nspinaxis: [1,0,0]\nspintemperature: 0.001\n"
    bath = us.from_geneus(f"[conductor]\norder: 0\n{biases}[conductor]\nnonequilibrium: T\n").elements[0]
    assert (bath.voltage, bath.spin_voltage, bath.spin_temperature, bath.spin_axis) == (0.3, 0.2, 0.001, (1, 0, 0))
    with pytest.raises(us.InputError, match=r"line 3: voltage.*always in equilibrium"):
        us.from_geneus("[superconductor]\norder: 0\nvoltage: 0.3\n[conductor]\nlength: 1\n")


def test_transverse_voltages():
    found = layer("[conductor]\nvoltage: 0.3\ntransverse: T")
    assert found.transverse and found.voltage == 0.3
    bath = us.from_geneus("[conductor]\norder: 0\nvoltage: 0.3\ntransverse: T\n[conductor]\n").elements[0]
    assert bath.transverse
    assert not layer("[conductor]\nnonequilibrium: T\ntransverse: T").transverse  # there only where the search starts


def test_equilibrium_may_be_said():
    assert layer("[conductor]\nnonequilibrium: F\nequilibrium: T\ntransverse: F") == layer("[conductor]")


@pytest.mark.parametrize("kind", ["ferromagnet", "superconductor"])
def test_an_exchange_field_that_follows_the_spins(kind):
    assert layer(f"[{kind}]\nzeeman: 1/2").zeeman == 0.5
    assert "line 2: zeeman" in refused(f"[{kind}]\nzeeman: -1")


# ---------------------------------------------------------------- what is said about it


def test_keys_that_steer_the_algorithm_are_said_to_be_unnecessary():
    text = "[superconductor]\norder: 2\nboost: F\niteration: 3\nphaselock: T\nzeroenergy: F\n"
    (note,) = convert(text).notes
    assert note.startswith("unnecessary")
    for number, key in enumerate(("order", "boost", "iteration", "phaselock", "zeroenergy"), 2):
        assert f"{key} (line {number})" in note
    assert device(text) == device("[superconductor]")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("length: 2\n[conductor]", "length (line 1) has no effect: it stands before"),
        (RESERVOIR + "length: 3\n[conductor]", "length (line 3) has no effect in a reservoir"),
        (RESERVOIR + "conductance_b: 3\n[conductor]", "conductance_b (line 3) has no effect in a reservoir"),
        ("[conductor]\nconductance_a: 3\n", "conductance_a (line 2) has no effect: nothing is at that end"),
        ("[conductor]\ntransparent_b: T\nconductance_b: 3\n" + RESERVOIR, "conductance_b (line 3) has no effect: the"),
        ("[ferromagnet]\ngap: 1\n", "gap (line 2) is unnecessary: a [ferromagnet] has no gap"),
        ("[halfmetal]\npolarization: 0.5\npolarization_a: 0.3\n", "polarization_a (line 3) has no effect: a [half"),
    ],
)
def test_what_has_no_effect_is_said(text, note):
    assert any(one.startswith(note) for one in convert(text + "\n").notes)


def test_temperature_of_the_device_is_that_of_the_layers():
    """So that a sweep over it, or the search for the critical one, changes all of them."""
    found = device("[superconductor]\ntemperature: 0.3\n[conductor]\ntemperature: 0.3")
    assert found.temperature == 0.3
    assert [one.temperature for one in found.replace({"temperature": 0.5}).network().layers] == [0.5, 0.5]
    mixed = device("[superconductor]\ntemperature: 0.3\n[conductor]")
    assert [one.temperature for one in mixed.network().layers] == [0.3, 0.01]


def test_numbers_are_read_without_evaluating_more_than_arithmetic():
    with pytest.raises(us.InputError, match="unknown function"):
        Entry("length", "__import__(1)", 1).number()


# ---------------------------------------------------------------- whatever is written

NUMBERS = st.sampled_from(["0", "1", "0.3", "-0.5", "pi/3", "1.5d0", "2^2/8", "sin(0.2*pi)", "z", "{1}", "T", ""])
VECTORS = st.sampled_from(["[0,0,1]", "[1, 0, 0]", "[cos(pi*z),0,sin(pi*z)]", "[1,2]", "[0,0,0]"])
WRITTEN = st.one_of(
    st.tuples(st.sampled_from([*SCALARS, "gap", "phase", "polarization", "zeeman"]), NUMBERS),
    st.tuples(st.sampled_from(["magnetization", "spinaxis"]), VECTORS),
    st.tuples(st.sampled_from([key for key in INTERFACE if key.startswith(("magn", "misa"))]), VECTORS),
    st.tuples(st.sampled_from([key for key in INTERFACE if not key.startswith(("magn", "misa"))]), NUMBERS),
    st.tuples(st.sampled_from([*STEERING, *KINETIC, "selfconsistent"]), st.sampled_from(["T", "F", "0", "2"])),
)
SECTIONS = st.tuples(st.sampled_from(list(LAYERS)), st.lists(WRITTEN, max_size=4))


@settings(deadline=None, max_examples=300)
@given(st.lists(SECTIONS, min_size=1, max_size=4))
def test_every_configuration_is_a_device_that_reads_back_or_one_line(sections):
    lines = [f"[{kind}]\n" + "".join(f"{key}: {value}\n" for key, value in entries) for kind, entries in sections]
    text = "".join(lines)
    arguments = ["0.4"] if "{1}" in text else []
    try:
        found = us.from_geneus(text, *arguments)
    except us.InputError as error:
        assert "line" in str(error) and "\n" not in str(error)
    else:
        assert us.Stack.from_toml(found.to_toml()) == found
        assert us.Stack.from_toml(converted_text(text, arguments)[0]) == found
