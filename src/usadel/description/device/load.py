"""Devices of either shape from files and texts."""

from __future__ import annotations

from os import PathLike

from usadel.description.device.device import Device, Stack, is_network
from usadel.description.device.tables import Tables
from usadel.description.text import toml


def load_device(path: str | PathLike[str]) -> Stack | Device:
    """Read a device, chain or network, from a TOML file.

    Raises
    ------
    InputError
        In one line: file, line where known, key, what is wrong and what is allowed.
    """
    return toml.read_file(path, _device)


def read_device(source: str | PathLike[str]) -> Stack | Device:
    """Read a device from a TOML file or from the text of one; likewise."""
    return toml.read(source, _device)


def _device(tables: Tables) -> Stack | Device:
    return Device.from_tables(tables) if is_network(tables) else Stack.from_tables(tables)
