"""Devices that are the same in different words have the same results."""

import numpy as np
import pytest
from profile_columns import (
    ACCUMULATIONS,
    CHARGE_AND_SPIN,
    CHARGE_AND_SPIN_CURRENTS,
    CHARGE_CURRENT,
    CURRENTS,
    SCALARS,
    SPIN_ACCUMULATION,
    SPIN_CURRENT,
    SPIN_ENERGY_ACCUMULATION,
    SPIN_ENERGY_CURRENT,
    side_by_side,
)

import usadel as us

TOLERANCE = 1e-8
FIELD = np.array([0.4, -0.7, 1.1])
LEFT, RIGHT = np.array([1.0, 0.2, 0.0]), np.array([0.1, 1.0, -0.4])
VECTORS = (SPIN_CURRENT, SPIN_ENERGY_CURRENT, SPIN_ACCUMULATION, SPIN_ENERGY_ACCUMULATION)
WITHOUT_ENERGIES = [*CURRENTS, *CHARGE_AND_SPIN]  # accumulations of energy diverge at jumps of the pair potential


def solved(elements, nodes=None, **settings):
    settings = {"temperature": 0.2, "tolerance": TOLERANCE, **settings}
    device = us.Stack(elements, **settings) if nodes is None else us.Device(elements, nodes, **settings)
    return us.solve(device)


def profiles(result, layer, places=(0.0, 0.31, 0.5, 1.0)):
    """Gap, currents (8) and accumulations (8) at relative places of one layer: (places, 17), complex."""
    problem = result.state.problem
    length = problem.network.layers[layer].length
    start = sum(one.length for one in problem.network.layers[:layer])
    matrix = problem.interpolation(start + length * np.clip(places, 1e-12, 1 - 1e-12))
    return matrix @ side_by_side(result.refined.profiles)


def assert_equal(actual, expected, tolerance=None, at_least=1e-3):
    """Equal within what both tolerances allow; the largest entry guards against 0 = 0."""
    assert np.max(np.abs(expected)) >= at_least
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance or 2 * TOLERANCE)


def insulator(direction, mixing=0.6):
    return us.FerromagneticInsulator(spin_mixing=mixing, magnetization=list(direction))


def normal(length=1.2, **keys):
    return us.NormalMetal(length=length, **keys)


def superconductor(length=1.4, **keys):
    return us.Superconductor(length=length, **keys)


def reservoir(phase=0.0):
    return us.SuperconductingReservoir(phase=phase)


PARTS = {"area": lambda f: {"area": f}, "conductivity": lambda f: {"conductivity": f}}


# leads of unequal rules: the energy accumulation next to a reservoir's pair potential diverges logarithmically
JUNCTIONS = pytest.param("junctions", marks=pytest.mark.xfail(strict=True, reason="the end value of a divergence"))


@pytest.mark.parametrize("between", ["reservoirs", JUNCTIONS])
def test_one_wire_is_two_of_half_the_area(between):
    nodes = {"a": reservoir(0.9), "b": reservoir(0.0)}
    if between == "reservoirs":
        one = solved([us.Wire([normal()], start="a", end="b")], nodes)
        two = solved([us.Wire([normal(area=0.5)], start="a", end="b")] * 2, nodes)
        number, halves = 0, (0, 1)
    else:
        nodes |= {"c": us.Junction(), "d": us.Junction()}
        leads = [us.Wire([normal(0.5)], start="a", end="c"), us.Wire([normal(0.5)], start="d", end="b")]
        one = solved([*leads, us.Wire([normal()], start="c", end="d")], nodes)
        two = solved([*leads, *[us.Wire([normal(area=0.5)], start="c", end="d")] * 2], nodes)
        number, halves = 2, (2, 3)
        assert_equal(profiles(two, 0), profiles(one, 0), at_least=0.05)
    whole = profiles(one, number)
    assert abs(whole[0, CHARGE_CURRENT]) > 0.05
    for half in halves:
        part = profiles(two, half)
        assert_equal(2 * part[:, CHARGE_AND_SPIN_CURRENTS], whole[:, CHARGE_AND_SPIN_CURRENTS])
        assert_equal(part[:, CHARGE_AND_SPIN], whole[:, CHARGE_AND_SPIN], at_least=0)


