"""Malformed inputs, each made from a seed: device files, command lines, result files, full disks."""

from __future__ import annotations

import contextlib
import io
import random
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import h5py
import numpy as np

import usadel as us

EXAMPLES = Path(__file__).parents[2] / "examples"

DRIVEN = """\
[[stack]]
kind = "normal_reservoir"
voltage = 0.3
[[stack]]
kind = "tunnel"
conductance = 0.5
[[stack]]
kind = "normal_metal"
name = "N"
length = 1.5
nonequilibrium = true
[[stack]]
kind = "superconducting_reservoir"
"""
NETWORK = """\
temperature = 0.3
[node.A]
kind = "junction"
[node.R]
kind = "normal_reservoir"
[[wire]]
end = "A"
[[wire.stack]]
kind = "superconductor"
name = "S"
length = 1.2
[[wire]]
start = "A"
end = "R"
[[wire.stack]]
kind = "normal_metal"
length = 0.5
[[wire.stack]]
kind = "tunnel"
conductance = 0.2
"""
VALUES = (
    "0", "-1", "1e300", "-1e300", "1e-300", "1e-320", "nan", "inf", "-inf", "-0.0", "1e-12", "1e12", "1e400", "true",
    '"text"', '"z"', '"1/0"', '"exp(1e6)"', '"exp(50*z)"', '"9**9**9**9"', '"sqrt(-1)"', '"1e200*1e200"', '""', "[]",
    "{}", "[1, 2]", "[0, 0, 0]", "[1e300, 0, 0]", "[1e-320, 0, 1e-320]", "[nan, 0, 1]", "3000", "1e5", "1e-5",
    "0.999999", "2020-01-01", "0x10", '"é"', '"\\u0000"', "1_000", '"pi*1e308"', "99999999999999999999999999",
    "[-1e300, 1e300]", "[0, 1, 1e9]", '["gap", "gap"]', '["nothing"]', "[3, 1]", "1e6", "-1e6",
)  # fmt: skip
KINDS = (
    "superconductor", "normal_metal", "ferromagnet", "half_metal", "tunnel", "spin_active", "transparent",
    "ferromagnetic_insulator", "vacuum", "normal_reservoir", "superconducting_reservoir", "junction", "nonsense",
)  # fmt: skip
KEYS = (
    "length", "gap", "phase", "exchange_field", "rashba", "dresselhaus", "nanowire", "spin_flip", "spin_orbit",
    "zeeman", "depairing", "inelastic", "diffusion", "conductivity", "area", "temperature", "voltage", "spin_voltage",
    "spin_axis", "spin_temperature", "self_consistent", "nonequilibrium", "transverse", "phase_gradient", "gauge_z",
    "magnetization", "spin_mixing", "polarization", "conductance", "second_order", "relative_to", "name", "current",
    "lenght", "kind",
)  # fmt: skip
PATHS = (*KEYS, "S.length", "N.length", "stack.0.length", "stack.99.length", "S.exchange_field.2", "S", "", ".",
         "stack", "tolerance", "output.energies", "title", "angle", "node.A", "wire.0.stack.0.length")  # fmt: skip


@dataclass
class Case:
    """A malformed input: what is written into an empty folder, and the command line that is run there.

    Attributes
    ----------
    family : what is malformed.
    arguments : command line.
    files : name -> content.
    space : bytes that a file may have; None without a limit.
    """

    family: str
    arguments: list[str]
    files: dict[str, bytes] = field(default_factory=dict)
    space: int | None = None


