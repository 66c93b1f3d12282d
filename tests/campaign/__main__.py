"""`python -m tests.campaign --seeds 0:100`: see docs/campaign.md."""

import argparse
import json
import signal
import sys
from pathlib import Path

from .kinds import MAKERS, kind_of
from .report import report, wrong
from .run import run
from .trial import show


def main():
    """The command; status 1 if something is wrong without a word."""
    options = _parser().parse_args()
    if options.show is not None:
        print(show(options.show), end="")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaves the pool, which ends its processes
    records = []
    what = {"true_errors": options.true_errors, "outcome_only": options.outcome_only}
    seeds = [seed for seed in options.seeds if options.kind in (None, kind_of(seed))]
    for record in run(seeds, options.jobs, **what):
        records.append(record)
        print(f"{len(records)} of {len(seeds)}: seed {record['seed']} {record['outcome']}", file=sys.stderr)
        if options.json:
            in_order = sorted(records, key=lambda one: one["seed"])
            options.json.write_text(json.dumps(in_order, indent=1), encoding="utf-8")
    print(report(records))
    return 1 if wrong(records) else 0


def _parser():
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--seeds", type=_range, default=range(100), metavar="A:B", help="seeds from A to B - 1")
    parser.add_argument("--kind", choices=MAKERS, help="seeds of this kind only")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes side by side")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all records, after every seed")
    parser.add_argument("--true-errors", action="store_true", help="solve again at a hundredth of the tolerance")
    parser.add_argument("--outcome-only", action="store_true", help="no other words, no physics")
    parser.add_argument("--show", type=int, metavar="SEED", help="print the device of a seed and end")
    return parser


def _range(text):
    first, _, last = text.partition(":")
    return range(int(first), int(last))


if __name__ == "__main__":
    sys.exit(main())
