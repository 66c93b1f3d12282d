"""One tree of exceptions, which keep what they were before there was one."""

import pickle

import pytest

import usadel as us
from usadel import errors


def test_everything_but_an_interruption_grows_from_one_ground():
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, BaseException)]
    assert len(kinds) >= 9
    assert {kind for kind in kinds if not issubclass(kind, us.UsadelError)} == {us.Interrupted}


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (us.InputError, ValueError), (us.NoTransition, us.InputError), (us.NotConverged, RuntimeError),
        (us.StorageError, OSError), (us.plots.PlotError, ValueError), (errors.ResultError, ValueError),
        (errors.SchemaError, KeyError), (us.Interrupted, KeyboardInterrupt),
    ],
)  # fmt: skip
def test_each_is_still_what_it_was(kind, builtin):
    assert issubclass(kind, builtin)


def test_an_interruption_is_no_exception_that_a_loop_would_swallow():
    assert not issubclass(us.Interrupted, Exception)


def test_old_places_still_have_them():
    from usadel.plots import PlotError
    from usadel.results import ResultError, SchemaError, StorageError
    from usadel.solution.result import NotConverged

    found = {NotConverged, PlotError, ResultError, SchemaError, StorageError}
    assert found == {
        us.NotConverged, us.plots.PlotError, errors.ResultError, errors.SchemaError, us.StorageError,
    }  # fmt: skip


def test_an_input_error_keeps_its_kind_and_place():
    error = us.NoTransition("no transition from 0 to 1", key="length").under("S")
    assert type(error) is us.NoTransition and str(error) == "S.length: no transition from 0 to 1"
    assert type(pickle.loads(pickle.dumps(error))) is us.NoTransition


def test_interruptions_are_seen_through_whatever_wraps_them():
    """Compiled code and imports wrap them, more than once."""
    try:
        try:
            try:
                raise KeyboardInterrupt
            except KeyboardInterrupt as error:
                raise SystemError("returned a result with an exception set") from error
        except SystemError:
            raise ImportError("initialization failed")  # noqa: B904 - as extension modules do
    except ImportError as error:
        assert errors.is_interruption(error)
    assert not errors.is_interruption(ValueError())
