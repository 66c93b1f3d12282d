"""Half-metals that touch transparently what has no pairs of opposite spins: normal reservoirs, and their own kind."""

import numpy as np
import pytest

import usadel as us

NOTHING = us.Output(quantities=["gap"])
MAGNETIZATION, POLARIZATION = (0.6, 0.0, 0.8), 0.6
SETTINGS = {"temperature": 0.3, "output": NOTHING}


def half_metal(length, polarization=POLARIZATION):
    return us.HalfMetal(length=length, polarization=polarization, magnetization=MAGNETIZATION)


def contact(share=1.0):
    """An interface of second order, which makes pairs of equal spin, on a piece that is a share of its half-metal."""
    return us.SpinActive(
        conductance=1.3 * share, polarization=0.3, magnetization=[0.2, 0, 1], second_order=0.4,
        spin_mixing_left=0.9 * share, magnetization_left=[1.0, -0.4, 0.3],
        spin_mixing_right=-0.5 * share, magnetization_right=[0.3, 0.5, 1.0],
    )  # fmt: skip


def currents(result):
    """Charge and spin current in the middle."""
    data = result.data.isel(position=result.data.position.size // 2)
    return np.append(data.charge_current.values, data.spin_current.values)


def test_a_normal_wire():
    """σA/2L of the two spins, D(1 ± P)/2 each; the spin current is P times that of charge, along the magnetization."""
    voltage, length = 0.5, 0.8
    ends = us.NormalReservoir(voltage=voltage), us.NormalReservoir()
    found = currents(us.solve(us.Stack([ends[0], half_metal(length), ends[1]], tolerance=1e-4, **SETTINGS)))
    charge = voltage / (2 * length)
    assert found[0] == pytest.approx(charge, abs=1e-6)
    assert np.abs(found[1:]) == pytest.approx(POLARIZATION * charge * np.array(MAGNETIZATION), abs=1e-6)


def at_the_left(result):
    """Currents, accumulations and pair amplitudes at the left end."""
    profiles = result.solved.profiles
    return np.concatenate(
        [profiles.current[0], profiles.accumulation[0], profiles.pairs[0].real, profiles.pairs[0].imag]
    )


@pytest.mark.parametrize("driven", [False, True])
def test_transparent_is_the_limit_of_good_tunnel_contacts(driven):
    """Differences fall like 1/conductance, also for a reservoir whose spins are not along the magnetization."""
    spins = {"spin_voltage": 0.2, "spin_axis": [0, 0, 1], "voltage": 0.3} if driven else {}
    pairs = [us.SuperconductingReservoir(), contact()]
    feed = [us.NormalReservoir(voltage=0.5), us.Tunnel(conductance=2)] if driven else pairs
    tolerance = 1e-4 if driven else 1e-5

    def solved(*end):
        device = us.Stack([*feed, half_metal(0.8), *end, us.NormalReservoir(**spins)], tolerance=tolerance, **SETTINGS)
        return at_the_left(us.solve(device))

    clear, good, better = solved(), solved(us.Tunnel(conductance=30)), solved(us.Tunnel(conductance=300))
    first, second = (np.max(np.abs(values - clear)) for values in (good, better))
    assert second < 0.15 * first + 2e-5


def test_a_half_metal_in_two_pieces():
    """Of one polarization and magnetization: a cut changes nothing."""

    def solved(*pieces):
        left, right = (contact(piece.length / 0.8) for piece in (pieces[0], pieces[-1]))
        reservoirs = us.SuperconductingReservoir(phase=1.1), us.SuperconductingReservoir()
        device = us.Stack([reservoirs[0], left, *pieces, right, reservoirs[1]], tolerance=1e-5, **SETTINGS)
        return at_the_left(us.solve(device))

    one, two = solved(half_metal(0.8)), solved(half_metal(0.3), half_metal(0.5))
    assert np.max(np.abs(one[:8])) > 1e-3
    assert np.allclose(one[:16], two[:16], atol=2e-5)  # sums of pairs depend on the highest energies


@pytest.mark.parametrize(
    "other, reason",
    [(half_metal(0.5, 0.2), "weigh their spins otherwise"), (us.NormalMetal(length=0.5), "pairs of opposite spins")],
)
def test_what_cannot_touch(other, reason):
    with pytest.raises(us.InputError, match=reason):
        us.Stack([us.NormalReservoir(), half_metal(0.5), other], temperature=0.3)
