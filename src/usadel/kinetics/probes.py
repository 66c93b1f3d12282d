"""Local potentials: real-energy integrals of the current into a probe, and the voltage at which it vanishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.description import NormalReservoir
from usadel.equations.kinetic.distributions import steps
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import FLANKS, energy_edges
from usadel.observables import probe as tunnelling
from usadel.solvers.quadrature import integrate, panel_points
from usadel.solvers.status import Status
from usadel.work import exhausted

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    passes: int = 6  # energies adapted to the potentials of the last pass
    furthest: float = 1e3  # where its tail is cut, in tolerances
    root: float = 1e-5  # of the tolerance, of a root


OPTIONS = Options()


@dataclass
class Potentials:
    """Potentials (Δ0/|e|) of probes at places (directions, places), and their errors.

    Attributes
    ----------
    exact : at which no current flows; linear : by the formula without the density of states.
    error : largest of all; status : of the states, and of the passes.
    """

    exact: Array
    linear: Array
    error: float
    status: Status


@dataclass
class Probes:
    """Probes at given places of a device whose kinetic equation was solved.

    Attributes
    ----------
    weights : (places, sites), of interpolation; directions : (n, 4), 1 and P m of every probe.
    temperature : of the probes (Tc); tolerance : of the potentials.
    """

    kinetics: Kinetics
    weights: Array
    directions: Array
    temperature: float
    tolerance: float
    _known: dict[float, Array] = field(default_factory=dict)

    def potentials(self) -> Potentials:
        """Find them: panels are refined for the currents at the potentials of the last pass, until these stay."""
        shape = len(self.directions), len(self.weights)
        exact, error, change = np.zeros(shape), np.inf, np.inf
        edges = self._edges(exact)
        panels = np.stack([edges[:-1], edges[1:]], axis=1)
        scale = self._conductances(exact, panels)
        for _ in range(OPTIONS.passes):
            integral = integrate(self._relative_currents(exact, scale), self._edges(exact), 0.5 * self.tolerance)
            previous, panels = exact, integral.panels
            exact = self._each(self._zero, panels)
            scale = self._conductances(exact, panels)
            change, error = float(np.max(np.abs(exact - previous))), integral.error
            if change <= 0.1 * self.tolerance or exhausted():
                break
        linear = self._each(self._linear, panels)
        settled = change <= 0.1 * self.tolerance and error <= self.tolerance and np.all(np.isfinite(exact))
        missed = Status.TOO_MUCH_WORK if exhausted() else Status.TOLERANCE_NOT_REACHED
        status = self.kinetics.status if settled else max(self.kinetics.status, missed)
        return Potentials(exact, linear, error + change, Status(status))

    def _each(self, function: Callable[[int, Array, Array], float], panels: Array) -> Array:
        return np.array([[function(place, p, panels) for place in range(len(self.weights))] for p in self.directions])

    def _probe(self, voltage: float) -> Any:
        return NormalReservoir(voltage=voltage, temperature=self.temperature)

    def _edges(self, voltages: Array) -> Array:
        """Panels of the device's own distributions, with the steps of the probes.

        These are moved to multiples of their widths, so that small changes of the potentials need no new energies.
        """
        edges = energy_edges(self.kinetics.network, self.kinetics.gap, self.tolerance)
        found = [step for v in voltages.ravel() for step in steps(self._probe(float(v)))]
        own = [width * (round(step / width) + flank) for step, width in found for flank in FLANKS]
        highest = max(
            width * (round(step / width) + np.log(OPTIONS.furthest / self.tolerance)) for step, width in found
        )
        inside = [e for e in own if 0 < e < highest]
        return np.unique(np.round(np.concatenate([edges, inside, [highest]]), 9))

    def _local(self, energies: Array) -> Array:
        """(places, 16, energies), kept."""
        missing = np.array(sorted({float(e) for e in energies} - set(self._known)))
        if missing.size:
            found = self.kinetics.local(missing, self.weights)
            self._known.update({float(e): found[..., k] for k, e in enumerate(missing)})
        return np.stack([self._known[float(e)] for e in energies], axis=-1)

    def _relative_currents(self, voltages: Array, scale: Array) -> Callable[[Array], Array]:
        """The integrands (components, energies): currents over conductances, and what the linear formula integrates."""
        temperature = self.kinetics.system.temperature

        def integrand(energies: Array) -> Array:
            local = self._local(energies)
            rows = []
            for k, p in enumerate(self.directions):
                for place, at in enumerate(local):
                    probe = self._probe(float(voltages[k, place]))
                    rows.append(tunnelling.current(at, p, probe, temperature, energies) / scale[k, place])
                    rows.append(tunnelling.without_states(at, p))
            return np.array(rows)

        return integrand

    def _conductances(self, voltages: Array, panels: Array) -> Array:
        """-∂I/∂V by the present panels."""
        energy, weight = panel_points(panels)
        local = self._local(energy)
        return np.array([
            [
                tunnelling.conductance(at, p, self._probe(float(v)), energy) @ weight
                for at, v in zip(local, row, strict=True)
            ]
            for p, row in zip(self.directions, voltages, strict=True)
        ])  # fmt: skip

    def _linear(self, place: int, direction: Array, panels: Array) -> float:
        """The potential by the formula without the density of states."""
        energy, weight = panel_points(panels)
        return float(tunnelling.without_states(self._local(energy)[place], direction) @ weight)

    def _zero(self, place: int, direction: Array, panels: Array) -> float:
        """The potential at which the current on given panels vanishes; NaN if there is none within them."""
        from scipy.optimize import brentq  # here: it takes a while to import, and few devices need it

        energy, weight = panel_points(panels)
        local, temperature = self._local(energy)[place], self.kinetics.system.temperature

        def total(voltage: float) -> float:
            probe = self._probe(voltage)
            return float(tunnelling.current(local, direction, probe, temperature, energy) @ weight)

        highest = float(panels[-1, 1])
        if not total(-highest) < 0 < total(highest):
            return 0.0 if total(0.0) == 0.0 else np.nan
        return float(brentq(total, -highest, highest, xtol=OPTIONS.root * self.tolerance, maxiter=500))
