"""Lets every test import the helpers that lie next to this file: `oracle`, `devices`."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:  # processes side by side: one thread each
    os.environ.setdefault("USADEL_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
