r"""
A tunnel spectrum with split spins, and a fit
=============================================

On a magnetic insulator such as EuS the density of states of a thin aluminium film splits into two, one for each
spin (Meservey and Tedrow). A fit of the tunnel conductance tells gap and exchange field, with their errors.
"""

# %%
# A "measurement": the spectrum of a film with a known gap and exchange field, and noise of one per cent.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

superconductor = us.Superconductor(
    name="S",
    length=1.0,
    self_consistent=False,
    gap="gap",
    exchange_field=[0, 0, "h"],
)
film = us.Stack(
    [superconductor],
    temperature=0.08,
    inelastic=0.02,
    tolerance=1e-3,
    parameters={"gap": 1.0, "h": 0.2},
)
true = {"gap": 0.93, "h": 0.31}
voltages = np.linspace(-2, 2, 41)
clean = (
    us.solve(film.replace(true))
    .tunnel_conductance(0.5, voltages=voltages)
    .tunnel_conductance.values[0]
)
noise = np.full(voltages.shape, 0.01)
measured = clean + np.random.default_rng(7).normal(0, noise)

# %%
# The fit starts from the numbers of the device, and searches between bounds.

free = {"gap": (0.6, 1.3), "h": (0.05, 0.6)}
found = us.fit(
    film,
    (voltages, measured, noise),
    free,
    "tunnel_conductance",
    position=0.5,
    starts=1,
)
print(found.summary())

figure, (above, below) = plt.subplots(2, sharex=True, height_ratios=[3, 1])
us.plots.fit(found, ax=above)
us.plots.residuals(found, ax=below)

# %%
# Four peaks, at ±Δ±h. Residuals are as large as the noise, and the true numbers lie within the error bars as
# often as they should.
#
# What to try
# -----------
# - Your own data: a CSV file with the columns voltage, tunnel_conductance and error in place of the arrays.
# - Spin-orbit scattering mixes the spins: make ``spin_orbit`` of the layer a parameter, and free it, too.
# - A ferromagnetic probe sees the two spins differently: ``result.tunnel_conductance(0.5, polarization=0.4,
#   magnetization=[0, 0, 1])``.
