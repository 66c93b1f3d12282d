"""Current through a ferromagnet between spin-active interfaces, by Chebyshev collocation of the plain equations.

It shares no code with the package: the equations are those of `oracle`, at Matsubara frequencies, without broadening.
"""

import numpy as np
import oracle

NODES = 16


def differentiation():
    """Matrix (n+1, n+1) of ∂/∂x at Chebyshev points of [0, 1] (Trefethen, Spectral Methods in MATLAB, program cheb)."""
    k = np.arange(NODES + 1)
    x, c = np.cos(np.pi * k / NODES), np.where((k == 0) | (k == NODES), 2.0, 1.0) * (-1.0) ** k
    matrix = np.outer(c, 1 / c) / (x[:, None] - x + np.eye(NODES + 1))
    return -2 * (matrix - np.diag(matrix.sum(axis=1)))


def pair(u):
    """γ and γ̃ of states (…, 8)."""
    return u[..., :4].reshape(*u.shape[:-1], 2, 2), u[..., 4:].reshape(*u.shape[:-1], 2, 2)


def rows(first, second):
    return np.concatenate([part.reshape(*part.shape[:-2], 4) for part in (first, second)], axis=-1)


class Junction:
    """S(φ)|m₁|F, of length ξ in a field h|m₂|S; both barriers have G_T = G_N, polarization P, and mixing G_φ."""

    def __init__(self, directions, field, polarization, mixing, gap):
        self.magnets = [oracle.spin(m) for m in directions]
        self.field, self.gap = oracle.spin(field), gap
        self.polarization, self.mixing = polarization, mixing
        self.d = differentiation()

    def residual(self, u, energy, outside):
        du = self.d @ u
        parts, slopes = pair(u), pair(du)
        x = oracle.bulk_commutator(oracle.propagator(*parts), energy, self.field)
        found = self.d @ du - rows(*oracle.second_derivatives(*parts, *slopes, x))
        for site, n, out, magnet in zip((0, -1), (1, -1), outside, self.magnets, strict=True):
            here = [part[..., site, :, :] for part in (*parts, *slopes)]
            none = np.zeros_like(here[0])
            current, _ = oracle.current_and_divergence(*here, none, none)
            mixing = (self.mixing, magnet), (0.0, magnet)
            law = oracle.spin_active_current(
                oracle.propagator(*here[:2]), out, 1.0, self.polarization, magnet, *mixing, 0.0, n
            )
            found[..., site, :] = rows(*oracle.extraction(current - law, *here[:2]))
        return found

    def spectral(self, omega, phase):
        """Current at a Matsubara frequency, in Δ0/(|e| R_ξ) per 2πT."""
        outside = [oracle.bulk(1j * omega, self.gap, each) for each in (phase, 0.0)]
        u, step = np.zeros((NODES + 1, 8), complex), 1e-6
        moves = step * np.eye(u.size).reshape(u.size, *u.shape)
        for _ in range(20):
            residual = self.residual(u, 1j * omega, outside).ravel()
            ahead, behind = (self.residual(u + sign * moves, 1j * omega, outside) for sign in (1, -1))
            jacobian = (ahead - behind).reshape(u.size, u.size).T / (2 * step)
            change = np.linalg.solve(jacobian, -residual)
            u = u + change.reshape(u.shape)
            if np.max(np.abs(change)) < 1e-10:
                break
        parts, slopes = pair(u), pair(self.d @ u)
        none = np.zeros_like(parts[0])
        current, _ = oracle.current_and_divergence(*parts, *slopes, none, none)
        along = np.trace(oracle.TAU3 @ current, axis1=-2, axis2=-1).imag / 4
        assert np.ptp(along) < 1e-9
        return along[0]

    def current(self, phase, temperature):
        """T: 2πT in Δ0 is the distance of Matsubara frequencies."""
        spacing = 2 * np.pi * temperature
        return spacing * sum(self.spectral(spacing * (k + 0.5), phase) for k in range(12))
