"""Numbers with units: what they stand for by independent formulas, and what is refused."""

import math
import pickle
import sys

import pytest
from scipy import constants as nature

import usadel.description as us
from usadel.description import InputError
from usadel.description.device.axes import number_of
from usadel.description.values import handy, measures
from usadel.description.values.metal import UNITS

TC, XI, RHO, AREA = 9.2, 12e-9, 1e-7, 5e-15  # K, m, Ω m, m²
GAP = 1.7638769 * nature.k * TC  # J, to eight digits
SCALE = {
    "critical_temperature": "9.2 K", "coherence_length": "12 nm", "resistivity": "10 µΩ cm",
    "cross_section": "5000 nm^2",
}  # fmt: skip
EXACT = math.pi * math.exp(-0.57721566490153286) * nature.k * TC


def stack(*elements, **settings):
    return us.Stack(elements, **{"scale": SCALE, **settings})


def layer(**keys):
    return stack(us.Superconductor(**{"name": "S", "length": 1.0, **keys}))


def test_gap_and_temperature_are_those_of_the_theory():
    assert pytest.approx(GAP, rel=3e-8) == EXACT
    assert layer(gap="1 meV").value("S.gap") == pytest.approx(1e-3 * nature.e / EXACT, rel=1e-12)


NUMBERS = {  # key: (typed, scaled by hand)
    "length": ("30 nm", 30e-9 / XI),
    "temperature": ("1.2 K", 1.2 / TC),
    "inelastic": ("10 µeV", 1e-5 * nature.e / EXACT),
    "voltage": ("5 µV", 5e-6 * nature.e / EXACT),
    "spin_voltage": ("5 µV", 5e-6 * nature.e / EXACT),
    "spin_temperature": ("-50 mK", -0.05 / TC),
    "diffusion": ("6 cm²/s", 6e-4 * nature.hbar / (XI**2 * EXACT)),
    "conductivity": ("2e6 S/m", 2e6 * RHO),
    "area": ("0.01 µm^2", 2.0),
    "rashba": ("0.01 nm^-1", 0.12),
    "dresselhaus": ("0.01 1/nm", 0.12),
    "phase_gradient": ("0.01 rad/nm", 0.12),
    "spin_flip": ("3 K k_B", 3 * nature.k / EXACT),
    "critical_temperature": ("4.6 K", 0.5),
    "debye_energy": ("24 meV", 24e-3 * nature.e / EXACT),
    "phase": ("90 deg", math.pi / 2),
    "gap": ("1.2meV", 1.2e-3 * nature.e / EXACT),
    "thickness": ("200 Å", 20e-9 / XI),
}


@pytest.mark.parametrize("key", NUMBERS)
def test_numbers_with_units_are_the_scaled_ones(key):
    text, number = NUMBERS[key]
    device = layer(**{key: text})
    assert device.value(f"S.{key}") == pytest.approx(number, rel=1e-12)
    assert device.get(f"S.{key}") == text
    assert us.Stack.from_toml(device.to_toml()) == device
    assert device.replace({f"S.{key}": number}).value(f"S.{key}") == number
    assert number_of(layer(), f"S.{key}", text) == pytest.approx(number, rel=1e-12)


