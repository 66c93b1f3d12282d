"""What the page saves, without the page: each opens again and is the device or the result that was shown."""

import shlex

import pytest
from browser import PAPER

import usadel as us
from usadel.cli.systems import device_of
from usadel.explorer.answers.exports import KINDS, Shown, command, export, needs_result, snippet, stem_of

DEVICE = us.Stack.from_toml(PAPER)
CHANGED = DEVICE.replace({"S.spin_voltage": "mixing / 2", "stack.2.magnetization.2": 0.5})


def written(device, path):
    path.write_text(device.to_toml(), encoding="utf-8")
    return str(path)


def test_the_command_line_gives_the_device(tmp_path):
    file = written(DEVICE, tmp_path / "with space.toml")
    words = shlex.split(command(CHANGED, DEVICE, file))
    assert words[:3] == ["usadel", "run", file]
    assert device_of(file, words[4::2]) == CHANGED


@pytest.mark.parametrize("source", ["", "x.toml"])
def test_what_no_changes_can_say_needs_its_file(source):
    """Another device, or one whose file said something else."""
    other = us.Stack.from_toml(us.starter("sf"))
    assert command(other, DEVICE, source) == f"usadel run {stem_of(other)}.toml"
    own = f"usadel run {stem_of(DEVICE)}.toml"
    assert command(DEVICE, DEVICE, source) == ("usadel run x.toml" if source else own)


@pytest.mark.parametrize("title", ['a """ quote', "back\\slash and \\n", "Δ ≤ ξ", ""])
def test_the_script_is_the_device_whatever_its_title(title):
    device = DEVICE.replace({"title": title, "tolerance": 1e-2})
    scope = {}
    exec(snippet(device), scope)
    assert scope["device"] == device and scope["result"].converged


def test_names_of_files_are_plain():
    assert stem_of(DEVICE) == "fi_s_fi_under_spin_injection"
    assert stem_of(DEVICE.replace({"title": "../../etc/passwd <x>"})) == "etc_passwd_x"
    assert stem_of(DEVICE.replace({"title": "Δ"})) == "device"


def test_a_network_too():
    network = us.Device.from_toml(
        '[node.J]\nkind = "junction"\n'
        + 2 * '[[wire]]\nstart = "J"\n[[wire.stack]]\nkind = "superconductor"\nlength = 1\n'
    )
    assert us.Device.from_toml(export("toml", Shown(network, network))[1].decode()) == network
    scope = {}
    exec(snippet(network).partition("# from nothing")[0], scope)
    assert scope["device"] == network


def test_unknown_kinds_are_refused():
    with pytest.raises(us.InputError, match=", ".join(KINDS)):
        needs_result("exe")
