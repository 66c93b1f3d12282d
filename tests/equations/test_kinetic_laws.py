"""C0, C1 and Cφ of the notation page against the rows that the kernels make of the spectral laws' own maps."""

import devices
import numpy as np
import oracle
from oracle import RHO

from usadel import description as us
from usadel.equations.interfaces import LAWS
from usadel.equations.kinetic_laws import add_link, add_own, add_source

LANES = 8
UNIT = 1.7


def states():
    rng = np.random.default_rng(5)
    u, outside = 0.3 * (rng.normal(size=(2, 8, LANES)) + 1j * rng.normal(size=(2, 8, LANES)))
    return u, outside, *(oracle.propagator(*devices.matrices(state)) for state in (u, outside))


def traces(matrix):
    return 0.25 * np.einsum("iab,lba->il", RHO, matrix)


def flat(matrix):
    """(L, 4, 4) to the kernels' (16, L)."""
    return np.ascontiguousarray(np.concatenate([part.reshape(LANES, 4) for part in oracle.blocks(matrix)], axis=1).T)


def tunnel():
    interface = us.Tunnel(conductance=0.6)
    return LAWS["tunnel"].across(interface, UNIT), 0.5 * 0.6 * UNIT


def test_transmission():
    u, outside, g, g_out = states()
    across, strength = tunnel()
    own, other = np.zeros((2, 64, LANES))
    add_link(own, other, 1.0, u, outside, across)
    ga, ga_out = oracle.advanced(g), oracle.advanced(g_out)
    for j, rho in enumerate(RHO):
        k, k_out = g @ rho - rho @ ga, g_out @ rho - rho @ ga_out
        c0 = traces(g_out @ k - k @ ga_out)
        c1 = traces(k_out @ ga - g @ k_out)
        assert np.abs(np.stack([c0, c1]).imag).max() < 1e-13
        devices.assert_same(own.reshape(8, 8, -1)[:, j], strength * c0.real, 1e-13, at_least=0.1)
        devices.assert_same(other.reshape(8, 8, -1)[:, j], strength * c1.real, 1e-13, at_least=0.1)


def test_reservoir_is_what_lies_across():
    u, outside, _, g_out = states()
    across, _ = tunnel()
    own, other = np.zeros((2, 64, LANES))
    add_link(own, other, 1.0, u, outside, across)
    h = np.random.default_rng(6).normal(size=(8, LANES))
    matrix = np.einsum("jl,jab->lab", h, RHO)
    source = np.zeros((8, LANES))
    add_source(source, 1.0, u, across @ flat(g_out @ matrix - matrix @ oracle.advanced(g_out)))
    devices.assert_same(source, np.einsum("ijl,jl->il", other.reshape(8, 8, -1), h), 1e-13, at_least=0.1)


def test_spin_mixing():
    u, _, g, _ = states()
    interface = us.FerromagneticInsulator(spin_mixing=0.8, magnetization=[0.6, 0.0, 0.8])
    s = LAWS["ferromagnetic_insulator"].own(interface, UNIT, "left")
    rows = np.zeros((64, LANES))
    add_own(rows, 1.0, u, flat(np.broadcast_to(s, (LANES, 4, 4))))
    for j, rho in enumerate(RHO):
        k = g @ rho - rho @ oracle.advanced(g)
        exact = -0.5j * 0.8 * UNIT * traces(oracle.commutator(oracle.spin([0.6, 0.0, 0.8]), k))
        assert np.abs(exact.imag).max() < 1e-13
        assert np.abs(rows.reshape(8, 8, -1)[:, j] - exact.real).max() < 1e-13
    assert np.abs(rows).max() > 0.1
    assert np.abs(rows.reshape(8, 8, -1)[[0, 4]]).max() < 1e-13  # it absorbs neither energy nor charge
