"""Devices of the reference data and a superlattice, with the map of the density of states: time beside true error."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import xarray as xr

import usadel as us
from usadel.description.device.resolved import LayerEnd
from usadel.discretization.contacts import pairing_jumps
from usadel.discretization.space import COPY
from usadel.observables.profiles import Profiles
from usadel.observables.spectrum import Spectrum

REFERENCE = Path(__file__).parent.parent / "tests" / "reference"
SINGLE = ("sns", "paper_x_0.00", "paper_x_0.25", "helical_0.5", "scatter", "sactive", "socjj")
TOLERANCE = 1e-4
INSIDE = (0.06, 0.25, 0.5, 0.75, 0.94)  # fractions of a layer
CHECKED = 40  # energies of the map that are solved again more accurately


def superlattice() -> us.Stack:
    """Four S/F bilayers at T = 0.1 Tc, the exchange field turning by 45° from one to the next."""
    elements: list = []
    for k in range(4):
        angle = 0.25 * np.pi * k
        if k:
            elements.append(us.Tunnel(conductance=0.3, relative_to="left"))
        elements += [
            us.Superconductor(length=3, temperature=0.1),
            us.Transparent(),
            us.Ferromagnet(length=0.3, exchange_field=(3 * np.cos(angle), 3 * np.sin(angle), 0), temperature=0.1),
        ]
    return us.Stack(elements)


def devices() -> dict[str, us.Stack]:
    """All cases by name."""
    found = {name: geneus(name) for name in SINGLE}
    found["socbil (self-consistent)"] = us.from_geneus(REFERENCE / "geneus_fails" / "socbil.conf")
    found["superlattice of eight layers"] = superlattice()
    return {name: device.replace({"tolerance": TOLERANCE}) for name, device in found.items()}


def geneus(name: str) -> us.Stack:
    """A device from the configuration that is kept with GENEUS's own result."""
    with xr.open_dataset(REFERENCE / "geneus" / f"{name}.nc", engine="h5netcdf") as data:
        return us.from_geneus(data.attrs["configuration"], *data.attrs["arguments"].split())


def materials() -> dict[str, float]:
    """Times (s) of solve and map at 1e-4; errors of gap, currents and accumulations, and of the map."""
    table: dict[str, float] = {}
    for name, device in devices().items():
        result, wall, processor = timed(device)
        fine = us.solve(device.replace({"tolerance": 0.01 * TOLERANCE}))
        table |= {
            f"{name}, solve and map (s)": wall,
            f"{name}, processor time (s)": processor,
            f"{name}, true error of gap, currents, accumulations": _difference(result, fine),
            f"{name}, true error of the map at that gap": _map_error(result),
            f"{name}, energies of the map": result.file_data().energy.size,
        }
    return table


def timed(device: us.Stack, repeat: int = 3, mapped: bool = True) -> tuple[us.Result, float, float]:
    """The result, and the smallest wall and processor times of solve and, if `mapped`, map, after one to warm up."""
    times = []
    for _ in range(repeat + 1):
        start = time.perf_counter(), time.process_time()
        result = us.solve(device)
        assert not mapped or "dos" in result.file_data()
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return result, *np.min(times[1:], axis=0)


def _difference(result: us.Result, fine: us.Result) -> float:
    """Largest difference at places in all layers, and at their ends where the error estimate covers these."""
    network, start, places = result.device.network(), 0.0, []
    uncovered = pairing_jumps(network)
    for k, layer in enumerate(network.layers):
        ends = [place for side, place in (("left", 0.0), ("right", 1.0)) if LayerEnd(k, side) not in uncovered]
        places += [start + layer.length * min(max(z, COPY), 1 - COPY) for z in (*INSIDE, *ends)]
        start += layer.length
    refined = (result.refined, fine.refined)
    here, there = (
        Profiles(*(matrix @ part for part in (p.gap, p.current, p.accumulation, p.pairs)))
        for matrix, p in ((r.solution.problem.interpolation(np.array(places)), r.profiles) for r in refined)
    )
    return here.largest_difference(there)


def _map_error(result: us.Result) -> float:
    """Largest error of N/N0 at energies of the map, beside the same state solved a thousand times more accurately."""
    dos = result.file_data().dos
    chosen = np.unique(np.linspace(0, dos.energy.size - 1, CHECKED).astype(int))
    solution = result.refined.solution
    exact = Spectrum(solution.problem, solution.gap, 1e-3 * TOLERANCE).at(dos.energy.values[chosen])[0]
    return float(np.max(np.abs(dos.values[:, chosen] - exact)))
