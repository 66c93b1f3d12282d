"""Values far beyond every experiment are refused when a device is read; everything a physicist may want is not."""

import math

import pytest

import usadel as us
from usadel.description.values import ranges
from usadel.description.values.keys import Quantity, Vector

LAYER = '[[stack]]\nkind = "superconductor"\nname = "S"\nlength = 1\n'
REFUSED = {
    "length tiny": ("length = 1\n", "length = 1e-12\n", "from 0.0001 to 1e+06"),
    "length huge": ("length = 1\n", "length = 1e300\n", "from 0.0001 to 1e+06"),
    "length tiny by an expression": ("length = 1\n", 'length = "exp(-50)"\n', "1.92875e-22"),
    "diffusion huge": ("length = 1\n", "length = 1\ndiffusion = 1e308\n", "stack.0.diffusion"),
    "length tiny for its diffusion": ("length = 1\n", "length = 0.001\ndiffusion = 1e6\n", "length/√diffusion"),
    "temperature denormal": ("[[stack]]", "temperature = 1e-320\n[[stack]]", "from 1e-08 to 10000"),
    "inelastic huge": ("[[stack]]", "inelastic = 1e10\n[[stack]]", "at most 1e+06"),
    "energies far": ("[[stack]]", "[output]\nenergies = [-1e300, 1e300]\n[[stack]]", "from -1e+06 to 1e+06"),
    "field huge": ("length = 1\n", "length = 1\nexchange_field = [0, 0, 1e300]\n", "exchange_field"),
    "field huge somewhere": ("length = 1\n", 'length = 1\nexchange_field = [0, 0, "exp(50*z)"]\n', "exchange_field"),
    "gap huge somewhere": ("length = 1\n", 'length = 1\ngap = "exp(50*z)"\n', "gap"),
    "axis denormal": ("length = 1\n", "length = 1\nspin_axis = [1e-320, 0, 1e-320]\n", "too small"),
    "three thousand layers": (LAYER, LAYER.replace('name = "S"\n', "") * 3000, "3000 layers"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_absurd_values_are_refused(case):
    old, new, words = REFUSED[case]
    with pytest.raises(us.InputError) as caught:
        us.Stack.from_toml(LAYER.replace(old, new, 1))
    assert words in str(caught.value) and "\n" not in str(caught.value)


def quantities():
    for kind in us.description.device.tables.STACK_KINDS.values():
        yield from ((kind.kind, name, key) for name, key in kind.keys().items() if isinstance(key, Quantity | Vector))


@pytest.mark.parametrize(("kind", "name", "key"), list(quantities()), ids=lambda v: v if isinstance(v, str) else "")
def test_every_number_has_a_range(kind, name, key):
    """Nothing that overflows when it is squared three times passes, and nothing positive that vanishes then."""
    for size in (1e150, -1e150, 1e300):
        value = [0, size, 0] if isinstance(key, Vector) else size
        if not getattr(key, "direction", False):
            with pytest.raises(us.InputError):
                key.check(value)
    if getattr(key, "above", None) == 0:
        couplings = name == "critical_temperature"  # only its logarithm counts
        for size in (1e-320,) if couplings else (1e-150, 1e-300, 1e-320):
            with pytest.raises(us.InputError):
                key.check(size)


def test_every_unit_of_a_key_is_in_the_table():
    units = {key.unit for _, _, key in quantities()} - {""}
    assert set(ranges.RANGES) <= units | {"Tc"} and units - set(ranges.RANGES) <= {"Δ0/(|e| R_ξ)"}


@pytest.mark.parametrize("change", [{"S.length": 1e-4}, {"S.length": 1e5}, {"S.diffusion": 1e4}, {"S.diffusion": 1e-4}])
def test_extreme_layers_still_solve(change):
    """A bulk gap depends neither on the length of the layer nor on how its electrons diffuse."""
    bulk = us.Stack([us.Superconductor(name="S", length=1)], temperature=0.4, inelastic=0.1, tolerance=1e-3)
    expected = float(us.solve(bulk).data.gap.max())
    gap = us.solve(bulk.replace(change)).data.gap.values
    assert gap == pytest.approx(expected, abs=2e-3) and math.isclose(expected, 0.8543, abs_tol=2e-3)
