"""Devices, layers and refusals of GENEUS configurations given as text."""

import pytest

import usadel as us

RESERVOIR = "[superconductor]\n order: 0\n"


def device(text, *arguments):
    return us.from_geneus(text + "\n", *arguments)


def layer(text, *arguments):
    """The only layer of a device, resolved."""
    return device(text, *arguments).network().layers[0]


def refused(text, *arguments):
    with pytest.raises(us.InputError) as caught:
        device(text, *arguments)
    message = str(caught.value)
    assert "\n" not in message
    return message
