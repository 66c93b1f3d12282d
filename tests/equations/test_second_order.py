"""Laws of second order against the exact scattering law of one channel, and what they conserve."""

import numpy as np
import oracle
import pytest
import scheme
from devices import Case, matrices, smooth_states

import usadel as us
from usadel.equations.spectral import scheme as spectral

P, ANGLE, ANGLE_OUT = 0.6, 0.9, -0.5  # of the channel; angles in units of its transmission
DIRECTIONS = {"transmission": [1, 2, -1], "left": [0, 1, 1], "right": [1, 0, 2]}
SMALL = (0.08, 0.04, 0.02)


def unit(direction):
    return np.asarray(direction) / np.linalg.norm(direction)


M, LEFT, RIGHT = (oracle.spin(unit(direction)) for direction in DIRECTIONS.values())


def expanded(transmission):
    """t and P of the law for a channel T(1 ± P): its eigenvalues t(√…)² are T_s + ½T_s² to second order."""
    up, down = (x + 0.5 * x**2 for x in (transmission * (1 + P), transmission * (1 - P)))
    polarization = (up - down) / (up + down)
    return 0.25 * (up + down) * (1 + np.sqrt(1 - polarization**2)), polarization


def interface(transmission, second=True):
    """The interface of such a channel, with G_T = G_N."""
    t, polarization = expanded(transmission)
    return us.SpinActive(
        conductance=1, polarization=polarization, second_order=t if second else 0, relative_to="left",
        magnetization=DIRECTIONS["transmission"],
        spin_mixing_left=transmission * ANGLE / t, magnetization_left=DIRECTIONS["left"],
        spin_mixing_right=transmission * ANGLE_OUT / t, magnetization_right=DIRECTIONS["right"],
    )  # fmt: skip


def exact(g, outside, transmission, side):
    """σA ĝ∂ĝ/G_T of the channel on one side of the interface, times n."""
    here, beyond = (transmission * ANGLE, LEFT), (transmission * ANGLE_OUT, RIGHT)
    if side == "right":
        here, beyond = beyond, here
    return oracle.one_channel(g, outside, transmission, P, M, here, beyond) / expanded(transmission)[0]


def slopes(case, unknowns):
    """R(S) (8, L) of the two sides of the interface, as the kernels have it."""
    u = unknowns[case.layout.row_of_site]
    silent = case.rows._replace(law_map=0 * case.rows.law_map, law_twice=0 * case.rows.law_twice)
    arguments = case.energy, case.sites()
    without = spectral.residual(u, *arguments, silent, 0 * case.boundary, case.fixed)
    change = without - spectral.residual(u, *arguments, case.rows, case.boundary, case.fixed)
    contact = case.network.contacts[0]
    sites = [case.layout.site(end) for end in (contact.left, contact.right)]
    steps = [scheme.step_at(case, end) for end in (contact.left, contact.right)]
    return [change[case.layout.row_of_site[site]] / step for site, step in zip(sites, steps, strict=True)], sites


def exact_slopes(case, unknowns, sites, transmission):
    u = unknowns[case.layout.row_of_site]
    states = [matrices(u[site]) for site in sites]
    g = [oracle.propagator(*one) for one in states]
    pairs = (exact(g[0], g[1], transmission, "left"), exact(g[1], g[0], transmission, "right"))
    return [scheme.state(*oracle.extraction(x, *one)) for x, one in zip(pairs, states, strict=True)]


def bilayer(transmission, second=True):
    layers = us.Superconductor(length=1.0, inelastic=0.06), us.NormalMetal(length=1.0, inelastic=0.02)
    reservoir = us.SuperconductingReservoir(gap=0.8, phase=-0.7, inelastic=0.05)
    return us.Stack([layers[0], interface(transmission, second), layers[1], reservoir])


@pytest.mark.parametrize(("second", "order"), [(True, 3), (False, 2)])
def test_order_of_the_law(second, order):
    """σA ĝ∂ĝ of a channel deviates as the third power of transmission and mixing: one less here, per G_T."""
    errors = []
    for transmission in SMALL:
        case = Case(bilayer(transmission, second))
        ours, sites = slopes(case, case.unknowns)
        theirs = exact_slopes(case, case.unknowns, sites, transmission)
        assert min(np.max(np.abs(one)) for one in theirs) > 0.05
        errors.append([transmission * np.max(np.abs(a - b)) for a, b in zip(ours, theirs, strict=True)])
    measured = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(measured[-1], order, atol=0.15)


def test_order_in_a_solved_device():
    """The current of charge through a junction that is solved with the exact law in place of ours."""
    errors = []
    for transmission in SMALL:
        case = Case(bilayer(transmission), nodes=17)
        found = current(case, case.solve())

        def residual(unknowns, case=case, transmission=transmission):
            ours, sites = slopes(case, unknowns)
            theirs = exact_slopes(case, unknowns, sites, transmission)
            out = case.residual(unknowns)
            contact = case.network.contacts[0]
            for k, end in enumerate((contact.left, contact.right)):
                out[case.layout.row_of_site[sites[k]]] += scheme.step_at(case, end) * (ours[k] - theirs[k])
            return out

        wanted = current(case, case.solve(residual))
        assert np.max(np.abs(wanted)) > 1e-3
        errors.append(transmission * np.max(np.abs(found - wanted)))
    measured = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(measured[-1], 3, atol=0.2)


HALF = {"polarization": 0.5, "magnetization": [0.3, -0.5, 0.8]}


