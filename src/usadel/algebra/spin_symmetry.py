"""Which 2×2 matrices of spin a device has, and the fewest numbers that hold them.

Where rotations of spin leave all matrices of a device alone, its states commute with them too. With holes turned by iσ2
and the spins along the common axis, every block of a Nambu matrix, γ and γ̃ among them, is then

    x·1 where all rotations do (spinless),   diag(x, y) where those about an axis do (collinear),   anything in general:

`entries` 1, 2, 4. Matrices are (4·entries), their blocks 11, 12, 21, 22 one after the other, states (2·entries).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from usadel.algebra.nambu import ISIGMA2, TAU3, Complex, block_diagonal, sandwich, spin, to_blocks

ROUNDING = 1e-12  # relative, of what should commute

ELECTRONS, UPPER, LOWER, HOLES = range(4)  # blocks 11, 12, 21, 22 of a Nambu matrix

GENERATORS: Complex = TAU3 @ spin(np.eye(3))
"""Of rotations of spin about x, y and z, times 2: (3, 4, 4)."""


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

    def matrices(self, full: Complex) -> Complex:
        """Matrices (…, 4·entries) of full ones (…, 4, 4)."""
        return self.blocks(to_blocks(full))

    def blocks(self, full: Complex) -> Complex:
        """The same of full ones (…, 16) in block order."""
        return full if self.entries == 4 else full @ self._reduce.T

    def lanes(self, full: Complex) -> Complex:
        """The same (…, 4·entries, L) of full ones (…, 16, L)."""
        return full if self.entries == 4 else self._reduce @ full

    def maps(self, full: Complex) -> Complex:
        """Linear maps (…, 4·entries, 4·entries) of matrices, of full ones (…, 16, 16)."""
        return full if self.entries == 4 else self._reduce @ full @ self._expand

    def halves(self, full: Complex) -> Complex:
        """What multiplies γ and γ̃ (…, 2·entries) of full ones (…, 32), two 4×4 matrices; full ones in general."""
        if self.entries == 4:
            return full
        parts = full.reshape(*full.shape[:-1], 2, 4, 4)
        found = [
            np.einsum("ei,...ij,je->...e", self._reduce_half[k], parts[..., k, :, :], self._expand_half[k])
            for k in range(2)
        ]
        return np.concatenate(found, axis=-1)

    def weights(self, full: Complex, block: int) -> Complex:
        """Weights (…, entries, n) of one block of matrices in a sum, of full ones (…, 4, n)."""
        return full if self.entries == 4 else np.einsum("ie,...in->...en", self._block(block), full)

    def reduced(self, state: Complex) -> Complex:
        """States (…, 2·entries, L) of full ones (…, 8, L); what has another symmetry is left out."""
        return state if self.entries == 4 else self._halfwise(self._reduce_half, state)

    def expanded(self, state: Complex) -> Complex:
        """Full states (…, 8, L)."""
        return state if self.entries == 4 else self._halfwise(self._expand_half, state)

    def adopted(self, state: Complex, other: SpinSymmetry) -> Complex:
        """States as they are here, of those of another symmetry."""
        same = self.entries == other.entries and self.axis == other.axis
        return state if same else self.reduced(other.expanded(state))

    def common(self, other: SpinSymmetry) -> SpinSymmetry:
        """What leaves both devices alone."""
        low, high = sorted((self, other), key=lambda one: (-one.entries, one.decoupled))
        return low if high.entries == 1 or low.axis == high.axis or low.entries == 4 else GENERAL

    def _halfwise(self, matrices: tuple[Complex, Complex], state: Complex) -> Complex:
        size = state.shape[-2] // 2
        return np.concatenate([matrices[0] @ state[..., :size, :], matrices[1] @ state[..., size:, :]], axis=-2)

    @cached_property
    def _expand(self) -> Complex:
        """(16, 4·entries)."""
        out = np.zeros((4, 4, 4, self.entries), complex)
        for k in range(4):
            out[k, :, k] = self._block(k)
        return out.reshape(16, -1)

    @cached_property
    def _reduce(self) -> Complex:
        """(4·entries, 16), its inverse on what has the symmetry."""
        return np.asarray(np.linalg.pinv(self._expand))

    @cached_property
    def _expand_half(self) -> tuple[Complex, Complex]:
        return self._block(UPPER), self._block(LOWER)

    @cached_property
    def _reduce_half(self) -> tuple[Complex, Complex]:
        return np.linalg.pinv(self._block(UPPER)), np.linalg.pinv(self._block(LOWER))

    def _block(self, number: int) -> Complex:
        """Entries (4) of a full block by those (entries) of one here."""
        turn = _to_axis(self.axis)
        sides = turn, ISIGMA2 @ turn.conj()
        basis = np.eye(2)[None] if self.entries == 1 else np.eye(2)[:, :, None] * np.eye(2)[:, None, :]
        full = sides[number // 2].conj().T @ basis @ sides[number % 2]
        return np.asarray(full.reshape(self.entries, 4).T)


GENERAL = SpinSymmetry()


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
    """The symmetry of a device with given matrices (n, 4, 4) of several kinds, and maps (n, 16, 16) of matrices.

    A rotation leaves them alone if its generator commutes with them; that is linear in its axis.
    """
    one = np.eye(4)
    broken = [_broken(GENERATORS, each) for each in matrices]
    broken.append(_broken(np.array([sandwich(g, one) - sandwich(one, g) for g in GENERATORS]), maps))
    parts = np.concatenate(broken, axis=1)
    if np.max(np.abs(parts), initial=0.0) <= ROUNDING:
        return SpinSymmetry(1)
    axis = np.linalg.eigh((parts.conj() @ parts.T).real)[1][:, 0]
    axis = axis * np.sign(axis[np.argmax(np.abs(axis))])
    axis[np.abs(axis) < ROUNDING] = 0.0
    if np.max(np.abs(axis @ parts)) > ROUNDING:
        return GENERAL
    x, y, z = (float(value) for value in axis / np.linalg.norm(axis))
    found = SpinSymmetry(2, (x, y, z))
    across = found.maps(maps).reshape(-1, 4, 2, 4, 2)
    mixed = max(np.max(np.abs(across[:, :, k, :, 1 - k]), initial=0.0) for k in range(2))
    return SpinSymmetry(2, (x, y, z), bool(mixed <= ROUNDING * np.max(np.abs(maps), initial=0.0)))


def _broken(generators: Complex, matrices: Complex) -> Complex:
    """Commutators (3, …) with matrices (n, m, m), relative to the largest of these."""
    size = float(np.max(np.abs(matrices), initial=0.0)) or 1.0
    each = [(g @ matrices - matrices @ g).ravel() / size for g in generators]
    return np.array(each)
