"""Whatever is wrong with a device file or a command line: one line on stderr, status 2, no file, no solve."""

import os
import time

import pytest

import usadel as us
from usadel.__main__ import main

LAYER = '[[stack]]\nkind = "superconductor"\nname = "S"\nlength = 1\n'
NORMAL = '[[stack]]\nkind = "normal_metal"\nname = "N"\nlength = 1\n'
TUNNEL = '[[stack]]\nkind = "tunnel"\nconductance = 0.5\n'
INSULATOR = '[[stack]]\nkind = "ferromagnetic_insulator"\nspin_mixing = 0.5\nmagnetization = [1, 0, 0]\n'
FERROMAGNET = '[[stack]]\nkind = "ferromagnet"\nlength = 1\nexchange_field = [0, 0, 1]\n'
RESERVOIR = '[[stack]]\nkind = "normal_reservoir"\n'
POLARIZED = LAYER + TUNNEL + "polarization = {}\n" + RESERVOIR


def layer(line):
    return LAYER + line + "\n"


FILES = {
    # wrong types and values
    "length a boolean": (NORMAL.replace("length = 1", "length = true"), "boolean"),
    "length a date": (NORMAL.replace("length = 1", "length = 2020-01-01"), "length"),
    "length a table": (NORMAL.replace("length = 1", "length = {value = 1}"), "length"),
    "length a list": (NORMAL.replace("length = 1", "length = [1]"), "length"),
    "length nan": (NORMAL.replace("length = 1", "length = nan"), "length"),
    "length infinite": (NORMAL.replace("length = 1", "length = -inf"), "length"),
    "length negative": (NORMAL.replace("length = 1", "length = -2"), "> 0"),
    "length overflows": (NORMAL.replace("length = 1", "length = 1e400"), "length"),
    "length empty text": (NORMAL.replace("length = 1", 'length = ""'), "length"),
    "length with a unit": (NORMAL.replace("length = 1", 'length = "30 nm"'), "length"),
    "temperature zero": ("temperature = 0\n" + LAYER, "> 0"),
    "temperature zero by cancellation": ('temperature = "1/3 - 1/3"\n' + LAYER, "> 0"),
    "temperature text": ('temperature = "cold"\n' + LAYER, "cold"),
    "inelastic negative": (layer("inelastic = -0.01"), "inelastic"),
    "tolerance too small": ("tolerance = 1e-20\n" + LAYER, "tolerance"),
    "tolerance boolean": ("tolerance = true\n" + LAYER, "tolerance"),
    "self_consistent text": (layer('self_consistent = "yes"'), "true or false"),
    "gap negative somewhere": (layer('gap = "z - 0.5"'), "gap"),
    "gap infinite somewhere": (layer('gap = "1/z"'), "gap"),
    "spin temperature above temperature": (layer("spin_temperature = 0.5"), "spin_temperature"),
    "spin axis zero": (layer("spin_axis = [0, 0, 0]"), "spin_axis"),
    "spin axis short": (layer("spin_axis = [0, 1]"), "spin_axis"),
    "magnetization zero": (INSULATOR.replace("[1, 0, 0]", "[0, 0, 0]") + LAYER, "magnetization"),
    "magnetization nan": (INSULATOR.replace("[1, 0, 0]", "[nan, 0, 0]") + LAYER, "magnetization"),
    "exchange field of text": (FERROMAGNET.replace("[0, 0, 1]", '"up"'), "exchange_field"),
    "conductance zero": (LAYER + TUNNEL.replace("0.5", "0") + RESERVOIR, "conductance"),
    "conductance nan": (LAYER + TUNNEL.replace("0.5", "nan") + RESERVOIR, "conductance"),
    "name with a space": (LAYER.replace('"S"', '"the layer"'), "name"),
    "title of two lines": ('title = """a\nb"""\n' + LAYER, "title"),
    # keys
    "unknown top key": ("temprature = 0.1\n" + LAYER, "did you mean 'temperature'"),
    "unknown key of a layer": (layer("lenth = 1"), "did you mean 'length'"),
    "key of another kind": (NORMAL + "gap = 1\n", "gap"),
    "polarization": (POLARIZED.format(0.5), "polarization"),
    "polarization beyond one": (POLARIZED.format(1.5), "polarization"),
    "reservoir voltage": (LAYER + '[[stack]]\nkind = "superconducting_reservoir"\nvoltage = 1\n', "voltage"),
    "unknown kind": (LAYER.replace("superconductor", "semiconductor"), "semiconductor"),
    "kind missing": ("[[stack]]\nlength = 1\n", "kind"),
    "kind a number": ("[[stack]]\nkind = 1\n", "kind"),
    "key twice": (layer("length = 2"), "TOML"),
    "output quantities text": ('[output]\nquantities = "gap"\n' + LAYER, "quantities"),
    "output energies reversed": ("[output]\nenergies = [3, -3]\n" + LAYER, "energies"),
    "output energies infinite": ("[output]\nenergies = [0, inf]\n" + LAYER, "energies"),
    "output energies billions": ("[output]\nenergies = [0, 1, 1e9]\n" + LAYER, "energies"),
    # expressions
    "expression runs code": (layer("spin_voltage = \"__import__('os').system('touch pwned')\""), "spin_voltage"),
    "expression opens a file": (layer("spin_voltage = \"open('pwned', 'w')\""), "spin_voltage"),
    "expression with an attribute": (layer('spin_voltage = "pi.__class__"'), "spin_voltage"),
    "expression with a loop": (layer('spin_voltage = "[x for x in range(9)]"'), "spin_voltage"),
    "expression with a lambda": (layer('spin_voltage = "(lambda: 1)()"'), "spin_voltage"),
    "expression never ends": (layer('spin_voltage = "9**9**9**9**9"'), "spin_voltage"),
    "expression overflows": (layer('spin_voltage = "exp(1e6)"'), "spin_voltage"),
    "expression is complex": (layer('spin_voltage = "sqrt(-1)"'), "spin_voltage"),
    "expression divides by zero": (layer('spin_voltage = "1/0"'), "spin_voltage"),
    "expression too deep": (layer(f'spin_voltage = "{"(" * 5000}1{")" * 5000}"'), "spin_voltage"),
    "expression too long": (layer(f'spin_voltage = "{"1+" * 200000}1"'), "spin_voltage"),
    "expression of an unknown name": (layer('spin_voltage = "bias"'), "bias"),
    "expression of z": (layer('spin_voltage = "z"'), "z"),
    "parameters in a circle": ('[parameters]\na = "b"\nb = "a"\n' + LAYER, "circle"),
    "parameter hides pi": ("[parameters]\npi = 3\n" + LAYER, "pi"),
    "parameter boolean": ("[parameters]\na = true\n" + LAYER, "parameters.a"),
    # the stack
    "empty file": ("", "[[stack]]"),
    "stack a table": ('[stack]\nkind = "superconductor"\nlength = 1\n', "stack"),
    "stack empty": ("stack = []\n", "[[stack]]"),
    "no layer": (INSULATOR, "layer"),
    "reservoir in the middle": (LAYER + RESERVOIR + NORMAL, "stack.1"),
    "two reservoirs at an end": (RESERVOIR + RESERVOIR + LAYER, "stack.0"),
    "tunnel to nothing": (LAYER + TUNNEL, "stack.1"),
    "insulator between layers": (LAYER + INSULATOR + NORMAL, "stack.1"),
    "relative_to missing": (LAYER + TUNNEL + NORMAL, "relative_to"),
    "relative_to nonsense": (LAYER + TUNNEL + 'relative_to = "up"\n' + NORMAL, "relative_to"),
    "duplicated names": (LAYER + LAYER, "unique"),
    "stack and wire": (LAYER + '[[wire]]\nstart = "a"\n', "not both"),
    # the file
    "not TOML": ("length == 1\n", "not valid TOML"),
    "truncated": (LAYER[: LAYER.index('tor"')], "not valid TOML"),
    "binary": (bytes(range(256)) * 20, "UTF-8"),
    "zeros": (b"\0" * 1000, "TOML"),
    "huge": (b"# " + b"x" * 2_000_000, "larger"),
    "a result file": (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "UTF-8"),
    "nested tables": ("a = " + "[" * 20000, "nested"),
}


