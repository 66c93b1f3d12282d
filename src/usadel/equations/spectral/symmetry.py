"""The symmetry of spin of a device, read off its matrices, and the numbers of its kernels in as few as that allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import Complex, block_diagonal, spin, to_blocks
from usadel.algebra.spin_symmetry import GENERAL, SpinSymmetry, spin_symmetry
from usadel.equations.numbers import Rows, Sites
from usadel.equations.spectral.numbers import SpectralNumbers, gauge_field


@dataclass(frozen=True)
class Options:
    """What tests change."""

    used: bool = True  # without, all devices have the general kernels


OPTIONS = Options()


def symmetry_of(system: SpectralNumbers, sites: Sites) -> SpinSymmetry:
    """The rotations of spin that leave a device alone; sites are its numbers without gap, which is a singlet."""
    if not OPTIONS.used:
        return GENERAL
    layers, laws = system.layout.network.layers, system.scatterings
    fields = np.array([gauge_field(layer)[2] for layer in layers])
    matrices = [_changing(sites.constant), _changing(sites.energy), to_blocks(block_diagonal(fields, -fields.conj()))]
    matrices += [to_blocks(np.array([law.reflection, law.transmission, law.echo])) for law in laws]
    matrices += [to_blocks(spin([layer.spins.magnetization])) for layer in layers if layer.spins is not None]
    return spin_symmetry(matrices, sites.maps)


def _changing(matrices: Complex) -> Complex:
    """Matrices (n, 16) of neighbouring sites without those that are equal to the one before."""
    kept = np.any(matrices[1:] != matrices[:-1], axis=1)
    return matrices[np.append(True, kept)]


def reduced_sites(symmetry: SpinSymmetry, sites: Sites) -> Sites:
    """Numbers of all sites of a device of that symmetry."""
    if symmetry.entries == 4:
        return sites
    return sites._replace(
        constant=symmetry.blocks(sites.constant),
        energy=symmetry.blocks(sites.energy),
        maps=symmetry.maps(sites.maps),
        gauges=symmetry.halves(sites.gauges),
        links=symmetry.halves(sites.links),
        on_top=sites.on_top._replace(parts=symmetry.blocks(sites.on_top.parts)),
    )


def reduced_rows(symmetry: SpinSymmetry, rows: Rows) -> Rows:
    """Rows of a device of that symmetry."""
    if symmetry.entries == 4:
        return rows
    return rows._replace(
        law_map=symmetry.maps(rows.law_map),
        law_echo=symmetry.maps(rows.law_echo),
        filters=symmetry.halves(rows.filters),
    )
