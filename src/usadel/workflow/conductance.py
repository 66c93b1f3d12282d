"""Differential conductances without finite differences: the kinetic equation of ∂h/∂V at the gap of a solution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.description.errors import InputError
from usadel.description.network import Network, Termination
from usadel.equations.kinetic_response import KineticResponse
from usadel.observables.real_axis import CURRENT, RESISTIVE
from usadel.solvers.status import Status
from usadel.workflow.kinetics import Kinetics
from usadel.workflow.nonequilibrium import cross_sections, grid_difference

Array = NDArray[Any]


@dataclass
class Response(Kinetics):
    """The kinetic equation of ∂h/∂V.

    Attributes
    ----------
    driven : the reservoir whose voltage changes.
    """

    driven: Any = None

    @cached_property
    def system(self) -> KineticResponse:
        """Its numbers."""
        plain = Kinetics.system.func(self)  # type: ignore[attr-defined]
        return KineticResponse(plain.system, plain.rows, plain.temperature, self.driven)


@dataclass(frozen=True)
class Conductances:
    """∂I/∂V of the currents from every reservoir into the device.

    Attributes
    ----------
    names : of the reservoirs; values : (reservoirs, 8), charge, spin x y z, energy, spin energy x y z.
    """

    names: list[str]
    values: Array
    error: float
    status: Status


def conductances(kinetics: Kinetics, place: str) -> Conductances:
    """Solve for the response to the voltage of one reservoir, given by its name."""
    ends = [t for t in kinetics.network.terminations if t.reservoir is not None]
    driven = _reservoir(kinetics.network, place)
    response = Response(kinetics.network, kinetics.problem, kinetics.gap, kinetics.tolerance, driven=driven)
    error = response.integral.error + float(grid_difference(response).max())
    scale = cross_sections(kinetics.problem)
    into = [_into(response, scale, end) for end in ends]
    return Conductances([end.name for end in ends], np.array(into), error, response.status)


def _into(response: Response, scale: Array, end: Termination) -> Array:
    site = response.problem.layout.site(end.end)
    sign = 1.0 if end.end.side == "left" else -1.0
    values = sign * scale[site] * response.integral.value[site, CURRENT:RESISTIVE]
    values[0] *= -1.0  # of positive charges
    return values


def _reservoir(network: Network, place: str) -> Any:
    """The reservoir of a name that has a voltage."""
    found = {t.name: t.reservoir for t in network.terminations if hasattr(t.reservoir, "voltage")}
    if place not in found:
        allowed = ", ".join(f"'{name}'" for name in found) or "none, for no reservoir has a voltage"
        raise InputError(f"conductance: no reservoir '{place}' with a voltage; allowed: {allowed}")
    return found[place]
