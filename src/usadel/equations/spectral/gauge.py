"""A gauge field A along the junction: the covariant derivative of the Riccati matrices.

    Dγ = γ' - i(Aγ + γA*),   Dγ̃ = γ̃' + i(A*γ̃ + γ̃A),   in short Du = u' - Gu

The Usadel equation keeps its form with D in place of d/dx (Jacobsen, Ouassou, Linder, Phys. Rev. B 92, 024510), and
a uniform field gives DDu = u'' - 2Gu' + G²u. G is an array (32): its blocks (4, 4) for γ and for γ̃, row-major.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.algebra.nambu import Complex

Array = NDArray[Any]


def generator(field: Complex) -> Complex:
    """G (32) of A (2, 2): Gγ = i(Aγ + γA*), Gγ̃ = -i(A*γ̃ + γ̃A)."""
    one = np.eye(2)
    direct = 1j * (np.kron(field, one) + np.kron(one, field.conj().T))
    partner = -1j * (np.kron(field.conj(), one) + np.kron(one, field.T))
    return np.concatenate([direct.ravel(), partner.ravel()])


def links(field_generator: Complex, steps: Array) -> Complex:
    """T = exp(-G Δx) (n, 32) of G (32) and distances (n) of neighbours: u[n+1], carried to the frame of n, is T u[n+1].

    Without a covariant derivative, Du = 0, u does not change on the way. T is unitary.
    """
    blocks = np.asarray(field_generator).reshape(2, 4, 4)
    values, vectors = np.linalg.eigh(-1j * blocks)  # G is anti-Hermitian
    turned = np.exp(-1j * values * np.asarray(steps)[:, None, None])
    return np.einsum("hij,nhj,hkj->nhik", vectors, turned, vectors.conj()).reshape(-1, 32)


@kernel
def adjoint(out, link):
    """out (32) = T⁻¹ of a link T (32)."""
    for half in range(2):
        for i in range(4):
            for j in range(4):
                out[16 * half + 4 * i + j] = link[16 * half + 4 * j + i].conjugate()


@kernel
def link_times(out, link, block):
    """out (64, L) = T block."""
    for half in range(2):
        for i in range(4):
            for j in range(8):
                at = 8 * (4 * half + i) + j
                for l in range(block.shape[1]):
                    out[at, l] = 0.0
                for k in range(4):
                    entry = link[16 * half + 4 * i + k]
                    if entry != 0.0:
                        for l in range(block.shape[1]):
                            out[at, l] += entry * block[8 * (4 * half + k) + j, l]


@kernel
def times_link(out, block, link):
    """out (64, L) = block T."""
    for i in range(8):
        for half in range(2):
            for j in range(4):
                at = 8 * i + 4 * half + j
                for l in range(block.shape[1]):
                    out[at, l] = 0.0
                for k in range(4):
                    entry = link[16 * half + 4 * k + j]
                    if entry != 0.0:
                        for l in range(block.shape[1]):
                            out[at, l] += entry * block[8 * i + 4 * half + k, l]


@kernel
def carried(out, block, link, w):
    """out (64, L) = T block T⁻¹: a derivative at a neighbour, in the frame of a node; w (64, L) is scratch."""
    inverse = np.empty(32, np.complex128)
    adjoint(inverse, link)
    link_times(w, link, block)
    times_link(out, w, inverse)


@kernel
def carried_halves(out, blocks, link, w):
    """out (32, L) = T blocks T⁻¹, the same of two 4×4 blocks; w (4, L) is scratch."""
    for half in range(2):
        at = 16 * half
        for i in range(4):
            for j in range(4):
                for l in range(blocks.shape[1]):
                    w[j, l] = 0.0
                for k in range(4):
                    entry = link[at + 4 * i + k]
                    if entry != 0.0:
                        for l in range(blocks.shape[1]):
                            w[j, l] += entry * blocks[at + 4 * k + j, l]
            for j in range(4):
                for l in range(blocks.shape[1]):
                    out[at + 4 * i + j, l] = 0.0
                for k in range(4):
                    entry = link[at + 4 * j + k].conjugate()
                    if entry != 0.0:
                        for l in range(blocks.shape[1]):
                            out[at + 4 * i + j, l] += w[k, l] * entry
