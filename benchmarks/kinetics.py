"""Devices of the reference data whose distributions are solved for: time beside true error, at two tolerances."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

import usadel as us
from benchmarks.materials import geneus, timed
from usadel.studies import morten2004

CASES = ("nsvolt_0.3", "spininject", "thermo")
TOLERANCES = (1e-4, 1e-6)  # GENEUS's currents have 1e-3
FINE = 1e-7


def kinetics() -> dict[str, float]:
    """Times (s) of solves, true errors of the currents at both ends, nodes and real energies; of the 2004 paper."""
    table: dict[str, float] = {}
    for name in CASES:
        device = geneus(name)
        fine = ends(us.solve(device.replace({"tolerance": FINE})))
        for tolerance in TOLERANCES:
            asked = device.replace({"tolerance": tolerance})
            result, wall, processor = timed(asked, mapped=False)
            solved = result.refined.kinetics
            case = f"{name} at {tolerance:g}"
            table |= {
                f"{case}, wall time (s)": wall,
                f"{case}, processor time (s)": processor,
                f"{case}, wall time with maps (s)": timed(asked, 1)[1],
                f"{case}, error of currents": float(np.max(np.abs(ends(result) - fine))),
                f"{case}, estimated error": result.error,
                f"{case}, nodes of the kinetic equation": solved.problem.layout.sites,
                f"{case}, real energies": solved.integral.points,
            }
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        morten2004.reproduce(Path(folder))
        table["figures of the 2004 paper, from start to files (s)"] = time.perf_counter() - began
    return table


def ends(result: us.Result) -> np.ndarray:
    """All currents at both ends of the device, (2, 8)."""
    return result.refined.profiles.current[[0, -1]]
