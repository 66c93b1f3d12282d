"""GENEUS configurations on the command line: run, check and convert, with arguments and notes."""

import pytest

import usadel as us
from usadel.results import load

CONFIGURATION = """# S/N/S, phase difference {1}
[superconductor]
  order: 0
  phase: -{1}/2
[conductor]
  order: 1
  length: {2}
[superconductor]
  order: 0
  phase: +{1}/2
"""


@pytest.fixture
def configuration(workplace):
    path = workplace.here.parent / "input" / "josephson.conf"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return path


def test_run(api, workplace, usadel, configuration):
    done = usadel("run", configuration, "0.5", "3", "--set", "stack.2.length=2.5")
    assert done.status == 0
    assert load(workplace.here / "josephson.nc").attrs["converged"] == 1
    assert api.calls == [us.from_geneus(configuration, 0.5, 3).replace({"stack.2.length": 2.5})]
    assert done.err == ("usadel: note: unnecessary, as they only steer the algorithm of GENEUS: order (line 6)\n")


def test_check(usadel, configuration):
    done = usadel("check", configuration, "0.5", "3")
    assert done.status == 0 and "length = 3 ξ" in done.out


def test_trace_takes_arguments(api, workplace, usadel, configuration, monkeypatch):
    calls = []

    def trace(device, path, start, stop, **_):
        calls.append((device, path, start, stop))
        raise us.InputError("enough")

    monkeypatch.setattr(us, "trace", trace, raising=False)
    done = usadel("trace", configuration, "0.5", "3", "--over", "stack.2.length=1:2")
    assert calls == [(us.from_geneus(configuration, 0.5, 3), "stack.2.length", 1, 2)] and done.status == 2


def test_critical_takes_arguments(api, workplace, usadel, configuration, monkeypatch):
    calls = []

    def critical(device, path, *limits, **_):
        calls.append((device, path))
        raise us.InputError("enough")

    monkeypatch.setattr(us, "critical", critical, raising=False)
    done = usadel("critical", configuration, "0.5", "3")
    assert calls == [(us.from_geneus(configuration, 0.5, 3), "temperature")] and done.status == 2


def test_arguments_are_swept_and_sought(api, usadel, configuration, monkeypatch):
    calls = []

    def procedure(device, path, *limits, over=None, **_):
        calls.append((device, path, limits, over))
        raise us.InputError("enough")

    monkeypatch.setattr(us, "critical", procedure, raising=False)
    monkeypatch.setattr(us, "trace", procedure, raising=False)
    device = us.from_geneus(configuration, 0.5, 3)
    assert usadel("critical", configuration, "0.5", "3", "--find", "arg2=0.1:arg2", "--over", "arg1=0:1:3").status == 2
    assert usadel("trace", configuration, "0.5", "3", "--over", "arg1=0:1").status == 2
    assert calls == [(device, "arg2", (0.1, 3), {"arg1": [0, 0.5, 1]}), (device, "arg1", (0, 1), None)]


def test_set_changes_an_argument_and_the_title(usadel, configuration):
    done = usadel("check", configuration, "0.5", "3", "--set", "arg1=0.2", "--set", "arg2=2*arg1")
    assert done.status == 0 and done.out.startswith("S/N/S, phase difference 0.2\n")
    assert "length = 0.4 ξ" in done.out and "phase = 0.314159 rad" in done.out
    assert "arg1" in usadel("check", configuration, "0.5", "3", "--set", "arg3=1").err


SPIN_VALVE = """# magnets of {1}
[superconductor]
  length: 1
  magnetization_a: [1,0,0]
  spinmixing_a: {1}
  magnetization_b: [0,1,0]
  spinmixing_b: {1}
"""


def test_a_transition_is_found_in_an_argument(workplace, usadel):
    """Where the normal state loses its stability; beside it, that of the configurations with other arguments."""
    path = workplace.here / "valve.conf"
    path.write_text(SPIN_VALVE, encoding="utf-8")
    done = usadel("critical", path, "0.5", "--find", "arg1=0:1", "--set", "temperature=0.9", "--set", "tolerance=1e-4")
    found = load(workplace.here / "valve.critical.nc")
    place = float(found["critical_arg1"])
    assert done.status == 0 and done.out.startswith(f"arg1 = {place:.3f}") and found.attrs["parameter"] == "arg1"
    for mixing, gapped in ((place - 0.01, True), (place + 0.01, False)):
        beside = us.from_geneus(SPIN_VALVE.replace("{1}", repr(mixing))).replace(
            {"temperature": 0.9, "tolerance": 1e-4}
        )
        assert (float(us.solve(beside).data.gap.max()) > 0.01) == gapped


def test_negative_arguments_stand_behind_dashes(usadel, configuration):
    done = usadel("check", configuration, "--", "-0.5", "3")
    assert done.status == 0 and "phase = 0.785398 rad" in done.out


def test_convert(workplace, usadel, configuration):
    done = usadel("convert", configuration, "josephson.toml", "0.5", "3")
    assert (done.status, done.out) == (0, "josephson.toml\n") and "note: unnecessary" in done.err
    text = (workplace.here / "josephson.toml").read_text(encoding="utf-8")
    assert text.startswith("# Converted from josephson.conf with 0.5 3.")
    device = us.load_device("josephson.toml")
    assert device == us.from_geneus(configuration, 0.5, 3) and device.parameters == {"arg1": 0.5, "arg2": 3}
    assert device.title == "S/N/S, phase difference 0.5" and device.replace({"arg1": 0.7}).title.endswith(" 0.7")
    assert 'title = "S/N/S, phase difference {arg1}"' in text and 'phase = "pi*(-arg1/2)"' in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "CONF", "0.5"], ["josephson.conf, line 7", "{2} is missing"]),
        (["run", "CONF", "0.5", "3", "4"], ["josephson.conf", "'4', is used nowhere"]),
        (["check", "TOML", "3"], ["takes no arguments", "'3'"]),
        (["trace", "CONF", "0.5", "--over", "stack.2.length=1:2"], ["josephson.conf, line 7", "{2} is missing"]),
        (["trace", "TOML", "3", "--over", "S1.length=1:2"], ["takes no arguments", "'3'"]),
        (["critical", "CONF", "0.5"], ["josephson.conf, line 7", "{2} is missing"]),
        (["critical", "TOML", "3"], ["takes no arguments", "'3'"]),
        (["convert", "CONF", "device.nc", "0.5", "3"], ["device.nc", ".toml"]),
        (["convert", "CONF", "a.toml", "0.5", "-"], ["josephson.conf", "line 7", "length"]),
        (["convert", "nowhere.conf", "a.toml"], ["nowhere.conf", "No such file"]),
        (["convert", "CONF"], ["X.toml"]),
    ],
)
def test_refused_in_one_line(workplace, usadel, configuration, arguments, words):
    names = {"CONF": configuration, "TOML": workplace.device}
    done = usadel(*(names.get(word, word) for word in arguments))
    assert done.status == 2 and done.out == "" and done.err.count("\n") == 1
    for word in words:
        assert word in done.err
    assert not (workplace.here / "a.toml").exists()
