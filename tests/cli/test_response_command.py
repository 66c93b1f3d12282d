"""`usadel response` on a normal wire: what it prints, what it writes, and what it refuses."""

import numpy as np
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


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    (tmp_path / "wire.toml").write_text(DEVICE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = execute(["response", "wire.toml", *arguments])
        streams = capsys.readouterr()
        return status, streams.out, streams.err

    return call


def test_matrix(run):
    status, out, err = run()
    assert (status, err) == (0, "")
    assert "terminals        A, B" in out and "∂I/∂V 0.5" in out and "wire.response.nc" in out
    found = us.load("wire.response.nc")
    charge = found.response.sel(current="charge", drive="voltage").values
    assert np.allclose(charge, [[0.5, -0.5], [-0.5, 0.5]], atol=1e-3)
    assert execute(["plot", "wire.response.nc"]) == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["N.spin_voltage=0.2"], "A.voltage: the distribution of the layer at it is imposed"),
        (["N.length=-1"], "length"),
    ],
)
def test_refused(run, changes, message):
    status, out, err = run(*(part for change in changes for part in ("--set", change)))
    assert status == 2 and message in err and err.count("\n") == 1 and out == ""


def test_a_field_that_follows_is_refused(run):
    status, _, err = run("--set", "N.zeeman=0.1")
    assert status == 2 and "zeeman" in err and err.count("\n") == 1
