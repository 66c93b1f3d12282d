"""One writer: a lock that the system lets go of when its process ends, however it ends."""

from __future__ import annotations

import errno
import os
import platform
from pathlib import Path
from time import sleep
from typing import IO

try:
    import fcntl

    def _try_lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
except ImportError:  # Windows
    import msvcrt

    def _try_lock(file: IO[str]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]


_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # what systems say of a lock that another process has
_PATIENCE = 0.2  # s, in which one who only looks whether a lock is held has let go of it
_FAR = 1 << 20  # byte that is locked on Windows, behind what is written: a locked one cannot be read


class Lock:
    """A lock file.

    Parameters
    ----------
    path : its name; its folder exists.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self) -> str:
        """Take the lock, and write into the file who has it.

        Returns
        -------
        str
            Who else has it, in words; empty if it is ours.
        """
        file = self._taken()
        if file is None:
            sleep(_PATIENCE)
            file = self._taken()
        if file is None:
            return self.path.read_text(encoding="utf-8").strip() or "another process"
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}\n")
        file.flush()
        self._file = file
        return ""

    def _taken(self) -> IO[str] | None:
        """The file, locked and not yet removed by its last owner; None if another process has it."""
        while True:
            file = self.path.open("a+", encoding="utf-8")
            if not _is_free(file):
                file.close()
                return None
            if self.path.exists() and os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                return file
            file.close()

    def release(self) -> None:
        """Let go of it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def holder(path: Path) -> str:
    """Who holds a lock file, in words; empty if nobody does."""
    if not path.exists():
        return ""
    with path.open("r+", encoding="utf-8") as file:
        return "" if _is_free(file) else file.read().strip() or "another process"


def _is_free(file: IO[str]) -> bool:
    """Whether nobody else has locked a file; then it is locked until it is closed."""
    try:
        _try_lock(file)
    except OSError as error:
        if error.errno not in _HELD:  # a file system without locks
            raise
        return False
    return True
