"""Every registered sum over energy against its formula in plain 4×4 matrices: at real energies and on the contour."""

import numpy as np
import oracle
import pytest
from cases import QUANTITIES
from devices import matrices

from usadel import description as us
from usadel.algebra.modes import MODES, Mode
from usadel.energies.contour import Contour
from usadel.observables import columns
from usadel.observables.contour import pack_integrals
from usadel.observables.real_axis import densities
from usadel.quantities import QUANTITIES as REGISTERED
from usadel.quantities import Source

LANES = 8
LAYERS = us.Stack([us.NormalMetal(length=1.0)], temperature=0.3).network().layers
SUMS = [row for row in QUANTITIES if row.source is not None]


def name(row):
    return row.names.split()[0]


@pytest.fixture(params=SUMS, ids=name)
def row(request):
    return request.param


def trace(matrix):
    return np.einsum("...ii->...", matrix)


def pair_trace(m, upper, lower):
    """½Tr m[X₁₂ + (X₂₁)*](-iσ₂) of the off-diagonal blocks."""
    return 0.5 * trace(m @ (upper + lower.conj()) @ -oracle.ISIGMA2)


@pytest.fixture(scope="module")
def state():
    """State and slope (1, 8, L), h, J (1, 8, L), and E (L)."""
    rng = np.random.default_rng(7)
    u, slope = 0.3 * (rng.normal(size=(2, 1, 8, LANES)) + 1j * rng.normal(size=(2, 1, 8, LANES)))
    return u, slope, rng.normal(size=(1, 8, LANES)), rng.normal(size=(1, 8, LANES)), rng.uniform(0.2, 2, LANES)


def green(u, slope):
    """ĝ and ĝ∂ĝ (L, 4, 4)."""
    parts = [*matrices(u[0]), *matrices(slope[0])]
    none = 0 * parts[0]
    return oracle.propagator(*parts[:2]), oracle.current_and_divergence(*parts, none, none)[0]


def column(row):
    where = columns.columns(Source(row.source))
    return where[name(row)]


def test_every_quantity_has_a_row():
    assert [name(row) for row in QUANTITIES] == [quantity.name for quantity in REGISTERED]
    for row, quantity in zip(QUANTITIES, REGISTERED, strict=True):
        assert row.names.split() == [entry.name for entry in quantity.entries]
        assert row.source == (quantity.source and quantity.source.value)
        assert row.sign == quantity.sign


def test_modes_stand_at_their_places():
    for source in (Source.CURRENT, Source.ACCUMULATION):
        where = columns.columns(source)
        places = {"energy": Mode.ENERGY, "spin_energy": Mode.SPIN_ENERGY_X, "charge": Mode.CHARGE, "spin": Mode.SPIN_X}
        for kind, mode in places.items():
            assert where[f"{kind}_{source.value}"].start == mode
    assert len(Mode) == MODES


def test_densities_at_real_energies(row, state):
    u, slope, h, flux, energy = state
    weights = columns.real_axis_weights(LAYERS, np.zeros(1, np.int64))
    found = densities(u, slope, h, flux, energy, weights)[0]
    g, current = green(u, slope)
    distribution = np.einsum("jl,jab->lab", h[0], oracle.RHO)
    keldysh = g @ distribution - distribution @ oracle.advanced(g)
    factor = energy**row.power
    for number, m in enumerate(row.matrices):
        at = column(row).start + number
        if row.source == "accumulation":
            expected = -trace(m @ keldysh).real / 8 * factor
            assert found[columns.ACCUMULATION][at] == pytest.approx(expected, abs=1e-12)
        elif row.source == "current":
            whole, resistive = found[columns.CURRENT][at], found[columns.RESISTIVE][at]
            supercurrent = (
                trace(m @ (current @ distribution - distribution @ oracle.advanced(current))).real / 8 * factor
            )
            share = np.array([trace(rho @ m).real / 4 for rho in oracle.RHO])
            assert whole == pytest.approx(0.5 * share @ flux[0] * factor, abs=1e-12)
            assert whole - resistive == pytest.approx(supercurrent, abs=1e-12)
            expected = supercurrent
        else:
            _, upper, lower, _ = oracle.blocks(keldysh)
            expected = 0.25 * pair_trace(m, upper, lower) * factor
            assert columns.pairs(found.T)[:, at] == pytest.approx(expected, abs=1e-12)
        if name(row) != "triplet_real":  # Pauli's principle: no triplets in the sum of both signs of E
            assert np.max(np.abs(expected)) > 1e-3


def test_sums_over_matsubara_points(row):
    """i/2 Σ 2πT Eᵖ Tr[P m X], point by point; at mirrored points X₁₁ is X₂₂*."""
    layer = us.NormalMetal(length=1.0, voltage=0.4, spin_voltage=0.7, spin_axis=[1, 2, 2], spin_temperature=0.1)
    network = us.Stack([layer], temperature=0.3).network()
    contour = Contour(network, 1e-5)
    count = contour.energies.size
    rng = np.random.default_rng(8)
    u, slope = 0.3 * (rng.normal(size=(2, 1, 8, count)) + 1j * rng.normal(size=(2, 1, 8, count)))
    weights = columns.stacked_contour_weights(network.layers, contour)
    found = pack_integrals(u, slope, np.zeros(1, np.int64), *weights)[list(Source).index(Source(row.source))][0]
    g, current = green(u, slope)
    for k, m in enumerate(row.matrices):
        expected = 0.0
        for share in (contour.gap if row.source == "pairs" else contour.current)[0]:
            g11, g12, g21, g22 = (part[share.points] for part in oracle.blocks(g))
            j11, _, _, j22 = (part[share.points] for part in oracle.blocks(current))
            x, energy = {
                "current": (j22.conj() if share.mirrored else j11, share.energy),
                "accumulation": (oracle.ONE + g22.conj() if share.mirrored else oracle.ONE - g11, share.energy),
                "pairs": ((-g21.conj() if share.mirrored else g12) @ -oracle.ISIGMA2, share.energy),
            }[row.source]
            energies = (energy + 1j * share.omega) ** row.power
            expected += np.sum(0.5j * share.weight * energies * trace(share.projector @ m[:2, :2] @ x))
        assert found[column(row).start + k] == pytest.approx(expected, rel=1e-11)
        assert abs(expected) > 1e-4
