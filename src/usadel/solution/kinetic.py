"""What can be told where distribution functions are solved for: energy by energy, probed, and linearized."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from usadel import work
from usadel.description.values.keys import as_number
from usadel.errors import InputError, NotConverged, shown
from usadel.feedback.exchange_field import refuse_response
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.probes import Probes
from usadel.observables.variables import current_modes
from usadel.progress import Progress, reported
from usadel.response.conductance import conductances
from usadel.results.schema import COMPONENTS, MODES
from usadel.solvers.status import Status
from usadel.states.problem import Problem
from usadel.work import allowance

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack
    from usadel.kinetics.refine import KineticSolved


@dataclass
class KineticAnswers:
    """What is known of solved distributions: functions of energy, weak probes, differential conductances.

    Attributes
    ----------
    device : the description.
    equation : the kinetic equation, solved at the gap of the device.
    problem : its nodes are the default positions.
    solved : the whole solution; None where only distributions were solved for.
    result : what these answers belong to, and what NotConverged carries; None: these answers.
    progress : called with an `Event` now and then; an exception that it raises ends what is being solved.
    """

    device: Stack | Device
    equation: Kinetics
    problem: Problem
    solved: KineticSolved | None = None
    result: Any = None
    progress: Progress | None = None

    @reported("distribution")
    def distribution(self, energies: ArrayLike, position: ArrayLike | None = None) -> xr.Dataset:
        """Distribution functions h0…h7 at chosen energies, where the kinetic equation was solved.

        Parameters
        ----------
        energies : energies E (Δ0), of either sign.
        position : positions (ξ) along the device; default: those of the result.

        Returns
        -------
        xarray.Dataset
            `distribution` (mode, position, energy).
        """
        energies = np.atleast_1d(np.asarray(energies, float))
        with self._asked("distribution") as equation:
            values = equation.distribution(energies)
        return self._distribution_at(values, energies, position)

    def _distribution_at(self, values: np.ndarray, energies: np.ndarray, position: ArrayLike | None) -> xr.Dataset:
        """The dataset of distribution functions (8, sites, energies) of the kinetic equation."""
        import xarray as xr

        places = self.problem.positions if position is None else np.atleast_1d(np.asarray(position, float))
        interpolation = self.equation.problem.interpolation(places)
        coords = {"mode": list(MODES), "position": places, "energy": energies}
        values = np.einsum("xy,cye->cxe", interpolation, values)
        return xr.Dataset({"distribution": (("mode", "position", "energy"), values)}, coords)

    @reported("kinetic coefficients")
    def kinetic_coefficients(self, energies: ArrayLike, position: ArrayLike) -> xr.Dataset:
        """Coefficients of the kinetic equation ∂J + Rh = 0, J = M∂h + Qh (with covariant derivatives).

        In a collinear homogeneous superconductor M = 2D_L/D for h0 and the spin modes, 2D_T/D for charge and the
        spin-energy modes; -R = 4Δα_TT/D for charge, 2α_TSTS/Dτ_sf for spin (Eqs. (4)-(7) of Morten et al. 2004).

        Parameters
        ----------
        energies : energies E > 0 (Δ0).
        position : positions (ξ) along the device.

        Returns
        -------
        xarray.Dataset
            `diffusion` M, `supercurrent` Q (1/ξ) and `relaxation` R (1/ξ²), each (row, mode, position, energy).
        """
        import xarray as xr

        energies, places = (np.atleast_1d(np.asarray(a, float)) for a in (energies, position))
        if energies.ndim != 1 or not np.all((energies > 0) & (energies < np.inf)):
            raise InputError("energies: must be positive numbers")
        weights = self.equation.problem.interpolation(places)
        with self._asked("kinetic coefficients") as equation:
            found = np.moveaxis(equation.coefficients(energies, weights), 1, 3)
        names = ("diffusion", "supercurrent", "relaxation")
        dims = ("row", "mode", "position", "energy")
        return xr.Dataset(
            {name: (dims, values) for name, values in zip(names, found, strict=True)},
            {"row": list(MODES), "mode": list(MODES), "position": places, "energy": energies},
        )

    @reported("probe")
    def probe(
        self,
        position: ArrayLike,
        polarization: float = 0.0,
        magnetization: Sequence[float] | None = None,
        temperature: float | None = None,
        tolerance: float | None = None,
    ) -> xr.Dataset:
        """Electrochemical potentials that a weak tunnel probe measures: at them no current flows into it.

            ∫dE Tr (1 + P m·σ̂)[ĝᴷ - (ĝ - ĝᴬ)ĥ(V)] = 0

        In a normal metal V is the voltage plus P times the spin voltage along m. A probe at V looks at E = -V, where
        ĥ(V) has its step: electrons are negative.

        Parameters
        ----------
        position : positions (ξ) along the device.
        polarization : P of the probe's barrier, in (-1, 1).
        magnetization : m, needed with a polarization; any length.
        temperature : of the probe (Tc); default: that of the device.
        tolerance : error allowed in the potentials (Δ0/e); default: that of the device.

        Returns
        -------
        xarray.Dataset
            `potential` (orientation, position) for a magnetization parallel and antiparallel to m, and Δμ, `difference`
            (position) of the two, in Δ0/e; with `linear_` in front by the formula of Morten, Brataas and Belzig
            (2004), V = ∫₀^∞dE [δh4 + P m·(δh5, δh6, δh7)], which leaves the density of states out. Attribute
            `estimated_error` of potentials, by the integrals.
        """
        import xarray as xr

        places = np.atleast_1d(np.asarray(position, float))
        for name, value in (("temperature", temperature), ("tolerance", tolerance)):
            if value is not None and not 0 < value < np.inf:
                raise InputError(f"{name}: must be a positive number")
        directions = probe_directions(polarization, magnetization)
        with self._asked("probe") as equation:
            found = Probes(
                equation, equation.problem.interpolation(places), directions,
                float(self.device.value("temperature")) if temperature is None else temperature,
                self._tolerance if tolerance is None else tolerance,
            ).potentials()  # fmt: skip
        if found.status != Status.CONVERGED:
            raise self._failure("probe", found.status)
        values: dict[str, Any] = {}
        for prefix, array in (("", found.exact), ("linear_", found.linear)):
            values[f"{prefix}potential"] = (("orientation", "position"), array)
            values[f"{prefix}difference"] = (("position",), array[0] - array[1])
        coords = {"orientation": ["parallel", "antiparallel"], "position": places}
        return xr.Dataset(values, coords, {"estimated_error": found.error, "units": "Δ0/|e|"})

    @reported("conductance")
    def conductance(self, reservoir: str) -> xr.Dataset:
        """Differential conductances dI/dV of the voltage of one reservoir, from the linearized kinetic equation.

        A self-consistent gap changes with the voltage, and currents with the gap, which is included. Voltages and
        energies are counted from the condensate. If neither a superconducting reservoir nor a given gap holds its
        phase, its own potential moves so that it takes in no net charge, and dI/dV is that at fixed voltages of all
        other reservoirs.

        Parameters
        ----------
        reservoir : its name, or kind and place as in "normal_reservoir 0".

        Returns
        -------
        xarray.Dataset
            Along `reservoir`, the currents from each reservoir into the device: `charge` (1/R_ξ) and `energy`
            (Δ0/(e R_ξ)), `spin` and `spin_energy` (component, reservoir) in e/Δ0 times the units of their currents.
        """
        import xarray as xr

        refuse_response(self.device.network(), "where conductances are asked for: the field would follow the voltage")
        try:
            with allowance(work.OPTIONS.spectrum):
                found = conductances(self.equation, reservoir, self.solved)
        except NotConverged:
            raise self._failure("conductance", Status.TOO_MUCH_WORK) from None
        if found.status != Status.CONVERGED:
            raise self._failure("conductance", found.status)
        values = {
            name: (("component", "reservoir")[-value.ndim :], value)
            for name, value in current_modes(found.values).items()
        }
        coords = {"reservoir": found.names, "component": list(COMPONENTS)}
        return xr.Dataset(values, coords, {"estimated_error": found.error})

    @contextmanager
    def _asked(self, what: str) -> Iterator[Kinetics]:
        """The equation at energies of the caller's choice: their work is bounded, and all of them have to converge."""
        equation = replace(self.equation, status=Status.CONVERGED)
        with allowance(work.OPTIONS.spectrum):
            yield equation
        if equation.status != Status.CONVERGED:
            raise self._failure(what, equation.status)

    def _failure(self, what: str, status: Status) -> NotConverged:
        return NotConverged(self if self.result is None else self.result, f"{what}: {status.advice}")

    @property
    def _tolerance(self) -> float:
        return float(self.device.value("tolerance"))


def probe_directions(polarization: float, magnetization: Sequence[float] | None) -> np.ndarray:
    """1 and ±P m (2, 4) of a probe with its magnetization parallel and antiparallel to m."""
    number = as_number(polarization)
    if number is None or not -1 < number < 1:
        raise InputError(f"polarization: must be a number between -1 and 1, not {shown(polarization)}")
    try:
        m = np.zeros(3) if magnetization is None else np.asarray(magnetization, float)
    except (TypeError, ValueError):
        raise InputError(f"magnetization: must be three numbers, not {shown(magnetization)}") from None
    length = float(np.linalg.norm(m))
    if m.shape != (3,) or not np.isfinite(length) or (polarization != 0 and length == 0):
        raise InputError("magnetization: a probe with a polarization needs three numbers, not all zero")
    unit = m / length if length > 0 else m
    return np.array([[1.0, *(sign * polarization * unit)] for sign in (1, -1)])
