"""Every term of the bulk equation against the oracle and against finite differences."""

import numpy as np
import oracle
import pytest
import scheme
from cases import TERMS
from derivatives import complex_derivative
from devices import Case, as_matrices, assert_same, matrices, state, tilde_partner

from usadel import description as us
from usadel.equations.spectral import jacobian as jacobians
from usadel.equations.spectral import scheme as spectral
from usadel.terms import TERMS as REGISTERED


@pytest.fixture(params=TERMS, ids=lambda name: name.replace(" ", "_"))
def term(request):
    return TERMS[request.param]


@pytest.fixture
def case(term):
    return Case(us.Stack([term.layer]))


def own(term):
    """The terms of the row of the table, in place of the general ones."""
    return lambda layer, z, gap: (term.self_energy(z, gap), term.linear, np.array(term.gauge))


def test_every_term_has_a_row():
    assert set(REGISTERED) <= {term.key for term in TERMS.values()}


def test_right_hand_sides_against_the_oracle(term, case):
    actual = case.right_hand_sides(case.state)
    expected = scheme.right_hand_sides(case, case.state, own(term))
    assert_same(actual, expected, 1e-11, at_least=0.5)


def test_the_term_itself_counts(term, case):
    """Its share of u'': nothing in this file compares 0 with 0."""
    du = scheme.inner_derivative(case, case.state)
    everything = scheme.second_derivatives(case, case.state, du, own(term))
    g = oracle.propagator(*matrices(case.state))
    (layer,) = case.layers
    x = oracle.bulk_commutator(g, case.energy + 1j * layer.inelastic) / layer.diffusion
    rest = state(*oracle.second_derivatives(*matrices(case.state), *matrices(du), x))
    share = rest if term is TERMS["energy"] else everything - rest
    assert np.min(np.max(np.abs(share), axis=(1, 2))) > 0.03


def test_all_sixteen_entries_of_the_usadel_equation(term, case):
    """Σ∂̃ₖ(ĝ∂̃ₖĝ) with γ'' of the kernels equals X/D as 4×4 matrices."""
    (grid,) = case.grids
    du = scheme.inner_derivative(case, case.state)
    stretch, curvature = (a[:, None, None] for a in (grid.stretch, grid.curvature))
    second = (case.right_hand_sides(case.state) - curvature * stretch * du) / stretch**2
    divergence = scheme.divergences(case, case.state, du, second, own(term))
    assert_same(divergence, scheme.commutators(case, case.state, own(term)), 1e-11, at_least=0.5)


def test_tilde_symmetry(case):
    actual = np.empty_like(case.state)
    partner = np.ascontiguousarray(tilde_partner(case.state))
    spectral.right_hand_sides(
        actual, np.arange(len(partner)), partner, np.diff(partner, axis=0), -case.energy.conj(), case.sites()
    )
    assert_same(actual, tilde_partner(case.right_hand_sides(case.state)), 1e-12, at_least=0.5)


def test_derivatives_against_finite_differences(case):
    """p = h² ∂f̂/∂u at fixed u_s: a constant added everywhere; q = h/2 ∂f̂/∂u_s: a ramp, 0 at the site.

    With a gauge field p and q are those of D_s²u = f̂ by u and D_s u = u_s - x'Gu, and u_ss = D_s²u + 2x'Gu_s + …
    """
    count, _, lanes = case.state.shape
    p, q = np.empty((count, 64, lanes), complex), np.empty((count, 32, lanes), complex)
    jacobians.site_jacobians(p, q, case.state, np.diff(case.state, axis=0), case.energy, case.sites())
    (grid,) = case.grids
    s = np.linspace(0, 1, count)
    unit = np.eye(8)
    p, q = plain_derivatives(case.sites(), p.reshape(count, 8, 8, lanes), q, grid.spacing)

    def change(direction):
        return complex_derivative(lambda t: case.right_hand_sides(case.state + t * direction))

    for_u = np.stack([change(np.broadcast_to(e[:, None], case.state.shape)) for e in unit], axis=2)
    h = grid.spacing
    assert_same(p, h**2 * for_u, 1e-9, at_least=1e-3)
    for site in range(count):
        ramp = (s - s[site])[:, None, None]
        for_slope = np.stack([change(ramp * e[:, None])[site] for e in unit], axis=1)
        assert_same(q[site, :4, :4], h / 2 * for_slope[:4, :4], 1e-9, at_least=1e-3)
        assert_same(q[site, 4:, 4:], h / 2 * for_slope[4:, 4:], 1e-9, at_least=1e-3)
        assert not np.any(np.abs(for_slope[:4, 4:]) > 1e-9) and not np.any(np.abs(for_slope[4:, :4]) > 1e-9)


def plain_derivatives(sites, p, q, h):
    """The same of u_ss by u and u_s (sites, 8, 8, L)."""
    whole = np.zeros(p.shape, complex)
    whole[:, :4, :4], whole[:, 4:, 4:] = (q[:, 16 * k : 16 * k + 16].reshape(-1, 4, 4, q.shape[2]) for k in (0, 1))
    p = p.copy()
    for site, index in enumerate(sites.gauge_index):
        if index >= 0:
            turn = np.zeros((8, 8), complex)
            turn[:4, :4], turn[4:, 4:] = sites.stretch[site] * sites.gauges[index].reshape(2, 4, 4)
            through_slope = -2 * h * np.einsum("ijl,jk->ikl", whole[site], turn)
            p[site] += through_slope + (h**2 * (sites.curvature[site] * turn - turn @ turn))[..., None]
            whole[site] += h * turn[..., None]
    return p, whole


def test_the_term_counts_in_the_derivative(term, case):
    """The derivative with the term differs from the one without."""
    plain = Case(us.Stack([TERMS["energy"].layer]))
    count, _, lanes = case.state.shape
    p = np.empty((2, count, 64, lanes), complex)
    q = np.empty((count, 32, lanes), complex)
    jacobians.site_jacobians(p[0], q, case.state, np.diff(case.state, axis=0), case.energy, case.sites())
    if term is not TERMS["energy"]:
        jacobians.site_jacobians(p[1], q, case.state, np.diff(case.state, axis=0), case.energy, plain.sites())
        difference = p[0] - p[1]
    else:
        difference = p[0]
    assert np.max(np.abs(as_matrices(difference))) > 1e-4
