"""Every interface law and way of joining layers against the oracle and against finite differences."""

import numpy as np
import pytest
import scheme
from cases import INTERFACES
from derivatives import complex_derivative
from devices import Case, assert_same, tilde_partner
from scipy.linalg import expm

from usadel.discretization.layout import CONTACT, END, FIXED, HUB, INSIDE, SHARED
from usadel.equations.interfaces import LAWS
from usadel.equations.numbers import AT_END, NEIGHBOUR, NEXT_TO_END, OWN
from usadel.equations.spectral import jacobian as jacobians
from usadel.equations.spectral import scheme as spectral


@pytest.fixture(params=INTERFACES, ids=lambda name: name.replace(" ", "_"))
def case(request):
    return Case(INTERFACES[request.param].device)


def rows_of(case, *kinds):
    return np.flatnonzero(np.isin(case.rows.kind, kinds))


def without_laws(case):
    """The same rows, but slope 0 at every law."""
    rows = case.rows._replace(law_map=0 * case.rows.law_map, law_twice=0 * case.rows.law_twice)
    return rows, 0 * case.boundary


def slopes(case, unknowns):
    """h dx/ds times the slope that laws ask for in every row, as the kernels have it."""
    u = unknowns[case.layout.row_of_site]
    rows, boundary = without_laws(case)
    difference = spectral.residual(u, case.energy, case.sites(), rows, boundary, case.fixed)
    return difference - case.residual(unknowns)


def test_every_law_has_a_row_that_uses_it():
    used = set()
    for row in INTERFACES.values():
        kinds = {interface.kind for _, interface, _ in row.device.network().interfaces()}
        assert row.kind in kinds
        used.add(row.kind)
    assert set(LAWS) | {"transparent"} <= used


def test_every_kind_of_row_occurs():
    kinds = {kind for row in INTERFACES.values() for kind in Case(row.device).rows.kind}
    assert kinds == {INSIDE, END, CONTACT, FIXED, SHARED, HUB}


def test_residual_against_the_oracle(case):
    actual, expected = case.residual(), scheme.residual(case)
    for row, kind in enumerate(case.rows.kind):
        assert_same(actual[row], expected[row], 1e-11, at_least=1e-2 if kind != INSIDE else 1e-3)


def test_law_against_the_oracle(case):
    """The slope alone, so that a weak law does not hide behind the defect."""
    actual = slopes(case, case.unknowns)[rows_of(case, END, CONTACT)]
    laws = [case.layout.laws[k] for k in case.rows.law[rows_of(case, END, CONTACT)]]
    for law, ours in zip(laws, actual, strict=True):
        if law.interface.kind == "vacuum":
            assert not np.any(ours)
            continue
        outside = None
        if law.reservoir is not None:
            outside = scheme.reservoir(case, law.reservoir)
        elif law.across is not None:
            across = case.state[case.layout.site(law.across)]
            outside = scheme.oracle.propagator(*scheme.matrices(across))
        wanted = scheme.slope(case, law.end, law.interface, outside)
        assert_same(ours, scheme.step_at(case, law.end) * wanted, 1e-10, at_least=1e-3)


def test_tilde_symmetry(case):
    energy = -case.energy.conj()
    boundary, fixed = case.system.boundaries(energy)
    partner = np.ascontiguousarray(tilde_partner(case.state))
    actual = spectral.residual(partner, energy, case.sites(), case.rows, boundary, fixed)
    assert_same(actual, tilde_partner(case.residual()), 1e-11, at_least=1e-2)