def test_settings_vectors_energies_and_reservoirs():
    device = stack(
        us.NormalReservoir(name="R", voltage="-20 µV", spin_voltage="1 µeV"),
        us.Ferromagnet(name="F", length="2*L", exchange_field=["0.5 T", 0, "h*cos(pi*z)"]),
        us.SpinPumpedReservoir(name="P", frequency="10 GHz", cone_angle="2 deg", magnetization=[0, 0, 1]),
        temperature="0.3 K",
        parameters={"L": "6 nm", "h": "2 meV"},
        output={"energies": ["-2 meV", 0, "1 meV", "3 meV"]},
    )
    assert device.network().layers[0].length == pytest.approx(1.0, rel=1e-12)
    assert device.value("temperature") == pytest.approx(0.3 / TC, rel=1e-12)
    splitting = nature.value("Bohr magneton") * 0.5 / EXACT
    assert device.value("F.exchange_field.0") == pytest.approx(
        splitting, rel=1e-9
    )  # newer CODATA differ in the tenth digit
    field = device.network().layers[0].exchange.at([0.0])[:, 0]
    assert field[2] == pytest.approx(2e-3 * nature.e / EXACT, rel=1e-12)
    assert device.value("R.voltage") == pytest.approx(-20e-6 * nature.e / EXACT, rel=1e-12)
    assert device.value("P.frequency") == pytest.approx(1e10 * nature.h / EXACT, rel=1e-12)
    assert device.value("P.cone_angle") == pytest.approx(math.radians(2), rel=1e-12)
    assert device.energies().points == pytest.approx([e * 1e-3 * nature.e / EXACT for e in (-2, 0, 1, 3)], rel=1e-12)
    assert us.Stack.from_toml(device.to_toml()) == device


def test_scale_by_diffusion_is_that_by_length():
    diffusion = XI**2 * EXACT / nature.hbar
    scale = {"critical_temperature": "9.2 K", "diffusion": f"{diffusion!r} m^2/s"}
    assert stack(us.NormalMetal(length=1), scale=scale).metal().length == pytest.approx(XI, rel=1e-12)
    with pytest.raises(InputError, match=r"diffusion.*beside coherence_length"):
        us.Scale(critical_temperature="9.2 K", coherence_length="1 nm", diffusion="1 cm^2/s")


def test_field_in_the_plane_breaks_pairs_by_the_textbook_rate():
    """α = D e²B²d²/6ħ (Tinkham, thin film in a parallel field); the key is twice that."""
    keys = {"thickness": "20 nm", "diffusion": "6 cm^2/s", "depairing": "50 mT"}
    rate = 6e-4 * (nature.e * 50e-3 * 20e-9) ** 2 / (6 * nature.hbar)
    device = layer(**keys)
    assert device.value("S.depairing") == pytest.approx(2 * rate / EXACT, rel=1e-12)
    assert device.network().layers[0].depairing == device.value("S.depairing")
    with pytest.raises(InputError, match=r"depairing.*'20 mT' is a magnetic field in the plane.*needs its thickness"):
        layer(depairing="20 mT")


def test_one_field_splits_spins_and_breaks_pairs():
    split = us.Superconductor(name="S", length=1, thickness="20 nm", depairing="B", exchange_field=[0, "B", 0])
    device = stack(split, parameters={"B": "20 mT"})
    apart = layer(thickness="20 nm", depairing="20 mT", exchange_field=[0, "20 mT", 0])
    assert device.network() == apart.network()
    assert device.replace({"B": "50 mT"}).value("S.depairing") == pytest.approx(6.25 * apart.value("S.depairing"))
    with pytest.raises(
        InputError, match=r"depairing.*in '2\*B'.*'20 mT' means what its key makes of it; allowed: \"B\" alone"
    ):
        device.replace({"S.depairing": "2*B"})


INTERFACES = {
    "tunnel": us.Tunnel(conductance=1, relative_to="left"),
    "polarizing": us.SpinActive(conductance=1, polarization=0.6, magnetization=[0, 0, 1], relative_to="right"),
    "second order": us.SpinActive(
        conductance=1, polarization="0.5*P", second_order=0.2, magnetization=[0, 0, 1], relative_to="left"
    ),
}


