"""Sweeps that are killed at random times: a few in every run, more with `slow`."""

import os

import killed_sweeps
import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def few_points(monkeypatch):
    axes = ("--over", "temperature=0.1:0.5:4", "--over", "S.spin_voltage=0:0.4:9")
    monkeypatch.setitem(killed_sweeps.SWEEPS, "few", (*axes, "--workers", "2"))


def test_a_few_kills(monkeypatch):
    few_points(monkeypatch)
    found = killed_sweeps.campaign(2, ["few"], seed=4)
    assert found.faults == [] and sum(found.table.values()) >= 3
    assert found.table["few: killed, some new"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", killed_sweeps.SWEEPS)
def test_many_kills(name):
    found = killed_sweeps.campaign(20, [name])
    assert found.faults == [] and found.table[f"{name}: killed, some new"] > 0
