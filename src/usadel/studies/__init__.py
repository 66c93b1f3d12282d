"""The published figures, as users of the public API."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STUDIES = ("ouassou2019", "morten2004")
"""Papers whose figures can be reproduced."""


def reproduce(
    name: str, directory: str | Path | None = None, progress: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Make the figures of a paper.

    Parameters
    ----------
    name : one of `STUDIES`.
    directory : folder for figures, netCDF files and ``summary.json``; made if it is missing. Default: `name`.
    progress : called with a short text now and then.

    Returns
    -------
    dict
        What ``summary.json`` holds: located points by figure, and whether everything converged.

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
    figures = importlib.import_module(f"usadel.studies.{name}").reproduce(folder, progress)
    summary = {
        "study": name,
        "converged": all(figure["converged"] for figure in figures.values()),
        "seconds": round(time.perf_counter() - began, 2),
        "usadel_version": us.__version__,
        "figures": figures,
    }
    with results.replacing(folder / "summary.json") as temporary:
        temporary.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary
