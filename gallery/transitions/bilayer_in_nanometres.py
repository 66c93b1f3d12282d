r"""
Critical temperature of a Nb/CuNi bilayer, in kelvin and nanometres
===================================================================

On a ferromagnet a thin superconductor loses critical temperature; but not steadily: pairs that enter the
ferromagnet oscillate, those that are reflected at its far side interfere with those that are not, and
:math:`T_c(d_F)` has a minimum. The numbers are those that Fominov, Chtchelkatchev and Golubov (Phys. Rev. B 66,
014507) found for Nb/Cu\ :sub:`0.43`\ Ni\ :sub:`0.57`.
"""

# %%
# A table ``[scale]``, here ``us.Scale``, says what the units of the program are; after that any number may be
# written with its unit. Coherence lengths of that paper are :math:`\sqrt{\hbar D/2\pi k_BT_c}`, ours are
# :math:`\sqrt{\hbar D/\Delta_0}`, 1.887 times as long. (Needs ``pip install "usadel[units]"``.)

import matplotlib.pyplot as plt
import numpy as np

import usadel as us

scale = us.Scale(
    critical_temperature="7.0 K",
    coherence_length=f"{8.9 * 1.8874} nm",
    resistivity="7.5 µΩ cm",
)
superconductor = us.Superconductor(name="S", length="11 nm")
contact = us.Tunnel(
    conductance="1.368 fΩ m^2", relative_to="left"
)  # 0.3 times 60 µΩ cm times 7.6 nm
magnet = us.Ferromagnet(
    name="F",
    length="d_F",
    conductivity="60 µΩ cm",
    diffusion=(7.6 / 8.9) ** 2,  # of that of niobium
    exchange_field=[0, 0, "130 K k_B"],
)
bilayer = us.Stack(
    [superconductor, contact, magnet],
    scale=scale,
    tolerance=1e-2,
    inelastic=0,
    parameters={"d_F": "5 nm"},
)

# %%
# One call searches the critical temperature at each thickness. ``.si`` has it in metres and kelvin.

thicknesses = np.array([2, 3.5, 5, 6.5, 8, 10, 13])
found = us.critical(
    bilayer, over={"d_F": [f"{d} nm" for d in thicknesses]}, workers=1
)
kelvin = found.si["critical_temperature"].values

figure, axes = plt.subplots()
axes.plot(thicknesses, kelvin, "o-")
axes.set(
    xlabel="thickness of CuNi (nm)",
    ylabel="critical temperature (K)",
    ylim=(0, 7),
)

# %%
# What to try
# -----------
# - A cleaner contact, 0.1 fΩ m²: between 4 and 8 nm there is no superconductivity, beyond it comes back.
# - ``us.studies.NIOBIUM_COPPER_NICKEL`` has the same bilayer as a recipe; ``us.studies.Bilayer`` makes others.
# - A fit of your own samples: ``us.fit(bilayer, data, {"F.exchange_field.2": ...}, "critical_temperature",
#   over="d_F")``.
