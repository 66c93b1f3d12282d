"""What a traced branch says in a few lines: computed from the dataset alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from usadel.results.rows import Rows, laid_out
from usadel.results.summary import title

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

_ENDS = {
    "stop": "reaches the end of its range",
    "start": "is back at its start",
    "gap_closing": "ends where the gap vanishes",
    "points": "has too many points: range too long for its steps",
    "failed": "cannot be followed further",
}


def branch_summary_text(data: xr.Dataset, seconds: float, path: str) -> str:
    """Lay out a traced branch, or the sweeps up and down, for a terminal."""
    return laid_out([*branch_rows(data, f" in {seconds:.2f} s"), ("written to", path)], title(data))


def branch_rows(data: xr.Dataset, time: str = "") -> Rows:
    """What is said of a traced branch, as rows of label and text.

    Parameters
    ----------
    data : xarray.Dataset
        Of a trace.
    time : str
        What follows the number of points.
    """
    import numpy as np

    name = str(data.attrs["parameter"])
    parameter = data[name].values
    word = "yes" if data.attrs["converged"] else "NO"
    rows = Rows([("converged", f"{word}, {data['stable'].size} points{time}")])
    failed = int((data["converged"] == 0).sum())
    if failed:
        rows.append(("failed", f"{failed} points"))
    located = data.attrs.get("method") != "point by point"
    if "direction" in data.dims:
        rows.append(("sweeps", f"{name} from {parameter[0]:g} to {parameter[-1]:g} and back"))
        if not located:
            rows.append(("up and down", _differing(data, parameter)))
        rows += [(f"jumps {way}", _marked(data.sel(direction=way), name)) for way in ("up", "down") if located]
    else:
        end = _ENDS[str(data.attrs["branch_end"])]
        rows.append(("branch", f"{name} from {parameter[0]:g} to {parameter[-1]:g}; {end}"))
    if not located:
        rows.append(("folds, closings", "not located: each point starts from the last"))
    elif "direction" not in data.dims:
        rows.append(("folds", _values(parameter[data["fold"].values == 1])))
        rows.append(("gap vanishes", _values(parameter[data["gap_closing"].values == 1])))
        if "free_energy" in data and "transition" in data:
            at = np.unique(parameter[data["transition"].values == 1])
            rows.append(("first-order transition", _values(at)))
        rows.append(("stable", f"{int(data['stable'].sum())} of {parameter.size} points"))
    rows.append(("estimated error", f"{data.attrs['estimated_error']:.0e}"))
    rows.append(("conservation error", f"{data.attrs['conservation_error']:.0e}"))
    return rows


def _marked(data: xr.Dataset, name: str) -> str:
    """Where a sweep jumps: at folds, and where the normal state becomes unstable."""
    return _values(data[name].values[(data["fold"] + data["gap_closing"]).values > 0])


def _differing(data: xr.Dataset, parameter: np.ndarray) -> str:
    """Where the gaps of both sweeps differ by more than their errors."""
    up, down = (data.sel(direction=way) for way in ("up", "down"))
    apart = abs(up["gap"] - down["gap"]).max("position") > up["estimated_error"] + down["estimated_error"]
    where = parameter[apart.values]
    return f"differ from {where.min():g} to {where.max():g}" if where.size else "alike where both converged"


def _values(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.8g}" for value in values) or "none"
