"""Every starter and every example through every command: the right answer, or the one-line refusal named here."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import usadel as us
from usadel.cli.commands import app
from usadel.discretization.contacts import UNCOVERED

EXAMPLES = Path(__file__).parents[2] / "examples"
LOOSE = ("--set", "tolerance=1e-4")
FINER = ("--set", "tolerance=1e-5")  # next to a transition
WITHOUT_DEVICE = {"new", "schema", "info", "materials", "cite", "reproduce"}  # reproduce: tests/studies
PAGE = {"explore"}  # tests/explorer
WITH_DATA = {"fit"}  # tests/cli/test_fit_command.py

NO_GAP = (2, "the device has no gap that could open")
ONE_NUMBER = (2, "critical values are drawn over one or two axes, and the data holds a single number")
DRIVEN = (2, "a critical value cannot be searched for where distributions are solved for")
IS_CONVERTED = (2, "is a device file already; needed: a GENEUS configuration (.conf)")


@dataclass(frozen=True)
class Case:
    """What a device is asked, and what it answers.

    over : range of the trace; begins at the value that the device has.
    loop : ends of the range in which it is bistable (down, up); None without hysteresis.
    critical : its critical temperature, or the refusal.
    """

    over: str
    critical: float | tuple[int, str] = NO_GAP
    loop: tuple[float, float] | None = None
    arguments: tuple[str, ...] = ()


# Loops: what `us.critical(device, "S.spin_voltage", 0.3, 1.2)` finds, by a search of its own.
CASES = {
    "new fi_s_fi": Case("S.spin_voltage=0.25:1", 0.918289, (0.657433, 0.898464)),
    "new network": Case("difference=pi/2:1", DRIVEN),
    "new nonlocal": Case("injector.voltage=0.3:0.28", DRIVEN),
    "new ns": Case("N.length=3:2.5"),
    "new ring": Case("flux=0.2:0.1", 0.928593),
    "new sf": Case("F.exchange_field.2=3:2", 0.80910),
    "new sns": Case("difference=pi/2:1"),
    "new squid": Case("flux=0.25:0.1"),
    "fi_s_fi.toml": Case("S.spin_voltage=0.25:1", 0.918289, (0.657433, 0.898464)),
    "geneus_bilayer.toml": Case("S.spin_voltage=0:0.3", 0.960722),
    "geneus_josephson.toml": Case("N.length=3:2.5"),
    "josephson.conf": Case("stack.2.length=3:2.5", arguments=("0.25",)),
    "magnets_on_top.toml": Case("S.spin_voltage=0:0.3", 0.977448),
    "sf_bilayer.toml": Case("F.length=0.5:0.3", 0.83567),
    "sns.toml": Case("N.length=1:1.3"),
}


def test_the_table_is_complete():
    devices = {f"new {kind}" for kind in us.starter_kinds()} | {path.name for path in EXAMPLES.iterdir()}
    assert set(CASES) == devices
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    with_device = {"run", "trace", "critical", "sweep", "josephson", "response", "plot", "check", "convert"}
    assert commands == WITHOUT_DEVICE | with_device | PAGE | WITH_DATA


@pytest.fixture
def ask(usadel, tmp_path, monkeypatch):
    """Run a command line that must succeed, or be refused as it says; returns what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(us, "trace", partial(us.trace, step=0.2))

    def call(*arguments, refusal=None):
        done = usadel(*arguments)
        said = [line for line in done.err.splitlines() if not line.startswith("usadel: note: ")]
        if refusal is None:
            assert done.status == 0 and said == [], (arguments, done)
        else:
            status, words = refusal
            assert done.status == status and len(said) == 1 and words in said[0], (arguments, done)
        return done.out

    return call


def differences(first, second):
    """Largest differences of gap and currents at both ends of the device, beyond estimated errors."""
    allowed = float(first.estimated_error) + float(second.estimated_error)
    names = ("gap", "charge_current", "spin_current", "energy_current")
    pairs = [(first[name].values[..., [0, -1]], second[name].values[..., [0, -1]]) for name in names]
    return max(float(np.max(np.abs(a - b))) for a, b in pairs) - allowed


def is_covered(data):
    """Nodes for whose values error estimates speak: not those beside a contact where a gap jumps to zero."""
    contacts = data.position.values[:-1][np.diff(data.layer.values) != 0]
    length = data.position.values[-1]
    return np.all(np.abs(data.position.values[:, None] - contacts) > 2 * UNCOVERED * length, axis=1)


def with_error(data):
    return data.assign(estimated_error=data.attrs["estimated_error"])


