"""What is asked of a solved device: true errors, other words, physics. Each check returns a small record."""

import math

import numpy as np
from profile_columns import KINDS, NAMES

import usadel as us

from . import words
from .found import device_of, differences, found, largest, solved

FACTOR = 3.0  # by which an estimate may be too small
SHARE = 1e-3  # of the tolerance, below which nothing is asked of an estimate
ROUNDING = 1e-11
OTHER = 1e-3  # differences above this, and above OTHER_TOLERANCES tolerances, may be another solution
OTHER_TOLERANCES = 30.0
TIGHTEST = 1e-10
ENERGIES = (0.0, 0.31, 0.87, 1.02, 1.6)
SPECTRAL = 1e-4  # accuracy of densities of states that are asked for


def _record(size, allowed, place, verdict):
    layer, node, column = place
    return {
        "verdict": verdict, "difference": size, "allowed": allowed, "layer": layer, "node": node,
        "quantity": NAMES[column],
    }  # fmt: skip


def compared(first, other, tolerance, reading):
    """Whether two results agree as well as their estimates say: "agree", "differ", or "far apart"."""
    size, *place = largest(differences(first, other, reading))
    allowed = FACTOR * (first.error + other.error) + SHARE * tolerance + ROUNDING
    far = size > max(OTHER, OTHER_TOLERANCES * tolerance)
    verdict = "agree" if size <= allowed else "far apart" if far and first.free else "differ"
    return _record(size, allowed, place, verdict)


def true_error(tables, first, share):
    """The error of what was found (`first`), by a result of a tolerance that is a `share` of its own.

    Verdicts: "covered"; "above estimate" (and within the tolerance); "above tolerance"; "another solution" if the
    finer solve agrees where it starts from the result and not where it starts from nothing; "no reference" if the
    finer solve did not converge.
    """
    tolerance, same = tables["tolerance"], words.Reading(words.same)
    finer = max(TIGHTEST, share * tolerance)
    try:
        other = found(solved(tables, tolerance=finer))
    except us.NotConverged as failure:
        return {"verdict": "no reference", "why": f"{failure.result.status.name.lower()} at {finer:.0e}"}
    record = _judged(first, other, tolerance, same)
    if record["verdict"] == "covered" or not first.free or record["difference"] < max(OTHER, 30 * tolerance):
        return record | {"share": share}
    try:
        near = _judged(first, found(solved(tables, start=solved(tables), tolerance=finer)), tolerance, same)
    except us.NotConverged:
        return record | {"share": share}
    return (record | {"verdict": "another solution"} if near["verdict"] == "covered" else record) | {"share": share}


def _judged(first, other, tolerance, reading):
    parts = differences(first, other, reading)
    size, *place = largest(parts)
    allowed = FACTOR * first.error + SHARE * tolerance + ROUNDING + other.error
    if size > tolerance + other.error:
        verdict = "above tolerance"
    else:
        verdict = "covered" if size <= allowed else "above estimate"
    ratios = {kind: _ratio(parts, at, first, other, tolerance) for kind, at in KINDS.items()}
    return _record(size, allowed, place, verdict) | {"estimate": first.error, "ratios": ratios}


def _ratio(parts, columns, first, other, tolerance):
    """True error of a kind of quantity over the estimate; without what nothing is asked of."""
    size = max(float(np.max(np.abs(part[:, columns]))) for part in parts)
    left = size - SHARE * tolerance - ROUNDING - other.error
    return left / max(first.error, ROUNDING) if left > 0 else 0.0


def in_other_words(tables, name, first, seed=0):
    """The device written another way: mirrored, turned, split, shifted, or on more threads.

    `seed` chooses the layer that is split: any but half-metals, which cannot touch each other.
    """
    if name == "threads":
        other = found(solved(tables, threads=3))
        equal = all(np.array_equal(a, b) for a, b in zip(first.values, other.values, strict=True))
        return {"verdict": "agree"} if equal else compared(first, other, 0.0, words.Reading(words.same))
    changed, reading = WORDS[name](tables, seed)
    try:
        other = found(solved(changed))
    except us.NotConverged as failure:
        return {"verdict": "not converged", "why": failure.result.status.name.lower()}
    return compared(first, other, tables["tolerance"], reading)


def _split(tables, seed):
    layers = [element for element in words.elements(tables) if words.is_layer(element)]
    whole = [k for k, layer in enumerate(layers) if layer["kind"] != "half_metal"]
    return words.split(tables, whole[seed // 6 % len(whole)])


WORDS = {
    "mirror": lambda tables, seed: words.mirrored(tables),
    "rotation": words.turned,
    "split": _split,
    "phase": lambda tables, seed: words.shifted(tables),
}
"""How a device is written another way: its tables and its seed -> other tables, and how these are read."""


def physics(tables):
    """Conservation, positive densities of states, and the second law where reservoirs of known heat drive a stack."""
    result = solved(tables)
    first, tolerance = found(result), tables["tolerance"]
    record = {"conservation": first.conservation, "verdict": "obeyed"}
    if first.conservation > tolerance:
        record["verdict"] = "not conserved"
    try:
        lowest = lowest_density(result)
    except us.NotConverged as failure:
        return record | {"density": None, "why": str(failure)[:200]}
    record["density"] = lowest
    if lowest < -10 * SPECTRAL:
        record["verdict"] = "negative density of states"
    entropy = entropy_production(tables, result)
    if entropy is not None:
        produced, uncertain = entropy
        record["entropy"] = produced
        if produced < -uncertain:
            record["verdict"] = "second law"
    return record


def lowest_density(result):
    """Smallest density of states of either spin along any direction, in units of N0 per spin."""
    data = result.dos(ENERGIES, tolerance=SPECTRAL)
    spins = np.linalg.norm(data.dos_spin.values, axis=0)
    return float(np.min(data.dos.values - spins))


def entropy_production(tables, result):
    """Σ heat/T of both electrodes and how uncertain it is; None where it is not known from currents.

    Electrode by electrode what it gives as work less what it gives as energy, V I - I_E into the device, is its heat.
    An electrode with a spin voltage also exchanges spins, and layers with imposed distributions are electrodes, too.
    """
    device = device_of(tables)
    network = device.network()
    reservoirs = [t for t in network.terminations if t.reservoir is not None]
    known = all(t.reservoir.spin_voltage == 0 and t.reservoir.spin_temperature == 0 for t in reservoirs)
    if "stack" not in tables or len(reservoirs) != 2 or not known:
        return None
    if not all(layer.nonequilibrium for layer in network.layers) or any(k.has_given_gap for k in network.layers):
        return None
    data = result.profiles()
    produced = uncertain = 0.0
    for t in reservoirs:
        sign, at = (1, 0) if t.end.side == "left" else (-1, -1)
        voltage, temperature = t.reservoir.voltage, t.reservoir.temperature
        heat = sign * (voltage * float(data.charge_current[at]) - float(data.energy_current[at]))
        produced += heat / temperature
        uncertain += (1 + abs(voltage)) * tables["tolerance"] / temperature
    return (produced, uncertain) if math.isfinite(produced) else (produced, -1.0)
