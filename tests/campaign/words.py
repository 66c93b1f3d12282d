"""The same device in other words: mirrored, turned in spin space, with a layer split, with all phases shifted.

Each change takes the tables of a device and returns those of another one with a `Reading`: how results of the other are
read as results of the first.
"""

import re
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np

Z = re.compile(r"\bz\b")
VECTORS = (
    "exchange_field", "magnetization", "magnetization_left", "magnetization_right", "spin_axis",
    "gauge_x", "gauge_y", "gauge_z",
)  # fmt: skip
ODD = ("nanowire", "phase_gradient", "gauge_z")
"""Keys of what points along the junction."""
RATIOS = ("conductance", "spin_mixing", "spin_mixing_left", "spin_mixing_right")
PAIRED = ("superconductor", "superconducting_reservoir")


@dataclass(frozen=True)
class Reading:
    """How values of the other device are found for a place of the first.

    Attributes
    ----------
    place : (layer, relative position) -> the same in the other device.
    turn : rotation of spins from the first to the other.
    current : factor of all currents.
    phase : by which phases of the other are larger (rad).
    """

    place: object
    turn: np.ndarray = field(default_factory=lambda: np.eye(3))
    current: float = 1.0
    phase: float = 0.0


def same(layer, z):
    """The same place."""
    return layer, z


def chains(tables):
    """Lists of elements: the stack, or that of each wire."""
    return [tables["stack"]] if "stack" in tables else [wire["stack"] for wire in tables["wire"]]


def elements(tables):
    """All elements and nodes."""
    return [element for chain in chains(tables) for element in chain] + list(tables.get("node", {}).values())


def is_layer(element):
    """Whether an element of a file is a layer."""
    return "length" in element


def replaced(element, values):
    """Expressions of z with another expression in its place."""

    def put(value):
        if isinstance(value, list):
            return [put(one) for one in value]
        return Z.sub(f"({values})", value) if isinstance(value, str) else value

    return {key: value if key in ("kind", "name", "relative_to") else put(value) for key, value in element.items()}


def mirrored(tables):
    """Left and right exchanged, in every wire."""
    other = deepcopy(tables)
    if "stack" in other:
        other["stack"] = [_mirrored_element(element) for element in other["stack"][::-1]]
    for wire in other.get("wire", []):
        wire["stack"] = [_mirrored_element(element) for element in wire["stack"][::-1]]
        ends = {"start": wire.pop("end", None), "end": wire.pop("start", None)}
        wire |= {key: name for key, name in ends.items() if name}
    counts = [sum(map(is_layer, chain)) for chain in chains(tables)]
    firsts = np.concatenate([[0], np.cumsum(counts)])
    swap = [first + count - 1 - k for first, count in zip(firsts[:-1], counts, strict=True) for k in range(count)]
    return other, Reading(lambda layer, z: (swap[layer], 1 - z), current=-1.0)


_OTHER = {"left": "right", "right": "left"}


def _mirrored_element(element):
    if is_layer(element):
        element = replaced(element, "1 - z")
        return element | {key: _negative(element[key]) for key in ODD if key in element}
    out = {}
    for key, value in element.items():
        name, _, side = key.rpartition("_")
        if side in _OTHER and name:
            key = f"{name}_{_OTHER[side]}"
        out[key] = _OTHER[value] if key == "relative_to" else value
    return out


def _negative(value):
    return [-part for part in value] if isinstance(value, list) else -value


def turned(tables, seed):
    """All that is magnetic turned together in spin space; spin-orbit coupling as the gauge fields that it means."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    turn = q * np.linalg.det(q)
    other = deepcopy(tables)
    for element in elements(other):
        if is_layer(element):
            _write_gauge_fields(element)
            if element.get("spin_voltage") or element.get("spin_temperature"):
                element.setdefault("spin_axis", [0.0, 0.0, 1.0])
        elif element.get("spin_voltage"):
            element.setdefault("spin_axis", [0.0, 0.0, 1.0])
        for key in VECTORS:
            if key in element:
                element[key] = [_combined(row, element[key]) for row in turn]
    return other, Reading(same, turn=turn)


def _write_gauge_fields(layer):
    """In place of Rashba, Dresselhaus and nanowire coupling: A = (βσx - ασy, ασx - βσy, -α'σx)."""
    a, b, c = (layer.pop(key, 0.0) for key in ("rashba", "dresselhaus", "nanowire"))
    if not (a or b or c):
        return
    for key, vector in (("gauge_x", [b, -a, 0.0]), ("gauge_y", [a, -b, 0.0]), ("gauge_z", [-c, 0.0, 0.0])):
        layer[key] = [one + two for one, two in zip(layer.get(key, [0.0] * 3), vector, strict=True)]


def _combined(row, vector):
    """A component of the turned vector, an expression if one of the vector's is."""
    if all(not isinstance(part, str) for part in vector):
        return float(np.dot(row, vector))
    return " + ".join(f"({float(r)!r})*({part})" for r, part in zip(row, vector, strict=True))


def split(tables, number, at=0.4):
    """One layer written as two that touch; ratios of interfaces beside it refer to the shorter parts."""
    other, seen = deepcopy(tables), 0
    for chain in chains(other):
        layers = [k for k, element in enumerate(chain) if is_layer(element)]
        if number < seen + len(layers):
            _split_in(chain, layers[number - seen], at)
            break
        seen += len(layers)

    def place(layer, z):
        if layer == number:
            return (layer, z / at) if z < at else (layer + 1, (z - at) / (1 - at))
        return layer + (layer > number), z

    return other, Reading(place)


def _split_in(chain, k, at):
    layer = chain[k]
    for beside, side, part in ((k - 1, "right", at), (k + 1, "left", 1 - at)):
        if 0 <= beside < len(chain) and not is_layer(chain[beside]):
            interface = chain[beside]
            if interface.get("relative_to", side) == side:
                interface |= {key: interface[key] * part for key in RATIOS if key in interface}
    first = replaced(layer, f"{at}*z") | {"length": layer["length"] * at}
    last = replaced(layer, f"{at} + {1 - at}*z") | {"length": layer["length"] * (1 - at)}
    chain[k : k + 1] = [first, last]


def shifted(tables, phase=1.3):
    """All phases larger by the same."""
    other = deepcopy(tables)
    for element in elements(other):
        if element["kind"] in PAIRED:
            before = element.get("phase", 0.0)
            element["phase"] = f"{before} + {phase}" if isinstance(before, str) else before + phase
    return other, Reading(same, phase=phase)
