"""What an answer shows: profiles, maps and branches as arrays, and the numbers beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import usadel as us
from usadel.results.schema import COMPONENTS, FOUND, SPLIT_CURRENTS, VARIABLES, units_text

Array = NDArray[Any]

BETWEEN = 3  # pieces of an interval between two nodes: curves are smooth at a tolerance of 1e-4
CLOSED = 1e-3  # Δ0: a smaller gap counts as closed in what is said about it
PIECES = ("", "_super", "_resistive")


def labels(device: Any) -> list[tuple[str, str, str]]:
    """Name, label and unit of every number that results of a device may have."""
    found = [("gap_max", "largest gap", "Δ0"), ("gap_min", "smallest gap", "Δ0")]
    for name in SPLIT_CURRENTS:
        entry = VARIABLES[name]
        parts = [(f"_{c}", f" {c}") for c in COMPONENTS] if entry.has_components else [("", "")]
        label = name.replace("_", " ").replace("spin energy", "spin-energy")
        found += [(name + end, label + word, units_text(entry.units)) for end, word in parts]
    for k, (name, _, _) in enumerate(device.network().interfaces()):
        unit = units_text(VARIABLES["torque"].units)
        found += [(f"torque_{k}_{c}", f"torque {c} at {name or f'interface {k}'}", unit) for c in COMPONENTS]
    for name in terminals_of(device):
        unit = units_text(VARIABLES["charge_current"].units)
        found.append((f"charge_into_{name}", f"charge current into the device at {name}", unit))
        found += [
            (f"{variable}_{name}", f"{key.replace('_', ' ')} of {name}", units_text(VARIABLES[variable].units))
            for key, variable in FOUND.items()
        ]
    return [*found, ("free_energy", "free energy", units_text(VARIABLES["free_energy"].units))]


def terminals_of(device: Any) -> list[str]:
    """Names of terminals whose currents are no means over positions: of a network, or where some float."""
    network = device.network()
    shown = network.floats or isinstance(device, us.Device) or len(network.all_terminals()) > len(network.terminals())
    return list(network.all_terminals()) if shown else []


def numbers(result: Any, profiles: Any) -> dict[str, float]:
    """The numbers of a result: gap over all nodes, currents as means over `position`; torques where there is one.

    Of a network also what flows in at its terminals, and what of these was found.
    """
    found = {"gap_max": float(profiles.gap.max()), "gap_min": float(profiles.gap.min())}
    for name in SPLIT_CURRENTS:
        mean = profiles[name].mean("position")
        if "component" in mean.dims:
            found |= {f"{name}_{c}": float(mean.sel(component=c)) for c in COMPONENTS}
        else:
            found[name] = float(mean)
    if "torque" in profiles:
        for k, torque in enumerate(profiles.torque.transpose("interface", "component").values):
            if np.any(torque != 0):
                found |= {f"torque_{k}_{c}": float(value) for c, value in zip(COMPONENTS, torque, strict=True)}
    if terminals_of(result.device):
        currents = result.terminals.charge_current
        found |= {f"charge_into_{name}": float(currents.sel(terminal=name)) for name in currents.terminal.values}
        for variable in FOUND.values():
            if variable in profiles:
                own = profiles[variable]
                found |= {f"{variable}_{name}": float(own.sel(terminal=name)) for name in own.terminal.values}
    if "free_energy" in profiles and np.isfinite(profiles.free_energy):
        found["free_energy"] = float(profiles.free_energy)
    return found


def curves(result: Any, profiles: Any) -> dict[str, Array]:
    """Everything along the device, at the nodes of a result and between them."""
    places = _refined(profiles.position.values, profiles.layer.values)
    fine = result.at(places)
    names = ["gap", "gap_phase", *(f"{name}{piece}" for name in SPLIT_CURRENTS for piece in PIECES)]
    names += ["charge_accumulation", "spin_accumulation"]
    names += ["singlet_real", "singlet_imag", "triplet_real", "triplet_imag"]
    arrays = {name: fine[name].values for name in names if name in fine}
    written = np.array(result.device.network().written)  # layers are cut where contacts on top of them end
    return {"position": places, "layer": written[fine.layer.values], **arrays}


def verdict(result: Any, stage: str) -> dict[str, Any]:
    """How good an answer is, in attributes and in words."""
    converged = bool(result.converged)
    error = float(result.error)
    known = np.isfinite(error)
    word = stage if converged else "not converged"
    text = f"{word}, error ≤ {_upwards(error)}" if known else f"{word}, error unknown"
    return {
        "converged": int(converged and stage == "converged"),
        "stage": stage if converged else "not converged",
        "error": error if known else None,
        "verdict": text,
        "advice": "" if converged else result.advice,
    }


def state_text(result: Any, profiles: Any) -> str:
    """What kind of solution it is; empty where no gap is solved for."""
    if not result.device.network().has_unknown_gap:
        return ""
    if float(np.abs(profiles.gap).max()) < CLOSED:
        return "normal: Δ = 0"
    standing = profiles.attrs
    if standing.get("stable", 1) == 0:
        return "superconducting, unstable"
    if standing.get("lower_state", 0):
        return "superconducting, metastable: the normal state has a lower free energy"
    return "superconducting"


def energy_map(data: Any) -> dict[str, Array]:
    """A map of the density of states, and of the distribution where it was solved for."""
    found = {"position": data.position.values, "energy": data.energy.values, "dos": data.dos.values}
    for name in ("dos_spin", "distribution"):
        if name in data:
            found[name] = data[name].values
    return found


def branch_curve(branch: Any) -> dict[str, Array]:
    """A branch as lines over its parameter: largest gap, mean currents, those at terminals, and what each point is."""
    data = branch.data
    rows = {"parameter": data[branch.path].values, "gap": data.gap.max("position").values}
    rows["charge_current"] = data.charge_current.mean("position").values
    for c in COMPONENTS:
        rows[f"spin_current_{c}"] = data.spin_current.sel(component=c).mean("position").values
    for name in terminals_of(branch.device):
        points = (us.Solution(branch.device, data.isel(branch_point=k)) for k in range(data.sizes["branch_point"]))
        currents = [float(point.terminals.charge_current.sel(terminal=name)) for point in points]
        rows[f"charge_into_{name}"] = np.array(currents)
    marks = {name: data[name].values for name in ("stable", "fold", "gap_closing", "transition") if name in data}
    return rows | marks


def _refined(position: Array, layer: Array) -> Array:
    """Positions with others between each two of the same layer."""
    steps = np.arange(BETWEEN) / BETWEEN
    between = position[:-1, None] + np.diff(position)[:, None] * steps
    same = np.diff(layer) == 0
    rows = [row if inside else row[:1] for row, inside in zip(between, same, strict=True)]
    return np.concatenate([*rows, position[-1:]])


def _upwards(error: float) -> str:
    """An error to one digit, rounded up: it stays a bound."""
    if error <= 0:
        return "1e-16"
    power = int(np.floor(np.log10(error)))
    digit = int(np.ceil(error / 10.0**power - 1e-9))
    return f"1e{power + 1}" if digit == 10 else f"{digit}e{power}"
