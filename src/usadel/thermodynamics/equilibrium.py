"""Whether the state of a device is one of equilibrium, for which a free energy exists."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from usadel.algebra.nambu import SIGMA, TAU3, Complex, from_blocks, sandwich, spin
from usadel.description.device.resolved import Distribution, Network
from usadel.equations.spectral.numbers import gauge_field
from usadel.states.problem import Problem

ROUNDING = 1e-12  # relative, of what should commute


def has_free_energy(problem: Problem) -> bool:
    """Whether `free_energy` is that of the device.

    It is in equilibrium, or where all is at one spin voltage, along an axis along which the spin is conserved: then
    that is a chemical potential. A gap equation with a Debye energy is no derivative of this energy.
    """
    network = problem.network
    if any(layer.cutoff is not None for layer in network.layers):
        return False
    return in_equilibrium(network) or (
        _at_one(network, spin_voltage=True) and conserves_spin(problem, network.layers[0].spin_axis)
    )


def in_equilibrium(network: Network) -> bool:
    """Whether all layers and reservoirs are at one temperature, and there are no voltages."""
    return _at_one(network, spin_voltage=False)


def _at_one(network: Network, spin_voltage: bool) -> bool:
    """Whether all is at one temperature without voltages, or also at one spin voltage."""
    parts: list[Distribution] = [*network.layers, *network.reservoirs]
    if any(layer.nonequilibrium for layer in network.layers) or any(p.voltage or p.spin_temperature for p in parts):
        return False
    spins = {(part.spin_voltage, part.spin_axis, part.transverse) for part in parts if part.spin_voltage}
    if spins and (not spin_voltage or len(spins) > 1 or not all(part.spin_voltage for part in parts)):
        return False
    return len({part.temperature for part in parts}) == 1 and not any(transverse for *_, transverse in spins)


def conserves_spin(problem: Problem, axis: Iterable[float]) -> bool:
    """Whether nothing in a device turns or flips the spin along an axis u.

    Electrons and holes are of two kinds, the eigenvalues s = ±1 of τ̂3u·σ̂. Spin is conserved where these stay apart:
    the matrix commutes with all self-energies, and those that contain ĝ do not mix the two kinds.
    """
    kind = TAU3 @ spin(tuple(axis))
    sites, system = problem.full_sites(np.zeros(problem.layout.sites)), problem.system
    matrices = [from_blocks(sites.constant), from_blocks(sites.energy)]
    for found in system.scatterings:
        matrices.append(np.array([found.reflection, found.transmission, found.echo]))
    side = sandwich(kind, np.eye(4))
    along = np.einsum("i,ijk->jk", np.asarray(tuple(axis), float), SIGMA[1:])
    fields = [gauge_field(layer) for layer in problem.network.layers]
    return (
        all(_commute(kind, each) for each in matrices)
        and _commute(side, sites.maps)
        and all(_commute(along, field) for field in fields)
    )


def _commute(one: Complex, others: Complex) -> bool:
    size = float(np.max(np.abs(others), initial=0.0))
    return bool(np.max(np.abs(one @ others - others @ one), initial=0.0) <= ROUNDING * size)
