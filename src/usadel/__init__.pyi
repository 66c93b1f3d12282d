# Written by tools/generate.py from usadel/_names.py.
from usadel import plots as plots
from usadel import studies as studies
from usadel._compile import kernel_cache_info as kernel_cache_info
from usadel.branches.branch import Branch as Branch
from usadel.branches.trace import trace as trace
from usadel.circuits.response import Response as Response
from usadel.description import Device as Device
from usadel.description import Output as Output
from usadel.description import Scale as Scale
from usadel.description import Stack as Stack
from usadel.description import Wire as Wire
from usadel.description import from_geneus as from_geneus
from usadel.description import json_schema as json_schema
from usadel.description import load_device as load_device
from usadel.description import read_assignment as read_assignment
from usadel.description import schema_text as schema_text
from usadel.description import starter as starter
from usadel.description import starter_kinds as starter_kinds
from usadel.description.elements.interfaces import FerromagneticInsulator as FerromagneticInsulator
from usadel.description.elements.interfaces import SpinActive as SpinActive
from usadel.description.elements.interfaces import Transparent as Transparent
from usadel.description.elements.interfaces import Tunnel as Tunnel
from usadel.description.elements.interfaces import Vacuum as Vacuum
from usadel.description.elements.materials import Ferromagnet as Ferromagnet
from usadel.description.elements.materials import HalfMetal as HalfMetal
from usadel.description.elements.materials import NormalMetal as NormalMetal
from usadel.description.elements.materials import Superconductor as Superconductor
from usadel.description.elements.on_top import FerromagneticInsulatorOnTop as FerromagneticInsulatorOnTop
from usadel.description.elements.on_top import SpinActiveOnTop as SpinActiveOnTop
from usadel.description.elements.on_top import TunnelOnTop as TunnelOnTop
from usadel.description.elements.reservoirs import Junction as Junction
from usadel.description.elements.reservoirs import NormalReservoir as NormalReservoir
from usadel.description.elements.reservoirs import SpinPumpedReservoir as SpinPumpedReservoir
from usadel.description.elements.reservoirs import SuperconductingReservoir as SuperconductingReservoir
from usadel.description.values.materials import Measured as Measured
from usadel.description.values.materials import materials as materials
from usadel.errors import InputError as InputError
from usadel.errors import Interrupted as Interrupted
from usadel.errors import NotConverged as NotConverged
from usadel.errors import NoTransition as NoTransition
from usadel.errors import StorageError as StorageError
from usadel.errors import UsadelError as UsadelError
from usadel.explorer.explore import explore as explore
from usadel.fits.fit import fit as fit
from usadel.fits.result import Fit as Fit
from usadel.junctions.josephson import josephson as josephson
from usadel.junctions.result import Josephson as Josephson
from usadel.loading import load as load
from usadel.progress import Event as Event
from usadel.results.labelled import Labelled as Labelled
from usadel.solution.distributions import Distributions as Distributions
from usadel.solution.distributions import distributions as distributions
from usadel.solution.kinetic import KineticAnswers as KineticAnswers
from usadel.solution.result import Result as Result
from usadel.solution.result import Solution as Solution
from usadel.solution.solve import solve as solve
from usadel.sweeps.result import Sweep as Sweep
from usadel.sweeps.sweep import sweep as sweep
from usadel.transitions.critical import critical as critical
from usadel.transitions.result import Critical as Critical

__version__: str
__all__ = [
    "Branch",
    "Critical",
    "Device",
    "Distributions",
    "Event",
    "Ferromagnet",
    "FerromagneticInsulator",
    "FerromagneticInsulatorOnTop",
    "Fit",
    "HalfMetal",
    "InputError",
    "Interrupted",
    "Josephson",
    "Junction",
    "KineticAnswers",
    "Labelled",
    "Measured",
    "NoTransition",
    "NormalMetal",
    "NormalReservoir",
    "NotConverged",
    "Output",
    "Response",
    "Result",
    "Scale",
    "Solution",
    "SpinActive",
    "SpinActiveOnTop",
    "SpinPumpedReservoir",
    "Stack",
    "StorageError",
    "SuperconductingReservoir",
    "Superconductor",
    "Sweep",
    "Transparent",
    "Tunnel",
    "TunnelOnTop",
    "UsadelError",
    "Vacuum",
    "Wire",
    "__version__",
    "critical",
    "distributions",
    "explore",
    "fit",
    "from_geneus",
    "josephson",
    "json_schema",
    "kernel_cache_info",
    "load",
    "load_device",
    "materials",
    "plots",
    "read_assignment",
    "schema_text",
    "solve",
    "starter",
    "starter_kinds",
    "studies",
    "sweep",
    "trace",
]
