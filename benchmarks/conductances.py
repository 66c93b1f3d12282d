"""Conductances of a nonlocal spin valve, whose gap follows the voltage: work and time beside those of the solve."""

from __future__ import annotations

import time
from collections import Counter

import usadel as us

TOLERANCES = (1e-4, 1e-5)


def valve(tolerance: float) -> us.Device:
    """A superconducting wire with two ferromagnetic probes, held at one end."""
    probe = [
        us.Ferromagnet(length=0.5, exchange_field=[0, 0, 2]),
        us.SpinActive(conductance=0.3, polarization=0.5, magnetization=[0, 0, 1]),
    ]
    wires = [
        us.Wire([us.Superconductor(length=1.0)], end="a"),
        us.Wire([us.Superconductor(length=2.0)], start="a", end="b"),
        us.Wire([us.Superconductor(length=1.0)], start="b", end="end"),
        us.Wire(probe, start="injector", end="a"),
        us.Wire(probe, start="detector", end="b"),
    ]
    nodes = {
        "a": us.Junction(), "b": us.Junction(), "end": us.SuperconductingReservoir(),
        "injector": us.NormalReservoir(voltage=0.3), "detector": us.NormalReservoir(),
    }  # fmt: skip
    output = us.Output(quantities=("gap",))
    return us.Device(wires, nodes, temperature=0.3, inelastic=0.02, tolerance=tolerance, output=output)


def conductances() -> dict[str, float]:
    """Processor times (s) of solve and conductance, nodes, directions of the gap, estimated error."""
    table: dict[str, float] = {}
    for tolerance in TOLERANCES:
        began = time.process_time()
        result = us.solve(valve(tolerance))
        solved = time.process_time()
        stages: Counter[str] = Counter()
        result.progress = lambda event, stages=stages: stages.update([str(event)])
        found = result.conductance("injector")
        ended = time.process_time()
        case = f"nonlocal valve at {tolerance:g}"
        table |= {
            f"{case}, solve, processor time (s)": solved - began,
            f"{case}, conductance, processor time (s)": ended - solved,
            f"{case}, conductance / solve": (ended - solved) / (solved - began),
            f"{case}, nodes": result.refined.kinetics.problem.layout.sites,
            f"{case}, directions of the gap": len([stage for stage in stages if stage.startswith("gap response")]) - 1,
            f"{case}, estimated error of the conductance": float(found.attrs["estimated_error"]),
        }
    return table
