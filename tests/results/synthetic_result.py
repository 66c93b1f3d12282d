"""A small made-up result with every variable: the look of an S/N/S device, the physics of none."""

from __future__ import annotations

import numpy as np

from usadel.results import VARIABLES, build_dataset

DEVICE = """\
title = "S/N/S, made up: Δ and φ"
temperature = 0.1

[[stack]]
kind = "superconductor"
name = "S1"
length = 1.5

[[stack]]
kind = "tunnel"
conductance = 0.5
relative_to = "left"

[[stack]]
kind = "normal_metal"
length = 1.0

[[stack]]
kind = "superconductor"
length = 1.5
"""
LENGTHS = (1.5, 1.0, 1.5)
ATTRS = {
    "converged": 1,
    "residual": 3e-12,
    "estimated_error": 4e-7,
    "conservation_error": 2e-9,
    "usadel_version": "0.1.0",
    "device": DEVICE,
}


def make_coords(nodes: int = 17, energies: int = 301) -> dict[str, np.ndarray]:
    position, layer, start = [], [], 0.0
    for index, length in enumerate(LENGTHS):
        inner = np.linspace(0.0, length, nodes)
        inner[0] += 1e-9 * length if index else 0.0
        position.append(start + inner)
        layer.append(np.full(nodes, index))
        start += length
    # nodes crowd around the gap edges, as an adaptive grid's do
    half = np.unique(np.concatenate([np.linspace(0, 3, energies // 4), 0.95 + np.linspace(-0.3, 0.3, energies // 4)]))
    return {
        "position": np.concatenate(position),
        "layer": np.concatenate(layer),
        "layer_name": np.array(["S1", "normal_metal 2", "superconductor 3"])[np.concatenate(layer)],
        "layer_kind": np.array(["superconductor", "normal_metal", "superconductor"])[np.concatenate(layer)],
        "wire": np.zeros(3 * nodes, int),
        "wire_name": np.full(3 * nodes, "wire 0"),
        "wire_position": np.concatenate(position),
        "energy": np.concatenate([-half[:0:-1], half]),
        "component": np.array(["x", "y", "z"]),
        "interface": np.array([1]),
        "terminal": np.array(["left", "right"]),
    }


def make_values(coords: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    x, layer, energy = coords["position"], coords["layer"], coords["energy"]
    nx, ne = x.size, energy.size
    total = sum(LENGTHS)
    superconducting = layer != 1
    gap = np.where(superconducting, 0.95 - 0.25 * np.exp(-np.abs(x - total / 2) / 0.6), 0.0)
    local = 0.95 - 0.35 * np.exp(-(((x - total / 2) / 0.9) ** 2))
    z = energy + 0.02j
    g = (z / np.sqrt(z**2 - local[:, None] ** 2)).real
    vector = np.stack([np.cos(x), np.sin(x), 0 * x])
    values = {
        "gap": gap,
        "gap_phase": np.where(superconducting, np.where(layer == 0, 0.4, -0.4), 0.0),
        "singlet_real": local * 3.0,
        "singlet_imag": 0.3 * np.tanh(x - total / 2),
        "triplet_real": 0.1 * vector,
        "triplet_imag": 0.05 * vector,
        "charge_accumulation": 1e-3 * np.exp(-x),
        "energy_accumulation": 2e-3 * np.exp(-x),
        "spin_accumulation": -0.2 * vector,
        "spin_energy_accumulation": 0.01 * vector,
        "dos": np.abs(g),
        "dos_spin": 0.3 * np.abs(g) * np.stack([np.zeros(nx), np.cos(x), np.sin(x)])[:, :, None] * np.tanh(energy),
        "torque": np.array([[0.02], [0.0], [-0.013]]),
    }
    modes = np.zeros((8, nx, ne))
    modes[0], modes[4] = np.tanh(energy / 0.2), 0.1 * np.exp(-x)[:, None] / np.cosh(energy / 0.2) ** 2
    values["distribution"] = modes
    for name, shape in (("charge_current", x), ("energy_current", x)):
        values[f"{name}_super"] = 0.1 * np.exp(-((shape - total / 2) ** 2)) if name == "charge_current" else 0 * x
        values[name] = np.full(nx, 0.12 if name == "charge_current" else 0.0)
        values[f"{name}_resistive"] = values[name] - values[f"{name}_super"]
    for name, size in (("spin_current", 0.04), ("spin_energy_current", 0.01)):
        values[f"{name}_super"] = size * vector
        values[f"{name}_resistive"] = 0.2 * size * vector[::-1]
        values[name] = values[f"{name}_super"] + values[f"{name}_resistive"]
    assert ne == g.shape[1] and set(values) <= set(VARIABLES)
    for name, entry in VARIABLES.items():  # whatever else may be registered
        if name not in values:
            values[name] = np.zeros([coords[dim].size for dim in entry.dims])
    return values


def make_dataset(nodes: int = 17, energies: int = 301, **attrs):
    coords = make_coords(nodes, energies)
    return build_dataset(make_values(coords), coords, {**ATTRS, **attrs})
