"""Result files: written whole or not at all, read back whole or refused with one clear line."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usadel.errors import StorageError
from usadel.results import schema

if TYPE_CHECKING:
    import xarray as xr

_HDF5 = b"\x89HDF\r\n\x1a\n"
_COMPRESSION = {"zlib": True, "complevel": 4, "shuffle": True}
_ABANDONED = 60.0  # s, age of a temporary file that nobody writes any more: writing takes less than a second
_WORTH_COMPRESSING = 4096  # bytes; below, HDF5's own bookkeeping is larger than the gain


def check_writable(path: str | os.PathLike[str], suffixes: tuple[str, ...] = (".nc",)) -> Path:
    """Find out whether a file could be written there, before hours are spent on what goes into it.

    Parameters
    ----------
    path : str or path-like
        Where the file would go.
    suffixes : tuple of str
        Allowed file name endings; empty to allow all.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    StorageError
        If the ending is wrong, the path is a directory or a read-only file, or its directory is missing or
        cannot be written to.
    """
    target = Path(path)
    if suffixes and target.suffix.lower() not in suffixes:
        raise StorageError(f"cannot write '{path}': the name must end in {' or '.join(suffixes)}")
    _check_target(target)
    probe = _temporary(target)
    try:
        probe.touch(exist_ok=False)
        _sweep(target.parent, probe.stat().st_mtime)
    except OSError as error:
        raise StorageError(f"cannot write '{path}': {_reason(error)}") from error
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return target


def write_file(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file whole or not at all: under a temporary name in the same directory, which then becomes `path`.

    A reader, or a second program, sees the old file or the new one, never a part of it. The content is made in memory,
    as libraries that write files themselves may crash where the disk is full: HDF5 does.

    Returns
    -------
    pathlib.Path
        The path written to.

    Raises
    ------
    StorageError
        If the file cannot be written; no file, or the old one, is left.
    """
    _check_target(Path(path))
    target = Path(path).resolve()  # keep a symbolic link, replace what it points to
    temporary = _temporary(target)
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
        _flush_directory(target.parent)
    except OSError as error:
        raise StorageError(f"cannot write '{path}': {_reason(error)}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return Path(path)


def save(dataset: xr.Dataset, path: str | os.PathLike[str]) -> Path:
    """Write a dataset as netCDF-4, atomically.

    Parameters
    ----------
    dataset : xarray.Dataset
        As made by :func:`~usadel.results.dataset.build_dataset`.
    path : str or path-like
        File to write; an existing file is replaced.

    Returns
    -------
    pathlib.Path
        The path written to.

    Raises
    ------
    StorageError
        If the dataset holds complex numbers or the file cannot be written; no file, or the old one, is left.
    """
    for name, variable in dataset.variables.items():
        if variable.dtype.kind == "c":
            raise StorageError(f"cannot write '{path}': '{name}' is complex; result files hold real numbers only")
    return write_file(path, _netcdf(dataset))


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read a result file into memory and close it.

    Parameters
    ----------
    path : str or path-like
        File to read.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    StorageError
        If there is no such file, it is damaged, or it is not a result of this package, or of a newer version.
    """
    with _opened(Path(path)) as dataset:
        return dataset.load()


def read_header(path: str | os.PathLike[str]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the global attributes of a result file, and the names of its variables and dimensions; no array is read.

    Raises
    ------
    StorageError
        As in :func:`load`.
    """
    with _opened(Path(path)) as dataset:
        return dict(dataset.attrs), frozenset(map(str, (*dataset.variables, *dataset.dims)))


@contextmanager
def _opened(source: Path) -> Iterator[xr.Dataset]:
    """Open a result file and close it; whatever fails on it meanwhile is one clear line."""
    import xarray as xr

    _check_signature(source)
    try:
        _read_all_labels(source)
        with xr.open_dataset(source, engine="h5netcdf", phony_dims="sort") as dataset:
            yield dataset
    except Exception as error:  # h5py, h5netcdf and xarray raise nearly every type on damaged files
        raise StorageError(f"cannot read '{source}': the file is damaged or cut short ({_reason(error)})") from error
    _check_format(dataset.attrs, source)


def _read_all_labels(source: Path) -> None:
    """Raise whatever is wrong with names and attributes: h5netcdf, which would find it, then complains once more."""
    import h5py

    with h5py.File(source) as file:
        labels = [dict(file.attrs)]
        file.visititems(lambda name, item: labels.append(dict(item.attrs)))


def _netcdf(dataset: xr.Dataset) -> bytes:
    """The content of the netCDF-4 file of a dataset."""
    import h5netcdf
    from xarray.backends import H5NetCDFStore

    buffer = io.BytesIO()
    with h5netcdf.File(buffer, "w") as file:
        dataset.dump_to_store(H5NetCDFStore(file), encoding=_encoding(dataset))
    return buffer.getvalue()


def _encoding(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Compress what is large; checksum every array, so that a flipped bit is noticed on reading."""
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in dataset.variables.items():
        if variable.dtype.kind != "f":
            encoding[str(name)] = {}
            continue
        encoding[str(name)] = {"_FillValue": None} if name in dataset.coords else {}
        if variable.ndim and variable.size:
            encoding[str(name)]["fletcher32"] = True
            if variable.nbytes >= _WORTH_COMPRESSING:
                encoding[str(name)] |= _COMPRESSION
    return encoding


def _check_target(target: Path) -> None:
    """Refuse, with one line, a path that no file can have."""
    try:
        _check_kind(target)
    except StorageError:
        raise
    except OSError as error:  # a name that is too long, a directory that must not be entered
        raise StorageError(f"cannot write '{target}': {_reason(error)}") from error


def _check_kind(target: Path) -> None:
    if target.is_dir():
        raise StorageError(f"cannot write '{target}': it is a directory")
    if not target.parent.is_dir():
        raise StorageError(f"cannot write '{target}': there is no directory '{target.parent}'")
    if target.exists() and not (target.is_file() and os.access(target, os.W_OK)):
        kind = "the file is read-only" if target.is_file() else "it is not a regular file"
        raise StorageError(f"cannot write '{target}': {kind}")


def _check_signature(source: Path) -> None:
    try:
        if source.is_dir():
            raise StorageError(f"cannot read '{source}': it is a directory")
        with source.open("rb") as file:
            start = file.read(len(_HDF5))
    except StorageError:
        raise
    except FileNotFoundError:
        raise StorageError(f"cannot read '{source}': there is no such file") from None
    except OSError as error:
        raise StorageError(f"cannot read '{source}': {_reason(error)}") from error
    if start != _HDF5:
        kind = "the file is empty" if not start else "it is not a netCDF-4 file"
        raise StorageError(f"cannot read '{source}': {kind}")


def _check_format(attrs: dict[Any, Any], source: Path) -> None:
    version = attrs.get("format_version")
    missing = [name for name in ("converged", "device") if name not in attrs]
    if isinstance(version, bool) or not isinstance(version, Integral) or missing:
        raise StorageError(f"cannot read '{source}': it is a netCDF file, but not a result of usadel")
    if int(version) > schema.FORMAT_VERSION:
        raise StorageError(
            f"cannot read '{source}': its format {int(version)} is newer than {schema.FORMAT_VERSION}; "
            f"it needs usadel {attrs.get('usadel_version', 'of a later version')} or newer"
        )


def _temporary(target: Path) -> Path:
    return target.with_name(f".usadel-{secrets.token_hex(6)}.tmp")


def _sweep(directory: Path, now: float) -> None:
    """Remove what writers that were killed have left; `now` is by the clock of the file system."""
    for file in directory.glob(".usadel-*.tmp"):
        with suppress(OSError):
            if now - file.stat().st_mtime > _ABANDONED:
                file.unlink()


def _flush_directory(path: Path) -> None:
    """Have the operating system write a directory entry to disk, where it can."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot flush a directory
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: BaseException) -> str:
    """Return one line on an exception: the system's words where there are any."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())