@pytest.mark.parametrize(("second", "order"), [(True, 3), (False, 2)])
def test_order_at_a_half_metal(second, order):
    """Of the law's current only what commutes with the half-metal's magnetization passes, each spin by its share."""
    m = np.tensordot(unit(HALF["magnetization"]), oracle.PAULI[1:], axes=1)
    inverse = np.linalg.inv(0.5 * (np.eye(2) + HALF["polarization"] * m))
    errors = []
    for transmission in SMALL:
        layers = us.Superconductor(length=1.0, inelastic=0.06), us.HalfMetal(length=1.0, inelastic=0.02, **HALF)
        case = Case(us.Stack([layers[0], interface(transmission, second), layers[1]]))
        ours, sites = slopes(case, case.unknowns)
        theirs = exact_slopes(case, case.unknowns, sites, transmission)
        gamma, tilde = matrices(theirs[1])
        passed = 0.5 * inverse @ (gamma + m @ gamma @ m.conj()), 0.5 * inverse.conj() @ (tilde + m.conj() @ tilde @ m)
        theirs[1] = scheme.state(*passed)
        assert min(np.max(np.abs(one)) for one in theirs) > 0.05
        errors.append([transmission * np.max(np.abs(a - b)) for a, b in zip(ours, theirs, strict=True)])
    measured = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(measured[-1], order, atol=0.15)


def current(case, unknowns):
    """Tr τ̂3 ĝ∂ĝ and Tr τ̂3σ̂ ĝ∂ĝ on both sides of the interface, (2, 4, L)."""
    u = unknowns[case.layout.row_of_site]
    du = spectral.slopes(u, case.energy, case.sites(), case.layout.offset)
    contact = case.network.contacts[0]
    out = []
    for end in (contact.left, contact.right):
        site = case.layout.site(end)
        zero = np.zeros((case.energy.size, 2, 2))
        matrix, _ = oracle.current_and_divergence(*matrices(u[site]), *matrices(du[site]), zero, zero)
        out.append(np.einsum("kij,lji->kl", oracle.RHO[4:], matrix))
    return np.array(out)


@pytest.mark.parametrize("sign", [1, -1])
def test_order_of_the_insulator(sign):
    """One channel that is reflected: error as the third power of the mixing angle, per G_φ one less."""
    errors = []
    rng = np.random.default_rng(4)
    gamma, tilde = matrices(smooth_states(rng, np.zeros(1), 3, size=0.5)[0])
    g = oracle.propagator(gamma, tilde)
    for angle in sign * np.array(SMALL) * 4:
        magnet = us.FerromagneticInsulator(spin_mixing=sign * 0.7, magnetization=[0, 1, 1], second_order=angle)
        assert us.Stack([magnet, us.NormalMetal(length=1)]).network()  # the sign is allowed
        wanted = sign * 0.7 / angle * oracle.one_channel(g, g, 0, 0, LEFT, (angle, LEFT), (0, LEFT))
        found = oracle.insulator_of_second_order(g, sign * 0.7, angle, unit([0, 1, 1]), 1)
        errors.append(abs(angle) * np.max(np.abs(found - wanted)))
    np.testing.assert_allclose(np.log2(errors[1] / errors[2]), 3, atol=0.1)


def sides(law):
    """A law's matrix currents into both sides of an interface between random states."""
    rng = np.random.default_rng(8)
    g, outside = (oracle.propagator(*matrices(smooth_states(rng, np.zeros(1), 3, size=0.3)[0])) for _ in range(2))
    return (g, law(g, outside, (0.4, LEFT), (-0.3, RIGHT))), (outside, law(outside, g, (-0.3, RIGHT), (0.4, LEFT)))


def ours(g, outside, here, beyond, t=0.5):
    return oracle.spin_active_current(g, outside, 0.8, P, M, here, beyond, t, 1)


def of_geneus(g, outside, here, beyond, t=0.5):
    """The same but for the first term of second order: -(t/2) SĝS without the commutator."""
    s = oracle.transmitted(outside, P, M)
    wrong = -0.5 * t * s @ g @ s + 0.25 * t * oracle.commutator(s @ g @ s, g)
    return ours(g, outside, here, beyond, t) + 0.4 * wrong


def charge(current):
    return np.einsum("ij,...ji->...", oracle.TAU3, current)


def test_our_second_order_is_a_current_and_conserves_charge():
    """ĝ∂ĝ anticommutes with ĝ; its charge leaves one side as it enters the other, its trace (energy) vanishes."""
    (g, left), (outside, right) = sides(ours)
    assert np.min(np.abs(charge(left))) > 1e-2
    assert np.max(np.abs(charge(left) + charge(right))) < 1e-14
    for state, current in ((g, left), (outside, right)):
        assert np.max(np.abs(state @ current + current @ state)) < 1e-13
        assert np.max(np.abs(np.trace(current, axis1=-2, axis2=-1))) < 1e-14


def test_second_order_of_geneus_is_no_current():
    """Why its runs with `secondorder` are no reference: neither property holds, by far."""
    (g, left), (_, right) = sides(of_geneus)
    assert np.max(np.abs(charge(left) + charge(right))) > 0.03
    assert np.max(np.abs(g @ left + left @ g)) > 0.03


def test_spin_passes_without_polarization_and_mixing():
    """P = 0, G_φ = 0, to second order: the whole matrix current is the same on both sides."""
    for t in (0.0, 0.5):
        (_, left), (_, right) = sides(lambda g, out, *_, t=t: oracle.spin_active_current(
            g, out, 0.8, 0.0, M, (0.0, LEFT), (0.0, RIGHT), t, 1
        ))  # fmt: skip
        assert np.max(np.abs(left)) > 0.05
        assert np.max(np.abs(left + right)) < 1e-13
