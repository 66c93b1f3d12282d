"""Solved states of every device of the table: what any solution must satisfy."""

import numpy as np
import oracle
import pytest
import scheme
from cases import DIMENSIONS, FIELD, INTERFACES
from devices import Case, assert_same, matrices, tilde_partner

from usadel import description as us
from usadel.algebra.riccati import green
from usadel.equations.spectral import scheme as spectral


@pytest.fixture(scope="module", params=INTERFACES, ids=lambda name: name.replace(" ", "_"))
def solved(request):
    """A case with its state replaced by the solution."""
    case = Case(INTERFACES[request.param].device, nodes=21)
    case.unknowns = case.solve()
    case.state = np.ascontiguousarray(case.unknowns[case.layout.row_of_site])
    return case


def test_residual_of_the_oracle_vanishes(solved):
    assert np.max(np.abs(scheme.residual(solved))) < 1e-11
    assert np.max(np.abs(scheme.defects(solved, solved.state))) > 1e-4 or solved.layout.laws


def test_propagator_is_normalized_and_physical(solved):
    """ĝ² = 1, |eigenvalues of γγ̃| < 1 and a positive density of states, far from the normal metal."""
    g = green(solved.state)
    assert_same(g @ g, np.broadcast_to(np.eye(4), g.shape), 1e-12, at_least=0.5)
    assert_same(g, oracle.propagator(*matrices(solved.state)), 1e-12, at_least=1)
    assert np.max(np.abs(g - oracle.TAU3)) > 0.3
    gamma, tilde = matrices(solved.state)
    radius = np.abs(np.linalg.eigvals(gamma @ tilde)).max(axis=(0, 2))
    assert np.all(radius < 1)
    assert_same(spectral.spectral_radius(solved.state), radius, 1e-7, at_least=0.01)  # double roots
    for block in (g[..., :2, :2], -g[..., 2:, 2:]):
        density = 0.5 * (block + np.conj(np.swapaxes(block, -1, -2)))
        assert np.min(np.linalg.eigvalsh(density)) > 0


def test_mirrored_energy_gives_the_tilde_partner(solved):
    mirrored = Case(solved.device, nodes=21, energy=-solved.energy.conj())
    found = mirrored.solve()
    assert_same(found, tilde_partner(solved.unknowns), 1e-11, at_least=0.05)


def currents(case):
    """σA ĝ∂ĝ (sites, L, 4, 4) from the slopes of the kernels."""
    slopes = spectral.slopes(case.state, case.energy, case.sites(), case.layout.offset)
    zero = np.zeros((*case.state.shape[:1], case.energy.size, 2, 2))
    current, _ = oracle.current_and_divergence(*matrices(case.state), *matrices(slopes), zero, zero)
    factor = np.array([k.conductivity * k.area * scheme.spin_share(k) for k in case.layers])[case.layout.layer]
    return factor[:, None] @ current


def test_slopes_at_the_ends_carry_the_currents_of_the_laws(solved):
    """At contacts and terminations as the oracle has them, at junctions adding up to zero."""
    current = currents(solved)
    site = solved.layout.site
    for law in solved.layout.laws:
        if law.interface.kind == "transparent" or law.across == law.end:
            continue  # no law, or that of the junction behind it
        outside = None
        if law.reservoir is not None:
            outside = scheme.reservoir(solved, law.reservoir)
        elif law.across is not None:
            outside = oracle.propagator(*matrices(solved.state[site(law.across)]))
        inward = scheme.slope(solved, law.end, law.interface, outside)
        sign = 1 if law.end.side == "left" else -1
        zero = np.zeros((solved.energy.size, 2, 2))
        parts = (*matrices(solved.state[site(law.end)]), *matrices(sign * inward), zero, zero)
        layer = solved.layers[law.end.layer]
        flow = layer.conductivity * layer.area * scheme.spin_share(layer)
        expected = flow @ oracle.current_and_divergence(*parts)[0]
        assert np.max(np.abs(current[site(law.end)] - expected)) < 1e-10
    for contact in solved.network.contacts:
        here, there = (conserved(current[site(end)], [contact.interface]) for end in (contact.left, contact.right))
        half = any(layer.spins is not None for layer in solved.layers)  # carries weak currents only
        assert_same(here, there, 1e-9, at_least=1e-4 if half else 1e-2)
    for junction in solved.network.junctions:
        laws = [law for _, law in junction.ends]
        parts = [(1 if end.side == "left" else -1) * current[site(end)] for end, _ in junction.ends]
        assert max(np.max(np.abs(conserved(part, laws))) for part in parts) > 1e-2
        assert np.max(np.abs(conserved(sum(parts), laws))) < 1e-10


