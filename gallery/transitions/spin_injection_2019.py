r"""
The 2019 paper: spin supercurrents under spin injection
=======================================================

Ouassou, Robinson and Linder (Sci. Rep. 9, 12731) put a superconductor between two insulating magnets along x
and y. In equilibrium a supercurrent of spin along z flows between them. A spin voltage along x turns it towards
y, without any gradient of the spin voltage: it is steered, not driven.
"""

# %%
# The device, with the spin voltage as an imposed distribution of the superconductor.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

magnets = [
    us.FerromagneticInsulator(spin_mixing=0.6, magnetization=m)
    for m in ([1, 0, 0], [0, 1, 0])
]
middle = us.Superconductor(
    name="S", length=1.5, spin_voltage=0.0, spin_axis=[1, 0, 0]
)
device = us.Stack(
    [magnets[0], middle, magnets[1]], temperature=0.01, tolerance=1e-3
)

# %%
# A trace follows the solution through folds, where a plain sweep would jump. It ends where the gap vanishes.

branch = us.trace(device, "S.spin_voltage", 0.0, 1.0)
folds = branch.folds

figure, (above, below) = plt.subplots(
    2, sharex=True, figsize=(6.4, 6.4), layout="constrained"
)
us.plots.branch(branch, "gap", ax=above)
us.plots.branch(branch, "spin_current", ax=below)

# %%
# Dashed parts are unstable. The current of spins along y grows with the spin voltage at the cost of that along
# z, until superconductivity ends. :doc:`/ouassou2019` has all figures of the paper, made by ``usadel reproduce
# ouassou2019``.

closings = branch.gap_closings
print(
    "folds at",
    np.round(folds, 3),
    "- the gap vanishes at",
    np.round(closings, 3),
)

# %%
# What to try
# -----------
# - ``spin_axis=[0, 0, 1]``: a spin voltage along the spins of the supercurrent leaves it alone.
# - What an experiment would see: ``us.trace(..., both=True)`` sweeps up and down, with jumps and hysteresis.
# - The end of superconductivity at every temperature: ``us.studies.injection_diagram``.
