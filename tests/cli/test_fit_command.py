"""`usadel fit`: what it prints, what it writes, and what it refuses."""

import pytest

import usadel as us
from usadel.cli.entry import execute

DEVICE = """
temperature = 0.3
tolerance = 1e-3

[[stack]]
kind = "normal_reservoir"
name = "A"

[[stack]]
kind = "normal_metal"
name = "N"
length = 2

[[stack]]
kind = "normal_reservoir"
name = "B"
"""
DATA = "A.voltage, charge_current, error\n0.2, 0.125, 0.01\n0.8, 0.5, 0.01\n"  # of a wire of 1.6 ξ
FREE = ("--free", "N.length=1:3", "--position", "0.5")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    (tmp_path / "wire.toml").write_text(DEVICE, encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = execute(["fit", "wire.toml", "data.csv", *arguments])
        streams = capsys.readouterr()
        return status, streams.out, streams.err

    return call


def test_fit(run):
    status, out, err = run(*FREE, "--starts", "1")
    assert (status, err) == (0, "")
    assert "1.600 ± 0.031 ξ" in out and "wire.fit.nc" in out
    assert us.load("wire.fit.nc").values["N.length"] == pytest.approx(1.6, abs=1e-3)
    assert execute(["plot", "wire.fit.nc"]) == 0


@pytest.mark.parametrize(
    ("data", "arguments", "message"),
    [
        (DATA, (), "--free"),
        (DATA, ("--free", "N.lenght=1:3"), "N.lenght"),
        (DATA, ("--free", "N.length=3:1"), "the lower one first"),
        (DATA, ("--free", "N.length=-1:3"), "N.length"),
        (DATA, ("--free", "A.voltage=0:1"), "a free number and an axis at once"),
        (DATA, (*FREE, "--quantity", "gapp"), "did you mean 'gap'"),
        (DATA, (*FREE, "--quantity", "spin_current"), "spin_current.x"),
        (DATA, (*FREE, "--quantity", "tunnel_conductance"), "is fitted over voltage"),
        (DATA, (*FREE[:2], "--position", "7"), "from 0 to 2"),
        (DATA, (*FREE, "--starts", "0"), "starts"),
        ("A.voltage, charge_current\n", FREE, "at least one point"),
        ("A.voltage, charge_current\n0.2, 0.1\n", FREE, "1 points do not determine 1 numbers"),
        ("", FREE, "holds no data"),
        ("0.2, 0.125\n0.8, 0.5\n", FREE, "line 1: has no line of names"),
        ("A.voltage\n0.2\n", FREE, "line 1: has 1 columns"),
        ("A.voltage, charge_current\n0.2, high\n", FREE, "line 2: must be 2 finite numbers"),
        ("A.voltage, charge_current\n\n0.2, nan\n", FREE, "line 3: must be 2 finite numbers"),
        ("A.voltage, charge_current, s\n0.2, 0.1, 0\n0.8, 0.4, 1\n", FREE, "standard errors must be positive"),
        ("A.voltage (mV), charge_current\n0.2, 0.1\n0.8, 0.4\n", FREE, "table [scale]"),
        ("A.volts, charge_current\n0.2, 0.1\n0.8, 0.4\n", FREE, "A.volts"),
        ("A.voltage, charge_current (parsec)\n0.2, 0.1\n0.8, 0.4\n", FREE, "charge_current"),
    ],
)
def test_refused(run, tmp_path, data, arguments, message):
    (tmp_path / "data.csv").write_text(data, encoding="utf-8")
    status, out, err = run(*arguments)
    assert status == 2 and message in err and err.count("\n") == 1 and out == ""
