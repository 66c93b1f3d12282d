"""Every kind of device both ways: with the numbers that its symmetry of spin asks for, and with the general kernels."""

from dataclasses import replace

import numpy as np
import pytest

import usadel as us
from usadel.equations.spectral import symmetry

TOLERANCE = 1e-5
TILTED = [0.6, 0, 0.8]
Z, MINUS = [0, 0, 1], [0, 0, -1]
SCATTERING = {"spin_flip": 0.2, "spin_orbit": 0.3}


def stack(*elements, **settings):
    return us.Stack(list(elements), **{"temperature": 0.1, "tolerance": TOLERANCE} | settings)


def insulator(mixing, direction):
    return us.FerromagneticInsulator(spin_mixing=mixing, magnetization=direction)


def magnet(**keys):
    return us.Ferromagnet(**{"name": "F", "length": 0.6, "exchange_field": [0, 0, 0.5]} | keys)


S = us.Superconductor(length=1.5)
LEFT, RIGHT = (us.SuperconductingReservoir(phase=p) for p in (0.9, -0.4))
BARRIER = us.Tunnel(conductance=2)
DEVICES = {
    "S": stack(S),
    "S/N with both scatterings": stack(S, us.NormalMetal(length=0.6, **SCATTERING)),
    "S/F": stack(S, magnet()),
    "S/F with both scatterings": stack(S, magnet(**SCATTERING)),
    "S/I/F, field that varies": stack(
        S, us.Tunnel(conductance=1, relative_to="left"), magnet(exchange_field=[0, 0, "z"])
    ),
    "parallel magnets": stack(insulator(0.3, Z), S, insulator(0.3, Z)),
    "antiparallel magnets": stack(insulator(0.5, Z), S, insulator(0.5, MINUS)),
    "spin injection": stack(insulator(0.3, Z), us.Superconductor(length=1.5, spin_voltage=0.2, spin_axis=[1, 0, 0])),
    "S/N/S": stack(LEFT, BARRIER, us.NormalMetal(length=1.0, spin_orbit=0.2), RIGHT),
    "S/F/S": stack(LEFT, BARRIER, magnet(**SCATTERING), RIGHT),
    "S/HM/S": stack(
        LEFT,
        us.SpinActive(conductance=1, polarization=0.5, spin_mixing=0.4, magnetization=Z),
        us.HalfMetal(length=0.6, polarization=0.9, magnetization=Z),
        us.SpinActive(conductance=1, polarization=0.5, spin_mixing=0.4, magnetization=Z, second_order=0.5),
        RIGHT,
    ),
    "nanowire": stack(LEFT, us.NormalMetal(length=1.0, nanowire=0.5), us.Superconductor(length=1.5)),
    "network": us.Device(
        [
            us.Wire([RIGHT, BARRIER, us.NormalMetal(length=1.0)], end="o"),
            us.Wire([magnet(), us.NormalReservoir()], start="o"),
            us.Wire([us.Superconductor(length=1.3)], start="o"),
        ],
        {"o": us.Junction()},
        temperature=0.2,
        tolerance=1e-4,
    ),
    "N/I/S out of equilibrium": stack(
        us.NormalReservoir(voltage=0.3),
        us.NormalMetal(length=1.0, nonequilibrium=True),
        BARRIER,
        us.SuperconductingReservoir(),
        tolerance=1e-4,
    ),
    "spin injection out of equilibrium": stack(
        us.NormalReservoir(voltage=0.3, spin_voltage=0.2, spin_axis=TILTED),
        us.NormalMetal(length=1.0, nonequilibrium=True, spin_flip=0.1),
        BARRIER,
        us.SuperconductingReservoir(),
        tolerance=1e-4,
    ),
    "spins along the field out of equilibrium": stack(
        us.NormalReservoir(voltage=0.3, spin_voltage=0.2, spin_axis=TILTED),
        us.SpinActive(conductance=1, polarization=0.5, spin_mixing=0.4, magnetization=TILTED),
        magnet(exchange_field=[-0.36, 0, -0.48], nonequilibrium=True, spin_flip=0.1),
        BARRIER,
        us.SuperconductingReservoir(),
        tolerance=1e-4,
    ),
    "spins across the field out of equilibrium": stack(
        us.NormalReservoir(spin_voltage=0.3, spin_axis=[1, 0, 0]),
        magnet(nonequilibrium=True, spin_flip=0.1),
        BARRIER,
        us.SuperconductingReservoir(),
        tolerance=1e-4,
    ),
    "contacts on top": stack(
        us.NormalMetal(
            length=2.0,
            thickness=0.2,
            on_top=[
                {
                    "kind": "spin_active",
                    "conductance": 0.1,
                    "polarization": 0.5,
                    "spin_mixing": 0.2,
                    "magnetization": TILTED,
                    "range": [0.3, 1],
                    "reservoir": us.NormalReservoir(name="T", voltage=0.3),
                },
                {"kind": "tunnel", "conductance": 0.2, "reservoir": us.SuperconductingReservoir(phase=0.5)},
            ],
        ),
        BARRIER,
        us.SuperconductingReservoir(),
        tolerance=1e-4,
    ),
    "half-metal out of equilibrium": stack(
        us.NormalReservoir(voltage=0.3),
        us.SpinActive(conductance=1, polarization=0.5, spin_mixing=0.4, magnetization=TILTED, second_order=0.3),
        us.HalfMetal(length=1.0, polarization=0.9, magnetization=TILTED, nonequilibrium=True),
        us.SpinActive(conductance=1, polarization=0.5, spin_mixing=0.4, magnetization=TILTED),
        us.SuperconductingReservoir(),
        tolerance=1e-4,
    ),
    "three terminals out of equilibrium": us.Device(
        [
            us.Wire([us.NormalReservoir(voltage=0.3), us.NormalMetal(length=1.0, nonequilibrium=True)], end="o"),
            us.Wire(
                [us.NormalMetal(length=0.7, nonequilibrium=True), BARRIER, us.NormalReservoir(voltage=-0.1)], start="o"
            ),
            us.Wire([us.NormalMetal(length=1.0, nonequilibrium=True), us.SuperconductingReservoir()], start="o"),
        ],
        {"o": us.Junction()},
        temperature=0.2,
        tolerance=1e-4,
    ),
}


