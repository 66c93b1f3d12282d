"""Parts of a study in processes of their own."""

import os
from functools import partial

import pytest

from usadel.studies.side_by_side import side_by_side


def square(number):
    if number < 0:
        raise ValueError("negative")
    return number**2, os.getpid()


def dies_elsewhere(parent, number):
    if os.getpid() != parent:
        os._exit(1)
    return number**2


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setenv("USADEL_THREADS", "2")


@pytest.mark.usefixtures("two_cores")
def test_results_come_in_order_from_other_processes():
    values, processes = zip(*side_by_side(square, range(5)), strict=True)
    assert values == (0, 1, 4, 9, 16)
    assert os.getpid() not in processes


def test_one_core_needs_no_process(monkeypatch):
    monkeypatch.setenv("USADEL_THREADS", "1")
    assert list(side_by_side(square, [3, 4])) == [(9, os.getpid()), (16, os.getpid())]


@pytest.mark.usefixtures("two_cores")
def test_what_goes_wrong_is_told():
    with pytest.raises(ValueError, match="negative"):
        list(side_by_side(square, [1, -1]))


@pytest.mark.usefixtures("two_cores")
def test_a_process_that_dies_is_made_up_for():
    assert list(side_by_side(partial(dies_elsewhere, os.getpid()), [1, 2, 3])) == [1, 4, 9]
