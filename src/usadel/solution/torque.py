"""The spin current that the magnet of each interface absorbs: what enters it on one side and does not leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from usadel.algebra.modes import SPIN
from usadel.algebra.nambu import to_blocks
from usadel.algebra.riccati import green
from usadel.discretization.layout import Law
from usadel.kinetics.refine import kinetics_of
from usadel.observables.columns import contour_weights
from usadel.quantities import currents
from usadel.states.problem import Array

if TYPE_CHECKING:
    from usadel.accuracy.refine import Solved
    from usadel.gap.state import AnySolution


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
    for number, (_, interface, ends) in enumerate(interfaces):
        if not interface.magnetic:
            continue
        for end in ends:
            sign = 1.0 if end.side == "right" else -1.0
            torque[:, number] += sign * profiles.current[layout.site(end), SPIN]
        for at, law in enumerate(layout.laws):
            junction = len(ends) == 1 and law.across not in (None, law.end)
            if law.interface is interface and (junction or law.reservoir is not None):
                torque[:, number] += _from_beyond(solution, at, law)
                if kinetics is not None and kinetics.network.layers[law.end.layer].nonequilibrium:
                    torque[:, number] += kinetics.spin_from_beyond(at)
    return torque


def _from_beyond(solution: AnySolution, number: int, law: Law) -> Array:
    """Spin current (3) into an interface from a reservoir or junction."""
    problem, contour = solution.problem, solution.contour
    scattering = problem.system.seen_from_beyond(law)
    near = problem.layout.site(law.end)
    direct, mirrored = contour_weights((currents.SPIN,), contour.current[law.end.layer], contour.energies.size)
    total = np.zeros(3)
    for pack in solution.packs:
        lanes = slice(0, pack.count)
        far = pack.fixed[number] if law.across is None else pack.state[problem.layout.site(law.across)]
        far, here = green(problem.full(far)), green(problem.full(pack.state[near]))
        current = to_blocks(scattering.matrix_current(far, here)).T[:, lanes]
        total += np.einsum("iel,el->i", direct[..., pack.index], current[0:4]).real
        total += np.einsum("iel,el->i", mirrored[..., pack.index], current[12:16].conj()).real
    # [S, ĝ] is σA ĝ∂ĝ along the inward normal of the far side: what flows into it, away from the interface.
    return -total
