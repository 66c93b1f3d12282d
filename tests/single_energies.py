"""The kinetic equation at single energies, on given grids: no integral, no tolerance."""

from dataclasses import dataclass

import numpy as np

from usadel.discretization.choice import make_grids
from usadel.discretization.space import stretched_grid
from usadel.equations.kinetic.numbers import KineticNumbers
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import equilibrium
from usadel.states.problem import Problem


@dataclass
class UnitMode(KineticNumbers):
    """The kinetic equation with δh = 1 in one mode of one reservoir, and 0 in all else that is imposed."""

    element: object
    mode: int

    def given_modes(self, element, energy):
        return np.eye(8)[self.mode][:, None] * np.full(energy.size, float(element is self.element))


def unit_mode(system, reservoir, mode):
    return UnitMode(system.system, system.rows, system.temperature, reservoir, mode)


class SingleEnergies:
    """A device at real energies: modes δh = h - tanh(E/2T_ref) and fluxes J, both (sites, 8, energies).

    driven : (number of a termination, mode): a unit mode of that reservoir alone, in place of what all impose.
    """

    def __init__(self, device, energies, nodes, strength=None, driven=None):
        network = device.network()
        counts = nodes if isinstance(nodes, list) else [nodes] * len(network.layers)
        grids = make_grids(network, counts)
        if strength is not None:
            grids = [stretched_grid(k.length, n, strength) for k, n in zip(network.layers, counts, strict=True)]
        self.problem = Problem(equilibrium(network), grids)
        self.kinetics = Kinetics(network, self.problem, self.problem.initial_gap(), 1e-9)
        if driven is not None:
            self.kinetics.system = unit_mode(self.kinetics.system, network.terminations[driven[0]].reservoir, driven[1])
        both = self.kinetics._map(np.asarray(energies, float), lambda pack, h, flux: np.stack([h, flux]))
        assert self.kinetics.status == 0
        self.h, self.flux = both

    def sites(self, layer):
        return self.problem.layout.slice(layer)

    def x(self, layer):
        """Positions in a layer."""
        return self.problem.grids[layer].x
