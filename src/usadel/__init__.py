"""Quasiclassical Keldysh-Usadel equations of diffusive superconducting nanostructures.

The public names, listed in `usadel._names`, are loaded when they are first used, so that `import usadel` stays light
and compiles nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

from usadel._names import ALL, PUBLIC, ROOMS, everything
from usadel._version import __version__ as __version__

# The names that the table itself spells out: to find one of these, nothing else is imported.
_WHERE = {
    name: home for section in PUBLIC.values() for home, names in section.items() if names is not ALL for name in names
}


def __getattr__(name: str) -> Any:
    if name in ROOMS:
        return importlib.import_module(f"usadel.{name}")
    if name == "__all__":
        return ["__version__", *ROOMS, *sorted(everything())]
    home = _WHERE.get(name) or ("" if name.startswith("_") else everything().get(name, ""))
    if not home:
        raise AttributeError(f"module 'usadel' has no attribute '{name}'")
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))