@pytest.fixture
def both(monkeypatch):
    """What a function gives with symmetry and without."""

    def run(function):
        found = function()
        with monkeypatch.context() as patch:
            patch.setattr(symmetry, "OPTIONS", replace(symmetry.OPTIONS, used=False))
            return found, function()

    return run


def assert_equal(one, other, tolerance):
    """All variables to 1e-9 of their largest value, or to a thousandth of the tolerance.

    Newton's method ends for a pack of energies, and packs are larger where states are few numbers.
    """
    assert set(one.data_vars) == set(other.data_vars)
    for name in one.data_vars:
        a, b = one[name].values, other[name].values
        if a.dtype.kind != "f":
            assert np.array_equal(a, b), name
            continue
        largest = float(np.nanmax(np.abs(b), initial=0.0))
        np.testing.assert_allclose(a, b, rtol=0, atol=max(1e-9 * largest, 1e-3 * tolerance), err_msg=str(name))


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_solve(device, both):
    def solved():
        result = us.solve(device)
        return result, result.dos(np.linspace(-1.5, 1.5, 31))

    (result, dos), (general, general_dos) = both(solved)
    assert result.state.problem.symmetry.entries < 4 == general.state.problem.symmetry.entries
    assert result.converged and np.any(result.data.gap != 0) == np.any(general.data.gap != 0)
    assert_equal(result.data, general.data, device.tolerance)
    assert_equal(dos, general_dos, device.tolerance)


def test_neighbours(both):
    """Solved from a neighbour, also from one with another symmetry."""
    device = DEVICES["S/F"]

    def chain():
        results = [us.solve(device)]
        for field in ([0, 0, 0.6], [0, 0, 0], [0.1, 0.2, 0.4], [0.3, 0, 0]):
            results.append(us.solve(device.replace({"F.exchange_field": field}), start=results[-1]))
        return results

    for one, other in zip(*both(chain), strict=True):
        assert abs(abs(one.state.gap[0]) - abs(other.state.gap[0])) < device.tolerance


@pytest.mark.parametrize("start", [0.0, pytest.param(0.4, marks=pytest.mark.slow)])
def test_branch_along_which_a_symmetry_breaks(both, start):
    """At the angle 0 both magnets have one axis; from there or to there."""
    angle = us.FerromagneticInsulator(spin_mixing=0.4, magnetization=["sin(angle)", 0, "cos(angle)"])
    device = stack(insulator(0.4, Z), S, angle, parameters={"angle": start}, tolerance=1e-4)

    def points():
        branch = us.trace(device, "angle", start, 0.4 - start)
        return branch.data.gap.values[:, [0, -1]], branch.data.angle.values

    (gaps, angles), (general, others) = both(points)
    np.testing.assert_allclose(angles, others, rtol=0, atol=1e-6)
    np.testing.assert_allclose(gaps, general, rtol=0, atol=device.tolerance)
    assert np.ptp(gaps) > 1e-4
