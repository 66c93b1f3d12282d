"""Distribution functions at chosen energies of a device whose gaps are given: nothing is integrated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from usadel import work
from usadel._compile import announce_compilation
from usadel.description.device.driven import NOTHING_SOLVED, has_kinetics
from usadel.description.device.solvable import check_kinetics
from usadel.discretization.choice import first_nodes, make_grids
from usadel.errors import InputError
from usadel.feedback.exchange_field import refuse_response
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.grid_error import GAIN, coarser, layer_changes, on_finer_grids
from usadel.kinetics.reference import equilibrium
from usadel.progress import Progress, reported
from usadel.solution.kinetic import KineticAnswers
from usadel.solvers.refinement import refine
from usadel.solvers.status import Status
from usadel.states.problem import Problem
from usadel.work import allowance

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack


@dataclass
class Distributions(KineticAnswers):
    """Solved distributions of a device whose gaps are given, energy by energy; see `usadel.distributions`."""

    @reported("distribution")
    def distribution(self, energies: ArrayLike, position: ArrayLike | None = None) -> xr.Dataset:
        """Distribution functions h0…h7 at chosen energies, to the tolerance of the device.

        Parameters
        ----------
        energies : energies E (Δ0), of either sign.
        position : positions (ξ) along the device; default: those of the grid.

        Returns
        -------
        xarray.Dataset
            `distribution` (mode, position, energy). Attribute `estimated_error` of all modes at all nodes, by coarser
            grids; grids are refined until it is below the tolerance of the device.

        Raises
        ------
        NotConverged
            If it is not.
        """
        energies = np.atleast_1d(np.asarray(energies, float))

        def grow(equation: Kinetics, found: _Found) -> Kinetics | None:
            finer = on_finer_grids(equation.problem, found.layer_errors / self._tolerance)
            return None if finer is None else equation.on(finer, finer.initial_gap())

        with allowance(work.OPTIONS.spectrum):
            found = refine(self.equation, lambda equation: _found(equation, energies), grow, self._tolerance)
        self.problem, self.equation = found.equation.problem, found.equation
        if found.status != Status.CONVERGED:
            raise self._failure("distribution", found.status)
        return self._distribution_at(found.values, energies, position).assign_attrs(estimated_error=found.error)


@dataclass(frozen=True)
class _Found:
    """Distribution functions (8, sites, energies) on some grids, and their expected errors by these (layers)."""

    equation: Kinetics
    values: np.ndarray
    layer_errors: np.ndarray
    status: Status

    @property
    def error(self) -> float:
        return float(self.layer_errors.max())


def _found(equation: Kinetics, energies: np.ndarray) -> _Found:
    values, rough = equation.distribution(energies), coarser(equation)
    ours, theirs = (np.moveaxis(h, 0, 1) for h in (values, rough.distribution(energies)))
    changes = layer_changes(equation.problem, rough.problem, ours, theirs)
    errors = np.array([GAIN * float(np.max(np.abs(change))) for change in changes])
    return _Found(equation, values, errors, equation.status)


def distributions(device: Stack | Device, *, progress: Progress | None = None) -> Distributions:
    """Distribution functions, probes and conductances of a device whose gaps are given, without solving for the rest.

    At a given gap the kinetic equation of one energy knows nothing of the others. What needs some energies only takes
    a fraction of `usadel.solve`, which integrates currents and accumulations over all of them.

    Parameters
    ----------
    device : with layers whose distribution is solved for.
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
        raise InputError(f"distributions: {NOTHING_SOLVED}")
    if network.floats:
        raise InputError(
            "distributions: what floats is found where currents are integrated; allowed: given values, or solve"
        )
    if network.has_unknown_gap:
        raise InputError("distributions: all gaps must be given (self_consistent = false); else use solve")
    refuse_response(network, "where nothing is integrated")
    check_kinetics(network)
    announce_compilation()
    tolerance = float(device.value("tolerance"))
    problem = Problem(equilibrium(network), make_grids(network, first_nodes(network, tolerance)))
    equation = Kinetics(network, problem, problem.initial_gap(), tolerance)
    return Distributions(device, equation, problem, progress=progress)
