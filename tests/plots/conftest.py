import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "results"))

from synthetic_result import make_dataset


@pytest.fixture
def dataset():
    return make_dataset(nodes=9, energies=81)
