"""One random device for each seed, the kinds in turn. The device of a seed never changes."""

from itertools import count

from .draws import Draw
from .elements import EVERYDAY, EXTREME, between, contact, end, insulator, layer, reservoir
from .words import PAIRED, elements

GENERATOR = 1  # counts changes of the generator, which give a seed another device


def tables(seed):
    """The device of a seed as the tables of its file."""
    kind = kind_of(seed)
    for number in count():
        draw = Draw(GENERATOR, seed, number)
        made = MAKERS[kind](draw)
        if any(element["kind"] in PAIRED for element in elements(made)):
            break
    low, high = (0.01, 0.97) if kind == "extreme" else (0.03, 0.85)
    settings = {
        "title": f"seed {seed}: {kind}",
        "temperature": draw.between(low, high),
        "inelastic": draw.scale(1e-4, 0.2) if kind == "extreme" else draw.scale(0.003, 0.05),
        "tolerance": draw.one([1e-3, 1e-4, 1e-5, 1e-6]),
        "output": {"quantities": ["gap"]},
    }
    return settings | made


def kind_of(seed):
    """Kind of the device of a seed."""
    return list(MAKERS)[seed % len(MAKERS)]


def _chain(draw, letters, ranges=EVERYDAY, clear=0.4, magnetic=0.4):
    """Layers with contacts between some of them; half-metals touch nothing transparently."""
    elements = []
    for number, letter in enumerate(letters):
        if number and ("H" in letters[number - 1 : number + 1] or not draw.chance(clear)):
            elements.append(between(draw, ranges, magnetic))
        elements.append(layer(draw, letter, ranges))
    return elements


def _imposed(draw, elements):
    """A spin voltage, or another temperature, written in every layer."""
    keys = draw.one(
        [
            {"spin_voltage": draw.between(0.05, 0.6), "spin_axis": draw.direction()},
            {"temperature": draw.between(0.05, 0.9)},
            {"voltage": draw.between(0.1, 0.8), "transverse": True},
        ]
    )
    for element in elements:
        if "length" in element:
            element |= keys
    return elements


def _cut_off(draw, elements):
    """Some of the devices with one Debye energy of all their unknown gaps."""
    if draw.chance(0.15):
        energy = draw.scale(8.0, 100.0)
        for element in elements:
            if element["kind"] == "superconductor" and element.get("self_consistent", True):
                element["debye_energy"] = energy
    return elements


def _everyday(draw):
    """One to three layers as in most papers, some with an imposed distribution."""
    letters = [draw.one("SSSsFN"), *(draw.one("SNNFF") for _ in range(draw.count(0, 2)))]
    middle = _cut_off(draw, _chain(draw, letters))
    if draw.chance(0.25):
        middle = _imposed(draw, middle)
    outside = ["vacuum", "insulator", "S", "N"]
    return {"stack": [*end(draw, draw.one(outside)), *middle, *end(draw, draw.one(outside))[::-1]]}


def _extreme(draw):
    """Ratios of lengths, materials and contacts over many orders of magnitude."""
    letters = [draw.one("SSsNF") for _ in range(draw.count(1, 4))]
    outside = ["vacuum", "insulator", "S", "N"]
    ends = [end(draw, draw.one(outside), EXTREME) for _ in range(2)]
    return {"stack": [*ends[0], *_chain(draw, letters, EXTREME), *ends[1][::-1]]}


def _networks(draw):
    """A cross, a ring with leads, or a ladder; some driven, where a superconducting electrode holds the phase."""
    device = draw.one([_star, _ring, _ladder])(draw)
    nodes = device["node"].values()
    if draw.chance(0.35) and any(node["kind"] == "superconducting_reservoir" for node in nodes):
        for node in nodes:
            if node["kind"] == "normal_reservoir":
                node |= _drive(draw, charge=True)
    return device


def _wire(draw, letters, start=None, end=None, law=0.3):
    """A wire with contacts to its nodes in a share `law` of all ends; a junction needs one end without."""
    ends = {key: name for key, name in (("start", start), ("end", end)) if name}
    first = [contact(draw)] if start and draw.chance(law) else []
    last = [contact(draw)] if end and draw.chance(law) else []
    return ends | {"stack": [*first, *_chain(draw, letters), *last]}


