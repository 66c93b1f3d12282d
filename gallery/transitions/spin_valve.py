r"""
A superconducting spin valve
============================

A superconductor between two magnetic insulators feels an exchange field at either side. If these are parallel
they add, and pairs break; if they are opposite they cancel, and pairs live. So the critical temperature, and
just above it the resistance, depends on the angle between two magnetizations: a switch made of
superconductivity.
"""

# %%
# The recipe makes the device, turns one magnet and searches the critical temperature at every angle.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

valve = us.studies.spin_valve(
    np.linspace(0, 1, 9),
    length=1.0,
    spin_mixing=0.5,
    tolerance=1e-3,
    workers=1,
)
temperatures = valve.value

figure, axes = plt.subplots()
us.plots.critical(valve, ax=axes)
axes.set_xlabel("angle between the magnetizations (π)")

# %%
# In a film that is thinner than a coherence length the two insulators act as one mean exchange field, which
# goes with the cosine of half the angle. Thicker films see less of their magnets, and switch less.

switch = temperatures[-1] - temperatures[0]
print(
    f"turning one magnet raises the critical temperature by {switch:.2f} Tc"
)

# %%
# What to try
# -----------
# - Thickness: ``length=0.5`` and ``length=2``. In which does the valve close altogether?
# - ``spin_mixing=0.8``: where the transition is of first order, the line is drawn differently.
# - Conducting magnets: a stack of ``us.Ferromagnet`` layers in place of the insulators, with
#   ``us.critical(device, over={"angle": ...})``.
