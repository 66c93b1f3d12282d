"""What becomes of a file that stands where a command wants to write: the table of all cases, without any file."""

from pathlib import Path

import pytest

from usadel.cli.outputs import Decision, Wanted, _relative, decide
from usadel.results import Existing

GOES = Decision()  # replaced without a word

OWN = {"procedure": "trace", "source": "x.toml", "parameter": "temperature", "converged": True}


def there(**changes):
    return Existing(**(OWN | changes))


FOREIGN = Existing(problem="it is a letter")
EMPTY = Existing(problem="the file is empty", empty=True)

# what is there, whether its device is the one to be solved, and what becomes of it under the default name
DEFAULT_NAME = {
    "nothing": (None, False, GOES),
    "same device, converged": (there(), True, Decision(protected=True)),
    "same device, not converged": (there(converged=False), True, GOES),
    "other values": (there(), False, Decision(note="it was the result of other values of x.toml")),
    "other parameter": (
        there(parameter="S.length"),
        True,
        Decision(note="it was the result for another parameter, S.length", protected=True),
    ),
    "other SYSTEM": (there(source="b/x.toml"), True, Decision("it is a result of b/x.toml, not of x.toml")),
    "other kind": (there(procedure="solve"), True, Decision("it is a result of another kind: solve, not trace")),
    "unknown kind": (there(procedure=""), True, Decision("it is a result of another kind: unknown, not trace")),
    "version 0.1.0": (there(source=None), True, Decision(protected=True)),
    "version 0.1.0, other values": (
        there(source=None),
        False,
        Decision(note="it was the result of other values of x.toml"),
    ),
    "version 0.1.0, other kind": (
        there(source=None, procedure="critical"),
        True,
        Decision("it is a result of another kind: critical, not trace"),
    ),
    "from Python": (there(source=""), True, Decision(protected=True)),
    "from Python, other values": (there(source=""), False, Decision("it was saved from Python, not from x.toml")),
    "foreign": (FOREIGN, False, Decision("it is a letter")),
    "empty": (EMPTY, False, Decision("the file is empty")),
}


@pytest.mark.parametrize("case", DEFAULT_NAME)
def test_default_name(case):
    existing, same, expected = DEFAULT_NAME[case]
    assert decide(existing, Wanted("trace", "x.toml", "temperature"), same) == expected


@pytest.mark.parametrize("case", DEFAULT_NAME)
def test_force_changes_refusals_only(case):
    existing, same, expected = DEFAULT_NAME[case]
    forced = decide(existing, Wanted("trace", "x.toml", "temperature", force=True), same)
    assert forced == (GOES if expected.refusal else expected)


@pytest.mark.parametrize("case", DEFAULT_NAME)
@pytest.mark.parametrize("force", [False, True])
def test_explicit_name(case, force):
    """Any result is replaced without a word, and an empty file; anything else only with --force."""
    existing, same, _ = DEFAULT_NAME[case]
    expected = Decision("it is a letter") if case == "foreign" and not force else GOES
    assert decide(existing, Wanted("trace", "x.toml", "temperature", True, force), same) == expected


@pytest.mark.parametrize(
    ("system", "target", "source"),
    [
        ("x.toml", "x.nc", "x.toml"),
        ("here/x.toml", "x.nc", "here/x.toml"),
        ("here/x.toml", "here/x.nc", "x.toml"),
        ("x.toml", "here/x.nc", "../x.toml"),
        ("here/../x.toml", "x.nc", "x.toml"),
    ],
)
def test_source_is_seen_from_the_folder_of_the_result(tmp_path, monkeypatch, system, target, source):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path)
    assert _relative(Path(system), Path(target)) == source
    assert _relative(tmp_path / system, Path(target)) == source