@pytest.mark.parametrize("name", INTERFACES)
@pytest.mark.parametrize("typed", ["2 fΩ m²", "5e14 S/m^2", "0.4 ohm", "2.5 S"])
def test_interfaces_have_the_resistance_that_was_measured(name, typed):
    """The normal-state conductance, as the law itself has it, is that of 5000 nm² with 5e14 S/m²."""
    device = stack(
        us.NormalMetal(length="50 nm", conductivity="5 µΩ cm"),
        INTERFACES[name],
        us.NormalMetal(length=3, conductivity=0.5),
        parameters={"P": 1.2},
    ).replace({"stack.1.conductance": typed})
    law = device.network().contacts[0].interface
    reference = device.network().layers[law.reference]
    found = law.normal_conductance(reference.conductance) * AREA / (RHO * XI)  # S
    assert found == pytest.approx(2.5, rel=1e-12)
    assert device.value("stack.1.conductance") == law.conductance
    assert us.Stack.from_toml(device.to_toml()) == device


def test_spin_mixing_per_area():
    insulator = us.FerromagneticInsulator(spin_mixing="1e14 S/m^2", magnetization=[0, 0, 1])
    device = stack(us.Superconductor(length="30 nm"), insulator)
    assert device.value("spin_mixing") == pytest.approx(1e14 * RHO * 30e-9, rel=1e-12)


