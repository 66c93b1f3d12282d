"""What holds at a point of a layer, whatever the scheme of its derivatives: self-energies, the physical branch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.algebra.lanes import is_diagonal, multiply
from usadel.algebra.nambu import Complex
from usadel.equations.matrix_current import (
    apply_map,
    propagator,
)
from usadel.equations.numbers import Sites


@kernel
def add_condensates(s, site, energy, on_top):
    """s (4E, L) += Ŝ/σd of the superconducting reservoirs on top of a site, see `spectral.on_top`."""
    for contact in range(on_top.first[site], on_top.last[site]):
        gap = on_top.edges[contact, 1]
        for l in range(s.shape[1]):
            e = energy[l] + 1j * on_top.edges[contact, 0]
            root = np.sqrt(e * e - gap * gap)
            if root.imag < 0.0 or (root.imag == 0.0 and e.real < 0.0):
                root = -root
            for b in range(s.shape[0]):
                s[b, l] += (on_top.parts[contact, 0, b] * e + on_top.parts[contact, 1, b]) / root


def condensates_at(sites: Sites, energy: Complex) -> Complex:
    """What superconducting reservoirs on top add to S/D of all sites, (sites, 4E, L)."""
    out = np.zeros((sites.constant.shape[0], sites.constant.shape[1], energy.size), complex)
    for site in np.flatnonzero(sites.on_top.last > sites.on_top.first):
        add_condensates(out[site], site, energy, sites.on_top)
    return out


def normal_at(sites: Sites) -> Complex:
    """What normal metals in the place of superconducting reservoirs on top would add, (sites, 4E): A."""
    out = np.zeros(sites.constant.shape, complex)
    for site in np.flatnonzero(sites.on_top.last > sites.on_top.first):
        out[site] = sites.on_top.parts[sites.on_top.first[site] : sites.on_top.last[site], 0].sum(axis=0)
    return out


@kernel
def self_energy(s, n_site, sites, energy, u, n, nt, w, diagonal=None):
    """s (4E, L) = S/D of a site; g of linear self-energies goes to scratch w (4E, L)."""
    for b in range(s.shape[0]):
        constant, factor = sites.constant[n_site, b], sites.energy[n_site, b]
        for l in range(s.shape[1]):
            s[b, l] = constant + factor * energy[l]
    add_condensates(s, n_site, energy, sites.on_top)
    if sites.map_index[n_site] >= 0:
        propagator(w, u, n, nt, diagonal)
        apply_map(s, sites.maps[sites.map_index[n_site]], w)


def spectral_radius(state: Complex) -> NDArray[np.float64]:
    """Largest |eigenvalue| of γγ̃ over all sites, (L): below 1 on the physical branch for Im ε > 0."""
    return np.asarray(_spectral_radius(state, is_diagonal(state)))


@kernel
def _spectral_radius(state, diagonal=None):
    lanes = state.shape[2]
    entries = state.shape[1] // 2
    out = np.zeros(lanes)
    product = np.empty((entries, lanes), np.complex128)
    for site in range(state.shape[0]):
        multiply(product, state[site, 0:entries], state[site, entries : 2 * entries], diagonal)
        if diagonal is not None:
            for e in range(entries):
                for l in range(lanes):
                    size = abs(product[e, l])
                    if not (size <= out[l] or out[l] != out[l]):  # NaN stays
                        out[l] = size
            continue
        for l in range(lanes):
            half = 0.5 * (product[0, l] + product[3, l])
            square = half * half - product[0, l] * product[3, l] + product[1, l] * product[2, l]
            size = abs(square)  # complex roots of denormal numbers raise in compiled code: take the root by hand
            real = np.sqrt(max(0.5 * (size + square.real), 0.0))
            imaginary = np.sqrt(max(0.5 * (size - square.real), 0.0))
            root = complex(real, imaginary if square.imag >= 0 else -imaginary)
            radius = max(abs(half + root), abs(half - root))
            if square != square:
                radius = np.nan
            if not (radius <= out[l] or out[l] != out[l]):  # NaN stays
                out[l] = radius
    return out
