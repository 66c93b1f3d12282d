"""The relation of a normal wire, which several tests look at."""

import pytest
from junction_devices import wire

import usadel as us


@pytest.fixture(scope="session")
def normal():
    return us.josephson(wire())
