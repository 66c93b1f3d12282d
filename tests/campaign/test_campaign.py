"""A small sample of the campaign, and that it sees what it is run for."""

import os
import signal
import sys
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("resource")

from . import narrow, words
from .checks import compared
from .found import Found, device_of
from .kinds import MAKERS, tables
from .limits import Limits, attempt, resident
from .report import GOOD, checks, report, wrong
from .run import warm
from .trial import trial

FORKS = pytest.mark.skipif(sys.platform != "linux", reason="limits of a fork are those of Linux")
SAMPLE = (201, 202, 204, 205, 217, 218)  # all kinds
CHECKED = 204  # with all checks
NARROW = (1, 3, 24)  # a wall, a split superconductor, two sheets


def test_every_seed_is_a_device():
    for seed in range(20 * len(MAKERS)):
        assert tables(seed) == tables(seed)
        assert device_of(tables(seed)).network().layers


def test_values_are_spread():
    """Thin layers, opaque and strong contacts, profiles, second order, several temperatures, voltages."""
    made = [element for seed in range(300) for element in words.elements(tables(seed))]
    lengths = np.array([element["length"] for element in made if words.is_layer(element)])
    conductances = np.array([element["conductance"] for element in made if "conductance" in element])
    assert np.mean(lengths < 0.1) > 0.1 and lengths.max() > 5
    assert np.mean(conductances < 0.1) > 0.1 and np.mean(conductances > 5) > 0.05
    assert sum("z" in str(element.get("exchange_field")) for element in made) > 20
    for key in ("second_order", "temperature", "voltage", "spin_voltage", "phase_gradient", "gauge_z"):
        assert sum(key in element for element in made) > 20, key


@pytest.fixture(scope="module")
def kernels():
    """Loaded before anything forks."""
    warm()


@FORKS
@pytest.mark.parametrize("seed", SAMPLE)
def test_sample_is_solved(seed, kernels):
    record = trial(seed, outcome_only=True)
    assert record["outcome"] == "solved" and not record.get("warnings"), record


@FORKS
def test_sample_passes_all_checks(kernels):
    record = trial(CHECKED, true_errors=True)
    assert [(name, check) for name, check in checks(record) if check["verdict"] not in GOOD] == []
    assert len(checks(record)) > 2 and wrong([record]) == []
    assert "true error of energy current over estimate: 0" in report([record])


@FORKS
@pytest.mark.parametrize("seed", NARROW)
def test_narrow_features(seed, kernels):
    assert narrow.trial(seed)["verdict"] == "covered"


def test_narrow_features_are_layers_of_their_own():
    for seed in range(2 * len(narrow.KINDS)):
        _, whole, features = narrow.device(seed)
        pieces, reading = narrow.in_pieces(whole, features)
        lengths = [element["length"] for element in pieces["stack"] if "length" in element]
        assert sum(lengths) == pytest.approx(sum(e.get("length", 0) for e in whole["stack"]), rel=1e-12)
        starts, z = np.concatenate([[0], np.cumsum(lengths)]), features[0][0]
        layer, inside = reading.place(0, z)
        assert starts[layer] + inside * lengths[layer] == pytest.approx(z * sum(lengths), rel=1e-9)


def endless():
    while True:
        pass


def greedy():
    held = []
    while True:
        held.append(np.ones(2**20))


def killed():
    os.kill(os.getpid(), signal.SIGTERM)


def failing():
    raise ValueError("on purpose")


@FORKS
@pytest.mark.parametrize(
    ("work", "ending"),
    [(endless, "time"), (greedy, "memory"), (failing, "raised"), (killed, "died"), (lambda: "answer", "done")],
)
def test_nothing_runs_without_end(work, ending):
    ended = attempt(work, Limits(seconds=1, memory=resident(os.getpid()) + 100))
    assert ended.ending == ending
    if ending == "done":
        assert ended.value == "answer"
    if ending == "raised":
        assert ended.value.startswith("ValueError: on purpose") and "failing at line" in ended.value


def test_other_words_are_undone():
    """Mirrored twice, and shifted forth and back, a device is what it was; half a layer twice is a layer."""
    for seed in range(60):
        first = tables(seed)
        again, _ = words.mirrored(words.mirrored(first)[0])
        assert device_of(words.shifted(words.shifted(first)[0], -1.3)[0]).network().layers
        mine, twice = device_of(first).network(), device_of(again).network()
        assert [layer.length for layer in mine.layers] == [layer.length for layer in twice.layers]
        assert [t.interface for t in mine.terminations] == [t.interface for t in twice.terminations]
        parts, reading = words.split(first, 0)
        lengths = [layer.length for layer in device_of(parts).network().layers]
        assert lengths[0] + lengths[1] == pytest.approx(mine.layers[0].length)
        assert [reading.place(0, z)[0] for z in (0.0, 0.39, 0.41, 1.0)] == [0, 0, 1, 1]


def invented(gap, error=1e-6):
    """A result of one layer whose gap varies linearly."""
    from usadel.discretization.space import stretched_grid

    grid = stretched_grid(1.0, 21, 1.0)
    values = np.zeros((21, 17), complex)
    values[:, 0] = gap + 0.1 * grid.x
    return Found([grid], [values], [np.ones((21, 17), bool)], error, 0.0, True, True, {})


@pytest.mark.parametrize(("change", "verdict"), [(0.0, "agree"), (5e-6, "agree"), (1e-5, "differ"), (0.1, "far apart")])
def test_results_that_differ_are_seen(change, verdict):
    reading = words.Reading(words.same)
    assert compared(invented(0.8), invented(0.8 + change), 1e-6, reading)["verdict"] == verdict


def test_what_is_not_covered_is_not_compared():
    first, other = invented(0.8), invented(0.8)
    values, covered = other.values[0].copy(), first.covered[0].copy()
    values[3, 5] = 1.0
    covered[3, 5] = False
    other = replace(other, values=[values])
    reading = words.Reading(words.same)
    assert compared(first, other, 1e-6, reading)["verdict"] == "far apart"
    assert compared(replace(first, covered=[covered]), other, 1e-6, reading)["verdict"] == "agree"


def test_report_names_what_is_wrong():
    good = {
        "seed": 0, "kind": "everyday", "tolerance": 1e-4, "outcome": "solved", "seconds": 1.0, "memory": 200.0,
        "words": {"mirror": {"verdict": "agree"}},
    }  # fmt: skip
    bad = deepcopy(good) | {"seed": 1}
    bad["words"]["mirror"] = {
        "verdict": "differ", "difference": 0.1, "allowed": 1e-6, "layer": 0, "node": 3, "quantity": "gap",
    }  # fmt: skip
    slow = {**good, "seed": 2, "outcome": "beyond budget", "why": "time"}
    del slow["words"]
    text = report([good, bad, slow])
    assert wrong([good, bad, slow]) == [1]
    assert "mirror: 1 agree, 1 differ" in text
    assert "differ 1.0e-01 of gap in layer 0, allowed 1.0e-06" in text and "beyond budget: time" in text
