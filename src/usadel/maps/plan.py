"""What a map is to hold: axes, mode, and units of work, each of which is computed and kept as a whole."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from usadel._version import __version__
from usadel.description.device.axes import axis_values, check_distinct, number_at
from usadel.description.device.load import read_device
from usadel.errors import InputError, listed, shown
from usadel.results import schema
from usadel.results.branches import DIRECTIONS

if TYPE_CHECKING:
    from usadel.description import Device, Stack

FORMAT = 2  # of manifest and records; others are not resumed
MOST_POINTS = 1_000_000  # a file of ten gigabytes
FOLLOWED = {"up": DIRECTIONS[:1], "down": DIRECTIONS[1:], "both": DIRECTIONS}
"""`follow` -> directions in which each row is followed."""

NOUNS = {"sweep": "sweep", "critical": "map of critical values", "josephson": "map of current-phase relations"}
"""Procedure -> what a map of it is called."""

Changes = dict[str, float]
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Axis:
    """One axis: a path, or several that vary together.

    Attributes
    ----------
    paths : as typed; the first one names the dimension.
    values : for each place along the axis the values of all paths.
    """

    paths: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    @property
    def name(self) -> str:
        """Name of its dimension."""
        return self.paths[0]

    def changes(self, place: int) -> Changes:
        """Path -> value at one place."""
        return dict(zip(self.paths, self.values[place], strict=True))


@dataclass(frozen=True)
class Plan:
    """Procedure, axes, mode and device of a map.

    A unit is what is solved in one go and kept in one record: in mode "fresh" a point, else a row of points along the
    last axis, in one direction. Units are numbered with the last axis, or the direction, fastest.

    Attributes
    ----------
    procedure : what is computed at each point, as the attribute of that name says it.
    device : with the quantities that are wanted.
    axes : in the order typed.
    follow : None (fresh), or a key of `FOLLOWED`.
    settings : what else the procedure is told; numbers, texts, and lists of these.
    """

    procedure: str
    device: Stack | Device
    axes: tuple[Axis, ...]
    follow: str | None = None
    settings: Settings = field(default_factory=dict)

    @property
    def noun(self) -> str:
        """What it is called in messages."""
        return NOUNS[self.procedure]

    @property
    def mode(self) -> str:
        """As the attribute `mode` of the file says it."""
        return "fresh" if self.follow is None else f"follow {self.follow}"

    @property
    def parameter(self) -> str:
        """All paths, as the attribute `over` of the file says them."""
        return ", ".join(path for axis in self.axes for path in axis.paths)

    @property
    def directions(self) -> tuple[str, ...]:
        """Of the rows that are followed; none in mode "fresh"."""
        return () if self.follow is None else FOLLOWED[self.follow]

    @property
    def sizes(self) -> dict[str, int]:
        """Dimension -> size, of what each point has: the axes and, where rows are followed, the direction."""
        found = {axis.name: len(axis.values) for axis in self.axes}
        return found | ({"direction": len(self.directions)} if self.directions else {})

    @property
    def points(self) -> int:
        """Number of points."""
        return math.prod(self.sizes.values())

    @property
    def row(self) -> int:
        """Number of points along the last axis."""
        return len(self.axes[-1].values)

    @property
    def unit_points(self) -> int:
        """Number of points of a unit."""
        return 1 if self.follow is None else self.row

    @property
    def units(self) -> int:
        """Number of units."""
        return self.points // self.unit_points

    def places(self, unit: int) -> list[tuple[int, ...]]:
        """Indices of the points of a unit among `sizes`, in the order in which they are solved."""
        if self.follow is None:
            return [tuple(map(int, np.unravel_index(unit, tuple(self.sizes.values()))))]
        row, direction = divmod(unit, len(self.directions))
        outer = tuple(len(axis.values) for axis in self.axes[:-1])
        before = tuple(map(int, np.unravel_index(row, outer))) if outer else ()
        along = range(self.row)
        backwards = self.directions[direction] == DIRECTIONS[1]
        return [(*before, k, direction) for k in (reversed(along) if backwards else along)]

    def changes(self, unit: int) -> list[Changes]:
        """What differs from the device at each point of a unit, in the order in which they are solved."""
        return [self.changes_at(place) for place in self.places(unit)]

    def changes_at(self, place: Sequence[int]) -> Changes:
        """What differs from the device at a point, by its indices."""
        return {
            path: value
            for axis, k in zip(self.axes, place, strict=False)  # a direction changes nothing
            for path, value in axis.changes(k).items()
        }

    def named(self, place: Sequence[int]) -> str:
        """A point in words, by its indices."""
        return ", ".join(f"{path} = {value:g}" for path, value in self.changes_at(place).items())

    @property
    def columns(self) -> dict[str, tuple[str, np.ndarray]]:
        """Path -> dimension and values along it."""
        return {
            path: (axis.name, values)
            for axis in self.axes
            for path, values in zip(axis.paths, np.array(axis.values).T, strict=True)
        }

    def record_name(self, unit: int) -> str:
        """Name of the record of a unit, below the folder of all records."""
        if self.follow is None:
            return f"{unit // self.row}/{unit % self.row}.bin"
        row, direction = divmod(unit, len(self.directions))
        return f"{row}/{self.directions[direction]}.bin"

    @cached_property
    def text(self) -> str:
        """The device as TOML."""
        return self.device.to_toml()

    @cached_property
    def key(self) -> str:
        """Stands for everything that values depend on: device (but for what is varied), axes, mode, versions."""
        first = self.device.replace(self.changes_at((0,) * len(self.axes)))
        axes = [[axis.paths, [[value.hex() for value in values] for values in axis.values]] for axis in self.axes]
        asked = [self.procedure, dict(self.settings), self.mode]
        text = json.dumps([FORMAT, __version__, first.to_toml(), axes, asked])
        return hashlib.sha256(text.encode()).hexdigest()

    def manifest(self) -> dict[str, Any]:
        """What is written beside the records."""
        return {
            "format": FORMAT,
            "key": self.key,
            "usadel_version": __version__,
            "procedure": self.procedure,
            "settings": dict(self.settings),
            "device": self.text,
            "axes": [[axis.paths, axis.values] for axis in self.axes],
            "follow": self.follow,
            "mode": self.mode,
            "over": self.parameter,
        }

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> Self:
        """The plan of some records; raises KeyError, TypeError, ValueError where the manifest is none."""
        axes = [Axis(tuple(paths), tuple(map(tuple, values))) for paths, values in manifest["axes"]]
        device = read_device(f"{manifest['device']}\n")
        return cls(manifest["procedure"], device, tuple(axes), manifest["follow"], manifest["settings"])


def make_plan(
    procedure: str,
    device: Stack | Device,
    over: Mapping[Any, Any],
    follow: str | None = None,
    settings: Settings | None = None,
) -> Plan:
    """The plan of a map, if it makes sense.

    Raises
    ------
    InputError
        If an axis is empty, is no number of the device, or is there twice.
    """
    if follow is not None and follow not in FOLLOWED:
        raise InputError(f"must be one of {listed(FOLLOWED)}, or None, not {shown(follow)}", key="follow")
    if not isinstance(over, Mapping) or not over:
        raise InputError(f"a {NOUNS[procedure]} needs an axis: a path and its values; allowed: at least one")
    axes = tuple(_axis(device, paths, values) for paths, values in over.items())
    plan = Plan(procedure, device, axes, follow, settings or {})
    check_distinct(device, [path for axis in plan.axes for path in axis.paths], {})
    for axis in plan.axes:
        _check(device, axis)
    if plan.points > MOST_POINTS:
        raise InputError(f"a {NOUNS[procedure]} has at most {MOST_POINTS} points, and these axes have {plan.points}")
    return plan


def _axis(device: Stack | Device, paths: Any, values: Any) -> Axis:
    if not isinstance(paths, tuple):
        return Axis((paths,), tuple((value,) for value in axis_values(device, str(paths), np.atleast_1d(values))))
    if not paths or not isinstance(values, Iterable):
        raise InputError(f"linked axes are a tuple of paths and a list of tuples of numbers, not {shown(paths)}")
    together = [tuple(np.atleast_1d(entry)) for entry in values]
    name = ", ".join(map(str, paths))
    wrong = next((entry for entry in together if len(entry) != len(paths)), None)
    if not together or wrong is not None:
        problem = "there are none" if wrong is None else f"{len(wrong)} are given"
        raise InputError(f"needs {len(paths)} numbers at each place, and {problem}", key=name)
    numbers = [
        tuple(axis_values(device, path, value)[0] for path, value in zip(paths, entry, strict=True))
        for entry in together
    ]
    if len(set(numbers)) < len(numbers):
        raise InputError("holds the same numbers twice; allowed: different ones", key=name)
    return Axis(paths, tuple(numbers))


def _check(device: Stack | Device, axis: Axis) -> None:
    """Refuse paths that are no numbers, or that the dataset could not hold beside its variables."""
    for path in axis.paths:
        number_at(device, path)
        if path in RESERVED or "/" in path:
            raise InputError(f"is the name of a variable of the result, too; allowed: {device.address(path)}", key=path)


RESERVED = frozenset(
    {*schema.VARIABLES, *schema.COORDINATES, *schema.BRANCH_VARIABLES, "direction", "fraction", "status", "advice"}
)
"""Names that no axis can have: those of variables and coordinates of a result."""


def devices_along_axes(plan: Plan) -> Iterator[Stack | Device]:
    """The device at each value of each axis, beside the first values of all others: values that make none are told."""
    first = plan.changes_at((0,) * len(plan.axes))
    seen: set[tuple[tuple[str, float], ...]] = set()
    for axis, place in ((one, k) for one in plan.axes for k in range(len(one.values))):
        changes = first | axis.changes(place)
        if (known := tuple(changes.items())) not in seen:
            seen.add(known)
            yield plan.device.replace(changes)
