"""Commented device files to start from."""

from __future__ import annotations

from importlib.resources import files

from usadel.errors import InputError, unknown

STARTERS = {
    "fi_s_fi": "superconductor between ferromagnetic insulators, under spin injection",
    "sns": "normal metal between two superconducting reservoirs, tunnel interfaces",
    "sf": "superconductor on a ferromagnet",
    "ns": "normal metal between a superconductor and a normal reservoir",
    "network": "three-terminal interferometer: a normal terminal and two superconducting ones at a phase difference",
    "ring": "superconducting ring around a flux, with a normal lead",
    "squid": "normal wire that closes a superconducting loop around a flux, with a tunnel probe",
    "nonlocal": "superconducting wire with an injector, a drain, and a detector whose voltage floats",
}
"""Kinds of starter files, and what each is."""


def starter_kinds() -> tuple[str, ...]:
    """The kinds of starter files."""
    return tuple(STARTERS)


def starter(kind: str) -> str:
    """Text of a commented TOML file.

    Parameters
    ----------
    kind : str
        One of `STARTERS`.

    Raises
    ------
    InputError
        If there is none of that kind.
    """
    if kind not in STARTERS:
        raise InputError(unknown("kind of device", kind, STARTERS))
    return files(__package__).joinpath("starters", f"{kind}.toml").read_text(encoding="utf-8")
