"""Junctions that several tests solve."""

import numpy as np

import usadel as us

PI = np.pi


def between(*elements, phase=0.0, **keys):
    banks = us.SuperconductingReservoir(), us.SuperconductingReservoir(phase=phase)
    return us.Stack([banks[0], *elements, banks[1]], **keys)


def wire(length=1.0, temperature=0.3, tolerance=1e-5):
    return between(us.NormalMetal(length=length), phase=0.4, temperature=temperature, tolerance=tolerance)
