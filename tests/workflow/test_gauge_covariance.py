"""Gauge fields: devices that a rotation of spin or phase turns into one another have the same results."""

import numpy as np
import pytest
from profile_columns import CHARGE_CURRENT, CURRENTS, SCALARS, SPIN_CURRENT
from test_covariance import FIELD, LEFT, RIGHT, VECTORS, assert_equal, insulator, profiles, reservoir, rotation, solved

import usadel as us

PLACES = (0.0, 0.31, 0.5, 1.0)
SPINS = tuple(
    zip(VECTORS, (1e-3, 0, 1e-2, 0), strict=True)
)  # columns of spin vectors in profiles, and their least size


def about_x(angle):
    """Rotation of vectors about x."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def between(layer, end):
    """A layer next to a superconductor, all else magnetic as well."""
    s = us.Superconductor(length=1.1, spin_voltage=0.2, spin_axis=[1, 0, 0])
    return solved([insulator(LEFT), s, us.Tunnel(conductance=1.3, relative_to="left"), layer, insulator(end, -0.5)])


def test_helix_is_a_uniform_field_in_a_gauge_field():
    """h (0, cos qx, sin qx) is h along y with A = (q/2)σx, seen in a frame that turns about x (α = -q/2)."""
    q, length = 1.9, 0.8
    keys = {"length": length, "spin_voltage": 0.2, "spin_axis": [1, 0, 0]}
    helix = [0.3, f"0.9*cos({q * length}*z)", f"0.9*sin({q * length}*z)"]
    turned = between(us.Ferromagnet(exchange_field=helix, **keys), about_x(q * length) @ RIGHT)
    uniform = between(us.Ferromagnet(exchange_field=[0.3, 0.9, 0], nanowire=-q / 2, **keys), RIGHT)
    for layer in (0, 1):
        expected, found = profiles(turned, layer, PLACES), profiles(uniform, layer, PLACES)
        angles = layer * q * length * np.array(PLACES)
        for vector, least in SPINS:
            vectors = [about_x(a) @ v for a, v in zip(angles, found[:, vector], strict=True)]
            assert_equal(np.array(vectors), expected[:, vector], at_least=least)
        assert_equal(found[:, [0, *SCALARS]], expected[:, [0, *SCALARS]], at_least=0.01)


def test_rotated_spin_space():
    """General SU(2) gauge fields along the junction and in the plane, turned with everything magnetic."""
    fields = {"gauge_x": [0.1, -0.8, 0.2], "gauge_y": [0.6, 0.3, 0.4], "gauge_z": [0.3, -0.5, 0.6]}

    def device(turn):
        couplings = {key: list(turn @ np.array(field)) for key, field in fields.items()}
        couplings |= {"spin_flip": 0.004, "spin_orbit": 0.05, "depairing": 0.03}
        spins = {"spin_voltage": 0.1, "spin_axis": list(turn @ np.array([0.3, 0.5, -1.0]))}
        magnet = us.Ferromagnet(length=0.6, exchange_field=list(turn @ FIELD), **couplings, **spins)
        weak = {key: list(0.3 * turn @ np.array(field)) for key, field in fields.items()}
        s = us.Superconductor(length=1.5, exchange_field=list(turn @ (0.05 * RIGHT)), **weak, **spins)
        tunnel = us.Tunnel(conductance=1.0, relative_to="left")
        return solved([insulator(turn @ LEFT), s, tunnel, magnet, insulator(turn @ RIGHT, -0.4)])

    turn = rotation()
    a, b = device(np.eye(3)), device(turn)
    for layer in (0, 1):
        plain, turned = profiles(a, layer), profiles(b, layer)
        assert_equal(turned[:, [0, *SCALARS]], plain[:, [0, *SCALARS]])
        for vector, least in SPINS:
            assert_equal(turned[:, vector], plain[:, vector] @ turn.T, at_least=least)


def test_rashba_is_dresselhaus_in_other_words():
    """Half a turn about x + y exchanges σx and σy, and turns Rashba into Dresselhaus coupling of opposite sign."""

    def device(swap, **keys):
        start = [reservoir(0.8), us.Tunnel(conductance=1.5)]
        magnet = us.Ferromagnet(length=1.0, exchange_field=list(swap @ FIELD), **keys)
        return solved([*start, magnet, insulator(swap @ RIGHT)])

    swap = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, -1]])
    a, b = profiles(device(np.eye(3), rashba=0.9), 0), profiles(device(swap, dresselhaus=-0.9), 0)
    assert_equal(b[:, SCALARS], a[:, SCALARS], at_least=0.01)
    for vector, least in SPINS:
        assert_equal(b[:, vector], a[:, vector] @ swap.T, at_least=least)


@pytest.mark.parametrize("kind", ["between reservoirs", "superconductor"])
def test_phase_gradient_is_a_charge_gauge_field(kind):
    """A = a with a = -∂φ/2 in place of the phase that grows along the layer."""
    difference, length = 1.3, 0.9
    keys = {"length": length, "exchange_field": list(FIELD), "spin_flip": 0.1}
    field = {"phase_gradient": difference / length}
    if kind == "superconductor":
        keys |= {"gap": 0.9, "self_consistent": False}
        steep = us.Superconductor(phase=f"{difference}*z", **keys)
        flat = us.Superconductor(**keys, **field)
    else:
        steep, flat = us.Ferromagnet(**keys), us.Ferromagnet(**keys, **field)
    tunnel = us.Tunnel(conductance=2.0)
    a = solved([reservoir(), tunnel, steep, tunnel, reservoir(difference)])
    b = solved([reservoir(), tunnel, flat, tunnel, reservoir()])
    expected, found = profiles(a, 0), profiles(b, 0)
    assert abs(expected[0, CHARGE_CURRENT]) > 0.05
    assert_equal(found[:, 1:], expected[:, 1:])
    if kind == "superconductor":
        assert_equal(found[:, 0], expected[:, 0] * np.exp(-1j * difference * np.array(PLACES)), at_least=0.5)


def test_named_couplings_are_general_fields():
    """Rashba, Dresselhaus and nanowire coupling by their gauge fields."""
    a, b, c = 0.9, -0.4, 0.6
    named = {"rashba": a, "dresselhaus": b, "nanowire": c}
    general = {"gauge_x": [b, -a, 0], "gauge_y": [a, -b, 0], "gauge_z": [-c, 0, 0]}

    def device(couplings):
        magnet = us.Ferromagnet(length=1.0, exchange_field=list(FIELD), **couplings)
        return solved([reservoir(0.8), us.Tunnel(conductance=1.5), magnet, insulator(RIGHT)])

    assert_equal(profiles(device(general), 0), profiles(device(named), 0), at_least=0.01)


def test_mirrored_couplings():
    """Left and right exchanged: the component along the junction changes sign, those in the plane stay."""
    keys = {"rashba": 0.5, "dresselhaus": 0.2, "spin_orbit": 0.1, "gauge_x": [0.3, 0.1, -0.4], "gauge_y": [0, 0, 0.2]}
    tunnel = us.Tunnel(conductance=1.2)

    def magnet(field, sign):
        along = {"nanowire": 0.8, "phase_gradient": 0.7}
        along = {key: sign * value for key, value in along.items()}
        along["gauge_z"] = [0.1 * sign, 0.5 * sign, -0.3 * sign]
        return us.Ferromagnet(length=0.9, exchange_field=field, **along, **keys)

    a = solved([reservoir(1.1), tunnel, magnet(["0.4 + z", "0.3*z", 0.7], 1), insulator(LEFT)])
    b = solved([insulator(LEFT), magnet(["1.4 - z", "0.3*(1 - z)", 0.7], -1), tunnel, reservoir(1.1)])
    places = np.array(PLACES)
    expected = profiles(b, 0, 1 - places)
    expected[:, CURRENTS] *= -1
    assert_equal(profiles(a, 0, places), expected, at_least=0.01)
    assert np.max(np.abs(expected[:, SPIN_CURRENT])) > 1e-3


def free_stack(*gradients):
    """Superconductor and normal metal in transparent contact, a tunnel contact and a superconductor; no reservoir."""
    first, second, third = gradients
    return us.Stack(
        [
            us.Superconductor(length=2.0, phase_gradient=first), us.NormalMetal(length=0.6, phase_gradient=second),
            us.Tunnel(conductance=0.8, relative_to="left"), us.Superconductor(length=1.2, phase_gradient=third),
        ],
        temperature=0.1, tolerance=1e-4, output=us.Output(quantities=["gap"]),
    )  # fmt: skip


def free_star(*gradients):
    """Two superconductors and a magnet that meet at a node, transparently, with nothing at their other ends."""
    first, second, third = gradients
    arms = [us.Wire(elements=[us.Superconductor(length=1.5, phase_gradient=first)], end="middle")]
    arms.append(us.Wire(elements=[us.Superconductor(length=2.0, phase_gradient=second)], start="middle"))
    magnet = us.Ferromagnet(length=0.7, exchange_field=[0, 0, 1], phase_gradient=third)
    arms.append(us.Wire(elements=[magnet], start="middle"))
    settings = {"temperature": 0.15, "tolerance": 1e-4, "output": us.Output(quantities=["gap"])}
    return us.Device(wires=arms, nodes={"middle": us.Junction()}, **settings)


@pytest.mark.parametrize(
    "device, gradients",
    [(free_stack, (0.1, 0.1, 0.0)), (free_stack, (0.4, -0.7, 0.3)), (free_star, (0.5, -0.2, 0.3))],
)  # fmt: skip
def test_pure_gauge_of_free_phases(device, gradients):
    """Without a reservoir or a ring a charge gauge field changes phases only: by minus its integral along the wires."""
    plain, turned = us.solve(device(0.0, 0.0, 0.0)), us.solve(device(*gradients))
    assert np.max(np.abs(turned.data.charge_current.values)) < 1e-4
    layer = turned.data.layer.values
    for k in (0, 1, 2):
        old, new = (result.solved.profiles.gap[result.data.layer.values == k] for result in (plain, turned))
        if not np.any(old):
            continue
        assert abs(np.max(np.abs(old)) - np.max(np.abs(new))) < 2e-4
        x = turned.data.position.values[layer == k]
        phase = np.unwrap(np.angle(new))
        inside = (x - x[0] > 0.1) & (x[-1] - x > 0.1)  # a singular gap has its node at the very end extrapolated
        assert np.max(np.abs(np.polyfit(x[inside], phase[inside], 1)[0] + gradients[k])) < 1e-3
