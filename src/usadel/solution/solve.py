"""The public way in: a device, solved to its tolerance."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from usadel._compile import announce_compilation
from usadel.accuracy.refine import Solved, solve_refined
from usadel.description.device.driven import has_kinetics, refuse_kinetics
from usadel.errors import InputError
from usadel.feedback.current_bias import biased_place, solve_biased
from usadel.feedback.exchange_field import responding_layers, solve_responding
from usadel.gap.standing import standing
from usadel.kinetics.refine import kinetics_of, solve_nonequilibrium
from usadel.progress import Progress, reporting
from usadel.results.schema import VARIABLES
from usadel.solution.result import LiveSolution, Solution
from usadel.solution.start import neighbour_of
from usadel.solvers.status import Status
from usadel.work import bounded

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


@bounded("solve")
def _solved(device: Stack | Device, start: Solution | None) -> Solved:
    """The solution, and where it stands among others if it was found from nothing."""
    solved = _brought_to_tolerance(device, start)
    if start is None and _has_standing(solved):
        return replace(solved, standing=standing(solved.solution))
    return solved


def _brought_to_tolerance(device: Stack | Device, start: Solution | None) -> Solved:
    _check_quantities(device)
    announce_compilation()
    network = device.network()
    check_stationary(network)
    known = neighbour_of(start, device)
    tolerance, biased = float(device.value("tolerance")), biased_place(device)
    if biased is not None:
        refuse_kinetics(network, f"{biased}.current: cannot be given", "a given phase")
        return solve_biased(device, biased, tolerance, known)
    solver = solve_nonequilibrium if has_kinetics(network) else solve_refined
    return solve_responding(network, tolerance, known, solver)


def _has_standing(solved: Solved) -> bool:
    """Whether A tells the stability of a solution: its distributions are given, and no field follows its spins."""
    known = solved.status == Status.CONVERGED and kinetics_of(solved) is None
    return known and not responding_layers(solved.solution.problem.network)


def _check_quantities(device: Stack | Device) -> None:
    known = list(VARIABLES)
    for name in device.output.quantities or ():
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            raise InputError(f"output.quantities: unknown quantity '{name}'{hint} allowed: {', '.join(known)}")


def check_stationary(network: Network) -> None:
    """Refuse a charge mode h4 in a superconductor whose gap is solved for: its phase would turn."""
    for layer, name in zip(network.layers, network.layer_names, strict=True):
        if layer.transverse:
            continue
        charged = layer.voltage != 0 or (layer.spin_voltage != 0 and layer.spin_temperature != 0)
        if charged and layer.self_consistent:
            raise InputError(
                f"{name}: a self-consistent gap has no stationary state under a voltage (or spin voltage and spin "
                "temperature together); allowed: voltage = 0, or self_consistent = false"
            )
