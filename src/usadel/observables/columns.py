"""The weights of all registered quantities, stacked for the kernels, and where each one stands in their results."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.modes import CHARGES, ENERGIES, MODES
from usadel.algebra.nambu import ISIGMA2, SIGMA, Complex
from usadel.algebra.spin_symmetry import ELECTRONS, GENERAL, HOLES, LOWER, UPPER, SpinSymmetry
from usadel.description.device.resolved import ResolvedLayer
from usadel.energies.contour import Contour, Share
from usadel.equations.spectral.numbers import spin_weight
from usadel.observables.real_axis import Weights
from usadel.quantities import Quantity, Source, columns, of
from usadel.quantities.pair_amplitudes import SINGLET
from usadel.terms.half_metal import mode_weight

Array = NDArray[Any]

_ROWS = {source: sum(len(quantity.rows) for quantity in of(source)) for source in Source}

# Where each kind stands among the densities at real energies.
CURRENT = slice(0, _ROWS[Source.CURRENT])
RESISTIVE = slice(CURRENT.stop, 2 * CURRENT.stop)
ACCUMULATION = slice(RESISTIVE.stop, RESISTIVE.stop + _ROWS[Source.ACCUMULATION])
_REAL = slice(ACCUMULATION.stop, ACCUMULATION.stop + 2 * _ROWS[Source.PAIRS], 2)
_IMAGINARY = slice(_REAL.start + 1, _REAL.stop, 2)
ON_TOP = slice(_REAL.stop, None)  # behind them, mode by mode of every contact on top of a layer
SINGLET_COLUMN = columns(Source.PAIRS)[SINGLET.name].start


@cache
def placed(source: Source) -> tuple[tuple[Quantity, slice], ...]:
    """The quantities of a source, and where each one stands among its numbers."""
    where = columns(source)
    return tuple((quantity, where[quantity.name]) for quantity in of(source))


def pairs(densities: Array) -> Complex:
    """Pair amplitudes (sites, numbers) among densities (sites, numbers)."""
    return np.asarray(densities[:, _REAL] + 1j * densities[:, _IMAGINARY])


def singlet(densities: Array) -> Complex:
    """The singlet pair amplitude (sites) among densities (sites, numbers)."""
    return pairs(densities)[:, SINGLET_COLUMN]


def contour_weights(
    quantities: tuple[Quantity, ...], shares: list[Share], count: int, spins: Complex = SIGMA[0]
) -> Complex:
    """Weights (2, rows, 4, points) of X₁₁ and of X₂₂* of quantities of one source in a layer, entries row-major.

    Of pairs: of 2Nγ and of (2Ñγ̃)*. spins (2, 2) multiplies X₁₁ (and its conjugate X₂₂) from the left: what each spin
    of a half-metal counts.
    """
    matrices, powers = _stacked(quantities)
    of_pairs = quantities[0].source is Source.PAIRS
    out = np.zeros((2, len(matrices), 4, count), complex)
    for share in shares:
        rows = -ISIGMA2 @ share.projector @ matrices if of_pairs else share.projector @ matrices @ spins
        weights = 0.5j * rows.transpose(0, 2, 1).reshape(-1, 4, 1) * share.weight
        energy = share.energy + 1j * share.omega
        for power in range(1, max(powers) + 1):
            weights[powers >= power] *= energy
        out[int(share.mirrored)][:, :, share.points] += weights
    return out


def contour_sum(weights: Complex, matrices: Complex, chosen: NDArray[np.int64]) -> Array:
    """Numbers (…, rows) of currents [S, ĝ] or ĝ∂ĝ (…, 16, L) at the chosen points, by `contour_weights`."""
    direct, mirrored = weights[..., chosen]
    total = np.einsum("iel,...el->...i", direct, matrices[..., 0:4, :])
    total += np.einsum("iel,...el->...i", mirrored, matrices[..., 12:16, :].conj())
    return np.asarray(total.real)


def stacked_contour_weights(
    layers: Sequence[ResolvedLayer], contour: Contour, symmetry: SpinSymmetry = GENERAL
) -> list[Complex]:
    """What `contour.pack_integrals` takes: direct and mirrored weights (layers, rows, E, points), source by source."""
    found = []
    for source in Source:
        per_layer = []
        for layer, current, pairs in zip(layers, contour.current, contour.pairs, strict=True):
            shares = pairs if source is Source.PAIRS else current
            spins = spin_weight(layer) if source is Source.CURRENT else SIGMA[0]
            per_layer.append(contour_weights(of(source), shares, contour.energies.size, spins))
        direct, mirrored = (np.array([weights[k] for weights in per_layer]) for k in range(2))
        upper, lower = (UPPER, LOWER) if source is Source.PAIRS else (ELECTRONS, HOLES)
        found += [symmetry.weights(direct, upper), symmetry.weights(mirrored.conj(), lower).conj()]
    return found


@lru_cache(maxsize=16)
def _stacked(quantities: tuple[Quantity, ...]) -> tuple[Complex, NDArray[np.int64]]:
    """m (rows, 2, 2) and the power of the energy (rows) of all rows of some quantities."""
    powers = [quantity.power for quantity in quantities for _ in quantity.rows]
    return np.concatenate([_matrices(quantity) for quantity in quantities]), np.array(powers, dtype=np.int64)


def real_axis_weights(layers: Sequence[ResolvedLayer], layer: NDArray[np.int64]) -> Weights:
    """What `real_axis.densities` takes; `layer` is that of every site."""
    powers = [np.array([q.power for q in of(source) for _ in q.rows], dtype=np.int64) for source in Source]
    current = _projections(Source.CURRENT, first=1)
    weights = [current @ np.kron(np.eye(2), _spins(one)) for one in layers]
    rows = [(-ISIGMA2 @ m).T for quantity in of(Source.PAIRS) for m in _matrices(quantity)]
    return Weights(
        layer, np.array(weights), powers[0],
        _projections(Source.ACCUMULATION, first=0), powers[1],
        np.array(rows), powers[2],
    )  # fmt: skip


def _matrices(quantity: Quantity) -> Complex:
    """m of every row, (rows, 2, 2)."""
    return np.einsum("ri,ijk->rjk", np.array(quantity.rows, float), SIGMA)


def _projections(source: Source, first: int) -> Array:
    """Weights (rows, 8) of the projections on ρ̂0…ρ̂7: on those of charge and spin where power + `first` is odd."""
    out = []
    for quantity in of(source):
        rows = np.zeros((len(quantity.rows), MODES))
        rows[:, CHARGES if (quantity.power + first) % 2 else ENERGIES] = quantity.rows
        out.append(rows)
    return np.concatenate(out)


def _spins(layer: ResolvedLayer) -> Array:
    """What the spins of a layer make of its currents, (4, 4)."""
    return np.eye(4) if layer.spins is None else mode_weight(layer.spins)
