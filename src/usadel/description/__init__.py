"""What a device is made of: frozen, validated, serializable; knows no grid and no kernel."""

from usadel.description.device.device import Device, Stack, Wire
from usadel.description.device.load import load_device
from usadel.description.device.output import EnergyRequest, Output
from usadel.description.device.resolved import Contact, JunctionNode, LayerEnd, Network, Termination
from usadel.description.elements.interfaces import (
    FerromagneticInsulator,
    Interface,
    SpinActive,
    Transparent,
    Tunnel,
    Vacuum,
)
from usadel.description.elements.materials import Ferromagnet, HalfMetal, Layer, NormalMetal, Superconductor
from usadel.description.elements.reservoirs import (
    Junction,
    NormalReservoir,
    Reservoir,
    SpinPumpedReservoir,
    SuperconductingReservoir,
)
from usadel.description.geneus.convert import from_geneus
from usadel.description.schema import json_schema, schema_text
from usadel.description.starter import STARTERS, starter, starter_kinds
from usadel.description.text.paths import read_assignment, read_axis, read_number, read_value
from usadel.errors import InputError

__all__ = [
    "STARTERS",
    "Contact",
    "Device",
    "EnergyRequest",
    "Ferromagnet",
    "FerromagneticInsulator",
    "HalfMetal",
    "InputError",
    "Interface",
    "Junction",
    "JunctionNode",
    "Layer",
    "LayerEnd",
    "Network",
    "NormalMetal",
    "NormalReservoir",
    "Output",
    "Reservoir",
    "SpinActive",
    "SpinPumpedReservoir",
    "Stack",
    "SuperconductingReservoir",
    "Superconductor",
    "Termination",
    "Transparent",
    "Tunnel",
    "Vacuum",
    "Wire",
    "from_geneus",
    "json_schema",
    "load_device",
    "read_assignment",
    "read_axis",
    "read_number",
    "read_value",
    "schema_text",
    "starter",
    "starter_kinds",
]