@pytest.mark.parametrize("name", CASES)
def test_a_device(name, ask, tmp_path):
    case = CASES[name]
    system = tmp_path / (name.replace("new ", "") + ("" if "." in name else ".toml"))
    text = ask("new", name[4:]) if name.startswith("new ") else (EXAMPLES / name).read_text(encoding="utf-8")
    system.write_text(text, encoding="utf-8")
    device = (system.name, *case.arguments)

    sketch = ask("check", *device)
    assert "tolerance = 1e-06" in sketch
    ask("run", *device, *LOOSE, "-o", "run.nc")
    alone = with_error(us.load("run.nc").data)
    assert alone.attrs["converged"] == 1

    path, _, ends = case.over.partition("=")
    ask("trace", *device, *LOOSE, "--over", case.over, "-o", "trace.nc")
    branch = us.load("trace.nc").data
    assert branch.attrs["converged"] == 1 and bool(branch.fold.any()) == (case.loop is not None)
    assert differences(branch.isel(branch_point=0), alone) < 1e-9
    if case.loop is None:
        stop = us.load("run.nc").device.replace({path: float(branch[path][-1])})
        assert branch.attrs["branch_end"] == "stop" and ends.endswith(f":{float(branch[path][-1]):g}")
        assert differences(branch.isel(branch_point=-1), with_error(us.solve(stop).data)) < 1e-9

    ask("trace", *device, *LOOSE, "--over", case.over, "--both", "-o", "both.nc")
    both = us.load("both.nc").data
    assert both.attrs["converged"] == 1 and list(both.direction.values) == ["up", "down"]
    assert differences(both.isel(branch_point=0).sel(direction="up"), alone) < 1e-9
    check_loop(both, path, case.loop)

    ask("sweep", *device, *LOOSE, "--over", f"{case.over}:2", "-o", "sweep.nc")
    swept = us.load("sweep.nc").data
    assert swept.attrs["converged"] == 1 and swept.sizes[path] == 2
    assert differences(swept.isel({path: 0}), alone) < 1e-9

    check_josephson(ask, device, us.load("run.nc").device)
    check_critical(ask, device, case.critical)
    for file in ("run", "trace", "both", "sweep"):
        ask("plot", f"{file}.nc")
        assert (tmp_path / f"{file}.png").read_bytes().startswith(b"\x89PNG")
    if isinstance(case.critical, float):
        ask("plot", "critical.nc", refusal=ONE_NUMBER)
    check_conversion(ask, system, case, sketch)


def check_josephson(ask, arguments, device):
    """A relation where there are two superconducting reservoirs, one line elsewhere."""
    elements = device.elements_by_place().values()
    if sum(element.kind == "superconducting_reservoir" for element in elements) != 2:
        ask("josephson", *arguments, refusal=(2, "superconducting reservoirs; needed: two"))
        return
    ask("josephson", *arguments, *LOOSE, "-o", "josephson.nc")
    found = us.load("josephson.nc")
    assert found.converged and found.critical_current > 0
    ask("plot", "josephson.nc")


def check_loop(both, path, loop):
    """Up and down differ between the jumps, by the whole gap, and nowhere else; the jumps lie where they should."""
    values = both[path].values
    apart = np.abs(np.diff(both.gap.values[:, :, is_covered(both)], axis=0)[0]).max(axis=1)
    allowed = both.estimated_error.sum("direction").values + 1e-9
    if loop is None:
        assert np.all(apart <= allowed)
        return
    marked = [values[((both.fold + both.gap_closing).sel(direction=way) > 0).values] for way in ("down", "up")]
    assert [m[0] for m in marked] == pytest.approx(loop, abs=1e-4)
    inside = (values > marked[0][0]) & (values < marked[1][0])
    outside = (values < marked[0][0]) | (values > marked[1][0])
    assert inside.any() and np.all(apart[inside] > 0.5) and np.all(apart[outside] <= allowed[outside])
    assert np.all(both.gap.sel(direction="down").values[inside] == 0)


def check_critical(ask, device, expected):
    """The critical temperature: below it a run finds a gap, above it none."""
    if not isinstance(expected, float):
        ask("critical", *device, *LOOSE, refusal=expected)
        return
    ask("critical", *device, *FINER, "-o", "critical.nc")
    found = float(us.load("critical.nc").data.critical_temperature)
    assert found == pytest.approx(expected, abs=1e-4)
    for share, is_open in ((0.95, True), (1.05, False)):
        ask("run", *device, *LOOSE, "--set", f"temperature={share * found}", "-o", "near.nc")
        assert (float(us.load("near.nc").data.gap.max()) > 0.05) == is_open


def check_conversion(ask, system, case, sketch):
    """A configuration becomes a device file that means the same."""
    if system.suffix != ".conf":
        ask("convert", system.name, "other.toml", refusal=IS_CONVERTED)
        return
    ask("convert", system.name, "other.toml", *case.arguments)
    assert ask("check", "other.toml") == sketch
