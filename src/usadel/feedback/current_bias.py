"""A device that carries a given charge current: the phase of the biased reservoir is found.

The current-phase relation I(φ) is followed from the reservoir's own phase; every point is a complete solution that
starts from the one before. The stable side is dI/dφ > 0 for a reservoir at a left end, dI/dφ < 0 at a right one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from usadel.accuracy.refine import Solved
from usadel.errors import InputError
from usadel.feedback.exchange_field import solve_responding
from usadel.observables.variables import profile_variables
from usadel.progress import tell
from usadel.solvers.bias import find_phase, polish_phase
from usadel.solvers.status import Status

if TYPE_CHECKING:
    from usadel.description import Device, Stack
    from usadel.description.device.resolved import LayerEnd, Network


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    rough: float = 1e-4  # tolerance with which the current-phase relation is followed
    share: float = 0.1  # of the tolerance: how close to the given current the solution must be


OPTIONS = Options()


@dataclass
class CurrentPhaseRelation:
    """I(φ) of a device; φ counts so that the stable side rises.

    Attributes
    ----------
    device, place : the device, and the place of its biased reservoir.
    last : the solution at the last phase.
    """

    device: Stack | Device
    place: str
    tolerance: float
    neighbour: Solved | None
    last: Solved | None = None

    def __post_init__(self) -> None:
        self._asked = 0
        self._end = _biased_end(self.device.network())
        self.sign = 1.0 if self._end.side == "left" else -1.0

    def __call__(self, phase: float) -> float:
        """Charge current (conventional, to the right) at the reservoir."""
        network = self.device.replace({f"{self.place}.phase": self.sign * phase}).network()
        self.last = self.neighbour = solve_responding(network, self.tolerance, self.neighbour)
        profile = profile_variables(self.last.profiles)["charge_current"]
        current = float(profile[self.last.solution.problem.layout.site(self._end)])
        self._asked += 1
        tell("current bias", self._asked, text=f"phase {self.sign * phase:.4f} rad, charge current {current:.4g}")
        return current


def solve_biased(device: Stack | Device, place: str, tolerance: float, start: Solved | None) -> Solved:
    """Solution at the given current; its `bias_phase` is the phase that was found.

    Raises
    ------
    InputError
        If the current is beyond the critical current of the device.
    """
    relation = CurrentPhaseRelation(device, place, max(OPTIONS.rough, tolerance), start)
    wanted = float(device.value(f"{place}.current"))
    found = find_phase(relation, wanted, relation.sign * float(device.value(f"{place}.phase")))
    if found.phase is None:
        raise InputError(
            f"{place}.current: {wanted:g} is beyond the critical current of this device, "
            f"{found.extreme:.6g} Δ0/(|e| R_ξ)"
        )
    relation.tolerance = tolerance
    phase, missed = polish_phase(relation, wanted, found.phase, OPTIONS.share * tolerance)
    assert relation.last is not None
    solved = replace(relation.last, bias_phase=relation.sign * phase)
    if missed > OPTIONS.share * tolerance:
        return replace(
            solved, error=max(solved.error, missed), status=Status(max(solved.status, Status.TOLERANCE_NOT_REACHED))
        )
    return solved


def _biased_end(network: Network) -> LayerEnd:
    return next(t.end for t in network.terminations if t.pairing is not None and t.pairing.current is not None)
