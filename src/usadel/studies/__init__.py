"""The published figures, and studies that come up again and again, as users of the public API."""

from __future__ import annotations

import importlib
import json
import time
from pathlib import Path
from typing import Any

from usadel.progress import Progress, reporting
from usadel.studies.recipes import (
    NIOBIUM_COPPER_NICKEL,
    Bilayer,
    injection_diagram,
    spin_valve,
    triplet_junction,
    zero_pi,
)

__all__ = [
    "NIOBIUM_COPPER_NICKEL",
    "STUDIES",
    "Bilayer",
    "injection_diagram",
    "located_text",
    "reproduce",
    "spin_valve",
    "triplet_junction",
    "zero_pi",
]

STUDIES = ("ouassou2019", "morten2004", "inverse_effect")
"""What can be reproduced: the figures of two papers, and what follows beyond the first."""

TABLES = ("nonlocal_spin_conductance",)
"""Numbers of a figure that stand in a summary itself, where others read them."""


def reproduce(name: str, directory: str | Path | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Make the figures of a study.

    Parameters
    ----------
    name : one of `STUDIES`.
    directory : folder for figures, netCDF files and ``summary.json``; made if it is missing. Default: `name`.
    progress : called with an `Event` now and then; an exception that it raises ends the work.

    Returns
    -------
    dict
        What ``summary.json`` holds: located points by figure, whether everything converged, and tables of the study.

    Raises
    ------
    InputError
        If there is no study of that name, or the folder cannot be made.
    """
    import usadel as us
    from usadel import results

    if name not in STUDIES:
        raise us.InputError(f"no study is called '{name}'; allowed: {', '.join(STUDIES)}")
    folder = Path(directory or name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise us.InputError(f"cannot make the folder '{folder}': {error.strerror}") from None
    began = time.perf_counter()
    with reporting(progress, "reproduce"):
        figures = importlib.import_module(f"usadel.studies.{name}").reproduce(folder)
    summary = {
        "study": name,
        "folder": str(folder),
        "converged": all(figure["converged"] for figure in figures.values()),
        "seconds": round(time.perf_counter() - began, 2),
        "usadel_version": us.__version__,
        "figures": figures,
    }
    summary |= {key: figure.pop(key) for figure in figures.values() for key in TABLES if key in figure}
    results.write_file(folder / "summary.json", (json.dumps(summary, indent=2) + "\n").encode("utf-8"))
    return summary


def located_text(summary: dict[str, Any]) -> str:
    """A few lines for a terminal: what was located in each figure."""
    rows = [(name, _located(figure)) for name, figure in summary["figures"].items()]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {text}" for name, text in rows]
    took = f"{'all converged' if summary['converged'] else 'NOT all converged'}, in {summary['seconds']:.1f} s"
    return "\n".join([summary["study"], *lines, took, f"written to {summary['folder']}"])


def _located(figure: dict[str, Any]) -> str:
    """Numbers and lists of numbers of a figure, by name; a star where it did not converge."""
    parts = [] if figure["converged"] else ["NOT CONVERGED"]
    for key, value in figure.items():
        numbers = value if isinstance(value, list) else [value]
        if key in _SHOWN and numbers:
            parts.append(f"{_SHOWN[key]} {', '.join(_number(n) for n in numbers)}")
    return "; ".join(parts) or "converged"


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, (int, float)) else _number(next(iter(value.values())))


_SHOWN = {
    "folds": "folds at",
    "gap_closings": "gap closes at",
    "zero_work": "no work at",
    "rotation_points": "rotation by 90° at",
    "critical_temperature": "critical temperature",
}
