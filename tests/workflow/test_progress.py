"""Events: which are sent, from where, and that an exception thrown at any of them leaves nothing broken."""

import threading
import time
from functools import partial

import numpy as np
import pytest

import usadel as us
from usadel import progress
from usadel.states.parallel import parallel

VS = "S.spin_voltage"
SOLVED = {"nonequilibrium": True}
ENERGIES = {"output": {"energies": [-2.0, 2.0, 9]}}


def bilayer(**settings):
    """A self-consistent gap, on several grids."""
    layers = [us.Superconductor(name="S", length=2.0), us.NormalMetal(length=1.0)]
    return us.Stack(layers, **{"temperature": 0.3, "inelastic": 0.05, "tolerance": 1e-4} | settings)


def bulk(**settings):
    return us.Stack([us.Superconductor(name="S", length=1.0, spin_axis=[0, 0, 1])], tolerance=1e-4, **settings)


def rigid():
    bulk = us.SuperconductingReservoir()
    return us.Stack([bulk, us.NormalMetal(length=1.0), bulk], temperature=0.3, inelastic=0.05, tolerance=1e-3)


def josephson(**biased):
    ends = us.SuperconductingReservoir(), us.SuperconductingReservoir(**biased)
    return us.Stack([ends[0], us.NormalMetal(length=1.0), ends[1]], temperature=0.3, inelastic=0.05, tolerance=1e-3)


def driven(layer):
    """A layer between two reservoirs at a voltage."""
    left, right = (us.NormalReservoir(name=name, voltage=v) for name, v in (("left", -0.1), ("right", 0.1)))
    contacts = [us.Tunnel(conductance=0.3), layer, us.Tunnel(conductance=0.3)]
    return us.Stack([left, *contacts, right], temperature=0.3, inelastic=0.05, tolerance=0.01)


def zeeman():
    layer = us.Superconductor(name="S", length=1.0, exchange_field=[0, 0, 0.2], zeeman=0.3)
    return us.Stack([layer], temperature=0.3, inelastic=0.05, tolerance=1e-3)


def numbers(data):
    return {name: np.asarray(data[name].values) for name in (*data.data_vars, *data.coords)}


def of_result(result):
    return numbers(result.data)


def solved(device, progress=None, **start):
    return of_result(us.solve(device, progress=progress, **start))


def traced(device, path, start, stop, progress=None, **options):
    return numbers(us.trace(device, path, start, stop, step=0.2, progress=progress, **options).data)


def found(device, *limits, progress=None, **options):
    return numbers(us.critical(device, *limits, progress=progress, **options).data)


def conductance(device, progress=None):
    return numbers(us.solve(device, progress=progress).conductance("left"))


def distribution(device, progress=None):
    return numbers(us.distributions(device, progress=progress).distribution([0.3, 0.9, 1.5]))


NORMAL = driven(us.NormalMetal(length=1.0, **SOLVED))
GAPPED = driven(us.Superconductor(length=1.0, **SOLVED))
GIVEN = driven(us.Superconductor(length=1.0, gap=0.9, self_consistent=False, **SOLVED))

PROCEDURES = {
    "given gap": (partial(solved, rigid()), {"solve", "level"}),
    "gap": (partial(solved, bilayer()), {"solve", "gap step", "level"}),
    "current bias": (partial(solved, josephson(current=0.1)), {"solve", "current bias", "level"}),
    "exchange field": (partial(solved, zeeman()), {"solve", "exchange field", "gap step", "level"}),
    "distributions": (partial(solved, NORMAL), {"solve", "level", "kinetic level", "energies"}),
    "gap and distributions": (partial(solved, GAPPED), {"solve", "driven gap", "kinetic level", "energies"}),
    "conductance": (partial(conductance, GIVEN), {"conductance", "energies"}),
    "conductance with a gap": (partial(conductance, GAPPED), {"conductance", "gap response", "energies"}),
    "chosen energies": (partial(distribution, GIVEN), {"distribution", "energies"}),
    "trace": (partial(traced, bulk(), VS, 0.0, 1.2), {"trace", "gap step", "level"}),
    "trace and back": (
        partial(traced, bilayer(tolerance=1e-3), "temperature", 0.6, 0.68, both=True), {"trace", "gap step"},
    ),
    "trace of a normal state": (partial(traced, bilayer(temperature=2.0), VS, 0.0, 0.4), {"trace"}),
    "trace point by point": (partial(traced, NORMAL, "right.voltage", 0.1, 0.2), {"trace", "kinetic level"}),
    "critical": (partial(found, bilayer(tolerance=1e-3)), {"critical", "search"}),
    "map": (partial(found, bilayer(tolerance=1e-2), over={"S.length": [2.0, 3.0]}), {"critical"}),
    "first order": (
        partial(found, us.Stack([us.Superconductor(name="S", length=1.0)], temperature=0.1, inelastic=1e-3,
                                tolerance=1e-2), VS, 0.2, 1.4),
        {"critical", "search", "search of a fold"},
    ),
}  # fmt: skip


