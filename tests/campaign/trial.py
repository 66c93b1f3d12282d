"""One seed: its device solved within limits, and what is asked of the result."""

import warnings

import usadel as us

from .checks import WORDS, in_other_words, physics, true_error
from .found import device_of, found, silent, solved
from .kinds import kind_of, tables
from .limits import Limits, attempt
from .words import elements, is_layer

SOLVE = Limits(60.0, 1024.0)
CHECK = Limits(90.0, 2048.0)  # a finer solve, or two solves, may take more
CHEAP = 2.0  # s of processor time of a solve below which every other wording is tried, not one of them
SHARES = (0.01, 0.1)  # of the tolerance, in a solve that tells the true error: the second where the first is too much
DEAR = 6.0  # s of processor time of a solve from which on a hundredth of its tolerance is not tried


def trial(seed, true_errors=False, outcome_only=False):
    """Record of one seed: plain numbers and texts."""
    device = tables(seed)
    record = {"seed": seed, "kind": kind_of(seed), "tolerance": device["tolerance"]}
    ended = attempt(lambda: _solve(device), SOLVE)
    record |= {"seconds": ended.seconds, "memory": ended.memory}
    outcome, found_values, details = _outcome(ended)
    record |= {"outcome": outcome} | details
    if outcome == "solved" and not outcome_only:
        names = _wordings(device, seed, ended.seconds)
        record["words"] = {
            name: _checked(lambda n=name: in_other_words(device, n, found_values, seed)) for name in names
        }
        record["physics"] = _checked(lambda: physics(device))
    if outcome == "solved" and true_errors:
        record["true"] = _true(device, found_values, ended.seconds)
    return record


def _solve(device):
    """("solved", Found), or how it ended otherwise; what went wrong is raised."""
    with silent(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = "solved", found(solved(device))
        except us.NotConverged as failure:
            answer = "not converged", {"status": failure.result.status.name.lower(), "error": failure.result.error}
        except us.UsadelError as error:
            answer = "refused", {"why": str(error)}
    return *answer, sorted({f"{one.category.__name__}: {one.message}" for one in caught})


def _outcome(ended):
    """Word of the table, what was found, and details."""
    if ended.ending in ("time", "memory"):
        return "beyond budget", None, {"why": ended.ending}
    if ended.ending != "done":
        return "crashed", None, {"why": ended.value}
    word, value, caught = ended.value
    details = {"warnings": caught} if caught else {}
    if word != "solved":
        return word, None, value | details
    return word, value, {"error": value.error, **value.numbers, **details}


def _wordings(device, seed, seconds):
    layers = [element for element in elements(device) if is_layer(element)]
    alone = all(layer["kind"] == "half_metal" for layer in layers)
    names = [name for name in (*WORDS, "threads") if not (alone and name == "split")]
    return names if seconds < CHEAP else [names[seed // 6 % len(names)]]


def _checked(check):
    """Record of a check, or why there is none."""
    ended = attempt(lambda: _quiet(check), CHECK)
    if ended.ending == "done":
        return ended.value | {"seconds": ended.seconds}
    word = "beyond budget" if ended.ending in ("time", "memory") else "crashed"
    return {"verdict": word, "why": ended.value or ended.ending, "seconds": ended.seconds}


def _quiet(check):
    with silent(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check()


def _true(device, first, seconds):
    """The true error by the finest reference that can be had."""
    for share in SHARES if seconds < DEAR else SHARES[1:]:
        record = _checked(lambda s=share: true_error(device, first, s))
        if record["verdict"] not in ("beyond budget", "no reference"):
            break
    return record


def show(seed):
    """The device of a seed as the text of a file."""
    return device_of(tables(seed)).to_toml()
