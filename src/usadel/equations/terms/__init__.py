"""Self-energies, one file each.

A term provides `self_energy(layer, z)`, its matrix Σ̂ (n, 4, 4) at relative positions z in the convention
X = -i[Σ̂, ĝ]; it is listed in `CONSTANT` with the field of the description that switches it on.
"""

from usadel.equations.terms import exchange

CONSTANT = {"exchange_field": exchange.self_energy}
