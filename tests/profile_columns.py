"""Gap, currents and accumulations side by side, (places, 17), and where each of them stands."""

import numpy as np

from usadel.algebra.modes import CHARGES, MODES, SPIN, SPIN_ENERGY, Mode


def side_by_side(profiles):
    """(sites, 17), complex."""
    return np.concatenate([profiles.gap[:, None], profiles.current, profiles.accumulation], axis=1)


CURRENTS = np.arange(1, 1 + MODES)
ACCUMULATIONS = CURRENTS[-1] + np.arange(1, 1 + MODES)
NAMES = ("gap", *(f"{kind} of {mode.name.lower()}" for kind in ("current", "accumulation") for mode in Mode))

CHARGE_CURRENT, SPIN_CURRENT = CURRENTS[Mode.CHARGE], CURRENTS[SPIN]
SPIN_ENERGY_CURRENT = CURRENTS[SPIN_ENERGY]
SPIN_ACCUMULATION, SPIN_ENERGY_ACCUMULATION = ACCUMULATIONS[SPIN], ACCUMULATIONS[SPIN_ENERGY]
# what is no vector in spin space, beside the gap
SCALARS = np.array([part[mode] for part in (CURRENTS, ACCUMULATIONS) for mode in (Mode.CHARGE, Mode.ENERGY)])
CHARGE_AND_SPIN_CURRENTS, CHARGE_AND_SPIN = CURRENTS[CHARGES], ACCUMULATIONS[CHARGES]

KINDS = {"gap": np.array([0])} | {
    f"{mode} {name}": np.atleast_1d(part[at])
    for name, part in (("current", CURRENTS), ("accumulation", ACCUMULATIONS))
    for mode, at in (("charge", Mode.CHARGE), ("energy", Mode.ENERGY), ("spin", SPIN), ("spin-energy", SPIN_ENERGY))
}
"""Columns of each kind of quantity."""
