"""2×2 complex matrices for a pack of energies: arrays (4, L), row-major, energies ("lanes") last.

An 8×8 Jacobian block is an array (64, L), row-major, with the unknowns u = (γ, γ̃) flattened to 8.
Output arrays come first and never overlap an input.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel

Array = NDArray[np.complex128]


@kernel
def copy(out: Array, a: Array) -> None:
    """out = a, both (n, L). An assignment of slices would compile the formatting of its error message, for seconds."""
    for e in range(out.shape[0]):
        for l in range(out.shape[1]):
            out[e, l] = a[e, l]


@kernel
def multiply(c: Array, a: Array, b: Array) -> None:
    """c = a b."""
    for i in range(2):
        for j in range(2):
            for l in range(c.shape[1]):
                c[2 * i + j, l] = a[2 * i, l] * b[j, l] + a[2 * i + 1, l] * b[2 + j, l]


@kernel
def add_product(c: Array, factor: complex, a: Array, b: Array) -> None:
    """c += factor a b."""
    for i in range(2):
        for j in range(2):
            for l in range(c.shape[1]):
                c[2 * i + j, l] += factor * (a[2 * i, l] * b[j, l] + a[2 * i + 1, l] * b[2 + j, l])


@kernel
def invert_one_minus(n: Array, a: Array) -> None:
    """n = (1 - a)⁻¹."""
    for l in range(n.shape[1]):
        p = 1.0 - a[0, l]
        q = -a[1, l]
        r = -a[2, l]
        s = 1.0 - a[3, l]
        e = p * s - q * r  # no complex division: a zero must spoil its own lane only
        inverse = 1.0 / (e.real * e.real + e.imag * e.imag)
        d = complex(e.real * inverse, -e.imag * inverse)
        n[0, l] = s * d
        n[1, l] = -q * d
        n[2, l] = -r * d
        n[3, l] = p * d


@kernel
def add_sandwich(jacobian: Array, row: int, column: int, factor: complex, left: Array, right: Array) -> None:
    """Block (row, column) of an 8×8 Jacobian += factor left⊗rightᵀ, the map X → factor left X right."""
    for i in range(2):
        for j in range(2):
            for k in range(2):
                for m in range(2):
                    at = 8 * (row + 2 * i + j) + column + 2 * k + m
                    for l in range(jacobian.shape[1]):
                        jacobian[at, l] += factor * (left[2 * i + k, l] * right[2 * m + j, l])


@kernel
def add_left_right(jacobian: Array, at: int, left: Array, right: Array) -> None:
    """Diagonal 4×4 block at (at, at) of an 8×8 Jacobian += the map X → left X + X right."""
    for i in range(2):
        for j in range(2):
            row = 8 * (at + 2 * i + j) + at
            for k in range(2):
                for l in range(jacobian.shape[1]):
                    jacobian[row + 2 * k + j, l] += left[2 * i + k, l]
                    jacobian[row + 2 * i + k, l] += right[2 * k + j, l]


@kernel
def add_nambu_product(c: Array, factor: complex, a: Array, b: Array) -> None:
    """c += factor a b for 4×4 matrices in block order (16, L)."""
    for i in range(2):
        for j in range(2):
            at = 4 * (2 * i + j)
            for k in range(2):
                left, right = 4 * (2 * i + k), 4 * (2 * k + j)
                add_product(c[at : at + 4], factor, a[left : left + 4], b[right : right + 4])


@kernel
def add_halves(out: Array, factor: complex, blocks: Array, u: Array) -> None:
    """out (8, L) += factor × blocks u, blocks (32) being the 4×4 matrices that act on γ and on γ̃, row-major."""
    for half in range(2):
        for i in range(4):
            for j in range(4):
                entry = factor * blocks[16 * half + 4 * i + j]
                if entry != 0.0:
                    for l in range(u.shape[1]):
                        out[4 * half + i, l] += entry * u[4 * half + j, l]
