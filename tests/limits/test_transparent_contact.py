"""Weak proximity effect through a transparent contact of unlike metals, against the linearized Usadel equation.

D γ'' = 2(ω+Γ)γ, γ and σAγ' continuous: with k = √(2(ω+Γ)/D) and y = σ₂A₂k₂ tanh(k₂L₂)/σ₁A₁k₁,

    γ₁(x) = γ₀ [cosh k₁(L₁-x) + y sinh k₁(L₁-x)] / [cosh k₁L₁ + y sinh k₁L₁],  γ₂ = γ₁(L₁) cosh k₂(L₁+L₂-x)/cosh k₂L₂.
"""

import numpy as np
import pytest
from devices import Case

import usadel as us

OMEGA = np.array([0.1, 0.7, 2.0])
KEYS = ("length", "diffusion", "conductivity", "area", "inelastic")
FIRST, SECOND = (1.3, 0.7, 1.4, 0.8, 0.06), (0.9, 1.6, 0.5, 2.7, 0.02)


@pytest.mark.parametrize("mirrored", [False, True])
def test_two_metals(mirrored):
    layers = [us.NormalMetal(**dict(zip(KEYS, values, strict=True))) for values in (FIRST, SECOND)]
    elements = [us.SuperconductingReservoir(gap=1e-4, inelastic=0), *layers]
    case = Case(us.Stack(elements[::-1] if mirrored else elements), energy=1j * OMEGA, nodes=33)
    u = case.solve()[case.layout.row_of_site]
    order = (1, 0) if mirrored else (0, 1)
    found = [u[case.layout.slice(k), 1] for k in order]  # the singlet entry of γ
    x = [case.grids[k].x for k in order]
    if mirrored:
        found, x = [part[::-1] for part in found], [grid[-1] - grid[::-1] for grid in x]
    k1, k2 = (np.sqrt(2 * (OMEGA + values[4]) / values[1]) for values in (FIRST, SECOND))
    length1, length2 = FIRST[0], SECOND[0]
    y = SECOND[2] * SECOND[3] * k2 * np.tanh(k2 * length2) / (FIRST[2] * FIRST[3] * k1)
    rest = np.outer(length1 - x[0], k1)
    first = (np.cosh(rest) + y * np.sinh(rest)) / (np.cosh(k1 * length1) + y * np.sinh(k1 * length1))
    second = first[-1] * np.cosh(np.outer(length2 - x[1], k2)) / np.cosh(k2 * length2)
    assert np.min(np.abs(first)) > 0.01 and np.max(np.abs(y - 1)) > 0.1
    for ours, wanted in zip(found, (first, second), strict=True):
        np.testing.assert_allclose(ours / found[0][0], wanted, atol=3e-7)
