r"""
A nonlocal spin valve
=====================

A ferromagnetic contact injects spins into a wire; a second one, some way off, measures a voltage that differs
between parallel and antiparallel magnetizations. Its decay with distance tells the spin-diffusion length, in a
normal metal and, with the same wire, in a superconductor.
"""

# %%
# The wire relaxes spins at magnetic impurities. In this program's rate, ``spin_flip``
# :math:`=\hbar/8\tau_{sf}`, the length is :math:`1/\sqrt{8\cdot}` ``spin_flip`` in a normal metal.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

SPIN_FLIP = 0.02
length = 12.0


def valve(middle):
    """The wire between a reservoir with a spin voltage, behind a tunnel barrier, and a grounded one."""
    source = us.NormalReservoir(spin_voltage=0.1, spin_axis=[0, 0, 1])
    elements = [
        source,
        us.Tunnel(conductance=5.0),
        middle,
        us.NormalReservoir(),
    ]
    return us.Stack(elements, temperature=0.6, tolerance=1e-3)


# %%
# A probe of polarization P sees the spin voltage as a difference of its potentials.

keys = {"name": "N", "length": length, "spin_flip": SPIN_FLIP}
wires = {
    "normal": us.NormalMetal(**keys),
    "superconducting, Δ = 0.8 Δ₀": us.Superconductor(
        gap=0.8, self_consistent=False, **keys
    ),
}
positions = np.linspace(0.5, 8, 16)
signals = {}
figure, axes = plt.subplots()
for name, middle in wires.items():
    probe = us.solve(valve(middle)).probe(
        positions, polarization=0.4, magnetization=[0, 0, 1]
    )
    signals[name] = np.abs(probe.difference.values)
    axes.semilogy(positions, signals[name] / signals[name][0], label=name)
axes.set(xlabel="distance (ξ)", ylabel="spin signal over that at 0.5 ξ")
axes.legend()

# %%
# What to try
# -----------
# - Spin-orbit scattering: ``spin_orbit`` in place of ``spin_flip``. In a superconductor the two act
#   differently.
# - The injector itself: ``us.SpinActive(conductance=..., polarization=0.4, magnetization=[0, 0, 1])`` with a
#   charge ``voltage``.
# - A magnetization across the spins of the source: Hanle precession needs an ``exchange_field`` along another
#   axis.
