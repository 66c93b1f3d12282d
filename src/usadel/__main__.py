"""The command `usadel`, also as ``python -m usadel``."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from usadel._cores import BLAS_THREADS

# The matrices that reach BLAS are small; its threads would only fight with those of the solver.
for variable in BLAS_THREADS:
    os.environ.setdefault(variable, "1")

INTERRUPTED = 130
STOPPED = 128  # and more: by a signal
UNCOLLECTED = 50_000  # new objects between searches for garbage: those of a thousand imported modules stay


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; by default those of the process.

    Returns
    -------
    int
        0 converged; 1 unexpected failure; 2 invalid input or usage; 3 not converged; 130 interrupted (143 by SIGTERM);
        141 if nobody reads what is printed.
    """
    try:
        from usadel.cli.entry import execute

        gc.set_threshold(UNCOLLECTED)
        status = execute(sys.argv[1:] if argv is None else list(argv))
    except KeyboardInterrupt:  # while the commands are imported
        print("usadel: interrupted", file=sys.stderr)
        status = INTERRUPTED
    if argv is None:
        _finish(status)
    return status


def _finish(status: int) -> None:
    """Let nothing interrupt the end of the process, which nobody waits for after a stop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if status >= STOPPED:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
