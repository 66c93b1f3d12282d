"""What a device is made of: frozen, validated, serializable; knows no grid and no kernel."""

from .device import Device, Stack, Wire
from .errors import InputError
from .geneus import from_geneus
from .interfaces import FerromagneticInsulator, Interface, SpinActive, Transparent, Tunnel, Vacuum
from .materials import Ferromagnet, HalfMetal, Layer, NormalMetal, Superconductor
from .network import Contact, JunctionNode, LayerEnd, Network, Termination
from .paths import read_assignment, read_axis, read_number, read_value
from .reservoirs import Junction, NormalReservoir, Reservoir, SpinPumpedReservoir, SuperconductingReservoir
from .schema import json_schema, schema_text
from .starter import STARTERS, starter, starter_kinds
from .study import EnergyRequest, Output
from .toml import load_device

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