NONSENSE = {  # what is refused: (keys of a superconductor, what the line says)
    "length in K": ({"length": "20 K"}, "length.*'20 K' is a temperature; allowed: a length such as 30 nm"),
    "length in nV": ({"length": "20 nV"}, "is a voltage"),
    "length squared": ({"length": "20 nm^2"}, "is an area"),
    "length inverse": ({"length": "20 1/nm"}, "is an inverse length"),
    "length in bananas": ({"length": "20 bananas"}, "unknown unit, 'bananas'"),
    "length in per cent": ({"length": "20 %"}, "in a unit of something else"),
    "length in mK nm": ({"length": "20 mK nm"}, "in a unit of something else"),
    "length negative": ({"length": "-20 nm"}, "length.*must be a number > 0.*from '-20 nm'"),
    "length zero": ({"length": "0 nm"}, "must be a number > 0"),
    "length of a light-year": ({"length": "1 light_year"}, "must be a number > 0.*from '1 light_year'"),
    "length endless": ({"length": "1e999 nm"}, "not a finite number"),
    "length of two": ({"length": "20 nm 30 nm"}, "unknown unit"),
    "length of the program": ({"length": "2 ξ"}, "unknown unit, 'ξ'.*plain number in ξ"),
    "temperature in meV": ({"temperature": "1 meV"}, "temperature.*is an energy"),
    "temperature Celsius": ({"temperature": "-271 °C"}, "does not count from zero"),
    "temperature Fahrenheit": ({"temperature": "1 degF"}, "does not count from zero"),
    "temperature in Tc": ({"temperature": "0.1 T_c"}, "unknown unit, 'T_c'"),
    "energy in K": ({"inelastic": "0.1 K"}, "inelastic.*is a temperature"),
    "energy in V": ({"gap": "1 mV"}, "gap.*is a voltage"),
    "energy in T": ({"gap": "1 T"}, "gap.*is a magnetic field"),
    "voltage in meV": ({"voltage": "1 meV"}, "voltage.*is an energy; allowed: a voltage"),
    "field in Oe": ({"exchange_field": ["100 Oe", 0, 0]}, "exchange_field.*allowed: an energy"),
    "field in G": ({"exchange_field": ["100 G", 0, 0]}, "exchange_field.*allowed: an energy"),
    "field in A/m": ({"exchange_field": ["100 A/m", 0, 0]}, "exchange_field.*allowed: an energy"),
    "direction in nm": ({"spin_axis": ["1 nm", 0, 0]}, "spin_axis.*is a length; allowed: a plain number"),
    "number in nm": ({"zeeman": "1 nm"}, "zeeman.*is a length; allowed: a plain number"),
    "phase in nm": ({"phase": "1 nm"}, "phase.*allowed: an angle"),
    "phase in per cent": ({"phase": "50 %"}, "phase.*in a unit of something else; allowed: an angle"),
    "diffusion in cm^2": ({"diffusion": "5 cm^2"}, "diffusion.*is an area"),
    "conductivity in ohm": ({"conductivity": "5 ohm"}, "conductivity.*is a resistance"),
    "conductivity zero": ({"conductivity": "0 ohm m"}, "conductivity.*must not be zero"),
    "rashba in meV nm": ({"rashba": "5 meV nm"}, "rashba.*allowed: an inverse length"),
    "decibels": ({"voltage": "3 dBm"}, "voltage.*allowed: a voltage"),
    "code": ({"length": "1 __import__('os')"}, "cannot read the expression"),
    "huge power": ({"length": "1 m**999999999"}, "in a unit of something else|unknown unit"),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_nonsense_is_refused_in_one_line(case):
    keys, match = NONSENSE[case]
    with pytest.raises(InputError, match=match) as caught:
        layer(**keys)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    pickle.dumps(caught.value)  # also with what pint imports


OTHER_NONSENSE = {
    "scale without Tc": (lambda: us.Scale(coherence_length="12 nm"), "critical_temperature.*is required"),
    "scale without unit": (lambda: us.Scale(critical_temperature=9.2), 'temperature.*such as "1.2 K", not 9.2'),
    "scale negative": (lambda: us.Scale(critical_temperature="-9.2 K"), "critical_temperature.*> 0"),
    "scale of energy": (lambda: us.Scale(critical_temperature="1 meV"), "critical_temperature.*is an energy"),
    "scale unknown": (lambda: us.Scale(critical_temperatur="1 K"), "did you mean 'critical_temperature'"),
    "scale of text": (lambda: stack(us.NormalMetal(length=1), scale="Nb"), "scale: must be a table"),
    "no scale": (lambda: us.Stack([us.NormalMetal(length="3 nm")]), "stack.0.length.*has a unit.*scale"),
    "no length in scale": (
        lambda: stack(us.NormalMetal(length="3 nm"), scale={"critical_temperature": "9 K"}),
        r"'3 nm' needs coherence_length or diffusion in \[scale\]",
    ),
    "no area in scale": (
        lambda: stack(
            us.NormalMetal(length=1), us.Tunnel(conductance="3 ohm"), us.NormalReservoir(),
            scale={"critical_temperature": "9 K", "coherence_length": "9 nm", "resistivity": "1 ohm m"},
        ),
        r"stack.1.conductance.*'3 ohm' needs cross_section in \[scale\]",
    ),
    "resistance zero": (
        lambda: stack(us.NormalMetal(length=1), us.Tunnel(conductance="0 ohm"), us.NormalReservoir()),
        "'0 ohm' must not be zero",
    ),
    "conductance in nm": (lambda: us.Tunnel(conductance="1 nm"), "conductance.*is a length"),
    "mixing in ohm": (
        lambda: us.FerromagneticInsulator(spin_mixing="1 ohm", magnetization=[0, 0, 1]),
        "spin_mixing.*is a resistance",
    ),
    "frequency of an angle": (
        lambda: us.SpinPumpedReservoir(frequency="6e10 rad/s", cone_angle=0.1, magnetization=[0, 0, 1]),
        "frequency.*something else",
    ),
    "energies": (lambda: us.Output(energies=["-1 K", 1]), "energies.*is a temperature"),
    "parameter": (lambda: layer().replace({"parameters": {"a": "3 bananas"}}), "parameters.a.*unknown unit"),
    "parameter in an expression": (
        lambda: layer().replace({"parameters": {"a": "3 T", "b": "2*a"}}),
        "parameters.b.*'a' = '3 T' means what its key",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHER_NONSENSE)
def test_other_nonsense_is_refused_in_one_line(case):
    build, match = OTHER_NONSENSE[case]
    with pytest.raises(InputError, match=match) as caught:
        build()
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 700


def test_axes_take_units():
    device = layer(length="30 nm", thickness="20 nm", depairing="20 mT")
    path, ends = us.read_axis(device, "S.length=0 nm:60 nm")
    assert path == "S.length" and ends == [0.0, pytest.approx(5.0)]
    _, values = us.read_grid(device, "S.temperature=1 K:3 K:3")
    assert values == pytest.approx([1 / TC, 2 / TC, 3 / TC], rel=1e-12)
    _, values = us.read_grid(device, "depairing=0:40 mT:3")  # equidistant in the field, not in what it does
    assert values == pytest.approx([0.0, device.value("depairing"), 4 * device.value("depairing")], rel=1e-12)
    _, values = us.read_grid(device, "S.length=1:2:3")
    assert values == [1.0, 1.5, 2.0]
    for text in ("S.length=1:20 nm:3", "S.length=1 K:20 nm:3"):
        with pytest.raises(InputError, match=r"S.length: both ends of a range need a unit of the same kind"):
            us.read_grid(device, text)
    with pytest.raises(InputError, match=r"S.length.*is a temperature"):
        us.read_grid(device, "S.length=1 K:2 K:3")


def test_a_path_and_the_scale_itself_can_be_changed():
    device = layer(length="30 nm").replace({"S.exchange_field.1": "1 meV"})
    assert device.value("S.exchange_field.1") == pytest.approx(1e-3 * nature.e / EXACT, rel=1e-12)
    other = device.replace({"scale.critical_temperature": "4.6 K"})
    assert other.value("S.exchange_field.1") == pytest.approx(2 * device.value("S.exchange_field.1"), rel=1e-12)
    assert other.value("S.length") == device.value("S.length")  # in a coherence length that is given
    path, value = us.read_assignment("S.length=60 nm")
    assert device.replace({path: value}).value("S.length") == pytest.approx(5.0)


def test_expressions_stay_what_they_were():
    plain = us.Stack([us.NormalMetal(length="2*a")], parameters={"a": 0.5})
    assert plain.value("stack.0.length") == 1.0
    for text in ("0x10", "1_000", "1e3"):
        assert not measures.is_measure(text)


def test_sketch_shows_both():
    text = stack(us.Superconductor(name="S", length="30 nm"), temperature=0.1).sketch()
    assert "length = 2.5 ξ (30 nm)," in text and "temperature = 0.1 Tc (920 mK)" in text
    assert "scale: Tc = 9.2 K, Δ0 = 1.39839 meV, ξ = 12 nm" in text
    assert "30 nm" not in us.Stack([us.Superconductor(length=2.5)]).sketch()


def test_kelvin_that_are_meant_are_not_noted():
    assert layer(temperature="20 K").notes() == []
    assert len(layer(temperature=4.2).notes()) == 1


@pytest.mark.parametrize(
    ("value", "si", "text"),
    [
        (3e-8, "m", "30 nm"), (0.999999999999e-3, "V", "1 mV"), (0.0, "A", "0 A"), (1.5e-22, "J", "936.226 µeV"),
        (2e-15, "m^2", "2000 nm^2"), (1e-7, "ohm m", "10 µΩ cm"), (5.0, "C/m^3", "5 C/m^3"), (1e-20, "m", "1e-05 fm"),
    ],
)  # fmt: skip
def test_numbers_as_they_are_shown(value, si, text):
    assert handy.text(value, si=si) == text


def test_every_unit_of_a_key_has_one_in_si():
    from usadel.description.elements.kinds import INTERFACES, LAYERS, RESERVOIRS

    local = {"", "G_N"}
    units = {key.unit for cls in (*LAYERS, *INTERFACES, *RESERVOIRS) for key in cls.keys().values()}
    assert units - set(UNITS) == local


def test_without_pint_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pint", None)
    for cached in (measures._registry, measures._factor):
        cached.cache_clear()
    with pytest.raises(InputError, match=r"needs? pint; install it with: pip install 'usadel\[units\]'"):
        us.NormalMetal(length="30 nm")
    assert us.NormalMetal(length="3*2").length == "3*2"
    measures._registry.cache_clear()
