"""The one decorator of all compiled kernels.

Decisions (reasons and measurements in docs/development.md):

- numba does not notice edits in *called* functions of other files, so the kernels of a module are cached in a
  directory named by a hash of its source and of all modules of ours that it imports; the whole cache lies in one
  named by numba, Python, the CPU and this file.
- array arguments are promised not to alias (`noalias`): without that promise LLVM leaves most loops
  over energies scalar. A kernel must therefore never be called with overlapping output and input.
- level 2 of LLVM's optimizations instead of 3: kernels as fast, compiled in four fifths of the time.
- never full `fastmath`: it would delete the NaN checks.
- every file of the cache begins with a checksum: numba would unpickle and run whatever a crash or a full disk has
  left there. What is damaged is compiled anew; where the cache cannot be written, it is done without.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import platform
import re
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.compiler import Compiler
from numba.core.config import _OptLevel

log = logging.getLogger("usadel")

F = TypeVar("F", bound=Callable[..., Any])

FASTMATH = {"contract", "reassoc", "arcp", "nsz"}
LEVEL = _OptLevel(2)
PACKAGE = Path(__file__).parent
IMPORT = re.compile(r"^\s*(?:from|import)\s+usadel\.([\w.]+)(?:\s+import\s+(?:\(([^)]*)\)|([^\n(]*)))?", re.MULTILINE)


class _NoAliasCompiler(Compiler):
    """Default pipeline, with the promise that array arguments do not overlap, optimized at level 2 of LLVM."""

    def compile_extra(self, func):
        saved = numba.config.OPT
        numba.config.OPT = LEVEL
        try:
            return super().compile_extra(func)
        finally:
            numba.config.OPT = saved

    def define_pipelines(self):
        if hasattr(self.state.flags, "noalias"):
            self.state.flags.noalias = True
            self.state.flags.no_cfunc_wrapper = True
        return super().define_pipelines()


class _CheckedFiles(IndexDataCacheFile):
    """Index and machine code of a kernel on disk, each behind its checksum; damaged ones count as missing."""

    def _load_index(self):
        stamp, overloads = self._read(self._index_path) or (None, {})
        return overloads if stamp == self._source_stamp else {}

    def _save_index(self, overloads):
        self._write(self._index_path, (self._source_stamp, overloads))

    def _load_data(self, name):
        return self._read(self._data_path(name))

    def _save_data(self, name, data):
        self._write(self._data_path(name), data)

    def _read(self, path: str) -> Any:
        try:
            content = Path(path).read_bytes()
        except OSError:
            return None
        digest, payload = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if digest != _digest(payload):
            _warn_once("damaged files are compiled anew", path)
            return None
        return pickle.loads(payload)

    def _write(self, path: str, content: Any) -> None:
        payload = self._dump(content)
        with self._open_for_write(path) as file:
            file.write(_digest(payload) + payload)


class _CheckedCache(FunctionCache):
    """Cache of a kernel in `_CheckedFiles`; where it cannot be written, the kernel lives as long as its process."""

    def __init__(self, function):
        super().__init__(function)
        stamp = self._impl.locator.get_source_stamp()
        self._cache_file = _CheckedFiles(self._cache_path, self._impl.filename_base, stamp)

    def save_overload(self, sig, data):
        try:
            super().save_overload(sig, data)
        except OSError as error:
            _warn_once(f"kernels are not kept: {error.strerror}", self._cache_path)


_DIGEST_BYTES = 16


def _digest(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=_DIGEST_BYTES).digest()


_warned: set[str] = set()


def _warn_once(what: str, path: str) -> None:
    """Say what is wrong with the cache, and where it was first seen."""
    if what not in _warned:
        _warned.add(what)
        log.warning("kernel cache: %s (%s)", what, path)


def _environment_hash() -> str:
    cpu = f"{platform.machine()} {numba.config.CPU_NAME} {_host_cpu()}"
    digest = hashlib.sha256(f"{numba.__version__} {sys.version} {cpu}".encode())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()[:16]


@cache
def _imports(file: Path) -> frozenset[Path]:
    """Modules of ours that a module imports, itself included; packages by their `__init__`."""
    found = {file}
    for module, several, one in IMPORT.findall(file.read_text(encoding="utf-8")):
        place = PACKAGE.joinpath(*module.split("."))
        submodules = [place / name.split(" as ")[0].strip() for name in (several or one).split(",") if name.strip()]
        for candidate in (place, *submodules):
            found |= {path for path in (candidate.with_suffix(".py"), candidate / "__init__.py") if path.is_file()}
    return frozenset(found)


def _sources(file: Path) -> list[Path]:
    """A module and all modules of ours that it imports, directly or not."""
    known: set[Path] = set()
    open_files = {file}
    while open_files:
        known |= open_files
        open_files = set().union(*map(_imports, open_files)) - known
    return sorted(known)


@cache
def _module_name(file: Path) -> str:
    digest = hashlib.sha256()
    for source in _sources(file):
        digest.update(source.relative_to(PACKAGE).as_posix().encode())
        digest.update(source.read_bytes())
    return f"{file.stem}-{digest.hexdigest()[:16]}"


def _host_cpu() -> str:
    import llvmlite.binding as llvm

    return f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def _base_directory() -> Path:
    if "USADEL_CACHE_DIR" in os.environ:
        return Path(os.environ["USADEL_CACHE_DIR"])
    if "XDG_CACHE_HOME" in os.environ:
        return Path(os.environ["XDG_CACHE_HOME"]) / "usadel"
    if sys.platform == "win32" and "LOCALAPPDATA" in os.environ:
        return Path(os.environ["LOCALAPPDATA"]) / "usadel" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "usadel"
    return Path.home() / ".cache" / "usadel"


def _writable(directory: Path) -> bool:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError:
        return False


@cache
def cache_directory() -> Path:
    """Directory of the compiled kernels; a temporary one, said once, where the usual one is not writable."""
    name = "kernels-" + _environment_hash()
    try:
        directory = _base_directory() / name
        if _writable(directory):
            return directory
    except RuntimeError:  # no home directory
        pass
    directory = Path(tempfile.gettempdir()) / f"usadel-{os.getuid() if hasattr(os, 'getuid') else 0}" / name
    if not _writable(directory):
        directory = Path(tempfile.mkdtemp(prefix="usadel-"))
    log.warning("kernel cache: the usual directory is not writable, using %s", directory)
    return directory


@cache
def announce_compilation() -> None:
    """Say once, before the first compilation, that the kernels are being compiled."""
    if numba.config.DISABLE_JIT or any(cache_directory().rglob("*.nbi")):
        return
    print("usadel: compiling the kernels once, this takes about half a minute ...", file=sys.stderr, flush=True)


def kernel(function: F) -> F:
    """Compile a pure function of arrays with numba: nogil, cached on disk, arguments must not overlap."""
    if numba.config.DISABLE_JIT:
        return function
    saved = numba.config.CACHE_DIR
    place = cache_directory() / _module_name(Path(function.__code__.co_filename))
    numba.config.CACHE_DIR = str(place)  # read while decorating, restored at once
    try:
        decorate = numba.njit(
            nogil=True,
            fastmath=FASTMATH,
            error_model="numpy",
            pipeline_class=_NoAliasCompiler,
        )
        dispatcher = decorate(function)
        dispatcher._cache = _CheckedCache(function)
        return dispatcher
    finally:
        numba.config.CACHE_DIR = saved


Constant = tuple[None, ...]


def constant(number: int) -> Constant:
    """A number that kernels know when they are compiled: they take its `len`, and unroll sums over it."""
    return (None,) * number


def kernel_cache_info() -> dict[str, Any]:
    """Directory, number of files and size (bytes) of the kernel cache."""
    files = [f for f in cache_directory().rglob("*") if f.is_file()]
    return {
        "directory": str(cache_directory()),
        "files": len(files),
        "bytes": sum(f.stat().st_size for f in files),
        "jit": not numba.config.DISABLE_JIT,
    }
