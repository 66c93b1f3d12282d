"""2×2 complex matrices of spin for a pack of energies: arrays (E, L), energies ("lanes") last.

E = 4 is any matrix, row-major; E = 2 is diagonal, E = 1 a multiple of 1, see `algebra.spin_symmetry`: products are then
those of numbers. Kernels are compiled for the first or for both others, as their last argument `diagonal` is None or
not. u = (γ, γ̃) are 2E unknowns. A Jacobian block is an array of 2E rows with as many columns, row-major; or
with two columns, for γ and γ̃ of the same spin, where nothing couples the spins. Output arrays come first and never
overlap an input.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel

Array = NDArray[np.complex128]
Diagonal = bool | None


def is_diagonal(state: Array) -> Diagonal:
    """What kernels take as `diagonal` for states (…, 2E, L)."""
    return None if state.shape[-2] == 8 else True


@kernel
def copy(out: Array, a: Array) -> None:
    """out = a, both (n, L). An assignment of slices would compile the formatting of its error message, for seconds."""
    for e in range(out.shape[0]):
        for l in range(out.shape[1]):
            out[e, l] = a[e, l]


@kernel
def multiply(c: Array, a: Array, b: Array, diagonal: Diagonal = None) -> None:
    """c = a b."""
    if diagonal is not None:
        for e in range(c.shape[0]):
            for l in range(c.shape[1]):
                c[e, l] = a[e, l] * b[e, l]
        return
    for i in range(2):
        for j in range(2):
            for l in range(c.shape[1]):
                c[2 * i + j, l] = a[2 * i, l] * b[j, l] + a[2 * i + 1, l] * b[2 + j, l]


@kernel
def add_product(c: Array, factor: complex, a: Array, b: Array, diagonal: Diagonal = None) -> None:
    """c += factor a b."""
    if diagonal is not None:
        for e in range(c.shape[0]):
            for l in range(c.shape[1]):
                c[e, l] += factor * (a[e, l] * b[e, l])
        return
    for i in range(2):
        for j in range(2):
            for l in range(c.shape[1]):
                c[2 * i + j, l] += factor * (a[2 * i, l] * b[j, l] + a[2 * i + 1, l] * b[2 + j, l])


@kernel
def invert_one_minus(n: Array, a: Array, diagonal: Diagonal = None) -> None:
    """n = (1 - a)⁻¹."""
    if diagonal is not None:
        for k in range(n.shape[0]):
            for l in range(n.shape[1]):
                e = 1.0 - a[k, l]
                inverse = 1.0 / (e.real * e.real + e.imag * e.imag)
                n[k, l] = complex(e.real * inverse, -e.imag * inverse)
        return
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
def entry(block: Array, entries: int, half: int, i: int, other: int, j: int) -> int:
    """Row of a Jacobian block (…, L) that holds ∂f/∂u of entry i of one half of f (γ or γ̃), and j of one of u.

    entries : E. Without coupling of the spins i = j.
    """
    if block.shape[0] == 4 * entries:
        return 2 * (entries * half + i) + other
    return 2 * entries * (entries * half + i) + entries * other + j


@kernel
def add_sandwich(
    jacobian: Array, half: int, other: int, factor: complex, left: Array, right: Array, diagonal: Diagonal = None
) -> None:
    """Block of one half by one half of u in a Jacobian += factor left⊗rightᵀ, the map X → factor left X right."""
    entries = left.shape[0]
    if diagonal is not None:
        for k in range(entries):
            at = entry(jacobian, entries, half, k, other, k)
            for l in range(jacobian.shape[1]):
                jacobian[at, l] += factor * (left[k, l] * right[k, l])
        return
    for i in range(2):
        for j in range(2):
            for k in range(2):
                for m in range(2):
                    at = 8 * (4 * half + 2 * i + j) + 4 * other + 2 * k + m
                    for l in range(jacobian.shape[1]):
                        jacobian[at, l] += factor * (left[2 * i + k, l] * right[2 * m + j, l])


@kernel
def add_left_right(jacobian: Array, half: int, left: Array, right: Array, diagonal: Diagonal = None) -> None:
    """Block of one half by itself in a Jacobian += the map X → left X + X right."""
    entries = left.shape[0]
    if diagonal is not None:
        for k in range(entries):
            at = entry(jacobian, entries, half, k, half, k)
            for l in range(jacobian.shape[1]):
                jacobian[at, l] += left[k, l] + right[k, l]
        return
    for i in range(2):
        for j in range(2):
            row = 8 * (4 * half + 2 * i + j) + 4 * half
            for k in range(2):
                for l in range(jacobian.shape[1]):
                    jacobian[row + 2 * k + j, l] += left[2 * i + k, l]
                    jacobian[row + 2 * i + k, l] += right[2 * k + j, l]


@kernel
def add_nambu_product(c: Array, factor: complex, a: Array, b: Array, diagonal: Diagonal = None) -> None:
    """c += factor a b for 4×4 matrices in block order (4E, L)."""
    entries = c.shape[0] // 4
    for i in range(2):
        for j in range(2):
            at = entries * (2 * i + j)
            for k in range(2):
                left, right = entries * (2 * i + k), entries * (2 * k + j)
                add_product(
                    c[at : at + entries], factor, a[left : left + entries], b[right : right + entries], diagonal
                )


@kernel
def add_halves(out: Array, factor: complex, blocks: Array, u: Array, diagonal: Diagonal = None) -> None:
    """out (2E, L) += factor × blocks u: of E = 4 blocks (32) are two 4×4 matrices, for γ and γ̃, else factors (2E)."""
    if diagonal is not None:
        for k in range(u.shape[0]):
            entry = factor * blocks[k]
            for l in range(u.shape[1]):
                out[k, l] += entry * u[k, l]
        return
    for half in range(2):
        for i in range(4):
            for j in range(4):
                entry = factor * blocks[16 * half + 4 * i + j]
                if entry != 0.0:
                    for l in range(u.shape[1]):
                        out[4 * half + i, l] += entry * u[4 * half + j, l]
