"""Tunnel barrier, σA ĝ∂ĝ = (n/2) G_T [ĝ_out, ĝ] (Kupriyanov and Lukichev; S89 of the 2019 supplement at P = 0)."""

from __future__ import annotations

from typing import Any

import numpy as np

from usadel.algebra.nambu import Complex


def across(interface: Any, unit: float) -> Complex:
    """S = ½ G_T ĝ_out."""
    return 0.5 * interface.conductance * unit * np.eye(16, dtype=complex)


def own(interface: Any, unit: float, side: str) -> None:
    """Nothing but ĝ_out enters."""
