"""The density of states of a solved device: real energies, refined in energy and in space as needed.

States at real energies are the hardest to find from nothing. Only some are: all others start between two neighbours
in energy that are solved already, and on a finer grid from the same energy on the coarser one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from usadel import work
from usadel.algebra.nambu import Complex
from usadel.discretization.space import interpolation_matrix
from usadel.observables.dos import both_signs
from usadel.progress import counted
from usadel.solvers.status import Status
from usadel.states.newton import PackSolution
from usadel.states.problem import Array, Problem, chord_step
from usadel.states.real_energies import Known, KnownStates, Start, generations, refined_energies, solve_energies
from usadel.work import allowance, exhausted


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    first_energies: int = 49
    finest: int = 4  # how often the grids of the gap are refined for a spectrum
    newton: float = 1e-3  # of the tolerance
    digits: int = 12  # energies (Δ0) that agree to so many decimals are one: those at ±E share a state


OPTIONS = Options()


@dataclass
class Spectrum:
    """DOS on all sites of a solution, computed on demand and kept.

    Attributes
    ----------
    problem, gap : grids and gap of the solution.
    tolerance : error allowed in N/N0.
    error : largest estimated error so far; status : worst so far.
    """

    problem: Problem
    gap: Complex
    tolerance: float
    error: float = 0.0
    status: Status = Status.CONVERGED
    _values: dict[float, Array] = field(default_factory=dict)  # (2 signs, 4, sites) by |E|
    _levels: list[tuple[Problem, Complex]] = field(default_factory=list)

    def at(self, energies: Array) -> Array:
        """(4, sites, energies): spin average and x, y, z parts of N/N0; NaN where the solve failed."""
        with allowance(work.OPTIONS.spectrum), self._whole():
            return self._at(energies, KnownStates())

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Keep nothing of what is interrupted: other energies would start from other states when it is done again."""
        before = dict(self._values), self.error, self.status
        try:
            yield
        except BaseException:
            self._values, self.error, self.status = before
            raise

    def _at(self, energies: Array, known: KnownStates) -> Array:
        """The same, from states known at other energies; those found are added."""
        energies = np.asarray(energies, float)
        positive = np.round(np.abs(energies), OPTIONS.digits)
        missing = np.array(sorted(set(positive.tolist()) - set(self._values)))
        for chosen in counted("energies", generations(missing), np.size):
            self._solve(chosen, known)
        return np.stack(
            [self._values[p][int(e < 0)] for e, p in zip(energies, positive.tolist(), strict=True)], axis=-1
        )

    def adaptive(self, start: float, stop: float) -> Array:
        """Energies in [start, stop] between which linear interpolation is good to `INTERPOLATION`."""
        known = KnownStates()
        with allowance(work.OPTIONS.spectrum), self._whole():
            energies = refined_energies(self._first_energies(start, stop), lambda e: self._at(e, known))[0]
            if exhausted():
                self.status = Status.TOO_MUCH_WORK
        return energies

    def _first_energies(self, start: float, stop: float) -> Array:
        """Equidistant energies, and both sides of the gap edges."""
        edges = np.unique(np.round(np.abs(self.gap[np.abs(self.gap) > 0]), 3))
        edges = edges[[0, -1]] if edges.size else edges
        special = np.concatenate([edges, -edges, [0.0]])
        inside = special[(special > start) & (special < stop)]
        return np.unique(np.concatenate([np.linspace(start, stop, OPTIONS.first_energies), inside]))

    def _solve(self, energies: Array, known: KnownStates) -> None:
        """Solve at E ≥ 0 on the grids that its neighbours needed, then where needed on finer ones."""
        near = known.neighbours(energies)
        levels = np.array([min((one.level for _, one in found), default=0) for found in near])
        open_energies = np.ones(energies.size, bool)
        for level in range(OPTIONS.finest):
            chosen = np.flatnonzero(open_energies & (levels == level))
            if chosen.size == 0:
                continue
            starts = [[(weight, self._at_level(one, level)) for weight, one in near[k]] for k in chosen]
            states, values, errors, status = self._on_grids(level, energies[chosen], starts)
            good = (status == Status.CONVERGED) & (errors <= self.tolerance)
            known.add(energies[chosen], states, status, level)
            for place, k in enumerate(chosen):
                if status[place] == Status.CONVERGED:
                    near[k] = [(1.0, Known(level, states[:, :, place]))]
                if good[place] or level == OPTIONS.finest - 1:
                    self._keep(float(energies[k]), values[..., place], errors[place], status[place])
            levels[chosen[~good]] += 1
            open_energies[chosen[good]] = False

    def _keep(self, energy: float, values: Array, error: float, status: int) -> None:
        """The final values (2, 4, sites) at an energy, and what they say of the whole spectrum."""
        if status != Status.CONVERGED:
            values, self.status = np.full_like(values, np.nan), Status(status)
        else:
            self.error = max(self.error, float(np.nan_to_num(error, nan=np.inf)))
            if self.status == Status.CONVERGED and self.error > self.tolerance:
                self.status = Status.TOLERANCE_NOT_REACHED
        self._values[energy] = values

    def _level(self, level: int) -> tuple[Problem, Complex]:
        """The problem on grids refined `level` times, and its gap."""
        if not self._levels:
            self._levels.append((self.problem, self.gap))
        while len(self._levels) <= level:
            old, gap = self._levels[-1]
            grids = [g.alike(2 * g.size - 1) for g in old.grids]
            parts = [
                interpolation_matrix(a.size, np.linspace(0, 1, b.size)) @ gap[old.layout.slice(k)]
                for k, (a, b) in enumerate(zip(old.grids, grids, strict=True))
            ]
            self._levels.append((Problem(old.network, grids), np.concatenate(parts)))
        return self._levels[level]

    def _move(self, source: int, target: int) -> Array:
        """Interpolation (sites, sites) from one level to another."""
        old, new = self._level(source)[0], self._level(target)[0]
        out = np.zeros((new.layout.sites, old.layout.sites))
        for k, grid in enumerate(new.grids):
            block = interpolation_matrix(old.grids[k].size, np.linspace(0, 1, grid.size))
            out[new.layout.slice(k), old.layout.slice(k)] = block
        return out

    def _at_level(self, known: Known, level: int) -> Complex:
        if known.level == level:
            return known.state
        return np.tensordot(self._move(known.level, level), known.state, 1)

    def _on_grids(self, level: int, energies: Array, starts: list[Start]) -> tuple[Complex, Array, Array, Array]:
        """States, values (2 signs, 4, sites of the solution, energies), their estimated errors and status by energy."""
        problem, gap = self._level(level)
        embedded, back = problem.embedded_sites(gap), self._move(level, 0)

        def measured(solved: PackSolution) -> tuple[Array, Array]:
            pack = solved.pack
            step = chord_step(solved.factors, [problem.residual(pack, embedded)])
            state = pack.state[:, :, : pack.count]
            moved = state + problem.by_site(step[:, :, 0, : pack.count])
            dos, other = (both_signs(u, problem.symmetry) for u in (state, moved))
            error = np.max(np.abs(dos - other), axis=(0, 1, 2))
            return dos if level == 0 else np.einsum("xy,scye->scxe", back, dos), error

        (values, errors), states, status = solve_energies(
            problem, gap, energies, starts, OPTIONS.newton * self.tolerance, measured
        )
        return states, values, errors, status
