"""`usadel critical --over`: maps that are resumed, as sweeps are, and their figures."""

from dataclasses import replace

import numpy as np
import pytest

import usadel as us
from usadel.transitions import critical as searching

DEVICE = """\
temperature = 0.1
tolerance = 1e-3
[[stack]]
kind = "superconductor"
name = "S"
length = 1
"""
OVER = ("--over", "S.exchange_field.2=0:0.2:3", "--over", "inelastic=0.01:0.05:2")


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "x.toml").write_text(DEVICE.replace("length = 1", "length = 1\nexchange_field = [0, 0, 0]"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_interrupted_map_is_resumed(here, usadel, monkeypatch):
    done, solve = [], searching.KIND.solve

    def counted(task):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(task)
        return solve(task)

    with monkeypatch.context() as patch:
        patch.setattr(searching, "KIND", replace(searching.KIND, solve=counted))
        stopped = usadel("critical", "x.toml", *OVER, "--workers", "1")
    assert stopped.status == 130 and "--resume" in stopped.err and stopped.out == ""
    assert [path.name for path in here.iterdir() if path.name != "x.toml"] == ["x.critical.nc.parts"]
    assert "4 of 6 points" in usadel("sweep", "--status", "x.critical.nc").out
    begun = us.load("x.critical.nc")
    assert isinstance(begun, us.Critical) and np.isfinite(begun.value).sum() == 4
    refused = usadel("critical", "x.toml", *OVER)
    assert refused.status == 2 and "holds an unfinished map of critical values" in refused.err
    assert usadel("critical", "x.toml", "--find", "S.length=0.1:2", *OVER, "--resume").status == 2

    found = usadel("critical", "x.toml", *OVER, "--resume")
    assert found.status == 0 and "6 of order 2" in found.out and "written to x.critical.nc" in found.out
    result = us.load("x.critical.nc")
    assert result.data.attrs["resumed_points"] == 4 and result.data.attrs["source"] == "x.toml"
    alone = us.critical(us.load_device("x.toml"), over=dict(zip(*axes(result), strict=True)))
    assert np.array_equal(alone.value, result.value)

    content = (here / "x.critical.nc").read_bytes()
    assert usadel("critical", "x.toml", *OVER, "--resume").status == 0
    assert (here / "x.critical.nc").read_bytes() == content
    other = usadel("critical", "x.toml", *OVER[:2], "--resume")
    assert other.status == 2 and "another axes" in other.err and not (here / "x.critical.nc.parts").exists()
    assert usadel("plot", "x.critical.nc").status == 0


def axes(result):
    names = result.data["transition_order"].dims
    return names, [result.data[name].values for name in names]


def test_linked_axes_and_processes():
    device = us.Stack.from_toml(DEVICE)
    over = {("S.length", "inelastic"): [(1.0, 0.01), (2.0, 0.05)]}
    one, two = us.critical(device, over=over, workers=1), us.critical(device, over=over, workers=2)
    assert one.data.identical(two.data) and one.data.inelastic.dims == ("S.length",)
    for value, inelastic in zip(one.value, (0.01, 0.05), strict=True):
        assert value == pytest.approx(us.critical(device.replace({"inelastic": inelastic})).value, abs=2e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--resume",), "needed: --over"),
        (("--over", "temperature=0.1:0.2:2"), "sought"),
        ((*OVER[:2], *OVER[:2]), "the same path"),
        ((*OVER, "--scheduler", "tcp://127.0.0.1:1"), "cannot be reached"),
        ((*OVER, "--workers", "0"), "workers"),
    ],
)  # fmt: skip
def test_what_makes_no_sense(here, usadel, arguments, words):
    done = usadel("critical", "x.toml", *arguments)
    assert done.status == 2 and words in done.err and len(done.err.splitlines()) == 1
    assert [path.name for path in here.iterdir()] == ["x.toml"]
