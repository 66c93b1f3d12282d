"""A made-up branch: an S-shape in a spin voltage with one fold, ending where the gap vanishes."""

import numpy as np
from synthetic_result import DEVICE

from usadel.results import build_branch_dataset

ATTRIBUTES = {
    "converged": 1,
    "residual": 1e-9,
    "estimated_error": 1e-7,
    "conservation_error": 1e-9,
    "usadel_version": "0",
    "device": DEVICE,
    "parameter": "S1.length",
    "branch_end": "gap_closing",
}
COORDINATES = {"position": np.linspace(0, 1, 5), "layer": np.zeros(5, int)}


def point(parameter, gap, **marks):
    """One point with a gap and a spin current along z."""
    current = np.zeros((3, 5))
    current[2] = gap**2
    values = {"stable": 1, "fold": 0, "gap_closing": 0, "converged": 1}
    errors = {"residual": 1e-9, "estimated_error": 1e-7, "conservation_error": 1e-9}
    profiles = {"gap": np.full(5, gap), "spin_current": current, "torque": np.zeros((3, 2))}
    return values | errors | profiles | {"parameter": parameter} | marks


def branch_points():
    """Stable up to a fold at 0.9, unstable back to 0.5, where the gap vanishes."""
    stable = [point(v, 1 - 0.3 * v**4) for v in (0.0, 0.3, 0.6, 0.8)]
    unstable = [point(v, g, stable=0) for v, g in ((0.8, 0.6), (0.65, 0.3))]
    return [*stable, point(0.9, 0.7, fold=1), *unstable, point(0.5, 0.0, gap_closing=1)]


def make_branch(points=None, **attributes):
    return build_branch_dataset([points or branch_points()], "S1.length", "ξ", COORDINATES, ATTRIBUTES | attributes)


def make_sweeps(**attributes):
    up = [point(v, g) for v, g in ((0, 1.0), (0.5, 0.95), (0.5, 0.95), (0.9, 0.7), (0.9, 0.0), (1.0, 0.0))]
    down = [point(v, g) for v, g in ((0, 1.0), (0.5, 0.95), (0.5, 0.0), (0.9, 0.0), (0.9, 0.0), (1.0, 0.0))]
    up[3]["fold"] = down[2]["gap_closing"] = 1
    return build_branch_dataset(
        [up, down], "S1.length", "ξ", COORDINATES, ATTRIBUTES | {"branch_end": "start"} | attributes
    )