def test_two_equal_arms_fold_into_one():
    """A superconducting stem with two ferromagnetic arms, and with one of twice their area."""
    arm = {"length": 0.7, "exchange_field": list(FIELD)}
    stem = superconductor(area=1.0, self_consistent=False, gap=0.9)
    nodes = {"o": us.Junction()}
    y = solved(
        [
            us.Wire([stem], end="o"),
            us.Wire([us.Ferromagnet(**arm), insulator(LEFT)], start="o"),
            us.Wire([us.Ferromagnet(**arm), insulator(LEFT)], start="o"),
        ],
        nodes,
    )
    chain = solved([stem, us.Ferromagnet(area=2.0, **arm), insulator(LEFT)])
    for first, second, factor in ((0, 0, 1.0), (1, 1, 0.5), (2, 1, 0.5)):
        expected = profiles(chain, second)
        expected[:, CURRENTS] *= factor
        assert_equal(profiles(y, first)[:, [0, *WITHOUT_ENERGIES]], expected[:, [0, *WITHOUT_ENERGIES]], at_least=0.02)


def test_ring_is_folded_by_its_mirror_symmetry():
    """A normal ring on a lead: the loop, cut at its far point, is two free arms."""
    nodes = {"a": reservoir(), "o": us.Junction()}
    lead = us.Wire([normal(0.4)], start="a", end="o")
    ring = solved([lead, us.Wire([normal(2.0)], start="o", end="o")], nodes, tolerance=1e-6)
    arms = solved([lead, us.Wire([normal(1.0)], start="o"), us.Wire([normal(1.0)], start="o")], nodes, tolerance=1e-6)
    pairs = ring.state.problem.interpolation(np.array([0.4, 1.4])) @ ring.refined.profiles.pairs
    other = arms.state.problem.interpolation(np.array([0.4, 1.4 - 1e-12])) @ arms.refined.profiles.pairs
    assert_equal(pairs[:, :1], other[:, :1], 4e-6, at_least=0.1)
    half, whole = profiles(ring, 1, (0.0, 0.25, 0.5)), profiles(arms, 1, (0.0, 0.5, 1.0))
    assert_equal(half[:, CHARGE_AND_SPIN], whole[:, CHARGE_AND_SPIN], 4e-6, at_least=0)


SPLIT = {
    "normal": lambda length, **keys: normal(length, **keys),
    "ferromagnet": lambda length, **keys: us.Ferromagnet(length=length, exchange_field=list(FIELD), **keys),
    "rigid superconductor": lambda length, **keys: superconductor(length, self_consistent=False, gap=0.8, **keys),
    "superconductor": lambda length, **keys: superconductor(length, **keys),
    "couplings": lambda length, **keys: us.Ferromagnet(
        length=length, exchange_field=list(FIELD), rashba=0.7, dresselhaus=-0.4, nanowire=0.6, **keys
    ),
    "gauge fields": lambda length, **keys: us.Ferromagnet(
        length=length,
        exchange_field=list(FIELD),
        gauge_x=[0.2, -0.5, 0.3],
        gauge_y=[0.4, 0.1, -0.6],
        gauge_z=[0.5, -0.3, 0.2],
        phase_gradient=0.4,
        **keys,
    ),
    "scattering": lambda length, **keys: us.Ferromagnet(
        length=length, exchange_field=list(FIELD), spin_flip=0.1, spin_orbit=0.2, depairing=0.3, **keys
    ),
}


@pytest.mark.parametrize("kind", SPLIT)
def test_layer_split_in_two(kind):
    make = SPLIT[kind]
    start = [reservoir(0.8), us.Tunnel(conductance=1.5)]
    end = [us.Tunnel(conductance=0.9), reservoir()]
    if kind == "superconductor":
        start, end = [insulator(LEFT)], [insulator(RIGHT)]
    one = solved([*start, make(1.5), *end])
    factor = [0.6 / 1.5, 0.9 / 1.5]  # the G_N of a part is larger than that of the whole
    two = solved([*_scaled(start, factor[0]), make(0.6), make(0.9), *_scaled(end, factor[1])])
    whole = profiles(one, 0, (0.0, 0.2, 0.4, 0.7, 1.0))
    parts = np.concatenate([profiles(two, 0, (0.0, 0.5, 1.0)), profiles(two, 1, (0.5, 1.0))])
    assert_equal(np.abs(parts[:, [0, *WITHOUT_ENERGIES]]), np.abs(whole[:, [0, *WITHOUT_ENERGIES]]), at_least=0.01)
    assert_equal(parts[:, WITHOUT_ENERGIES], whole[:, WITHOUT_ENERGIES], at_least=1e-3)


