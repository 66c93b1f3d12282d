"""Narrow features: walls, sheets and dips at random places, in their layer and as layers of their own.

`python -m tests.campaign.narrow --seeds 0:60`; see docs/campaign.md. A feature of width w is cut out of its layer 5 w
to both sides of it: within its piece it varies over a tenth of the length, so that no grid has to follow anything.
"""

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

import usadel as us

from . import words
from .checks import FACTOR, ROUNDING, SHARE
from .draws import Draw
from .found import differences, found, largest, silent, solved
from .limits import Limits, attempt
from .run import warm

GENERATOR = 1
WIDTHS = (1 / 5000, 1 / 2)  # in lengths of the layer
REACH = 5.0  # widths of a feature to both sides, that its piece is long
SOLVE = Limits(120.0, 2048.0)
FINER = 0.1  # tolerance of the device in pieces, in that of the whole one
TOLERANCES = (1e-3, 1e-4, 1e-5)


def sheet(draw, at, width, length):
    """A magnetized sheet, across which spins turn by an angle of about one."""
    shape = draw.one([f"exp(-(({{z}})/{width})**2)", f"1/(1 + (({{z}})/{width})**2)**2"]).format(z=f"z - {at}")
    size = draw.between(0.3, 3.0) * draw.one([-1, 1]) / (width * length)
    return {"kind": "ferromagnet", "exchange_field": [f"{size * d:.5g}*{shape}" for d in draw.direction()]}


def wall(draw, at, width, _):
    """A domain wall, of Bloch's or Néel's kind or one in which the field vanishes."""
    size, argument = draw.scale(0.5, 20.0), f"(z - {at})/{width}"
    across = f"{size}*exp(-({argument})**2)" if draw.chance(0.7) else 0
    return {"kind": "ferromagnet", "exchange_field": [across, 0, f"{size}*tanh({argument})"]}


def dip(draw, at, width, _):
    """A given gap that has a dip, and a phase that turns there."""
    argument = f"(z - {at})/{width}"
    gap = f"{draw.between(0.7, 1.0)}*(1 - {draw.between(0.3, 1.0)}*exp(-({argument})**2))"
    return {
        "kind": "superconductor", "self_consistent": False, "gap": gap,
        "phase": f"{draw.between(-1.5, 1.5)}*tanh({argument})",
    }  # fmt: skip


def split_superconductor(draw, at, width, length):
    """A sheet in a superconductor whose gap is an unknown."""
    size = draw.between(0.1, 1.0) / (width * length)
    return {"kind": "superconductor", "exchange_field": [0, 0, f"{size:.5g}*exp(-((z - {at})/{width})**2)"]}


KINDS = {"sheet": sheet, "wall": wall, "dip": dip, "split superconductor": split_superconductor, "two sheets": sheet}


def device(seed):
    """Name of a kind, tables of the device, and (place, width) of its features."""
    draw, name = Draw(GENERATOR, seed), list(KINDS)[seed % len(KINDS)]
    length = draw.scale(0.5, 6.0)
    places = [draw.between(0.03, 0.97)]
    widths = [draw.scale(*WIDTHS)]
    if name == "two sheets":
        places, widths = [draw.between(0.03, 0.4), draw.between(0.6, 0.97)], [draw.scale(WIDTHS[0], 0.02) for _ in "ab"]
    layers = [KINDS[name](draw, at, width, length) for at, width in zip(places, widths, strict=True)]
    layer = layers[0] | {"length": length}
    if len(layers) == 2:
        both = zip(*(one["exchange_field"] for one in layers), strict=True)
        layer["exchange_field"] = [f"{one} + ({other})" for one, other in both]
    tables = {
        "temperature": draw.between(0.05, 0.4), "inelastic": draw.scale(1e-3, 0.1),
        "tolerance": TOLERANCES[seed // len(KINDS) % len(TOLERANCES)], "output": {"quantities": ["gap"]},
        "stack": [*_end(draw, "left"), layer, *_end(draw, "right")[::-1]],
    }  # fmt: skip
    return name, tables, list(zip(places, widths, strict=True))


def _end(draw, side):
    """A reservoir with a contact, or vacuum."""
    kind = draw.one(["superconducting_reservoir"] * 3 + ["normal_reservoir", "vacuum"])
    if kind == "vacuum":
        return []
    reservoir = {"kind": kind}
    if kind == "superconducting_reservoir":
        reservoir["phase"] = draw.between(-1.5, 1.5)
    contact = [] if draw.chance(0.3) else [{"kind": "tunnel", "conductance": draw.scale(0.1, 10.0)}]
    return [reservoir, *contact]


def in_pieces(tables, features):
    """The same device with each feature in a piece of its own, and how that is read."""
    edges = sorted(e for at, width in features for e in (at - REACH * width, at + REACH * width) if 0.01 < e < 0.99)
    edges = [edge for k, edge in enumerate(edges) if k == 0 or edge - edges[k - 1] > 1e-4]
    rest, start, readings = tables, 0.0, []
    for number, edge in enumerate(edges):
        rest, reading = words.split(rest, number, (edge - start) / (1 - start))
        readings.append(reading)
        start = edge

    def place(layer, z):
        for reading in readings:
            layer, z = reading.place(layer, z)
        return layer, z

    return rest, words.Reading(place)


def trial(seed):
    """Record of one seed."""
    name, tables, features = device(seed)
    record = {"seed": seed, "kind": name, "tolerance": tables["tolerance"], "width": min(w for _, w in features)}
    ended = attempt(lambda: _compared(tables, features), SOLVE)
    record["seconds"] = ended.seconds
    return record | (ended.value if ended.ending == "done" else {"verdict": ended.ending, "why": str(ended.value)})


def _compared(tables, features):
    with silent():
        try:
            one = found(solved(tables))
        except us.NotConverged as failure:
            return {"verdict": "not converged", "why": failure.result.status.name.lower()}
        pieces, reading = in_pieces(tables, features)
        tolerance = tables["tolerance"]
        try:
            other = found(solved(pieces, tolerance=FINER * tolerance))
        except us.NotConverged as failure:
            return {"verdict": "no reference", "why": failure.result.status.name.lower()}
    size, _, node, column = largest(differences(one, other, reading))
    allowed = FACTOR * one.error + SHARE * tolerance + ROUNDING + other.error
    verdict = (
        "above tolerance" if size > tolerance + other.error else "covered" if size <= allowed else "above estimate"
    )
    numbers = {"nodes": sum(grid.size for grid in one.grids), "pieces": len(other.grids), "column": int(column)}
    return {"verdict": verdict, "difference": size, "estimate": one.error, "at": float(node)} | numbers


def main():
    """The command; status 1 if something is wrong without a word."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign.narrow", description=__doc__)
    parser.add_argument("--seeds", default="0:60", metavar="A:B", help="seeds from A to B - 1")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all records")
    options = parser.parse_args()
    os.environ["USADEL_THREADS"] = "1"
    warm()
    first, last = (int(part) for part in options.seeds.split(":"))
    records = []
    for seed in range(first, last):
        records.append(trial(seed))
        print(records[-1], file=sys.stderr, flush=True)
        if options.json:
            options.json.write_text(json.dumps(records, indent=1), encoding="utf-8")
    for name in KINDS:
        print(f"{name:22s}", dict(Counter(one["verdict"] for one in records if one["kind"] == name)))
    return int(any(one["verdict"] in ("above tolerance", "above estimate", "raised", "died") for one in records))


if __name__ == "__main__":
    sys.exit(main())
