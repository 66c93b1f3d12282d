"""Columns of the gap and the pair functional against finite differences; bulk gaps against closed forms."""

import json
from pathlib import Path

import numpy as np
import oracle
import pytest
from cases import DIMENSIONS, FIELD, OTHER, THIRD
from derivatives import real_derivative
from devices import Case, assert_same, matrices
from scipy.optimize import brentq

from usadel import description as us
from usadel.algebra.riccati import homogeneous
from usadel.energies.contour import Contour
from usadel.equations import gap as equation
from usadel.equations.numbers import AT_END, NEIGHBOUR, NEXT_TO_END, OWN
from usadel.terms import pairing

LIMITS = Path(__file__).parents[1] / "reference" / "limits"
FUNCTIONS = (3, 2)  # of the two superconductors


def read(name):
    """Entries (params, value, abs_error) of a file of limits."""
    entries = json.loads((LIMITS / f"{name}.json").read_text(encoding="utf-8"))["values"]
    return [(entry["params"], entry["value"], entry["abs_error"]) for entry in entries]


@pytest.fixture
def case():
    """Two superconductors of different materials around a ferromagnet: contact, joint and hub."""
    first, last = us.Superconductor(**DIMENSIONS), us.Superconductor(**THIRD)
    magnet = us.Ferromagnet(exchange_field=FIELD, **OTHER)
    return Case(
        us.Device(
            [
                us.Wire([first, us.Tunnel(conductance=0.8, relative_to="left"), magnet], end="o"),
                us.Wire([last], start="o"),
                us.Wire([us.NormalMetal(length=1), us.NormalReservoir()], start="o"),
            ],
            {"o": us.Junction()},
        )
    )


def basis_of(case):
    """Random functions on the sites, the first column of every superconducting layer, and its functions."""
    rng = np.random.default_rng(3)
    basis = rng.normal(size=(case.layout.sites, max(FUNCTIONS)))
    first, functions = np.full(case.layout.sites, -1), np.zeros(case.layout.sites, np.int64)
    layers = [k for k, layer in enumerate(case.layers) if layer.pairing is not None]
    for layer, start, count in zip(layers, (1, 1 + 2 * FUNCTIONS[0]), FUNCTIONS, strict=True):
        first[case.layout.slice(layer)] = start
        functions[case.layout.slice(layer)] = count
    return basis, first, functions


def test_columns_are_derivatives_with_respect_to_the_gap(case):
    basis, first, functions = basis_of(case)
    columns = 1 + 2 * sum(FUNCTIONS)
    count, lanes = len(case.layout.rows), case.energy.size
    start = np.random.default_rng(4).normal(size=(count, 8 * columns, lanes)) + 0j
    rhs = start.copy()
    equation.gap_columns(
        rhs, columns, case.state, case.sites(), case.rows, basis, first, functions, pairing.derivatives()
    )
    actual = (rhs - start).reshape(count, 8, columns, lanes)
    step = np.concatenate([np.full(grid.size, grid.spacing) for grid in case.grids])[:, None, None]
    plain = step**2 * case.right_hand_sides(case.state)
    compared = [0]
    for column, number in zip(np.unique(first[first >= 0]), FUNCTIONS, strict=True):
        for part in range(2):
            for k in range(number):
                change = np.where(first == column, basis[:, k], 0) * (1j if part else 1)
                fhat = step**2 * case.right_hand_sides(case.state, case.gap + change) - plain
                compared.append(column + part * number + k)
                expected = minus_compact_rows(case, fhat)
                assert_same(actual[:, :, compared[-1]], expected, 1e-9, at_least=1e-3)
    assert sorted(compared) == list(range(columns)) and not np.any(actual[:, :, 0])


def minus_compact_rows(case, fhat):
    """Minus what a change of h² f̂ does to the rows with the Jacobian's weights."""
    out = np.zeros((len(case.layout.rows), *fhat.shape[1:]), complex)
    rows = case.rows
    inside = np.flatnonzero(rows.kind == 0)
    site = rows.site[inside]
    out[inside] = NEIGHBOUR * (fhat[site - 1] + fhat[site + 1]) + OWN * fhat[site]
    for row in range(len(out)):
        for end in range(rows.first_end[row], rows.first_end[row + 1]):
            here, inner = fhat[rows.end_site[end]], fhat[rows.end_inner[end]]
            out[row] += rows.end_weight[end] * (AT_END * here + NEXT_TO_END * inner)
    return out


