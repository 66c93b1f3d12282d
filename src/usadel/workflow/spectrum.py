"""The density of states of a solved device: real energies, refined in energy and in space as needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.space import interpolation_matrix, stretched_grid
from usadel.observables.dos import both_signs
from usadel.solvers.status import Status
from usadel.workflow.discrete import Array, Discrete, Pack
from usadel.workflow.newton import solve_pack
from usadel.workflow.threads import parallel

SMALLEST_BROADENING = 1e-6  # Δ0: keeps real energies off the branch points of a device with Γ = 0
INTERPOLATION = 1e-3  # accuracy of linear interpolation between the energies of an adaptive spectrum
FIRST_ENERGIES = 49
START_BROADENING = 0.3  # Δ0, of the states that Newton's method starts from at real energies
ROUNDS = 14
FINEST = 4  # how often the grids of the gap are refined for a spectrum
NEWTON = 1e-3  # of the tolerance


@dataclass
class Spectrum:
    """DOS on all sites of a solution, computed on demand and kept.

    Attributes
    ----------
    problem, gap : grids and gap of the solution.
    tolerance : error allowed in N/N0.
    error : largest estimated error so far; status : worst so far.
    """

    problem: Discrete
    gap: Complex
    tolerance: float
    error: float = 0.0
    status: Status = Status.CONVERGED
    _values: dict[float, Array] = field(default_factory=dict)
    _levels: list[tuple[Discrete, Complex]] = field(default_factory=list)

    def at(self, energies: Array) -> Array:
        """(4, sites, energies): spin average and x, y, z parts of N/N0; NaN where the solve failed."""
        energies = np.asarray(energies, float)
        missing = sorted({float(e) for e in energies} - set(self._values))
        if missing:
            self._solve(np.array(missing))
        return np.stack([self._values[float(e)] for e in energies], axis=-1)

    def adaptive(self, start: float, stop: float, progress: Callable[[str], None] | None = None) -> Array:
        """Energies in [start, stop] between which linear interpolation is good to `INTERPOLATION`."""
        energies = self._first_energies(start, stop)
        values = self.at(energies)
        settled = np.zeros(energies.size - 1, bool)
        for number in range(ROUNDS):
            open_intervals = np.flatnonzero(~settled)
            if open_intervals.size == 0:
                break
            middle = 0.5 * (energies[open_intervals] + energies[open_intervals + 1])
            found = self.at(middle)
            line = 0.5 * (values[:, :, open_intervals] + values[:, :, open_intervals + 1])
            good = ~(np.max(np.abs(found - line), axis=(0, 1)) > INTERPOLATION)
            energies, values, settled = _insert(energies, values, settled, open_intervals, middle, found, good)
            if progress:
                progress(f"density of states: round {number + 1}, {energies.size} energies")
        return energies

    def _first_energies(self, start: float, stop: float) -> Array:
        """Equidistant energies, and both sides of the gap edges."""
        edges = np.unique(np.round(np.abs(self.gap[np.abs(self.gap) > 0]), 3))
        edges = edges[[0, -1]] if edges.size else edges
        special = np.concatenate([edges, -edges, [0.0]])
        inside = special[(special > start) & (special < stop)]
        return np.unique(np.concatenate([np.linspace(start, stop, FIRST_ENERGIES), inside]))

    def _solve(self, energies: Array) -> None:
        """Solve at |E| on the grids of the gap, then where needed on finer ones, and keep both signs asked for."""
        positive = np.unique(np.abs(energies))
        found = np.full((2, 4, self.problem.layout.sites, positive.size), np.nan)
        open_energies = np.arange(positive.size)
        for level in range(FINEST):
            problem, gap = self._level(level)
            values, errors, status = self._on_grids(problem, gap, positive[open_energies])
            back = self._back(problem)
            found[..., open_energies] = np.einsum("xy,scye->scxe", back, values)
            good = (status == Status.CONVERGED) & (errors <= self.tolerance)
            done = good if level < FINEST - 1 else np.ones_like(good)
            self.error = max(self.error, float(np.max(errors[done], initial=0.0)))
            failed = done & (status != Status.CONVERGED)
            if failed.any():
                self.status = Status(int(status[failed].max()))
                found[..., open_energies[failed]] = np.nan
            open_energies = open_energies[~done]
            if open_energies.size == 0:
                break
        if self.error > self.tolerance and self.status == Status.CONVERGED:
            self.status = Status.TOLERANCE_NOT_REACHED
        for sign, part in ((1.0, found[0]), (-1.0, found[1])):
            for k, energy in enumerate(positive):
                if sign * energy in energies:
                    self._values[float(sign * energy)] = part[:, :, k]

    def _level(self, level: int) -> tuple[Discrete, Complex]:
        """The problem on grids refined `level` times, and its gap."""
        if not self._levels:
            self._levels.append((self.problem, self.gap))
        while len(self._levels) <= level:
            old, gap = self._levels[-1]
            grids = [
                stretched_grid(layer.length, 2 * g.size - 1, g.strength)
                for g, layer in zip(old.grids, old.network.layers, strict=True)
            ]
            parts = [
                interpolation_matrix(a.size, np.linspace(0, 1, b.size)) @ gap[old.layout.slice(k)]
                for k, (a, b) in enumerate(zip(old.grids, grids, strict=True))
            ]
            self._levels.append((Discrete(old.network, grids), np.concatenate(parts)))
        return self._levels[level]

    def _back(self, problem: Discrete) -> Array:
        """Interpolation from the sites of a finer problem to those of the solution."""
        out = np.zeros((self.problem.layout.sites, problem.layout.sites))
        for k, grid in enumerate(self.problem.grids):
            block = interpolation_matrix(problem.grids[k].size, np.linspace(0, 1, grid.size))
            out[self.problem.layout.slice(k), problem.layout.slice(k)] = block
        return out

    def _on_grids(self, problem: Discrete, gap: Complex, energies: Array):
        """Values (2 signs, 4, sites, energies), their estimated errors and status by energy."""
        quiet = min(layer.inelastic for layer in problem.network.layers)
        lift = 0.0 if quiet > 0 else SMALLEST_BROADENING
        packs = problem.packs(energies + 1j * lift, gap, START_BROADENING)
        sites, embedded = problem.sites(gap), problem.embedded_sites(gap)

        def values(pack: Pack):
            status = solve_pack(problem, pack, sites, gap, NEWTON * self.tolerance)
            step = problem.chord_step(pack, sites, [problem.residual(pack, embedded)])
            state = pack.state[:, :, : pack.count]
            moved = state + problem.by_site(step[:, :, 0, : pack.count])
            dos, other = (both_signs(u) for u in (state, moved))
            pack.factors = None  # many energies: keep none of their factors
            return dos, np.max(np.abs(dos - other), axis=(0, 1, 2)), status

        found = parallel(values, packs)
        dos, errors, status = (np.concatenate([part[k] for part in found], axis=-1) for k in range(3))
        return dos, errors, status


def _insert(energies, values, settled, at, middle, found, good):
    """Split the intervals `at` in two; both halves of a good one are settled."""
    position = at + 1
    energies = np.insert(energies, position, middle)
    values = np.insert(values, position, found, axis=2)
    halves = settled.copy()
    halves[at] = good
    return energies, values, np.insert(halves, position, good)
