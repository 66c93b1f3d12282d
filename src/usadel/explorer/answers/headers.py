"""What a page is told of a device beside its solution: which controls there are, and what stands in their boxes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from usadel.explorer.answers import pictures
from usadel.explorer.answers.controls import Control, controls_of, values_of
from usadel.explorer.answers.drawing import drawing, nodes
from usadel.explorer.answers.session import Session

Bounds = Mapping[str, tuple[float, float]]


def structure(device: Any, bounds: Bounds | None = None) -> dict[str, Any]:
    """Controls, and the numbers that results may have."""
    controls = [bounded(control, bounds or {}).message() for control in controls_of(device)]
    return {"kind": "controls", "title": device.title, "controls": controls, "labels": pictures.labels(device)}


def bounded(control: Control, bounds: Bounds) -> Control:
    """A control with the range of its slider that was chosen on the page, if one was."""
    low, high = bounds.get(control.path, (control.low, control.high))
    return replace(control, low=low, high=high)


def state(session: Session, sequence: int) -> dict[str, Any]:
    """What stands in all boxes after an input, and what can be done."""
    device = session.now.device
    return {
        "kind": "state",
        "sequence": sequence,
        "title": device.title,
        "values": {path: [text, _finite(number)] for path, (text, number) in values_of(device).items()},
        "changes": session.changes(),
        "drawing": drawing(device),
        "nodes": nodes(device),
        "undo": session.can_undo,
        "redo": session.can_redo,
        "following": session.following,
        "notes": device.notes(),
    }


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
