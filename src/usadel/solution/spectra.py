"""Spectra of a solved device: its density of states, and what a weak tunnel contact measures of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from usadel.description.device.resolved import ResolvedLayer
from usadel.description.values.keys import as_number
from usadel.errors import InputError, NotConverged, shown
from usadel.gap.state import GapState
from usadel.observables.probe import SuperconductingProbe, between_superconductors, reach, thermal
from usadel.observables.spectrum import Spectrum
from usadel.results.schema import COMPONENTS, COORDINATES, Entry
from usadel.solvers.status import Status
from usadel.states.real_energies import OPTIONS as REAL

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack


class Asked(Protocol):
    """What a spectrum is asked of: a device with its state."""

    device: Stack | Device

    @property
    def state(self) -> GapState:
        """The solved state."""
        ...


Array = NDArray[Any]

CONDUCTANCE = Entry("tunnel_conductance", ("position", "voltage"), "1", "Tunnel conductance", r"R_n\,dI/dV")
VOLTAGE = Entry("voltage", ("voltage",), "Delta_0/|e|", "Voltage of the probe", "V")
VOLTAGES = 601  # of them, where none are asked for
SPECTRAL_TOLERANCE = 1e-4  # error allowed in N/N0


def dos_at(
    result: Asked, spectrum: Spectrum, energies: ArrayLike, position: ArrayLike | None, tolerance: float | None
) -> xr.Dataset:
    """Density of states at chosen energies; arguments and errors as those of `Solution.dos`.

    spectrum : what is known of it.
    """
    import xarray as xr

    energies = finite_numbers("energies", energies)
    if tolerance is not None and not tolerance > 0:
        raise InputError("tolerance: must be a positive number")
    problem = result.state.problem
    own = float(result.device.value("tolerance"))
    if tolerance is not None or spectrum.tolerance > own:
        spectrum = Spectrum(problem, result.state.gap, own if tolerance is None else tolerance)
    values = spectrum.at(energies)
    if spectrum.status != Status.CONVERGED:
        raise NotConverged(result, f"density of states: {spectrum.status.advice}")
    places = problem.positions
    if position is not None:
        places = finite_numbers("position", position)
        values = np.einsum("xy,cye->cxe", problem.interpolation(places), values)
    return xr.Dataset(
        {"dos": (("position", "energy"), values[0]), "dos_spin": (("component", "position", "energy"), values[1:])},
        {"position": places, "energy": energies, "component": list(COMPONENTS)},
        {"estimated_error": spectrum.error},
    )


def tunnel_conductance(
    result: Asked,
    position: ArrayLike,
    temperature: float | None,
    direction: Array,
    voltages: ArrayLike | None,
    superconductor: tuple[float | None, float | None],
) -> xr.Dataset:
    """dI/dV (position, voltage); arguments and errors as those of `Solution.tunnel_conductance`.

    direction (4): 1 and P m; superconductor: gap and Γ of the probe, None where not given.
    """
    import xarray as xr

    problem, device = result.state.problem, result.device
    places, own = (
        finite_numbers("position", position),
        _positive("temperature", temperature, device.value("temperature")),
    )
    volts, probe = _voltages(result, voltages), _probe(*superconductor, device.value("inelastic"))
    layers = [problem.network.layers[number] for number in problem.layer_at(places)]
    others = [own if probe is None else _temperature(layer) for layer in layers]
    energies, densities, error = _densities(result, places, direction, reach(volts, probe, max(own, *others)))
    if probe is None:
        values = thermal(energies, densities, volts, own)
    else:
        rows = zip(densities, others, strict=True)
        found = [between_superconductors(energies, row[None], volts, probe, (own, t)) for row, t in rows]
        values = np.concatenate(found)
    entries = {entry.name: entry for entry in (COORDINATES["position"], VOLTAGE)}
    coords = {name: (name, array, entries[name].attrs) for name, array in (("position", places), ("voltage", volts))}
    variables = {CONDUCTANCE.name: (CONDUCTANCE.dims, values, CONDUCTANCE.attrs)}
    return xr.Dataset(variables, coords, {"estimated_error": error, "device": device.to_toml(), "temperature": own})


def _densities(result: Asked, places: Array, direction: Array, largest: float) -> tuple[Array, Array, float]:
    """Energies, densities of states (places, energies) linear between them, and their error."""
    problem = result.state.problem
    tolerance = max(SPECTRAL_TOLERANCE, float(result.device.value("tolerance")))
    spectrum = Spectrum(problem, result.state.gap, tolerance)
    energies = spectrum.adaptive(-largest, largest)
    densities = np.einsum("xy,c,cye->xe", problem.interpolation(places), direction, spectrum.at(energies))
    if spectrum.status != Status.CONVERGED:
        raise NotConverged(result, f"density of states: {spectrum.status.advice}")
    return energies, densities, spectrum.error + REAL.interpolation


def finite_numbers(name: str, values: ArrayLike) -> Array:
    """Numbers (n) that an argument of a name holds, one or several; raises `InputError` if it does not."""
    try:
        numbers = np.atleast_1d(np.asarray(values, float))
    except (TypeError, ValueError):
        raise InputError(f"{name}: must be finite numbers, not {shown(values)}") from None
    if numbers.ndim != 1 or not numbers.size or not np.all(np.isfinite(numbers)):
        raise InputError(f"{name}: must be finite numbers")
    return numbers


def _positive(name: str, value: float | None, default: float) -> float:
    number = as_number(default if value is None else value)
    if number is None or number <= 0:
        raise InputError(f"{name}: must be a positive number, not {shown(value)}")
    return number


def _voltages(result: Asked, voltages: ArrayLike | None) -> Array:
    request = result.device.energies()
    found = (
        np.linspace(request.start, request.stop, VOLTAGES) if voltages is None else finite_numbers("voltages", voltages)
    )
    if np.any(np.diff(found) <= 0):
        raise InputError("voltages: must increase")
    return np.asarray(found)


def _probe(gap: float | None, inelastic: float | None, default: float) -> SuperconductingProbe | None:
    if gap is None:
        if inelastic is not None:
            raise InputError("inelastic: is that of a superconducting probe; needed beside it: gap")
        return None
    broadening = as_number(default if inelastic is None else inelastic)
    if broadening is None or broadening < 0:
        raise InputError(f"inelastic: must be a number >= 0, not {shown(inelastic)}")
    return SuperconductingProbe(_positive("gap", gap, gap), broadening)


def _temperature(layer: ResolvedLayer) -> float:
    """That of a layer in equilibrium."""
    if layer.nonequilibrium or layer.voltage or layer.spin_voltage or layer.spin_temperature:
        raise InputError(
            "gap: what a superconducting probe takes in depends on the distribution; allowed where that is tanh(E/2T), "
            "not solved for and without imposed voltages"
        )
    return layer.temperature
