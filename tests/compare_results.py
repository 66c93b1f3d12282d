"""Results of all examples and reference devices, written by one revision and compared with those of another.

    python tests/compare_results.py write FOLDER [NAME…]      results of this revision, by the public API alone
    python tests/compare_results.py compare BEFORE AFTER      which variables differ, and by how much

A change that moves code must give the same bits: `compare` then prints "identical" for every file, and ends with 0.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr

import usadel as us

TESTS = Path(__file__).parent
EXAMPLES = TESTS.parent / "examples"
REFERENCE = TESTS / "reference"
KINETIC = ("nsvolt_0.3", "spininject", "thermo")


def geneus(name: str, **changes: object) -> us.Stack:
    """A device from the configuration that is kept with GENEUS's own result."""
    with xr.open_dataset(REFERENCE / "geneus" / f"{name}.nc", engine="h5netcdf") as data:
        return us.from_geneus(data.attrs["configuration"], *data.attrs["arguments"].split()).replace(changes)


def solved(device: us.Stack, **changes: object) -> us.Result:
    """The result of a device, also where it did not converge."""
    try:
        return us.solve(device.replace(changes))
    except us.NotConverged as failure:
        result: us.Result = failure.result
        return result


def network_example() -> us.Device:
    """Three arms that meet at a node: a superconductor, a magnet and a biased normal reservoir."""
    arms = [
        us.Wire(elements=[us.SuperconductingReservoir(), us.NormalMetal(length=1.0)], end="middle"),
        us.Wire(elements=[us.Ferromagnet(length=0.7, exchange_field=[0, 1, 2]), us.NormalReservoir()], start="middle"),
        us.Wire(elements=[us.Superconductor(length=1.3)], start="middle"),
    ]
    return us.Device(wires=arms, nodes={"middle": us.Junction()}, temperature=0.2, tolerance=1e-5)


def warm_chain(device: us.Stack) -> us.Result:
    """A third point of the paper's device, each solved from the one before."""
    result = us.solve(device)
    for voltage in (0.26, 0.27):
        result = us.solve(device.replace({"S.spin_voltage": voltage}), start=result)
    return result


def cases() -> dict[str, Callable[[], object]]:
    """Everything that is solved, by name."""
    paper = us.load_device(EXAMPLES / "fi_s_fi.toml").replace({"S.spin_voltage": 0.25})
    found: dict[str, Callable[[], object]] = {
        f"example_{path.stem}": lambda path=path: solved(us.load_device(path)) for path in EXAMPLES.glob("*.toml")
    }
    for path in (REFERENCE / "devices").glob("*.toml"):
        found[f"reference_{path.stem}"] = lambda path=path: solved(us.load_device(path))
    for name in KINETIC:
        found[f"kinetic_{name}"] = lambda name=name: solved(geneus(name), tolerance=1e-4)
    found["socbil"] = lambda: solved(us.from_geneus(REFERENCE / "geneus_fails" / "socbil.conf"), tolerance=1e-4)
    found["network"] = lambda: solved(network_example())
    found["warm"] = lambda: warm_chain(paper)
    found["tight"] = lambda: solved(paper, tolerance=1e-8)
    found["trace"] = lambda: us.trace(paper, "S.spin_voltage", 0.2, 0.8)
    found["trace_back"] = lambda: us.trace(paper.replace({"tolerance": 1e-5}), "S.spin_voltage", 0.62, 0.3)
    found["critical"] = lambda: us.critical(paper.replace({"tolerance": 1e-5}))
    found["critical_field"] = lambda: us.critical(
        us.load_device(EXAMPLES / "sf_bilayer.toml").replace({"tolerance": 1e-5})
    )
    return found


def write(folder: Path, names: list[str]) -> None:
    """Solve everything, or what is named, and write one result file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in cases().items():
        if names and name not in names:
            continue
        began = time.perf_counter()
        make().save(folder / f"{name}.nc")  # type: ignore[attr-defined]
        print(f"{name:28s} {time.perf_counter() - began:7.2f} s", flush=True)


def differences(before: xr.Dataset, after: xr.Dataset) -> list[str]:
    """Lines that say what differs between two results; what only one of them has is no difference."""
    lines = []
    for name in sorted(set(before.variables) & set(after.variables), key=str):
        a, b = before[name].values, after[name].values
        if a.shape != b.shape:
            lines.append(f"{name}: shape {a.shape} and {b.shape}")
        elif a.dtype.kind in "fc" and not np.array_equal(a, b, equal_nan=True):
            largest = np.nanmax(np.abs(a - b))
            lines.append(f"{name}: by up to {largest:.1e} of {np.nanmax(np.abs(a)):.1e}")
    for name in ("converged", "residual", "estimated_error", "nodes", "energies", "newton_steps"):
        if name in before.attrs and before.attrs[name] != after.attrs.get(name):
            lines.append(f"{name}: {before.attrs[name]} and {after.attrs.get(name)}")
    return lines


def compare(one: Path, other: Path) -> int:
    """Number of files that differ, each told on a line."""
    different = 0
    for path in sorted(one.glob("*.nc")):
        if not (other / path.name).exists():
            print(f"{path.name}: missing")
            different += 1
            continue
        with xr.open_dataset(path, engine="h5netcdf") as a, xr.open_dataset(other / path.name, engine="h5netcdf") as b:
            found = differences(a, b)
        print(f"{path.name}: {'identical' if not found else '; '.join(found)}")
        different += bool(found)
    return different


if __name__ == "__main__":
    verb, first, *rest = sys.argv[1:]
    if verb == "write":
        write(Path(first), rest)
    else:
        sys.exit(min(1, compare(Path(first), Path(rest[0]))))
