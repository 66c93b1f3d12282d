"""Commands that are stopped at random times leave whole files, and keep what is done."""

import os

import killed
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]


@pytest.mark.parametrize("command", killed.COMMANDS)
def test_stopped_at_random_times(command):
    table, faults = killed.campaign(20, [command])
    assert faults == []
    assert sum(table.values()) == 20 * len(killed.STATUS)
    if command != "run":
        assert any("130, kept" in name for name in table) and any("143, kept" in name for name in table)
