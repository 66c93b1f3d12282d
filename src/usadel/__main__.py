"""The command `usadel`, also as ``python -m usadel``."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from usadel._cores import BLAS_THREADS

# The matrices that reach BLAS are small; its threads would only fight with those of the solver.
for variable in BLAS_THREADS:
    os.environ.setdefault(variable, "1")

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
        0 converged; 1 unexpected failure; 2 invalid input or usage; 3 not converged; 130 interrupted.
    """
    from usadel.cli.entry import execute

    gc.set_threshold(UNCOLLECTED)
    return execute(sys.argv[1:] if argv is None else list(argv))


if __name__ == "__main__":
    sys.exit(main())
