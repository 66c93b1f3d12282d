"""Quasiclassical Keldysh-Usadel equations of diffusive superconducting nanostructures."""

from usadel._version import __version__

__all__ = ["__version__"]
