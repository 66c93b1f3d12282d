"""Figure 2 of Morten, Brataas and Belzig (2004), from their Eq. (11) and from the device itself.

A reservoir with a spin voltage eVs = eV/2 feeds a superconducting wire through a tunnel barrier; the wire has magnetic
impurities and ends at a superconducting reservoir. Its kinetic equation is solved for h_TS, which a ferromagnetic
tunnel probe sees at the distance L. At a given gap it is linear in the distributions, so that one solution gives the
transmission 𝒯(E) = h_TS(L, E)/Δf(E) of every bias.

Lengths are in ξ and energies in Δ0 where the program is concerned, in l_sf and kB Tc in `spin_battery`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.polynomial import Chebyshev
from numpy.typing import NDArray

import usadel as us
from usadel import results
from usadel.progress import tell
from usadel.results import schema
from usadel.studies import morten2004_figures as figures
from usadel.studies.side_by_side import side_by_side
from usadel.studies.spin_battery import (
    GAP_OVER_TC,
    coefficients,
    injected,
    normal_signal,
    paper_gap,
    signal,
    transmitted_signal,
)
from usadel.studies.units import KB_TC

Array = NDArray[Any]

DISTANCES = (6.0, 7.0)  # L/l_sf
BIASES = (0.1, 3.0, 10.0)  # eV/Δ0
CURVE = np.concatenate([np.linspace(0.05, 0.9, 35), 1 - np.geomspace(0.09, 0.001, 12), [1.0, 1.1]])  # T/Tc
TEMPERATURES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
ABOVE = 1.05  # Tc, where the signal is normalized
LENGTHS = (5.0, 10.0, 20.0, 40.0)  # l_sf/ξ of the figure of convergence
BARRIERS = (1.0, 8.0)
CONVERGENCE = {"temperature": 0.5, "bias": 3.0, "distance": 6.0}
VARIED = TEMPERATURES[4]  # at which the errors by grid and broadening are found
PROBED = (0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9)  # T/Tc at which the zero-current probe is computed
POLARIZATION = 0.5  # of that probe
PROBE_TOLERANCE = 1e-4  # of its potentials, over that above Tc

SPIN_FLIP_LENGTH = 30.0  # l_sf/ξ of the device
BEYOND = 5.0  # l_sf of wire between the probe and the superconducting reservoir
BROADENING = 1e-6  # Γ
SOLVED_BIAS = 0.1  # Δ0, of the solutions
POINTS = 28  # energies of a transmission
SMALLEST = 35.0  # transmissions below e^-SMALLEST are rounding


@dataclass(frozen=True)
class Battery:
    """The device at one temperature.

    Attributes
    ----------
    temperature : (Tc); length : l_sf/ξ; barrier : normal resistance of the barrier over that of the wire within l_sf.
    distances : of the probes (l_sf), ascending; broadening : Γ (Δ0).
    cut : whether the wire is described as two, on twice as many nodes.
    """

    temperature: float
    length: float = SPIN_FLIP_LENGTH
    barrier: float = 1.0
    distances: tuple[float, ...] = DISTANCES
    broadening: float = BROADENING
    cut: bool = False

    @property
    def gap(self) -> float:
        """Δ(T)/Δ0 of the paper."""
        return float(paper_gap(self.temperature)) / GAP_OVER_TC

    @property
    def device(self) -> us.Stack:
        """Spin-voltage reservoir, barrier, wire, superconductor; 1/τ_sf = D/l_sf², G_T/G_N = (wire/l_sf)/b."""
        parts = [0.5, 0.5] if self.cut else [1.0]
        wire = self.distances[-1] + BEYOND
        layers = [
            us.Superconductor(
                length=part * wire * self.length, gap=self.gap, self_consistent=False, nonequilibrium=True,
                spin_flip=0.125 / self.length**2,
            )
            for part in parts
        ]  # fmt: skip
        return us.Stack(
            [
                us.NormalReservoir(spin_voltage=0.5 * SOLVED_BIAS),
                us.Tunnel(conductance=parts[0] * wire / self.barrier),
                *layers,
                us.SuperconductingReservoir(gap=self.gap),
            ],
            title="Morten, Brataas and Belzig (2004)",
            temperature=self.temperature, inelastic=self.broadening, tolerance=1e-8,
        )  # fmt: skip

    @cached_property
    def solved(self) -> us.Distributions:
        """Its distributions, energy by energy. Transmissions have a relative error, `relative_grid_error`."""
        return us.distributions(self.device)

    def signal(self, distance: float, bias: float, coarser: bool = False) -> float:
        """Δμ/eV at a distance (l_sf) and bias eV (Δ0), by the paper's formula for Δμ above the gap."""
        found = self.transmissions[distance]
        gap, kelvin = float(paper_gap(self.temperature)), self.temperature
        return transmitted_signal(found.coarser if coarser else found, bias * GAP_OVER_TC, kelvin, gap)

    @cached_property
    def transmissions(self) -> dict[float, Transmission]:
        """𝒯(E) by distance."""
        if self.gap == 0.0:
            plain = self._at(np.array([1.0]))
            return {d: Transmission(0.0, Chebyshev(np.log(v)), 0.0, np.inf) for d, v in plain.items()}
        highest = 0.5 * BIASES[-1] + 50 * self.temperature * KB_TC
        low, slowest = float(_slowing(highest, self.gap)), SMALLEST / self.distances[-1]
        node = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
        slowing = 0.5 * (low + slowest) + 0.5 * (slowest - low) * node
        found = {}
        for distance, values in self._at(_energy(slowing, self.gap)).items():
            logarithm = np.log(np.maximum(values, np.exp(-SMALLEST - 10)))
            fit = Chebyshev.fit(slowing, logarithm, POINTS - 1, domain=[low, slowest])
            found[distance] = Transmission(self.gap, fit, low, slowest)
        return found

    def _at(self, energies: Array) -> dict[float, Array]:
        """𝒯 at energies (Δ0)."""
        h = self.solved.distribution(energies, position=np.multiply(self.distances, self.length)).distribution
        relative = h.sel(mode="spin_z").values / injected(energies, SOLVED_BIAS, self.temperature * KB_TC)
        return dict(zip(self.distances, relative, strict=True))


