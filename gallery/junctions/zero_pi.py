r"""
0-π junctions
=============

A pair in a ferromagnet has spins of different Fermi momenta; its amplitude oscillates on its way. Where it
arrives with the opposite sign, the junction prefers a phase difference of π: the critical current, measured
against thickness or temperature, touches zero and rises again.
"""

# %%
# The recipe ``zero_pi`` computes the whole current-phase relation at every length, and locates the lengths at
# which 0 and π have the same free energy.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

junction = us.studies.zero_pi(
    np.linspace(0.3, 1.5, 9), exchange_field=3.0, tolerance=1e-3, workers=1
)

figure, axes = plt.subplots()
us.plots.josephson(junction, ax=axes)
axes.set_xlabel("length of the ferromagnet (ξ)")

# %%
# Phases of the ground state, and where they change places:

print(np.abs(junction.ground_state_phase).round(2))
print("crossings at", np.round(junction.crossings, 3), "ξ")

# %%
# The pairs oscillate and decay over the same length, :math:`\xi_F=\sqrt{\hbar D/h}=\xi/\sqrt3` here: a next
# crossing comes :math:`\pi\xi_F` further on, where the current is twenty times as small.
#
# What to try
# -----------
# - A stronger magnet, ``exchange_field=12``: all lengths shrink to a half.
# - ``conductance=2``: better contacts, and the first crossing moves.
# - Against temperature: write the stack yourself, and give ``us.josephson(device, over={"temperature": ...})``
#   a length close to a crossing.
