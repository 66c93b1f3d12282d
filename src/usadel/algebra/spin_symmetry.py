"""Which 2×2 matrices of spin a device has, and the fewest numbers that hold them.

Where rotations of spin leave all matrices of a device alone, its states commute with them too. With holes turned by iσ2
and the spins along the common axis, every block of a Nambu matrix, γ and γ̃ among them, is then

    x·1 where all rotations do (spinless),   diag(x, y) where those about an axis do (collinear),   anything in general:

`entries` 1, 2, 4. Matrices are (4·entries), their blocks 11, 12, 21, 22 one after the other, states (2·entries).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from usadel.algebra.nambu import ISIGMA2, TAU3, Complex, sandwich, spin

ROUNDING = 1e-12  # relative, of what should commute
EXACT = 1e-14  # relative, of what both spins along an axis have alike

ELECTRONS, UPPER, LOWER, HOLES = range(4)  # blocks 11, 12, 21, 22 of a Nambu matrix

_ONE = np.eye(4)
COMMUTATORS: Complex = np.array([sandwich(g, _ONE) - sandwich(_ONE, g) for g in TAU3 @ spin(np.eye(3))])
"""With the generators of rotations of spin about x, y and z, times 2: maps (3, 16, 16) of matrices in block order."""


@dataclass(frozen=True)
class SpinSymmetry:
    """Rotations of spin that leave a device alone.

    Attributes
    ----------
    entries : of a 2×2 matrix of spin: 1 if all do, 2 if those about an axis do, else 4.
    axis : of the spins where there is one.
    decoupled : whether both spins along an axis are problems of their own; scattering that flips spins couples them.
    """

    entries: int = 4
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0)
    decoupled: bool = False

    @property
    def block(self) -> int:
        """Numbers of a derivative of a state by a state: (2·entries) rows by the unknowns of one problem."""
        return 2 * self.entries * (2 if self.decoupled else 2 * self.entries)

    def blocks(self, full: Complex) -> Complex:
        """Matrices (…, 4·entries) of full ones (…, 16) in block order."""
        return full if self.entries == 4 else self._exact(full @ self._reduce.T, -1)

    def lanes(self, full: Complex) -> Complex:
        """The same (…, 4·entries, L) of full ones (…, 16, L)."""
        return full if self.entries == 4 else self._exact(self._reduce @ full, -2)

    def maps(self, full: Complex) -> Complex:
        """Linear maps (…, 4·entries, 4·entries) of matrices, of full ones (…, 16, 16)."""
        if self.entries == 4:
            return full
        found = self._reduce @ full @ self._expand
        if self.entries == 1:
            return found
        spins = found.reshape(*found.shape[:-2], 4, 2, 4, 2)
        alike = np.stack([spins[..., :, k, :, k] for k in range(2)], axis=-1)
        across = np.stack([spins[..., :, k, :, 1 - k] for k in range(2)], axis=-1)
        for pairs, turn in ((alike, 0), (across, 1)):
            pairs[...] = self._exact(pairs, -1)
            for k in range(2):
                spins[..., :, k, :, (k + turn) % 2] = pairs[..., k]
        return found

    def halves(self, full: Complex) -> Complex:
        """What multiplies γ and γ̃ (…, 2·entries) of full ones (…, 32), two 4×4 matrices; full ones in general."""
        if self.entries == 4:
            return full
        parts = np.zeros((*full.shape[:-1], 16, 16), complex)
        for half, k in enumerate((UPPER, LOWER)):
            parts[..., 4 * k : 4 * k + 4, 4 * k : 4 * k + 4] = full.reshape(*full.shape[:-1], 2, 4, 4)[..., half, :, :]
        found = np.diagonal(self.maps(parts), axis1=-2, axis2=-1)
        return np.ascontiguousarray(found[..., self.entries : 3 * self.entries])

    def weights(self, full: Complex, block: int) -> Complex:
        """Weights (…, entries, n) of one block of matrices in a sum, of full ones (…, 4, n)."""
        if self.entries == 4:
            return full
        return self._exact(self._of_block(self._expand, block).T @ full, -2)

    def reduced(self, state: Complex) -> Complex:
        """States (…, 2·entries, L) of full ones (…, 8, L); what has another symmetry is left out."""
        return state if self.entries == 4 else self._exact(self._halfwise(self._reduce, state), -2)

    def expanded(self, state: Complex) -> Complex:
        """Full states (…, 8, L)."""
        return state if self.entries == 4 else self._halfwise(self._expand, state)

    def adopted(self, state: Complex, other: SpinSymmetry) -> Complex:
        """States as they are here, of those of another symmetry."""
        same = self.entries == other.entries and self.axis == other.axis
        return state if same else self.reduced(other.expanded(state))

    @property
    def frame(self) -> SpinSymmetry:
        """The same where the z axis is that of the spins."""
        return SpinSymmetry(self.entries)

    def turned_blocks(self, full: Complex) -> Complex:
        """Full matrices (…, 16) of that symmetry in the frame whose z axis is that of the spins."""
        return full if self.entries == 4 else self.blocks(full) @ self.frame._expand.T

    def turned_lanes(self, full: Complex) -> Complex:
        """The same of (…, 16, L)."""
        return full if self.entries == 4 else self.frame._expand @ self.lanes(full)

    def turned_maps(self, full: Complex) -> Complex:
        """The same of maps (…, 16, 16)."""
        return full if self.entries == 4 else self.frame._expand @ self.maps(full) @ self.frame._reduce

    def turned_halves(self, full: Complex) -> Complex:
        """The same of what multiplies γ and γ̃, (…, 32)."""
        if self.entries == 4:
            return full
        factors = self.halves(full).reshape(*full.shape[:-1], 2, self.entries)
        found = np.zeros((*full.shape[:-1], 2, 4, 4), complex)
        for half, block in enumerate((UPPER, LOWER)):
            embedding = self.frame._of_block(self.frame._expand, block)
            back = self.frame._of_block(self.frame._reduce.T, block)
            found[..., half, :, :] = np.einsum("ie,...e,je->...ij", embedding, factors[..., half, :], back)
        return found.reshape(*full.shape[:-1], 32)

    def turned_state(self, state: Complex, other: SpinSymmetry) -> Complex:
        """Full states (…, 8, L) in that frame, of those (…, 2·entries, L) of another symmetry, at least as high."""
        return self.frame.expanded(self.adopted(state, other))

    def common(self, other: SpinSymmetry) -> SpinSymmetry:
        """What leaves both devices alone."""
        low, high = sorted((self, other), key=lambda one: (-one.entries, one.decoupled))
        return low if high.entries == 1 or low.axis == high.axis or low.entries == 4 else GENERAL

    def _exact(self, numbers: Complex, axis: int) -> Complex:
        """Numbers of both spins (along `axis`, in turn) that are equal or opposite but for rounding, so exactly.

        At the highest energies, whose weights are large, what both spins have alike would leave spin-energy currents.
        """
        if self.entries != 2:
            return numbers
        up, down = (np.take(numbers, range(k, numbers.shape[axis], 2), axis) for k in range(2))
        mean, half = 0.5 * (up + down), 0.5 * (up - down)
        alike, opposite = (np.abs(one) <= EXACT * np.abs(other) for one, other in ((half, mean), (mean, half)))
        mean, half = np.where(opposite, 0.0, mean), np.where(alike, 0.0, half)
        both = np.stack([mean + half, mean - half], axis=numbers.ndim + axis + 1)
        return np.ascontiguousarray(both.reshape(numbers.shape))

    def _of_block(self, matrix: Complex, block: int) -> Complex:
        """(4, entries) of one block of matrices in a matrix (16, 4·entries)."""
        return matrix[4 * block : 4 * block + 4, self.entries * block : self.entries * (block + 1)]

    @property
    def _expand(self) -> Complex:
        """(16, 4·entries)."""
        return _embedding(self.entries, self.axis)[0]

    @property
    def _reduce(self) -> Complex:
        """(4·entries, 16), its inverse on what has the symmetry."""
        return _embedding(self.entries, self.axis)[1]

    def _halfwise(self, matrix: Complex, state: Complex) -> Complex:
        """States after what is done to upper and lower blocks of matrices."""
        rows, columns, size = len(matrix) // 4, matrix.shape[1] // 4, state.shape[-2] // 2
        upper, lower = (matrix[k * rows : (k + 1) * rows, k * columns : (k + 1) * columns] for k in (UPPER, LOWER))
        return np.concatenate([upper @ state[..., :size, :], lower @ state[..., size:, :]], axis=-2)


GENERAL = SpinSymmetry()


@lru_cache(maxsize=64)
def _embedding(entries: int, axis: tuple[float, float, float]) -> tuple[Complex, Complex]:
    """Full matrices (16) by the numbers (4·entries) of those with a symmetry, and the inverse of that."""
    turn = _to_axis(axis)
    electrons, holes = turn, ISIGMA2 @ turn.conj()
    basis = np.eye(2)[None] if entries == 1 else np.eye(2)[:, :, None] * np.eye(2)[:, None, :]
    out = np.zeros((4, 4, 4, entries), complex)
    for k in range(4):
        left, right = (holes if k in (LOWER, HOLES) else electrons), (electrons if k in (ELECTRONS, LOWER) else holes)
        out[k, :, k] = (left.conj().T @ basis @ right).reshape(entries, 4).T
    flat = out.reshape(16, 4 * entries)
    return flat, flat.conj().T * (entries / 2)


def _to_axis(axis: Sequence[float]) -> Complex:
    """The rotation U (2, 2) of spinors with U n·σ U† = σ3 for a unit vector n."""
    x, y, z = axis
    if z < -0.5:  # nothing turned by more than 120°
        x, y, z = -x, -y, -z
        return 1j * np.array([[0, 1], [1, 0]]) @ _to_axis((x, y, z))
    cosine = np.sqrt(0.5 * (1 + z))
    sine = (x + 1j * y) / (2 * cosine)
    return np.array([[cosine, -np.conj(sine)], [sine, cosine]]).conj().T


def spin_symmetry(matrices: Sequence[Complex], maps: Complex) -> SpinSymmetry:
    """The symmetry of a device with given matrices (n, 16) of several kinds, and maps (n, 16, 16) of matrices.

    A rotation leaves them alone if its generator commutes with them; that is linear in its axis.
    """
    size = _largest(maps)
    turned = [np.einsum("kij,nj->kin", COMMUTATORS, each / _largest(each)) for each in matrices]
    turned += [_commutators(each / size) for each in maps]
    broken = np.concatenate([each.reshape(3, -1) for each in turned], axis=1)
    if np.max(np.abs(broken)) <= ROUNDING:
        return SpinSymmetry(1)
    axis = np.linalg.eigh(np.einsum("ka,la->kl", broken.conj(), broken).real)[1][:, 0]
    axis[np.abs(axis) < ROUNDING] = 0.0
    axis *= np.sign(axis[np.argmax(np.abs(axis))])
    if np.max(np.abs(np.einsum("k,ka->a", axis, broken))) > ROUNDING:
        return GENERAL
    x, y, z = (float(value) + 0.0 for value in axis / np.linalg.norm(axis))
    across = SpinSymmetry(2, (x, y, z)).maps(maps).reshape(-1, 4, 2, 4, 2)
    mixed = max(np.max(np.abs(across[:, :, k, :, 1 - k]), initial=0.0) for k in range(2))
    return SpinSymmetry(2, (x, y, z), bool(mixed <= ROUNDING * size))


def _commutators(linear_map: Complex) -> Complex:
    """Of the generators with a map (16, 16), (3, 16, 16)."""
    forth = np.einsum("kij,jl->kil", COMMUTATORS, linear_map)  # no products by BLAS, whose threads would fight ours
    return np.asarray(forth - np.einsum("ij,kjl->kil", linear_map, COMMUTATORS))


def _largest(matrices: Complex) -> float:
    return float(np.max(np.abs(matrices), initial=0.0)) or 1.0
