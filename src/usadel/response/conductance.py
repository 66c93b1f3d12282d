"""Differential conductances: the kinetic equation of ∂h/∂V, and the response of the gap where that is an unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import Mode
from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network, ResolvedReservoir, Termination
from usadel.equations.kinetic.response import KineticResponse
from usadel.errors import InputError
from usadel.gap.state import has_unknown_gap
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.grid_error import cross_sections, grid_difference
from usadel.kinetics.refine import KineticSolved
from usadel.observables.columns import CURRENT
from usadel.response.gap import GapResponse
from usadel.response.perturbation import ByVoltage
from usadel.solvers.status import Status
from usadel.work import exhausted

Array = NDArray[Any]


@dataclass
class Response(Kinetics):
    """The kinetic equation of ∂h/∂V.

    Attributes
    ----------
    driven : whose voltages change, and by how much.
    """

    driven: Sequence[tuple[ResolvedReservoir, float]] = ()

    def numbers(self) -> KineticResponse:
        """Its numbers, made anew."""
        plain = super().numbers()
        return KineticResponse(plain.system, plain.rows, plain.temperature, self.driven)


@dataclass(frozen=True)
class Conductances:
    """∂I/∂V of the currents from every reservoir into the device.

    Attributes
    ----------
    names : of the reservoirs; values : (reservoirs, 8), the modes in the order of `Mode`.
    gap : (sites), change of the gap; None where every gap is given.
    """

    names: list[str]
    values: Array
    error: float
    status: Status
    gap: Complex | None = None


def conductances(kinetics: Kinetics, place: str, solved: KineticSolved | None = None) -> Conductances:
    """Solve for the response to the voltage of one reservoir, given by its name.

    solved : the whole solution, where a gap is an unknown.

    Energies and voltages are counted from the condensate. One whose phase nothing holds takes a potential at which as
    much charge flows into it as out of it: all voltages are shifted with that of the reservoir.
    """
    driven = _reservoir(kinetics.network, place)
    gap = None if solved is None else _gap_response(solved, kinetics)
    if gap is not None:
        answer = gap.to(ByVoltage([(driven, 1.0)]), lambda: _all_voltages(kinetics.network))
        found = _conductances(kinetics, answer.current, answer.error, answer.status, answer.gap)
        return replace(found, error=found.error + _charge_left(kinetics.network, found))
    response = Response(kinetics.network, kinetics.problem, kinetics.gap, kinetics.tolerance, driven=[(driven, 1.0)])
    ends = [kinetics.problem.layout.site(t.end) for t in _terminals(kinetics.network)]
    current = cross_sections(response.problem)[ends, None] * response.integral.value[ends, CURRENT]
    error = response.integral.error + float(grid_difference(response).max())
    return _conductances(kinetics, current, error, Status.TOO_MUCH_WORK if exhausted() else response.status)


def _gap_response(solved: KineticSolved, kinetics: Kinetics) -> GapResponse | None:
    """How the gap answers; None if there is none, or it is given."""
    solution, reference = solved.solution, solved.reference.solution
    if not (has_unknown_gap(solution) and has_unknown_gap(reference) and np.any(kinetics.gap)):
        return None
    return GapResponse(solution, reference, kinetics)


def _all_voltages(network: Network) -> ByVoltage:
    """Voltages are counted from the potential of a floating condensate: those of all reservoirs change with it."""
    if not all(layer.nonequilibrium for layer in network.layers):
        raise InputError(
            "conductance: the potential of a condensate that no reservoir holds moves with the voltage, which layers "
            "with imposed distributions do not follow; allowed: nonequilibrium = true in all layers"
        )
    return ByVoltage([(t.reservoir, 1.0) for t in _terminals(network) if t.reservoir is not None])


def _charge_left(network: Network, found: Conductances) -> float:
    """Charge that stays in the device, where all that enters has to leave: what the gap misses between its nodes."""
    if any(layer.has_given_gap or not layer.nonequilibrium for layer in network.layers):
        return 0.0
    return abs(float(found.values[:, Mode.CHARGE].sum()))


def _terminals(network: Network) -> list[Termination]:
    return [t for t in network.terminations if t.reservoir is not None]


def _conductances(
    kinetics: Kinetics, current: Array, error: float, status: Status, gap: Complex | None = None
) -> Conductances:
    """Those of currents (ends, rows) along the layers that reservoirs stand at, σA included."""
    ends = _terminals(kinetics.network)
    sign = np.array([1.0 if end.end.side == "left" else -1.0 for end in ends])
    return Conductances([end.name for end in ends], sign[:, None] * current, error, status, gap)


def _reservoir(network: Network, place: str) -> ResolvedReservoir:
    """The reservoir of a name that has a voltage."""
    reservoirs = {t.name: t.reservoir for t in network.terminations if t.reservoir is not None}
    found = {name: reservoir for name, reservoir in reservoirs.items() if reservoir.takes_voltage}
    if place not in found:
        allowed = ", ".join(f"'{name}'" for name in found) or "none, for no reservoir has a voltage"
        raise InputError(f"conductance: no reservoir '{place}' with a voltage; allowed: {allowed}")
    return found[place]
