"""Weak tunnel probes: the potential at which no current flows into one, and its differential conductance.

A normal probe at the voltage V, behind a barrier of polarization P along m, takes at every energy

    I(E) ∝ ¼Tr (1 + P m·σ̂)[ĝᴷ - (ĝ - ĝᴬ)ĥ_probe]
         = ½(N₊ - N₋)(h0 - h_ref) + ½(N₊ + N₋) h4 + q₀ + P m·q,

the charge row of the tunnel law with Š = F(ǧ_probe): h0, h4 are the modes of the probe, N± = Re[g_s + P m·g_t](±E), and
q₀, q the charge (of electrons) and spin accumulation of δh. In a normal metal V is the voltage plus P times the spin
voltage along m. At T = 0 only N₋ is left of dI/dV at V > 0: a voltage V probes the energy E = -V. The formula of
Morten et al. leaves the density of states out: V = ∫₀^∞dE [δh4 + P m·(δh5, δh6, δh7)].

Its step is at E = -V, so that in units of its conductance in the normal state, whatever the distribution in the device,

    dI/dV = ∫dE N(E) w(E + V),   w(x) = sech²(x/2T)/4T.

A superconducting one has states N_p and takes from a device in equilibrium

    I = ½∫dE N(E) N_p(E + V) [tanh((E + V)/2T_p) - tanh(E/2T)].

N(E) is linear between its energies and constant beyond them. Both integrals then are sums over its pieces, by parts: of
their slopes with T ln 2cosh(x/2T), or with ∫N_p dx = Re √((x + iΓ)² - Δ²), which has no peak.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import Mode
from usadel.energies.rules import TC
from usadel.equations.kinetic.distributions import deviation, voltage_derivative

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    cutoff: float = 20.0  # kB T, where tanh(x/2T) is one to 4e-9
    short: float = 1e-3  # kB T, of a step over which tanh(x/2T) is linear to 1e-7
    step: float = 0.05  # kB T, between nodes of tanh(x/2T): linear between them it is good to 6e-5


OPTIONS = Options()


@dataclass(frozen=True)
class SuperconductingProbe:
    """A bulk superconductor as the tip: gap Δ (Δ0), broadening Γ (Δ0)."""

    gap: float
    inelastic: float

    def states(self, x: Array) -> Array:
        """∫₀ˣ N_p."""
        root = np.sqrt((x + 1j * self.inelastic) ** 2 - self.gap**2).real
        return np.asarray(np.sign(x) * np.abs(root))


def thermal(energies: Array, densities: Array, voltages: Array, temperature: float) -> Array:
    """dI/dV (places, voltages) of a normal probe.

    Parameters
    ----------
    energies : (n), increasing; densities : (places, n), those of the spins that it sees.
    temperature : of the probe (Tc).
    """
    slopes = np.diff(densities) / np.diff(energies)
    pieces = _tanh_integrals(energies + voltages[:, None], np.diff(energies), TC * temperature)
    ends = 0.5 * (densities[:, [0]] + densities[:, [-1]])
    return np.asarray(ends - slopes @ pieces.T)


def between_superconductors(
    energies: Array,
    densities: Array,
    voltages: Array,
    probe: SuperconductingProbe,
    temperatures: tuple[float, float],
) -> Array:
    """dI/dV (places, voltages) of a superconducting probe; temperatures (Tc) : of the probe and of the device."""
    own, other = (TC * temperature for temperature in temperatures)
    fine = np.union1d(energies, _nodes(other))
    fine_densities = np.array([np.interp(fine, energies, row) for row in densities])
    occupied = fine_densities * np.tanh(fine / (2 * other))
    slopes, slopes_occupied = (np.diff(values) / np.diff(fine) for values in (fine_densities, occupied))
    x = fine + voltages[:, None]
    emptied, states = np.diff(_occupied_states(x, probe, own)), np.diff(probe.states(x))
    return np.asarray(0.5 * (slopes_occupied @ states.T - slopes @ emptied.T))


def reach(voltages: Array, probe: SuperconductingProbe | None, hottest: float) -> float:
    """The largest energy (Δ0) whose states a contact at these voltages sees; hottest (Tc): of both sides."""
    return float(np.max(np.abs(voltages))) + (0.0 if probe is None else 2 * probe.gap) + OPTIONS.cutoff * TC * hottest


def _tanh_integrals(x: Array, steps: Array, t: float) -> Array:
    """∫½tanh(x/2T)dx over steps, differences of T ln 2cosh(x/2T); over short ones, where these round, h·½tanh."""
    size = np.abs(x)
    whole = np.diff(0.5 * size + t * np.log1p(np.exp(-size / t)))
    middle = 0.5 * (x[..., 1:] + x[..., :-1])
    return np.asarray(np.where(steps < OPTIONS.short * t, 0.5 * steps * np.tanh(middle / (2 * t)), whole))


def _nodes(t: float) -> Array:
    """Energies between which tanh(E/2T) is nearly linear."""
    return np.asarray(np.linspace(-OPTIONS.cutoff, OPTIONS.cutoff, round(2 * OPTIONS.cutoff / OPTIONS.step) + 1) * t)


def _occupied_states(x: Array, probe: SuperconductingProbe, t: float) -> Array:
    """∫ N_p tanh(x/2T) dx, up to a constant: tanh at the middle of a step, times the states in it."""
    nodes = _nodes(t)
    at_nodes = probe.states(nodes)
    middle = 0.5 * (nodes[1:] + nodes[:-1])
    known = np.concatenate([[0.0], np.cumsum(np.tanh(middle / (2 * t)) * np.diff(at_nodes))])
    nearest = np.clip(np.searchsorted(nodes, x) - 1, 0, nodes.size - 1)
    between = np.clip(0.5 * (x + nodes[nearest]), nodes[0], nodes[-1])
    return np.asarray(known[nearest] + np.tanh(between / (2 * t)) * (probe.states(x) - at_nodes[nearest]))


def current(local: Array, direction: Array, probe: Any, temperature: float, energy: Array) -> Array:
    """I(E), (L), of the numbers local (16, L) at one place.

    Parameters
    ----------
    direction : (4), 1 and P m.
    probe : a normal reservoir.
    temperature : T_ref (Tc), of the reference that δh is relative to.
    """
    accumulation, above, below = (direction @ local[4 * k : 4 * k + 4] for k in range(3))
    h = deviation(probe, temperature, energy)
    return np.asarray(accumulation + 0.5 * (above - below) * h[Mode.ENERGY] + 0.5 * (above + below) * h[Mode.CHARGE])


def conductance(local: Array, direction: Array, probe: Any, energy: Array) -> Array:
    """-∂I(E)/∂V, (L): the same with ∂h/∂V, without accumulations."""
    above, below = (direction @ local[4 * k : 4 * k + 4] for k in (1, 2))
    change = voltage_derivative(probe, energy)
    return np.asarray(0.5 * (above - below) * change[Mode.ENERGY] + 0.5 * (above + below) * change[Mode.CHARGE])


def without_states(local: Array, direction: Array) -> Array:
    """δh4 + P m·(δh5, δh6, δh7), (L)."""
    return np.asarray(direction @ local[12:])
