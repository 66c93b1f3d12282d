"""What a device is made of: frozen, validated, serializable; knows no grid and no kernel."""

from .device import Device, Stack, Wire
from .errors import InputError
from .interfaces import FerromagneticInsulator, Interface, Transparent, Tunnel, Vacuum
from .materials import Ferromagnet, Layer, NormalMetal, Superconductor
from .network import Contact, JunctionNode, LayerEnd, Network, Termination
from .reservoirs import Junction, NormalReservoir, Reservoir, SuperconductingReservoir
from .study import EnergyRequest, Output

__all__ = [
    "Contact",
    "Device",
    "EnergyRequest",
    "Ferromagnet",
    "FerromagneticInsulator",
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
    "Stack",
    "SuperconductingReservoir",
    "Superconductor",
    "Termination",
    "Transparent",
    "Tunnel",
    "Vacuum",
    "Wire",
]