def test_derivative_of_the_laws_against_finite_differences(case):
    """All rows with laws, in random directions of all unknowns."""
    wanted = rows_of(case, END, CONTACT, HUB)
    rng = np.random.default_rng(11)
    with_laws = case.dense_jacobian()
    case_rows, boundary = case.rows, case.boundary
    case.rows, case.boundary = without_laws(case)
    difference = case.dense_jacobian() - with_laws
    case.rows, case.boundary = case_rows, boundary
    if all(law.interface.kind in ("vacuum", "transparent") for law in case.layout.laws):
        assert not np.any(difference)
        return
    for _ in range(3):
        v = rng.normal(size=case.unknowns.shape) + 1j * rng.normal(size=case.unknowns.shape)
        expected = complex_derivative(lambda t, v=v: slopes(case, case.unknowns + t * v), 1e-4)
        actual = apply(difference, v)
        assert_same(actual[wanted], expected[wanted], 1e-8, at_least=1e-2)
        others = np.setdiff1d(np.arange(len(actual)), wanted)
        assert not np.any(np.abs(actual[others]) > 1e-14)


def apply(dense, v):
    """Product of (L, 8 rows, 8 rows) with (rows, 8, L)."""
    lanes = v.shape[2]
    flat = v.reshape(-1, lanes).T[..., None]
    return (dense @ flat)[..., 0].T.reshape(v.shape)


def test_blocks_are_the_compact_scheme(case):
    """Assembled blocks are the derivative of three-node rows with second-order u_s, from p and q.

    All is carried to one node, as in lattice gauge theory.
    """
    count, _, lanes = case.state.shape
    p, q = np.empty((count, 64, lanes), complex), np.empty((count, 32, lanes), complex)
    jacobians.site_jacobians(p, q, case.state, np.diff(case.state, axis=0), case.energy, case.sites())
    case.rows, case.boundary = without_laws(case)
    rng = np.random.default_rng(12)
    v = rng.normal(size=case.unknowns.shape) + 1j * rng.normal(size=case.unknowns.shape)
    u = v[case.layout.row_of_site]
    x = np.concatenate([grid.x for grid in case.layout.grids])
    basis = np.broadcast_to(np.eye(8, dtype=complex), (count, 8, 8))
    generator = scheme.connections(case, basis)  # (sites, 8, 8), G of Du = u' - Gu

    def link(site, near):
        """What carries a state of a neighbour to the frame of a node, along which Du = 0."""
        return expm(-generator[site] * (x[near] - x[site]))

    def carried(site, near):
        return link(site, near) @ u[near]

    def change(site, near, difference):
        """h² times the change of f̂ at a neighbour for a change of h D_s u by `difference`, seen at a node."""
        turn = link(site, near)
        back = np.linalg.solve(turn, difference)
        full = np.einsum("ijl,jl->il", p[near].reshape(8, 8, lanes), u[near])
        for half in range(2):
            part = slice(4 * half, 4 * half + 4)
            full[part] += 2 * np.einsum("ijl,jl->il", q[near].reshape(2, 4, 4, lanes)[half], back[part])
        return turn @ full

    expected = np.zeros_like(v)
    for row, kind in enumerate(case.rows.kind):
        site = case.rows.site[row]
        if kind == FIXED:
            expected[row] = -u[site]
        elif kind == INSIDE:
            a, b, c = carried(site, site - 1), u[site], carried(site, site + 1)
            expected[row] = a - 2 * b + c - OWN * change(site, site, (c - a) / 2)
            expected[row] -= NEIGHBOUR * change(site, site - 1, (-3 * a + 4 * b - c) / 2)
            expected[row] -= NEIGHBOUR * change(site, site + 1, (a - 4 * b + 3 * c) / 2)
        for end in range(case.rows.first_end[row], case.rows.first_end[row + 1]):
            if case.rows.end_law[end] >= 0:
                continue
            site, inner = case.rows.end_site[end], case.rows.end_inner[end]
            step = carried(site, inner) - u[site]
            difference = step * (inner - site)
            part = step - AT_END * change(site, site, difference) - NEXT_TO_END * change(site, inner, difference)
            expected[row] += case.rows.end_weight[end] * part
    assert_same(apply(case.dense_jacobian(), v), expected, 1e-12, at_least=1)
    assert np.max(np.abs(p)) > 1e-3 and np.max(np.abs(q)) > 1e-3