@pytest.fixture
def refused(tmp_path, monkeypatch, capfd):
    """Run a command line in an empty directory and check that it is refused without a trace."""
    from usadel.__main__ import main

    def never(*_, **__):
        raise AssertionError("solved what it had to refuse")

    monkeypatch.setattr(us, "solve", never, raising=False)
    monkeypatch.delenv("USADEL_DEBUG", raising=False)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def check(*arguments, words=()):
        before = sorted(tmp_path.rglob("*"))
        capfd.readouterr()
        start = time.perf_counter()
        status = main([str(argument) for argument in arguments])
        seconds = time.perf_counter() - start
        printed = capfd.readouterr()
        assert (status, printed.out) == (2, ""), printed
        assert printed.err.startswith("usadel: ") and printed.err.count("\n") == 1 and printed.err.endswith("\n")
        assert len(printed.err) < 1000 and "Traceback" not in printed.err
        assert sorted(tmp_path.rglob("*")) == before
        assert seconds < 5
        for word in words:
            assert word in printed.err
        return printed.err

    check.path = tmp_path
    return check


def written(path, content):
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("case", FILES)
def test_device_file(refused, case):
    content, word = FILES[case]
    device = written(refused.path / "device.toml", content)
    refused("run", device, words=["device.toml", word])
    refused("check", device, words=["device.toml", word])


