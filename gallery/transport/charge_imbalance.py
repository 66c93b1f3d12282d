r"""
Charge imbalance in a superconducting wire
==========================================

Electrons that are injected above the gap do not turn into pairs at once. Over the *charge-imbalance length*
they have a potential of their own, which a normal probe measures, although the condensate has none: the
experiment of Clarke, 1972. Elastically it takes pair breaking to turn one into the other: magnetic impurities,
a field or a supercurrent.
"""

# %%
# An injector at a small voltage, a long wire with a given gap, and a bulk superconductor behind.

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

wire = us.Stack(
    [
        us.NormalReservoir(voltage=0.1),
        us.Tunnel(conductance=2.0),
        us.Superconductor(
            name="S",
            length=10,
            gap=0.5,
            self_consistent=False,
            depairing="rate",
        ),
        us.SuperconductingReservoir(gap=0.5),
    ],
    temperature=0.9,
    tolerance=1e-3,
    parameters={"rate": 0.01},
)

# %%
# ``probe`` finds the voltage at which no current flows into a weak normal contact, anywhere along the wire.

positions = np.linspace(0, 10, 41)
lengths = {}
figure, axes = plt.subplots()
for rate in (0.01, 0.05, 0.2):
    probe = us.solve(wire.replace({"rate": rate})).probe(positions)
    potential = probe.potential.values[0]
    lengths[rate] = float(positions[np.argmax(potential < potential[0] / 2)])
    axes.plot(
        positions,
        potential / potential[0],
        label=f"pair breaking {rate:g} Δ₀",
    )
axes.set(
    xlabel="distance from the injector (ξ)",
    ylabel="potential over that at the injector",
)
axes.legend()
print("half of it is left after", lengths, "ξ")

# %%
# The straight line of weak pair breaking is a normal wire between two ends: nothing but the bulk superconductor
# takes the charge. With more of it charge turns into pairs on the way.
#
# What to try
# -----------
# - Lower temperature: the wire lets in fewer electrons, and those below the gap turn into pairs within a
#   coherence length.
# - Magnetic impurities, ``spin_flip``, in place of ``depairing``.
# - A gap that is solved for: ``self_consistent=True``, and ``temperature=0.95``.
