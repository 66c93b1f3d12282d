"""The potential at which no current flows into a weak tunnel probe.

A normal probe at the voltage V, behind a barrier of polarization P along m, takes at every energy

    I(E) ∝ ¼Tr (1 + P m·σ̂)[ĝᴷ - (ĝ - ĝᴬ)ĥ_probe]
         = ½(N₊ - N₋)(h0 - h_ref) + ½(N₊ + N₋) h4 + q₀ + P m·q,

the charge row of the tunnel law with Š = F(ǧ_probe): h0, h4 are the modes of the probe, N± = Re[g_s + P m·g_t](±E), and
q₀, q the charge (of electrons) and spin accumulation of δh. In a normal metal V is the voltage plus P times the spin
voltage along m. At T = 0 only N₋ is left of dI/dV at V > 0: a voltage V probes the energy E = -V. The formula of
Morten et al. leaves the density of states out: V = ∫₀^∞dE [δh4 + P m·(δh5, δh6, δh7)].
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import Mode
from usadel.equations.kinetic.distributions import deviation, voltage_derivative

Array = NDArray[Any]


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
