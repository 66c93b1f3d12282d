"""Observables from states at real energies: plain 4×4 formulas integrated over E, nothing from the contour.

The states are those of the engine at real energies; propagators, distribution and integrals are done here.
"""

from functools import cached_property

import numpy as np
import oracle

from usadel.energies.rules import TC
from usadel.equations.spectral import scheme as spectral
from usadel.solvers.status import Status
from usadel.states.newton import solve_states

MODES = ("charge", "spin_x", "spin_y", "spin_z", "energy", "spin_energy_x", "spin_energy_y", "spin_energy_z")


def panels(edges, order=8):
    """Gauss-Legendre points and weights on consecutive intervals."""
    node, weight = np.polynomial.legendre.leggauss(order)
    low, width = np.asarray(edges)[:-1, None], np.diff(edges)[:, None]
    return (low + 0.5 * width * (node + 1)).ravel(), (0.5 * width * weight).ravel()


def energy_rule(steps, width, cutoff=3e4):
    """Points and weights on [0, cutoff]: panels of some `width` up to 3 Δ0, near the `steps` too, then growing."""
    low = np.arange(0.0, 3.0, width)
    near = [abs(s) + width * np.array([-1.0, -0.5, 0.0, 0.5, 1.0]) for s in steps]
    edges = np.unique(np.round(np.concatenate([low, *near]), 9))
    edges = edges[edges >= 0.0]
    high = np.geomspace(3.0, cutoff, 40)
    return panels(np.concatenate([edges[edges < 2.99], high]))


class States:
    """ĝ and ĝ∂ĝ of a solved device at real energies E > 0 and at the nodes nearest to some positions (one layer)."""

    def __init__(self, result, energies, positions, layer=0):
        problem, gap = result.state.problem, result.state.gap
        self.energy = np.asarray(energies, float)
        self.layer = problem.network.layers[layer]
        x = problem.grids[layer].x
        at = problem.layout.slice(layer)
        chosen = [int(np.argmin(np.abs(x - p))) for p in positions]
        self.site = np.arange(at.start, at.stop)[chosen]
        self.gap = gap[self.site]
        lift = 0.0 if self.layer.inelastic > 0 else 1e-10
        solved = solve_states(problem, problem.packs(self.energy + 1j * lift, gap), gap, 1e-10)
        packs = solved.packs
        assert solved.status == Status.CONVERGED
        sites = problem.sites(gap)
        parts = []
        for pack in packs:
            slope = spectral.slopes(pack.state, pack.energy, sites, problem.offset)
            parts.append(problem.full(np.stack([pack.state, slope]))[:, self.site, :, : pack.count])
        state, slope = np.moveaxis(np.concatenate(parts, axis=-1), -1, -2)  # (positions, energies, 8)
        gamma, tilde, d, d_tilde = (
            part.reshape(*part.shape[:-1], 2, 2)
            for part in (state[..., :4], state[..., 4:], slope[..., :4], slope[..., 4:])
        )
        self.g = oracle.propagator(gamma, tilde)
        self.current, _ = oracle.current_and_divergence(gamma, tilde, d, d_tilde, 0 * d, 0 * d)

    @cached_property
    def distribution(self):
        layer = self.layer
        return oracle.distribution(
            self.energy, layer.voltage, layer.spin_voltage, layer.temperature, layer.spin_temperature,
            layer.spin_axis, TC,
        )  # fmt: skip

    def spectral_supercurrent(self):
        """Integrand of the charge current for h0 = 1, conventional sign: (positions, energies)."""
        k = self.current - oracle.advanced(self.current)
        return -np.einsum("...ii->...", oracle.TAU3 @ k).real / 8

    def currents(self):
        """Integrands of the currents: (8, positions, energies); charge counts electrons."""
        h = self.distribution
        k = self.current @ h - h @ oracle.advanced(self.current)
        rows = np.array([np.einsum("...ii->...", oracle.TAU3 @ rho @ k).real / 8 for rho in oracle.RHO[:4]])
        return np.concatenate([rows, np.array([self._energy_row(rho, k) for rho in oracle.RHO[4:]])])

    def _energy_row(self, rho, k):
        return self.energy * np.einsum("...ii->...", oracle.TAU3 @ rho @ k).real / 8

    def accumulations(self):
        """Integrands of the accumulations; the energy one without vacuum, and with the pairing in superconductors."""
        h = self.distribution
        k = self.g @ h - h @ oracle.advanced(self.g)
        rows = np.array([-np.einsum("...ii->...", rho @ k).real / 8 for rho in oracle.RHO])
        rows[4] += 1.0
        if np.any(self.gap):
            rows[4] += 0.5 * (self.gap.conj()[:, None] * self.pairs(k)).real / self.energy
        rows[4:] *= self.energy
        return rows

    def pairs(self, k=None):
        """Integrand ¼[f_s^K(E) + f_s^K(-E)] of the gap equation: (positions, energies)."""
        if k is None:
            k = self.g @ self.distribution - self.distribution @ oracle.advanced(self.g)
        _, upper, lower, _ = oracle.blocks(k)
        direct, mirrored = (0.5 * np.einsum("...ii->...", -oracle.ISIGMA2 @ part) for part in (upper, lower))
        return 0.25 * (direct + mirrored.conj())


__all__ = ["MODES", "States", "energy_rule", "panels"]
