"""The spin current that enters an interface from what is behind it, at the distribution of the layer before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import to_blocks
from usadel.algebra.riccati import green
from usadel.energies.contour import Contour
from usadel.observables.columns import contour_sum, contour_weights
from usadel.quantities import currents
from usadel.states.problem import Pack, Problem

Array = NDArray[Any]


def spin_from_beyond(problem: Problem, contour: Contour, packs: Sequence[Pack], number: int) -> Array:
    """Spin current (3) into an interface from a reservoir or junction behind it; `number` is that of the law."""
    law = problem.layout.laws[number]
    scattering = problem.system.seen_from_beyond(law)
    near = problem.layout.site(law.end)
    weights = contour_weights((currents.SPIN,), contour.current[law.end.layer], contour.energies.size)
    total = np.zeros(3)
    for pack in packs:
        far = pack.fixed[number] if law.across is None else pack.state[problem.layout.site(law.across)]
        far, here = green(problem.full(far)), green(problem.full(pack.state[near]))
        current = to_blocks(scattering.matrix_current(far, here)).T[:, : pack.count]
        total += contour_sum(weights, current, pack.index)
    # [S, ĝ] is σA ĝ∂ĝ along the inward normal of the far side: what flows into it, away from the interface.
    return -total
