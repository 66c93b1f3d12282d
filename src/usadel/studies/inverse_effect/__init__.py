"""Beyond the 2019 paper: what spin currents and torques do when spins are injected for good.

Nonlocal spin conductances and torques of magnets between which a superconductor, or a normal metal, carries spins; the
paper's device with its distribution solved for; damping of a precessing magnet; magnets on top of the superconductor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import usadel as us
from usadel import results
from usadel.progress import tell
from usadel.results import schema
from usadel.studies.inverse_effect.injection import MIXING, PAPER, SOURCE
from usadel.studies.inverse_effect.magnets_on_top import ON_TOP
from usadel.studies.inverse_effect.nonlocal_conductance import ANGLE, TEMPERATURE
from usadel.studies.inverse_effect.part import Part
from usadel.studies.inverse_effect.precession import DAMPING
from usadel.studies.side_by_side import side_by_side

PARTS = {
    "nonlocal_angle": ANGLE,
    "nonlocal_temperature": TEMPERATURE,
    "injection": PAPER,
    "recovery": MIXING,
    "sources": SOURCE,
    "damping": DAMPING,
    "on_top": ON_TOP,
}
"""By name of the files."""


def reproduce(directory: Path, chosen: Sequence[str] = tuple(PARTS)) -> dict[str, Any]:
    """Write every figure as PNG, PDF and netCDF; return what they show, by figure.

    Parameters
    ----------
    directory : existing folder for the files.
    chosen : names of `PARTS`.
    """
    work = [(name, partial(PARTS[name].measure, task)) for name in chosen for task in PARTS[name].tasks]
    measured: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
    tell("reproduce", 0, len(work))
    answers = side_by_side(_call, [task for _, task in work])
    for number, ((name, _), found) in enumerate(zip(work, answers, strict=True), 1):
        measured[name].append(found)
        tell("reproduce", number, len(work), name)
    return {name: _write(directory, name, PARTS[name], measured[name]) for name in chosen}


def _call(task: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return task()


def _write(directory: Path, name: str, part: Part, measured: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The files of a part; what it adds to the summary. What did not converge is kept, and said."""
    data, numbers = part.gather(measured)
    converged = bool(np.all(data.converged))
    data.attrs |= {
        "converged": int(converged), "usadel_version": us.__version__, "format_version": schema.FORMAT_VERSION,
    }  # fmt: skip
    results.save(data, directory / f"{name}.nc")
    for file, figure in part.draw(data).items():
        for ending in ("png", "pdf"):
            us.plots.save_figure(figure, directory / f"{file}.{ending}")
    return {"converged": converged} | numbers
