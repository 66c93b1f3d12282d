"""A device with one number free: what branches, transitions and biased phases vary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from usadel.description.device.resolved import Network
from usadel.errors import InputError

if TYPE_CHECKING:
    from usadel.description.device.device import Device, Stack

KEPT = 8  # devices of the last values


@dataclass(frozen=True)
class Family:
    """Devices that differ in one number.

    Attributes
    ----------
    device : one of them; path : the number, such as "S.length".
    first, last : ends of its range, which its key allows.
    """

    device: Stack | Device
    path: str
    first: float
    last: float

    def device_at(self, value: float) -> Stack | Device:
        """The device at a value of the number; beyond an end of the range where its key allows none, at that end."""
        try:
            return _device_at(self.device, self.path, float(value))
        except InputError:
            within = min(max(float(value), min(self.first, self.last)), max(self.first, self.last))
            if within == value:
                raise
            return _device_at(self.device, self.path, within)

    def network_at(self, value: float) -> Network:
        """Its network."""
        return self.device_at(value).network()


@lru_cache(maxsize=KEPT)
def _device_at(device: Stack | Device, path: str, value: float) -> Stack | Device:
    return device.replace({path: value})
