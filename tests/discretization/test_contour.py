"""Shifted Matsubara points against integrals along the real axis, for spectra known in closed form."""

from itertools import pairwise

import numpy as np
import oracle
import pytest
from devices import state

from usadel import description as us
from usadel.energies.contour import Contour
from usadel.energies.rules import TC, gauss_panels
from usadel.equations.gap import normalization, pair_response, pair_weights

BROADENING = 0.05
GAP = 0.85 * np.exp(0.7j)
FIELD = np.array([0.1, -0.25, 0.3])


def distributions(count=6):
    """Random V, Vs, T, Ts, axis; signs of V ± Vs of all kinds."""
    rng = np.random.default_rng(8)
    out = []
    for _ in range(count):
        temperature = rng.uniform(0.05, 0.9)
        axis = rng.normal(size=3)
        out.append(
            {
                "voltage": rng.uniform(-0.8, 0.8),
                "spin_voltage": rng.uniform(-0.8, 0.8),
                "temperature": temperature,
                "spin_temperature": rng.uniform(-0.6, 0.6) * temperature,
                "spin_axis": tuple(axis / np.linalg.norm(axis)),
            }
        )
    return out


DISTRIBUTIONS = distributions()


@pytest.fixture(scope="module")
def devices():
    """All distributions in one device, so that layers share points, and its contour."""
    layers = [us.Superconductor(length=1, **d) for d in DISTRIBUTIONS]
    network = us.Stack(layers, inelastic=BROADENING).network()
    return network, Contour(network, 1e-10)


def test_signs_of_the_shifts_are_of_all_kinds():
    shifts = {(d["voltage"] + s * d["spin_voltage"] > 0, s) for d in DISTRIBUTIONS for s in (1, -1)}
    assert len(shifts) == 4


def test_points_lie_where_they_are_meant_to(devices):
    network, contour = devices
    assert np.all(contour.energies.real >= 0) and np.all(contour.energies.imag > 0)
    for layer, gap, current in zip(network.layers, contour.gap, contour.current, strict=True):
        for share, sign in [(s, -s.spin) for s in gap] + [(s, s.spin) for s in current]:
            energy = contour.energies[share.points]
            meant = -energy.conj() if share.mirrored else energy
            assert np.allclose(meant, share.energy + 1j * share.omega, rtol=1e-14, atol=0)
            assert share.temperature == pytest.approx(layer.temperature + sign * layer.spin_temperature)
            assert share.omega[0] == pytest.approx(np.pi * TC * share.temperature, rel=1e-3)
        assert [s.energy for s in gap] == pytest.approx([layer.voltage - s * layer.spin_voltage for s in (1, -1)])
        assert [s.energy for s in current] == pytest.approx(
            [-(layer.voltage + s * layer.spin_voltage) for s in (1, -1)]
        )


def test_layers_with_equal_distributions_share_points():
    layers = [us.Superconductor(length=1, spin_voltage=0.3, voltage=v) for v in (0.0, 0.0, 0.1)]
    contour = Contour(us.Stack(layers, temperature=0.2).network(), 1e-6)
    first, second, third = contour.gap
    assert [s.points for s in first] == [s.points for s in second]
    assert first[0].points == first[1].points == contour.current[0][0].points  # |±Vs| is one family
    assert third[0].points != first[0].points
    covered = sorted({(s.points.start, s.points.stop) for shares in contour.gap + contour.current for s in shares})
    assert covered[0][0] == 0 and covered[-1][1] == contour.energies.size
    assert all(a[1] == b[0] for a, b in pairwise(covered))


def superconductor(energy):
    """γ(ε), γ̃(ε) of a homogeneous superconductor in an exchange field: ε → ε + h·σ."""

    def one(energy, gap):
        size, direction = np.linalg.norm(FIELD), FIELD / np.linalg.norm(FIELD)
        out = 0.0
        for s in (1, -1):
            e = energy + s * size
            root = np.sqrt(e + abs(gap)) * np.sqrt(e - abs(gap))
            root = np.where(root.imag < 0, -root, root)
            projector = 0.5 * (np.eye(2) + s * np.tensordot(direction, oracle.PAULI[1:], axes=1))
            out = out + (gap / (e + root))[..., None, None] * projector @ oracle.ISIGMA2
        return out

    energy = np.asarray(energy, complex)
    return one(energy, GAP), one(-energy.conj(), GAP).conj()


def real_axis():
    """Points and weights on 0 < E < 1e6, dense where spectra and distributions are sharp."""
    edges = np.concatenate([np.linspace(0, 5, 250), np.geomspace(5, 1e6, 80)[1:]])
    return gauss_panels(edges, 12)


def keldysh(matrix, h):
    """ĝĥ - ĥĝᴬ, also of ĝ∂ĝ."""
    return matrix @ h - h @ oracle.advanced(matrix)


def test_homogeneous_superconductor_solves_the_usadel_equation():
    energy = np.array([0.3 + 0.05j, 1.4 + 0.2j, -0.6 + 0.1j])
    g = oracle.propagator(*superconductor(energy))
    sigma = oracle.pair_potential(GAP) + oracle.spin(FIELD)
    assert np.max(np.abs(oracle.bulk_commutator(g, energy, sigma))) < 1e-12
    assert np.max(np.abs(oracle.bulk_commutator(g, energy, oracle.pair_potential(GAP)))) > 0.1


