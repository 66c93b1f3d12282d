"""A Josephson junction through a half-metal once more, by Chebyshev collocation for the pairs ↑↑ and ↓↓ apart.

With z along the magnetization, γ = diag(a, b), and a spin s has the diffusion constant D(1 + sP)/2. At ε = iω

    a'' = 4ω/(1 + P) a - 2a'² ã/(1 - aã),   b'' = 4ω/(1 - P) b - 2b'² b̃/(1 - bb̃)

and the same with γ and γ̃ exchanged. At both ends the oracle's law of second order drives ½(1 + PM)ĝ∂ĝ; to first
order reservoirs send no pairs. The current is the sum over Matsubara frequencies, its tail fitted and summed.
"""

import numpy as np
import oracle
import pytest
from scipy.special import zeta

import usadel as us
from usadel.energies.rules import TC

POLARIZATION, LENGTH, TEMPERATURE, GAP = 0.4, 0.8, 0.3, 0.9
Z = oracle.spin([0, 0, 1])
SHARE = 0.5 * (np.eye(4) + POLARIZATION * Z)
FREQUENCIES, FITTED, TERMS = 48, 20, 5
NODES, STEP = 40, 1e-7
PARTNER = [2, 3, 0, 1]


def contact(near, far, turned):
    """An interface of second order; near and far: which sides face the reservoir and the half-metal."""
    directions = {near: [1.0, -0.4, 0.3] if turned else [-0.2, 1.0, 0.6], far: [0.3, 0.5, 1.0]}
    keys = {f"spin_mixing_{near}": 0.9, f"spin_mixing_{far}": -0.5}
    keys |= {f"magnetization_{side}": direction for side, direction in directions.items()}
    return us.SpinActive(conductance=1.3, polarization=0.3, magnetization=[0.2, 0, 1], second_order=0.4, **keys)


LEFT, RIGHT = contact("left", "right", False), contact("right", "left", True)
PHASE = 1.1


def equal_spin_slopes(y, omega, side):
    """a', b', ã', b̃' that the law asks for at an end, from y = a, b, ã, b̃."""
    law, phase, n = (LEFT, PHASE, 1) if side == "left" else (RIGHT, 0.0, -1)
    far, near = ("right", "left") if side == "left" else ("left", "right")
    gamma, tilde = np.diag(y[:2]), np.diag(y[2:4])
    reflections = [law.resolve({}).reflection(s) for s in (far, near)]
    mixing = [(strength / LENGTH, unit_spin(direction)) for strength, direction in reflections]
    current = oracle.spin_active_current(
        oracle.propagator(gamma, tilde), oracle.bulk(1j * omega, GAP, phase), law.conductance / LENGTH,
        law.polarization, unit_spin(law.magnetization), *mixing, law.second_order, n,
    )  # fmt: skip
    passed = 0.5 * np.linalg.inv(SHARE) @ (current + Z @ current @ Z)
    slope, partner = oracle.extraction(passed, gamma, tilde)
    return np.concatenate([np.diag(slope), np.diag(partner)])


def unit_spin(direction):
    return oracle.spin(np.asarray(direction) / np.linalg.norm(direction))


def chebyshev(count):
    """Points on [0, L] from right to left, and the matrix of the derivative (L. N. Trefethen, Spectral Methods)."""
    x = np.cos(np.pi * np.arange(count + 1) / count)
    c = np.ones(count + 1)
    c[[0, -1]] = 2
    c *= (-1.0) ** np.arange(count + 1)
    d = np.outer(c, 1 / c) / (x[:, None] - x + np.eye(count + 1))
    return 0.5 * LENGTH * (x + 1), (d - np.diag(d.sum(axis=1))) * 2 / LENGTH


DERIVATIVE = chebyshev(NODES)[1]
RATES = 4 / (1 + POLARIZATION * np.array([1, -1, 1, -1]))


