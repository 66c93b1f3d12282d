"""Which of several solutions a solution is: whether it is stable, and whether the normal state lies lower."""

from __future__ import annotations

from dataclasses import dataclass

from usadel.description.device.resolved import Network
from usadel.gap.free_energy import in_equilibrium, normal_state_is_lower
from usadel.gap.stability import is_stable
from usadel.gap.state import AnySolution, has_unknown_gap
from usadel.work import exhausted


@dataclass(frozen=True)
class Standing:
    """What is known of a solution among others; None where it is not.

    Attributes
    ----------
    stable : no change of the gap grows, see `gap.stability`.
    lower_state : another solution, at least the normal state, has a lower free energy. In equilibrium only.
    """

    stable: bool | None = None
    lower_state: bool | None = None


UNKNOWN = Standing()


def standing(solution: AnySolution) -> Standing:
    """Where a solution whose distributions are given stands among others."""
    if not has_unknown_gap(solution):
        return UNKNOWN
    if exhausted():
        return UNKNOWN
    stable, network = is_stable(solution), solution.problem.network
    if not (solution.gap.any() and in_equilibrium(network) and _normal_state_exists(network)):
        return Standing(stable)
    if stable and not _splits_spins(network):
        return Standing(stable, False)  # pair breaking alone ends superconductivity in a transition of second order
    return Standing(stable, normal_state_is_lower(solution.state))


def _normal_state_exists(network: Network) -> bool:
    """Whether Δ = 0 solves the gap equation: no gap is given, neither in a layer nor in a reservoir."""
    given = any(layer.has_given_gap for layer in network.layers)
    return not given and not network.fixes_phase


def _splits_spins(network: Network) -> bool:
    """Whether fields or magnets split the spins, without which transitions are of second order."""
    fields = any(k.zeeman or (k.exchange is not None and not k.exchange.is_zero) for k in network.layers)
    return fields or any(law.magnetic for _, law, _ in network.interfaces())
