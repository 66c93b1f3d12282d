"""A gauge field A along the junction: the covariant derivative of the Riccati matrices.

    Dγ = γ' - i(Aγ + γA*),   Dγ̃ = γ̃' + i(A*γ̃ + γ̃A),   in short Du = u' - Gu

The Usadel equation keeps its form with D in place of d/dx (Jacobsen, Ouassou, Linder, Phys. Rev. B 92, 024510), and
a uniform field gives DDu = u'' - 2Gu' + G²u. G is an array (32): its blocks (4, 4) for γ and for γ̃, row-major.
"""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.algebra.nambu import Complex


def generator(field: Complex) -> Complex:
    """G (32) of A (2, 2): Gγ = i(Aγ + γA*), Gγ̃ = -i(A*γ̃ + γ̃A)."""
    one = np.eye(2)
    direct = 1j * (np.kron(field, one) + np.kron(one, field.conj().T))
    partner = -1j * (np.kron(field.conj(), one) + np.kron(one, field.T))
    return np.concatenate([direct.ravel(), partner.ravel()])


@kernel
def add_generator(block, factor, generator):
    """block (64, L) += factor G."""
    for half in range(2):
        for i in range(4):
            for j in range(4):
                entry = factor * generator[16 * half + 4 * i + j]
                for l in range(block.shape[1]):
                    block[36 * half + 8 * i + j, l] += entry


@kernel
def gauge_jacobian(fu, fv, generator):
    """From derivatives at fixed Du to those of f(u, u' - Gu) + G(2u' - Gu): fu (64, L), fv (32, L)."""
    for half in range(2):
        for i in range(4):
            for j in range(4):
                at = 36 * half + 8 * i + j
                for k in range(4):
                    first = generator[16 * half + 4 * i + k]
                    last = generator[16 * half + 4 * k + j]
                    if last != 0.0:
                        for l in range(fu.shape[1]):
                            fu[at, l] -= (fv[16 * half + 4 * i + k, l] + first) * last
    for e in range(32):
        for l in range(fv.shape[1]):
            fv[e, l] += 2.0 * generator[e]
