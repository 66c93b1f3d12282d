"""Energies of solved distributions: far out in energy, and next to opaque contacts."""

import numpy as np
import pytest

import usadel as us

TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0


@pytest.mark.parametrize("conductivity", [1.0, 1e2, 1e4])
def test_heat_through_a_normal_wire(conductivity):
    """J = (π²/6)(T1² - T2²)σA/L, whatever the size of it."""
    hot, cold, tolerance = 3.3, 0.3, 1e-4
    wire = us.NormalMetal(length=1, conductivity=conductivity)
    ends = [us.NormalReservoir(temperature=temperature) for temperature in (hot, cold)]
    result = us.solve(us.Stack([ends[0], wire, ends[1]], temperature=cold, tolerance=tolerance))
    expected = np.pi**2 / 6 * (hot**2 - cold**2) * TC**2 * conductivity
    true = float(np.max(np.abs(result.profiles().energy_current.values - expected)))
    assert true <= tolerance
    assert true <= 3 * result.error + 1e-3 * tolerance


@pytest.mark.parametrize("tolerance", [1e-5, 1e-6])
def test_energy_next_to_a_contact_does_not_depend_on_how_it_is_found(tolerance):
    """Where nothing drives, solved distributions are those of equilibrium, down to 1e-4 ξ from an opaque contact."""

    def energies(**keys):
        elements = [
            us.NormalReservoir(),
            us.Tunnel(conductance=0.03),
            us.Superconductor(length=0.3, self_consistent=False, gap=0.9, phase=1.2, **keys),
            us.Tunnel(conductance=3.0),
            us.SuperconductingReservoir(),
        ]
        result = us.solve(us.Stack(elements, temperature=0.3, tolerance=tolerance))
        return result.at([0.3 - 1e-3, 0.3 - 1e-4]).energy_accumulation.values, result.error

    (solved, error), (imposed, _) = energies(nonequilibrium=True), energies()
    assert np.max(np.abs(solved - imposed)) <= tolerance
    assert np.max(np.abs(solved - imposed)) <= 3 * error + 1e-3 * tolerance
