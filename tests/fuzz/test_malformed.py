"""A sample of malformed inputs in every run, and a thousand of them where there is time."""

import contextlib
import os

import malformed
import pytest
from malformed_inputs import Case, make

SAMPLE = range(40)


@pytest.mark.parametrize("seed", SAMPLE)
def test_sample(seed, monkeypatch):
    monkeypatch.delenv("USADEL_DEBUG", raising=False)
    case = make(seed)
    if os.name == "nt" and case.space is not None:
        pytest.skip("limits of POSIX")
    outcome = malformed.run(case)
    assert outcome.faults == (), outcome.err


def test_seeds_reach_every_family():
    assert {make(seed).family for seed in SAMPLE} == {
        "device file", "command line", "result file", "full disk"
    }  # fmt: skip


def test_faults_are_seen(monkeypatch):
    """What the old program did: a traceback, status 1, and a file that is not whole."""

    def broken(argv):
        print("Traceback (most recent call last):", file=malformed.sys.stderr)
        malformed.Path(".usadel-1.tmp").write_text("half")
        malformed.Path("x.toml").write_text("changed")
        return 1

    monkeypatch.setattr(malformed, "main", broken)
    found = malformed.run(Case("device file", ["check", "x.toml"], {"x.toml": b"[["})).faults
    assert len(found) == 3 and found[0] == "status 1"
    monkeypatch.setattr(malformed, "main", lambda argv: 2)
    assert malformed.run(Case("device file", ["check", "x.toml"], {})).faults


@pytest.mark.skipif(os.name == "nt", reason="timers of POSIX")
def test_what_never_ends_is_seen(monkeypatch):
    """Also where the first exceptions are dropped, as kernels do, or taken for a failure."""
    monkeypatch.setattr(malformed, "LONGEST", 0.05)
    monkeypatch.setattr(malformed, "AGAIN", 0.05)

    def endless(argv):
        for _ in range(3):
            with contextlib.suppress(malformed.Endless):
                while True:
                    pass
        return 2

    monkeypatch.setattr(malformed, "main", endless)
    assert malformed.run(Case("device file", ["check", "x.toml"], {})).faults == ("not at its end after 0.05 s",)


@pytest.mark.slow
def test_a_thousand(monkeypatch, capsys):
    monkeypatch.delenv("USADEL_DEBUG", raising=False)
    table = malformed.campaign(0, 1000)
    assert not any("FAULT" in name for name in table), capsys.readouterr().out
