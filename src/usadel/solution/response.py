"""The linear response of a solution: derivatives of currents and torques by what its terminals are held at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from usadel._version import __version__
from usadel.circuits.dataset import CURRENTS, response_dataset
from usadel.circuits.response import Response
from usadel.description.device.driven import solved_layers
from usadel.description.device.resolved import Network
from usadel.description.device.solvable import biased_place
from usadel.errors import InputError
from usadel.feedback.exchange_field import refuse_response
from usadel.observables.variables import current_modes
from usadel.response.conductance import charge_left
from usadel.response.drives import DRIVES, PHASE, Drive, drive_of
from usadel.response.matrix import Responses, responses
from usadel.response.operating import operating_point
from usadel.response.places import Places
from usadel.solvers.status import Status

if TYPE_CHECKING:
    import xarray as xr

    from usadel.accuracy.refine import Solved
    from usadel.description import Device, Stack

Array = NDArray[Any]
Key = tuple[int, int]  # which terminal, and which of the drives


def linear_response(device: Stack | Device, solved: Solved, terminals: xr.Dataset, tolerance: float) -> Response:
    """That of a solved device with the currents at its terminals; raises InputError where nothing can be driven."""
    refuse_response(device.network(), "where responses are asked for: the field would follow what is driven")
    if (place := biased_place(device)) is not None:
        raise InputError(f"{place}.current: the phase would follow what is driven; allowed: a given phase")
    network = _at_found(device.driven_network(), solved)
    drives, missing = _drives(network)
    if not drives:
        raise InputError(f"response: nothing can be driven ({'; '.join(missing) or 'no reservoir'})")
    at = operating_point(network, solved, tolerance)
    places = Places(at.kinetics.problem.layout)
    found = responses(at, places, list(drives.values()))
    values = _values(places, network, list(drives), found)
    status = Status(max(int(found.status), int(solved.status)))
    attributes = {
        "converged": int(status == Status.CONVERGED),
        "estimated_error": float(np.nanmax(values["response_error"])),
        "status": status.name.lower(),
        "usadel_version": __version__,
        "device": device.to_toml(),
    }
    if layers := solved_layers(network):
        attributes["solved_layers"] = ", ".join(layers)
    if status != Status.CONVERGED:
        attributes["advice"] = status.advice
    return Response(device, response_dataset(terminals, values, missing, attributes))


def _at_found(network: Network, solved: Solved) -> Network:
    """The network with what was found of floating terminals."""
    return network.having(solved.solution.problem.network.terminal_reservoirs) if solved.found else network


def _drives(network: Network) -> tuple[dict[Key, Drive], list[str]]:
    """All that terminals can be driven by, and why others cannot."""
    found: dict[Key, Drive] = {}
    missing = []
    for number, (name, ends) in enumerate(network.all_terminals().items()):
        felt = any(network.layers[k].nonequilibrium for k in network.layers_at(name))
        for which, drive in enumerate(DRIVES):
            change = drive_of(ends, drive)
            if change is None:
                missing.append(f"{name}.{drive}: {_why(ends[0].pairing is not None, drive)}")
            elif change.distributions and not felt:
                missing.append(f"{name}.{drive}: the distribution of the layer at it is imposed")
            else:
                found[number, which] = change
    return found, missing


def _why(condensate: bool, drive: str) -> str:
    """Why a terminal has no such drive."""
    if condensate:
        return "a superconducting reservoir is in equilibrium at zero voltage"
    return "a normal reservoir has no phase" if drive == PHASE else "not defined across the axis of a spin temperature"


def _values(places: Places, network: Network, keys: list[Key], found: Responses) -> dict[str, Array]:
    """The variables of the dataset, by name."""
    count = len(places.terminals)
    response = np.full((count, len(CURRENTS), count, len(DRIVES)), np.nan)
    errors = np.full((count, len(DRIVES)), np.nan)
    torques = np.full((len(network.interfaces()), 3, count, len(DRIVES)), np.nan)
    for (driven, drive), measured, error in zip(keys, found.measured, found.errors, strict=True):
        currents = places.currents(measured)
        modes = current_modes(currents)
        response[:, :, driven, drive] = np.stack([modes["charge"], modes["energy"], *modes["spin"]], axis=1)
        torques[:, :, driven, drive] = places.torques(measured)
        errors[driven, drive] = error + charge_left(network, currents)
    values = {"response": response, "response_error": errors}
    return values | ({"torque_response": torques} if any(law.magnetic for _, law, _ in network.interfaces()) else {})
