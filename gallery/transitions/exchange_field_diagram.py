r"""
Phase diagram of a film in an exchange field
============================================

An exchange field splits the spins of a pair. A superconductor withstands it up to a field that depends on
temperature. Close to :math:`T_c` its gap closes continuously there; cold, it jumps: the transition turns from
second to first order at a *tricritical point*. Thin aluminium films in a field in their plane show all of this.
"""

# %%
# A film by itself, with the exchange field as a parameter. ``us.critical`` searches any number of a device, not
# temperature alone.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

film = us.Stack(
    [us.Superconductor(length=1.0, exchange_field=[0, 0, "h"])],
    temperature=0.5,
    tolerance=1e-2,
    parameters={"h": 0.0},
)
temperatures = [0.3, 0.5, 0.7, 0.9]
found = us.critical(
    film, "h", 0.0, 1.0, over={"temperature": temperatures}, workers=1
)
fields = found.value

# %%
# The star is the tricritical point, located between the points of the map. It is at 0.561 :math:`T_c` without
# broadening. At low temperature the line tends to Chandrasekhar's and Clogston's limit, where the energy of the
# polarized normal state equals that of condensation.

figure, axes = plt.subplots()
us.plots.critical(found, ax=axes)
axes.axhline(1 / np.sqrt(2), color="0.6", linestyle=":")
axes.text(
    0.95,
    1 / np.sqrt(2),
    "Δ₀/√2",
    va="bottom",
    ha="right",
    transform=axes.get_yaxis_transform(),
)

# %%
# What to try
# -----------
# - Spin-orbit scattering, ``spin_orbit=0.2`` in the layer, mixes the spins: the field that it withstands grows.
# - Orbital pair breaking, ``depairing=0.1``.
# - Follow the gap through the jump: ``us.trace(film.replace({"temperature": 0.1}), "h", 0, 1, both=True)``.
