r"""
A Josephson transistor
======================

A supercurrent through a normal wire is carried by states at energies around the Thouless energy. If a control
voltage across the wire takes these out of use, filling electrons and holes alike, the critical current falls,
vanishes and *changes its sign*: a π junction made by a voltage (Baselmans et al., Nature 397, 43).
"""

# %%
# Control electrodes at ±V give the middle of the wire the mean of both distributions, which is imposed here.

import matplotlib.pyplot as plt

import usadel as us

normal = us.NormalMetal(name="N", length=4, voltage=0.0, transverse=True)
banks = [us.SuperconductingReservoir() for _ in range(2)]
wire = us.Stack(
    [banks[0], normal, banks[1]], temperature=0.05, tolerance=1e-3
)

voltages = [0.0, 0.08, 0.16, 0.24, 0.28, 0.32, 0.36, 0.44, 0.6]
biased = us.josephson(wire, over={"N.voltage": voltages}, workers=1)
ground = abs(biased.ground_state_phase)

# %%
# Where the ground state changes from 0 to π the current vanishes.

figure, axes = plt.subplots()
us.plots.josephson(biased, ax=axes)
axes.set_xlabel("control voltage (Δ₀/|e|)")
print(
    "the junction turns round at",
    [round(float(value), 3) for value in biased.crossings],
    "Δ₀/|e|",
)

# %%
# What to try
# -----------
# - Heat instead of a voltage: ``us.NormalMetal(temperature=...)`` only weakens the current, as thermal
#   electrons have no steps.
# - A longer wire, ``length=8``: voltages shrink with the Thouless energy.
# - The electrodes themselves: a network of four wires, with ``us.NormalReservoir(voltage=...)`` and solved
#   distributions.
