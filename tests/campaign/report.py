"""The records of a campaign as a table in text."""

from collections import Counter

import numpy as np

OUTCOMES = ("solved", "not converged", "refused", "crashed", "beyond budget")
GOOD = {"covered", "agree", "obeyed"}
COMPARED = {"covered", "above estimate", "above tolerance"}  # with a finer result
UNDECIDED = {"another solution", "far apart", "no reference", "not converged", "beyond budget"}
"""Verdicts of checks that say nothing about a result: there is another solution, or nothing to compare with."""


def report(records):
    """The whole table."""
    kinds = sorted({record["kind"] for record in records})
    lines = [*_outcomes(records, kinds), ""]
    lines += _times(records)
    lines += [""] + [line for name, verdicts in _checks(records).items() for line in _verdicts(name, verdicts)]
    lines += _ratios(records)
    lines += ["", *(_line(record, what) for record, what in faults(records))]
    return "\n".join(lines).rstrip()


def _outcomes(records, kinds):
    rows = [["", *OUTCOMES, "seeds"]]
    for kind in [*kinds, "all"]:
        mine = [record for record in records if kind in (record["kind"], "all")]
        counts = Counter(record["outcome"] for record in mine)
        rows.append([kind, *(str(counts[word]) for word in OUTCOMES), str(len(mine))])
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _times(records):
    solved = [record for record in records if record["outcome"] == "solved"]
    if not solved:
        return []
    lines = []
    for key, unit in (("seconds", "s of processor time"), ("memory", "MB")):
        half, most, last = np.percentile([record[key] for record in solved], [50, 95, 100])
        lines.append(f"solved ones take {half:.2g} (half of them), {most:.2g} (95 %), {last:.2g} (all) {unit}")
    return lines


def _checks(records):
    """Name of a check -> its verdicts, in an order that does not depend on the records."""
    out = {}
    for record in records:
        for name, check in checks(record):
            out.setdefault(name, Counter())[check["verdict"]] += 1
    order = ["true error", "mirror", "rotation", "split", "phase", "threads", "physics"]
    return {name: out[name] for name in order if name in out}


def _ratios(records):
    """True errors over estimates, kind of quantity by kind."""
    found = [record["true"]["ratios"] for record in records if record.get("true", {}).get("verdict") in COMPARED]
    for kind in found[0] if found else ():
        half, most, last = np.percentile([ratios[kind] for ratios in found], [50, 95, 100])
        yield f"true error of {kind} over estimate: {half:.2g} (half of them), {most:.2g} (95 %), {last:.2g} (all)"


def checks(record):
    """Names and records of all checks of a seed."""
    found = [("true error", record["true"])] if "true" in record else []
    found += list(record.get("words", {}).items())
    return found + ([("physics", record["physics"])] if "physics" in record else [])


def _verdicts(name, verdicts):
    parts = [f"{count} {verdict}" for verdict, count in sorted(verdicts.items(), key=lambda item: -item[1])]
    yield f"{name}: {', '.join(parts)}"


def faults(records):
    """(record, what) of all that must not be, and of what was not solved."""
    for record in sorted(records, key=lambda one: one["seed"]):
        if record["outcome"] != "solved":
            yield record, record["outcome"] + ": " + str(record.get("status", record.get("why", "")))
        for warning in record.get("warnings", []):
            yield record, f"warning: {warning}"
        for name, check in checks(record):
            if check["verdict"] not in GOOD:
                yield record, f"{name}: {check['verdict']} {_numbers(check)}"


def wrong(records):
    """Seeds of which something is wrong without a word: what the campaign is run for."""
    bad = {record["seed"] for record in records if record["outcome"] == "crashed"}
    for record in records:
        if any(check["verdict"] not in GOOD | UNDECIDED for _, check in checks(record)):
            bad.add(record["seed"])
    return sorted(bad)


def _numbers(check):
    if "difference" in check:
        place = f"{check['quantity']} in layer {check['layer']}"
        estimated = f", estimated {check['estimate']:.1e}" if "estimate" in check else ""
        return f"{check['difference']:.1e} of {place}, allowed {check['allowed']:.1e}{estimated}"
    return str(check.get("why", {key: value for key, value in check.items() if key not in ("verdict", "seconds")}))


def _line(record, what):
    name = f"seed {record['seed']:4d} {record['kind']:15s}"
    return f"{name} at {record['tolerance']:.0e}, {record['seconds']:5.1f} s: {what}"