def _star(draw):
    nodes, wires = {"o": {"kind": "junction"}}, []
    for number in range(draw.count(3, 4)):
        letters = [draw.one("SsNNF") for _ in range(draw.count(1, 2))]
        outside = draw.one(["S", "S", "N", None, "insulator"])
        if outside in ("S", "N"):
            nodes[f"r{number}"] = reservoir(draw, outside)
            wires.append(_wire(draw, letters, "o", f"r{number}", law=0.3 * (number > 0)))
        else:
            wire = _wire(draw, letters, "o", law=0.3 * (number > 0))
            wire["stack"] += [insulator(draw)] if outside else []
            wires.append(wire)
    return {"node": nodes, "wire": wires}


def _ring(draw):
    """Two arms between two junctions, with a lead at each: arms may carry a flux."""
    nodes = {name: {"kind": "junction"} for name in "ab"} | {"r": reservoir(draw, draw.one("SN"))}
    wires = [_wire(draw, [draw.one("NFS")], "a", "b", law=0), _wire(draw, [draw.one("NFN")], "a", "b")]
    if draw.chance(0.5):
        for element in wires[0]["stack"]:
            if "length" in element:
                element["phase_gradient"] = draw.between(-2.0, 2.0)
    wires.append(_wire(draw, [draw.one("NS")], "r", "a"))
    if draw.chance(0.6):
        nodes["q"] = reservoir(draw, "S")
        wires.append(_wire(draw, [draw.one("NSF")], "b", "q"))
    return {"node": nodes, "wire": wires}


def _ladder(draw):
    """A wire between two electrodes with two side arms: one dead end, one grounded."""
    nodes = {name: {"kind": "junction"} for name in "ab"}
    nodes |= {"l": reservoir(draw, "S"), "r": reservoir(draw, draw.one("SN")), "g": reservoir(draw, "N")}
    wires = [_wire(draw, [draw.one("NF")], "l", "a"), _wire(draw, [draw.one("NSF")], "a", "b", law=0)]
    wires += [_wire(draw, [draw.one("NF")], "b", "r"), _wire(draw, [draw.one("SNF")], "a")]
    wires.append(_wire(draw, ["N"], "b", "g"))
    return {"node": nodes, "wire": wires}


def _driven(draw):
    """Two electrodes that differ; where no superconducting one holds the phase, gaps are given."""
    held = draw.chance(0.5)
    letters = [draw.one("NNFsS" if held else "NNFs") for _ in range(draw.count(1, 3))]
    middle = _chain(draw, letters)
    first = end(draw, "N", opaque=0.8, **_drive(draw, charge=True))
    last = end(draw, "S", opaque=0.7) if held else end(draw, "N", opaque=0.8, **_drive(draw, charge=draw.chance(0.5)))
    return {"stack": [*first, *middle, *last[::-1]]}


def _drive(draw, charge):
    keys = {"voltage": draw.around_zero(0.5)} if charge else {}
    if draw.chance(0.4):
        keys["temperature"] = draw.between(0.05, 0.9)
    if draw.chance(0.35):
        keys |= {"spin_voltage": draw.between(-0.6, 0.6), "spin_axis": draw.direction()}
    return keys


def _half_metals(draw):
    """A half-metal between magnets, with superconductors on one or both of their sides."""
    letters = ["H"]
    letters = [draw.one("SsF"), *letters] if draw.chance(0.9) else letters
    letters = [*letters, draw.one("SsN")] if draw.chance(0.7) else letters
    driven = draw.chance(0.25) and "S" not in letters
    outer = [draw.one(["vacuum", "insulator", "S", "N"]) for _ in range(2)]
    keys = [_drive(draw, charge=True) if driven and kind == "N" else {} for kind in outer]
    inner = (letters[0], letters[-1])
    ends = [
        end(draw, kind, magnetic=0.9, opaque=1.0 if letter == "H" else 0.5, **key)
        for kind, letter, key in zip(outer, inner, keys, strict=True)
    ]
    return {"stack": [*ends[0], *_chain(draw, letters, magnetic=0.9), *ends[1][::-1]]}


def _superconductors(draw):
    """Two to five superconductors, with thin metals or barriers between them, some between electrodes with phases."""
    letters = ["S"]
    for _ in range(draw.count(1, 4)):
        letters += [draw.one(["", "", "N", "F"]), draw.one("SSSs")]
    middle = _cut_off(draw, _chain(draw, [letter for letter in letters if letter], clear=0.3, magnetic=0.3))
    outside = ["vacuum", "insulator", "S"]
    return {"stack": [*end(draw, draw.one(outside)), *middle, *end(draw, draw.one(outside))[::-1]]}


MAKERS = {
    "everyday": _everyday,
    "extreme": _extreme,
    "networks": _networks,
    "driven": _driven,
    "half-metals": _half_metals,
    "superconductors": _superconductors,
}
