"""Below its gap a superconducting reservoir takes no heat, but for what the broadening Γ lets through.

A. F. Andreev, Zh. Eksp. Teor. Fiz. 46, 1823 (1964) [Sov. Phys. JETP 19, 1228]. As E → 0 the spectral angle of a normal
wire of length L on a transparent contact is iϕx/L with cos ϕ = Γ/√(Δ² + Γ²), the diffusion of energy D cos²(ϕx/L), and
the heat conductance per energy 2∫dx/cos²(ϕx/L) in the denominator: J = 2ϕ/(L tan ϕ), about πΓ/LΔ.
"""

import numpy as np
import pytest
from scipy.integrate import simpson
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
    assert np.ptp(flux) < 1e-6 * abs(flux[0]) + 1e-11
    return flux[0] / found.h[0, 0, 0]


@pytest.mark.parametrize("broadening", [1e-2, 1e-3, 1e-4, 1e-6, 1e-8])
def test_heat_conductance(broadening):
    angle = np.arctan(1 / broadening)
    exact = 2 * angle * broadening / LENGTH  # tan ϕ = 1/Γ
    coarse, fine = (abs(heat_conductance(broadening, nodes) / exact - 1) for nodes in (17, 65))
    assert coarse < 6e-3
    assert fine < 3e-4


def test_without_broadening_nothing_leaks():
    """The diffusion of energy falls to zero like the square of the distance; what the grid misses is below 1e-9."""
    coarse, fine = (heat_conductance(0.0, nodes) for nodes in (17, 65))
    assert 0 < fine < 0.5 * coarse < 1e-9


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


def test_resistance_of_the_energy_mode():
    """A spin voltage into a superconductor with spin flips, GENEUS's `spininject`: J = δh₀/∫dx/M₀₀ at every energy.

    The integral is Simpson's on its own fine grid. In the output of GENEUS the energy current differs by 2.5 % between
    the inside and the transparent end; here it is the same everywhere, and that of the resistance.
    """
    energies = np.array([0.3, 0.8, 0.95, 1.05, 1.2, 1.5])
    layer = us.Superconductor(length=2.0, gap=1, self_consistent=False, spin_flip=0.05, nonequilibrium=True)
    start = [us.NormalReservoir(spin_voltage=0.6), us.Tunnel(conductance=0.4)]
    device = us.Stack([*start, layer, us.SuperconductingReservoir(gap=1)], temperature=0.2)
    found, fine = (SingleEnergies(device, energies, nodes) for nodes in (37, 801))
    grid, sites = fine.problem.grids[0], fine.problem.layout.sites
    diffusion = fine.kinetics.coefficients(energies, np.eye(sites))[0, :, 0, 0]
    resistance = simpson(grid.stretch[:, None] / diffusion, dx=grid.spacing, axis=0)
    expected = -found.h[0, 0] / resistance
    assert np.all(np.abs(expected) > 1e-5)
    np.testing.assert_allclose(found.flux[:, 0], np.broadcast_to(expected, found.flux[:, 0].shape), rtol=2e-4)
