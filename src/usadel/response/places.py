"""Where the response of a device is wanted: currents at its terminals, torques on its magnets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import SPIN
from usadel.description.device.resolved import Covering, LayerEnd, Termination
from usadel.discretization.layout import Layout, Magnet
from usadel.observables.on_top import whole
from usadel.observables.profiles import Profiles
from usadel.states.problem import Problem

Array = NDArray[Any]


@dataclass(frozen=True)
class Places:
    """The terminals and magnets of a device.

    Attributes
    ----------
    layout : of the device, on any grids.
    with_magnets : whether torques are wanted.
    """

    layout: Layout
    with_magnets: bool = True

    @cached_property
    def terminals(self) -> dict[str, list[Termination | Covering]]:
        """Contacts with reservoirs by the name of the terminal."""
        return self.layout.network.all_terminals()

    @cached_property
    def magnets(self) -> list[Magnet]:
        """Magnetic interfaces."""
        return self.layout.magnets() if self.with_magnets else []

    @cached_property
    def ends(self) -> list[LayerEnd]:
        """Ends at which currents are wanted: those of terminals, then those of magnets."""
        found = [t.end for ends in self.layout.network.terminals().values() for t in ends]
        return found + [end for magnet in self.magnets for end in magnet.ends]

    @cached_property
    def laws(self) -> list[int]:
        """Laws through which spins enter magnets from beyond."""
        return [law for magnet in self.magnets for law in magnet.laws]

    @cached_property
    def tops(self) -> list[int]:
        """Numbers of the contacts on top through which anything flows."""
        coverings = self.layout.network.coverings()
        return [k for k, (_, c) in enumerate(coverings) if c.reservoir is not None or self.with_magnets]

    def of_profiles(self, problem: Problem, profiles: Profiles) -> Array:
        """Currents (terminals, 8) into the device, of a solution on the grids of a problem."""
        at_ends = [profiles.current[self.layout.site(end)] for end in self.ends]
        on_top = whole(problem, profiles.on_top)[self.tops]
        return self.currents(np.concatenate([np.ravel(at_ends), np.ravel(on_top), np.zeros(3 * len(self.laws))]))

    def currents(self, measured: Array) -> Array:
        """Currents (terminals, 8) into the device, modes as in `Mode`, of what is measured (numbers)."""
        at_ends, network = self._currents(measured), self.layout.network
        found, first = {}, 0
        for name, ends in network.terminals().items():
            signs = np.array([1.0 if t.end.side == "left" else -1.0 for t in ends])
            found[name] = signs @ at_ends[first : first + len(ends)]
            first += len(ends)
        for number, top in zip(self.tops, at_ends[len(self.ends) :], strict=True):
            name = network.coverings()[number][1].name
            if name:
                found[name] = found.get(name, 0.0) + top
        return np.array([found[name] for name in self.terminals]).reshape(-1, at_ends.shape[1])

    def torques(self, measured: Array) -> Array:
        """Spin (interfaces, 3) that magnets absorb, of what is measured (numbers); NaN where there is none.

        And of magnets between a layer and a reservoir on top of it, whose part of the reservoir's side is not measured.
        """
        network, at_ends = self.layout.network, self._currents(measured)
        beyond = measured[at_ends.size :].reshape(-1, 3)
        interfaces = network.interfaces()
        found = np.full((len(interfaces), 3), np.nan)
        end, law = sum(map(len, network.terminals().values())), 0
        for magnet in self.magnets:
            signs = np.array([1.0 if one.side == "right" else -1.0 for one in magnet.ends])
            found[magnet.interface] = signs @ at_ends[end : end + len(magnet.ends), SPIN]
            found[magnet.interface] += beyond[law : law + len(magnet.laws)].sum(axis=0)
            end, law = end + len(magnet.ends), law + len(magnet.laws)
        for number, top in zip(self.tops, at_ends[len(self.ends) :], strict=True):
            covering = network.coverings()[number][1]
            if covering.interface.magnetic and covering.reservoir is None:
                at = next(k for k, (_, law_, _) in enumerate(interfaces) if law_.place == covering.interface.place)
                found[at] = np.nan_to_num(found[at]) - top[SPIN]
        return found

    def _currents(self, measured: Array) -> Array:
        """(ends and contacts on top, rows)."""
        count = len(self.ends) + len(self.tops)
        return measured[: measured.size - 3 * len(self.laws)].reshape(count, -1)
