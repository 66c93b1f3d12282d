"""Which layers reservoirs drive out of equilibrium, where `nonequilibrium` is not written."""

import numpy as np
import pytest

import usadel as us

N = us.NormalMetal(length=1)
S = us.Superconductor(length=1)
BARRIER = us.Tunnel(conductance=0.1)
BETWEEN = us.Tunnel(conductance=0.1, relative_to="left")
BIASED, GROUND, COLD = us.NormalReservoir(voltage=0.3), us.NormalReservoir(), us.SuperconductingReservoir()
EQUILIBRIUM = [GROUND, COLD]


def solved(*elements, **settings):
    return flags(us.Stack(elements, **{"temperature": 0.1} | settings))


def flags(device):
    return [layer.nonequilibrium for layer in device.network().layers]


def end(**keys):
    return us.NormalReservoir(**keys)


@pytest.mark.parametrize("other", EQUILIBRIUM)
@pytest.mark.parametrize("layer", [N, S, us.Ferromagnet(length=1, exchange_field=[0, 0, 1])])
def test_equal_reservoirs_drive_nothing(layer, other):
    assert solved(COLD, BARRIER, layer, other) == [False]
    assert solved(layer) == solved(layer, GROUND) == [False]


@pytest.mark.parametrize("other", EQUILIBRIUM)
@pytest.mark.parametrize(
    "keys",
    [
        {"voltage": 0.3},
        {"voltage": 0.3, "transverse": True},
        {"temperature": 0.2},
        {"spin_voltage": 0.3},
        {"spin_temperature": 0.05},
        {"spin_voltage": 0.3, "spin_axis": [1, 0, 0]},
    ],
    ids=str,
)
def test_each_bias_drives(keys, other):
    assert solved(end(**keys), BARRIER, N, other) == [True]
    assert solved(end(**keys), N, us.Tunnel(conductance=1e-3, relative_to="left"), S, other) == [True, True]


def test_a_precessing_magnet_drives():
    pump = us.SpinPumpedReservoir(frequency=0.2, cone_angle=0.05, magnetization=[0, 1, 0])
    assert solved(pump, N, GROUND) == [True]


def test_an_axis_without_a_bias_is_nothing():
    assert solved(end(spin_axis=[1, 0, 0]), N, end(spin_axis=[0, 1, 0])) == [False]
    assert solved(end(transverse=True), N, GROUND) == [False]


def test_temperatures_are_those_in_force():
    warm = end(temperature=0.2)
    assert solved(warm, N, GROUND, temperature=0.2) == [False]
    assert solved(warm, N, end(temperature="T"), temperature="2*T", parameters={"T": 0.1}) == [True]
    assert solved(end(temperature="0.1*3"), N, GROUND, temperature=0.3) == [False]  # up to rounding


def test_a_reservoir_that_differs_from_the_layer_alone():
    """An imposed equilibrium next to one bias, or between equal ones, would be silently wrong."""
    assert solved(BIASED, N) == solved(BIASED, N, BIASED) == [True]
    assert solved(end(temperature=0.2), N) == [True]


def test_a_written_distribution_stays():
    for keys in (
        {"temperature": 0.1}, {"voltage": 0.0}, {"spin_voltage": 0.1}, {"spin_temperature": 0.0},
        {"spin_axis": [1, 0, 0]}, {"transverse": False}, {"nonequilibrium": False},
    ):  # fmt: skip
        assert solved(BIASED, us.NormalMetal(length=1, **keys), GROUND) == [False]
    assert solved(GROUND, us.NormalMetal(length=1, nonequilibrium=True), GROUND) == [True]
    assert solved(BIASED, us.NormalMetal(length=1, nonequilibrium=True, temperature=0.3), GROUND) == [True]


@pytest.mark.parametrize("keys", [{"nonequilibrium": False}, {"voltage": 0.2}])
def test_connections_end_at_an_imposed_distribution(keys):
    held = us.NormalMetal(length=1, **keys)
    assert solved(BIASED, N, BETWEEN, N, held, N, N, GROUND) == [True, True, False, False, False]
    assert solved(GROUND, N, held) == [False, False]
    passing = us.NormalMetal(length=1, nonequilibrium=True)
    assert solved(BIASED, N, passing, N) == [True, True, True]


def test_nothing_passes_an_insulating_end():
    """Two wires without a common point: the voltage of one is nothing to the other."""
    wall = us.FerromagneticInsulator(spin_mixing=0.3, magnetization=[1, 0, 0])
    apart = [us.Wire([BIASED, N, GROUND]), us.Wire([wall, S, BARRIER, GROUND]), us.Wire([us.Vacuum(), N])]
    assert flags(us.Device(apart, temperature=0.1)) == [True, False, False]


