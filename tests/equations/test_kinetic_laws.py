"""Rows of the interface laws: C0, C1, Cφ of the notation page, and to second order the law of 8×8 matrices."""

import devices
import numpy as np
import oracle
import pytest
from oracle import RHO

from usadel import description as us
from usadel.equations.interfaces import LAWS
from usadel.equations.kinetic.laws import add_law, add_source

LANES = 8
UNIT = 1.7
LEFT, RIGHT = (0.6, 0.0, 0.8), (0.0, 1.0, 0.0)
INTERFACES = {
    "tunnel": us.Tunnel(conductance=0.6),
    "polarized": us.SpinActive(conductance=0.6, polarization=0.7, spin_mixing=0.4, magnetization=LEFT),
    "second order": us.SpinActive(
        conductance=0.6, polarization=0.7, spin_mixing_left=0.4, spin_mixing_right=-0.3, magnetization=(0, 0, 1),
        magnetization_left=LEFT, magnetization_right=RIGHT, second_order=0.2,
    ),
}  # fmt: skip
INSULATORS = {
    "insulator": us.FerromagneticInsulator(spin_mixing=0.8, magnetization=LEFT),
    "insulator, second order": us.FerromagneticInsulator(spin_mixing=0.8, magnetization=LEFT, second_order=0.3),
}


def states():
    rng = np.random.default_rng(5)
    u, outside = 0.3 * (rng.normal(size=(2, 8, LANES)) + 1j * rng.normal(size=(2, 8, LANES)))
    return u, outside, *(oracle.propagator(*devices.matrices(state)) for state in (u, outside))


def traces(matrix):
    return 0.25 * np.einsum("iab,lba->il", RHO, matrix)


def flat(matrix):
    """(L, 4, 4) to the kernels' (16, L)."""
    matrix = np.broadcast_to(matrix, (LANES, 4, 4))
    return np.ascontiguousarray(np.concatenate([part.reshape(LANES, 4) for part in oracle.blocks(matrix)], axis=1).T)


def eight(g, k):
    """ǧ = [[ĝ, ĝᴷ], [0, ĝᴬ]]."""
    return np.block([[g, k], [np.zeros_like(g), oracle.advanced(g)]])


def keldysh_block(law, g, outside, k, k_out):
    """K block of [Š, ǧ], Š of the 8×8 ǧ by the formula of the law itself."""

    def doubled(matrix):
        return np.kron(np.eye(2), matrix)

    inner, outer = eight(g, k), eight(outside, k_out)
    t, echo = doubled(law.transmission), doubled(law.echo)
    first = doubled(law.reflection) + 0.5 * law.conductance * t @ outer @ t
    s = first - law.twice * first @ inner @ first + t @ (outer @ echo @ outer - echo) @ t
    return (s @ inner - inner @ s)[:, :4, 4:]


def numbers(law, outside=None):
    """Constant parts of S, map, twice and echo of a law as the kernels take them."""
    first, returned = law.first(outside), law.returned(outside)
    constant = np.stack([flat(first), flat(returned)])
    return constant, law.across, law.twice, law.echoes


def modes(g, rho):
    return g @ rho - rho @ oracle.advanced(g)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("name", INTERFACES)
def test_contacts(name, side):
    u, outside, g, g_out = states()
    interface = INTERFACES[name].resolve({})
    law = LAWS[interface.kind].scattering(interface, UNIT, side)
    own, other = np.zeros((2, 64, LANES))
    constant, across, twice, echo = numbers(law)
    add_law(own, other, 1.0, u, outside, True, constant, across, twice, echo)
    none = np.zeros_like(g)
    for j, rho in enumerate(RHO):
        exact_own = traces(keldysh_block(law, g, g_out, modes(g, rho), none))
        exact_other = traces(keldysh_block(law, g, g_out, none, modes(g_out, rho)))
        assert np.abs(np.stack([exact_own, exact_other]).imag).max() < 1e-13
        devices.assert_same(own.reshape(8, 8, -1)[:, j], exact_own.real, 1e-13, at_least=0.05)
        devices.assert_same(other.reshape(8, 8, -1)[:, j], exact_other.real, 1e-13, at_least=0.05)
    for rows in (own, other):
        assert np.abs((rows.reshape(8, 8, -1))[[0, 4]]).max() > 0.01  # charge and energy pass


@pytest.mark.parametrize("name", INTERFACES)
def test_reservoirs(name):
    """A reservoir is what lies across, with its distribution on the right-hand side."""
    u, _, g, g_out = states()
    interface = INTERFACES[name].resolve({})
    law = LAWS[interface.kind].scattering(interface, UNIT, "left")
    h = np.random.default_rng(6).normal(size=(8, LANES))
    matrix = np.einsum("jl,jab->lab", h, RHO)
    k = g_out @ matrix - matrix @ oracle.advanced(g_out)
    constant, across, twice, echo = numbers(law, g_out)
    own, other = np.zeros((2, 64, LANES))
    add_law(own, other, 1.0, u, u, False, constant, 0 * across, twice, 0 * echo)
    none = np.zeros_like(g)
    for j, rho in enumerate(RHO):
        exact = traces(keldysh_block(law, g, g_out, modes(g, rho), none)).real
        devices.assert_same(own.reshape(8, 8, -1)[:, j], exact, 1e-13, at_least=0.05)
    assert not other.any()
    t, r = law.transmission, law.echo
    first = 0.5 * law.conductance * t @ k @ t
    returned = t @ (k @ r @ oracle.advanced(g_out) + g_out @ r @ k) @ t
    source = np.zeros((8, LANES))
    add_source(source, 1.0, u, constant[0], flat(first), flat(returned), twice)
    devices.assert_same(source, traces(keldysh_block(law, g, g_out, none, k)).real, 1e-13, at_least=0.05)


@pytest.mark.parametrize("name", INSULATORS)
def test_insulators(name):
    """Neither energy nor charge is absorbed; the first order is Cφ = -(i/4)Tr ρᵢ[M, kⱼ] times G_φ/2."""
    u, _, g, _ = states()
    interface = INSULATORS[name].resolve({})
    law = LAWS[interface.kind].scattering(interface, UNIT, "left")
    constant, across, twice, echo = numbers(law)
    rows, other = np.zeros((2, 64, LANES))
    add_law(rows, other, 1.0, u, u, False, constant, across, twice, echo)
    none = np.zeros_like(g)
    for j, rho in enumerate(RHO):
        exact = traces(keldysh_block(law, g, none, modes(g, rho), none)).real
        assert np.abs(rows.reshape(8, 8, -1)[:, j] - exact).max() < 1e-13
        if not law.twice:
            first = 0.5 * 0.8 * UNIT * -1j * traces(oracle.commutator(oracle.spin(LEFT), modes(g, rho)))
            assert np.abs(exact - first.real).max() < 1e-13
    assert np.abs(rows).max() > 0.1
    assert np.abs(rows.reshape(8, 8, -1)[[0, 4]]).max() < 1e-13
