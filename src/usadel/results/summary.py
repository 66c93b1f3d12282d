"""What a result says in a few lines: computed from the dataset alone, for the terminal and for programs."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from usadel.description.values.titles import filled
from usadel.results import schema
from usadel.results.rows import Rows, laid_out
from usadel.units.beside import PROGRAM_ONLY, Beside

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr


SHOWN = 1e-9  # of a unit; what is smaller is shown as 0


@dataclass(frozen=True)
class LayerLabel:
    """What is known of a layer by its number.

    Attributes
    ----------
    name : what a figure calls it: its name, else S, N, F or H after its kind, else its number.
    kind : such as "superconductor"; empty in files that do not say it.
    place : of a layer without a name, such as "stack.3" or "wire.0.stack.1"; else empty.
    """

    name: str
    kind: str = ""
    place: str = ""


def title(data: xr.Dataset) -> str:
    """Title of the device, or an empty string."""
    device = _device(data)
    return filled(str(device.get("title", "")), device.get("parameters", {}))


def _device(data: xr.Dataset) -> dict[str, Any]:
    """Tables of the stored device; empty if they cannot be read."""
    try:
        return tomllib.loads(str(data.attrs.get("device", "")))
    except tomllib.TOMLDecodeError:
        return {}


def layer_labels(data: xr.Dataset) -> dict[int, LayerLabel]:
    """Return the label of each layer, by its number."""
    import numpy as np

    numbers, first = np.unique(data["layer"].values, return_index=True)
    if "layer_name" not in data.coords:
        known = _stored_labels(data)
        return {int(n): known[n] if n < len(known) else LayerLabel(f"layer {n}") for n in numbers}
    names, kinds = (data[coordinate].values[first] for coordinate in ("layer_name", "layer_kind"))
    return {int(n): _label(str(name), str(kind)) for n, name, kind in zip(numbers, names, kinds, strict=True)}


def _stored_labels(data: xr.Dataset) -> list[LayerLabel]:
    """Labels by what the device says, for files of 0.1.0, which have no names beside the nodes."""
    device = _device(data)
    stacks = {"": device.get("stack", [])} | {f"{i}.": w.get("stack", []) for i, w in enumerate(device.get("wire", []))}
    placed = [(f"{prefix}{k}", entry) for prefix, stack in stacks.items() for k, entry in enumerate(stack)]
    layers = [(place, entry) for place, entry in placed if entry.get("kind") in schema.LAYER_SYMBOLS]
    return [_label(entry.get("name", f"{entry['kind']} {place}"), entry["kind"]) for place, entry in layers]


def _label(name: str, kind: str) -> LayerLabel:
    """A layer without a name is called by its kind and the numbers of its place: "superconductor 0.1"."""
    if not name.startswith(f"{kind} "):
        return LayerLabel(name, kind)
    numbers = name.removeprefix(f"{kind} ").split(".")
    parts = ("wire", "stack")[-len(numbers) :]
    place = ".".join(f"{part}.{number}" for part, number in zip(parts, numbers, strict=True))
    return LayerLabel(schema.LAYER_SYMBOLS.get(kind, name), kind, place)


_FLOWING_IN = ("terminal_charge_current", "terminal_energy_current")


def layer_names(data: xr.Dataset) -> dict[int, str]:
    """Return the short name of each layer: its `name`, else S, N, F or H after its kind, else its number."""
    return {number: label.name for number, label in layer_labels(data).items()}


def summarize(data: xr.Dataset, *, seconds: float | None = None, path: str | None = None) -> dict[str, Any]:
    """Condense a result into plain numbers and text, ready for JSON.

    Parameters
    ----------
    data : xarray.Dataset
        A result with a single solution (no sweep).
    seconds : float, optional
        Wall time of the solve.
    path : str, optional
        Where the result was written.

    Returns
    -------
    dict
        ``title``, ``converged``, ``residual``, ``estimated_error``, ``conservation_error``, ``gap`` (per
        layer), ``currents`` (largest magnitude with its sign), ``torque`` (per interface), ``solved_layers`` (whose
        distributions are solved for), ``terminals`` (what they have where something floats), ``free_energy`` (relative
        to the normal state), ``stable`` and ``lower_state`` (a solution of lower free energy exists), and ``seconds``,
        ``file``, ``advice``, ``status`` where known. A number that is not finite is None.
    """
    summary: dict[str, Any] = {"title": title(data), "converged": bool(data.attrs.get("converged", 0))}
    for name in ("residual", "estimated_error", "conservation_error"):
        summary[name] = _number(data.attrs.get(name, math.nan))
    summary["gap"] = _gaps(data)
    summary["currents"] = {name: _largest(data, name) for name in schema.SPLIT_CURRENTS if name in data}
    if "torque" in data:
        summary["torque"] = [
            {"interface": place.item(), **_by_component(data["torque"].sel(interface=place).values)}
            for place in data["interface"].values
        ]
    if "free_energy" in data:
        summary["free_energy"] = _number(data["free_energy"].values)
    if "bias_phase" in data.attrs:
        summary["bias_phase"] = float(data.attrs["bias_phase"])
    found = {name: data[name] for name in (*schema.FOUND.values(), *_FLOWING_IN) if name in data}
    if found:
        summary["terminals"] = {
            name: {str(t): _number(values.sel(terminal=t).values) for t in values["terminal"].values}
            for name, values in found.items()
        }
    for name in ("stable", "lower_state"):
        if name in data.attrs:
            summary[name] = bool(data.attrs[name])
    for name in (schema.SOLVED_LAYERS, "status", "advice"):
        if data.attrs.get(name):
            summary[name] = str(data.attrs[name])
    if seconds is not None:
        summary["seconds"] = round(seconds, 4)
    if path is not None:
        summary["file"] = path
    return summary


def summary_text(summary: dict[str, Any], beside: Beside = PROGRAM_ONLY) -> str:
    """Lay out a summary for a terminal, without colour and without a trailing newline."""
    return laid_out(summary_rows(summary, beside), summary["title"])


def summary_rows(summary: dict[str, Any], beside: Beside = PROGRAM_ONLY) -> Rows:
    """What a summary says, as rows of label and text; beside: numbers in real units."""
    rows = Rows([("converged", _convergence(summary))])
    for layer in summary["gap"]:
        rows.append((f"gap in {layer['layer']}", _gap_text(layer["min"], layer["max"], beside)))
    for name, value in summary["currents"].items():
        label = name.replace("_", " ").replace("spin energy", "spin-energy")
        rows.append((label, _with_units(value, name, beside)))
    for torque in summary.get("torque", []):
        vector = {component: torque[component] for component in schema.COMPONENTS}
        if any(value != 0 for value in vector.values()):  # exactly zero: there is no magnet
            rows.append((f"torque at interface {torque['interface']}", _with_units(vector, "torque", beside)))
    if summary.get("free_energy"):
        units, energy = schema.VARIABLES["free_energy"].units, summary["free_energy"]
        rows.append(("free energy", f"{_digits(energy)} {schema.units_text(units)}{beside(units, energy)}"))
    if schema.SOLVED_LAYERS in summary:
        rows.append(("distributions", f"solved for in {summary[schema.SOLVED_LAYERS]}"))
    if "bias_phase" in summary:
        rows.append(("phase found", f"{_digits(summary['bias_phase'])} rad"))
    for name, values in summary.get("terminals", {}).items():
        units = schema.VARIABLES[name].units
        text = ", ".join(f"{terminal} {_value_text(value)}{beside(units, value)}" for terminal, value in values.items())
        label = name.removeprefix("terminal_").replace("_current", " current into").replace("_", " ")
        rows.append((label, f"{text} {schema.units_text(units)}"))
    if not summary.get("stable", True):
        rows.append(("stability", "UNSTABLE: another solution exists; try without `gap`, or another one to start from"))
    elif summary.get("lower_state", False):
        rows.append(("stability", "metastable: the normal state has a lower free energy"))
    known = summary["estimated_error"] is not None
    error = _digits(summary["estimated_error"], 1) if known else "unknown: the solve ended before there was a solution"
    rows.append(("estimated error", error))
    rows.append(("conservation error", _digits(summary["conservation_error"], 1)))
    rows.append(("residual", _digits(summary["residual"], 1)))
    if "file" in summary:
        rows.append(("written to", summary["file"]))
    return rows


def _gaps(data: xr.Dataset) -> list[dict[str, Any]]:
    """Return the smallest and largest gap of every superconducting layer, whose parts have one label."""
    if "gap" not in data:
        return []
    gap, layer, found = data["gap"].values, data["layer"].values, []
    parts: dict[LayerLabel, Any] = {}
    for number, label in layer_labels(data).items():
        parts[label] = parts.get(label, False) | (layer == number)
    for label, here in parts.items():
        inside = gap[here]
        if label.kind != "superconductor" and not (inside != 0).any():
            continue
        where = f" ({label.place})" if label.place else ""
        found.append({"layer": label.name + where, "min": _number(inside.min()), "max": _number(inside.max())})
    return found


def _largest(data: xr.Dataset, name: str) -> float | dict[str, float | None] | None:
    """Return the value of largest magnitude along position, for a vector of each component."""
    import numpy as np

    values = np.atleast_2d(data[name].values)
    places = np.abs(values).argmax(axis=-1)
    peaks = values[np.arange(len(values)), places]
    return _by_component(peaks) if data[name].ndim == 2 else _number(peaks[0])


def _by_component(vector: np.ndarray) -> dict[str, float | None]:
    return {name: _number(value) for name, value in zip(schema.COMPONENTS, vector, strict=True)}


def _number(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _convergence(summary: dict[str, Any]) -> str:
    text = "yes" if summary["converged"] else "NO"
    return f"{text}, in {summary['seconds']:.2f} s" if "seconds" in summary else text


def _digits(value: float | None, digits: int = 6) -> str:
    if value is None:
        return "unknown"
    return f"{value:.{digits}g}" if digits > 1 else f"{value:.0e}"


def _gap_text(low: float | None, high: float | None, beside: Beside) -> str:
    """Smallest and largest gap of a layer."""
    first, second, real = _digits(low), _digits(high), beside("Delta_0", high)
    if first == second:
        return f"{first} Δ0{real}"
    return f"{first} to {second} Δ0" + (f", the largest{real}" if real else "")


def _with_units(value: Any, name: str, beside: Beside) -> str:
    """A scalar or a vector that is a value of a variable."""
    units = schema.VARIABLES[name].units
    parts = list(value.values()) if isinstance(value, dict) else [value]
    visible = any(part is not None and abs(part) >= SHOWN for part in parts)
    return f"{_value_text(value)} {schema.units_text(units)}" + (beside(units, *parts) if visible else "")


def _value_text(value: Any) -> str:
    """Return a scalar or a vector; what is below a billionth of a unit is shown as 0."""
    if not isinstance(value, dict):
        return "0" if value is not None and abs(value) < SHOWN else _digits(value)
    return "(" + ", ".join(_value_text(part) for part in value.values()) + ")"
