"""Where the response of a device is wanted: currents at its terminals, torques on its magnets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import SPIN
from usadel.description.device.resolved import LayerEnd, Termination
from usadel.discretization.layout import Layout, Magnet

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
    def terminals(self) -> dict[str, list[Termination]]:
        """Ends at reservoirs by the name of the terminal."""
        return self.layout.network.terminals()

    @cached_property
    def magnets(self) -> list[Magnet]:
        """Magnetic interfaces."""
        return self.layout.magnets() if self.with_magnets else []

    @cached_property
    def ends(self) -> list[LayerEnd]:
        """Ends at which currents are wanted: those of terminals, then those of magnets."""
        found = [t.end for ends in self.terminals.values() for t in ends]
        return found + [end for magnet in self.magnets for end in magnet.ends]

    @cached_property
    def laws(self) -> list[int]:
        """Laws through which spins enter magnets from beyond."""
        return [law for magnet in self.magnets for law in magnet.laws]

    def currents(self, measured: Array) -> Array:
        """Currents (terminals, 8) into the device, modes as in `Mode`, of what is measured (numbers)."""
        at_ends = self._at_ends(measured)
        found, first = [], 0
        for ends in self.terminals.values():
            signs = np.array([1.0 if t.end.side == "left" else -1.0 for t in ends])
            found.append(signs @ at_ends[first : first + len(ends)])
            first += len(ends)
        return np.array(found).reshape(-1, at_ends.shape[1])

    def torques(self, measured: Array) -> Array:
        """Spin (interfaces, 3) that magnets absorb, of what is measured (numbers); NaN where there is none."""
        at_ends = self._at_ends(measured)
        beyond = measured[at_ends.size :].reshape(-1, 3)
        found = np.full((len(self.layout.network.interfaces()), 3), np.nan)
        end, law = sum(map(len, self.terminals.values())), 0
        for magnet in self.magnets:
            signs = np.array([1.0 if one.side == "right" else -1.0 for one in magnet.ends])
            found[magnet.interface] = signs @ at_ends[end : end + len(magnet.ends), SPIN]
            found[magnet.interface] += beyond[law : law + len(magnet.laws)].sum(axis=0)
            end, law = end + len(magnet.ends), law + len(magnet.laws)
        return found

    def _at_ends(self, measured: Array) -> Array:
        """(ends, rows)."""
        rows = (measured.size - 3 * len(self.laws)) // len(self.ends)
        return measured[: measured.size - 3 * len(self.laws)].reshape(len(self.ends), rows)
