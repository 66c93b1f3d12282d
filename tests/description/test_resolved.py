"""What a device resolves to: frozen values that other processes can be sent."""

import pickle
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import numpy as np
import pytest

import usadel.description as us
from usadel.description.device.resolved import ExchangeField
from usadel.description.values.profiles import NO_FIELD, Constant, Expression, Sampled
from usadel.discretization.space import stretched_grid

Z = np.linspace(0, 1, 7)


def everything():
    magnet = us.SpinActive(name="m", conductance=1, polarization=0.3, magnetization=[0, 0, 2], relative_to="left")
    return us.Stack(
        [
            us.NormalReservoir(voltage=0.1),
            us.Tunnel(conductance=0.5),
            us.Superconductor(name="S", length=1, gap="1 - z/2", phase=0.3, exchange_field=[0, "0.1*z", 0.2]),
            magnet,
            us.HalfMetal(length=0.5, polarization=0.6, magnetization=[1, 0, 0]),
            us.SpinActive(conductance=1, spin_mixing=0.2, magnetization=[0, 1, 0]),
            us.SuperconductingReservoir(phase=0.5, current=0.01),
        ]
    )


def values(one):
    """All values in a tree of dataclasses and tuples."""
    if is_dataclass(one):
        return [value for field in fields(one) for value in values(getattr(one, field.name))]
    return [value for part in one for value in values(part)] if isinstance(one, tuple) else [one]


def test_a_network_is_plain_values():
    network = everything().network()
    found = values(network)
    assert {type(value) for value in found} <= {float, int, str, bool, type(None)} and len(found) > 80
    assert pickle.loads(pickle.dumps(network)) == network
    with pytest.raises(FrozenInstanceError):
        network.layers[0].length = 2.0


def test_what_a_kind_is_follows_from_its_values():
    superconductor, half_metal = everything().network().layers
    assert superconductor.pairing.gap == Expression("1 - z / 2") and superconductor.pairing.phase == Constant(0.3)
    assert superconductor.exchange.given == (Constant(0.0), Expression("0.1 * z"), Constant(0.2))
    assert superconductor.self_consistent and superconductor.spins is None and superconductor.mixes_spin
    assert (half_metal.pairing, half_metal.exchange) == (None, None) and half_metal.spins.polarization == 0.6
    assert not half_metal.mixes_spin and not half_metal.self_consistent and not half_metal.has_given_gap


def test_an_interface_knows_its_place():
    network = everything().network()
    assert [(law.place, law.label, law.reference) for _, law, _ in network.interfaces()] == [
        ("stack.1", "S left", 0), ("stack.3", "m", 0), ("stack.5", "half_metal 4 right", 1),
    ]  # fmt: skip


def test_a_field_that_was_found_adds_to_the_given_one():
    grid = stretched_grid(1.5, 33, (1.0, 2.0))
    found = np.stack([np.sin(grid.x), np.cos(grid.x), 0 * grid.x])
    given = ExchangeField((Expression("0.1*z"), Constant(0.0), Constant(0.7)))
    field = replace(given, induced=Sampled(grid, found))
    expected = [np.sin(1.5 * Z) + 0.1 * Z, np.cos(1.5 * Z), np.full(7, 0.7)]
    np.testing.assert_allclose(field.at(Z), expected, atol=1e-9)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(field)).at(Z), field.at(Z))
    assert NO_FIELD.is_zero and not field.is_zero and not replace(NO_FIELD, induced=Sampled(grid, found)).is_zero


@pytest.mark.parametrize(
    ("path", "value", "same"),
    [
        ("S.spin_voltage", 0.2, True), ("S.gap", 0.7, True), ("S.phase", "z", True), ("S.temperature", 0.3, True),
        ("normal_reservoir", None, True), ("superconducting_reservoir", None, True),
        ("S.length", 2.0, False), ("S.spin_flip", 0.1, False), ("S.inelastic", 0.1, False),
        ("S.exchange_field.0", 1.0, False), ("S.self_consistent", False, False), ("m.polarization", 0.4, False),
    ],
)  # fmt: skip
def test_what_the_usadel_equation_at_a_given_gap_sees(path, value, same):
    device = everything()
    changes = {"normal_reservoir": {"stack.0.voltage": 0.7}, "superconducting_reservoir": {"stack.6.phase": 1.0}}
    other = device.replace(changes.get(path, {path: value}))
    assert device.network().has_spectral_terms_of(other.network()) is same
