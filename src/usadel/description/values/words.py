"""A key that holds some of a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from usadel.description.values.keys import Key


@dataclass(frozen=True, kw_only=True)
class Words(Key):
    """A list of words, each of which may be named once; kept in the order in which they are declared."""

    words: tuple[str, ...]
    type_name = "list of strings"

    @property
    def allowed(self) -> str:
        return "a list of any of " + ", ".join(f'"{word}"' for word in self.words)

    def check(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, (list, tuple)):
            raise self._refused(value)
        if any(not isinstance(word, str) or word not in self.words for word in value) or len(set(value)) < len(value):
            raise self._refused(list(value))
        return tuple(word for word in self.words if word in value)

    def json_type(self) -> dict[str, Any]:
        return {"type": "array", "items": {"enum": list(self.words)}, "uniqueItems": True}
