"""The unknown gap: its values at every second node of every self-consistent superconductor.

The values in between follow by 8-node interpolation, so that the gap has no grid-scale modes (which the one-sided
end stencils would alias) and keeps the resolution of the stretched grid at the ends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.discretization.layout import Layout
from usadel.discretization.space import interpolation_matrix

Array = NDArray[np.float64]


class GapBasis:
    """Columns of the gap's unknowns.

    Attributes
    ----------
    layers : indices of the self-consistent superconductors.
    parts : 1 for a real gap, 2 for a complex one (real parts of a layer, then its imaginary parts).
    columns : number of real unknowns.
    basis : (sites, most functions); first_column, functions : (sites), see `equations.gap.gap_columns`.
    """

    def __init__(self, layout: Layout, layers: list[int], parts: int):
        self.layout, self.layers, self.parts = layout, layers, parts
        counts = [(layout.grids[k].size + 1) // 2 for k in layers]
        self.basis = np.zeros((layout.sites, max(counts, default=1)))
        self.first_column = np.full(layout.sites, -1)
        self.functions = np.zeros(layout.sites, dtype=np.int64)
        self._pieces: list[tuple[slice, NDArray[np.int64], slice, Array]] = []
        column = 0
        for k, count in zip(layers, counts, strict=True):
            sites = layout.slice(k)
            matrix = interpolation_matrix(count, np.linspace(0, 1, layout.grids[k].size))
            self.basis[sites, :count] = matrix
            self.first_column[sites] = column
            self.functions[sites] = count
            coarse = np.arange(sites.start, sites.stop, 2)
            self._pieces.append((sites, coarse, slice(column, column + parts * count), matrix))
            column += parts * count
        self.columns = column

    def collect(self, values: Complex) -> Array:
        """Real vector (columns, …) of complex values (sites, …) at the coarse nodes."""
        picked = []
        for _, coarse, _, _ in self._pieces:
            picked += [values[coarse].real] + ([values[coarse].imag] if self.parts == 2 else [])
        return np.concatenate(picked)

    def expand(self, vector: Array) -> Complex:
        """Complex gap (sites) of a real vector (columns); zero where the gap is no unknown."""
        gap = np.zeros(self.layout.sites, complex)
        for sites, coarse, columns, matrix in self._pieces:
            part = vector[columns]
            gap[sites] = matrix @ part[: coarse.size]
            if self.parts == 2:
                gap[sites] += 1j * (matrix @ part[coarse.size :])
        return gap
