"""A problem whose solution is known: smooth states chosen first, sources and slopes computed from them."""

import numpy as np
import oracle
import scheme
from devices import Case, matrices

from usadel.discretization.layout import CONTACT, END


def chosen_states(x, lanes, seed=5, size=0.3):
    """u*, u*', u*'' (sites, 8, L) at positions x: sums of waves of different lengths."""
    rng = np.random.default_rng(seed)
    terms = np.arange(4)
    shape = (terms.size, 8, lanes)
    amplitude = size * (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / terms.size
    phase = np.multiply.outer(x, 0.6 + 0.7 * terms) + terms
    rate = 0.6 + 0.7 * terms
    parts = np.cos(phase), -rate * np.sin(phase), -(rate**2) * np.cos(phase)
    return [np.einsum("xt,tcl->xcl", part, amplitude) for part in parts]


class Manufactured(Case):
    """A case with the sources that make `exact` its solution."""

    def __post_init__(self):
        super().__post_init__()
        lengths = np.cumsum([0.0] + [layer.length for layer in self.layers[:-1]])
        x = np.concatenate([grid.x + start for grid, start in zip(self.grids, lengths, strict=True)])
        self.state, du, ddu = chosen_states(x, self.energy.size)
        self.exact = self.state[[row.site for row in self.layout.rows]]
        assert np.allclose(self.exact[self.layout.row_of_site], self.state, atol=1e-14)
        self.source = self._source(du, ddu)

    def _source(self, du, ddu):
        """What the residual must be at the solution, row by row."""
        stretch = np.concatenate([grid.stretch for grid in self.grids])[:, None, None]
        step = np.concatenate([np.full(grid.size, grid.spacing) for grid in self.grids])[:, None, None]
        fhat = stretch**2 * (ddu - scheme.second_derivatives(self, self.state, du))
        first, weights, _ = self.layout.stencil_arrays(self.width)
        around = first[:, None] + np.arange(weights.shape[1])
        bulk = step**2 * np.einsum("sj,sjcl->scl", weights, fhat[around])
        rows, out = self.rows, np.zeros_like(self.exact)
        inside = rows.kind == 0
        out[inside] = bulk[rows.site[inside]]
        for row in np.flatnonzero(~inside):
            for end in range(rows.first_end[row], rows.first_end[row + 1]):
                at, sign = rows.end_site[end], rows.end_inner[end] - rows.end_site[end]
                slope = step[at] * stretch[at] * sign * (du - scheme.connections(self, self.state))[at]
                out[row] += rows.end_weight[end] * (bulk[at] + slope)
            if rows.kind[row] in (END, CONTACT):
                law = self.layout.laws[rows.law[row]]
                outside = None
                if law.across is not None:
                    outside = oracle.propagator(*matrices(self.state[self.layout.site(law.across)]))
                wanted = scheme.slope(self, law.end, law.interface, outside)
                out[row] -= scheme.step_at(self, law.end) * wanted
        return out

    def error(self):
        """Largest error of the solution at any node."""
        found = self.solve(lambda u: self.residual(u) - self.source, start=self.exact)
        return float(np.max(np.abs(found - self.exact)))