@dataclass(frozen=True)
class Transmission:
    """𝒯(E): its logarithm as a polynomial in l_sf/l(E) = √[(E²+Δ²)/(E²-Δ²)], nearly a straight line."""

    gap: float
    logarithm: Chebyshev
    low: float
    slowest: float

    def __call__(self, energy: Array) -> Array:
        """Values at energies E > Δ (kB Tc); 0 where l_sf/l(E) is so large that nothing arrives."""
        slowing = _slowing(energy / GAP_OVER_TC, self.gap)
        inside = np.clip(slowing, self.low, self.slowest)
        return np.where(slowing <= self.slowest, np.exp(self.logarithm(inside)), 0.0)

    @property
    def coarser(self) -> Transmission:
        """With fewer coefficients: what that changes measures the error of the interpolation."""
        fewer = self.logarithm.truncate(max(1, int(0.75 * self.logarithm.coef.size)))
        return Transmission(self.gap, fewer, self.low, self.slowest)


def _slowing(energy: Array | float, gap: float) -> Array:
    """l_sf/l(E) of Eq. (11)."""
    square = np.square(energy)
    with np.errstate(divide="ignore"):
        return np.sqrt((square + gap**2) / np.maximum(square - gap**2, 0.0))


def _energy(slowing: Array, gap: float) -> Array:
    """The energy at which l_sf/l(E) has a value."""
    return gap * np.sqrt((slowing**2 + 1) / (slowing**2 - 1))


def closed(distance: float, bias: float, temperature: float, barrier: float = 1.0) -> float:
    """Δμ/eV by Eq. (11) with the paper's gap, in the units of the device."""
    return signal(distance, bias * GAP_OVER_TC, temperature, float(paper_gap(temperature)), barrier)


@dataclass(frozen=True)
class Signals:
    """What the device gives at one temperature.

    Attributes
    ----------
    device : (distances, biases), Δμ/eV; rough : the same with a coarser interpolation.
    probed : Δμ/eV P at the nearer distance and `SOLVED_BIAS`, measured by a probe without current, by the formula with
        the states below the gap, and the estimated error of both; or nothing.
    """

    device: Array
    rough: Array
    probed: tuple[float, ...] = ()


def signals(temperature: float, broadening: float = BROADENING, cut: bool = False, probed: bool = False) -> Signals:
    """Solve the device at one temperature."""
    battery = Battery(temperature, broadening=broadening, cut=cut)
    device, rough = (
        np.array([[battery.signal(d, bias, coarser) for bias in BIASES] for d in DISTANCES])
        for coarser in (False, True)
    )
    if not probed:
        return Signals(device, rough)
    seen = battery.solved.probe(
        DISTANCES[0] * battery.length, POLARIZATION, (0, 0, 1),
        tolerance=PROBE_TOLERANCE * SOLVED_BIAS * normal_signal(DISTANCES[0]),
    )  # fmt: skip
    unit = POLARIZATION * SOLVED_BIAS
    found = (seen.difference[0], seen.linear_difference[0], 2 * seen.attrs["estimated_error"])
    return Signals(device, rough, tuple(float(value) / unit for value in found))


