"""The terminals of a network that float: what is unknown of them, what flows out of them, and its derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.refine import Solved
from usadel.description.device.resolved import Covering, Network, Termination
from usadel.errors import NotConverged
from usadel.kinetics.torque import absorbed_spin
from usadel.observables.variables import current_modes
from usadel.response.drives import SPIN_VOLTAGE, TEMPERATURE, VOLTAGE, drive_of
from usadel.response.matrix import responses
from usadel.response.operating import operating_point
from usadel.response.places import Places
from usadel.solvers.status import Status

Array = NDArray[Any]


@dataclass(frozen=True)
class Unknown:
    """A value that floats: which terminal, in the order of all, its contacts, its key."""

    terminal: int
    ends: tuple[Termination | Covering, ...]
    key: str

    @property
    def axis(self) -> Array:
        """Unit vector of the spins of the terminal."""
        assert self.ends[0].reservoir is not None
        return np.asarray(self.ends[0].reservoir.spin_axis, float)


class Circuit:
    """The floating terminals of a network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.unknowns = [
            Unknown(number, tuple(ends), key)
            for number, ends in enumerate(network.all_terminals().values())
            for key in _floating(ends)
        ]

    def written(self, network: Network) -> Array:
        """Values (unknowns) that a network of the same terminals has."""
        reservoirs = list(network.terminal_reservoirs.values())
        return np.array([getattr(reservoirs[one.terminal], one.key) for one in self.unknowns])

    def having(self, values: Array) -> Network:
        """The network at some values (unknowns)."""
        changes: dict[str, dict[str, Any]] = {}
        for one, value in zip(self.unknowns, values, strict=True):
            changes.setdefault(one.ends[0].name, {})[one.key] = float(value)
        known = self.network.terminal_reservoirs
        return self.network.having({name: replace(known[name], **change) for name, change in changes.items()})

    def net(self, solved: Solved) -> Array:
        """What flows out of each terminal (unknowns), by its own key."""
        problem = solved.solution.problem
        places = Places(problem.layout)
        torque = absorbed_spin(solved)
        torques = np.zeros((len(self.network.interfaces()), 3)) if torque is None else torque.T
        return self._own(places, places.of_profiles(problem, solved.profiles), torques)

    def within(self, values: Array, step: Array, longest: float, colder: float) -> Array:
        """A step (unknowns) that is shortened as a whole, so that voltages change little and temperatures stay > 0."""
        bounds = [
            colder * value if one.key == TEMPERATURE else longest
            for one, value in zip(self.unknowns, values, strict=True)
        ]
        return np.asarray(step / max(1.0, float(np.max(np.abs(step) / bounds))))

    def derivatives(self, solved: Solved, values: Array, accuracy: float) -> Array:
        """Those of `net` by the values, (unknowns, unknowns)."""
        at = operating_point(self.having(values), solved, accuracy)
        places = Places(at.kinetics.problem.layout)
        ends = list(places.terminals.values())  # with the values in force
        drives = [drive_of(ends[one.terminal], one.key) for one in self.unknowns]
        found = responses(at, places, [drive for drive in drives if drive is not None])
        if found.status not in (Status.CONVERGED, Status.TOLERANCE_NOT_REACHED):
            raise NotConverged(None, found.status.advice)
        columns = [self._own(places, places.currents(one), places.torques(one)) for one in found.measured]
        return np.array(columns).T

    def values_of(self, solved: Solved) -> Array:
        """Values (unknowns) at which something was solved."""
        return self.written(solved.solution.problem.network)

    def by_key(self, errors: Array) -> dict[str, float]:
        """The largest of some errors (unknowns) for each key."""
        found: dict[str, float] = {}
        for one, error in zip(self.unknowns, errors, strict=True):
            found[one.key] = max(found.get(one.key, 0.0), float(error))
        return found

    def _own(self, places: Places, currents: Array, torques: Array) -> Array:
        """Of the currents (terminals, 8) into the device and torques (interfaces, 3), each unknown's own (unknowns).

        With the sign that is conjugate to the value, so that it rises with it in every normal circuit: that of minus
        the spin current to a spin voltage (spins of electrons, whose charge is negative).
        """
        modes = current_modes(currents)
        beyond = np.array(modes["spin"])
        for number, ends in enumerate(places.terminals.values()):
            at = {t.end for t in ends if isinstance(t, Termination)}
            for magnet in places.magnets:
                if at.intersection(magnet.ends):
                    beyond[:, number] += torques[magnet.interface]
        own = {VOLTAGE: modes["charge"], TEMPERATURE: modes["energy"]}
        return np.array([
            -one.axis @ beyond[:, one.terminal] if one.key == SPIN_VOLTAGE else own[one.key][one.terminal]
            for one in self.unknowns
        ])  # fmt: skip


def _floating(ends: Sequence[Termination | Covering]) -> tuple[str, ...]:
    return () if ends[0].reservoir is None else ends[0].reservoir.floating
