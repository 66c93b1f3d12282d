r"""
A Josephson current through a strong ferromagnet
================================================

Pairs of opposite spins die within :math:`\xi_F` in a ferromagnet, a nanometre in cobalt. Pairs of equal spins
do not care about its exchange field. A thin magnet with another direction makes the one from the other, and a
supercurrent crosses a magnet many times thicker: the *long-ranged triplet* current, which is the sign of
success in experiments with Co and CrO\ :sub:`2`.
"""

# %%
# Two thin outer magnets, turned by an angle against the thick inner one. Exchange fields are ten gaps.

import matplotlib.pyplot as plt

import usadel as us

angles = [0.0, 0.15, 0.3, 0.5]
junction = us.studies.triplet_junction(
    angles, length=2.0, tolerance=1e-5, workers=1
)
currents = junction.critical_current

figure, axes = plt.subplots()
axes.semilogy(angles, currents, "o-")
axes.set(
    xlabel="angle of the outer magnetizations (π)",
    ylabel="critical current (Δ₀/|e|R_ξ)",
)

# %%
# Between collinear magnets next to nothing flows. It takes *both* outer magnets: one makes triplets, the other
# makes singlets of them again, so the current goes with the product of the two sines.

print(
    f"turned by a right angle the current is {currents[-1] / currents[0]:.0f} times as large"
)

# %%
# What to try
# -----------
# - ``same_side=False``: the outer magnets turned oppositely. The ground state changes from π to 0.
# - ``length=3``: the current of collinear magnets falls to a twenty-fifth, that of turned ones not even to a third.
# - ``exchange_field=20`` with ``thin=0.2``.
