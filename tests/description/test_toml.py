"""Files: what is written reads back the same, and errors name file and line."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usadel.description as us
from usadel.description import InputError
from usadel.description.device.load import read_device

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))

positive = st.floats(1e-3, 1e3) | st.sampled_from(["a", "2*a + 1e-3", "sqrt(4)", "(1 +\t2)"])
number = st.floats(-1e3, 1e3) | st.sampled_from(["-a", "pi/4", "b"])
profile = positive | st.sampled_from(["1 + z", "a*z + 0.1"])
direction = st.tuples(positive, number, number)


def optional(**keys):
    return st.fixed_dictionaries({}, optional=keys)


common = {
    "temperature": st.floats(2, 9),
    "inelastic": positive,
    "voltage": number,
    "spin_voltage": number,
    "spin_temperature": st.floats(-1, 1),
    "spin_axis": direction,
    "diffusion": st.floats(1e-3, 50),  # length/√diffusion is to be at least 1e-4
    "area": positive,
}


def layers(cls, required, **keys):
    fields = st.fixed_dictionaries({"length": positive, **required}, optional={**common, **keys})
    return fields.map(lambda values: cls(**values))


layer = (
    layers(us.Superconductor, {}, gap=profile, phase=number, self_consistent=st.booleans())
    | layers(us.NormalMetal, {})
    | layers(us.Ferromagnet, {"exchange_field": st.tuples(number, profile, number)})
)
joint = st.builds(lambda g: [us.Tunnel(conductance=g, relative_to="left")], positive) | st.sampled_from(
    [[], [us.Transparent()]]
)
reservoir = optional(phase=number, gap=positive).map(lambda keys: us.SuperconductingReservoir(**keys)) | optional(
    temperature=positive
).map(lambda keys: us.NormalReservoir(**keys))
edge = (
    st.builds(lambda r, g: [r, us.Tunnel(conductance=g)], reservoir, positive)
    | reservoir.map(lambda r: [r])
    | st.builds(lambda g, m: [us.FerromagneticInsulator(spin_mixing=g, magnetization=m)], number, direction)
    | st.sampled_from([[], [us.Vacuum()]])
)
system = optional(
    title=st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20),
    temperature=st.floats(2, 9),
    inelastic=positive,
    tolerance=st.floats(1e-10, 1e-2),
    output=optional(
        energies=st.sampled_from([[-1, 1], [0, "a + 1", 11], [0, 1, 2, 4.5]]),
        quantities=st.just(["gap", "dos"]),
    ),
)


@st.composite
def stacks(draw):
    elements = draw(edge)
    for i in range(draw(st.integers(1, 3))):
        elements = [*elements, *(draw(joint) if i else []), draw(layer)]
    elements = [*elements, *draw(edge)[::-1]]
    parameters = {"a": draw(st.floats(0.1, 2)), "b": "a**2", "µ".replace("µ", "μ"): 1}
    return us.Stack(elements, parameters=parameters, **{"temperature": 5, **draw(system)})


@given(stacks())
@settings(max_examples=60, deadline=None)
def test_round_trip(device):
    text = device.to_toml()
    again = us.Stack.from_toml(text)
    assert again == device and hash(again) == hash(device)
    assert again.to_toml() == text
    assert again.network() == device.network()
    assert pickle.loads(pickle.dumps(device)) == device


@given(stacks())
@settings(max_examples=15, deadline=None)
def test_everything_in_force_can_be_shown(device):
    text = device.sketch()
    for place in device.elements_by_place():
        assert f"\n{place} " in text
    assert text == repr(device)


def network_device():
    return us.Device(
        [
            us.Wire([us.Tunnel(conductance="g"), us.NormalMetal(name="N", length=1)], start="A", end="J"),
            us.Wire([us.Superconductor(length=2), us.Vacuum()], start="J"),
            us.Wire([us.Ferromagnet(length=1, exchange_field=[0, "z", 0])], start="J", end="A"),
        ],
        {"A": us.SuperconductingReservoir(phase="pi/2"), "J": us.Junction()},
        title='quotes " and \\ signs',
        parameters={"g": 0.5},
    )


def test_network_round_trip(tmp_path):
    device = network_device()
    assert us.Device.from_toml(device.to_toml()) == device
    path = tmp_path / "y.toml"
    path.write_text(device.to_toml(), encoding="utf-8")
    assert us.load_device(path) == device == us.Device.from_toml(str(path))
    with pytest.raises(InputError, match=r"use Device\.from_toml"):
        us.Stack.from_toml(path)
    assert "wire.1: (J) S" in device.sketch() and "node.J" in device.sketch()


def test_only_what_was_given_is_written():
    text = us.Stack([us.NormalMetal(length=2, voltage=0)]).to_toml()
    assert text.splitlines() == ["[[stack]]", 'kind = "normal_metal"', "length = 2", "voltage = 0"]


@pytest.mark.parametrize("kind", us.starter_kinds())
def test_starters_load_and_are_commented(kind):
    text = us.starter(kind)
    device = read_device(text)
    assert device.title and text.count("#") >= 5
    assert read_device(device.to_toml()) == device


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_load(path):
    assert us.load_device(path).title


def test_there_are_examples():
    assert {path.stem for path in EXAMPLES} >= {"fi_s_fi", "sns", "sf_bilayer"}


N = '[[stack]]\nkind = "normal_metal"\nlength = 1\n'
WIRE = '[[wire]]\nstart = "A"\n[[wire.stack]]\nkind = "normal_metal"\nlength = 1\n'


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("\n", "missing; write at least one .*stack"),
        ('\n[stack]\nkind = "vacuum"', "line 2: stack: must be a list of tables"),
        ("stack = 3", "line 1: stack: must be a list of tables"),
        ("stack = [1]\n", "list of tables"),
        ("temperature = \n" + N, "line 1: is not valid TOML"),
        ("x = [1,\n", "not valid TOML.*end of the file"),
        (N + "\x00", "line 4: is not valid TOML"),
        (N + "length = 2", "line 4: is not valid TOML: Cannot overwrite"),
        ("temprature = 1\n" + N, "line 1: temprature: unknown key 'temprature', did you mean 'temperature'"),
        ("temperature = nan\n" + N, "line 1: temperature: must be a number > 0"),
        ("temperature = true\n" + N, "line 1.*boolean"),
        (
            "[output]\n\nenergy = [0, 1]\n" + N,
            "line 3: output.energy: unknown key 'energy', did you mean 'energies'",
        ),
        ("[output]\n\nenergies = [1, 0]\n" + N, "line 3: output.energies.*start, stop"),
        ("[parameters]\na = 'b'\n" + N, "line 2: parameters.a.*unknown name 'b'"),
        ("[scale]\n" + N, "line 1: scale.critical_temperature: is required: a temperature > 0"),
        (N + "[[stack]]\nlength = 2\n", "line 4: stack.1.kind: is required; allowed: superconductor"),
        (
            N + "[[stack]]\nkind = 'spin_glass'\n",
            "line 5: stack.1.kind: unknown kind 'spin_glass'.*allowed: superc",
        ),
        (N + "[[stack]]\nkind = 3\n", "line 5: stack.1.kind: must be a string"),
        (N + N + "lenght = 2\n", "line 7: stack.1.lenght .normal_metal.: unknown key.*did you mean 'length'"),
        (N + N + "spin_axis = [0, 0, 0]\n", "line 7: stack.1.spin_axis.*not all zero"),
        (N + N + "area = 1979-05-27\n", "line 7: stack.1.area.*must be a number"),
        (
            N + "\n# comment\n[[ stack ]] # second\nkind = 'tunnel'\nconductance = 1",
            "line 6: stack.1 .tunnel",
        ),
        ("x = " + "[" * 5000, "nested too deeply"),
        ("x = " + "9" * 5000, "not valid TOML"),
        (N + WIRE, "either .*stack.* or .*wire"),
        (WIRE, "line 2: wire.0.start: unknown node 'A'"),
        (WIRE + "[node.A]\nkind = 'normal_metal'", "line 7: node.A.kind: unknown kind 'normal_metal'"),
        (WIRE + "[node]\nA = 3", "line 7: node.A: must be a table with a kind"),
        (WIRE + "[[wire.stack]]\nkind = 'vacuum'\nlength = 1", "line 8: wire.0.stack.1.length"),
        (
            WIRE.replace("start", "begin"),
            "line 2: wire.0.begin: unknown key 'begin'; allowed: start, end, stack",
        ),
        ("[node.A]\nkind = 'junction'\n", "wire: is missing; write at least one"),
        ("[[wire]]\nstart = 'A'\n", "wire.0.stack: is missing; write at least one .*wire.stack"),
        ("a" * 2_000_000 + " = 1", "larger than the 1000000"),
    ],
)
def test_bad_files(text, match, tmp_path):
    path = tmp_path / "device.toml"
    path.write_bytes(text.encode())
    with pytest.raises(InputError, match=match) as caught:
        us.load_device(path)
    message = str(caught.value)
    assert message.startswith(str(path)) and "\n" not in message and len(message) <= 700


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"\xff\xfe[\x00", "line 1: is not UTF-8"),
        (b"title = 'ok'\ntitle2 = '\xe9'\n", "line 2: is not UTF-8"),
        (bytes(range(256)), "not UTF-8|not valid TOML"),
    ],
)
def test_binary_files(data, match, tmp_path):
    path = tmp_path / "device.toml"
    path.write_bytes(data)
    with pytest.raises(InputError, match=match):
        us.load_device(path)


def test_truncated_examples(tmp_path):
    text = us.starter("fi_s_fi").encode()
    path = tmp_path / "cut.toml"
    for length in range(0, len(text), 7):
        path.write_bytes(text[:length])
        try:
            us.load_device(path)
        except InputError as error:
            assert str(error).startswith(str(path)) and "\n" not in str(error)


def test_no_file(tmp_path):
    for path, match in (
        (tmp_path, "directory"),
        (tmp_path / "no.toml", "No such file"),
        ("a\0b.toml", "cannot be"),
    ):
        with pytest.raises(InputError, match=match):
            us.load_device(path)


def test_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf" + N.encode())
    assert us.load_device(path) == us.Stack.from_toml(N)
