"""Derivatives of the quantities of a result by numbers of its device, as a labelled dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from usadel import work
from usadel._version import __version__
from usadel.accuracy.refine import Solved
from usadel.description.device.resolved import Network
from usadel.description.device.solvable import biased_place
from usadel.errors import InputError, NotConverged
from usadel.feedback.exchange_field import refuse_response
from usadel.gap.state import GapState
from usadel.observables.variables import profile_variables
from usadel.response.operating import operating_point
from usadel.results import schema
from usadel.sensitivities.derivatives import Derivatives, in_equilibrium, out_of_equilibrium
from usadel.sensitivities.measured import Variables
from usadel.sensitivities.neighbours import Neighbours, neighbours
from usadel.sensitivities.spectrum import density_change
from usadel.solution.names import coordinates
from usadel.solution.spectra import finite_numbers
from usadel.solution.variables import energies, torques
from usadel.solvers.status import Status
from usadel.work import allowance

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

Array = NDArray[Any]
Names = str | Sequence[str]
SPECTRA = ("dos", "dos_spin")
SPECTRAL_TOLERANCE = 1e-4  # of derivatives of the density of states by refining grids, relative to the largest


class Asked(Protocol):
    """What derivatives are asked of: a solved device with its state."""

    device: Stack | Device

    @property
    def solved(self) -> Solved:
        """State and profiles."""
        ...

    @property
    def state(self) -> GapState:
        """The solved state."""
        ...


def sensitivities(result: Asked, quantity: Names, paths: Names, energies: ArrayLike | None) -> xr.Dataset:
    """Derivatives dQ/dp of quantities Q by numbers p of the device, at a solution that follows them.

    Parameters
    ----------
    quantity : names of variables of the result, one or several; also "dos" and "dos_spin", with `energies` (Δ0).
    paths : of the numbers, one or several, as in `device.replace`.

    Returns
    -------
    xarray.Dataset
        The same names, with dimension `path` in front; profiles at fixed fractions of each layer, so that positions
        themselves move with lengths. Units are those of the quantity over those of the number.

    Raises
    ------
    InputError
        If a quantity or path does not exist, if no value beside a number is allowed, where an exchange field follows
        the spins, or if the result was read from a file.
    NotConverged
        If a derivative was not found.
    """
    names, along = _listed("quantity", quantity), _listed("paths", paths)
    solved, device = result.solved, result.device
    families = [neighbours(device, path) for path in along]
    for each in (device, *(one for family in families for one in family.devices)):
        _check(each)
    if set(SPECTRA).intersection(names) and energies is None:
        raise InputError("energies: needed for derivatives of the density of states; allowed: numbers (Δ0)")
    at = None if energies is None else finite_numbers("energies", energies)
    with allowance(len(along) * work.OPTIONS.response):
        found = _all(device, solved, families, _measured(names))
        values = [_of(names, one) for one in found]
        if at is not None and set(SPECTRA).intersection(names):
            values = [one | _spectra(each, at) for one, each in zip(values, found, strict=True)]
    status = Status(max(int(solved.status), *(int(one.status) for one in found)))
    if status != Status.CONVERGED:
        raise NotConverged(result, f"sensitivity: {status.advice}")
    return _dataset(result, names, along, values, at)


def _listed(argument: str, names: Names) -> list[str]:
    found = [names] if isinstance(names, str) else list(names)
    if not found or not all(isinstance(name, str) for name in found):
        raise InputError(f"{argument}: must be a name, or several")
    return found


def _check(device: Stack | Device) -> None:
    """Refuse what follows from equations that are not differentiated."""
    network = device.network()
    refuse_response(network, "where derivatives are asked for: the field would follow")
    if (place := biased_place(device)) is not None:
        raise InputError(f"{place}.current: the phase would follow; allowed: a given phase")
    for t in network.terminations:
        if t.reservoir is not None and t.reservoir.floating:
            raise InputError(f"{t.name}.floating: would follow; allowed: given values")


def _measured(names: Sequence[str]) -> Variables:
    """Variables of a solved device, those that take longer only where they are asked for."""

    def values(solved: Solved) -> dict[str, Array]:
        found = profile_variables(solved.profiles)
        found |= torques(solved) if "torque" in names else {}
        return found | (energies(solved) if "free_energy" in names else {})

    return values


def _all(
    device: Stack | Device, solved: Solved, families: Sequence[Neighbours], variables: Variables
) -> list[Derivatives]:
    """Those of all numbers, in their order: about given distributions, or with some that are unknown."""
    tolerance, network = float(device.value("tolerance")), device.driven_network()
    driven = [family.driven() for family in families if _is_driven(device, family)]
    given = [family for family in families if not _is_driven(device, family)]
    found = in_equilibrium(solved, given, tolerance, variables)
    if driven:
        for family in driven:
            if any(_solved_layers(each) != _solved_layers(network) for each in family.networks):
                raise InputError("no derivative by it: it imposes a distribution that is solved for", key=family.path)
        at = operating_point(network, solved, tolerance)
        found += out_of_equilibrium(solved, at, driven, tolerance, variables)
    by_path = {one.family.path: one for one in found}
    return [by_path[family.path] for family in families]


def _is_driven(device: Stack | Device, family: Neighbours) -> bool:
    """Whether a device or its neighbours have distributions that are solved for."""
    return any(any(_solved_layers(each)) for each in (device.network(), *family.networks))


def _solved_layers(network: Network) -> list[bool]:
    return [layer.nonequilibrium for layer in network.layers]


def _of(names: Sequence[str], found: Derivatives) -> dict[str, Array]:
    """What was asked for, but for spectra."""
    path = found.family.path
    for name in names:
        if name not in found.values and name not in SPECTRA:
            allowed = ", ".join(dict.fromkeys([*found.values, "torque", "free_energy", *SPECTRA]))
            raise InputError(f"{path}: '{name}' has no derivative by it; allowed: {allowed}")
    return {name: found.values[name] for name in names if name not in SPECTRA}


def _spectra(found: Derivatives, energies: Array) -> dict[str, Array]:
    """Of the density of states."""
    state = found.base.solution.state
    gaps = [
        each.gap + shift * found.tangent.gap for each, shift in zip(found.base.beside, found.family.shifts, strict=True)
    ]
    change = density_change(state.problem, state.gap, found.family, gaps, energies, SPECTRAL_TOLERANCE)
    if change.status != Status.CONVERGED:
        raise NotConverged(None, f"sensitivity: {change.status.advice}")
    return {"dos": change.values[0], "dos_spin": change.values[1:]}


def _dataset(
    result: Asked,
    names: Sequence[str],
    paths: Sequence[str],
    values: Sequence[Mapping[str, Array]],
    energies: Array | None,
) -> xr.Dataset:
    import xarray as xr

    device, problem = result.device, result.state.problem
    labels = coordinates(device, problem.positions, problem.layout.layer)
    coords: dict[str, Any] = {"path": list(paths), "component": list(schema.COMPONENTS)}
    for name, label in labels.items():
        entry = schema.COORDINATES[name]
        coords[name] = (entry.dims, label, entry.attrs)
    if energies is not None:
        coords["energy"] = ("energy", energies, schema.COORDINATES["energy"].attrs)
    coords["path_units"] = ("path", [schema.units_ascii(device.unit(path)) for path in paths])
    found: dict[str, Any] = {}
    for name in names:
        entry = schema.VARIABLES[name]
        about = {
            "units": f"{entry.units} over path_units",
            "long_name": f"Derivative of: {entry.long_name}",
            "symbol": rf"d({entry.symbol})/dp",
        }
        found[name] = (("path", *entry.dims), np.stack([one[name] for one in values]), about)
    return xr.Dataset(found, coords, {"usadel_version": __version__, "device": device.to_toml()})
