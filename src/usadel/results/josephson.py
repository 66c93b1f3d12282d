"""The dataset of a current-phase relation, or of several along an axis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from usadel.results import schema
from usadel.results.rows import Rows, axis_text
from usadel.units.beside import PROGRAM_ONLY, Beside

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

JUNCTION = "josephson"
CURRENT, ENERGY = "Delta_0/(|e| R_xi)", "N_0 Delta_0^2 xi A_0"

NEAR = 1e-2  # rad, of what is said to be 0 or π in words

SCALARS = {
    "critical_current_forward": (CURRENT, "Critical current from left to right", "I_+"),
    "critical_current_backward": (CURRENT, "Critical current from right to left", "I_-"),
    "phase_forward": ("rad", "Phase at the critical current from left to right", r"\varphi_+"),
    "phase_backward": ("rad", "Phase at the critical current from right to left", r"\varphi_-"),
    "ground_state_phase": ("rad", "Phase of the ground state", r"\varphi_0"),
    "diode_efficiency": ("1", "Difference of the critical currents over their sum", r"\eta"),
    "pi_energy": (ENERGY, "Energy at π less that at 0", r"F_\pi-F_0"),
}
"""Variable -> units, long name, symbol."""
ALONG = {
    "current": (CURRENT, "Current from left to right", "I"),
    "free_energy": (ENERGY, "Free energy", "F"),
    "stable": ("1", "Whether the state is stable", ""),
    "estimated_error": ("1", "Estimated largest error of gap, currents and accumulations", ""),
}
"""The same for what depends on the phase."""
_AMPLITUDES = (CURRENT, "Amplitudes of sin nφ and cos nφ", "I_n")


def josephson_dataset(
    phase: np.ndarray,
    arrays: Mapping[str, np.ndarray],
    axes: Mapping[str, Any],
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    """Return the labelled dataset of one relation, or of those of a map.

    Parameters
    ----------
    phase : (rad) of what depends on it.
    arrays : by the names in `ALONG` (axes …, phase) and `SCALARS` (axes …), and `harmonics` (axes …, harmonic, part).
    axes : path -> dimension, values, labels; empty for one relation.
    attributes : further global attributes.
    """
    import numpy as np
    import xarray as xr

    dims = tuple(path for path, (dim, *_) in axes.items() if path == dim)
    inner = dict.fromkeys(ALONG, ("phase",)) | dict.fromkeys(SCALARS, ()) | {"harmonics": ("harmonic", "part")}
    labels = {
        name: {"units": units, "long_name": text, "symbol": symbol}
        for name, (units, text, symbol) in (ALONG | SCALARS | {"harmonics": _AMPLITUDES}).items()
    }
    variables: dict[str, Any] = {
        name: ((*dims, *inner[name]), arrays[name], labels[name])
        for name in labels
        if name != "free_energy" or np.isfinite(arrays[name]).any()
    }
    left_less_right = {"units": "rad", "long_name": "Phase difference, left less right", "symbol": r"\varphi"}
    number = {"units": "1", "long_name": "Harmonic", "symbol": "n"}
    coords: dict[str, Any] = {
        "phase": ("phase", phase, left_less_right),
        "harmonic": ("harmonic", np.arange(1, arrays["harmonics"].shape[-2] + 1), number),
        "part": ("part", np.array(["sine", "cosine"])),
        **axes,
    }
    errors = arrays["estimated_error"][np.isfinite(arrays["estimated_error"])]
    common = {
        "procedure": JUNCTION,
        "format_version": schema.FORMAT_VERSION,
        "estimated_error": float(errors.max()) if errors.size else math.nan,
        "parameter": ", ".join(dims),
    }
    return xr.Dataset(variables, coords, common | dict(attributes))


def josephson_rows(data: xr.Dataset, beside: Beside = PROGRAM_ONLY) -> Rows:
    """What is said of a current-phase relation, or of those along an axis, as rows of label and text.

    beside : numbers in real units.
    """
    import numpy as np

    paths = str(data.attrs["parameter"]).split(", ") if data.attrs["parameter"] else []
    rows = Rows([("converged", "yes" if data.attrs["converged"] else "NO")])
    if paths:
        for path in paths:
            rows.append((f"over {path}", axis_text(data[path], beside)))
        currents = np.fmax(data["critical_current_forward"].values, data["critical_current_backward"].values)
        known = currents[np.isfinite(currents)]
        if known.size:
            rows.append(("critical current", _current_range(known, beside)))
        rows.append(("ground states", _ground_states(data["ground_state_phase"].values)))
        crossings: list[float] = list(data["crossing"].values) if "crossing" in data.coords else []
        if len(paths) == 1:
            rows.append(("0-π crossings", ", ".join(f"{value:.6g}" for value in crossings) or "none"))
    else:
        for name in ("forward", "backward"):
            current, phase = float(data[f"critical_current_{name}"]), float(data[f"phase_{name}"])
            place = f" at φ = {phase / math.pi:.4f} π" if math.isfinite(phase) else ""
            text = (
                f"{current:.6g} {schema.units_text(CURRENT)}{beside(CURRENT, current)}{place}"
                if math.isfinite(current)
                else "not known"
            )
            rows.append((f"critical current, {name}", text))
        ground = float(data["ground_state_phase"])
        rows.append(("ground state", f"φ = {ground / math.pi:.4f} π" if math.isfinite(ground) else "not known"))
        diode = float(data["diode_efficiency"])
        rows.append(("diode efficiency", f"{diode:.3g}" if math.isfinite(diode) else "not known"))
        rows.append(("phases", str(data["phase"].size)))
    rows.append(("estimated error", f"{data.attrs['estimated_error']:.0e}"))
    return rows


def _current_range(currents: np.ndarray, beside: Beside) -> str:
    first, last = float(currents.min()), float(currents.max())
    return f"{first:.6g}{beside(CURRENT, first)} to {last:.6g} {schema.units_text(CURRENT)}{beside(CURRENT, last)}"


def _ground_states(phases: np.ndarray) -> str:
    """Ground states in the order of the axis, if there is one, such as "0 for 3 values, π for 4"."""

    def name(phase: float) -> str:
        if not math.isfinite(phase):
            return "unknown"
        return "0" if abs(phase) < NEAR else "π" if math.pi - abs(phase) < NEAR else "between"

    names = list(map(name, phases.ravel()))
    runs = [(state, len(list(run))) for state, run in groupby(names if phases.ndim == 1 else sorted(names))]
    states = [f"{state} for {count}" for state, count in runs]
    plural = "" if runs[0][1] == 1 else "s"
    return ", ".join([f"{states[0]} value{plural}", *states[1:]])
