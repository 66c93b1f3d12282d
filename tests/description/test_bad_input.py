"""What cannot be used is refused in one line that says what can."""

import pickle

import numpy as np
import pytest

import usadel.description as us
from usadel.description import InputError

N = us.NormalMetal(length=1)
S = us.Superconductor(length=1)
FI = us.FerromagneticInsulator(spin_mixing=0.6, magnetization=[1, 0, 0])
TUNNEL = us.Tunnel(conductance=0.3)
BOTH = us.Tunnel(conductance=0.3, relative_to="left")
NR = us.NormalReservoir()


def superconductor(**keys):
    return us.Stack([us.Superconductor(**{"length": 1, **keys})])


def wire(*elements, **ends):
    return us.Wire(list(elements), **ends)


BAD = {
    "length missing": (lambda: us.NormalMetal(), "length.*required.*> 0"),
    "length zero": (lambda: us.NormalMetal(length=0), "> 0"),
    "length negative": (lambda: us.NormalMetal(length=-1), "> 0.*ξ.*not -1"),
    "length true": (lambda: us.NormalMetal(length=True), "boolean"),
    "length numpy bool": (lambda: us.NormalMetal(length=np.True_), "must be a number > 0"),
    "length nan": (lambda: us.NormalMetal(length=float("nan")), "must be a number > 0.*not nan"),
    "length inf": (lambda: us.NormalMetal(length=float("inf")), "must be a number > 0.*not inf"),
    "length huge integer": (lambda: us.NormalMetal(length=10**5000), "must be a number > 0"),
    "length none": (lambda: us.NormalMetal(length=None), "must be a number > 0"),
    "length list": (lambda: us.NormalMetal(length=[1]), "must be a number > 0"),
    "length complex": (lambda: us.NormalMetal(length=1j), "must be a number > 0"),
    "length not an expression": (lambda: us.NormalMetal(length="30 + nm +"), "allowed: numbers, pi, parameters"),
    "length times pi": (lambda: us.NormalMetal(length="2 pi"), "allowed: numbers, pi, parameters"),
    **{
        f"unit in {value}": (
            lambda value=value: superconductor(length=value),
            "has a unit; allowed: .*scale.* lengths in ξ",
        )
        for value in ("30 nm", "30nm", "-1.5e-2 µm", ".5 Å")
    },
    "unit of the program": (lambda: us.NormalMetal(length="2 ξ"), "unknown unit, 'ξ'.*a plain number in ξ"),
    "unit of a temperature": (lambda: us.Stack([S], temperature="4.2 K"), "temperature: '4.2 K' has a unit.*in Tc"),
    "unit of an energy": (
        lambda: us.Stack([us.Ferromagnet(length=1, exchange_field=["1 meV", 0, 0])]),
        "exchange_field.*'1 meV' has a unit.*energies in Δ0",
    ),
    "unit of a parameter": (
        lambda: us.Stack([S], parameters={"a": "2 Ohm m"}),
        "parameters.a: '2 Ohm m' has a unit.*scale",
    ),
    "unit in a change": (lambda: us.Stack([S]).replace({"stack.0.length": "20 nm"}), "stack.0.length.*has a unit"),
    "misspelt and so missing": (
        lambda: us.Superconductor(lenght=1),
        r"^lenght \(superconductor\): unknown key 'lenght', did you mean 'length'",
    ),
    "misspelt setting": (lambda: us.Stack([S], temprature=1), "^temprature: unknown key.*did you mean 'temperature'"),
    "value without its key": (lambda: us.Superconductor(1.5), r"by name, such as Superconductor\(length=…\), not 1.5"),
    "length expression negative": (lambda: superconductor(length="1-2"), "> 0.*which is -1"),
    "length unknown name": (
        lambda: superconductor(length="2*L"),
        "stack.0.length.*unknown name 'L'.*allowed",
    ),
    "length of z": (lambda: superconductor(length="z"), "cannot depend on z.*allowed: pi, parameters"),
    "unknown key": (lambda: superconductor(lenght=1), "unknown key 'lenght', did you mean 'length'"),
    "key of another kind": (
        lambda: us.NormalMetal(length=1, gap=1),
        "unknown key 'gap'.*allowed: name, length",
    ),
    "imposed and solved": (
        lambda: us.Stack([superconductor(nonequilibrium=True, voltage=0.1)]).network(),
        "voltage.*imposes a distribution.*allowed: one of the two",
    ),
    "polarization complete": (
        lambda: us.HalfMetal(length=1, polarization=1, magnetization=[0, 0, 1]),
        "polarization.*> -1 and < 1.*not 1",
    ),
    "polarization missing": (lambda: us.HalfMetal(length=1, magnetization=[0, 0, 1]), "polarization.*required"),
    "scattering negative": (lambda: superconductor(spin_orbit=-0.1), r">= 0, at most 1e\+06 in units of Δ0"),
    "gap negative": (lambda: superconductor(gap=-0.1), r">= 0, at most 1e\+09 in units of Δ0"),
    "gap profile negative": (lambda: superconductor(gap="z-0.5"), ">= 0.*every z"),
    "gap profile infinite": (lambda: superconductor(gap="1/z"), "not a finite real number"),
    "temperature zero": (lambda: superconductor(temperature=0), "> 0, from 1e-08 to 10000 in units of Tc"),
    "inelastic negative": (lambda: superconductor(inelastic=-1e-9), ">= 0"),
    "diffusion zero": (lambda: superconductor(diffusion=0), "> 0"),
    "conductivity negative": (lambda: superconductor(conductivity=-1), "> 0"),
    "area zero": (lambda: superconductor(area="0*pi"), "> 0.*which is 0"),
    "spin temperature": (lambda: superconductor(spin_temperature=0.01), "smaller in magnitude than"),
    "spin temperature negative": (
        lambda: superconductor(temperature=0.5, spin_temperature="-1/2"),
        "T ± spin_temperature > 0",
    ),
    "spin axis zero": (lambda: superconductor(spin_axis=[0, 0, 0]), "not all zero"),
    "spin axis zero evaluated": (lambda: superconductor(spin_axis=["1-1", 0, 0]), "not all zero"),
    "spin axis of two": (lambda: superconductor(spin_axis=[1, 0]), "three numbers"),
    "spin axis of text": (lambda: superconductor(spin_axis="xyz"), "three numbers"),
    "spin axis boolean": (lambda: superconductor(spin_axis=[True, 0, 0]), "boolean"),
    "spin axis of z": (lambda: superconductor(spin_axis=["z", 0, 1]), "cannot depend on z"),
    "self consistent 1": (lambda: superconductor(self_consistent=1), "true or false"),
    "exchange field missing": (lambda: us.Ferromagnet(length=1), "exchange_field.*required.*three numbers"),
    "exchange field number": (lambda: us.Ferromagnet(length=1, exchange_field=3), "three numbers"),
    "exchange field nan": (
        lambda: us.Ferromagnet(length=1, exchange_field=[np.nan, 0, 0]),
        "three numbers or expressions",
    ),
    "exchange field profile": (
        lambda: us.Stack([us.Ferromagnet(length=1, exchange_field=[0, "log(z)", 0])]),
        "stack.0.exchange_field.*finite",
    ),
    "conductance zero": (lambda: us.Tunnel(conductance=0), "> 0"),
    "relative_to word": (lambda: us.Tunnel(conductance=1, relative_to="top"), '"left" or "right"'),
    "magnetization zero": (
        lambda: us.FerromagneticInsulator(spin_mixing=1, magnetization=[0, 0, 0]),
        "not all",
    ),
    "spin mixing text": (lambda: us.FerromagneticInsulator(spin_mixing="x y", magnetization=[1, 0, 0]), "pi"),
    "reservoir voltage": (lambda: us.SuperconductingReservoir(voltage=0.1), "refused.*allowed: name, temper"),
    "reservoir spin voltage": (lambda: us.SuperconductingReservoir(spin_voltage=0), "refused.*allowed"),
    "reservoir spin temperature": (
        lambda: us.Stack([us.NormalReservoir(temperature=0.1, spin_temperature=0.1), N]).network(),
        "spin_temperature.*smaller in magnitude",
    ),
    "positional": (
        lambda: us.Stack([N], tolerence=1e-6),
        "unknown key 'tolerence', did you mean 'tolerance'",
    ),
    "tolerance small": (lambda: us.Stack([N], tolerance=1e-11), "from 1e-10 to 0.01"),
    "tolerance large": (lambda: us.Stack([N], tolerance="0.02"), "from 1e-10 to 0.01.*which is 0.02"),
    "device temperature": (lambda: us.Stack([N], temperature="a-1", parameters={"a": 1}), "temperature.*> 0"),
    "title of two lines": (lambda: us.Stack([N], title="a\nb"), "one line"),
    "title number": (lambda: us.Stack([N], title=3), "one line of printable text"),
    "parameter boolean": (
        lambda: us.Stack([N], parameters={"a": True}),
        "parameters.a.*number or an expression",
    ),
    "parameter hides pi": (lambda: us.Stack([N], parameters={"pi": 3}), "parameter 'pi' would hide"),
    "parameter is a key": (lambda: us.Stack([N], parameters={"temperature": 1}), "choose another name"),
    "parameter circle": (lambda: us.Stack([N], parameters={"a": "b", "b": "a"}), "circle"),
    "parameters list": (lambda: us.Stack([N], parameters=[1]), "table of names"),
    "energies reversed": (lambda: us.Stack([N], output=us.Output(energies=[1, -1])), "energies.*start, stop"),
    "energies repeated": (lambda: us.Stack([N], output={"energies": [0, 1, 1, 2]}), "always increasing"),
    "energies of one": (lambda: us.Output(energies=[1]), r"\[start, stop\]"),
    "energies count": (lambda: us.Stack([N], output={"energies": [0, 1, 2.5]}), "whole number from 2"),
    "energies boolean": (lambda: us.Output(energies=[0, True]), r"\[start, stop\]"),
    "quantities text": (lambda: us.Output(quantities="gap"), "list of different names"),
    "quantities twice": (lambda: us.Output(quantities=["gap", "gap"]), "list of different names"),
    "output key": (lambda: us.Output(energie=[0, 1]), "did you mean 'energies'"),
    "empty stack": (lambda: us.Stack([]), "no layer.*allowed"),
    "no layer": (lambda: us.Stack([FI, us.Vacuum()]), "no layer; at least one"),
    "not a sequence": (lambda: us.Stack(N), "layers, interfaces and reservoirs"),
    "foreign element": (lambda: us.Stack([N, "tunnel"]), "elements.1.*layer, interface or reservoir"),
    "junction in a stack": (lambda: us.Stack([N, us.Junction()]), "layer, interface or reservoir"),
    "two interfaces": (lambda: us.Stack([N, BOTH, us.Transparent(), N]), "stack.2.*exactly one, or none"),
    "two interfaces at an end": (lambda: us.Stack([N, TUNNEL, TUNNEL, NR]), "two interfaces touch.*allowed"),
    "reservoir in the middle": (lambda: us.Stack([N, NR, N]), "stack.1.*only as the first or the last"),
    "two reservoirs": (lambda: us.Stack([NR, NR, N]), "stack.0.*only as the first or the last"),
    "interface outside": (
        lambda: us.Stack([TUNNEL, NR, N]),
        "stack.0.*allowed is a place between the reservoir",
    ),
    "tunnel to nothing": (
        lambda: us.Stack([N, TUNNEL]),
        "stack.1 .tunnel.*ferromagnetic_insulator, vacuum or no",
    ),
    "insulator before reservoir": (lambda: us.Stack([N, FI, NR]), "nothing may follow"),
    "insulator between layers": (lambda: us.Stack([N, FI, N]), "allowed only at an end"),
    "vacuum between layers": (lambda: us.Stack([N, us.Vacuum(), N]), "allowed only at an end"),
    "relative_to missing": (
        lambda: us.Stack([N, TUNNEL, N]),
        'stack.1.relative_to.*required.*"left" or "right"',
    ),
    "relative_to a reservoir": (
        lambda: us.Stack([N, us.Tunnel(conductance=1, relative_to="right"), NR]),
        '"left"',
    ),
    "duplicate name": (
        lambda: us.Stack([us.NormalMetal(name="A", length=1), us.NormalMetal(name="A", length=1)]),
        "stack.1.name.*'A' is taken by stack.0.*unique",
    ),
    "half-metal in transparent contact": (
        lambda: us.Stack([us.HalfMetal(name="H", length=1, polarization=0.9, magnetization=[0, 0, 1]), N]).network(),
        "H: a half-metal cannot touch transparently.*allowed between them: tunnel or spin_active",
    ),
    "half-metal on a transparent superconducting reservoir": (
        lambda: us.Stack(
            [us.SuperconductingReservoir(), us.HalfMetal(length=1, polarization=0.9, magnetization=[0, 0, 1])]
        ),
        "half_metal 1: a half-metal cannot touch",
    ),
    "half-metal with spin-orbit coupling": (
        lambda: us.Stack([us.HalfMetal(length=1, polarization=0.9, magnetization=[0, 0, 1], rashba=1)]),
        "stack.0.rashba .half_metal.: must be 0 in a half-metal",
    ),
    "half-metal with spins across its magnetization": (
        lambda: us.Stack(
            [us.HalfMetal(length=1, polarization=0.9, magnetization=[0, 0, 1], spin_voltage=0.1, spin_axis=[1, 0, 0])]
        ),
        "stack.0.spin_axis .half_metal.: must be along the magnetization",
    ),
    "reserved name": (lambda: us.Stack([us.NormalMetal(name="stack", length=1)]), "choose another name"),
    "name of a key": (lambda: us.Stack([us.NormalMetal(name="length", length=1)]), "choose another name"),
    "name with a dot": (lambda: us.NormalMetal(name="a.b", length=1), "letters, digits"),
    "name number": (lambda: us.NormalMetal(name=3, length=1), "letters, digits"),
    "wire to nowhere": (lambda: us.Device([wire(N, start="A")]), "wire.0.start.*unknown node 'A'"),
    "no wires": (lambda: us.Device([]), "at least one"),
    "lonely junction": (
        lambda: us.Device([wire(N, end="J")], {"J": us.Junction()}),
        "node.J.*at least 2 must",
    ),
    "unused node": (lambda: us.Device([wire(N)], {"R": NR}), "node.R.*at least 1 must"),
    "layer as a node": (lambda: us.Device([wire(N, end="R")], {"R": N}), "reservoir or a junction"),
    "named node": (
        lambda: us.Device([wire(N, end="R")], {"R": us.NormalReservoir(name="X")}),
        "nodes.R.name.*leave out name",
    ),
    "reservoir before a node": (lambda: us.Device([wire(NR, N, start="R")], {"R": NR}), "cannot follow.*'R'"),
    "insulator at a node": (lambda: us.Device([wire(FI, N, start="R")], {"R": NR}), "nothing may follow"),
    "node named like a layer": (
        lambda: us.Device([wire(us.NormalMetal(name="R", length=1), end="R")], {"R": NR}),
        "node.R.*unique",
    ),
    "starter": (lambda: us.starter("fisfi"), "did you mean 'fi_s_fi'"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused_in_one_clear_line(case):
    build, match = BAD[case]
    with pytest.raises(InputError, match=match) as caught:
        build()
    message = str(caught.value)
    assert "\n" not in message and len(message) <= 700
    assert "pydantic" not in message and "Traceback" not in message
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


@pytest.mark.parametrize(
    ("thing", "key", "path"),
    [
        (N, "length", "stack.i.length"),
        (us.Superconductor(length=1, name="S"), "gap", "S.gap"),
        (us.Stack([S]), "temperature", "temperature"),
    ],
)
def test_what_is_frozen_says_how_to_change_it(thing, key, path):
    before = getattr(thing, key)
    for change in (lambda: setattr(thing, key, 0.5), lambda: delattr(thing, key)):
        with pytest.raises(InputError, match=r"is frozen.*make a changed copy: device\.replace"):
            change()
    with pytest.raises(InputError) as caught:
        setattr(thing, key, 0.5)
    assert f"device.replace({{'{path}': 0.5}})" in str(caught.value) and "\n" not in str(caught.value)
    assert getattr(thing, key) == before
    with pytest.raises(InputError, match="unknown key 'lenght'"):
        thing.lenght = 2


def test_the_change_that_is_named_works():
    device = us.Stack([us.Superconductor(length=1, name="S")])
    assert device.replace({"S.length": 0.5}).elements[0].length == 0.5


@pytest.mark.parametrize("value", [1, 1.0, np.float64(1), np.float32(1), np.int64(1), np.array(1.0)])
def test_numbers_of_any_type_become_floats(value):
    assert type(us.NormalMetal(length=value).length) is float


MAGNETS = {
    "polarization (spin_active): must be a number > -1 and < 1": {"polarization": 1},
    "stack.1.magnetization (spin_active): is required": {"polarization": 0.5},
    "stack.1.magnetization (spin_active): is required: a list": {"spin_mixing": 1, "magnetization_left": [1, 0, 0]},
    "stack.1.second_order (spin_active): is too large": {
        "polarization": 0.99, "second_order": 0.9, "magnetization": [0, 0, 1],
    },
    "second_order (spin_active): must be a number from 0 to 1": {"second_order": -0.1},
}  # fmt: skip


@pytest.mark.parametrize("message", MAGNETS)
def test_spin_active_interfaces(message):
    with pytest.raises(us.InputError) as caught:
        us.Stack([us.NormalReservoir(), us.SpinActive(conductance=1, **MAGNETS[message]), N]).network()
    assert str(caught.value).startswith(message)


def test_second_order_of_an_insulator_has_the_sign_of_its_mixing():
    magnet = us.FerromagneticInsulator(spin_mixing=-0.5, magnetization=[0, 0, 1], second_order=0.2)
    with pytest.raises(us.InputError, match="must have the sign of spin_mixing"):
        us.Stack([magnet, N]).network()


@pytest.mark.parametrize(
    ("polarization", "t", "expected"),
    [(0, 0, 0.8), (0.6, 0, 0.8 / 0.9), (0, 0.5, 0.6), (-0.6, 0.5, 0.8 / 0.9 * 0.62222222222)],
)
def test_true_conductance(polarization, t, expected):
    """G_T 2/(1+q), q = 0.8 at P = 0.6; to second order less t(1+P²)/(1+q), which is t/2 at P = 0."""
    magnet = us.SpinActive(conductance=0.8, polarization=polarization, second_order=t, magnetization=[0, 0, 1])
    magnet = magnet.resolve({})
    assert magnet.normal_conductance(1.0) == pytest.approx(expected, rel=1e-9)
    assert magnet.normal_conductance(2.0) == pytest.approx(2 * expected, rel=1e-9)
