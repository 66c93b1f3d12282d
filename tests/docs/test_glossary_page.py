"""The glossary explains words that the code really uses, each once in a section."""

import re

from pages import REPOSITORY

WORD = re.compile(r"`(\w+)`")


def sections():
    """Words of each section."""
    text = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8")
    parts = [part.splitlines() for part in text.split("\n## ")[1:]]
    return [WORD.findall(" ".join(line.split(" | ")[0] for line in part if line.startswith("| `"))) for part in parts]


def test_every_word_is_used():
    source = [path.read_text(encoding="utf-8") for path in sorted((REPOSITORY / "src" / "usadel").rglob("*.py"))]
    words = set(re.findall(r"[a-z]+(?:_[a-z]+)*", " ".join(source).lower()))
    listed = [word for section in sections() for word in section]
    assert len(listed) > 60
    assert [word for word in listed if not {word, f"{word}s"} & words] == []


def test_no_word_stands_twice_in_a_section():
    assert [section for section in sections() if len(set(section)) < len(section)] == []
