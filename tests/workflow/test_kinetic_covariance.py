"""Solved distributions of devices that are the same in different words: modes and fluxes per energy.

Grids are the same wherever the words allow it, so that turned and mirrored devices agree to rounding.
"""

import numpy as np
import pytest
from single_energies import SingleEnergies

import usadel as us

ENERGIES = np.array([0.1, 0.6, 0.93, 1.1, 1.7])
SOLVED = {"nonequilibrium": True}
NODES = 25
ROUNDING = 1e-11
FIELD = np.array([0.4, -0.7, 1.1])
LEFT, RIGHT, AXIS = np.array([1.0, 0.2, 0.0]), np.array([0.1, 1.0, -0.4]), np.array([0.3, 0.5, -1.0])


def rotation(seed=7):
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.linalg.det(q)


def about_x(angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def spins(turn):
    """Rotation of all eight modes."""
    out = np.eye(8)
    out[1:4, 1:4] = out[5:8, 5:8] = turn
    return out


def normal_reservoir(turn, **keys):
    driven = {"voltage": 0.5, "spin_voltage": 0.3, "spin_temperature": 0.05, "temperature": 0.3}
    return us.NormalReservoir(spin_axis=list(turn @ AXIS), **{**driven, **keys})


def magnet(turn, side, second_order=0.2, **keys):
    """Spin-active with everything different on its two sides; `side`: the neighbour that it is described from."""
    first, second = ("left", "right") if side == "left" else ("right", "left")
    sides = {
        f"spin_mixing_{first}": 0.7, f"magnetization_{first}": list(turn @ LEFT),
        f"spin_mixing_{second}": -0.4, f"magnetization_{second}": list(turn @ FIELD),
    }  # fmt: skip
    return us.SpinActive(
        conductance=0.9, polarization=0.5, second_order=second_order, magnetization=list(turn @ RIGHT), **sides, **keys
    )


def insulator(turn, direction=RIGHT):
    return us.FerromagneticInsulator(spin_mixing=0.6, magnetization=list(turn @ direction), second_order=0.2)


def superconductor(**keys):
    return us.Superconductor(**{"self_consistent": False, "gap": 0.9, "length": 1.1, **SOLVED, **keys})


def junction(turn=None, mirror=False, phase=0.0):
    """[N] magnet F | S with all terms | magnet [S]."""
    turn = np.eye(3) if turn is None else turn
    field = list(turn @ FIELD)
    near, far = ("right", "left") if mirror else ("left", "right")
    s = superconductor(
        exchange_field=list(turn @ (0.2 * LEFT)), phase=f"{phase} - 0.4*{'(1 - z)' if mirror else 'z'}",
        spin_flip=0.02, spin_orbit=0.05, depairing=0.1, conductivity=0.7,
    )  # fmt: skip
    elements = [
        normal_reservoir(turn),
        magnet(turn, near),
        us.Ferromagnet(length=0.8, exchange_field=field, diffusion=1.5, spin_orbit=0.1, **SOLVED),
        us.Tunnel(conductance=1.2, relative_to=near),
        s,
        magnet(turn, far),
        us.SuperconductingReservoir(gap=1, phase=0.7 + phase),
    ]
    return SingleEnergies(us.Stack(elements[::-1] if mirror else elements, temperature=0.3), ENERGIES, NODES)


def assert_same(found, expected, tolerance=ROUNDING, at_least=1e-3):
    """Every mode is there and equal."""
    assert np.min(np.max(np.abs(expected), axis=(0, 2))) >= at_least
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_rotated_spin_space():
    turn = rotation()
    a, b = junction(), junction(turn)
    for mine, other in ((a.h, b.h), (a.flux, b.flux)):
        assert_same(other, np.einsum("ij,sjl->sil", spins(turn), mine), at_least=1e-5)


def half_metallic(turn, mirror=False):
    """[N] magnet H magnet S magnet [S]: no spins are along the magnetization of H."""
    near, far = ("right", "left") if mirror else ("left", "right")
    half = us.HalfMetal(
        length=0.8, polarization=0.7, magnetization=list(turn @ FIELD), diffusion=1.5, depairing=0.1, **SOLVED
    )
    elements = [
        normal_reservoir(turn), magnet(turn, near), half, magnet(turn, near, relative_to=near),
        superconductor(), magnet(turn, far), us.SuperconductingReservoir(gap=1, phase=0.7),
    ]  # fmt: skip
    return SingleEnergies(us.Stack(elements[::-1] if mirror else elements, temperature=0.3), ENERGIES, NODES)


def test_rotated_and_mirrored_half_metal():
    turn = rotation()
    a, b, c = half_metallic(np.eye(3)), half_metallic(turn), half_metallic(np.eye(3), mirror=True)
    for mine, other, mirrored, sign in ((a.h, b.h, c.h, 1), (a.flux, b.flux, c.flux, -1)):
        assert_same(other, np.einsum("ij,sjl->sil", spins(turn), mine), at_least=1e-5)
        assert_same(sign * mirrored[::-1], mine, 1e-8, at_least=1e-5)
    m, sites = FIELD / np.linalg.norm(FIELD), a.sites(0)
    for modes in (a.h[sites, 1:4], a.h[sites, 5:8]):  # of its spins only those along the magnetization live
        assert np.abs(modes).max() > 0.01
        assert np.abs(np.cross(modes, m, axisa=1)).max() < 1e-13


def test_mirrored():
    """To the accuracy of the grid: the nine nodes from which a cell takes the states lie to one side of its middle."""
    a, b = junction(), junction(mirror=True)
    assert_same(b.h[::-1], a.h, 1e-8)
    assert_same(b.flux[::-1], -a.flux, 1e-8, at_least=1e-5)


def test_all_phases_shifted():
    a, b = junction(), junction(phase=1.3)
    assert_same(b.h, a.h)
    assert_same(b.flux, a.flux, at_least=1e-5)


def test_voltages_and_spins_reversed():
    """Electrons and holes exchanged, as the phases: energy modes stay, those of charge and voltage change sign."""
    device = [normal_reservoir(np.eye(3), spin_temperature=0.0), us.NormalMetal(length=1.0, **SOLVED)]
    device += [us.Tunnel(conductance=0.8), us.SuperconductingReservoir(phase=0.5)]
    other = [normal_reservoir(np.eye(3), spin_temperature=0.0, voltage=-0.5, spin_voltage=-0.3), *device[1:]]
    a, b = (SingleEnergies(us.Stack(one, temperature=0.3), ENERGIES, NODES) for one in (device, other))
    sign = np.array([1, 1, 1, 1, -1, -1, -1, -1])[:, None]
    assert np.abs(a.h).max(axis=(0, 2))[[0, 1, 4, 5]].min() > 1e-3
    np.testing.assert_allclose(b.h, sign * a.h, rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(b.flux, sign * a.flux, rtol=0, atol=ROUNDING)


SPLIT = {
    "ferromagnet": lambda length: us.Ferromagnet(
        length=length, exchange_field=list(FIELD), rashba=0.5, dresselhaus=-0.3, nanowire=0.6, spin_orbit=0.1, **SOLVED
    ),
    "superconductor": lambda length: superconductor(length=length, spin_flip=0.05, depairing=0.1, conductivity=0.7),
}


@pytest.mark.parametrize("kind", SPLIT)
def test_layer_split_in_two(kind):
    """The ratios of an interface refer to the shorter part."""

    def solved(lengths, nodes):
        ratio = [lengths[0] / 1.0, lengths[-1] / 1.0]
        start = [normal_reservoir(np.eye(3)), us.Tunnel(conductance=1.2 * ratio[0])]
        end = [us.Tunnel(conductance=0.7 * ratio[1]), us.SuperconductingReservoir(phase=0.6)]
        layers = [SPLIT[kind](length) for length in lengths]
        return SingleEnergies(us.Stack([*start, *layers, *end], temperature=0.3), ENERGIES, nodes)

    whole, parts = solved([1.0], 81), solved([0.4, 0.6], [41, 61])
    for place in (0, -1):
        assert_same(parts.h[[place]], whole.h[[place]], 2e-6, at_least=0)
        assert_same(parts.flux[[place]], whole.flux[[place]], 2e-6, at_least=0)
    assert np.max(np.abs(whole.flux[0]), axis=1).min() > 1e-5
    joint = parts.sites(0).stop
    assert_same(parts.h[[joint - 1]], parts.h[[joint]], ROUNDING, at_least=1e-5)


def test_helix_is_a_uniform_field_in_a_gauge_field():
    """h (0, cos qx, sin qx) is h along y with A = (q/2)σx, seen in a frame that turns about x (α = -q/2)."""
    q, length = 1.9, 0.8
    helix = [0.3, f"0.9*cos({q * length}*z)", f"0.9*sin({q * length}*z)"]

    def solved(layer, turn):
        s = superconductor(length=0.7)
        elements = [normal_reservoir(np.eye(3)), magnet(np.eye(3), "left"), s, layer, insulator(turn)]
        return SingleEnergies(us.Stack(elements, temperature=0.3), ENERGIES, 65)

    a = solved(us.Ferromagnet(length=length, exchange_field=helix, **SOLVED), about_x(q * length))
    b = solved(us.Ferromagnet(length=length, exchange_field=[0.3, 0.9, 0], nanowire=-q / 2, **SOLVED), np.eye(3))
    sites = a.sites(1)
    turns = np.array([spins(about_x(q * x)) for x in a.x(1)])
    assert np.abs(a.flux[sites]).max(axis=(0, 2))[[1, 2, 3, 5, 6, 7]].min() > 0.05  # the end lets no charge out
    for mine, other, least in ((a.h, b.h, 1e-3), (a.flux, b.flux, 0)):
        assert_same(np.einsum("sij,sjl->sil", turns, other[sites]), mine[sites], 1e-6, least)
        assert_same(other[a.sites(0)], mine[a.sites(0)], 1e-6, least)


def test_phase_gradient_is_a_charge_gauge_field():
    """A = a with a = -∂φ/2 in place of the phase that grows along the layer."""
    difference, length = 1.3, 0.9
    keys = {"length": length, "exchange_field": [0.2, 0.0, 0.1], "spin_flip": 0.05}

    def solved(phase, **gauge):
        layer = superconductor(phase=f"{phase}*z", **keys, **gauge)
        end = us.SuperconductingReservoir(phase=phase)
        start = [normal_reservoir(np.eye(3)), us.Tunnel(conductance=1.5)]
        return SingleEnergies(us.Stack([*start, layer, us.Tunnel(conductance=2.0), end]), ENERGIES, 65)

    a, b = solved(difference), solved(0.0, phase_gradient=difference / length)
    assert_same(b.h, a.h, 1e-6)
    assert_same(b.flux, a.flux, 1e-6, 1e-5)
