"""Titles that name parameters: ``{angle}`` stands for the value of the parameter `angle`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{(\w+)\}")


def filled(title: str, parameters: Mapping[str, float | str]) -> str:
    """A title with the parameters in their places, as they are written; braces around anything else stay."""

    def replacement(found: re.Match[str]) -> str:
        value = parameters.get(found[1], found[0])
        return value if isinstance(value, str) else f"{value:.12g}"

    return _PLACE.sub(replacement, title)
