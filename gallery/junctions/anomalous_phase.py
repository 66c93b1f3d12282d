r"""
A φ0 junction and a Josephson diode
===================================

Without symmetries that forbid it, a current flows at equal phases, and the ground state is at a phase
:math:`\varphi_0` that is neither 0 nor π. Then the critical currents in the two directions may differ: a diode.
It takes three magnetizations that lie in no plane, and contacts that tell spins apart.
"""

# %%
# Barriers polarized along x and y, and a ferromagnet along z between them.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

barriers = [
    us.SpinActive(
        conductance=1, polarization=0.6, spin_mixing=0.5, magnetization=m
    )
    for m in ([1, 0, 0], [0, 1, 0])
]
magnet = us.Ferromagnet(name="F", length=1, exchange_field=[0, 0, "h"])
elements = [
    us.SuperconductingReservoir(),
    barriers[0],
    magnet,
    barriers[1],
    us.SuperconductingReservoir(),
]
device = us.Stack(
    elements, temperature=0.2, tolerance=1e-4, parameters={"h": 1.5}
)
junction = us.josephson(device)

phase, efficiency = (
    float(junction.data.ground_state_phase),
    float(junction.data.diode_efficiency),
)
print(f"ground state at {phase:.3f} rad, diode efficiency {efficiency:.3f}")

# %%
# Turning the magnet round (dashed) turns the sign of the anomalous phase: memory and reading in one. Neither curve is
# odd.

reversed_junction = us.josephson(device.replace({"h": -1.5}))
reversed_phase = float(reversed_junction.data.ground_state_phase)

figure, axes = plt.subplots()
us.plots.josephson(junction, ax=axes)
axes.plot(
    reversed_junction.data.phase / np.pi,
    reversed_junction.data.current,
    "--",
    color="0.5",
)

# %%
# What to try
# -----------
# - All magnetizations in one plane: put the second barrier along x, too. The phase is 0 or π again.
# - ``polarization=0``: barriers that do not tell spins apart. What remains of the anomalous phase?
# - ``us.josephson(device, over={"h": [0, 0.5, 1, 2]})``: the diode efficiency against the field.
