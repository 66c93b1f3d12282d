"""Text files that users write, read with one-line errors."""

from __future__ import annotations

from pathlib import Path

from usadel.errors import InputError

LARGEST = 1_000_000  # bytes


def file_text(path: Path, expected: str) -> str:
    """Text of a UTF-8 file.

    Parameters
    ----------
    path : Path
        The file.
    expected : str
        What it should be, for messages: "a TOML file".

    Raises
    ------
    InputError
        If it cannot be read, is no UTF-8 text, or larger than `LARGEST`.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except IsADirectoryError:
        raise InputError(f"is a directory; {expected} is expected", file=file) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read ({reason}); {expected} is expected", file=file) from None
    if len(data) > LARGEST:
        raise InputError(f"is larger than the {LARGEST} bytes allowed for a device", file=file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"is not UTF-8 text; {expected} in UTF-8 is expected", file=file, line=line) from None
