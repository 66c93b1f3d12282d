"""The public way in: a device, solved to its tolerance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from usadel import work
from usadel._compile import announce_compilation
from usadel.accuracy.refine import Solved, solve_refined
from usadel.description.device.driven import has_kinetics
from usadel.description.device.solvable import biased_place, check_solvable
from usadel.errors import NotConverged
from usadel.feedback.current_bias import solve_biased
from usadel.feedback.exchange_field import responding_layers, solve_responding
from usadel.feedback.floating import solve_floating
from usadel.gap.stability import is_stable
from usadel.gap.standing import Standing, standing
from usadel.gap.state import has_unknown_gap
from usadel.kinetics.refine import kinetics_of, solve_nonequilibrium
from usadel.progress import Progress, reporting
from usadel.results.schema import check_quantities
from usadel.solution.result import LiveSolution, Solution
from usadel.solution.start import neighbour_of
from usadel.solvers.status import Status
from usadel.work import allowance

if TYPE_CHECKING:
    from usadel.description import Device, Stack
    from usadel.description.device.resolved import Network


def solve(device: Stack | Device, *, start: Solution | None = None, progress: Progress | None = None) -> LiveSolution:
    """Solve a device to its tolerance.

    Parameters
    ----------
    device : what to solve.
    start : result of a neighbouring device (layers of the same kinds, joined at the same ends), to start from: of a
        solve, or read from a file, which is nearly as good.
    progress : called with an `Event` now and then, also by what the result solves for later; an exception that it
        raises ends the solve.

    Returns
    -------
    Solution
        With `.data` (xarray.Dataset), `.error`, `.dos(energies)`, `.at(positions)`, `.save(path)`.

    Raises
    ------
    InputError
        If the device asks for quantities that do not exist, or has no stationary state, or `start` is no solution of
        such a device.
    NotConverged
        If the tolerance was not reached; carries what was reached as `.result`, and `.advice`.
    """
    with reporting(progress, "solve"):
        solved = _solved(device, start)
    return LiveSolution(device, solved, progress).raise_if_unconverged()


def solve_near(device: Stack | Device, start: LiveSolution | None) -> LiveSolution:
    """Solve from a neighbour, and without it where there is none or that fails; raises as `solve`."""
    try:
        return solve(device, start=start)
    except NotConverged:
        if start is None:
            raise
        return solve(device)


def follow(device: Stack | Device, start: LiveSolution | None) -> LiveSolution:
    """The state of a device that was in the state `start` before a small change; raises as `solve`.

    That is the solution near `start`, unless it has lost its stability: then, as where there is none, what is found
    from nothing. Where stability is not known (solved distributions, fields that follow spins) it is not asked for.
    """
    result = solve_near(device, start)
    solution = result.solved.solution
    if start is None or not _has_standing(result.solved) or not has_unknown_gap(solution):
        return result
    stable = is_stable(solution)
    if stable is False:
        return solve(device)
    return LiveSolution(device, replace(result.solved, standing=Standing(stable)), result.progress)


def _solved(device: Stack | Device, start: Solution | None) -> Solved:
    """The solution, and where it stands among others if it was found from nothing."""
    check_quantities(device.output.quantities or ())
    check_solvable(device)
    announce_compilation()
    network = device.network()
    with allowance(work.OPTIONS.circuit if network.floats else work.OPTIONS.solve):
        solved = _brought_to_tolerance(device, network, start)
        if start is None and _has_standing(solved):
            return replace(solved, standing=standing(solved.solution, solved.error))
        return solved


def _brought_to_tolerance(device: Stack | Device, network: Network, start: Solution | None) -> Solved:
    known = neighbour_of(start, device)
    tolerance, biased = float(device.value("tolerance")), biased_place(device)
    if biased is not None:
        return solve_biased(device, biased, tolerance, known)
    if network.floats:
        return solve_floating(network, tolerance, known)
    solver = solve_nonequilibrium if has_kinetics(network) else solve_refined
    return solve_responding(network, tolerance, known, solver)


def _has_standing(solved: Solved) -> bool:
    """Whether A tells the stability of a solution: its distributions are given, and no field follows its spins."""
    known = solved.status == Status.CONVERGED and kinetics_of(solved) is None
    return known and not responding_layers(solved.solution.problem.network)
