"""The spin current that the magnet of each interface absorbs: what enters it on one side and does not leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from usadel.algebra.modes import SPIN
from usadel.kinetics.refine import kinetics_of
from usadel.observables.beyond import spin_from_beyond
from usadel.observables.on_top import currents_on_top, whole
from usadel.states.problem import Array

if TYPE_CHECKING:
    from usadel.accuracy.refine import Solved
    from usadel.kinetics.equation import Kinetics


def absorbed_spin(refined: Solved) -> Array | None:
    """(3, interfaces), 0 at those without a magnet; None if no interface has one.

    In a layer the spin current is known. Beyond a reservoir's or junction's interface it follows from the law as seen
    from there: with the distributions on both sides if they are solved for, else at the distribution of the layer.
    """
    solution, profiles, kinetics = refined.solution, refined.profiles, kinetics_of(refined)
    layout = solution.problem.layout
    interfaces = solution.problem.network.interfaces()
    if not any(interface.magnetic for _, interface, _ in interfaces):
        return None
    torque = np.zeros((3, len(interfaces)))
    for magnet in layout.magnets():
        for end in magnet.ends:
            sign = 1.0 if end.side == "right" else -1.0
            torque[:, magnet.interface] += sign * profiles.current[layout.site(end), SPIN]
        for at in magnet.laws:
            torque[:, magnet.interface] += spin_from_beyond(solution.problem, solution.contour, solution.packs, at)
            if kinetics is not None and kinetics.network.layers[layout.laws[at].end.layer].nonequilibrium:
                torque[:, magnet.interface] += kinetics.spin_from_beyond(at)
    for place, given in _from_magnets_on_top(refined, kinetics).items():
        number = next(k for k, (_, interface, _) in enumerate(interfaces) if interface.place == place)
        torque[:, number] -= given
    return torque


def _from_magnets_on_top(refined: Solved, kinetics: Kinetics | None) -> dict[str, Array]:
    """Spin (3) that magnets on top of layers, by their places, give to what is below and behind them."""
    solution = refined.solution
    problem, found = solution.problem, dict[str, Array]()
    coverings = problem.network.coverings()
    if not any(covering.interface.magnetic for _, covering in coverings):
        return found
    states = [pack.state for pack in solution.packs]
    below = whole(problem, refined.profiles.on_top)
    behind = whole(problem, currents_on_top(problem, solution.contour, solution.packs, states, behind=True))
    for number, (k, covering) in enumerate(coverings):
        if not covering.interface.magnetic:
            continue
        given = below[number, SPIN] + behind[number, SPIN]
        if covering.reservoir is not None and kinetics is not None and kinetics.network.layers[k].nonequilibrium:
            given -= kinetics.spin_from_behind(number)
        found[covering.interface.place] = found.get(covering.interface.place, 0.0) + given
    return found
