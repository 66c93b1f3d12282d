"""Beyond the 2019 paper: numbers found by other programs and closed forms, symmetries, refusals, and the files."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import usadel as us
from usadel import studies
from usadel.studies import inverse_effect
from usadel.studies.inverse_effect import devices, injection, magnets_on_top, precession
from usadel.studies.inverse_effect.nonlocal_conductance import measure_angle

X, Z = devices.X, devices.Z
EXAMPLE = Path(__file__).parents[2] / "examples" / "magnets_on_top.toml"


@pytest.mark.parametrize(
    ("angle", "along_x", "along_z"), [(0.0, -3.73e-3, -3.77e-3), (0.5, -3.71e-3, -3.07e-3), (1.0, -3.06e-3, -2.38e-3)]
)
def test_nonlocal_spin_conductance_of_a_superconductor(angle, along_x, along_z):
    """Differences of another program between V_s = ±0.05; the derivative is smaller by what is of third order."""
    found = measure_angle(("S", angle))
    assert np.diag(found["conductance"])[[0, 2]] == pytest.approx([along_x, along_z], rel=0.01)
    step = 0.05
    for axis, expected in ((0, along_x), (2, along_z)):
        ends = [
            us.solve(devices.spin_valve(angle, spin_voltage=sign * step, spin_axis=[X, 0, Z][axis])) for sign in (1, -1)
        ]
        one, other = (result.data.spin_current.values[axis, 0] for result in ends)
        assert (one - other) / (2 * step) == pytest.approx(expected, abs=0.6e-5)


def test_torques_at_a_right_angle():
    found = measure_angle(("S", 0.5))
    assert found["torque"][1] == pytest.approx([0, 0, 0.0209], abs=1e-4)
    assert found["torque_response"][1, 2, 0] == pytest.approx(0.0111, abs=1e-4)
    assert found["torque_response"][1, 0, 2] == pytest.approx(-0.0092, abs=1e-4)


@pytest.mark.parametrize("angle", [0.0, 0.3, 0.5])
def test_nonlocal_spin_conductance_of_a_normal_metal(angle):
    """Diffusion between contacts at which spins precess: six linear equations for the accumulation at both ends.

    q₀ - q_L = G(v - q₀) - G_φ m₁×q₀ = G q_L + G_φ m₂×q_L in units of G_N. A spin voltage is minus an accumulation.
    """
    turn = np.pi * angle
    first, second = (_cross(m) for m in ([1, 0, 0], [np.cos(turn), np.sin(turn), 0]))
    one, g, mixing = np.eye(3), devices.CONDUCTANCE, devices.SPIN_MIXING
    matrix = np.block([
        [(1 + g) * one + mixing * first, -one],
        [one, -(1 + g) * one - mixing * second],
    ])  # fmt: skip
    source = np.vstack([g * one, np.zeros((3, 3))])
    near, far = np.split(np.linalg.solve(matrix, source), 2)
    expected = -(near - far) / devices.LENGTH
    assert measure_angle(("N", angle))["conductance"] == pytest.approx(expected, abs=1e-6)


def _cross(m):
    x, y, z = m
    return np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])


def test_what_couples_x_to_the_rest_is_odd_in_both_magnets():
    """A turn of all spins by π about the first magnet takes θ to -θ."""
    one, other = (measure_angle(("S", angle)) for angle in (0.25, -0.25))
    turn = np.diag([1, -1, -1])
    for name in ("conductance", "torque_response"):
        assert other[name] == pytest.approx(turn @ one[name] @ turn, abs=2e-5)


@pytest.mark.parametrize(("angle", "current"), [(0.0, 4.66e-3), (0.5, 4.24e-3), (1.0, 3.85e-3)])
def test_charge_through_the_magnets(angle, current):
    device = devices.spin_valve(angle, polarization=0.5, voltage=0.3)
    assert us.solve(device).terminals.charge_current.values[0] == pytest.approx(current, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "bias", "odd", "even", "current"),
    [
        ("polarized", 0.3, (None, None, 0.0020), 0.0200, 4.24e-3),
        ("half_metal_x", 0.5, (None, None, 0.0096), 0.0166, 5.6e-3),
        ("half_metal_z", 0.5, (-0.0070, 0, -0.0011), None, 9.0e-3),
    ],
)
def test_torque_by_source(name, bias, odd, even, current):
    found = injection.measure_source((name, bias))
    for value, expected in zip(found["odd_torque"], odd, strict=True):
        assert expected is None or value == pytest.approx(expected, abs=5e-5)
    assert even is None or found["even_torque"][2] == pytest.approx(even, abs=5e-5)
    assert found["charge_current"] == pytest.approx(current, abs=6e-5)
    if name == "half_metal_x":  # the turned supercurrent and the resistive one cancel at a magnet along y
        turned, back = (found[f"odd_spin_current_{part}"][1] for part in ("super", "resistive"))
        assert turned > 0.005 and abs(turned + back) < 0.1 * turned


def test_an_imposed_distribution_is_exact_for_a_conserved_spin():
    """Magnets and spin voltage along one axis, one spin voltage at all reservoirs."""
    imposed, own = (
        injection.measure_layer(us.solve(devices.fed_from_both_ends(0.3, X, imposed=imposed, angle=0.0)))
        for imposed in (True, False)
    )
    assert abs(imposed["spin_accumulation"][0]) > 0.01
    for name in injection.AVERAGED:
        assert own[name] == pytest.approx(imposed[name], abs=2e-5)  # solved to 1e-4


def test_an_imposed_supercurrent_is_recovered_by_strong_contacts():
    """The difference of distributions is of first order in G_φ/G. Resistive currents are, too, in absolute units."""
    found = {}
    for mixing in (0.02, 0.04):
        imposed, own = (injection.measure_mixing(("z", name, mixing)) for name in injection.DISTRIBUTIONS)
        change = np.linalg.norm(own["spin_current_super"] - imposed["spin_current_super"])
        found[mixing] = [
            change / np.linalg.norm(imposed["spin_current_super"]), np.linalg.norm(own["spin_current_resistive"])
        ]  # fmt: skip
    assert found[0.04][0] < 0.012
    assert np.array(found[0.04]) / found[0.02] == pytest.approx([2, 2], rel=0.05)


def test_precession_divides_what_an_imposed_distribution_would_turn():
    """The total spin current is conserved; of the imposed y component about half is left, and none in the sum."""
    imposed, own = (injection.measure_paper(("x", name, 0.2)) for name in injection.DISTRIBUTIONS)
    assert 0.4 < own["spin_current_super"][1] / imposed["spin_current_super"][1] < 0.6
    total = own["spin_current_super_profile"] + own["spin_current_resistive_profile"]
    assert np.ptp(total, axis=1).max() < 3e-5 < 0.1 * np.ptp(own["spin_current_super_profile"], axis=1).max()
    assert own["torque"][1, 1] == pytest.approx(0, abs=1e-5)  # the second magnet is along y


@pytest.mark.parametrize(
    ("alignment", "expected"),
    [("parallel", {0.2: 0.00095, 0.4: 0.0032, 0.6: 0.0073}), ("antiparallel", {0.2: 0.0016, 0.4: 0.0098, 0.6: 0.028})],
)
def test_damping_with_a_self_consistent_gap(alignment, expected):
    for temperature, damping in expected.items():
        found = precession.measure(("S", alignment, temperature))
        digits = 1e-5 if damping < 1e-3 else 1e-4 if damping < 0.01 else 1e-3
        assert found["damping"] == pytest.approx(damping, abs=0.51 * digits)
        if (alignment, temperature) == ("parallel", 0.2):
            assert found["field_like"] == pytest.approx(0.396, abs=5e-4)


def test_damping_of_a_normal_metal():
    found = [precession.measure(("N", alignment, 0.5)) for alignment in precession.ALIGNMENTS]
    assert [one["damping"] for one in found] == pytest.approx([0.0137, 0.0609], abs=5e-5)
    assert found[0]["field_like"] == pytest.approx(0.083, abs=5e-4)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("stack.1.spin_flip", 0.1, "stack.1.spin_flip"),
        ("stack.1.spin_orbit", 0.1, "stack.1.spin_orbit"),
        ("stack.1.rashba", 0.1, "stack.1.rashba"),
        ("stack.1.exchange_field", (0.1, 0, 0), "along z"),
        ("stack.2.magnetization", (1, 0, 0), "second magnet"),
        ("stack.1.tau_eph", 10.0, "stack.1.tau_eph"),
        ("stack.3.spin_voltage", 0.1, "stack.3.spin_voltage"),
    ],
)
def test_what_does_not_rest_in_a_frame_that_turns_is_refused(path, value, words):
    elements = [
        us.FerromagneticInsulator(spin_mixing=0.3, magnetization=(0.1, 0, 1)),
        us.Superconductor(length=1), us.SpinActive(conductance=0.2, spin_mixing=0.3, magnetization=(0, 0, 1)),
        us.NormalReservoir(),
    ]  # fmt: skip
    device = us.Stack(elements)
    assert precession.in_rotating_frame(device, 0.1).elements[1].exchange_field == (0, 0, 0.05)
    with pytest.raises(us.InputError, match=words):
        precession.in_rotating_frame(device.replace({path: value}), 0.1)


def test_a_condensate_outside_does_not_rest_either():
    elements = [us.Superconductor(length=1), us.Tunnel(conductance=0.1), us.SuperconductingReservoir()]
    with pytest.raises(us.InputError, match=r"stack\.2 \(superconducting_reservoir"):
        precession.in_rotating_frame(us.Stack(elements), 0.1)


def test_magnets_on_top_are_as_strong_as_those_at_the_ends():
    """The example is the same device; G_φ in all is that of the ends: the mean exchange field is the same."""
    example = us.load_device(EXAMPLE)
    ours = magnets_on_top.device("on top", 0.3, X)
    theirs = example.replace({"S.spin_voltage": 0.3, "tolerance": ours.tolerance})
    one, other = (us.solve(device).data.spin_current.values for device in (ours, theirs))
    assert one == pytest.approx(other, abs=1e-9)


def test_files_of_a_part_in_which_something_did_not_converge(tmp_path, monkeypatch):
    """All is kept, and the summary says so."""
    measured = [
        {"spin_current": np.arange(3.0), "torque": np.ones(3), "gap": 0.9, "converged": int(value < 0.5)}
        for _, _, value in inverse_effect.PARTS["on_top"].tasks
    ]
    monkeypatch.setattr(inverse_effect, "side_by_side", lambda function, items: iter(measured))
    found = inverse_effect.reproduce(tmp_path, ["on_top"])["on_top"]
    assert not found["converged"]
    assert found["on top, x"]["spin_current"][0] == [0, 1, 2]
    assert (tmp_path / "on_top.png").stat().st_size > 20_000
    assert (tmp_path / "on_top.pdf").read_bytes()[:4] == b"%PDF"
    with xr.open_dataset(tmp_path / "on_top.nc", engine="h5netcdf") as data:
        assert data.attrs["converged"] == 0
        assert np.all((data.converged == 1) == (data.spin_voltage < 0.5))


@pytest.mark.slow
def test_everything(tmp_path):
    summary = studies.reproduce("inverse_effect", tmp_path)
    assert summary["converged"] and set(summary["figures"]) == set(inverse_effect.PARTS)
    table = json.loads((tmp_path / "summary.json").read_text())["nonlocal_spin_conductance"]
    at = [table["theta_over_pi"].index(angle) for angle in (0.0, 0.5, 1.0)]
    for metal, entry, expected in (
        ("S", "xx", [-3.70e-3, -3.69e-3, -3.05e-3]), ("S", "zz", [-3.76e-3, -3.06e-3, -2.37e-3]),
        ("N", "xx", [-0.0465, -0.0722, -0.0465]),
    ):  # fmt: skip
        assert np.array(table[metal][entry])[at] == pytest.approx(expected, rel=5e-3)
    for name in ("nonlocal_angle", "nonlocal_torque", "injection", "recovery", "sources", "damping", "on_top"):
        assert (tmp_path / f"{name}.png").stat().st_size > 20_000
