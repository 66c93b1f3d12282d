"""Nothing: ĝ∂ĝ = 0."""

from __future__ import annotations

from typing import Any


def across(interface: Any, unit: float) -> None:
    """Nothing is transmitted."""


def own(interface: Any, unit: float, side: str) -> None:
    """Nothing is reflected with a phase."""