@pytest.mark.parametrize("number", range(len(DISTRIBUTIONS)))
def test_gap_equation_is_the_integral_over_real_energies(devices, number):
    """iΣ… - Δ Σ_s ½[Σ 2πT_s/ωₙ + ln T_s] = ∫dE {¼[f_s^K(E) + f_s^K(-E)] - (Δ/E) tanh(E/2T)} - Δ ln T."""
    _, contour = devices
    chosen = DISTRIBUTIONS[number]
    shares = contour.gap[number]
    gamma, tilde = superconductor(contour.energies + 1j * BROADENING)
    direct, mirrored = pair_weights(shares, contour.energies.size)
    none = np.zeros((1, 8, contour.energies.size), complex)
    layer = np.zeros(1, np.int64)
    value, _ = pair_response(
        state(gamma, tilde)[None], none, np.zeros(1, np.int64), 1, direct[None], mirrored[None], layer
    )
    found = value[0] - GAP * normalization(shares)

    energy, weight = real_axis()
    h = distribution(energy, chosen)
    k = keldysh(oracle.propagator(*superconductor(energy + 1j * BROADENING)), h)
    _, k12, k21, _ = oracle.blocks(k)
    sigma2 = -oracle.ISIGMA2
    forward = 0.5 * np.einsum("ij,eji->e", sigma2, k12)
    backward = (0.5 * np.einsum("ij,eji->e", sigma2, k21)).conj()
    reference = 0.3
    bulk = GAP / energy * np.tanh(energy / (2 * reference * TC))
    expected = np.sum(weight * (0.25 * (forward + backward) - bulk)) - GAP * np.log(reference)
    assert abs(expected) > 0.05
    assert abs(found - expected) < 1e-8


def distribution(energy, chosen):
    """ĥ of the oracle for one of the distributions."""
    return oracle.distribution(
        energy, chosen["voltage"], chosen["spin_voltage"], chosen["temperature"],
        chosen["spin_temperature"], chosen["spin_axis"], TC,
    )  # fmt: skip


def rational_current(energy):
    """ĝ∂ĝ of made-up γ and ∂γ that decay as 1/ε² and are analytic in the upper half plane, γ̃(ε) = γ(-ε*)*."""
    rng = np.random.default_rng(9)
    residues = 0.4 * (rng.normal(size=(2, 2, 2, 2)) + 1j * rng.normal(size=(2, 2, 2, 2)))

    def one(energy, amplitude):
        first, second = (m * np.ones_like(energy)[..., None, None] for m in amplitude)
        return (
            first / ((energy + 0.8j) * (energy + 1.5j + 0.4))[..., None, None]
            + second / ((energy + 1.1j - 0.5) * (energy + 2j))[..., None, None]
        )

    def pair(amplitude):
        return one(energy, amplitude), one(-energy.conj(), amplitude).conj()

    zero = np.zeros((*energy.shape, 2, 2), complex)
    current, _ = oracle.current_and_divergence(*pair(residues[0]), *pair(residues[1]), zero, zero)
    return current


@pytest.mark.parametrize("number", range(len(DISTRIBUTIONS)))
def test_currents_are_the_integrals_over_real_energies(devices, number):
    """Charge and spin, and the energy carried by them."""
    _, contour = devices
    chosen = DISTRIBUTIONS[number]
    found = np.zeros(8)
    for share in contour.current[number]:
        solved = contour.energies[share.points]
        blocks = oracle.blocks(rational_current(solved + 1j * BROADENING))
        x11 = blocks[3].conj() if share.mirrored else blocks[0]  # X11(-ε*) = X22(ε)*
        energy = share.energy + 1j * share.omega
        assert np.allclose(x11, oracle.blocks(rational_current(energy + 1j * BROADENING))[0], atol=1e-14)
        for i in range(4):
            trace = np.einsum("ij,jk,nki->n", share.projector, oracle.PAULI[i], x11)
            found[i] += np.real(0.5j * np.sum(share.weight * trace))
            found[4 + i] += np.real(0.5j * np.sum(share.weight * energy * trace))

    energy, weight = real_axis()
    k = keldysh(rational_current(energy + 1j * BROADENING), distribution(energy, chosen))
    modes = [0.125 * np.einsum("ij,nji->n", oracle.TAU3 @ rho, k).real for rho in oracle.RHO]
    expected = [np.sum(weight * mode * (energy if i > 3 else 1)) for i, mode in enumerate(modes)]
    assert np.min(np.abs(expected)) > 1e-4
    assert np.max(np.abs(found - expected)) < 1e-8


def along(spin_voltages):
    """Contours of one superconductor beside a layer without spin voltage, each like the one before."""
    contour = None
    for value in spin_voltages:
        layers = [us.Superconductor(length=1, spin_voltage=value), us.Superconductor(length=1)]
        contour = Contour(us.Stack(layers, temperature=0.2).network(), 1e-6, contour, 0.2)
        yield contour


def test_along_a_curve_points_pass_zero_and_stay_apart():
    merged, apart, back, beyond = along([0.0, 0.3, 0.0, -0.3])
    assert merged.energies.size < apart.energies.size == back.energies.size
    assert apart.structure() == back.structure() == beyond.structure() != merged.structure()
    moved = apart.energies - back.energies
    assert np.any(moved != 0) and beyond.energies == pytest.approx(back.energies - moved)  # without turning back
    for contour, value in ((apart, 0.3), (beyond, -0.3)):
        for share in contour.gap[0]:
            energy = contour.energies[share.points]
            meant = -energy.conj() if share.mirrored else energy
            assert meant == pytest.approx(-share.spin * value + 1j * share.omega)
