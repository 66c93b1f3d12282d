import pytest
from synthetic_result import ATTRS, make_coords, make_dataset, make_values


@pytest.fixture
def dataset():
    return make_dataset(nodes=7, energies=61)


@pytest.fixture
def parts():
    """Arrays, coordinates and attributes, free to be spoiled."""
    coords = make_coords(nodes=5, energies=41)
    return make_values(coords), coords, dict(ATTRS)
