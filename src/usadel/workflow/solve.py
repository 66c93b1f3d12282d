"""The public way in: a device, solved to its tolerance."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from usadel._compile import announce_compilation
from usadel.description.errors import InputError
from usadel.results.schema import VARIABLES
from usadel.solvers.status import Status
from usadel.workflow.current_bias import biased_place, solve_biased
from usadel.workflow.nonequilibrium import solve_nonequilibrium
from usadel.workflow.reference import has_kinetics
from usadel.workflow.refine import Progress, solve_refined
from usadel.workflow.result import NotConverged, Result
from usadel.workflow.zeeman import solve_responding

if TYPE_CHECKING:
    from usadel.description import Device, Stack
    from usadel.description.network import Network


def solve(device: Stack | Device, *, start: Result | None = None, progress: Progress | None = None) -> Result:
    """Solve a device to its tolerance.

    Parameters
    ----------
    device : what to solve.
    start : result of a neighbouring device (same layers), to start from.
    progress : called with a short text now and then.

    Returns
    -------
    Result
        With `.data` (xarray.Dataset), `.error`, `.dos(energies)`, `.save(path)`.

    Raises
    ------
    InputError
        If the device asks for quantities that do not exist, or has no stationary state.
    NotConverged
        If the tolerance was not reached; carries what was reached as `.result`, and `.advice`.
    """
    _check_quantities(device)
    announce_compilation()
    network = device.network()
    check_stationary(network)
    neighbour = None
    if start is not None and start.refined is not None:
        same = len(start.refined.solution.problem.grids) == len(network.layers)
        neighbour = start.refined.solution if same else None
    tolerance, biased = float(device.value("tolerance")), biased_place(device)
    if biased is not None and has_kinetics(network):
        raise InputError(f"{biased}.current: cannot be given where distributions are solved for; give the phase")
    if biased is not None:
        refined = solve_biased(device, biased, tolerance, neighbour, progress)
    else:
        solver = solve_nonequilibrium if has_kinetics(network) else solve_refined
        refined = solve_responding(network, tolerance, neighbour, progress, solver)
    result = Result(device, refined, progress)
    if refined.status != Status.CONVERGED:
        raise NotConverged(result, refined.status.advice)
    return result


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
        if charged and getattr(layer, "self_consistent", False):
            raise InputError(
                f"{name}: a self-consistent gap has no stationary state under a voltage (or spin voltage and spin "
                "temperature together); allowed: voltage = 0, or self_consistent = false"
            )
