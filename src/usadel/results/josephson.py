"""The dataset of a current-phase relation, or of several along an axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from usadel.results import schema
from usadel.results.rows import Rows

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
}
"""Variable -> units, long name, symbol."""
ALONG = {
    "current": (CURRENT, "Current from left to right", "I"),
    "free_energy": (ENERGY, "Free energy", "F"),
    "stable": ("1", "Whether the state is stable", ""),
    "estimated_error": ("1", "Estimated largest error of gap, currents and accumulations", ""),
}
"""The same for what depends on the phase."""


def josephson_dataset(
    axis: tuple[str, str, Sequence[float]] | None,
    phase: np.ndarray,
    columns: Sequence[Mapping[str, np.ndarray]],
    numbers: Sequence[Mapping[str, float]],
    harmonics: np.ndarray,
    converged: Sequence[bool],
    crossings: Sequence[float],
) -> xr.Dataset:
    """Return the labelled dataset of one relation, or of those along an axis.

    Parameters
    ----------
    axis : path, unit and values of the axis; None if there is none.
    phase : (rad) that `columns` belong to.
    columns, numbers : of each relation, by the names in `ALONG` and `SCALARS`.
    harmonics : (relations, harmonics, 2).
    converged : of each relation.
    crossings : values of the axis at which the ground state changes between 0 and π.
    """
    import numpy as np
    import xarray as xr

    path, unit, values = axis or ("", "", ())
    dims = (path,) if path else ()

    def entry(array: np.ndarray, inner: tuple[str, ...], about: tuple[str, str, str]) -> tuple[Any, ...]:
        attributes = dict(zip(("units", "long_name", "symbol"), about, strict=True))
        return (*dims, *inner), array if path else array[0], attributes

    variables: dict[str, Any] = {}
    for table, parts, inner in ((ALONG, columns, ("phase",)), (SCALARS, numbers, ())):
        for name, about in table.items():
            stacked = np.array([part[name] for part in parts], float)
            if name != "free_energy" or np.isfinite(stacked).any():
                variables[name] = entry(stacked, inner, about)
    amplitudes = (CURRENT, "Amplitudes of sin nφ and cos nφ", "I_n")
    variables["harmonics"] = entry(harmonics, ("harmonic", "part"), amplitudes)
    left_less_right = {"units": "rad", "long_name": "Phase difference, left less right", "symbol": r"\varphi"}
    number = {"units": "1", "long_name": "Harmonic", "symbol": "n"}
    coords: dict[str, Any] = {
        "phase": ("phase", phase, left_less_right),
        "harmonic": ("harmonic", np.arange(1, harmonics.shape[1] + 1), number),
        "part": ("part", np.array(["sine", "cosine"])),
    }
    if path:
        labels = schema.parameter_attributes(path, unit)
        coords[path] = (path, np.asarray(values, float), labels)
        done = {"units": "1", "long_name": "Whether the relation reached its tolerance", "symbol": "c"}
        variables["converged"] = (dims, np.array(converged, np.int64), done)
        coords |= {"crossing": ("crossing", np.array(crossings), labels)} if crossings else {}
    errors = np.concatenate([part["estimated_error"] for part in columns])
    known = errors[np.isfinite(errors)]
    attributes = {
        "procedure": JUNCTION,
        "format_version": schema.FORMAT_VERSION,
        "converged": int(all(converged)),
        "estimated_error": float(known.max()) if known.size else math.nan,
        "parameter": path,
    }
    return xr.Dataset(variables, coords, attributes)


def josephson_rows(data: xr.Dataset) -> Rows:
    """What is said of a current-phase relation, or of those along an axis, as rows of label and text."""
    import numpy as np

    path = str(data.attrs["parameter"])
    rows = Rows([("converged", "yes" if data.attrs["converged"] else "NO")])
    if path:
        values = data[path].values
        rows.append((f"over {path}", f"{values[0]:.6g} to {values[-1]:.6g}, {values.size} values"))
        currents = np.fmax(data["critical_current_forward"].values, data["critical_current_backward"].values)
        known = currents[np.isfinite(currents)]
        if known.size:
            rows.append(("critical current", f"{known.min():.6g} to {known.max():.6g} {schema.units_text(CURRENT)}"))
        rows.append(("ground states", _ground_states(data["ground_state_phase"].values)))
        crossings: list[float] = list(data["crossing"].values) if "crossing" in data.coords else []
        rows.append(("0-π crossings", ", ".join(f"{value:.6g}" for value in crossings) or "none"))
    else:
        for name in ("forward", "backward"):
            current, phase = float(data[f"critical_current_{name}"]), float(data[f"phase_{name}"])
            place = f" at φ = {phase / math.pi:.4f} π" if math.isfinite(phase) else ""
            text = f"{current:.6g} {schema.units_text(CURRENT)}{place}" if math.isfinite(current) else "not known"
            rows.append((f"critical current, {name}", text))
        ground = float(data["ground_state_phase"])
        rows.append(("ground state", f"φ = {ground / math.pi:.4f} π" if math.isfinite(ground) else "not known"))
        diode = float(data["diode_efficiency"])
        rows.append(("diode efficiency", f"{diode:.3g}" if math.isfinite(diode) else "not known"))
        rows.append(("phases", str(data["phase"].size)))
    rows.append(("estimated error", f"{data.attrs['estimated_error']:.0e}"))
    return rows


def _ground_states(phases: np.ndarray) -> str:
    """Ground states in the order of the axis, such as "0 for 3 values, π for 4"."""

    def name(phase: float) -> str:
        if not math.isfinite(phase):
            return "unknown"
        return "0" if abs(phase) < NEAR else "π" if math.pi - abs(phase) < NEAR else "between"

    runs = [(state, len(list(run))) for state, run in groupby(map(name, phases))]
    states = [f"{state} for {count}" for state, count in runs]
    plural = "" if runs[0][1] == 1 else "s"
    return ", ".join([f"{states[0]} value{plural}", *states[1:]])
