"""Measure the engine: times at stated accuracy, work counts, growth with size.

    python -m benchmarks [--json FILE]

All figures of docs/performance.md come from one run of this program; times are minima over repetitions in one
process, after warm-up, except where a fresh process is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import usadel as us
from benchmarks.branches import branches
from benchmarks.conductances import conductances
from benchmarks.kinetics import kinetics
from benchmarks.materials import materials
from usadel._cores import core_count
from usadel.discretization.choice import make_grids
from usadel.equations.spectral import jacobian as jacobians
from usadel.solvers.elimination import solve_block_tridiagonal
from usadel.states.problem import Problem

EXAMPLES = Path(__file__).parent.parent / "examples"


def best(function: Callable[[], object], repeat: int = 15, clock: Callable[[], float] = time.perf_counter) -> float:
    """Smallest time (s) of several calls, after one to warm up: wall time unless another clock is given."""
    function()
    times = []
    for _ in range(repeat):
        start = clock()
        function()
        times.append(clock() - start)
    return min(times)


def paper_device(spin_voltage: float = 0.25, tolerance: float = 1e-6) -> us.Stack:
    """FI/S/FI of Ouassou, Robinson, Linder (2019), Fig. 2."""
    device = us.load_device(EXAMPLES / "fi_s_fi.toml")
    return device.replace({"S.spin_voltage": spin_voltage, "tolerance": tolerance})


def collinear_device(spin_voltage: float = 0.25) -> us.Stack:
    """The same with both magnets along z."""
    magnets = {f"stack.{k}.magnetization": [0, 0, 1] for k in (0, 2)}
    return paper_device(spin_voltage).replace(magnets)


def rigid_sns() -> us.Stack:
    """S/N/S of the reference data: tunnel interfaces, phase difference π/2."""
    ends = [us.SuperconductingReservoir(gap=1, phase=p) for p in ("pi/4", "-pi/4")]
    barrier = us.Tunnel(conductance=0.3)
    return us.Stack([ends[0], barrier, us.NormalMetal(length=3), barrier, ends[1]], tolerance=1e-5)


def whole_solves() -> dict[str, float]:
    """Times (ms) and accuracies of complete solves."""
    cold, near = paper_device(), paper_device(0.26)
    start = us.solve(cold)
    fine = us.solve(paper_device(tolerance=1e-8))
    collinear, beside = collinear_device(), collinear_device(0.26)
    collinear_start = us.solve(collinear)
    sns = rigid_sns()
    energies = np.linspace(-2, 2, 400)
    out = {
        "paper device, cold start (ms)": 1e3 * best(lambda: us.solve(cold), 60),
        "paper device, estimated error": start.error,
        "paper device, true error of the gap at the ends": max(
            abs(abs(start.refined.profiles.gap[k]) - abs(fine.refined.profiles.gap[k])) for k in (0, -1)
        ),
        "paper device, Newton steps": start.refined.solution.outcome.iterations,
        "paper device, energies": start.refined.solution.contour.energies.size,
        "paper device, nodes": start.refined.solution.problem.layout.sites,
        "paper device, from a neighbouring point (ms)": 1e3 * best(lambda: us.solve(near, start=start), 60),
        "paper device at 1e-8 (ms)": 1e3 * best(lambda: us.solve(paper_device(tolerance=1e-8)), 3),
        "both magnets along z, cold start (ms)": 1e3 * best(lambda: us.solve(collinear), 60),
        "both magnets along z, from a neighbouring point (ms)": 1e3
        * best(lambda: us.solve(beside, start=collinear_start), 60),
        "rigid S/N/S, current and DOS of 400 energies (ms)": 1e3
        * best(lambda: us.solve(sns).dos(energies, tolerance=1e-4), 5),
    }
    return out


def kernels(nodes: int, columns: int) -> dict[str, float]:
    """Time (µs) per energy of one Newton step's parts, one thread, 16 energies side by side."""
    network = paper_device().network()
    problem = Problem(network, make_grids(network, [nodes]))
    gap = problem.initial_gap()
    pack = problem.pack(np.arange(16), 0.25 + 1j * np.geomspace(0.02, 50, 16), gap)
    sites = problem.sites(gap)
    blocks, _, _ = jacobians.jacobian(
        pack.state, pack.energy, sites, problem.rows, pack.boundary, problem.layout.chain_rows
    )
    rhs = np.ones((nodes, 8, columns, 16), complex)
    copies = best(lambda: (blocks.copy(), rhs.copy()))
    elimination = best(lambda: solve_block_tridiagonal(blocks.copy(), rhs.copy())) - copies
    flops = 8 * 16 * nodes * (3 * 512 + 3 * 64 * columns)
    jacobian = best(
        lambda: jacobians.jacobian(
            pack.state, pack.energy, sites, problem.rows, pack.boundary, problem.layout.chain_rows
        )
    )
    label = f"{nodes} nodes, {columns} right-hand sides"
    return {
        f"residual, {nodes} nodes (µs per energy)": 1e6 / 16 * best(lambda: problem.residual(pack, sites)),
        f"Jacobian, {nodes} nodes (µs per energy)": 1e6 / 16 * jacobian,
        f"elimination, {label} (µs per energy)": 1e6 / 16 * elimination,
        f"arithmetic rate, {label} (GF/s, one core)": flops / elimination / 1e9,
    }


