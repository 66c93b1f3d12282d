"""The reference of all keys, the JSON schema, and what importing costs."""

import subprocess
import sys
from pathlib import Path

import pytest

import usadel.description as us
from usadel.description.device.base import DeviceBase
from usadel.description.elements.kinds import NODE_KINDS, STACK_KINDS

KINDS = {**STACK_KINDS, **NODE_KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_every_kind_is_described(kind):
    text = us.schema_text()
    section = text.split(f'### kind = "{kind}"')[1].split("\n##")[0]
    rows = {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}
    assert set(rows) == (set(KINDS[kind].model_fields) if kind != "junction" else set())
    for name, row in rows.items():
        cells = [cell.strip() for cell in row.replace("\\|", "!").strip("|").split("|")]
        assert len(cells) == 6 and all(cells[i] for i in (0, 1, 2, 4, 5)), row
        assert KINDS[kind].keys()[name].meaning in row.replace("\\|", "|")


def test_settings_are_described():
    top = us.schema_text().split("## Top level")[1].split("\n## Layers")[0]
    for name in [*DeviceBase.settings(), *us.Output.model_fields]:
        assert f"| `{name}` |" in top


@pytest.mark.parametrize("kind", KINDS)
def test_json_schema_has_the_same_keys(kind):
    schema = us.json_schema()["$defs"][kind]
    assert set(schema["properties"]) == {"kind", *KINDS[kind].model_fields}
    required = {name for name, field in KINDS[kind].model_fields.items() if field.is_required()}
    assert set(schema["required"]) == {"kind", *required}
    assert all(schema["properties"][name]["description"] for name in KINDS[kind].model_fields)


def test_json_schema_of_a_file():
    schema = us.json_schema()
    assert set(schema["properties"]) == {*DeviceBase.settings(), "stack", "wire", "node"}
    assert schema["$defs"]["superconductor"]["properties"]["length"]["anyOf"][0]["exclusiveMinimum"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_default_satisfies_its_own_rule(kind):
    for name, key in KINDS[kind].keys().items():
        if not KINDS[kind].required(name) and KINDS[kind].default(name) is not None:
            assert key.check(KINDS[kind].default(name)) == KINDS[kind].default(name)


def test_sketch_says_what_is_in_force():
    layer = us.NormalMetal(name="N", length="L", area=3, conductivity=2)
    device = us.Stack(
        [us.SuperconductingReservoir(), us.Tunnel(conductance=0.25), layer],
        title="Title",
        temperature=0.2,
        parameters={"L": 1.5},
    )
    text = device.sketch()
    lines = text.splitlines()
    assert lines[0] == "Title" and "temperature = 0.2 Tc" in lines[1] and "inelastic = 0.01 Δ0" in lines[1]
    assert "  [S] | N" in lines
    assert "length = 1.5 ξ from L" in text and "G_N = σA/L = 4 /R_ξ" in text
    assert "true normal-state conductance = 1 /R_ξ" in text and "G_N is that of N" in text
    assert "gap: bulk gap at its temperature" in text
    assert max(map(len, lines)) <= 100
    for name in us.NormalMetal.model_fields.keys() - {"name", "on_top"}:  # contacts have entries of their own
        assert f"{name} = " in text or f"{name}: " in text


IMPORTS = "import sys, usadel.description; print(sorted({'numpy', 'scipy', 'numba', 'xarray'} & set(sys.modules)))"


def test_importing_is_light():
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_modules_are_short():
    for path in Path(us.__file__).parent.glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 400, path.name
