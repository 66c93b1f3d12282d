"""The kinetic equation at single energies, on given grids: no integral, no tolerance."""

import numpy as np

from usadel.discretization.choice import make_grids
from usadel.discretization.space import stretched_grid
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import equilibrium
from usadel.states.problem import Discrete


class SingleEnergies:
    """A device at real energies: modes δh = h - tanh(E/2T_ref) and fluxes J, both (sites, 8, energies)."""

    def __init__(self, device, energies, nodes, strength=None):
        network = device.network()
        counts = nodes if isinstance(nodes, list) else [nodes] * len(network.layers)
        grids = make_grids(network, counts)
        if strength is not None:
            grids = [stretched_grid(k.length, n, strength) for k, n in zip(network.layers, counts, strict=True)]
        self.problem = Discrete(equilibrium(network), grids)
        self.kinetics = Kinetics(network, self.problem, self.problem.initial_gap(), 1e-9)
        both = self.kinetics._map(np.asarray(energies, float), lambda pack, h, flux: np.stack([h, flux]))
        assert self.kinetics.status == 0
        self.h, self.flux = both

    def sites(self, layer):
        return self.problem.layout.slice(layer)

    def x(self, layer):
        """Positions in a layer."""
        return self.problem.grids[layer].x
