"""How charge and spin modes decay inside a superconductor of one gap, per energy, against closed forms.

Between a layer with an imposed distribution and a solved one of the same material the propagator is that of a bulk, so
that all coefficients are constant: Eqs. (4)-(7) of J. P. Morten, A. Brataas, W. Belzig, Phys. Rev. B 70, 212508, with
cosh θ = ĝ11, sinh θ of the bulk.
"""

import numpy as np
import pytest
from single_energies import SingleEnergies

import usadel as us

ENERGIES = np.array([0.1, 0.5, 0.8, 0.95, 1.05, 1.2, 1.5, 2.5])
GAP, LENGTH = 0.9, 1.7


def bulk_angle(energy, broadening, rate, depairing):
    """cosh θ and sinh θ of their Eq. (10) in the bulk: (iε) sinh θ + iΔ cosh θ = (3/8τ_sf + C_dp/4) sinh 2θ."""
    found = []
    for e in energy:
        theta = np.arctanh(-GAP / (e + 5j))
        for eta in [*np.geomspace(5, 1e-2, 60), 0.0]:
            eps = e + 1j * (broadening + eta)
            for _ in range(12):
                pairing = 1j * eps * np.sinh(theta) + 1j * GAP * np.cosh(theta)
                slope = 1j * eps * np.cosh(theta) + 1j * GAP * np.sinh(theta)
                breaking = 0.375 * rate + 0.25 * depairing
                residual = pairing - breaking * np.sinh(2 * theta)
                theta = theta - residual / (slope - 2 * breaking * np.cosh(2 * theta))
        assert abs(residual) < 1e-12 and np.cosh(theta).real > 0
        found.append(theta)
    return np.cosh(found), np.sinh(found)


def assert_decay(mode, imposed, wave, chosen, **keys):
    """cosh k(L - x) of a mode in a layer with a free end, beside one on which the distribution is imposed."""
    common = {"self_consistent": False, "gap": GAP, **keys}
    bath = us.Superconductor(length=0.5, **common, **imposed)
    layer = us.Superconductor(length=LENGTH, nonequilibrium=True, **common)
    found = SingleEnergies(us.Stack([bath, layer], temperature=1.5), ENERGIES, 41)
    h = found.h[found.sites(1)][:, mode, chosen]
    expected = np.cosh(np.multiply.outer(LENGTH - found.x(1), wave[chosen])) / np.cosh(wave[chosen] * LENGTH)
    assert np.min(np.abs(h[0])) > 0.02
    assert np.max(np.abs(h / h[0] - expected)) < 1e-6
    assert np.ptp(expected, axis=0).max() > 0.05


@pytest.mark.parametrize("depairing", [0.0, 0.3])
def test_charge_imbalance(depairing):
    """h4'' = 2Δ α_TT h4/D_T: charge turns into pairs below the gap, above it only where pairs are broken.

    Without depairing and broadening l² = D/2√(Δ²-E²) below Δ, and no decay above: in the dirty limit elastic
    scattering alone does not relax it (A. Schmid, G. Schön, J. Low Temp. Phys. 20, 207).
    """
    broadening = 1e-6 if depairing == 0 else 1e-2
    cosh, sinh = bulk_angle(ENERGIES, broadening, 0.0, depairing)
    d_t = cosh.real**2 + sinh.imag**2
    square = 2 * GAP * sinh.imag / d_t
    if depairing == 0.0:
        ideal = 2 * np.sqrt(np.maximum(GAP**2 - ENERGIES**2, 0.0))
        assert np.max(np.abs(square - ideal)) < 1e-4
    else:
        assert np.min(square[ENERGIES > 1]) > 0.01
    wave = np.sqrt(np.maximum(square, 0.0))
    assert_decay(4, {"voltage": 0.4}, wave, slice(None), inelastic=broadening, depairing=depairing)


@pytest.mark.parametrize("rate", [0.8, 0.02])
def test_spin_imbalance(rate):
    """h7'' = (α_TSTS/D_L) h7/τ_sf; for few spin flips l = l_sf √((E²-Δ²)/(E²+Δ²)), as in their Eq. (11)."""
    inelastic = 1e-6
    cosh, sinh = bulk_angle(ENERGIES, inelastic, rate, 0.0)
    d_l = cosh.real**2 - sinh.real**2
    square = rate * (cosh.real**2 + sinh.real**2) / d_l
    imposed = {"spin_voltage": 0.6, "spin_axis": [1, 0, 0]}
    quasiparticles = ENERGIES > 1.1
    wave = np.sqrt(np.where(quasiparticles, square, 0.0))
    assert_decay(5, imposed, wave, quasiparticles, inelastic=inelastic, spin_flip=rate / 8)
    if rate < 0.1:
        e = ENERGIES[quasiparticles]
        ideal = rate * (e**2 + GAP**2) / (e**2 - GAP**2)
        assert np.max(np.abs(square[quasiparticles] / ideal - 1)) < 0.3
