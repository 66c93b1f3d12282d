r"""
Proximity effect: the minigap of a normal wire
==============================================

A normal wire in good contact with a superconductor has a gap of its own, although nothing pairs its electrons.
An electron below the gap needs the time :math:`L^2/D` to find the contact, so the *minigap* is of the order of
the Thouless energy :math:`E_\mathrm{Th}=\hbar D/L^2`: the longer the wire, the smaller. Tunnel spectra of wires
and the heat conductance of Andreev devices show it.
"""

# %%
# The wire touches a bulk superconductor at its left end and vacuum at its right one. The broadening is small,
# so that edges are sharp.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

wire = us.Stack(
    [us.SuperconductingReservoir(), us.NormalMetal(name="N", length=1.0)],
    temperature=0.1,
    inelastic=1e-3,
    tolerance=1e-3,
)

# %%
# The density of states at the free end, for three lengths. In these units the Thouless energy is one over the
# square of the length. The edge is taken where half of the normal density of states is reached.

energies = np.linspace(0, 1.2, 961)
lengths = [1.0, 2.0, 4.0]
minigaps = {}
figure, axes = plt.subplots()
for length in lengths:
    spectrum = us.solve(wire.replace({"N.length": length})).dos(
        energies, position=length
    )
    dos = spectrum.dos.isel(position=0)
    minigaps[length] = float(energies[np.argmax(dos.values > 0.5)])
    axes.plot(
        energies,
        dos,
        label=f"L = {length:g} ξ, minigap {minigaps[length] * length**2:.2f} $E_{{Th}}$",
    )
axes.set(
    xlabel="energy (Δ₀)",
    ylabel="density of states at the free end (N₀)",
    ylim=(0, 4),
)
axes.legend()

# %%
# In a long wire the minigap tends to 0.78 Thouless energies; in a short one it is limited by the gap of the
# superconductor itself.
#
# What to try
# -----------
# - A barrier: put ``us.Tunnel(conductance=0.5)`` between reservoir and wire.
# - Pair breaking: ``spin_flip=0.05`` in the wire closes the minigap long before it closes the gap of a
#   superconductor.
# - A second superconductor with another ``phase`` at the right end: the minigap closes at a difference of π.
