"""What a device is made of: frozen, validated, serializable; knows no grid and no kernel."""

from usadel.description.device.axes import read_axis as read_axis
from usadel.description.device.axes import read_grid as read_grid
from usadel.description.device.device import Device as Device
from usadel.description.device.device import Stack as Stack
from usadel.description.device.device import Wire as Wire
from usadel.description.device.load import load_device as load_device
from usadel.description.device.output import EnergyRequest as EnergyRequest
from usadel.description.device.output import Output as Output
from usadel.description.device.resolved import Contact as Contact
from usadel.description.device.resolved import JunctionNode as JunctionNode
from usadel.description.device.resolved import LayerEnd as LayerEnd
from usadel.description.device.resolved import Network as Network
from usadel.description.device.resolved import Termination as Termination
from usadel.description.device.solvable import check_solvable as check_solvable
from usadel.description.elements.interfaces import *  # noqa: F403 the kinds, which each of these modules lists
from usadel.description.elements.interfaces import Interface as Interface
from usadel.description.elements.materials import *  # noqa: F403
from usadel.description.elements.materials import Layer as Layer
from usadel.description.elements.on_top import *  # noqa: F403
from usadel.description.elements.reservoirs import *  # noqa: F403
from usadel.description.elements.reservoirs import Reservoir as Reservoir
from usadel.description.elements.scale import Scale as Scale
from usadel.description.geneus.convert import from_geneus as from_geneus
from usadel.description.schema import json_schema as json_schema
from usadel.description.schema import schema_text as schema_text
from usadel.description.starter import STARTERS as STARTERS
from usadel.description.starter import starter as starter
from usadel.description.starter import starter_kinds as starter_kinds
from usadel.description.text.paths import read_assignment as read_assignment
from usadel.description.text.paths import read_number as read_number
from usadel.description.text.paths import read_value as read_value
from usadel.errors import InputError as InputError
