"""The state of a page without web and threads: steps back, branches, newest wins, refusals."""

import pytest
from browser import PAPER

import usadel as us
from usadel.explorer.answers.connection import _span
from usadel.explorer.answers.session import MOST_STEPS, Session, device_of

DEVICE = us.Stack.from_toml(PAPER)


class Found:
    """Stands for a result."""

    def __init__(self, request):
        self.device = request.device


@pytest.fixture
def session():
    made = Session(DEVICE)
    made.begin(1)
    answer(made)
    return made


def answer(session):
    request = session.take()
    session.found(request, Found(request))
    return request


def value(session):
    return session.now.device.value("S.spin_voltage")


def test_the_newest_input_wins_and_others_are_counted(session):
    for k in range(5):
        session.change(2 + k, {"S.spin_voltage": f"0.{k + 1}"})
    request = session.take()
    assert (request.sequence, request.device.value("S.spin_voltage")) == (6, 0.5)
    assert session.take() is None
    assert (session.counts.asked, session.counts.dropped) == (6, 4)
    assert session.wants(request)
    session.change(7, {"S.spin_voltage": "0.7"})
    assert not session.wants(request)


def test_a_drag_is_one_step_and_typed_values_are_steps_of_their_own(session):
    for k in range(1, 30):
        session.change(1 + k, {"S.spin_voltage": str(0.25 + 0.01 * k)}, gesture=4)
    session.change(40, {"S.spin_voltage": "0.6"})
    session.change(41, {"S.spin_voltage": "0.7"})
    seen = []
    while session.can_undo:
        session.undo(50)
        seen.append(value(session))
    assert seen == pytest.approx([0.6, 0.54, 0.25])
    session.redo(60)
    assert value(session) == pytest.approx(0.54)
    session.change(61, {"S.spin_voltage": "0.1"})
    assert not session.can_redo


def test_what_is_refused_changes_nothing(session):
    before = session.now
    for texts in ({"S.length": "-1"}, {"S.nothing": "1"}, {"S.length": "__import__('os')"}, {"temperature": "0"}):
        with pytest.raises(us.InputError):
            session.change(2, texts)
    assert session.now is before and not session.can_undo and session.take() is None
    assert session.newest == 1 and session.counts.asked == 1


def test_an_input_that_turns_out_to_be_none_is_no_step(session):
    before = session.now
    session.change(2, {"S.length": "2"})
    session.withdraw(session.take())
    assert session.now is before and not session.can_undo


def test_follow_starts_from_what_was_shown_last_and_fresh_from_nothing(session):
    first = session.now.result
    session.change(2, {"S.spin_voltage": "0.3"})
    assert answer(session).start is first
    session.fresh(3)
    assert answer(session).start is None
    session.change(4, {"S.spin_voltage": "0.4"})
    assert answer(session).start is None
    shown = session.now.result
    session.follow(5)
    assert answer(session).start is shown


def test_a_step_back_leads_to_the_solution_that_was_there(session):
    first = session.now.result
    session.change(2, {"S.spin_voltage": "0.9"})
    answer(session)
    session.undo(3)
    assert answer(session).start is first


def test_a_point_of_a_branch_is_found_from_its_own_solution(session):
    session.jump(2, "S.spin_voltage", 0.8, "start")
    request = answer(session)
    assert (request.start, request.path, value(session)) == ("start", "S.spin_voltage", 0.8)
    session.undo(3)
    assert value(session) == 0.25


def test_steps_back_are_bounded(session):
    for k in range(2 * MOST_STEPS):
        session.change(2 + k, {"S.spin_voltage": str(0.001 * (k + 1))})
    steps = 0
    while session.can_undo:
        session.undo(1000 + steps)
        steps += 1
    assert steps == MOST_STEPS


def test_an_empty_box_is_the_default(session):
    session.change(2, {"S.spin_voltage": "", "S.inelastic": "0.02"})
    assert value(session) == 0
    session.change(3, {"S.inelastic": " "})
    assert session.now.device.value("S.inelastic") == DEVICE.value("inelastic")


def test_changes_are_what_a_link_needs(session):
    session.change(2, {"S.spin_voltage": "0.1", "mixing": "0.3 * 2"})
    changes = session.changes()
    assert changes == {"S.spin_voltage": "0.1", "mixing": "0.3 * 2"}
    again = Session(DEVICE)
    again.change(1, changes)
    assert again.now.device == session.now.device


def test_what_follows_from_another_value_is_no_change(session):
    """Elements have the temperature of the device: a link that wrote it into each would cut them off from it."""
    session.change(2, {"temperature": "0.2"})
    assert session.changes() == {"temperature": "0.2"}
    assert session.now.device == DEVICE.replace({"temperature": 0.2})
    again = Session(DEVICE)
    again.change(1, session.changes())
    again.change(2, {"temperature": "0.3"})
    assert again.now.device.value("S.temperature") == 0.3


def test_text_from_a_page_is_never_the_name_of_a_file(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text(PAPER, encoding="utf-8")
    with pytest.raises(us.InputError):
        device_of(str(path))
    assert device_of(PAPER) == DEVICE


def test_a_branch_spans_the_slider_that_the_page_shows(session):
    session.change(2, {"S.spin_voltage": "0.9"})
    assert _span(session.take(), session) == (0, 1)
    session.bounds["S.spin_voltage"] = (0.2, 0.5)
    session.change(3, {"S.spin_voltage": "0.7"})
    assert _span(session.take(), session) == (0.2, 0.7)  # a value that is typed widens it
