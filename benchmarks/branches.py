"""Figures of the 2019 paper: branches, everything located on them, and the files, as `usadel reproduce` makes them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import usadel as us
from usadel.studies import ouassou2019
from usadel.studies.side_by_side import side_by_side

TOLERANCE = 1e-6


def branches() -> dict[str, float]:
    """Wall times (s) of Fig. 2 in processes that are warm, and of fresh ones with all files; numbers of points."""
    panels = ouassou2019.panels()
    second = [panel for panel in panels if panel.name in ("fig2a", "fig2b")]
    times = list(side_by_side(located_when_warm, second))
    table = {"Fig. 2 of the 2019 paper, both branches located (s)": max(times)}
    for label, chosen in (("Fig. 2 of the 2019 paper", second), ("all its panels", panels)):
        wall, located = made(chosen)
        table[f"{label}, from start to files (s)"] = wall
        table[f"{label}, fewest points"] = min(found["points"] for found in located)
        table[f"{label}, estimated error"] = max(found["estimated_error"] for found in located)
    return table


def located_when_warm(panel: ouassou2019.Panel) -> float:
    """Time (s) of a branch and of what is located on it, after a piece of it."""
    device = panel.device(TOLERANCE)
    us.trace(device, panel.path, panel.start, 0.05 * panel.stop)
    began = time.perf_counter()
    branch = us.trace(device, panel.path, panel.start, panel.stop, step=panel.step)
    ouassou2019.locate(panel, branch, TOLERANCE)
    return time.perf_counter() - began


def made(chosen: list[ouassou2019.Panel]) -> tuple[float, list[dict[str, Any]]]:
    """Time (s) of some panels, and what was located on them."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        located = ouassou2019.reproduce(Path(folder), tolerance=TOLERANCE, chosen=chosen)
        return time.perf_counter() - began, list(located.values())
