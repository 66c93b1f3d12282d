"""Stages of an answer: their order, the work that an input costs, and how a newer input ends them."""

import numpy as np
import pytest
from browser import EXAMPLES, PAPER

import usadel as us
from usadel.description.device.load import read_device
from usadel.explorer.answers import pictures, stages
from usadel.explorer.answers.session import Session
from usadel.explorer.answers.stages import Answer, Outdated
from usadel.explorer.answers.wire import pack, unpack

DEVICE = us.Stack.from_toml(PAPER)
DEVICES = {path.stem: us.load_device(path) for path in sorted(EXAMPLES.glob("*.toml"))}
DEVICES |= {kind: read_device(us.starter(kind)) for kind in us.starter_kinds()}


def run(session, wanted=lambda: True, most=20):
    """The stages of the next answer; results are kept as a connection does it."""
    request, found = session.take(), []
    for stage in stages.answers(request, wanted, lambda event: None):
        found.append(stage)
        if isinstance(stage, Answer) and stage.result is not None:
            session.found(request, stage.result)
        if len(found) == most:
            break
    return found


@pytest.fixture(scope="module")
def session():
    made = Session(DEVICE)
    made.begin(1)
    run(made)
    return made


def names(found):
    return [f"{one.kind} {one.header.get('stage', '')}" if isinstance(one, Answer) else "pause" for one in found]


def test_order(session):
    session.change(2, {"S.spin_voltage": "0.3"})
    found = run(session)
    expected = ["profiles preview", "map coarse", "map full", "pause", "profiles converged", "map whole"]
    assert names(found) == expected
    first, last = (found[k].header for k in (0, 4))
    assert first["converged"] == 0 and last["converged"] == 1
    assert first["error"] > last["error"]
    assert abs(first["values"]["gap_max"] - last["values"]["gap_max"]) <= first["error"] + last["error"]


@pytest.mark.parametrize("name", DEVICES)
def test_every_example_and_starter_has_its_pictures(name):
    session = Session(DEVICES[name].replace({"tolerance": 1e-3}))
    session.begin(1)
    found = run(session)
    assert names(found) == ["profiles converged", "map coarse", "map full", "pause", "map whole"]
    header = found[0].header
    known = {label[0] for label in pictures.labels(session.now.device)}
    assert set(header["values"]) <= known
    for answer in (one for one in found if isinstance(one, Answer)):
        assert unpack(pack({"kind": answer.kind, **answer.header}, answer.arrays))[0]["kind"] == answer.kind


def test_work_of_an_input_is_bounded(session, monkeypatch):
    """Of a small step: one solve from its neighbour on the same few nodes, and energies E >= 0 once each."""
    from usadel.observables.spectrum import Spectrum

    solves, energies = [], []
    true_solve, true_energies = stages.solved, Spectrum._solve
    monkeypatch.setattr(stages, "solved", lambda *a: solves.append(true_solve(*a)) or solves[-1])

    def counted(self, chosen, known):
        energies.extend(chosen)
        true_energies(self, chosen, known)

    monkeypatch.setattr(Spectrum, "_solve", counted)
    session.change(3, {"S.spin_voltage": "0.31"})
    run(session, most=3)
    assert len(solves) == 1
    assert solves[0].data.attrs["newton_steps"] <= 6 and solves[0].data.sizes["position"] <= 51
    assert len(energies) == len(set(energies)) == stages.OPTIONS.energies[1]
    assert min(energies) == 0


def test_maps_are_what_the_result_gives(session):
    session.change(4, {"S.spin_voltage": "0.32"})
    found = run(session)
    whole, result = found[-1], found[4].result
    expected = us.solve(result.device).dos(whole.arrays["energy"][::40])
    assert np.allclose(whole.arrays["dos"][:, ::40], expected.interp(position=whole.arrays["position"]).dos, atol=2e-3)


def test_a_newer_input_ends_an_answer_after_its_profiles(session):
    session.change(5, {"S.spin_voltage": "0.33"})
    request = session.take()
    found = stages.answers(request, lambda: session.wants(request), lambda event: None)
    session.change(6, {"S.spin_voltage": "0.34"})
    assert next(found).header["stage"] == "preview"  # a drag shows something
    with pytest.raises(Outdated):
        next(found)
    assert run(session)[0].header["stage"] == "preview"


def test_a_first_answer_that_takes_too_long_is_given_up(session, monkeypatch):
    monkeypatch.setattr(stages, "OPTIONS", stages.Options(patience=0.0))
    session.change(7, {"S.spin_voltage": "0.35"})
    with pytest.raises(Outdated):
        run(session, wanted=lambda: False)


def test_beyond_the_fold_another_solution_is_named_and_points_of_the_branch_can_be_gone_to(session):
    session.change(8, {"S.spin_voltage": "1.0"})
    run(session)
    session.change(9, {"S.spin_voltage": "0.75"})
    found = run(session)
    assert found[0].header["state"].startswith("normal") and names(found)[-1] == "other "
    assert found[-1].header["gap"] > 0.8

    watch = stages.Watch(lambda: True, lambda event: None)
    request = stages.Request(9, DEVICE, "S.spin_voltage", None)
    (answer,) = stages.branch_answer(request, (0.0, 1.0), watch)
    branch, rows = answer.data, answer.arrays
    assert rows["parameter"].size == rows["gap"].size == rows["stable"].size
    stable = rows["stable"] == 1
    with pytest.raises(us.InputError, match="unstable"):
        stages.point_of(branch, int(np.flatnonzero(~stable)[5]))
    with pytest.raises(us.InputError, match="no such point"):
        stages.point_of(branch, 1000)
    (index,) = np.flatnonzero(stable & (rows["parameter"] > 0.8) & (rows["gap"] > 0.5))[[0]]
    value, gap = rows["parameter"][index], rows["gap"][index]
    session.jump(10, "S.spin_voltage", float(value), stages.point_of(branch, index))
    found = run(session)
    assert found[0].header["state"].startswith("superconducting")
    assert found[4].header["values"]["gap_max"] == pytest.approx(gap, abs=1e-3)


def test_where_there_is_no_branch_it_is_said(session):
    request = stages.Request(1, DEVICE, "S.spin_voltage", None)
    (answer,) = stages.branch_answer(request, (0.3, 0.3), stages.Watch(lambda: True, lambda event: None))
    assert answer.kind == "note" and "empty" in answer.header["text"]


def test_a_tolerance_that_a_preview_has_needs_no_second_solve():
    session = Session(DEVICE.replace({"tolerance": 1e-3}))
    session.begin(1)
    found = run(session)
    assert names(found) == ["profiles converged", "map coarse", "map full", "pause", "map whole"]


def test_what_does_not_converge_is_said_with_its_advice():
    floating = """
    temperature = 0.2
    tolerance = 1e-3
    [[stack]]
    kind = "normal_reservoir"
    voltage = 0.3
    [[stack]]
    kind = "superconductor"
    length = 4
    """
    session = Session(us.Stack.from_toml(floating))
    session.begin(1)
    found = run(session, most=1)
    header = found[0].header
    assert (header["converged"], header["stage"]) == (0, "not converged")
    assert "condensate" in header["advice"]
