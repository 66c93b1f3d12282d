"""How kernels are compiled: same digits without compilation, vectors, a cache that sees edits."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest
from devices import assert_same
from without_jit import newton_step

import usadel

PACKAGE = Path(usadel.__file__).parent
HERE = Path(__file__).parent


def run(arguments, **environment):
    """Run Python on arguments; its output."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_results_do_not_depend_on_compilation(tmp_path):
    run([HERE / "without_jit.py", tmp_path / "plain.npz"], NUMBA_DISABLE_JIT="1")
    compiled = newton_step()
    with np.load(tmp_path / "plain.npz") as plain:
        assert set(plain) == set(compiled)
        for name, expected in plain.items():
            assert_same(compiled[name], expected, 1e-11, at_least=1e-3)


INSPECT = """
import numpy as np
from usadel.solvers import elimination
blocks = np.zeros((5, 3, 64, 16), complex)
blocks[:, 1] = np.eye(8).reshape(64, 1)
elimination.solve_block_tridiagonal(blocks, np.ones((5, 8, 1, 16), complex))
for text in elimination._eliminate.inspect_asm().values():
    print(text)
"""


@pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64") or not llvm.get_host_cpu_features().get("avx2"),
    reason="needs a processor with AVX2",
)
def test_products_of_blocks_are_vectorized(tmp_path):
    """Packed multiplications on ymm or zmm registers: a tenth without the promise that arrays do not overlap."""
    assembly = run(["-c", INSPECT], USADEL_CACHE_DIR=str(tmp_path))
    packed = re.findall(r"\bv(?:mul|fn?m(?:add|sub|addsub|subadd)\d*)pd\b[^\n]*[yz]mm", assembly)
    assert len(packed) >= 80


NAME = """
import usadel._compile as c
print(c.__file__)
print(c.cache_directory().name, c._module_name(c.PACKAGE / "equations" / "spectral" / "scheme.py"))
"""


def cache_name(folder, cache):
    """Names of the cache directory, and of that of the kernels of the spectral scheme, of a copy of the package."""
    found = run(["-c", NAME], PYTHONPATH=str(folder), USADEL_CACHE_DIR=str(cache)).split("\n")
    assert Path(found[0]).is_relative_to(folder)
    return found[1]


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "copy" / "usadel", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def edit(file):
    file.write_text(file.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")


@pytest.mark.parametrize(
    "source",
    [
        "equations/spectral/scheme.py",
        "equations/matrix_current.py",
        "algebra/lanes.py",  # imported by what it imports
        "_compile.py",
    ],
)
def test_an_edit_changes_the_cache_directory(copy, tmp_path, source):
    before = cache_name(copy, tmp_path / "cache")
    assert before == cache_name(copy, tmp_path / "cache") and before.startswith("kernels-")
    edit(copy / "usadel" / source)
    assert cache_name(copy, tmp_path / "cache") != before


@pytest.mark.parametrize("source", ["description/text/toml.py", "solvers/elimination.py"])
def test_other_sources_do_not_force_a_compilation(copy, tmp_path, source):
    before = cache_name(copy, tmp_path / "cache")
    edit(copy / "usadel" / source)
    assert cache_name(copy, tmp_path / "cache") == before


def test_an_edited_term_is_seen(copy, tmp_path):
    """A function called by a kernel of another file: numba's own cache would return the old result."""
    program = (
        "import numpy as np; from usadel.equations import matrix_current as m;"
        "u = np.full((8, 2), 0.1 + 0j); f = np.zeros((8, 2), complex); n = np.ones((4, 2), complex);"
        "m.gradient_term(f, u, u, n, n, np.empty((8, 2), complex)); print(f[0, 0].real)"
    )

    def result():
        return float(run(["-c", program], PYTHONPATH=str(copy), USADEL_CACHE_DIR=str(tmp_path / "cache")))

    before = result()
    assert before != 0 and result() == before
    lanes = copy / "usadel" / "algebra" / "lanes.py"
    text = lanes.read_text(encoding="utf-8")
    assert text.count("c[2 * i + j, l] += factor * (") == 1
    lanes.write_text(text.replace("c[2 * i + j, l] += factor * (", "c[2 * i + j, l] += 3 * factor * ("), "utf-8")
    assert result() == pytest.approx(3 * before)


def test_cache_falls_back_to_a_temporary_directory(tmp_path):
    """A base directory that is a file cannot be written to."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    program = "import usadel._compile as c; d = c.cache_directory(); print(d); assert d.is_dir()"
    found = Path(run(["-c", program], USADEL_CACHE_DIR=str(blocked), TMPDIR=str(tmp_path)).strip())
    assert found.is_relative_to(tmp_path) and not found.is_relative_to(blocked)


DAMAGES = {
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "zeroed": lambda content: bytes(len(content)),
    "one bit": lambda content: content[:-7] + bytes([content[-7] ^ 8]) + content[-6:],
}
SMALL = """
import numpy as np
from usadel.algebra import lanes
c = np.zeros((4, 2), complex)
lanes.add_product(c, 1.0 + 0j, np.ones((4, 2), complex), np.full((4, 2), 2 + 0j))
print(c[0, 0].real)
"""


def small_kernel(cache):
    """Result of a kernel that is quick to compile, what is said, and the files of the cache."""
    done = subprocess.run(
        [sys.executable, "-c", SMALL],
        env={**os.environ, "USADEL_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout), done.stderr, {file: file.read_bytes() for file in cache.rglob("*.nb*")}


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_damaged_cache_is_compiled_anew(tmp_path, suffix):
    """Numba alone fails, or runs whatever it reads, until the user deletes the files."""
    expected, said, good = small_kernel(tmp_path)
    assert said == "" and len(good) >= 2
    for name, damage in DAMAGES.items():
        for file, content in good.items():
            file.write_bytes(damage(content) if file.suffix == f".{suffix}" else content)
        found, said, mended = small_kernel(tmp_path)
        assert found == expected and said.count("\n") == 1 and "damaged" in said, name
        assert set(mended) == set(good)
        found, said, _ = small_kernel(tmp_path)
        assert (found, said) == (expected, ""), name


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_full_disk_does_without_a_cache(tmp_path):
    """The kernel is compiled, and a line says that it is not kept."""
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n" + SMALL
    done = subprocess.run(
        [sys.executable, "-B", "-c", limited],
        env={**os.environ, "USADEL_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, float(done.stdout)) == (0, 4.0)
    assert done.stderr.count("\n") == 1 and "not kept" in done.stderr
    assert not any(file.is_file() for file in tmp_path.rglob("*"))
