r"""
An N-I-S cooler
===============

A tunnel contact between a normal metal and a superconductor passes only electrons above the gap. At a voltage
just below it these are the hot ones: the normal metal cools (Nahum, Eiles and Martinis 1994). The heat that is
taken out is the energy current less the power of the voltage.
"""

# %%
# A normal reservoir at the voltage V, a weak contact, and a short piece of superconductor in front of the bulk.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

LENGTH = 0.1
CONTACT = 2e-4  # G_T over the conductance of the piece, which is 1/LENGTH
device = us.Stack(
    [
        us.NormalReservoir(name="N", voltage="V"),
        us.Tunnel(conductance=CONTACT),
        us.Superconductor(
            name="S", length=LENGTH, gap=1.0, self_consistent=False
        ),
        us.SuperconductingReservoir(gap=1.0),
    ],
    temperature=0.3,
    inelastic=1e-3,
    tolerance=1e-6,
    parameters={"V": 0.5},
)

# %%
# ``terminals`` has the currents into the device at every reservoir: :math:`\dot Q=J_E-IV` leaves the normal
# metal.

voltages = np.linspace(0.2, 1.2, 11)
power = []
for voltage in voltages:
    result = us.solve(device.replace({"V": float(voltage)}))
    normal = result.terminals.sel(terminal="N")
    heat = normal.energy_current - normal.charge_current * voltage
    power.append(float(heat))
power = np.array(power) / (CONTACT / LENGTH)  # per conductance of the contact

figure, axes = plt.subplots()
axes.axhline(0, color="0.7")
axes.plot(voltages, power, "o-")
axes.set(
    xlabel="voltage (Δ₀/|e|)",
    ylabel="cooling power (G$_T$Δ₀²/e²)",
    ylim=(-0.05, 0.06),
)

# %%
# The best voltage is :math:`0.66\,k_BT` below the gap. Beyond it every electron brings heat.

print(
    f"best at {voltages[power.argmax()]:.2f} Δ₀/|e|: {power.max():.4f} G_T Δ₀²/e²"
)

# %%
# What to try
# -----------
# - Let the temperature float: ``floating=["temperature"]`` in the normal reservoir finds how cold it gets
#   without a heat leak.
# - Broadening: with ``inelastic=0.02`` states in the gap spoil the cooler at low temperature.
# - A better contact, ``CONTACT = 1``: Andreev reflection heats.
