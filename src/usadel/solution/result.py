"""What a solve returns: the state, its measured quantities, and the labelled dataset made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from usadel._version import __version__
from usadel.accuracy.refine import Progress, Solved
from usadel.errors import InputError
from usadel.gap.newton_schur import GapSolution
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import energy_edges
from usadel.kinetics.refine import kinetics_of
from usadel.observables.profiles import conservation_error, positions
from usadel.observables.spectrum import Spectrum
from usadel.observables.variables import variables
from usadel.solution.kinetic import KineticResult, NotConverged
from usadel.solution.torque import absorbed_spin
from usadel.solvers.status import Status
from usadel.states.real_energies import refined_energies

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

SPECTRAL_TOLERANCE = 1e-4  # error allowed in the default map of the density of states


@dataclass
class Result(KineticResult):
    """A solved device.

    Attributes
    ----------
    device : the description that was solved.
    refined : state and profiles; None for a result that was read from a file.
    """

    device: Stack | Device
    refined: Solved | None = None
    progress: Progress | None = None
    _loaded: Any = None

    def __repr__(self) -> str:
        word = "converged" if self.converged else "NOT CONVERGED"
        title = f" '{self.device.title}'" if self.device.title else ""
        return f"<usadel.Result{title}: {word}, estimated error {self.error:.1e}>"

    @property
    def converged(self) -> bool:
        """Whether the tolerance was reached."""
        if self.refined is None:
            return bool(self._loaded.attrs["converged"])
        return self.status == Status.CONVERGED

    @property
    def status(self) -> Status:
        """How the solve ended, and the density of states if it was asked for."""
        return Status(max(self._solved.status, self._spectrum.status))

    @property
    def error(self) -> float:
        """Largest estimated absolute error of gap, currents and accumulations."""
        return float(self._loaded.attrs["estimated_error"]) if self.refined is None else self.refined.error

    @cached_property
    def data(self) -> xr.Dataset:
        """All quantities of the result file, with the map of the density of states."""
        if self._loaded is not None:
            return self._loaded
        from usadel.results import build_dataset

        values, energies = variables(self._solved.profiles), None
        kinetics = kinetics_of(self._solved)
        if self._wants("dos") or self._wants("dos_spin") or (kinetics and self._wants("distribution")):
            energies = self._energies()
            if kinetics and self._wants("distribution"):
                energies, values["distribution"] = self._distribution(kinetics, energies)
            dos = self._spectrum.at(energies)
            values["dos"], values["dos_spin"] = dos[0], dos[1:]
        coords = {"position": self._positions(), "layer": self._state.layout.layer}
        if energies is not None:
            coords["energy"] = energies
        torque = absorbed_spin(self._solved)
        if torque is not None:
            values["torque"], coords["interface"] = torque, np.arange(torque.shape[1])
        kept = {name: array for name, array in values.items() if self._wants(name)}
        return build_dataset(kept, coords, self._attributes())

    def dos(self, energies: ArrayLike, position: ArrayLike | None = None, tolerance: float | None = None) -> xr.Dataset:
        """Density of states at chosen energies, from the same state (no new gap solve).

        Parameters
        ----------
        energies : energies E (Δ0), of either sign.
        position : positions (ξ) along the device; default: those of the result.
        tolerance : error allowed in N/N0; default: that of the device, at least 1e-10.

        Returns
        -------
        xarray.Dataset
            `dos` (position, energy) and `dos_spin` (component, position, energy), in units of N0.
        """
        import xarray as xr

        energies = np.atleast_1d(np.asarray(energies, float))
        if energies.ndim != 1 or not np.all(np.isfinite(energies)):
            raise InputError("energies: must be finite numbers")
        if tolerance is not None and not tolerance > 0:
            raise InputError("tolerance: must be a positive number")
        spectrum = self._spectrum
        if tolerance is not None or spectrum.tolerance > self._tolerance:
            spectrum = Spectrum(
                self._state, self._solved.solution.gap, self._tolerance if tolerance is None else tolerance
            )
        values = spectrum.at(energies)
        if spectrum.status != Status.CONVERGED:
            raise NotConverged(self, f"density of states: {spectrum.status.advice}")
        places = self._positions()
        if position is not None:
            places = np.atleast_1d(np.asarray(position, float))
            values = np.einsum("xy,cye->cxe", self._state.interpolation(places), values)
        coords = {"position": places, "energy": energies, "component": ["x", "y", "z"]}
        data = xr.Dataset(
            {"dos": (("position", "energy"), values[0]), "dos_spin": (("component", "position", "energy"), values[1:])},
            coords,
            {"estimated_error": spectrum.error},
        )
        return data

    def save(self, path: str | Path) -> None:
        """Write the dataset as netCDF; the file appears complete or not at all."""
        from usadel.results import save

        save(self.data, path)

    def profiles(self) -> dict[str, np.ndarray]:
        """Every quantity of the result file that is not resolved in energy, by name."""
        torque = absorbed_spin(self._solved)
        return variables(self._solved.profiles) | ({} if torque is None else {"torque": torque})

    @property
    def _solved(self) -> Solved:
        if self.refined is None:
            raise InputError("this result was read from a file and holds no state; solve the device again first")
        return self.refined

    @property
    def _state(self):
        return self._solved.solution.problem

    @cached_property
    def _spectrum(self) -> Spectrum:
        return Spectrum(self._state, self._solved.solution.gap, max(SPECTRAL_TOLERANCE, self._tolerance))

    def _kinetics(self, what: str) -> Kinetics:
        kinetics = kinetics_of(self._solved)
        if kinetics is None:
            raise InputError(f"{what}: this device has no layer with nonequilibrium = true")
        return kinetics

    def _positions(self) -> np.ndarray:
        return positions(self._state)

    @property
    def _gap_solution(self) -> GapSolution:
        return self._solved.solution

    def _wants(self, name: str) -> bool:
        asked: Sequence[str] = self.device.output.quantities or ()
        return not asked or name in asked or name.endswith(("_current", "_super", "_resistive"))

    def _energies(self) -> np.ndarray:
        request = self.device.energies()
        if request.points is not None:
            return np.asarray(request.points)
        return self._spectrum.adaptive(request.start, request.stop, self.progress)

    def _distribution(self, kinetics: Kinetics, energies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Energies, more of them unless they are given, and the distribution functions (8, sites, energies) there."""

        def sample(at: np.ndarray) -> np.ndarray:
            values: np.ndarray = self.distribution(at).distribution.values
            return values

        request = self.device.energies()
        if request.points is not None:
            return energies, sample(energies)
        edges = energy_edges(kinetics.network, kinetics.gap, self._tolerance)
        inside = [edge for edge in (*edges, *-edges) if request.start < edge < request.stop]
        return refined_energies(np.union1d(energies, inside), sample, self.progress)

    def _attributes(self) -> dict[str, Any]:
        refined = self._solved
        problem = self._state
        status = self.status
        attributes = {
            "converged": int(status == Status.CONVERGED),
            "residual": refined.solution.residual,
            "estimated_error": refined.error,
            "conservation_error": conservation_error(problem, refined.profiles),
            "spectral_error": self._spectrum.error,
            "usadel_version": __version__,
            "device": self.device.to_toml(),
            "status": status.name.lower(),
            "nodes": sum(g.size for g in problem.grids),
            "energies": int(refined.solution.contour.energies.size),
            "newton_steps": refined.solution.iterations,
        }
        if refined.bias_phase is not None:
            attributes["bias_phase"] = refined.bias_phase
        if status != Status.CONVERGED:
            attributes["advice"] = status.advice
        return attributes


def load(path: str | Path) -> Result:
    """Read a result that `Result.save` wrote: its device and data, without the state.

    Raises
    ------
    OSError
        If the file is missing, damaged, or no result of this program.
    """
    from usadel.description.text.toml import read as read_device
    from usadel.results import load as read

    data = read(path)
    return Result(read_device(str(data.attrs["device"])), None, None, data)