@cache
def devices() -> tuple[str, ...]:
    """Good device files, at a tolerance and with an output that take little time."""
    texts = [us.starter(kind) for kind in us.starter_kinds()]
    texts += [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.toml"))]
    return tuple(_quick(text) for text in (*texts, DRIVEN, NETWORK))


def _quick(text: str) -> str:
    lines = [
        line for line in text.splitlines() if not re.match(r"\s*(#|tolerance|\[output\]|energies|quantities|$)", line)
    ]
    return 'tolerance = 1e-2\noutput = {quantities = ["gap"]}\n' + "\n".join(lines) + "\n"


@cache
def results() -> dict[str, bytes]:
    """Good result files."""
    device = us.Stack.from_toml(devices()[0]).replace({"temperature": 0.3})
    solved = us.solve(us.Stack.from_toml(devices()[0].replace('output = {quantities = ["gap"]}', "")))
    found = {
        "run.nc": solved,
        "trace.nc": us.trace(device, "S.spin_voltage", 0.25, 0.35, step=0.2),
        "critical.nc": us.critical(device, "temperature", over={"S.length": [1.5, 2.0]}),
    }
    with tempfile.TemporaryDirectory() as folder:
        return {name: result.save(Path(folder) / name).read_bytes() for name, result in found.items()}


def make(seed: int) -> Case:
    """The malformed input of a seed."""
    chance = random.Random(seed)
    return chance.choice((_device_file, _device_file, _command_line, _result_file, _result_file, _full_disk))(chance)


def _device_file(chance: random.Random) -> Case:
    text = chance.choice(devices())
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        text = chance.choice((_value, _value, _value, _key, _key, _kind, _lines, _characters, _many))(chance, text)
    content = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.05:
        content = content[: chance.randrange(len(content) + 1)] + chance.randbytes(chance.randrange(8))
    command = chance.choice((["run"], ["run"], ["run"], ["check"], ["critical"]))
    return Case("device file", [*command, "x.toml"], {"x.toml": content})


def _value(chance: random.Random, text: str) -> str:
    """Another value of some key."""
    lines = text.splitlines()
    places = [i for i, line in enumerate(lines) if re.match(r"\s*\w+\s*=", line)]
    if not places:
        return text
    place = chance.choice(places)
    lines[place] = lines[place].split("=")[0] + "= " + chance.choice(VALUES)
    return "\n".join(lines) + "\n"


def _key(chance: random.Random, text: str) -> str:
    """One more key somewhere."""
    lines = text.splitlines()
    lines.insert(chance.randrange(len(lines) + 1), f"{chance.choice(KEYS)} = {chance.choice(VALUES)}")
    return "\n".join(lines) + "\n"


def _kind(chance: random.Random, text: str) -> str:
    """Another kind of some element."""
    places = list(re.finditer(r'kind = "\w+"', text))
    if not places:
        return text
    at = chance.choice(places)
    return text[: at.start()] + f'kind = "{chance.choice(KINDS)}"' + text[at.end() :]


def _lines(chance: random.Random, text: str) -> str:
    """A line less, a line twice, or two exchanged."""
    lines = text.splitlines() or [""]
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    how = chance.randrange(3)
    if how == 0:
        del lines[a]
    elif how == 1:
        lines.insert(b, lines[a])
    else:
        lines[a], lines[b] = lines[b], lines[a]
    return "\n".join(lines) + "\n"


def _characters(chance: random.Random, text: str) -> str:
    """Some characters more, or fewer."""
    a = chance.randrange(len(text) + 1)
    if chance.random() < 0.5:
        return text[:a] + text[a + chance.randrange(1, 30) :]
    return text[:a] + "".join(chance.choices('[]{}"=.#\\\0\n\té0e-π', k=chance.randrange(1, 6))) + text[a:]


def _many(chance: random.Random, text: str) -> str:
    """The same tables many times over."""
    return text + text[text.find("[[") :] * chance.choice((1, 3, 3000))


def _command_line(chance: random.Random) -> Case:
    files = {"x.toml": chance.choice(devices()).encode(), "x.conf": (EXAMPLES / "josephson.conf").read_bytes()}
    value, path = chance.choice(VALUES).strip('"'), chance.choice(PATHS)
    ends = ("0", "1", "0.5", "1e300", "-1", "nan", "", "pi", "1e-320", "3")
    numbers = ":".join(chance.choice(ends) for _ in range(chance.randrange(5)))
    system = chance.choice(("x.toml",) * 3 + ("x.conf", "none.toml", "", ".", "\udce9.toml", "x" * 300 + ".toml"))
    output = chance.choice(("x.txt", "", "no/x.nc", "x.toml", "/dev/null", "y" * 300 + ".nc", "."))
    command = chance.choice(("run", "trace", "critical", "plot", "nonsense", "--nonsense", ""))
    words = chance.sample((system, path, value, "--", "-o", "--set", "--json"), 3)
    choices: tuple[Callable[[], list[str]], ...] = (
        lambda: ["run", system, "--set", f"{path}={value}"],
        lambda: ["run", system, "--set", path],
        lambda: ["run", system, "-o", output],
        lambda: ["trace", system, "--over", f"{path}={numbers}"],
        lambda: ["trace", system, "--both", "--over", f"{path}={numbers}"],
        lambda: ["critical", system, "--find", f"{path}={numbers}"],
        lambda: ["critical", system, "--find", path, "--over", f"S.length={numbers}"],
        lambda: ["convert", system, chance.choice(("y.toml", "x.conf", "", "no/y.toml"))],
        lambda: ["check", "x.conf", value, path],
        lambda: ["new", path],
        lambda: ["reproduce", path or "x"],
        lambda: ["plot", system],
        lambda: [command, *words],
    )  # fmt: skip
    return Case("command line", chance.choice(choices)(), files)


def _result_file(chance: random.Random) -> Case:
    name = chance.choice(list(results()))
    how = chance.choice((_damaged, _damaged, _changed, _changed, _changed, _foreign))
    content = how(chance, results()[name])
    command = [
        "plot",
        "x.nc",
        *chance.choice(([], [], ["gap"], ["dos"], ["spin_current.x"], ["critical_temperature"], ["nothing"])),
    ]
    if chance.random() < 0.2:
        command = ["run", "x.toml"]
    return Case("result file", command, {"x.nc": content, "x.toml": devices()[0].encode()})


def _damaged(chance: random.Random, content: bytes) -> bytes:
    """Cut, zeroed or with bits turned."""
    how, start = chance.randrange(4), chance.randrange(len(content))
    if how == 0:
        return content[:start]
    if how == 1:
        stop = start + chance.randrange(1, 5000)
        return content[:start] + bytes(len(content[start:stop])) + content[stop:]
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 5, 50))):
        reach = len(changed) if how == 2 else min(len(changed), 8000)  # labels stand at the beginning
        changed[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _changed(chance: random.Random, content: bytes) -> bytes:
    """A good HDF5 file in which something is missing, or something else."""
    buffer = io.BytesIO(content)
    with h5py.File(buffer, "r+") as file, contextlib.suppress(Exception):  # what cannot be changed stays
        name = chance.choice(list(file))
        attribute = chance.choice(list(file.attrs))
        how = chance.randrange(7)
        if how == 0:
            del file[name]
        elif how == 1:
            del file.attrs[attribute]
        elif how == 2:
            file.attrs[attribute] = chance.choice(("", "nonsense", 7, -1.5, np.arange(3.0), np.nan))
        elif how == 3:
            file[name][...] = chance.choice((np.nan, np.inf, 0.0, -1.0, 1e300))
        elif how == 4:
            file.move(name, "other")
        elif how == 5:
            values = file[name][...]
            del file[name]
            file[name] = values[..., : max(1, values.shape[-1] // 2)]
        else:
            del file[name]
            file[name] = chance.choice(("text", 3, 1.5))
    return buffer.getvalue()


def _foreign(chance: random.Random, content: bytes) -> bytes:
    """No result at all."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["x"] = np.arange(3.0)
    empty = io.BytesIO()
    with h5py.File(empty, "w"):
        pass
    return chance.choice(
        (b"", b"text", bytes(1000), content[:8], b"CDF\x01" + bytes(50), buffer.getvalue(), empty.getvalue())
    )


def _full_disk(chance: random.Random) -> Case:
    space = chance.choice((0, 1, 512, 4096, 20000))
    files = {"x.toml": devices()[0].encode(), "x.conf": (EXAMPLES / "josephson.conf").read_bytes(), **results()}
    choices = (
        ["run", "x.toml"],
        ["run", "x.toml", "-o", "run.nc"],
        ["trace", "x.toml", "--over", "S.spin_voltage=0.25:0.3"],
        ["critical", "x.toml"],
        ["plot", "run.nc", "gap", "-o", chance.choice(("x.png", "x.pdf", "x.svg"))],
        ["convert", "x.conf", "y.toml", "0.25"],
    )
    return Case("full disk", chance.choice(choices), files, space)
