"""What a solve hands back: a labelled dataset, and the state that it was made from and that more can be asked of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from usadel import work
from usadel.accuracy.refine import Solved
from usadel.circuits.response import Response
from usadel.circuits.terminals import terminal_dataset
from usadel.description.device.driven import NOTHING_SOLVED
from usadel.errors import InputError
from usadel.errors import NotConverged as NotConverged
from usadel.gap.state import GapState
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import energy_edges
from usadel.kinetics.refine import KineticSolved, kinetics_of
from usadel.observables.spectrum import Spectrum
from usadel.observables.variables import profile_variables
from usadel.progress import Progress, reported
from usadel.results import schema
from usadel.results.dataset import build_dataset, check_attributes, labels_for
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows
from usadel.results.summary import summarize, summary_rows
from usadel.results.unmapped import without_maps
from usadel.solution.attributes import PROCEDURE, attributes_of
from usadel.solution.kinetic import KineticAnswers, probe_directions
from usadel.solution.names import coordinates
from usadel.solution.response import linear_response
from usadel.solution.sensitivity import Names, sensitivities
from usadel.solution.spectra import dos_at, tunnel_conductance
from usadel.solution.variables import imposed_work, moved, variables, with_errors
from usadel.solvers.status import Status
from usadel.states.problem import Problem
from usadel.states.real_energies import refined_energies
from usadel.work import allowance

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

SPECTRAL_TOLERANCE = 1e-4  # error allowed in the default map of the density of states


class Solution(Labelled):
    """A solved device: its data, and what can be asked of its state.

    One that was read from a file holds data only. Whatever needs a state then says so in one line.

    Attributes
    ----------
    progress : called with an `Event` now and then where more is solved for, as it was by the solve.
    """

    procedure: ClassVar[str] = PROCEDURE
    public_name: ClassVar[str] = "Solution"
    device: Stack | Device
    progress: Progress | None = None

    def __init__(self, device: Stack | Device, data: xr.Dataset) -> None:
        super().__init__(device, data if any(name in data for name in schema.MAPS) else without_maps(data, self))

    @property
    def solved(self) -> Solved:
        """State and profiles, with their errors."""
        raise InputError("this result was read from a file and holds no state; solve the device again first")

    @property
    def refined(self) -> Solved | None:
        """The same by its older name; None for a result that was read from a file."""
        return None

    @property
    def state(self) -> GapState:
        """The state on its grids: `.problem`, `.contour`, `.gap` (sites) and `.packs` of solved energies."""
        return self.solved.solution.state

    @property
    def status(self) -> Status:
        """How the solve ended, and the density of states if it was asked for."""
        return Status[str(self.data.attrs["status"]).upper()]

    @property
    def kinetics(self) -> KineticAnswers:
        """What can be asked of distributions that were solved for.

        Raises
        ------
        InputError
            If none were.
        """
        solved = self.solved
        if not isinstance(solved, KineticSolved):
            raise InputError(NOTHING_SOLVED)
        return KineticAnswers(self.device, solved.kinetics, self.state.problem, solved, self, self.progress)

    def summary(self) -> Rows:
        """The result in a few rows of label and text."""
        return summary_rows(summarize(self.data), self.beside)

    @reported("density of states")
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
        return dos_at(self, self._spectrum, energies, position, tolerance)

    def at(self, position: ArrayLike) -> xr.Dataset:
        """Every quantity along the device at chosen positions, by the interpolation that the scheme itself uses.

        Parameters
        ----------
        position : positions (ξ) along the device, one or a list, in any order; at an interface values are those on its
            right.

        Returns
        -------
        xarray.Dataset
            Gap, pair amplitudes, currents and accumulations, as in `data`.

        Raises
        ------
        InputError
            If a position lies outside the device, or this result was read from a file.
        """
        problem, places = self.state.problem, np.atleast_1d(np.asarray(position, float))
        if places.ndim != 1 or not np.all(np.isfinite(places)):
            raise InputError("position: must be finite numbers")
        matrix = problem.interpolation(places)
        values = moved(profile_variables(self.solved.profiles), lambda value: value @ matrix.T)
        return self._labelled(values, coordinates(self.device, places, problem.layer_at(places)))

    def profiles(self, points: int | None = None) -> xr.Dataset:
        """Every quantity that is not resolved in energy.

        Parameters
        ----------
        points : number of positions, equidistant along the device; default: those of the result, and with torques.

        Returns
        -------
        xarray.Dataset
            As `data`, without densities of states and distributions, which take longer.
        """
        if points is not None:
            if not isinstance(points, int) or points < 2:
                raise InputError(f"points: must be a whole number, at least 2, not {points!r}")
            return self.at(np.linspace(0.0, self.state.problem.positions[-1], points))
        values = variables(self.solved)
        return self._labelled(values, self._coordinates(values))

    def probe(
        self,
        position: ArrayLike,
        polarization: float = 0.0,
        magnetization: Sequence[float] | None = None,
        temperature: float | None = None,
        tolerance: float | None = None,
    ) -> xr.Dataset:
        """Electrochemical potentials that a weak tunnel probe measures; see `KineticAnswers.probe`."""
        return self.kinetics.probe(position, polarization, magnetization, temperature, tolerance)

    @property
    def terminals(self) -> xr.Dataset:
        """Currents into the device at every terminal, on the layer's side of its contact, and what it is held at."""
        return terminal_dataset(self.device.network(), self.data)

    @reported("response")
    def response(self) -> Response:
        """Derivatives of currents and torques by what terminals are held at; see `Response`.

        Raises InputError if nothing can be driven; NotConverged, with what was found as `.result`, if that fails.
        """
        with allowance(work.OPTIONS.response):
            return linear_response(self.device, self.solved, self.terminals, self._tolerance).raise_if_unconverged()

    @reported("sensitivity")
    def sensitivity(self, quantity: Names, paths: Names, energies: ArrayLike | None = None) -> xr.Dataset:
        """Derivatives of quantities by numbers of the device; see `usadel.solution.sensitivity.sensitivities`."""
        return sensitivities(self, quantity, paths, energies)

    @reported("tunnel conductance")
    def tunnel_conductance(
        self,
        position: ArrayLike,
        temperature: float | None = None,
        polarization: float = 0.0,
        magnetization: Sequence[float] | None = None,
        *,
        voltages: ArrayLike | None = None,
        gap: float | None = None,
        inelastic: float | None = None,
    ) -> xr.Dataset:
        """Differential conductance dI/dV of a weak tunnel contact, such as the tip of a microscope.

        In units of the conductance of the contact in the normal state, for a normal or ferromagnetic probe

            dI/dV(V) = ∫dE N(E, P m) sech²[(E + V)/2T]/4T,

        whatever the distribution in the device; V is the voltage of the probe, which looks at E = -V. With a `gap` the
        probe is a superconductor, and the device has to be in equilibrium there (S-I-S: peaks at ±(Δ1 + Δ2)):

            I = ½∫dE N(E, P m) N_p(E + V) [tanh((E + V)/2T_p) - tanh(E/2T)].

        Parameters
        ----------
        position : positions (ξ) along the device.
        temperature : of the probe (Tc); default: that of the device.
        polarization, magnetization : P of the barrier, in (-1, 1), and m, needed with it; any length.
        voltages : of the probe (Δ0/e), increasing; default: 601 over the range of `output.energies`.
        gap : of a superconducting probe (Δ0); inelastic : its Γ (Δ0); default: that of the device.

        Returns
        -------
        xarray.Dataset
            `tunnel_conductance` (position, voltage); attribute `estimated_error`.

        Raises
        ------
        InputError
            If an argument makes no sense, or a superconducting probe is asked for where the device is driven.
        NotConverged
            If the density of states is not found.
        """
        return tunnel_conductance(
            self, position, temperature, probe_directions(polarization, magnetization)[0], voltages, (gap, inelastic)
        )

    def conductance(self, reservoir: str) -> xr.Dataset:
        """Differential conductances dI/dV of the voltage of one reservoir; see `KineticAnswers.conductance`."""
        return self.kinetics.conductance(reservoir)

    def distribution(self, energies: ArrayLike, position: ArrayLike | None = None) -> xr.Dataset:
        """Distribution functions h0…h7 at chosen energies; see `KineticAnswers.distribution`."""
        return self.kinetics.distribution(energies, position)

    def kinetic_coefficients(self, energies: ArrayLike, position: ArrayLike) -> xr.Dataset:
        """Coefficients of the kinetic equation; see `KineticAnswers.kinetic_coefficients`."""
        return self.kinetics.kinetic_coefficients(energies, position)

    @cached_property
    def _spectrum(self) -> Spectrum:
        return Spectrum(self.state.problem, self.state.gap, max(SPECTRAL_TOLERANCE, self._tolerance))

    @property
    def _tolerance(self) -> float:
        return float(self.device.value("tolerance"))

    def _coordinates(self, values: dict[str, Any]) -> dict[str, Any]:
        problem: Problem = self.state.problem
        found: dict[str, Any] = coordinates(self.device, problem.positions, problem.layout.layer)
        if "torque" in values:
            found["interface"] = np.arange(values["torque"].shape[1])
        if any(name.startswith("terminal_") for name in values):
            found["terminal"] = np.array(list(problem.network.terminal_reservoirs))
        return found

    def _labelled(self, values: dict[str, Any], coords: dict[str, Any]) -> xr.Dataset:
        """Arrays with their labels and the attributes of this result."""
        import xarray as xr

        coords = coords | {"component": np.array(schema.COMPONENTS)}
        tables = labels_for(values, schema.VARIABLES), labels_for(coords, schema.COORDINATES)
        return with_errors(self.solved, xr.Dataset(*tables, check_attributes(self._attributes())))

    def _attributes(self) -> dict[str, Any]:
        return attributes_of(self.device, self.status, self._spectrum.error, self.solved)


