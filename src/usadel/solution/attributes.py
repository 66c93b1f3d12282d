"""Global attributes of the dataset of a solution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usadel._version import __version__
from usadel.accuracy.refine import Solved
from usadel.description.device.driven import solved_layers
from usadel.observables.conservation import conservation_error
from usadel.results import schema
from usadel.solvers.status import Status

if TYPE_CHECKING:
    from usadel.description import Device, Stack

PROCEDURE = "solve"
"""Of a single solution, as its file says it."""


def attributes_of(device: Stack | Device, status: Status, spectral_error: float, solved: Solved) -> dict[str, Any]:
    """What was solved, how it ended, and with which errors."""
    problem = solved.solution.problem
    attributes = {
        "procedure": PROCEDURE,
        "converged": int(status == Status.CONVERGED),
        "residual": solved.solution.outcome.residual,
        "estimated_error": solved.error,
        "conservation_error": conservation_error(problem, solved.profiles),
        "spectral_error": spectral_error,
        "usadel_version": __version__,
        "device": device.to_toml(),
        "status": status.name.lower(),
        "nodes": sum(g.size for g in problem.grids),
        "energies": int(solved.solution.contour.energies.size),
        "newton_steps": solved.solution.outcome.iterations,
    }
    if layers := solved_layers(device.network()):
        attributes[schema.SOLVED_LAYERS] = ", ".join(layers)
    if solved.bias_phase is not None:
        attributes["bias_phase"] = solved.bias_phase
    known = {name: value for name, value in vars(solved.standing).items() if value is not None}
    attributes |= {name: int(value) for name, value in known.items()}
    if status != Status.CONVERGED:
        attributes["advice"] = status.advice
    return attributes
