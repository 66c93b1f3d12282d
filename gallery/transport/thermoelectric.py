r"""
A thermoelectric detector
=========================

Superconductors have electron-hole symmetry, and hence no thermopower; unless spins are split *and* a contact
prefers one of them. Then one contact sees one peak of the density of states on one side of the Fermi level, and
heat drives a current of some :math:`k_B/|e|`, hundreds of μV/K: a bolometer that needs no bias (Ozaeta et al.,
Phys. Rev. Lett. 112, 057001).
"""

# %%
# A superconductor with an exchange field, a polarized contact to a hot reservoir, a plain one to a cold
# reservoir.

import matplotlib.pyplot as plt

import usadel as us

contact = us.SpinActive(
    conductance=0.05, polarization=0.8, magnetization=[0, 0, 1]
)
split = us.Superconductor(
    length=2, exchange_field=[0, 0, "h"], gap=0.9, self_consistent=False
)
ends = [us.NormalReservoir(name=name) for name in ("hot", "cold")]
elements = [ends[0], contact, split, us.Tunnel(conductance=0.5), ends[1]]
detector = us.Stack(
    elements, temperature=0.3, tolerance=1e-4, parameters={"h": 0.0}
)

# %%
# ``response`` differentiates all currents by all voltages and temperatures at once; thermopower and figure of
# merit follow.

fields = [0.0, 0.15, 0.3, 0.45, 0.6]
thermopower, merit = [], []
for field in fields:
    response = us.solve(detector.replace({"h": field})).response()
    thermopower.append(abs(response.thermopower("hot", ("hot", "cold"))))
    merit.append(response.figure_of_merit("hot", "cold"))

figure, (above, below) = plt.subplots(2, sharex=True)
above.plot(fields, thermopower, "o-")
above.set(ylabel="thermopower (k$_B$/|e|)")
below.plot(fields, merit, "o-", color="C1")
below.set(xlabel="exchange field (Δ₀)", ylabel="figure of merit ZT")

# %%
# No field, no thermopower. With a field it exceeds that of any metal, 86 μV/K being one :math:`k_B/|e|`.
#
# What to try
# -----------
# - ``polarization``: the figure of merit is limited by :math:`P^2/(1-P^2)`.
# - Temperature: colder is better, until broadening (``inelastic``) fills the gap.
# - The same by brute force: a reservoir with another ``temperature``, and the current that flows.