class LiveSolution(Solution):
    """A solution with the state that it was made from; its data is made when it is first asked for."""

    def __init__(self, device: Stack | Device, solved: Solved, progress: Progress | None = None) -> None:
        self.device, self._solved, self.progress = device, solved, progress

    @property
    def solved(self) -> Solved:
        """State and profiles, with their errors."""
        return self._solved

    @property
    def refined(self) -> Solved:
        """The same by its older name."""
        return self._solved

    @property
    def status(self) -> Status:
        """How the solve ended, and the density of states if it was asked for."""
        kinetics = kinetics_of(self._solved)
        known = Status.CONVERGED if kinetics is None else kinetics.status
        return Status(max(self._solved.status, self._spectrum.status, known))

    @property
    def converged(self) -> bool:
        """Whether the tolerance was reached."""
        return self.status == Status.CONVERGED

    @property
    def error(self) -> float:
        """Largest estimated absolute error of gap, currents and accumulations."""
        return self._solved.error

    @property
    def advice(self) -> str:
        """What to try if the tolerance was not reached; else empty."""
        return "" if self.converged else self.status.advice

    def summary(self) -> Rows:
        """The result in a few rows of label and text."""
        data = self.profiles()  # not `data`: the density of states takes longer than a notebook's cell should
        return summary_rows(summarize(data[[name for name in data.data_vars if self.wants(str(name))]]), self.beside)

    @cached_property
    def data(self) -> xr.Dataset:
        """All quantities that are wanted; maps over energy, which take longer, if `output.quantities` names one."""
        if set(schema.MAPS).intersection(self.device.output.quantities or ()):
            return self._mapped
        return without_maps(self._dataset({}, None), self)

    def file_data(self) -> xr.Dataset:
        """What the result file holds: where `output.quantities` is not written, also maps over `output.energies`."""
        return self.data if self.device.output.quantities else self._mapped

    def unmapped(self) -> Solution:
        """The result without maps over energy and without its state, as it can be saved at once."""
        return Solution(self.device, self._dataset({}, None))

    @cached_property
    @reported("result")
    def _mapped(self) -> xr.Dataset:
        """With maps over energy, those that are wanted."""
        values: dict[str, Any] = {}
        energies, kinetics = None, kinetics_of(self._solved)
        if self.wants("dos") or self.wants("dos_spin") or (kinetics and self.wants("distribution")):
            energies = self._energies()
            if kinetics and self.wants("distribution"):
                energies, values["distribution"] = self._distribution(kinetics, energies)
            dos = self._spectrum.at(energies)
            values["dos"], values["dos_spin"] = dos[0], dos[1:]
        return self._dataset(values, energies)

    def _dataset(self, maps: dict[str, Any], energies: np.ndarray | None) -> xr.Dataset:
        """Everything that is wanted, maps over energies included."""
        values = variables(self._solved) | maps
        if "work" in (self.device.output.quantities or ()):
            values |= imposed_work(self._solved, self._tolerance)
        coords = self._coordinates(values)
        if energies is not None:
            coords["energy"] = energies
        kept = {name: array for name, array in values.items() if self.wants(name)}
        return with_errors(self.solved, build_dataset(kept, coords, self._attributes()))

    def wants(self, name: str) -> bool:
        """Whether a variable is written: all, or what `output.quantities` names; currents and what floats always."""
        asked: Sequence[str] = self.device.output.quantities or ()
        always = name.endswith(("_current", "_super", "_resistive")) or name in schema.FOUND.values()
        return not asked or name in asked or always

    def _energies(self) -> np.ndarray:
        request = self.device.energies()
        if request.points is not None:
            return np.asarray(request.points)
        return self._spectrum.adaptive(request.start, request.stop)

    def _distribution(self, kinetics: Kinetics, energies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Energies, more of them unless they are given, and the distribution functions (8, sites, energies) there."""

        to_nodes = kinetics.problem.interpolation(self.state.problem.positions)

        def sample(at: np.ndarray) -> np.ndarray:
            with allowance(work.OPTIONS.spectrum):
                return np.einsum("xy,cye->cxe", to_nodes, kinetics.distribution(at))

        request = self.device.energies()
        if request.points is not None:
            return energies, sample(energies)
        edges = energy_edges(kinetics.network, kinetics.gap, self._tolerance)
        inside = [edge for edge in (*edges, *-edges) if request.start < edge < request.stop]
        return refined_energies(np.union1d(energies, inside), sample)


Result = Solution
"""Its name in version 0.1."""