def deviation(barrier: float, length: float) -> float:
    """How far the device is from Eq. (11), relatively."""
    distance, bias, temperature = (CONVERGENCE[key] for key in ("distance", "bias", "temperature"))
    battery = Battery(temperature, length, barrier, (distance,))
    return battery.signal(distance, bias) / closed(distance, bias, temperature, barrier) - 1


def reproduce(directory: Path) -> dict[str, Any]:
    """Write every figure as PNG, PDF and netCDF; return what they show, by figure.

    Parameters
    ----------
    directory : existing folder for the files.
    """
    tasks: dict[str, Callable[[], Any]] = {
        f"{t:g} Tc": partial(signals, t, probed=t in PROBED) for t in (*TEMPERATURES, ABOVE)
    }
    tasks["finer grid"] = partial(signals, VARIED, cut=True)
    tasks["more broadening"] = partial(signals, VARIED, broadening=10 * BROADENING)
    cases = [(barrier, length) for barrier in BARRIERS for length in LENGTHS]
    tasks |= {f"l_sf = {length:g} xi, barrier {b:g}": partial(deviation, b, length) for b, length in cases}
    tasks["coefficients"] = spectra
    found: dict[str, Any] = {}
    tell("reproduce", 0, len(tasks))
    for name, part in zip(tasks, side_by_side(_call, list(tasks.values())), strict=True):
        found[name] = part
        tell("reproduce", len(found), len(tasks), name)
    at = {t: found[f"{t:g} Tc"] for t in (*TEMPERATURES, ABOVE)}
    deviations = np.reshape([found[name] for name in tasks if name.startswith("l_sf")], (len(BARRIERS), len(LENGTHS)))
    summary = {}
    for name, (data, numbers) in {
        "fig2": compared(at, found["finer grid"], found["more broadening"]),
        "probe": probed(at),
        "convergence": convergence(deviations),
        "coefficients": found["coefficients"],
    }.items():
        data.attrs |= {
            "converged": 1, "device": Battery(TEMPERATURES[0]).device.to_toml(),
            "usadel_version": us.__version__, "format_version": schema.FORMAT_VERSION,
        }  # fmt: skip
        results.save(data, directory / f"{name}.nc")
        for file, figure in figures.FIGURES[name](data).items():
            for ending in ("png", "pdf"):
                us.plots.save_figure(figure, directory / f"{file}.{ending}")
        summary[name] = {"converged": True} | numbers  # a solve that does not converge raises
    return summary


def _call(task: Callable[[], Any]) -> Any:
    return task()


Found = tuple[xr.Dataset, dict[str, Any]]


def _closed_table(temperatures: Sequence[float] | Array) -> Array:
    """Eq. (11) over its value above Tc, (distances, biases, temperatures)."""
    return np.array([[[closed(d, b, t) / normal_signal(d) for t in temperatures] for b in BIASES] for d in DISTANCES])


def compared(at: dict[float, Signals], finer: Signals, broader: Signals) -> Found:
    """Δμ/eV against temperature over its value above Tc: Eq. (11), and the device.

    at : by temperature; finer, broader : at `VARIED`, with more nodes and with ten times the broadening.
    """
    dims = ("distance", "bias", "temperature")
    normal = at[ABOVE].device[:, :1]

    def table(name: str) -> Array:
        return np.stack([getattr(at[t], name) / normal for t in TEMPERATURES], axis=-1)

    def change(other: Signals) -> float:
        return float(np.max(np.abs(other.device / at[VARIED].device - 1)))

    data = xr.Dataset(
        coords={"distance": list(DISTANCES), "bias": list(BIASES), "temperature": list(TEMPERATURES), "curve": CURVE}
    )
    data["equation_11"] = ("distance", "bias", "curve"), _closed_table(CURVE)
    data["device"] = dims, table("device")
    data["interpolation_error"] = dims, np.abs(table("rough") - data.device.values)
    data["deviation"] = dims, data.device.values / _closed_table(TEMPERATURES) - 1
    found = {
        "spin_flip_length": SPIN_FLIP_LENGTH,
        "largest_relative_deviation": float(np.abs(data.deviation).max()),
        "smallest_signal": float(data.device.min()),
        "relative_interpolation_error": float((data.interpolation_error / data.device).max()),
        "relative_grid_error": change(finer),
        "relative_change_for_ten_times_the_broadening": change(broader),
        "normal_state_over_closed_form": {
            str(d): float(one / normal_signal(d)) for d, one in zip(DISTANCES, normal[:, 0], strict=True)
        },
    }
    return data, found