def conserved(current, laws):
    """What of a matrix current passes the interfaces: all of it, but only charge through a magnet."""
    if any(law.kind == "spin_active" for law in laws):
        return np.einsum("ij,...ji->...", oracle.TAU3, current)
    return current


def test_slopes_inside_are_those_of_the_state(solved):
    """Where the wide differences are exact: on polynomials of low degree in s."""
    powers = np.arange(5)
    rng = np.random.default_rng(2)
    coefficients = 0.1 * rng.normal(size=(5, 8, solved.energy.size))
    s = np.concatenate([np.linspace(0, 1, grid.size) for grid in solved.grids])
    stretch = np.concatenate([grid.stretch for grid in solved.grids])[:, None, None]
    state = np.einsum("sp,pcl->scl", s[:, None] ** powers, coefficients) + 0j
    rate = powers * s[:, None] ** np.maximum(powers - 1, 0)
    expected = np.einsum("sp,pcl->scl", rate, coefficients) / stretch
    found = spectral.slopes(state, solved.energy, solved.sites(), solved.layout.offset)
    expected = expected - scheme.connections(solved, state)
    inside = np.setdiff1d(np.arange(s.size), np.concatenate([solved.layout.offset, solved.layout.offset - 1]))
    assert_same(found[inside], expected[inside] + 0j, 1e-11, at_least=0.1)


def test_layer_split_in_two_is_one_layer():
    """Cut at an arbitrary place, by joints and by a hub with a stump that carries nothing."""
    rest = {key: value for key, value in DIMENSIONS.items() if key != "length"}

    def magnet(length):
        return us.Ferromagnet(exchange_field=FIELD, length=length, **rest)

    left = [us.SuperconductingReservoir(gap=1, phase=0.4), us.Tunnel(conductance=2)]
    right = [us.FerromagneticInsulator(spin_mixing=0.7, magnetization=[0, 1, 0])]
    ratio = {"conductance": 2 * 0.7 / 1.2}
    whole = Case(us.Stack([*left, magnet(1.2), *right]), nodes=65)
    first = [left[0], us.Tunnel(**ratio), magnet(0.7)]
    last = [us.FerromagneticInsulator(spin_mixing=0.7 * 0.5 / 1.2, magnetization=[0, 1, 0])]
    split = Case(us.Stack([*first, magnet(0.5), *last]), nodes=65)
    stump = us.NormalMetal(length=1e-3, area=1e-9)
    hub = us.Device(
        [
            us.Wire(first, end="o"),
            us.Wire([magnet(0.5), *last], start="o"),
            us.Wire([stump], start="o"),
        ],
        {"o": us.Junction()},
    )
    hub = Case(hub, nodes=33)
    reference = whole.solve()
    found = split.solve()
    ends = reference[[0, -1]]
    assert_same(found[[0, -1]], ends, 1e-9, at_least=0.1)
    at_hub = hub.solve()
    sites = [0, hub.layout.offset[2] - 1]
    assert_same(at_hub[hub.layout.row_of_site[sites]], ends, 1e-7, at_least=0.1)


def test_lost_digits_do_not_look_physical():
    """A state that is not a number has no spectral radius below 1, wherever it occurs."""
    state = np.full((5, 8, 2), 0.1 + 0j)
    assert np.all(spectral.spectral_radius(state) < 1)
    for site in range(5):
        broken = state.copy()
        broken[site, 2, 1] = np.nan
        radius = spectral.spectral_radius(broken)
        assert radius[0] < 1 and not radius[1] < 1
