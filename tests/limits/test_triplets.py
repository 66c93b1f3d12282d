"""How triplet pairs arise, turn, decay and survive."""

import numpy as np
import oracle
import pytest
from devices import Case
from limit_data import solve
from scipy.linalg import expm

import usadel as us

ENERGY = np.array([0.25j, 0.7j, 0.3 + 0.2j])
WEAK = 1e-6  # conductance of the contact: pairs are so few that the equation is linear
LENGTH, DIFFUSION = 1.3, 0.8


def rates(layer, h):
    """K² (4, 4) of the linear equation D D_zD_z(f_s, f_t) = DK²(f_s, f_t), but for -2iε.

    The gauge field of spins relaxes f_t by 4(tr a²-a²) with a the matrix of A_k = a_ki σ_i (k = x, y), as of
    D'yakonov and Perel (F. S. Bergeret, I. V. Tokatly, Phys. Rev. B 89, 134517); the exchange field mixes f_s and f_t.
    """
    a = np.array([[layer.dresselhaus, -layer.rashba, 0], [layer.rashba, -layer.dresselhaus, 0]])
    square = a.T @ a
    k2 = np.zeros((4, 4), complex)
    k2[0, 1:] = k2[1:, 0] = -2j * np.asarray(h) / layer.diffusion
    k2[0, 0] = 12 * layer.spin_flip / layer.diffusion
    k2[1:, 1:] = 4 * (np.trace(square) * np.eye(3) - square)
    k2[1:, 1:] += (4 * layer.spin_flip + 8 * layer.spin_orbit) / layer.diffusion * np.eye(3)
    return k2 + layer.depairing / layer.diffusion * np.eye(4)


def precession(layer):
    """W of D_z f = f' + Wf: f_t turns about x, by 2a × f_t with a = -α along x."""
    w = np.zeros((4, 4))
    w[2, 3], w[3, 2] = 2 * layer.nanowire, -2 * layer.nanowire
    return w


def linear_pairs(layer, h, energy):
    """(f_s, f_t) at both ends of a layer with a weak contact to a superconductor at its left end, f_s' = -(g/L)f_S."""
    k2 = rates(layer, h) - 2j * energy / layer.diffusion * np.eye(4)
    w = precession(layer)
    across = expm(layer.length * np.block([[-w, np.eye(4)], [k2, -w]]))
    slope = np.zeros(4, complex)
    slope[0] = -WEAK / layer.length * oracle.bulk(energy, 1.0)[0, 3]
    left = np.linalg.solve(across[4:, :4], -across[4:, 4:] @ slope)
    return left, across[:4, :4] @ left + across[:4, 4:] @ slope


MAGNETS = {
    "field": {"exchange_field": [0.6, -0.3, 0.8]},
    "spin flips": {"exchange_field": [0.6, -0.3, 0.8], "spin_flip": 0.15},
    "spin-orbit impurities": {"exchange_field": [0, 0, 0.8], "spin_orbit": 0.2, "depairing": 0.3},
    "rashba, field in the plane": {"exchange_field": [0.9, 0, 0], "rashba": 0.7},
    "rashba, field out of the plane": {"exchange_field": [0, 0, 0.9], "rashba": 0.7},
    "rashba and dresselhaus": {"exchange_field": [0.9, 0, 0], "rashba": 0.7, "dresselhaus": 0.4},
    "nanowire": {"exchange_field": [0, 0.9, 0], "nanowire": 0.8},
}


@pytest.mark.parametrize("name", MAGNETS)
def test_weak_proximity_effect(name):
    """In-plane couplings turn the triplets of a field along x towards y; that of a nanowire turns them about x."""
    rest = {"length": LENGTH, "diffusion": DIFFUSION, "inelastic": 0}
    magnet = us.Ferromagnet(**MAGNETS[name], **rest)
    reservoir = us.SuperconductingReservoir(gap=1, inelastic=0)
    case = Case(us.Stack([reservoir, us.Tunnel(conductance=WEAK), magnet]), energy=ENERGY, nodes=65)
    gamma = np.moveaxis(case.solve(tolerance=1e-15)[[0, -1], :4], -1, 0).reshape(-1, 2, 2, 2)
    pairs = 2 * gamma @ np.linalg.inv(oracle.ISIGMA2)
    found = 0.5 * np.einsum("sij,exji->exs", oracle.PAULI, pairs)
    expected = np.array([linear_pairs(magnet, MAGNETS[name]["exchange_field"], e) for e in ENERGY])
    np.testing.assert_allclose(found / WEAK, expected / WEAK, rtol=0, atol=2e-5)
    sizes = np.abs(expected / WEAK).max(axis=(0, 1))
    turned = {"rashba and dresselhaus": [1, 2], "nanowire": [2, 3], "field": [1, 2, 3]}
    assert np.all(sizes[[0, *turned.get(name, [])]] > 0.01)
    if name.startswith("rashba, field"):
        assert np.sum(sizes[1:] > 0.01) == 1  # pure Rashba coupling only shortens the life of these


