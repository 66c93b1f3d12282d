"""Reservoirs on top of layers in the kinetic equation: ∂J + (R + R_c)h = s, from the Keldysh block of [Š, ǧ]/σd.

    -R_c h + s = ¼Tr ρᵢ(S ĝᴷ - ĝᴷ Sᴬ + Sᴷ ĝᴬ - ĝ Sᴷ),   Sᴷ = ½G_T T ĝᴷ_out T/σd

with the S of the spectral equation, as at interfaces (`kinetic.laws`). Insulating magnets are fields like others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.algebra.modes import MODES
from usadel.algebra.nambu import Complex
from usadel.equations.kinetic.coefficients import Points
from usadel.equations.kinetic.laws import law_kernel, source_kernel
from usadel.equations.numbers import ALL_MODES

Array = NDArray[np.float64]


class Behind(NamedTuple):
    """What a contact on top brings at some energies: S (2, 16, L), the second zero, and Sᴷ (16, L)."""

    constant: Complex
    source: Complex


def add_relaxation(
    r: Array, source: Array, state: Complex, points: Points, chosen: NDArray[np.int64], given: Behind,
    modes: NDArray[np.int64] = ALL_MODES,
) -> None:  # fmt: skip
    """r (points, n², L) += R_c, source (points, n, L) += s at the chosen points, of states (sites, 8, L)."""
    _add_relaxation(r, source, state, points, chosen, given.constant, given.source, modes)


@kernel
def _add_relaxation(r, source, state, points, chosen, constant, given, modes):
    lanes = state.shape[2]
    u = np.empty((8, lanes), np.complex128)
    nothing = np.zeros((16, 16), np.complex128)
    no_echo = np.zeros((2, 16, 16), np.complex128)
    for point in chosen:
        u[:] = 0.0
        for j in range(points.value.shape[1]):
            value, site = points.value[point, j], points.first[point] + j
            for c in range(8):
                for l in range(lanes):
                    u[c, l] += value * state[site, c, l]
        law_kernel(r[point], r[point], -1.0, u, u, False, constant, nothing, 0.0, no_echo, modes)
        source_kernel(source[point], 1.0, u, constant[0], given, given, 0.0, modes)


def flowing_in(state: Complex, h: Array, points: Points, chosen: NDArray[np.int64], given: Behind) -> Array:
    """-R_c h + s (points, 8, L) at the chosen points, zero elsewhere; h (points, 8, L)."""
    r, source = np.zeros((h.shape[0], MODES**2, h.shape[2])), np.zeros_like(h)
    add_relaxation(r, source, state, points, chosen, given)
    return np.asarray(source - np.einsum("pijl,pjl->pil", r.reshape(-1, MODES, MODES, h.shape[2]), h))
