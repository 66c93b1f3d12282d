"""Devices with spin-active contacts that are the same in different words have the same results."""

import numpy as np
from profile_columns import CHARGE_CURRENT, CURRENTS, SCALARS, SPIN_CURRENT
from test_covariance import (
    FIELD,
    LEFT,
    VECTORS,
    assert_equal,
    normal,
    profiles,
    reservoir,
    rotation,
    solved,
    superconductor,
)

import usadel as us

MAGNET = {
    "conductance": 0.8, "polarization": 0.6, "second_order": 0.3, "magnetization": [1, 2, -1],
    "spin_mixing_left": 0.9, "magnetization_left": [0, 1, 1],
    "spin_mixing_right": -0.5, "magnetization_right": [1, 0, 2],
}  # fmt: skip


def magnet(turn=None, mirror=False, **keys):
    """A spin-active interface of second order with everything different on its two sides."""
    values = {**MAGNET, **keys}
    if turn is not None:
        values |= {key: list(turn @ np.array(v, float)) for key, v in values.items() if key.startswith("magnetiz")}
    if mirror:
        exchange = {"left": "right", "right": "left"}
        values |= {
            f"{key}_{exchange[side]}": values[f"{key}_{side}"]
            for key in ("spin_mixing", "magnetization")
            for side in exchange
        }
    return us.SpinActive(**values)


def magnetic_junction(turn=None, mirror=False, phase=0.0):
    """S | magnet | F | magnet | S with one phase difference: turned in spin space, mirrored, or all phases shifted."""
    field = FIELD if turn is None else turn @ FIELD
    second = magnet(turn, mirror, relative_to="right" if mirror else "left", conductance=0.5, polarization=-0.3)
    elements = [
        reservoir(0.9 + phase),
        magnet(turn, mirror),
        us.Ferromagnet(length=0.8, exchange_field=list(field)),
        second,
        normal(0.5),
        us.FerromagneticInsulator(
            spin_mixing=0.6, second_order=0.5, magnetization=list(LEFT if turn is None else turn @ LEFT)
        ),
    ]
    return solved(elements[::-1] if mirror else elements, tolerance=1e-6)


def test_magnets_turned_in_spin_space():
    turn = rotation(3)
    a, b = magnetic_junction(), magnetic_junction(turn)
    for layer in (0, 1):
        plain, turned = profiles(a, layer), profiles(b, layer)
        assert_equal(turned[:, SCALARS], plain[:, SCALARS], 4e-6)
        for vector, least in zip(VECTORS, (1e-3, 0, 1e-3, 0), strict=True):
            assert_equal(turned[:, vector], plain[:, vector] @ turn.T, 4e-6, at_least=least)


def test_magnets_mirrored():
    places = np.array([0.0, 0.2, 0.5, 1.0])
    a, b = magnetic_junction(), magnetic_junction(mirror=True)
    for one, two in ((0, 1), (1, 0)):
        expected = profiles(b, two, 1 - places)
        expected[:, CURRENTS] *= -1
        assert_equal(profiles(a, one, places)[:, 1:], expected[:, 1:], 4e-6, at_least=0.01)
        assert np.max(np.abs(expected[:, SPIN_CURRENT])) > 1e-3


def test_magnets_with_all_phases_shifted():
    a, b = magnetic_junction(), magnetic_junction(phase=1.3)
    for layer in (0, 1):
        assert_equal(profiles(b, layer)[:, 1:], profiles(a, layer)[:, 1:], 4e-6, at_least=0.01)


def test_magnets_split_the_layer_beside_them():
    """The ratios refer to the shorter part; the rest of the device does not notice."""
    keys = {"exchange_field": list(FIELD)}

    def device(layers, first, last):
        start, end = magnet(conductance=0.8 * first, spin_mixing_left=0.9 * first, spin_mixing_right=-0.5 * first), None
        end = us.SpinActive(conductance=0.5 * last, polarization=0.4, spin_mixing=0.3 * last, magnetization=[0, 1, 0])
        parts = [us.Ferromagnet(length=length, **keys) for length in layers]
        return solved([reservoir(0.9), start, *parts, end, reservoir()], tolerance=1e-6)

    one, two = device([1.0], 1, 1), device([0.4, 0.6], 0.4, 0.6)
    whole = profiles(one, 0, (0.0, 0.2, 0.4, 0.7, 1.0))
    parts = np.concatenate([profiles(two, 0, (0.0, 0.5, 1.0)), profiles(two, 1, (0.5, 1.0))])
    assert_equal(parts[:, 1:], whole[:, 1:], 4e-6, at_least=0.01)


def test_charge_through_magnets_between_solved_layers():
    """Self-consistent superconductors on both sides of a magnet of second order: one current from end to end."""
    s = {"length": 1.0}
    elements = [reservoir(0.8), superconductor(**s), magnet(relative_to="left", second_order=0.2), superconductor(**s)]
    result = solved([*elements, reservoir()], tolerance=1e-6)
    currents = np.concatenate([profiles(result, layer)[:, CHARGE_CURRENT].real for layer in (0, 1)])
    assert np.min(np.abs(currents)) > 0.01
    np.testing.assert_allclose(currents, currents[0], atol=4e-6)