def probed(at: dict[float, Signals]) -> Found:
    """What a tunnel probe measures: the potential without current, and the formula with and without states below Δ."""
    distance, bias = DISTANCES[0], BIASES.index(SOLVED_BIAS)
    normal = at[ABOVE].device[0, bias]
    columns = np.array([
        [*at[t].probed, at[t].device[0, bias], closed(distance, SOLVED_BIAS, t)] for t in PROBED
    ]).T / normal  # fmt: skip
    names = ("measured", "formula_with_subgap", "probe_error", "formula", "equation_11")
    data = xr.Dataset(
        {name: (("temperature",), v) for name, v in zip(names, columns, strict=True)}, {"temperature": list(PROBED)}
    )
    numbers = {name: [float(v) for v in data[name]] for name in ("measured", "probe_error")}
    return data, {"distance": distance, "bias": SOLVED_BIAS} | numbers


def convergence(deviations: Array) -> Found:
    """How far the device is from Eq. (11), (barriers, lengths), as l_sf/ξ and the barrier grow at fixed L/l_sf."""
    data = xr.Dataset(
        {"deviation": (("barrier", "length"), deviations)}, {"barrier": list(BARRIERS), "length": list(LENGTHS)}
    )
    largest = np.abs(deviations).max(axis=0)
    return data, CONVERGENCE | {"largest_relative_deviation": dict(zip(LENGTHS, map(float, largest), strict=True))}


def spectra() -> Found:
    """α_TT, α_LSLS, α_TSTS, D_L, D_T, l_sf: closed form, and from the coefficients of the kinetic equation."""
    battery = Battery(TEMPERATURES[0])
    bulk = us.SuperconductingReservoir(gap=1.0)
    scattering = 1e-8
    layer = us.Superconductor(
        length=1.0, gap=1.0, self_consistent=False, nonequilibrium=True, spin_flip=scattering, inelastic=BROADENING
    )
    homogeneous = us.distributions(us.Stack([bulk, layer, bulk], inelastic=BROADENING, tolerance=0.01))
    energy = np.concatenate([np.linspace(0.02, 0.98, 49), np.linspace(1.02, 2.5, 75)])
    dims, names = ("energy",), ("alpha_tt", "alpha_lsls", "alpha_tsts", "d_l", "d_t", "l_sf")
    data = xr.Dataset(coords={"energy": energy})
    wire = (battery.solved, battery.gap, 0.125 / battery.length**2, battery.distances[0] * battery.length)
    sources = {
        "closed": coefficients(energy, 1.0),
        "program": _from_kinetics(homogeneous, energy, 1.0, scattering, 0.5),
        "wire": _from_kinetics(wire[0], energy * wire[1], *wire[1:]),
    }
    for source, values in sources.items():
        data = data.assign({f"{name}_{source}": (dims, values[name]) for name in names})
    difference = {
        name: float(np.abs(data[f"{name}_program"] - data[f"{name}_closed"]).max()) for name in names if name != "l_sf"
    }
    return data, {"largest_difference": difference}


def _from_kinetics(
    result: us.Distributions, energy: Array, gap: float, spin_flip: float, position: float
) -> dict[str, Array]:
    """The same from M and R, Eqs. (4)-(7): M = 2D_L or 2D_T, R = -4Δα_TT, -2α_TSTS/τ_sf, with 1/τ_sf = 8 C_sf."""
    found = result.kinetic_coefficients(energy, position).isel(position=0)

    def diagonal(name: str, mode: str) -> Array:
        return np.asarray(found[name].sel(row=mode, mode=mode).values)

    rate = 8 * spin_flip
    charge, spin_energy, spin = (-diagonal("relaxation", mode) for mode in ("charge", "spin_energy_z", "spin_z"))
    d_l, alpha_tsts = 0.5 * diagonal("diffusion", "spin_z"), 0.5 * spin / rate
    states = np.where(d_l > 1e-3, d_l, 0.0)  # below the gap both are of the order of Γ²
    return {
        "alpha_tt": charge / (4 * gap),
        "alpha_lsls": 0.5 * (spin_energy - charge) / rate,
        "alpha_tsts": alpha_tsts,
        "d_l": d_l,
        "d_t": 0.5 * diagonal("diffusion", "charge"),
        "l_sf": np.sqrt(states / np.where(states > 0, alpha_tsts, 1.0)),
    }
