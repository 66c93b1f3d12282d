"""Quasiclassical Keldysh-Usadel equations of diffusive superconducting nanostructures.

The public names are loaded when they are first used, so that `import usadel` stays light and compiles nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from usadel._version import __version__

if TYPE_CHECKING:
    from usadel import plots as plots
    from usadel._compile import kernel_cache_info as kernel_cache_info
    from usadel.branches.branch import Branch as Branch
    from usadel.branches.trace import trace as trace
    from usadel.description import Device as Device
    from usadel.description import Ferromagnet as Ferromagnet
    from usadel.description import FerromagneticInsulator as FerromagneticInsulator
    from usadel.description import HalfMetal as HalfMetal
    from usadel.description import Junction as Junction
    from usadel.description import NormalMetal as NormalMetal
    from usadel.description import NormalReservoir as NormalReservoir
    from usadel.description import Output as Output
    from usadel.description import SpinActive as SpinActive
    from usadel.description import SpinPumpedReservoir as SpinPumpedReservoir
    from usadel.description import Stack as Stack
    from usadel.description import SuperconductingReservoir as SuperconductingReservoir
    from usadel.description import Superconductor as Superconductor
    from usadel.description import Transparent as Transparent
    from usadel.description import Tunnel as Tunnel
    from usadel.description import Vacuum as Vacuum
    from usadel.description import Wire as Wire
    from usadel.description import from_geneus as from_geneus
    from usadel.description import json_schema as json_schema
    from usadel.description import load_device as load_device
    from usadel.description import read_assignment as read_assignment
    from usadel.description import schema_text as schema_text
    from usadel.description import starter as starter
    from usadel.description import starter_kinds as starter_kinds
    from usadel.errors import InputError as InputError
    from usadel.errors import Interrupted as Interrupted
    from usadel.errors import NotConverged as NotConverged
    from usadel.errors import NoTransition as NoTransition
    from usadel.errors import StorageError as StorageError
    from usadel.errors import UsadelError as UsadelError
    from usadel.loading import load as load
    from usadel.progress import Event as Event
    from usadel.results.labelled import Labelled as Labelled
    from usadel.solution.distributions import Distributions as Distributions
    from usadel.solution.distributions import distributions as distributions
    from usadel.solution.kinetic import KineticAnswers as KineticAnswers
    from usadel.solution.result import Result as Result
    from usadel.solution.result import Solution as Solution
    from usadel.solution.solve import solve as solve
    from usadel.transitions.critical import Critical as Critical
    from usadel.transitions.critical import critical as critical

_HOME = {
    "usadel._compile": ("kernel_cache_info",),
    "usadel.description": (
        "Device", "Ferromagnet", "FerromagneticInsulator", "HalfMetal", "Junction", "NormalMetal",
        "NormalReservoir", "Output", "SpinActive", "SpinPumpedReservoir", "Stack", "Superconductor",
        "SuperconductingReservoir", "Transparent", "Tunnel", "Vacuum", "Wire", "from_geneus", "json_schema",
        "load_device", "read_assignment", "schema_text", "starter", "starter_kinds",
    ),
    "usadel.branches.branch": ("Branch",),
    "usadel.errors": ("InputError", "Interrupted", "NoTransition", "NotConverged", "StorageError", "UsadelError"),
    "usadel.loading": ("load",),
    "usadel.progress": ("Event",),
    "usadel.results.labelled": ("Labelled",),
    "usadel.transitions.critical": ("Critical", "critical"),
    "usadel.solution.distributions": ("Distributions", "distributions"),
    "usadel.solution.kinetic": ("KineticAnswers",),
    "usadel.solution.result": ("Result", "Solution"),
    "usadel.solution.solve": ("solve",),
    "usadel.branches.trace": ("trace",),
}  # fmt: skip
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = ["__version__", "plots", *sorted(_WHERE)]


def __getattr__(name: str) -> Any:
    if name == "plots":
        return importlib.import_module("usadel.plots")
    if name in _WHERE:
        value = getattr(importlib.import_module(_WHERE[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'usadel' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
