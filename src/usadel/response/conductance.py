"""Differential conductances: the response to the voltage of one reservoir."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from usadel.algebra.modes import Mode
from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.errors import InputError
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.refine import KineticSolved
from usadel.response.drives import VOLTAGE, Drive, drive_of
from usadel.response.matrix import responses
from usadel.response.operating import driven_point
from usadel.response.places import Places
from usadel.solvers.status import Status

Array = NDArray[Any]


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
    places = Places(kinetics.problem.layout, with_magnets=False)
    drive = _drive(places, place)
    at = driven_point(kinetics, solved)
    found = responses(at, places, [drive])
    values = places.currents(found.measured[0])
    error = float(found.errors[0]) + charge_left(kinetics.network, values)
    gap = None if found.gaps is None else found.gaps[0]
    return Conductances(list(places.terminals), values, error, found.status, gap)


def charge_left(network: Network, values: Array) -> float:
    """Charge that stays in the device, where all that enters has to leave: what the gap misses between its nodes."""
    if any(layer.has_given_gap or not layer.nonequilibrium for layer in network.layers):
        return 0.0
    return abs(float(values[:, Mode.CHARGE].sum()))


def _drive(places: Places, name: str) -> Drive:
    """The voltage of the reservoir of a name."""
    known = {
        terminal: ends
        for terminal, ends in places.terminals.items()
        if all(t.reservoir is not None and t.reservoir.takes_voltage for t in ends)
    }
    drive = drive_of(known[name], VOLTAGE) if name in known else None
    if drive is None:
        allowed = ", ".join(f"'{each}'" for each in known) or "none, for no reservoir has a voltage"
        raise InputError(f"conductance: no reservoir '{name}' with a voltage; allowed: {allowed}")
    return drive
