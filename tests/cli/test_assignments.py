"""PATH=VALUE: numbers, truth values, lists and quoted text are themselves; the rest stays an expression."""

import pytest
import typer

from usadel.cli.assignments import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.25", 0.25),
        ("-3", -3),
        ("1e-3", 1e-3),
        ("true", True),
        ('"left"', "left"),
        ("left", "left"),
        ("[1, 0, 0]", [1, 0, 0]),
        ('["cos(pi/4)", 0, 1]', ["cos(pi/4)", 0, 1]),
        ("pi/2", "pi/2"),
        ("a=b", "a=b"),
        ("1\nother = 2", "1\nother = 2"),
        ("1979-05-27", "1979-05-27"),
        ("{a = 1}", "{a = 1}"),
    ],
)
def test_values(text, value):
    (read,) = parse([f"S.length={text}"]).values()
    assert read == value and type(read) is type(value)


def test_last_of_one_path_counts_and_spaces_do_not():
    assert parse(["a=1", " b = 2 ", "a=3"]) == {"a": 3, "b": 2}


@pytest.mark.parametrize("text", ["", "a", "=", "a=", "=1", "a= "])
def test_incomplete(text):
    with pytest.raises(typer.BadParameter, match="PATH=VALUE"):
        parse([text])
