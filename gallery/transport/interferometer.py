r"""
An Andreev interferometer
=========================

The resistance of a normal wire depends on the phase difference of two superconductors that it only touches:
electrons are reflected as holes at both, and interfere. Wires around a flux are sensitive magnetometers, and
the first clear proof of a long-ranged proximity effect (Petrashov et al. 1995).
"""

# %%
# Three wires that meet: one to a normal reservoir at a voltage, two to superconductors with a phase difference.
# The file is that of ``usadel new network``.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

device = us.Device.from_toml(us.starter("network")).replace(
    {"tolerance": 1e-3}
)

# %%
# Distributions are solved for, as the reservoirs differ. Each solution is a good start for the next.
# ``terminals`` has the currents into the device at every reservoir.

phases = np.linspace(0, 2 * np.pi, 13)
conductance, result = [], None
for phase in phases:
    result = us.solve(
        device.replace({"difference": float(phase)}), start=result
    )
    conductance.append(
        float(result.terminals.charge_current.sel(terminal="N"))
        / device.value("N.voltage")
    )

figure, axes = plt.subplots()
axes.plot(phases / np.pi, conductance, "o-")
axes.set(
    xlabel="phase difference (π)",
    ylabel="conductance of the normal terminal (1/R_ξ)",
)

# %%
# At a difference of π what comes back from one superconductor cancels what comes from the other, and the common lead
# is an ordinary metal.
#
# What to try
# -----------
# - A higher voltage: ``device.replace({"N.voltage": 0.5})``. Oscillations die beyond the Thouless energy.
# - Shorter arms, or better contacts.
# - A real loop with a flux: ``usadel new squid``.
