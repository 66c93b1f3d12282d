r"""
The 2004 paper: a spin battery on a superconductor
==================================================

Morten, Brataas and Belzig (Phys. Rev. B 70, 212508) feed spins into a superconducting wire and ask what a
ferromagnetic probe measures at a distance. In a superconductor the spin-diffusion length depends on the energy
of the electron, so the signal depends on the bias in a way that the normal state does not.
"""

# %%
# The coefficients of their kinetic equations are known in closed form for a homogeneous wire. The program has
# no such formulas: it takes traces of the propagator, for any material. Here they are asked for in the middle
# of a wire with a weak contact to the source.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

SPIN_FLIP = 1e-4
wire = us.Superconductor(
    name="S",
    length=1.0,
    gap=1.0,
    self_consistent=False,
    spin_flip=SPIN_FLIP,
    nonequilibrium=True,
)
source = us.NormalReservoir(spin_voltage=0.5, spin_axis=[0, 0, 1])
device = us.Stack(
    [source, us.Tunnel(conductance=1e-4), wire],
    temperature=0.3,
    inelastic=1e-4,
    tolerance=1e-3,
)

energies = np.linspace(1.05, 4, 40)
found = us.distributions(device).kinetic_coefficients(energies, 0.5)
spin = found.sel(row="spin_z", mode="spin_z").isel(position=0)
computed = np.sqrt(-spin.diffusion / spin.relaxation).values

# %%
# Above the gap the length is :math:`l_{sf}\sqrt{(E^2-\Delta^2)/(E^2+\Delta^2)}`: electrons at the gap hardly
# move, while their spins flip faster.

normal = 1 / np.sqrt(8 * SPIN_FLIP)
closed = normal * np.sqrt((energies**2 - 1) / (energies**2 + 1))

figure, axes = plt.subplots()
axes.plot(energies, computed / normal, "o", markersize=4, label="usadel")
axes.plot(energies, closed / normal, label="closed form")
axes.set(
    xlabel="energy (Δ)",
    ylabel="spin-diffusion length over that of the normal metal",
    ylim=(0, 1),
)
axes.legend()

# %%
# So a signal at a distance of many lengths grows by orders of magnitude with the bias that injects at higher
# energies. All figures of the paper, and what a real probe would see of them, are on :doc:`/morten2004`.
#
# What to try
# -----------
# - Stronger impurities, ``SPIN_FLIP = 0.01``: near the gap the closed form, which neglects what they do to the
#   spectrum, fails.
# - Spin-orbit scattering, ``spin_orbit``, has the length of the normal state at all energies.
# - The charge: ``row="charge"``, ``mode="charge"`` is the charge imbalance of :doc:`charge_imbalance`.
