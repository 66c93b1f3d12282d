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


def test_negative_arguments_stand_behind_dashes(usadel, configuration):
    done = usadel("check", configuration, "--", "-0.5", "3")
    assert done.status == 0 and "phase = 0.785398 rad" in done.out


def test_convert(workplace, usadel, configuration):
    done = usadel("convert", configuration, "josephson.toml", "0.5", "3")
    assert (done.status, done.out) == (0, "josephson.toml\n") and "note: unnecessary" in done.err
    text = (workplace.here / "josephson.toml").read_text(encoding="utf-8")
    assert text.startswith("# Converted from josephson.conf with 0.5 3.")
    assert us.load_device("josephson.toml") == us.from_geneus(configuration, 0.5, 3)


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
