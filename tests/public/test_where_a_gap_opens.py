"""Critical temperatures of public examples, beside a linear solver of its own (linear.py).

Of *Fominov et al.* the parameters are those of Nb/Cu0.43Ni0.57, in the units of the paper.
"""

import numpy as np
import pytest
from linear import TC, Layer, eigenvalue, magnet, opens_at

import usadel as us

NSN = """
temperature = 0.1
inelastic = 0

[[stack]]
kind = "normal_reservoir"

[[stack]]
kind = "superconductor"
name = "S"
length = {length}

[[stack]]
kind = "normal_reservoir"
"""


# users.jyu.fi/~patavirt/usadel1/scripting.tc.html (usadel1, "Critical temperature in a NSN structure"); 5 ξ closed form
@pytest.mark.parametrize(("length", "expected"), [(8.0, 0.891269), (5.0, 0.711944), (4.0, 0.529738), (3.2, 0.136017)])
def test_superconductor_between_normal_reservoirs(length, expected):
    found = us.critical(us.Stack.from_toml(NSN.format(length=length)).replace({"tolerance": 1e-5}))
    assert found.order == 2 and found.value == pytest.approx(expected, abs=5e-6)


def test_no_superconductor_thinner_than_pi():
    with pytest.raises(us.NoTransition):
        us.critical(us.Stack.from_toml(NSN.format(length=3.0)).replace({"tolerance": 1e-4}))


VALVE = """# spin valve, magnets at {1}π
[superconductor]
  length:          1
  scattering:      {2}
  magnetization_a: [0,0,1]
  spinmixing_a:    0.5
  magnetization_b: [sin(pi*{1}),0,cos(pi*{1})]
  spinmixing_b:    0.5
"""


# GENEUS, tutorial, "Critical temperature": the spin valve over the angle; GENEUS takes hours
@pytest.mark.parametrize(("angle", "inelastic"), [("0", 0.0), ("1", 0.0), ("0", 0.01), ("0.5", 0.01), ("1", 0.01)])
def test_spin_valve(angle, inelastic):
    device = us.from_geneus(VALVE.replace("{2}", repr(inelastic)), angle).replace({"tolerance": 1e-5})
    found = us.critical(device)
    ends = magnet(0.5), magnet(0.5, np.pi * float(angle))
    assert found.order == 2
    assert opens_at(found.value, [Layer(1.0)], 1e-5, ends=ends, inelastic=inelastic)


FLOW = """[superconductor]
  length:          1
  gap:             0.01
  magnetization_a: [1,0,0]
  spinmixing_a:    {1}
  magnetization_b: [0,1,0]
  spinmixing_b:    {1}
"""


# GENEUS, tutorial, "Phase diagrams": whether a gap of 0.01 grows or shrinks
@pytest.mark.parametrize(("mixing", "least"), [("0.2", 0.9), ("0.5", 0.8), ("1", None)])
def test_flow_of_a_small_gap(mixing, least):
    device = us.from_geneus(FLOW, mixing).replace({"tolerance": 1e-3})
    gap = float(np.max(np.abs(us.solve(device).refined.profiles.gap)))
    ends = magnet(float(mixing)), magnet(float(mixing), np.pi / 2)
    grows = eigenvalue(0.01, [Layer(1.0)], ends=ends, inelastic=0.01) < 0
    assert grows == (least is not None)
    assert gap > least if grows else gap == 0.0


CORRELATION = np.sqrt(2 * np.pi * TC)  # ξ = √(D/Δ0) in the paper's √(D/2πkTc)


# Ya. V. Fominov et al., Phys. Rev. B 66, 014507 (2002): Tc = 7 K, ρ = 7.5 and 60 μΩ cm, ξs = 8.9 nm,
# ξf = 7.6 nm, d_s = 11 nm, h = 130 K, γ_b = 0.3
@pytest.mark.parametrize(
    "thickness", [5.0, 14.0, *(pytest.param(nm, marks=pytest.mark.slow) for nm in (2.0, 8.0, 25.0))]
)
def test_bilayer_of_niobium_and_copper_nickel(thickness):
    xi, conductivity = 8.9 * CORRELATION, 7.5 / 60
    field, barrier = 130 / 7 * TC, conductivity / (0.3 * 7.6 / xi)
    found = us.critical(us.studies.NIOBIUM_COPPER_NICKEL.device().replace({"thickness": thickness}))
    magnetic = Layer(thickness / xi, (7.6 / 8.9) ** 2, conductivity, (field, 0.0), pairs=False, nodes=40)
    assert found.order == 2
    assert opens_at(found.value, [Layer(11 / xi), magnetic], barriers=[barrier])
    assert 3.5 / 7 < found.value < 5.1 / 7


# "Competitive 0 and π states in S/F multilayers: multimode approach" (HAL, 2020): the higher of both
@pytest.mark.parametrize(
    ("thickness", "expected"),
    [(0.1, 0.78139), (0.45, 0.677465)]
    + [pytest.param(*v, marks=pytest.mark.slow) for v in ((0.3, 0.66996), (0.6, 0.67903))],
)
def test_ferromagnet_between_superconductors(thickness, expected):
    magnetic = us.Ferromagnet(length=thickness, exchange_field=[0, 0, 15])
    layers = [us.Superconductor(length=2.2), magnetic, us.Superconductor(length=2.2)]
    found = us.critical(us.Stack(layers, temperature=0.5, inelastic=0.0, tolerance=1e-4))
    assert found.order == 2 and found.value == pytest.approx(expected, abs=5e-5)
    if thickness == 0.45:
        film = Layer(2.2, nodes=48)
        whole = [film, Layer(thickness, field=(15.0, 0.0), pairs=False, nodes=20), film]
        assert opens_at(found.value, whole)


FIELD, THIN, THICK = 20.0, 0.3, 0.6


# Ya. V. Fominov et al., JETP Lett. 91, 308 (2010): triplet spin valve, S/F/F', least Tc between 0 and π
def test_triplet_spin_valve():
    found = {}
    for angle in (0.0, 0.5 * np.pi, np.pi):
        direction = np.array([np.sin(angle), 0, np.cos(angle)])
        near = us.Ferromagnet(length=THIN, exchange_field=[0, 0, FIELD])
        far = us.Ferromagnet(length=THICK, exchange_field=FIELD * direction)
        device = us.Stack([us.Superconductor(length=1.8), near, far], temperature=0.5, inelastic=0.0, tolerance=1e-4)
        found[angle] = us.critical(device).value
        theirs = [
            Layer(1.8, nodes=36),
            Layer(THIN, field=(FIELD, 0.0), pairs=False, nodes=16),
            Layer(THICK, field=(FIELD * direction[2], FIELD * direction[0]), pairs=False, nodes=20),
        ]
        assert opens_at(found[angle], theirs, 3e-4)
    assert found[0.5 * np.pi] < min(found[0.0], found[np.pi]) - 0.005
