"""Commands on a device in nanometres and kelvin."""

import numpy as np
import pytest

import usadel as us
from usadel.cli.entry import execute

DEVICE = """
temperature = "2.76 K"
inelastic = 0
tolerance = 1e-3

[scale]
critical_temperature = "9.2 K"
coherence_length = "12 nm"

[[stack]]
kind = "superconductor"
name = "S"
length = "30 nm"
spin_voltage = 0.4
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    (tmp_path / "nb.toml").write_text(DEVICE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = execute(list(arguments))
        streams = capsys.readouterr()
        return status, streams.out, streams.err

    return call


def test_both_units_are_shown_and_read(run, tmp_path):
    status, out, _ = run("check", "nb.toml", "--set", "S.length=60 nm")
    assert status == 0 and "length = 5 ξ (60 nm)" in out
    status, out, _ = run("run", "nb.toml", "--set", "S.inelastic=10 µeV")
    assert status == 0 and "meV)" in out
    assert us.load(tmp_path / "nb.nc").device.get("S.inelastic") == "10 µeV"
    assert run("plot", "nb.nc", "gap", "--si")[0] == 0
    status, out, _ = run("critical", "nb.toml", "--find", "temperature=9 K:1 K")
    value = float(out.split()[2])  # Tc at eVs = 0.4 Δ0: 0.8786
    assert status == 0 and value == pytest.approx(0.8786, abs=2e-3) and f"({9.2 * value:.2f}" in out and " K)" in out
    assert run("sweep", "nb.toml", "--over", "S.length=30 nm:60 nm:2", "--workers", "1")[0] == 0
    np.testing.assert_allclose(us.load(tmp_path / "nb.sweep.nc").data["S.length"], [2.5, 5], rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ["check", "nb.toml", "--set", "S.length=60 K"],
            "S.length (superconductor): '60 K' is a temperature; allowed: a",
        ),
        (["check", "nb.toml", "--set", "S.area=5 nm^2"], "'5 nm^2' needs cross_section in [scale]"),
        (["sweep", "nb.toml", "--over", "S.length=30:60 nm:2"], "both ends of a range need a unit"),
        (["critical", "nb.toml", "--find", "temperature=9 meV:1 meV"], "'9 meV' is an energy"),
    ],
)
def test_wrong_units_end_with_one_line(run, arguments, problem):
    status, out, err = run(*arguments)
    assert status == 2 and out == "" and problem in err and err.count("\n") == 1


def test_real_units_need_a_scale(run, tmp_path):
    (tmp_path / "plain.toml").write_text('[[stack]]\nkind = "normal_metal"\nlength = 1\n', encoding="utf-8")
    assert run("run", "plain.toml", "--set", "tolerance=1e-2")[0] == 0
    status, _, err = run("plot", "plain.nc", "--si")
    assert status == 2 and "no table [scale]" in err
