"""The table of variables: complete, consistent, and typeset without error."""

import subprocess
import sys

import pytest
from cases import QUANTITIES

from usadel.quantities.units import UNITS
from usadel.results import COORDINATES, VARIABLES, SchemaError, entry, schema


@pytest.mark.parametrize("row", QUANTITIES, ids=lambda row: row.names)
def test_names_and_dimensions_are_those_of_the_contract(row):
    for name in row.names.split():
        assert VARIABLES[name].dims == row.dims


def test_nothing_else_is_in_the_table():
    assert set(VARIABLES) == {name for row in QUANTITIES for name in row.names.split()}


def test_every_dimension_is_a_coordinate_and_every_unit_is_known():
    for item in [*VARIABLES.values(), *COORDINATES.values()]:
        assert set(item.dims) <= set(COORDINATES)
        assert item.units in UNITS and item.units.isascii()
        assert item.long_name and item.symbol


def test_symbols_and_units_are_valid_math():
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("path")
    for item in [*VARIABLES.values(), *COORDINATES.values()]:
        parser.parse(f"${item.symbol}$")
        parser.parse(f"${schema.units_latex(item.units)}$")
    parser.parse(f"${schema.units_latex('my_unit per m')}$")


def test_unknown_name_points_to_the_nearest():
    with pytest.raises(SchemaError, match="'spin_curent'; did you mean 'spin_current'"):
        entry("spin_curent")


def test_importing_results_loads_nothing_heavy():
    code = "import sys, usadel.results; print([m for m in ('numpy', 'xarray', 'h5netcdf') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
