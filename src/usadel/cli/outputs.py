"""Where a command writes, and what it may replace there: decided before the solve, so that nothing is lost after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usadel.cli.stopping import STOPPING
from usadel.errors import StorageError

if TYPE_CHECKING:
    from usadel.results import Existing

ENDINGS = {
    "solve": ".nc",
    "trace": ".trace.nc",
    "critical": ".critical.nc",
    "sweep": ".sweep.nc",
    "josephson": ".josephson.nc",
    "response": ".response.nc",
    "fit": ".fit.nc",
}
"""Procedure -> what its default file name has behind the stem of the SYSTEM file."""


@dataclass(frozen=True)
class Wanted:
    """What a command is about to write, and what it was told about replacing.

    Attributes
    ----------
    procedure : a key of `ENDINGS`.
    source : SYSTEM file, relative to the folder of the result.
    parameter : path that is traced or sought, "" where there is none.
    explicit : whether the user named the file (``-o``).
    force : whether any file may be replaced (``--force``).
    """

    procedure: str
    source: str
    parameter: str = ""
    explicit: bool = False
    force: bool = False


@dataclass(frozen=True)
class Decision:
    """What becomes of a file that is there.

    Attributes
    ----------
    refusal : why it stays, and the command does not begin; empty if it may be replaced.
    note : what is said when it is replaced; empty if that goes without saying.
    protected : whether only a converged result replaces it.
    """

    refusal: str = ""
    note: str = ""
    protected: bool = False


def decide(existing: Existing | None, wanted: Wanted, same_device: bool) -> Decision:
    """Return what becomes of `existing`; `same_device`: it is a result of the very device that is to be solved."""
    if existing is None:
        return Decision()
    if wanted.explicit:  # the name was chosen: any result goes, and so does an empty file, which holds nothing
        return Decision("" if wanted.force or existing.empty else existing.problem)
    reason = _why_not_own(existing, wanted, same_device)
    if reason:
        return Decision("" if wanted.force else reason)
    return Decision(note=_what_differs(existing, wanted, same_device), protected=same_device and existing.converged)


def _why_not_own(existing: Existing, wanted: Wanted, same_device: bool) -> str:
    """Why a file is not an earlier result of the same command on the same SYSTEM file; empty if it is."""
    if existing.problem:
        return existing.problem
    if existing.procedure != wanted.procedure:
        return f"it is a result of another kind: {existing.procedure or 'unknown'}, not {wanted.procedure}"
    if existing.source == "" and not same_device:
        return f"it was saved from Python, not from {wanted.source}"
    if existing.source and existing.source != wanted.source:
        return f"it is a result of {existing.source}, not of {wanted.source}"
    return ""


def _what_differs(existing: Existing, wanted: Wanted, same_device: bool) -> str:
    if not same_device:
        return f"it was the result of other values of {wanted.source}"
    if existing.parameter != wanted.parameter:
        return f"it was the result for another parameter, {existing.parameter or 'not named'}"
    return ""


class Output:
    """The file that a command writes.

    Parameters
    ----------
    system : name of the SYSTEM file.
    procedure : a key of `ENDINGS`.
    device : what is going to be solved.
    output : file that the user named, None for the default name.
    force : whether any file may be replaced.
    parameter : path that is traced or sought; of a sweep those of all axes, separated by ", ".
    resume : whether the procedure itself finds out if it can go on with what stands there.

    Raises
    ------
    InputError
        If a file there must not be replaced.
    StorageError
        If nothing can be written there.
    """

    def __init__(
        self,
        system: str,
        procedure: str,
        device: Any,
        output: str | None,
        force: bool,
        parameter: str = "",
        resume: bool = False,
    ) -> None:
        from usadel.results import check_writable

        self._target = check_writable(output or Path(system).stem + ENDINGS[procedure])
        self._aside = self._target.with_suffix(".failed.nc")
        self._wanted = Wanted(procedure, _relative(Path(system), self._target), parameter, output is not None, force)
        self._decision = Decision() if resume else self._decided(self._target, device)
        if self._decision.protected:  # an unconverged result, should it come to that, must have its place
            self._decided(check_writable(self._aside), device)

    @property
    def path(self) -> Path:
        """The file, for a procedure that writes it itself."""
        return self._target

    @property
    def source(self) -> str:
        """Attribute `source` of what is written."""
        return self._wanted.source

    def say_replaced(self) -> None:
        """Say what was replaced, if that does not go without saying."""
        from usadel.cli.terminal import complain

        if self._decision.note:
            complain(f"note: replaced {self._target}: {self._decision.note}")

    @contextmanager
    def saving(self, result: Any, whole: bool = True) -> Iterator[str]:
        """Write a result; within, what was found is printed with where it is, also where it could not be written.

        whole : nothing of it is missing, or it would not replace a converged one.

        Raises
        ------
        StorageError
            Afterwards, if it is not where it was to be.
        """
        try:
            with STOPPING.held():
                path = self.save(result, whole)
        except StorageError as error:
            yield "nowhere"
            raise StorageError(f"{error}; {self._rescued(result)}") from error
        else:
            yield str(path)

    def save(self, result: Any, whole: bool) -> Path:
        """Write a result with its `source`, say what that replaced, and return where it went."""
        from usadel.cli.terminal import complain
        from usadel.results import save

        data = result.file_data().assign_attrs(source=self._wanted.source)
        whole = whole and bool(data.attrs["converged"])
        if self._decision.protected and not whole:
            path = save(data, self._aside)
            complain(f"note: {self._target} stays, a converged result of the same device; this one is in {path}")
            return path
        path = save(data, self._target)
        self.say_replaced()
        if whole:
            self._remove_failed()
        return path

    def _remove_failed(self) -> None:
        """Remove the unconverged result of the same command that an earlier one has put aside."""
        from usadel.cli.terminal import complain
        from usadel.results import examine

        existing = examine(self._aside)
        if (
            existing is None
            or self._wanted.explicit
            or existing.converged
            or _why_not_own(existing, self._wanted, False)
        ):
            return
        with suppress(OSError):
            self._aside.unlink()
            complain(f"note: removed {self._aside}, an earlier result of {self._wanted.source} that did not converge")

    def _rescued(self, result: Any) -> str:
        """Write a result that found no place into the folder of temporary files, and say so."""
        from usadel.results import save

        try:
            with STOPPING.held():
                folder = Path(tempfile.mkdtemp(prefix="usadel-"))
                return f"the result is in {save(result.data, folder / self._target.name)}"
        except OSError:
            with suppress(OSError):
                folder.rmdir()
            return "the result is lost but for what is printed"

    def _decided(self, path: Path, device: Any) -> Decision:
        """What becomes of the file at `path`, if that is not to stay."""
        import usadel as us
        from usadel.results import examine

        existing = examine(path)
        same_device = existing is not None and not existing.problem and _is_of(existing, device)
        decision = decide(existing, self._wanted, same_device)
        if decision.refusal:
            allowed = "name another file with -o, or replace this one with --force"
            raise us.InputError(f"{path} stays as it is ({decision.refusal}); {allowed}")
        return decision


def _relative(system: Path, target: Path) -> str:
    """The SYSTEM file as seen from the folder of the result: folders that move together keep it true."""
    file = system.parent.resolve() / system.name
    try:
        return Path(os.path.relpath(file, target.parent.resolve())).as_posix()
    except ValueError:  # on another drive of Windows
        return file.as_posix()


def _is_of(existing: Existing, device: Any) -> bool:
    """Whether a result belongs to `device`, whatever the value of the parameter that was varied for it."""
    import usadel as us

    try:
        earlier = type(device).from_toml(existing.device)
        if not existing.parameter:
            return bool(earlier == device)
        varied = {path: device.value(path) for path in existing.parameter.split(", ")}
        return bool(earlier.replace(varied) == device.replace(varied))
    except us.InputError:  # a network beside a stack, keys of another version, or no such parameter
        return False