def _scaled(elements, factor):
    """Interfaces whose ratios refer to a shorter layer of the same material."""
    out = []
    for element in elements:
        if isinstance(element, us.Tunnel):
            element = us.Tunnel(conductance=element.conductance * factor)
        elif isinstance(element, us.FerromagneticInsulator):
            element = us.FerromagneticInsulator(
                spin_mixing=element.spin_mixing * factor, magnetization=element.magnetization
            )
        out.append(element)
    return out


def test_mirrored_stack():
    """Left and right exchanged: currents change sign, densities do not."""
    keys = {"spin_voltage": 0.2, "spin_axis": list(RIGHT)}
    f, s = {"length": 0.6, "exchange_field": ["0.4 + z", "0.3*z", 0.7]}, {"length": 1.1, **keys}
    mirrored = {"length": 0.6, "exchange_field": ["1.4 - z", "0.3*(1 - z)", 0.7]}
    tunnel = us.Tunnel(conductance=0.7, relative_to="left")
    other = us.Tunnel(conductance=0.7, relative_to="right")
    a = solved([reservoir(1.1), superconductor(**s), tunnel, us.Ferromagnet(**f, **keys), insulator(LEFT)])
    b = solved([insulator(LEFT), us.Ferromagnet(**mirrored, **keys), other, superconductor(**s), reservoir(1.1)])
    covered = np.array([0.06, 0.2, 0.5, 1.0])  # not next to the reservoir, where the pair potential jumps
    for one, two, places in ((0, 1, covered), (1, 0, np.array([0.0, 0.2, 0.5, 1.0]))):
        expected = profiles(b, two, 1 - places)
        expected[:, CURRENTS] *= -1
        assert_equal(profiles(a, one, places), expected, at_least=0.01)
    assert np.max(np.abs(profiles(a, 1, covered)[:, SPIN_CURRENT])) > 1e-3


def test_mirrored_josephson_junction():
    a = solved([reservoir(1.1), us.Tunnel(conductance=0.7), normal(), reservoir(-0.3)])
    b = solved([reservoir(-0.3), normal(), us.Tunnel(conductance=0.7), reservoir(1.1)])
    left, right = profiles(a, 0), profiles(b, 0)[::-1]
    assert left[0, CHARGE_CURRENT].real < -0.05  # electrons flow against the current sin(φ_left - φ_right)
    assert_equal(left[[0, -1], CHARGE_CURRENT], -right[[0, -1], CHARGE_CURRENT])


def rotation(seed=7):
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.linalg.det(q)


def test_rotated_spin_space():
    """Everything magnetic turned together: the gap and charge stay, spin vectors turn."""

    def device(turn):
        keys = {"spin_voltage": 0.25, "spin_axis": list(turn @ np.array([0.3, 0.5, -1.0]))}
        return solved(
            [
                insulator(turn @ LEFT),
                superconductor(**keys),
                us.Tunnel(conductance=1.0, relative_to="left"),
                us.Ferromagnet(length=0.5, exchange_field=list(turn @ FIELD), **keys),
                insulator(turn @ RIGHT, -0.4),
            ]
        )

    turn = rotation()
    a, b = device(np.eye(3)), device(turn)
    for layer in (0, 1):
        plain, turned = profiles(a, layer), profiles(b, layer)
        assert_equal(turned[:, [0, *SCALARS]], plain[:, [0, *SCALARS]])
        for vector, least in zip(VECTORS, (1e-3, 0, 0.01, 0), strict=True):
            assert_equal(turned[:, vector], plain[:, vector] @ turn.T, at_least=least)
    energies = np.linspace(-1.5, 1.5, 7)
    one, two = a.dos(energies, tolerance=1e-6), b.dos(energies, tolerance=1e-6)
    assert_equal(two.dos.values[[0, -1]], one.dos.values[[0, -1]], 4e-6)
    vectors = np.einsum("ij,jpe->ipe", turn, one.dos_spin.values[:, [0, -1]])
    assert_equal(two.dos_spin.values[:, [0, -1]], vectors, 4e-6, at_least=0.01)


def exchanged(sides):
    """Keys of the left and right side, each with the other's value."""
    return dict(zip(sides, list(sides.values())[::-1], strict=True))


