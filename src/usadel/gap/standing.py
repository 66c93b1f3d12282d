"""Which of several solutions a solution is: whether it is stable, and whether the normal state lies lower."""

from __future__ import annotations

from dataclasses import dataclass

from usadel.description.device.resolved import Network
from usadel.gap.free_energy import above_normal
from usadel.gap.stability import is_stable
from usadel.gap.state import AnySolution, has_unknown_gap
from usadel.work import exhausted


@dataclass(frozen=True)
class Standing:
    """What is known of a solution among others; None where it is not.

    Attributes
    ----------
    stable : no change of the gap grows, see `gap.stability`.
    lower_state : another solution, at least the normal state, has a lower free energy, where there is one.
    """

    stable: bool | None = None
    lower_state: bool | None = None


UNKNOWN = Standing()


def standing(solution: AnySolution, error: float) -> Standing:
    """Where a solution whose distributions are given stands among others."""
    if not has_unknown_gap(solution) or exhausted():
        return UNKNOWN
    stable = is_stable(solution)
    if not (solution.gap.any() and normal_state_exists(solution.problem.network)):
        return Standing(stable)
    above = above_normal(solution.state, error)
    return Standing(stable, above.value > 0 if above is not None and abs(above.value) > above.error else None)


def normal_state_exists(network: Network) -> bool:
    """Whether Δ = 0 solves the gap equation: no gap is given, neither in a layer nor in a reservoir."""
    given = any(layer.has_given_gap for layer in network.layers)
    return not given and not network.fixes_phase
