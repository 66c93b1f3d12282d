r"""
A map on the workers of a cluster
=================================

A map of a thousand devices takes a thousand solves, which know nothing of each other. ``us.sweep`` gives them
to processes of this machine by itself, and to the workers of a `dask <https://distributed.dask.org>`_ scheduler
if it is told where that is. Here it is started on the spot, with two workers; on a real cluster the address is
that of :doc:`/clusters`.
"""

# %%
# The device, and the two axes of the map: how the gap of a film on a magnet depends on
# thickness and temperature.

import matplotlib.pyplot as plt
import numpy as np
from distributed import Client

import usadel as us

magnet = us.FerromagneticInsulator(spin_mixing=0.4, magnetization=[0, 0, 1])
device = us.Stack(
    [magnet, us.Superconductor(name="S", length=1.0)],
    temperature=0.5,
    tolerance=1e-3,
)
axes = {
    "S.length": np.linspace(0.5, 2.0, 4),
    "temperature": np.linspace(0.2, 0.9, 5),
}

# %%
# Workers have one thread each, as a point uses one. ``processes=False`` keeps them in this process, so that the
# page can be built anywhere; leave it out.

with Client(
    n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
) as client:
    swept = us.sweep(
        device, axes, quantities=["gap"], scheduler=client.scheduler.address
    )

print(swept.summary())
gaps = swept.data.gap.mean("fraction")

figure, picture = plt.subplots()
mesh = picture.pcolormesh(
    gaps["temperature"],
    gaps["S.length"],
    gaps.transpose("S.length", "temperature"),
)
picture.set(xlabel="temperature (Tc)", ylabel="thickness (ξ)")
figure.colorbar(mesh, label="mean gap (Δ₀)")

# %%
# What to try
# -----------
# - Kill it: with ``store="map.nc", resume=True`` the script goes on where it was.
# - Any executor of ``concurrent.futures`` will do as ``scheduler``.
# - Critical values and current-phase relations make maps the same way: ``us.critical(device, over=axes,
#   scheduler=...)``.
