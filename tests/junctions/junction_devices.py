"""Junctions that several tests solve."""

import numpy as np

import usadel as us

PI = np.pi


def between(*elements, phase=0.0, **keys):
    banks = us.SuperconductingReservoir(), us.SuperconductingReservoir(phase=phase)
    return us.Stack([banks[0], *elements, banks[1]], **keys)


def wire(length=1.0, temperature=0.3, tolerance=1e-5):
    return between(us.NormalMetal(name="N", length=length), phase=0.4, temperature=temperature, tolerance=tolerance)


def weak(length=1.0, field=3.0, conductance=0.05):
    """A magnet between tunnel barriers: pair amplitudes are small in it."""
    contact = us.Tunnel(conductance=conductance)
    magnet = us.Ferromagnet(name="F", length="L", exchange_field=(0, 0, field))
    return between(contact, magnet, contact, temperature=0.3, inelastic=0, tolerance=1e-5, parameters={"L": length})
