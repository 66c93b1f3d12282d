"""Distribution functions at chosen energies of a device whose gaps are given: nothing is integrated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from usadel._compile import announce_compilation
from usadel.discretization.choice import first_nodes, make_grids
from usadel.errors import InputError
from usadel.feedback.exchange_field import refuse_response
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.grid_error import GAIN, coarser, layer_changes, on_finer_grids
from usadel.kinetics.reference import check_kinetics, equilibrium, has_kinetics
from usadel.observables.profiles import positions
from usadel.progress import Progress, reported
from usadel.solution.kinetic import KineticResult, NotConverged
from usadel.solvers.refinement import LEVELS
from usadel.solvers.status import Status
from usadel.states.problem import Discrete

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack


@dataclass
class Distributions(KineticResult):
    """Solved distributions, energy by energy; see `usadel.distributions`.

    Attributes
    ----------
    device : the description.
    progress : called with an `Event` now and then; an exception that it raises ends what is being solved.
    """

    device: Stack | Device
    _equation: Kinetics
    progress: Progress | None = None

    @reported("distribution")
    def distribution(self, energies: ArrayLike, position: ArrayLike | None = None) -> xr.Dataset:
        """Distribution functions h0…h7 at chosen energies.

        Parameters
        ----------
        energies : energies E (Δ0), of either sign.
        position : positions (ξ) along the device; default: those of the grid.

        Returns
        -------
        xarray.Dataset
            `distribution` (mode, position, energy). Attribute `estimated_error` of all modes at all nodes, by coarser
            grids; grids are refined until it is below the tolerance of the device.
        """
        energies = np.atleast_1d(np.asarray(energies, float))
        for _ in range(LEVELS):
            values = self._equation.distribution(energies)
            errors = self._errors(energies, values)
            finer = on_finer_grids(self._equation.problem, errors / self._tolerance)
            if errors.max() <= self._tolerance or finer is None:
                break
            self._equation = self._equation.on(finer, finer.initial_gap())
        status, error = self._equation.status, float(errors.max())
        if status == Status.CONVERGED and not error <= self._tolerance:
            status = Status.TOLERANCE_NOT_REACHED
        if status != Status.CONVERGED:
            raise NotConverged(self, f"distribution: {status.advice}")
        return self._distribution_at(values, energies, position).assign_attrs(estimated_error=error)

    def _errors(self, energies: np.ndarray, values: np.ndarray) -> np.ndarray:
        """(layers): expected errors by the grid of distribution functions (8, sites, energies)."""
        rough = coarser(self._equation)
        ours, theirs = (np.moveaxis(h, 0, 1) for h in (values, rough.distribution(energies)))
        changes = layer_changes(self._equation.problem, rough.problem, ours, theirs)
        return np.array([GAIN * float(np.max(np.abs(change))) for change in changes])

    def _kinetics(self, what: str) -> Kinetics:
        return self._equation

    def _positions(self) -> np.ndarray:
        return positions(self._equation.problem)

    @property
    def _gap_solution(self) -> None:
        return None


def distributions(device: Stack | Device, *, progress: Progress | None = None) -> Distributions:
    """Distribution functions, probes and conductances of a device whose gaps are given, without solving for the rest.

    At a given gap the kinetic equation of one energy knows nothing of the others. What needs some energies only takes
    a fraction of `usadel.solve`, which integrates currents and accumulations over all of them.

    Parameters
    ----------
    device : with layers that have nonequilibrium = true.
    progress : called with an `Event` now and then by whatever is asked for later; an exception that it raises ends it.

    Returns
    -------
    Distributions
        With `.distribution(energies, position)`, `.probe(position, …)`, `.conductance(reservoir)` and
        `.kinetic_coefficients(energies, position)`.

    Raises
    ------
    InputError
        If a gap is to be solved for, or no distribution is.
    """
    network = device.network()
    if not has_kinetics(network):
        raise InputError("distributions: this device has no layer with nonequilibrium = true")
    if network.has_unknown_gap:
        raise InputError("distributions: all gaps must be given (self_consistent = false); else use solve")
    refuse_response(network, "where nothing is integrated")
    check_kinetics(network)
    announce_compilation()
    tolerance = float(device.value("tolerance"))
    problem = Discrete(equilibrium(network), make_grids(network, first_nodes(network, tolerance)))
    return Distributions(device, Kinetics(network, problem, problem.initial_gap(), tolerance), progress)
