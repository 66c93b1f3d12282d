"""Below its gap a superconducting reservoir takes no heat, but for what the broadening Γ lets through.

A. F. Andreev, Zh. Eksp. Teor. Fiz. 46, 1823 (1964) [Sov. Phys. JETP 19, 1228]. As E → 0 the spectral angle of a normal
wire of length L on a transparent contact is iϕx/L with cos ϕ = Γ/√(Δ² + Γ²), the diffusion of energy D cos²(ϕx/L), and
the heat conductance per energy 2∫dx/cos²(ϕx/L) in the denominator: J = 2ϕ/(L tan ϕ), about πΓ/LΔ.
"""

import numpy as np
import pytest
from single_energies import SingleEnergies

import usadel as us

LENGTH = 1.5
HOT = us.NormalReservoir(temperature=0.6, voltage=0.2, spin_voltage=0.1)


def heat_conductance(broadening, nodes):
    wire = us.NormalMetal(length=LENGTH, inelastic=1e-10, nonequilibrium=True)
    reservoir = us.SuperconductingReservoir(gap=1, inelastic=broadening)
    found = SingleEnergies(
        us.Stack([us.NormalReservoir(temperature=0.6), wire, reservoir], temperature=0.1), [1e-9], nodes
    )
    flux = -found.flux[:, 0, 0]
    assert np.ptp(flux) < 1e-6 * abs(flux[0])
    return flux[0] / found.h[0, 0, 0]


@pytest.mark.parametrize("broadening", [1e-2, 1e-3, 1e-4, 1e-6])
def test_heat_conductance(broadening):
    angle = np.arctan(1 / broadening)
    exact = 2 * angle * broadening / LENGTH  # tan ϕ = 1/Γ
    coarse, fine = (abs(heat_conductance(broadening, nodes) / exact - 1) for nodes in (17, 65))
    assert coarse < 6e-3
    assert fine < 3e-4


@pytest.mark.parametrize("broadening", [1e-3, 1e-5])
def test_energy_current_within_its_error(broadening):
    """Hot electrons under a voltage: what crosses the contact does so above the gap."""
    wire = us.NormalMetal(length=LENGTH, nonequilibrium=True)
    elements = [HOT, us.Tunnel(conductance=3.0), wire, us.SuperconductingReservoir(gap=1)]
    device = us.Stack(elements, temperature=0.1, inelastic=broadening)
    rough, fine = (us.solve(device.replace({"tolerance": t})) for t in (1e-4, 1e-6))
    for name in ("charge_current", "energy_current"):
        assert abs(float(rough.data[name][0] - fine.data[name][0])) < rough.error + fine.error
    assert float(fine.data.energy_current[0]) > 0.02
    assert np.ptp(fine.data.energy_current.values) < 1e-9