def processes() -> dict[str, float]:
    """Wall times (s) of fresh processes."""
    run = [sys.executable, "-m", "usadel", "run", str(EXAMPLES / "fi_s_fi.toml"), "-o"]
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "out.nc")

        def wall(command: list[str], **environment: str) -> float:
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
            return time.perf_counter() - start

        return {
            "usadel --help (s)": min(wall([sys.executable, "-m", "usadel", "--help"]) for _ in range(5)),
            "usadel run of the paper's device, cached kernels (s)": min(wall([*run, target]) for _ in range(5)),
            "usadel run of the paper's device, very first run (s)": wall([*run, target], USADEL_CACHE_DIR=folder),
        }


def growth() -> dict[str, float]:
    """Exponents of time against layers, energies, nodes (least squares in logarithms)."""

    def exponent(sizes: list[int], seconds: list[float]) -> float:
        return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])

    def layers(count: int) -> float:
        reservoir = us.SuperconductingReservoir(gap=1)
        chain = [us.NormalMetal(length=1, conductivity=1 + 0.1 * (k % 2)) for k in range(count)]
        network = us.Stack([reservoir, *chain], tolerance=1e-4).network()
        return _steps(network, [33] * count, 64)

    def nodes(count: int) -> float:
        return _steps(paper_device().network(), [count], 64)

    def energies(count: int) -> float:
        return _steps(paper_device().network(), [33], count)

    table = {}
    for name, function, sizes in (
        ("layers", layers, [2, 4, 8, 16]),
        ("nodes", nodes, [33, 65, 129, 257]),
        ("energies", energies, [64, 128, 256, 512]),
    ):
        table[f"time ~ {name}^p, p"] = exponent(sizes, [function(size) for size in sizes])
    return table


def _steps(network, nodes: list[int], energies: int) -> float:
    """Processor time of one residual and one linear step of many energies on given grids, on one thread."""
    problem = Problem(network, make_grids(network, nodes))
    gap = problem.initial_gap()
    sites = problem.sites(gap)
    packs = problem.packs(1j * np.geomspace(0.02, 50, energies), gap)

    def step() -> None:
        for pack in packs:
            problem.linear_step(pack, sites, [problem.residual(pack, sites)])

    return best(step, 5, time.process_time)


def _processor() -> str:
    """Name of the processor as the system calls it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    machine = f"{_processor()}, {core_count()} threads, Python {platform.python_version()}, usadel {us.__version__}"
    print(machine)
    table: dict[str, float] = {}
    parts = (
        whole_solves,
        materials,
        kinetics,
        conductances,
        branches,
        lambda: kernels(33, 1),
        lambda: kernels(33, 18),
        lambda: kernels(65, 1),
        growth,
        processes,
    )
    for part in parts:
        for name, value in part().items():
            table[name] = value
            print(f"{name:60s} {value:10.4g}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine, "figures": table}, indent=2) + "\n")


if __name__ == "__main__":
    main()