def star(**arms):
    """Wires from reservoirs to a common point."""
    wires = [us.Wire([N, us.Tunnel(conductance=0.2)], start=name, end="centre") for name in arms]
    return us.Device([*wires, us.Wire([S], start="centre")], {**arms, "centre": us.Junction()}, temperature=0.1)


def test_junctions_connect():
    assert flags(star(a=GROUND, b=COLD, c=GROUND)) == 4 * [False]
    assert flags(star(a=GROUND, b=COLD, c=BIASED)) == 4 * [True]
    held = star(a=GROUND, b=COLD, c=BIASED).replace({"wire.2.stack.0.nonequilibrium": False})
    assert flags(held) == 4 * [False]
    at_the_point = star(a=GROUND, b=COLD, c=BIASED).replace({"wire.3.stack.0.voltage": 0.1})
    assert flags(at_the_point) == [True, True, True, False]  # current passes the point, not the layer behind it


def test_a_reservoir_of_several_wires():
    """What is fixed in between does not connect, but each wire sees both its ends."""
    wires = [us.Wire([N], start="a", end="b"), us.Wire([N], start="b", end="c")]
    nodes = {"a": BIASED, "b": GROUND, "c": COLD}
    assert flags(us.Device(wires, nodes, temperature=0.1)) == [True, False]


def test_chains_in_any_order():
    """Random trees: a layer is solved for exactly if a walk over what is not held leads to the biased reservoir."""
    rng = np.random.default_rng(5)
    seen = set()
    for _ in range(30):
        wires, parents, held = [], [], rng.random(12) < 0.25
        for k in range(12):
            parents.append(int(rng.integers(k)) if k else -1)
            layer = us.NormalMetal(length=1, **({"voltage": 0} if held[k] else {}))
            wires.append(us.Wire([layer], start=f"p{parents[k]}" if k else "bias", end=f"p{k}"))
        leaves = [us.Wire([us.NormalMetal(length=1, voltage=0)], start=f"p{k}") for k in range(12)]
        nodes = {"bias": BIASED} | {f"p{k}": us.Junction() for k in range(12)}
        expected = [not held[0]]
        for k in range(1, 12):
            expected.append(not held[k] and reaches(k, parents, held))
        device = us.Device([*wires, *leaves], nodes, temperature=0.1)
        assert flags(device)[:12] == expected
        seen |= set(expected)
    assert seen == {True, False}


def reaches(k, parents, held):
    """Whether the layers from k to the root are all free: node p_k ends layer k and begins its children."""
    parent = parents[k]
    return not held[parent] and (parent == 0 or reaches(parent, parents, held))


def test_not_written_stays_not_written():
    for text in ("", "nonequilibrium = true\n", "nonequilibrium = false\n"):
        device = us.Stack.from_toml(
            f'[[stack]]\nkind = "normal_reservoir"\nvoltage = 1\n[[stack]]\nkind = "normal_metal"\nlength = 1\n{text}'
        )
        assert us.Stack.from_toml(device.to_toml()) == device
        assert device.to_toml().count("nonequilibrium") == bool(text)
        assert device.get("stack.1.nonequilibrium") == {"": None, "t": True, "f": False}[text[17:18]]
        assert device.value("stack.1.nonequilibrium") is (text[17:18] != "f")


def test_written_and_taken_back():
    device = us.Stack([BIASED, us.NormalMetal(name="N", length=1), GROUND])
    changed = device.replace({"N.nonequilibrium": False})
    assert flags(changed) == [False] and changed.replace({"N.nonequilibrium": None}) == device


def test_check_says_which_and_why():
    held = us.NormalMetal(length=1, voltage=0.1, spin_axis=[1, 0, 0])
    forced = us.NormalMetal(length=1, nonequilibrium=True)
    text = us.Stack([BIASED, N, held, N, forced, us.NormalMetal(length=1, nonequilibrium=False)]).sketch()
    reasons = [part.partition(")")[0] for part in " ".join(text.split()).split("distribution: ")[1:]]
    assert reasons == [
        "solved (driven by reservoirs", "imposed (voltage, spin_axis", "imposed (equilibrium",
        "solved (nonequilibrium = true", "imposed (nonequilibrium = false",
    ]  # fmt: skip


def test_geneus_is_explicit():
    """There only the key solves for a distribution, whatever reservoirs have."""
    text = "[conductor]\norder: 0\nvoltage: 0.3\n[conductor]\nlength: 2\n[superconductor]\nnonequilibrium: T\n"
    device = us.from_geneus(text)
    assert flags(device) == [False, True]
    assert device.to_toml().count("nonequilibrium = ") == 2
    assert flags(us.Stack.from_toml(device.to_toml())) == [False, True]