def random_weights(rng, case):
    shape = (len(case.layers), 4, case.energy.size)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def pair_value(case, state, direct, mirrored):
    """Weighted sums of ĝ12(ε) and of ĝ12(-ε*) = -ĝ21(ε)*, by the oracle."""
    _, g12, g21, _ = oracle.blocks(oracle.propagator(*matrices(state)))
    value = np.zeros(len(state), complex)
    for weights, f in ((direct, g12), (mirrored, -g21.conj())):
        value += np.einsum("sel,sle->s", weights[case.layout.layer], f.reshape(*f.shape[:2], 4))
    return value


def test_pair_functional_and_its_response(case):
    rng = np.random.default_rng(5)
    direct, mirrored = random_weights(rng, case), random_weights(rng, case)
    columns = 2
    shape = (case.layout.sites, 8, columns, case.energy.size)
    changes = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    value, response = equation.pair_response(
        case.state,
        changes.reshape(shape[0], 8 * columns, -1),
        np.arange(shape[0]),
        columns,
        direct,
        mirrored,
        case.layout.layer,
    )
    assert_same(value, pair_value(case, case.state, direct, mirrored), 1e-12, at_least=1)
    for column in range(columns):
        expected = real_derivative(
            lambda t, c=column: pair_value(case, case.state + t * changes[:, :, c], direct, mirrored), 1e-4
        )
        assert_same(response[:, column], expected, 1e-8, at_least=1)


def mismatch(contour, inelastic, gap):
    """Gap equation of a homogeneous layer on its contour, divided by Δ."""
    shares = contour.gap[0]
    direct, mirrored = equation.pair_weights(shares, contour.energies.size)
    u = homogeneous(contour.energies + 1j * inelastic, np.array([gap]))
    none = np.zeros((1, 8, contour.energies.size), complex)
    value, _ = equation.pair_response(
        u, none, np.zeros(1, np.int64), 1, direct[None], mirrored[None], np.zeros(1, np.int64)
    )
    assert abs(value[0].imag) < 1e-10
    return value[0].real / gap - equation.normalization(shares)


@pytest.mark.parametrize(("params", "value", "error"), read("bcs_gap") + read("dynes_gap"), ids=str)
def test_bulk_gap(params, value, error):
    temperature, inelastic = params["T_over_Tc"], params.get("Gamma", 0.0)
    if temperature == 0:
        temperature, error = 1e-3, 1e-6  # the next term of the closed form is of order T²Γ
    found = equation.bulk_gap(temperature, inelastic)
    assert found == pytest.approx(value, abs=max(error, 1e-9), rel=0)  # its Matsubara rule is one of 1e-9


def test_no_bulk_gap_above_the_critical_temperature():
    assert equation.bulk_gap(1.001, 0.0) == 0 == equation.bulk_gap(0.95, 0.1)
    assert equation.bulk_gap(0.999, 0.0) > 0.05


SPIN_VOLTAGES = [
    (params, gap, error, which)
    for params, value, error in read("exchange_field_and_spin_voltage")
    if "eVs" in params
    for which, gap in enumerate(value if isinstance(value, list) else [value])
]


@pytest.mark.parametrize(("params", "value", "error", "which"), SPIN_VOLTAGES, ids=str)
def test_gap_under_a_spin_voltage(params, value, error, which):
    """All solutions of the gap equation, the unstable ones too, on the shifted Matsubara points."""
    inelastic = params.get("Gamma", 0.0)
    layer = us.Superconductor(length=1, spin_voltage=params["eVs"], spin_axis=[1, 2, 2])
    network = us.Stack([layer], temperature=params["T_over_Tc"], inelastic=inelastic).network()
    contour = Contour(network, 1e-10)
    near = 1e-3 * max(value, 1 - value)
    found = brentq(lambda gap: mismatch(contour, inelastic, gap), value - near, value + near, xtol=1e-13)
    assert found == pytest.approx(value, abs=error, rel=0)