class Cancelled(Exception):
    pass


class At:
    """Raises at the n-th event."""

    def __init__(self, number):
        self.number, self.count = number, 0

    def __call__(self, event):
        self.count += 1
        if self.count == self.number:
            raise Cancelled


def alike(one, other):
    """Whether arrays by name are equal to the last digit."""
    if set(one) != set(other):
        return False
    return all(np.array_equal(one[k], other[k], equal_nan=one[k].dtype.kind == "f") for k in one)


def test_an_event_is_a_line_of_text():
    assert str(us.Event("level", 2, None, "65 nodes")) == "level 2: 65 nodes"
    assert str(us.Event("critical", 2, 5)) == "critical 2/5"


@pytest.fixture(params=PROCEDURES)
def procedure(request):
    return PROCEDURES[request.param]


def test_events_and_exceptions(procedure):
    """Every procedure tells how far it is, which changes nothing; stopped anywhere, it finds the same afterwards."""
    function, stages = procedure
    before, events = function(), []
    assert alike(function(progress=events.append), before)
    check_events(events, stages)
    for part in (0.0, 0.02, 0.3, 0.7):
        with pytest.raises(Cancelled):
            function(progress=At(1 + int(part * len(events))))
    assert alike(function(), before)


def check_events(events, stages):
    """All stages are told of, and what is counted grows to its total."""
    assert stages <= {event.stage for event in events}
    last = {event.stage: event for event in events if event.total is not None}
    assert all(event.done == event.total for event in last.values())
    assert all(0 <= event.done <= event.total for event in events if event.total is not None)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_result_to_start_from_survives(number):
    start = us.solve(bilayer())
    near = bilayer(temperature=0.32)
    expected, states = solved(near, start=start), [p.state.copy() for p in start.state.packs]
    with pytest.raises(Cancelled):
        us.solve(near, start=start, progress=At(number))
    for pack, state in zip(start.state.packs, states, strict=True):
        assert np.array_equal(pack.state, state)
    assert alike(solved(near, start=start), expected)


def test_a_density_of_states_is_done_again_as_if_never_begun():
    expected = us.solve(bilayer()).file_data()
    for number in (2, 5, 9):
        result = us.solve(bilayer())
        result.progress = At(number)
        with pytest.raises(Cancelled):
            result.file_data()
        assert alike(numbers(result.file_data()), numbers(expected))


def test_events_come_from_inside_of_newtons_method(monkeypatch):
    """With one thread every Newton step is a place to stop; with several the caller waits an interval at most."""
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    for threads in ("1", "2"):
        monkeypatch.setenv("USADEL_THREADS", threads)
        events = []
        us.solve(rigid(), progress=events.append)
        assert sum(event.stage == "solve" for event in events) > 5


def test_events_come_from_the_calling_thread_only(monkeypatch):
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    monkeypatch.setenv("USADEL_THREADS", "2")
    threads = set()
    us.solve(bilayer(), progress=lambda event: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


def test_what_was_begun_ends_with_an_exception(monkeypatch):
    """Helpers stop at their next pulse, so that nothing that was given up goes on."""
    monkeypatch.setenv("USADEL_THREADS", "2")
    begun, ended = [], []

    def work(number):
        begun.append(number)
        try:
            while True:
                progress.pulse()
                time.sleep(0.001)
        finally:
            ended.append(number)

    def cancel(event):
        if len(begun) == 2:
            raise Cancelled

    with pytest.raises(Cancelled), progress.reporting(cancel, "work"):
        parallel(work, range(4))
    assert sorted(begun) == sorted(ended) == [0, 1]
    assert parallel(lambda x: 2 * x, range(4)) == [0, 2, 4, 6]


def test_a_function_may_solve_something_itself():
    """What the function does is not reported to it."""
    inner = []

    def look(event):
        if event.stage == "level":
            inner.append(us.solve(rigid()).error)

    us.solve(bilayer(), progress=look)
    assert inner and len(set(inner)) == 1


def test_two_threads_hear_of_their_own_work_only():
    heard = {"rigid": [], "gap": []}
    devices = {"rigid": rigid(), "gap": bilayer()}
    threads = [
        threading.Thread(target=us.solve, args=(devices[name],), kwargs={"progress": heard[name].append})
        for name in devices
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(event.stage == "gap step" for event in heard["rigid"])
    assert any(event.stage == "gap step" for event in heard["gap"])