PATHS = {
    "missing": ("nowhere.toml", "No such file"),
    "a directory": (".", "directory"),
    "empty name": ("", ""),
    "null byte": ("a\0b.toml", ""),
    "endless": ("/dev/zero", ""),
    "name too long": ("x" * 5000 + ".toml", ""),
}


@pytest.mark.parametrize("case", PATHS)
def test_path_of_the_device(refused, case):
    path, word = PATHS[case]
    refused("run", path, words=[word])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_unreadable_device(refused):
    device = written(refused.path / "device.toml", LAYER)
    device.chmod(0)
    refused("run", device, words=["Permission denied"])


SETTINGS = {
    "no value": "S.length",
    "empty value": "S.length=",
    "empty path": "=1",
    "unknown element": "T.length=1",
    "unknown key": "S.lenght=1",
    "key twice over": "S.length.0=1",
    "component out of range": "S.spin_axis.3=1",
    "negative": "S.length=-1",
    "boolean": "S.length=true",
    "nan": "S.length=nan",
    "code": "S.length=__import__('os').system('touch pwned')",
    "a whole table": "stack=[]",
    "ambiguous": "length=2",
    "kind": "S.kind=normal_metal",
    "below the top": "temperature.x=1",
    "zero temperature": "temperature=0",
    "duplicated name": "S.name=N",
    "not written": "voltage=1",
    "two lines": "S.length=1\nS.phase=2",
}


@pytest.mark.parametrize("case", SETTINGS)
def test_set(refused, case):
    device = written(refused.path / "device.toml", LAYER + NORMAL)
    refused("run", device, "--set", SETTINGS[case])


def test_set_twice_by_two_paths(refused):
    device = written(refused.path / "device.toml", LAYER + NORMAL)
    refused("run", device, "--set", "S.length=1", "--set", "stack.0.length=2", words=["twice"])


OUTPUTS = {
    "suffix": ("out.txt", ".nc"),
    "no suffix": ("out", ".nc"),
    "hidden suffix alone": (".nc", ""),
    "no such directory": ("none/out.nc", "directory"),
    "through a file": ("../device.toml/out.nc", ""),
    "name too long": ("x" * 300 + ".nc", ""),
    "a device": ("/dev/null", ""),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_output(refused, case):
    device = written(refused.path / "device.toml", LAYER)
    output, word = OUTPUTS[case]
    refused("run", device, "-o", output, words=[word])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_unwritable_directory(refused):
    device = written(refused.path / "device.toml", LAYER)
    locked = refused.path / "locked"
    locked.mkdir(mode=0o500)
    refused("run", device, "-o", locked / "out.nc")


def test_read_only_output(refused):
    device = written(refused.path / "device.toml", LAYER)
    old = written(refused.path / "old.nc", "old")
    old.chmod(0o400)
    if os.access(old, os.W_OK):
        pytest.skip("root writes everywhere")
    refused("run", device, "-o", old, words=["read-only"])


UNSOLVABLE = {
    "node.j": """
[node.a]
kind = "normal_reservoir"
[node.b]
kind = "normal_reservoir"
[node.j]
kind = "junction"
[[wire]]
start = "a"
end = "j"
[[wire.stack]]
kind = "normal_metal"
length = 1
[[wire.stack]]
kind = "tunnel"
conductance = 1
[[wire]]
start = "j"
end = "b"
[[wire.stack]]
kind = "tunnel"
conductance = 1
[[wire.stack]]
kind = "normal_metal"
length = 1
""",
    "no stationary state": """
[[stack]]
kind = "superconductor"
length = 1
voltage = 0.1
""",
    "undetermined": """
[[stack]]
kind = "normal_metal"
length = 1
nonequilibrium = true
""",
    "flows nowhere": """
[[stack]]
kind = "normal_metal"
length = 1
[[stack]]
kind = "superconducting_reservoir"
current = 0.1
""",
    "cannot be given where distributions are solved for": """
[[stack]]
kind = "superconducting_reservoir"
[[stack]]
kind = "normal_metal"
length = 1
nonequilibrium = true
[[stack]]
kind = "superconducting_reservoir"
current = 0.1
""",
    "unknown quantity 'gab'": """
[output]
quantities = ["gab"]
[[stack]]
kind = "superconductor"
length = 1
""",
}


@pytest.mark.parametrize("words", UNSOLVABLE)
def test_check_refuses_what_run_refuses_in_the_same_line(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.toml").write_text(UNSOLVABLE[words], encoding="utf-8")
    said = []
    for command in ("run", "check"):
        assert main([command, "x.toml"]) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1
        said.append(err)
    assert said[0] == said[1] and words in said[0]
