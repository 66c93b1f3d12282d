"""The table of materials: every number has a unit, a sample and a source; a scale may name a material."""

import re

import pytest

import usadel as us
from usadel.description.values.materials import materials_text, wanted
from usadel.description.values.measures import DIMENSIONS, read_measure

ENTRIES = [(name, entry) for name, entries in us.materials().items() for entry in entries]


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=[f"{name} {entry.quantity}" for name, entry in ENTRIES])
def test_every_number_can_be_read_and_is_cited(name, entry):
    value = read_measure(entry.value, DIMENSIONS)
    assert value.value > 0 and entry.sample
    assert re.search(r"doi:10\.\d{4,}/\S+|arXiv:\S+|Appl\w*\.? Phys.*\(\d{4}\)", entry.source)
    if entry.low:
        low, high = (read_measure(text, [value.unit]).value for text in (entry.low, entry.high))
        assert low < value.value < high
    assert str(entry) in materials_text(name) and str(entry) in materials_text()


def test_what_is_wanted_is_said():
    assert "Al" in wanted()["critical_temperature"] and "sources are wanted" in materials_text()
    with pytest.raises(us.InputError, match="unknown material 'NB'"):
        us.materials("NB")


def test_a_scale_may_name_its_material():
    layer = us.Superconductor(length="30 nm")
    device = us.Stack([layer], scale={"material": "Nb", "coherence_length": "12 nm"})
    assert device.metal().critical_temperature == 9.25
    assert us.Stack.from_toml(device.to_toml()) == device
    own = device.replace({"scale.critical_temperature": "8.7 K"})
    assert own.metal().critical_temperature == 8.7
    with pytest.raises(us.InputError, match="no critical temperature of PdNi is known here"):
        us.Scale(material="PdNi")
    with pytest.raises(us.InputError, match=r"material.*unknown material 'Unobtainium'"):
        us.Scale(material="Unobtainium")
