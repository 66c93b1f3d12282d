"""Every kind that the description knows is known to the equations, and the other way round."""

from usadel.description.elements.kinds import INTERFACES, LAYERS
from usadel.equations.interfaces import LAWS
from usadel.terms import TERMS


def test_every_interface_has_its_law():
    assert set(LAWS) == {cls.kind for cls in INTERFACES} - {"transparent"}  # continuity is a row, not a law
    assert all(callable(law.scattering) for law in LAWS.values())


def test_every_term_belongs_to_a_key_of_some_layer():
    keys = set().union(*(cls.keys() for cls in LAYERS))
    assert set(TERMS) <= keys
    assert {"exchange_field", "spin_flip", "rashba", "gauge_x"} <= set(TERMS)  # a guard against an empty registry