def residual_and_jacobian(y, omega):
    """The equations at all points, the laws in place of those at both ends, for y (4, n), and their derivatives."""
    n, d = y.shape[1], DERIVATIVE
    partner = y[PARTNER]
    slope, one = y @ d.T, 1 - y * partner
    residual = slope @ d.T - omega * RATES[:, None] * y + 2 * slope**2 * partner / one
    jacobian = np.zeros((4, n, 4, n), complex)
    for k in range(4):
        own = 2 * slope[k] ** 2 * partner[k] ** 2 / one[k] ** 2 - omega * RATES[k]
        jacobian[k, :, k] = d @ d + np.diag(own) + (4 * slope[k] * partner[k] / one[k])[:, None] * d
        jacobian[k, :, PARTNER[k]] += np.diag(2 * slope[k] ** 2 / one[k] ** 2)
    for end, side in ((0, "right"), (-1, "left")):
        wanted = equal_spin_slopes(y[:, end], omega, side)
        residual[:, end] = slope[:, end] - wanted
        jacobian[:, end] = 0
        for k in range(4):
            jacobian[k, end, k] = d[end]
            moved = equal_spin_slopes(y[:, end] + STEP * np.eye(4)[k], omega, side)
            jacobian[:, end, k, end] -= (moved - wanted) / STEP
    return residual, jacobian


def spectral_current(omega, y):
    """Tr ½(1 + PM) (1, σz) (ĝ∂ĝ)₁₁ in the middle, and the state to start the next frequency from."""
    for _ in range(30):
        residual, jacobian = residual_and_jacobian(y, omega)
        change = np.linalg.solve(jacobian.reshape(residual.size, -1), -residual.ravel()).reshape(y.shape)
        y = y + change
        if np.max(np.abs(change)) < 1e-13:
            break
    assert np.max(np.abs(change)) < 1e-11
    middle, slope = y[:, NODES // 2], (y @ DERIVATIVE.T)[:, NODES // 2]
    zero = np.zeros((2, 2))
    parts = [np.diag(v) for v in (middle[:2], middle[2:], slope[:2], slope[2:])]
    matrix, _ = oracle.current_and_divergence(*parts, zero, zero)
    upper = (SHARE @ matrix)[:2, :2]
    return np.array([np.trace(upper), upper[0, 0] - upper[1, 1]]), y


@pytest.fixture(scope="module")
def currents():
    """Charge and z spin current by the sum T Σ Re iπ Tr …."""
    omega = 2 * np.pi * TEMPERATURE * TC * (np.arange(FREQUENCIES) + 0.5)
    state, terms = np.zeros((4, NODES + 1), complex), []
    for one in omega:
        term, state = spectral_current(one, state)
        terms.append((1j * np.pi * TEMPERATURE * TC * term).real)
    terms = np.array(terms)
    powers = 2.5 + 0.5 * np.arange(TERMS)
    fit = np.linalg.lstsq(omega[-FITTED:, None] ** -powers * omega[-FITTED:, None] ** 2.5,
                          terms[-FITTED:] * omega[-FITTED:, None] ** 2.5, rcond=None)[0]  # fmt: skip
    step = 2 * np.pi * TEMPERATURE * TC
    tail = (step**-powers * zeta(powers, FREQUENCIES + 0.5)) @ fit
    charge, spin = terms.sum(axis=0) + tail
    return -charge, spin, np.max(np.abs(tail))


def test_currents_through_a_half_metal(currents):
    middle = us.HalfMetal(length=LENGTH, polarization=POLARIZATION, magnetization=[0, 0, 1])
    ends = [us.SuperconductingReservoir(gap=GAP, phase=phase) for phase in (PHASE, 0.0)]
    output = us.Output(quantities=["charge_current", "spin_current"])
    settings = {"temperature": TEMPERATURE, "inelastic": 0, "tolerance": 1e-8, "output": output}
    data = us.solve(us.Stack([ends[0], LEFT, middle, RIGHT, ends[1]], **settings)).data
    charge, spin, tail = currents
    assert abs(charge) > 1e-3 and abs(spin) > 1e-3 and tail < 1e-3
    np.testing.assert_allclose(data.charge_current, charge, rtol=0, atol=1e-7)
    np.testing.assert_allclose(data.spin_current.sel(component="z"), spin, rtol=0, atol=1e-7)
    assert np.max(np.abs(data.spin_current.sel(component=["x", "y"]))) < 1e-12
