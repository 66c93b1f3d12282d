"""Signals that stop a command: the status, and what becomes of exceptions that others wrap or drop."""

import os
import signal

import pytest

import usadel as us
from usadel.cli.stopping import STOPPING

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.fixture(autouse=True)
def handlers():
    """Handlers are as they were before."""
    before = {number: signal.getsignal(number) for number in STATUS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup ignores it
    yield
    assert signal.getsignal(signal.SIGTERM) is before[signal.SIGTERM]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, before[number])


def received(number, then=None):
    """What a solve does in which a signal arrives."""

    def solve(*_, **__):
        try:
            os.kill(os.getpid(), number)
        except KeyboardInterrupt as error:
            if then is None:
                raise
            return then(error)

    return solve


def wrapped(error):
    raise SystemError("returned a result with an exception set") from error


def wrapped_twice(error):
    try:
        wrapped(error)
    except SystemError as other:
        raise ImportError("initialization failed") from other


def dropped(error):
    raise RuntimeError("something else")


@pytest.mark.parametrize("then", [None, wrapped, wrapped_twice, dropped])
@pytest.mark.parametrize("number", STATUS)
def test_status(api, workplace, usadel, monkeypatch, number, then):
    monkeypatch.setattr(us, "solve", received(number, then))
    done = usadel("run", workplace.device)
    assert (done.status, done.out, done.err) == (STATUS[number], "", "usadel: interrupted\n")
    assert [file.name for file in workplace.here.iterdir()] == []


def test_a_dropped_exception_is_thrown_again_by_the_next_event(api, workplace, usadel, monkeypatch):
    def solve(device, progress):
        received(signal.SIGINT, lambda error: None)()
        progress(us.Event("level", 1))
        raise AssertionError("went on")

    monkeypatch.setattr(us, "solve", solve)
    assert usadel("run", workplace.device).status == 130


def test_what_is_being_written_is_written(api, workplace, usadel, monkeypatch):
    fsync = os.fsync

    def stopped(descriptor):
        os.kill(os.getpid(), signal.SIGTERM)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", stopped)
    done = usadel("run", workplace.device)
    assert done.status == 143 and us.load("sns.nc").converged
    assert [file.name for file in workplace.here.iterdir()] == ["sns.nc"]


def test_ignored_signals_stay_ignored():
    """As `nohup` and shells want it for jobs in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with STOPPING:
            os.kill(os.getpid(), signal.SIGINT)
            assert STOPPING.received is None
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
