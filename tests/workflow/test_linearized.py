"""The lowest eigenvalue of the linearized gap problem against closed forms and an independent solver."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import digamma

import usadel as us
from usadel.discretization import gap_basis
from usadel.discretization.choice import make_grids
from usadel.energies.contour import Contour
from usadel.gap.normal_state import normal_state, on_grids
from usadel.solvers.status import Status
from usadel.states.problem import Problem

TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0


def homogeneous(temperature, inelastic, field):
    """ln T + Re ψ(½ + (Γ + ih)/2πT) - ψ(½)."""
    z = 0.5 + (inelastic + 1j * field) / (2 * np.pi * temperature * TC)
    return float(np.log(temperature) + (digamma(z) - digamma(0.5)).real)


@pytest.mark.parametrize(
    "temperature, inelastic, field", [(0.9, 0.01, 0.0), (0.3, 0.0, 0.6), (0.01, 0.01, 0.5), (0.05, 0.1, 0.3)]
)
def test_homogeneous_superconductor(temperature, inelastic, field):
    layer = us.Superconductor(length=1.5, spin_voltage=field, spin_axis=[1, 2, -1])
    state = normal_state(us.Stack([layer], temperature=temperature, inelastic=inelastic).network(), 1e-8)
    assert state.status == Status.CONVERGED
    assert state.value == pytest.approx(homogeneous(temperature, inelastic, field), abs=1e-9)
    assert abs(state.value - homogeneous(temperature, inelastic, field)) <= state.error <= 1e-8
    assert abs(state.mode - 1) == pytest.approx(0, abs=1e-6)


LENGTHS, RATIO = (1.4, 0.8), 0.7


def bilayer_temperature():
    """Tc of S, tunnel contact, N, by collocation: (ω + Γ)θ - ½θ″ = Δ in S, (ω + Γ)θ = ½θ″ in N.

    N is eliminated: θ' = -k tanh(kL)θ on its side of the contact, k² = 2(ω + Γ), so that on the side of S
    θ' = -θ/(L_S/r + 1/(k tanh kL_N)).
    """
    nodes, length, inelastic = 64, LENGTHS[0], 0.01
    angle = np.pi * np.arange(nodes + 1) / nodes
    x = np.cos(angle)
    c = np.r_[2.0, np.ones(nodes - 1), 2.0] * (-1.0) ** np.arange(nodes + 1)
    difference = x[:, None] - x[None, :] + np.eye(nodes + 1)
    d = np.outer(c, 1 / c) / difference
    d = (d - np.diag(d.sum(axis=1))) * 2 / length  # x = 1 is the contact, x = -1 the free end
    inner = slice(1, nodes)

    def response(omega):
        k = np.sqrt(2 * (omega + inelastic))
        matrix = (omega + inelastic) * np.eye(nodes + 1) - 0.5 * d @ d
        matrix[0] = d[0]
        matrix[0, 0] += 1 / (length / RATIO + 1 / (k * np.tanh(k * LENGTHS[1])))
        matrix[-1] = d[-1]
        return np.linalg.inv(matrix)[inner, inner] - np.eye(nodes - 1) / omega

    def mismatch(temperature):
        spacing = 2 * np.pi * temperature * TC
        low = sum(response(spacing * (n + 0.5)) for n in range(60))
        u, w = np.polynomial.legendre.leggauss(40)
        u, w = 0.5 * (u + 1), 0.5 * w  # Σ_{n ≥ 60} by the midpoint rule, n + ½ = 60/u²
        high = sum(weight * 120 / v**3 * response(spacing * 60 / v**2) for v, weight in zip(u, w, strict=True))
        largest = np.max(np.linalg.eigvals(spacing * (low + high)).real)
        return largest - np.log(temperature)

    return brentq(mismatch, 0.3, 1.0, xtol=1e-9)


def bilayer(temperature=0.5):
    return us.Stack(
        [
            us.Superconductor(name="S", length=LENGTHS[0]),
            us.Tunnel(conductance=RATIO, relative_to="left"),
            us.NormalMetal(length=LENGTHS[1]),
        ],
        temperature=temperature,
    )


def test_bilayer_against_collocation():
    expected = bilayer_temperature()
    assert 0.5 < expected < 0.95
    found = us.critical(bilayer())
    assert found.order == 2 and found.converged
    assert found.value == pytest.approx(expected, abs=2e-6)
    assert found.error < 1e-6


def test_mode_is_the_gap_that_opens():
    """The self-consistent gap below Tc takes the shape of the mode, linearly in the distance."""
    critical = us.critical(bilayer()).value

    def ratio(gap, problem):
        inside = abs(gap[problem.layout.slice(0)])
        return inside[-1] / inside[0]

    state = normal_state(bilayer(critical).network(), 1e-7)
    found = []
    for distance in (0.03, 0.06, 0.09):
        solution = us.solve(bilayer(critical * (1 - distance))).refined.solution
        found.append(ratio(solution.gap, solution.problem))
    assert 3 * found[0] - 3 * found[1] + found[2] == pytest.approx(ratio(state.mode, state.problem), rel=1e-3)
    assert abs(found[2] - found[0]) > 4e-3  # the shape does change with temperature


def magnets(second):
    return [
        us.FerromagneticInsulator(spin_mixing=0.6, magnetization=[1, 0, 0]),
        us.Superconductor(length=1.5, spin_voltage=0.3, spin_axis=[1, 0, 0]),
        us.FerromagneticInsulator(spin_mixing=0.6, magnetization=second),
    ]


DEVICES = {
    "noncollinear magnets": us.Stack(magnets([0, 1, 0]), temperature=0.1),
    "transparent ferromagnet": us.Stack(
        [us.Superconductor(length=1.5), us.Ferromagnet(length=0.5, exchange_field=[0, 0, 5])], temperature=0.5
    ),
    "normal reservoir": us.Stack([us.Superconductor(length=2.0), us.NormalReservoir()], temperature=0.5),
}


@pytest.mark.parametrize("name", DEVICES)
def test_error_estimate_is_honest(name):
    network = DEVICES[name].network()
    fine = normal_state(network, 1e-7)
    for tolerance in (1e-3, 1e-4, 1e-5):
        state = normal_state(network, tolerance)
        assert state.status == Status.CONVERGED
        assert abs(state.value - fine.value) <= state.error + fine.error
        assert state.error <= tolerance
    assert abs(fine.rotation) < 1e-9  # a stationary gap


def test_spin_rotation_changes_nothing():
    turned = [
        us.FerromagneticInsulator(spin_mixing=0.6, magnetization=[0, 0, 1]),
        us.Superconductor(length=1.5, spin_voltage=0.3, spin_axis=[0, 0, 1]),
        us.FerromagneticInsulator(spin_mixing=0.6, magnetization=[1, 0, 0]),
    ]
    values = [normal_state(us.Stack(e, temperature=0.1).network(), 1e-6).value for e in (magnets([0, 1, 0]), turned)]
    assert values[0] == pytest.approx(values[1], abs=1e-10)
    assert abs(values[0]) > 0.1


@pytest.mark.parametrize(
    "elements, word",
    [
        ([us.NormalMetal(length=1)], "no gap that could open"),
        ([us.SuperconductingReservoir(), us.Superconductor(length=1)], "no sharp transition"),
        ([us.Superconductor(length=1, self_consistent=False), us.Superconductor(length=1)], "no sharp transition"),
    ],
)
def test_devices_without_transition_are_refused(elements, word):
    with pytest.raises(us.InputError, match=word):
        normal_state(us.Stack(elements).network(), 1e-6)


def test_a_given_gap_of_zero_is_no_source():
    layers = [us.Superconductor(length=1, self_consistent=False, gap=0), us.Superconductor(length=1)]
    normal = [us.NormalMetal(length=1), us.Superconductor(length=1)]
    values = [normal_state(us.Stack(e, temperature=0.5).network(), 1e-5).value for e in (layers, normal)]
    assert values[0] == pytest.approx(values[1], abs=1e-7)


@pytest.mark.parametrize("name", DEVICES)
def test_a_mode_needs_few_functions(name, monkeypatch):
    """Beside one whose functions are all unknowns of the gap: the change is a small part of the estimated error."""
    network, found = DEVICES[name].network(), []
    for projected in (gap_basis.OPTIONS.projected, (1000, 1.0)):
        monkeypatch.setattr(gap_basis, "OPTIONS", replace(gap_basis.OPTIONS, projected=projected))
        problem = Problem(network, make_grids(network, [97] * len(network.layers)))
        found.append(on_grids(problem, Contour(network, 1e-7), 1e-6))
    few, all_of_them = found
    assert few.basis.columns < 0.7 * all_of_them.basis.columns
    assert abs(few.value - all_of_them.value) < min(0.1 * all_of_them.error, 1e-8)
    assert few.error < 1.5 * all_of_them.error
