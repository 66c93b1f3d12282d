"""Figures of the 2019 paper: branches, everything located on them, and the files, as `usadel reproduce` makes them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from usadel.studies import ouassou2019


def branches() -> dict[str, float]:
    """Wall times (s) with the start of the processes, numbers of points, estimated errors."""
    table: dict[str, float] = {}
    panels = ouassou2019.panels()
    for label, chosen in (("Fig. 2, two panels", [p for p in panels if p.name in ("fig2a", "fig2b")]), ("all", panels)):
        wall, located = _made(chosen)
        table[f"branches of the 2019 paper, {label} (s)"] = wall
        table["  points of a panel, at least"] = min(found["points"] for found in located)
        table["  estimated error"] = max(found["estimated_error"] for found in located)
    return table


def _made(chosen: list[ouassou2019.Panel]) -> tuple[float, list[dict]]:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        located = ouassou2019.reproduce(Path(folder), chosen=chosen)
        return time.perf_counter() - began, list(located.values())