def test_rotated_and_mirrored_half_metal():
    """Spin space turned, left and right exchanged; what flows through it is conserved."""

    def contact(turn, first, second, side):
        sides = {"spin_mixing_left": 0.8, "spin_mixing_right": 0.3}
        directions = {"magnetization_left": list(turn @ first), "magnetization_right": list(turn @ second)}
        if side == "right":
            sides, directions = exchanged(sides), exchanged(directions)
        common = {"conductance": 0.9, "polarization": 0.5, "magnetization": list(turn @ FIELD)}
        return us.SpinActive(**common, **sides, **directions, relative_to=side)

    def elements(turn, mirrored):
        first, second = ("right", "left") if mirrored else ("left", "right")
        middle = us.HalfMetal(length=0.8, polarization=0.7, magnetization=list(turn @ [1.0, -2.0, 0.5]))
        keys = {"self_consistent": False, "gap": 0.9}
        return [
            superconductor(0.7, phase=1.1, **keys), contact(turn, LEFT, RIGHT, first), middle,
            contact(turn, RIGHT, FIELD, second), superconductor(0.9, **keys),
        ]  # fmt: skip

    turn = rotation()
    a = solved(elements(np.eye(3), False), tolerance=1e-5)
    b = solved(elements(turn, True)[::-1], tolerance=1e-5)
    places = np.array([0.0, 0.3, 0.5, 1.0])
    for layer in range(3):
        plain, other = profiles(a, layer, places), profiles(b, 2 - layer, 1 - places)
        other[:, CURRENTS] *= -1
        assert_equal(other[:, [0, *SCALARS]], plain[:, [0, *SCALARS]], 1e-7, 1e-3)
        leasts = ((SPIN_CURRENT, layer == 1), (SPIN_ACCUMULATION, layer != 1), (SPIN_ENERGY_ACCUMULATION, False))
        for vector, acts in leasts:
            assert_equal(other[:, vector], plain[:, vector] @ turn.T, 1e-7, 1e-3 * acts)
    currents = profiles(a, 1, places)[:, CHARGE_AND_SPIN_CURRENTS]
    assert abs(currents[0, 0]) > 1e-4 and np.max(np.ptp(currents.real, axis=0)) < 1e-7
    contacts = [
        profiles(a, 0, places)[-1, CHARGE_CURRENT],
        *currents[[0, -1], 0],
        profiles(a, 2, places)[0, CHARGE_CURRENT],
    ]
    assert np.ptp(np.real(contacts)) < 1e-7


@pytest.mark.parametrize("shift", [0.4, 2.0, np.pi])
def test_global_phase(shift):
    def device(phase):
        return solved(
            [reservoir(0.8 + phase), superconductor(0.9, phase=phase), normal(0.3), reservoir(phase)], tolerance=1e-6
        )

    a, b = device(0.0), device(shift)
    for layer in (0, 1):
        plain, turned = profiles(a, layer)[1:-1], profiles(b, layer)[1:-1]
        assert_equal(turned[:, 0], plain[:, 0] * np.exp(1j * shift), 4e-6, at_least=0.1 * (layer == 0))
        assert_equal(turned[:, WITHOUT_ENERGIES], plain[:, WITHOUT_ENERGIES], 4e-6, at_least=0.05)


@pytest.mark.parametrize("key", ["area", "conductivity"])
def test_scaled_cross_section(key):
    """Relative conductances kept: currents grow in proportion, densities stay."""

    def device(factor):
        keys = {key: factor}
        elements = [
            insulator(LEFT),
            superconductor(1.1, **keys),
            us.Tunnel(conductance=0.8, relative_to="right"),
            us.Ferromagnet(length=0.6, exchange_field=list(FIELD), **{key: 0.7 * factor}),
            insulator(RIGHT),
        ]
        return solved(elements)

    a, b = device(1.0), device(2.5)
    for layer in (0, 1):
        plain, scaled = profiles(a, layer), profiles(b, layer)
        assert_equal(scaled[:, SPIN_CURRENT], 2.5 * plain[:, SPIN_CURRENT], 4e-8, at_least=1e-3)
        assert_equal(scaled[:, [0, *ACCUMULATIONS]], plain[:, [0, *ACCUMULATIONS]])


def test_diffusion_is_a_unit_of_length():
    """A layer with four times the diffusion coefficient is half as long."""
    a = solved([reservoir(0.9), normal(1.0), reservoir()])
    b = solved([reservoir(0.9), normal(2.0, diffusion=4.0, conductivity=2.0), reservoir()])
    assert_equal(profiles(b, 0)[:, CHARGE_CURRENT], profiles(a, 0)[:, CHARGE_CURRENT], at_least=0.1)