PAIRS = us.Output(quantities=["singlet_real", "singlet_imag", "triplet_real", "triplet_imag"])
HALF = {"polarization": 0.8, "magnetization": [0, 0, 1], "inelastic": 0}


def junction(middle, left, right, phase=np.pi / 2):
    """Current through S/F'/F/F''/S, the outer magnets thin."""

    def thin(direction):
        return us.Ferromagnet(length=0.25, exchange_field=[8 * part for part in direction])

    elements = [
        us.SuperconductingReservoir(phase=phase),
        thin(left),
        middle,
        thin(right),
        us.SuperconductingReservoir(),
    ]
    return solve(elements, temperature=0.1, tolerance=1e-7).data.charge_current.values.mean()


def test_long_range_triplets():
    """Currents through 10 ξ_F of a magnet only with noncollinear neighbours, -sin α' sin α'' in sign.

    M. Houzet, A. I. Buzdin, Phys. Rev. B 76, 060504(R): the current between noncollinear layers decays as in a normal
    metal, and is reversed when one of them is turned over.
    """
    x, y, z = np.eye(3)

    def magnet(length):
        return us.Ferromagnet(length=length, exchange_field=[0, 0, 8])

    length = 10 / np.sqrt(8)
    collinear = [junction(magnet(length), z, z), junction(magnet(length), x, z)]
    parallel, opposite = junction(magnet(length), x, x), junction(magnet(length), x, -x)
    assert parallel < -1e-3 and max(map(abs, collinear)) < 0.02 * abs(parallel)
    assert opposite == pytest.approx(-parallel, rel=0.03)
    assert abs(junction(magnet(length), x, y)) < 0.02 * abs(parallel)
    longer = junction(magnet(1.3 * length), x, x)
    normal = [junction(us.NormalMetal(length=k * length), x, x) for k in (1, 1.3)]
    assert longer / parallel == pytest.approx(normal[1] / normal[0], rel=0.01)
    assert longer / parallel > 5 * np.exp(-0.3 * 10)


def half_metal(direction, length=2.0, polarization=0.9):
    """Charge current and the largest triplet amplitudes in the middle of a half-metal between magnetic contacts."""
    contact = us.SpinActive(conductance=1, spin_mixing=1.5, magnetization=direction)

    def polarizer(side):
        return us.SpinActive(conductance=1, polarization=0.9, magnetization=[0, 0, 1], relative_to=side)

    middle = us.HalfMetal(length=length, polarization=polarization, magnetization=[0, 0, 1])
    elements = [
        us.SuperconductingReservoir(phase=np.pi / 2), contact, us.NormalMetal(length=0.3), polarizer("left"), middle,
        polarizer("right"), us.NormalMetal(length=0.3), contact, us.SuperconductingReservoir(),
    ]  # fmt: skip
    data = us.solve(us.Stack(elements, temperature=0.1, tolerance=1e-7, output=PAIRS)).data
    at = int(np.argmin(np.abs(data.position.values - (0.3 + 0.5 * length))))
    pairs = np.hypot(data.triplet_real, data.triplet_imag).values
    singlet = np.hypot(data.singlet_real, data.singlet_imag).values
    return data.charge_current.values, pairs[:, at], singlet[at]


def test_equal_spin_triplets_in_a_half_metal():
    """Only misaligned contacts send pairs through it, and those are of equal spin: f_x and f_y, no f_z and no singlet.

    M. Eschrig, J. Kopu, J. C. Cuevas, G. Schön, Phys. Rev. Lett. 90, 137003.
    """
    current, pairs, singlet = half_metal([1, 0, 0])
    assert np.ptp(current) < 1e-7 and current[0] < -1e-3  # a π junction
    assert pairs[0] > 0.05 and pairs[1] > 0.05 and pairs[2] < 1e-12 and singlet < 1e-12
    current, pairs, _ = half_metal([0, 0, 1])
    assert np.max(np.abs(current)) < 1e-12 and np.max(pairs) < 1e-12


def test_spins_of_a_half_metal_decay_apart():
    """Few pairs: cosh k_s(L - x) with k_s² = -2iε 2/(1 + sP) for spin s, from contacts that send both alike."""
    layer = us.HalfMetal(length=LENGTH, **HALF)
    s = us.Superconductor(length=0.5, self_consistent=False, gap=1, inelastic=0)
    insulator = us.FerromagneticInsulator(spin_mixing=0.4, magnetization=[1, 0, 0])
    tunnel = us.Tunnel(conductance=1e-3, relative_to="right")
    case = Case(us.Stack([insulator, s, tunnel, layer]), energy=ENERGY, nodes=65)
    case.gap = np.where(case.layout.layer == 0, 1.0, 0.0) + 0j
    state = case.solve(tolerance=1e-13)[case.layout.row_of_site][case.layout.slice(1)]
    for entry, sign in ((0, 1), (3, -1)):
        k = np.sqrt(-4j * ENERGY / (1 + sign * HALF["polarization"]))
        ratio = state[-1, entry] / state[0, entry]
        np.testing.assert_allclose(ratio, 1 / np.cosh(k * LENGTH), rtol=0, atol=1e-5)
        assert np.min(np.abs(state[0, entry])) > 1e-5
