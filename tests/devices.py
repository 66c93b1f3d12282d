"""Small devices with random states, the numbers of the kernels for them, and a plain Newton solver."""

from dataclasses import dataclass, field

import numpy as np
import oracle

from usadel.discretization.layout import Layout
from usadel.discretization.space import WIDTH, stretched_grid
from usadel.equations.spectral import jacobian as jacobians
from usadel.equations.spectral import scheme as spectral
from usadel.equations.spectral.numbers import SpectralNumbers
from usadel.solvers.elimination import solve_block_tridiagonal
from usadel.terms import pairing

ENERGY = np.array([0.3 + 0.2j, -0.7 + 0.5j, 1.4 + 0.1j])  # without broadening
NODES = 11
STRENGTH = 0.8


def assert_same(actual, expected, tolerance, at_least):
    """Equal to `tolerance` of the largest entry, which must exceed `at_least`: no 0 = 0."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    size = float(np.max(np.abs(expected)))
    assert size > at_least, f"nothing to compare: {size:.1e}"
    error = float(np.max(np.abs(actual - expected)))
    assert error < tolerance * size, f"{error:.1e} of {size:.1e}"


def smooth_states(rng, x, lanes, size=0.25, terms=4):
    """Random smooth γ, γ̃ at positions x: (sites, 8, lanes), entries of some `size`."""
    shape = (terms, 8, lanes)
    amplitude = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    waves = np.cos(np.outer(x, np.arange(terms)) + 0.3)
    return size * np.einsum("xt,tcl->xcl", waves, amplitude) / terms**0.5


def matrices(u):
    """γ and γ̃ as (..., L, 2, 2) of a state (..., 8, L)."""
    v = np.moveaxis(np.asarray(u), -2, -1)
    return v[..., :4].reshape(*v.shape[:-1], 2, 2), v[..., 4:].reshape(*v.shape[:-1], 2, 2)


def state(gamma, tilde):
    """The inverse of `matrices`."""
    flat = [m.reshape(*m.shape[:-2], 4) for m in (gamma, tilde)]
    return np.ascontiguousarray(np.moveaxis(np.concatenate(flat, axis=-1), -1, -2))


def tilde_partner(u):
    """γ and γ̃ change places and are conjugated."""
    return np.concatenate([u[..., 4:, :], u[..., :4, :]], axis=-2).conj()


def equal_spin(layer, u):
    """The part of states (..., 8, L) that commutes with the magnetization of a half-metal."""
    if layer.spins is None:
        return u
    m = np.tensordot(layer.spins.magnetization, oracle.PAULI[1:], axes=1)
    gamma, tilde = matrices(u)
    return 0.5 * (u + state(m @ gamma @ m.conj(), m.conj() @ tilde @ m))


@dataclass
class Case:
    """A device on its grids with random gaps in its superconductors and a random state."""

    device: object
    energy: np.ndarray = field(default_factory=lambda: ENERGY)
    nodes: int = NODES
    seed: int = 1
    strength: float = STRENGTH
    width: int = WIDTH

    def __post_init__(self):
        self.network = self.device.network()
        self.layers = self.network.layers
        self.grids = [stretched_grid(layer.length, self.nodes, self.strength) for layer in self.layers]
        self.layout = Layout(self.network, self.grids)
        self.system = SpectralNumbers(self.layout)
        self.rows = self.system.rows
        rng = np.random.default_rng(self.seed)
        x = np.concatenate([grid.x + 2.0 * k for k, grid in enumerate(self.grids)])
        pairs = np.array([layer.pairing is not None for layer in self.layers])[self.layout.layer]
        self.gap = pairs * (0.8 + 0.2 * np.cos(x)) * np.exp(1j * (0.4 + 0.3 * x))
        states = smooth_states(rng, x, self.energy.size)
        for k, layer in enumerate(self.layers):
            states[self.layout.slice(k)] = equal_spin(layer, states[self.layout.slice(k)])
        self.unknowns = states[[row.site for row in self.layout.rows]]
        self.state = self.unknowns[self.layout.row_of_site]
        self.boundary, self.fixed = self.system.boundaries(self.energy)

    def sites(self, gap=None):
        """Numbers of the kernels, with another gap if one is given."""
        return self.system.sites(pairing.blocks(self.gap if gap is None else gap), self.width)

    def residual(self, unknowns=None):
        """Residual (rows, 8, L)."""
        u = self.state if unknowns is None else unknowns[self.layout.row_of_site]
        return spectral.residual(u, self.energy, self.sites(), self.rows, self.boundary, self.fixed)

    def right_hand_sides(self, u, gap=None):
        """f̂ (sites, 8, L)."""
        out = np.empty_like(u)
        spectral.right_hand_sides(out, np.arange(len(u)), u, np.diff(u, axis=0), self.energy, self.sites(gap))
        return out

    def jacobian(self, unknowns=None):
        """Blocks of the chains, and of the hubs by end."""
        u = self.state if unknowns is None else unknowns[self.layout.row_of_site]
        return jacobians.jacobian(u, self.energy, self.sites(), self.rows, self.boundary, self.layout.chain_rows)

    def dense_jacobian(self, unknowns=None):
        """All rows at once: (L, 8 rows, 8 rows)."""
        blocks, here, inside = (as_matrices(b) for b in self.jacobian(unknowns))
        count = len(self.layout.rows)
        dense = np.zeros((self.energy.size, count, 8, count, 8), complex)
        for chain in self.layout.chains:
            for row in range(chain.first, chain.last):
                before = row - 1 if row > chain.first else self._hub_row(chain.start_hub)
                after = row + 1 if row < chain.last - 1 else self._hub_row(chain.end_hub)
                for k, column in enumerate((before, row, after)):
                    if column is not None:
                        dense[:, row, :, column] += blocks[:, row, k]
                    else:
                        assert not np.any(blocks[:, row, k])
        first = self.rows.first_end[self.layout.chain_rows]
        for row in range(self.layout.chain_rows, count):
            for end in range(self.rows.first_end[row], self.rows.first_end[row + 1]):
                column = self.layout.row_of_site[self.rows.end_inner[end]]
                dense[:, row, :, row] += here[:, end - first]
                dense[:, row, :, column] += inside[:, end - first]
        return dense.reshape(self.energy.size, 8 * count, 8 * count)

    def _hub_row(self, hub):
        return None if hub < 0 else self.layout.chain_rows + hub

    def newton_step(self, unknowns, residual):
        """-J⁻¹ residual: by elimination where there is one chain, else densely."""
        if self.layout.chain_rows == len(self.layout.rows) and len(self.layout.chains) == 1:
            blocks, _, _ = self.jacobian(unknowns)
            step = -residual
            assert np.all(solve_block_tridiagonal(blocks, step[:, :, None]) < 1e6)
            return step
        dense = self.dense_jacobian(unknowns)
        flat = np.linalg.solve(dense, -residual.reshape(-1, self.energy.size).T[..., None])[..., 0]
        return flat.T.reshape(residual.shape)

    def solve(self, residual=None, start=None, tolerance=1e-13, steps=60):
        """Unknowns (rows, 8, L) where the residual vanishes, by Newton steps with the compact blocks."""
        residual = residual or self.residual
        unknowns = 0.0 * self.unknowns if start is None else start.copy()
        for _ in range(steps):
            change = self.newton_step(unknowns, residual(unknowns))
            unknowns = unknowns + change
            if np.max(np.abs(change)) < tolerance:
                return unknowns
        raise AssertionError(f"no convergence: {np.max(np.abs(change)):.1e}")


def as_matrices(blocks):
    """(..., 64, L) to (L, ..., 8, 8)."""
    moved = np.moveaxis(blocks, -1, 0)
    return moved.reshape(*moved.shape[:-1], 8, 8)
