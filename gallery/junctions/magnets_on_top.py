r"""
Magnets on top: spin supercurrents along a film
===============================================

Devices are seldom grown as a sandwich. Here two insulating magnets lie *on top* of a superconducting film, at
its two ends, with their magnetizations at a right angle. A supercurrent of spin flows along the bare film from
one to the other, and pulls at both.
"""

# %%
# What lies on a film is written at the layer, with the range that it covers and its conductance per area.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

magnets = [
    us.FerromagneticInsulatorOnTop(
        range=where, spin_mixing=0.048, magnetization=direction
    )
    for where, direction in (
        ([0, 0.2], [1, 0, 0]),
        ([0.8, 1], ["cos(pi*angle)", "sin(pi*angle)", 0]),
    )
]
film = us.Superconductor(name="S", length=2.5, thickness=0.1, on_top=magnets)
device = us.Stack(
    [film], temperature=0.3, tolerance=1e-4, parameters={"angle": 0.5}
)
result = us.solve(device)

# %%
# Under the magnets the spin current grows; between them it is constant, as nothing there takes up spin. It
# follows the sine of the angle, like a Josephson current follows the sine of a phase.

angles = np.linspace(0, 1, 5)
currents = []
for angle in angles:
    turned = us.solve(device.replace({"angle": float(angle)}), start=result)
    currents.append(
        float(np.abs(turned.at([1.25]).spin_current.sel(component="z")).max())
    )

figure, (above, below) = plt.subplots(
    2, figsize=(6.4, 6.4), layout="constrained"
)
us.plots.profile(result, "spin_current", ax=above)
below.plot(angles, currents, "o-")
below.set(
    xlabel="angle of the magnetizations (π)",
    ylabel="spin current in the middle",
)

# %%
# What to try
# -----------
# - A spin voltage, ``spin_voltage=0.5, spin_axis=[1, 0, 0]`` in the film, turns the spins of the current.
# - Magnets further apart: how far does a spin supercurrent reach?
# - Contacts with reservoirs on top: :doc:`/on_top`.
