"""A disk that is full when a result is to be written: one line, the summary is printed, the old file stays."""

import contextlib
import tempfile
from pathlib import Path

import pytest
from synthetic_result import make_dataset

from usadel.results import load, save

resource = pytest.importorskip("resource", reason="limits of POSIX")


def names(folder):
    return [file.name for file in folder.iterdir()]


@contextlib.contextmanager
def space(size):
    """No file may have more bytes than `size`."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_nothing_can_be_written(api, workplace, usadel, elsewhere):
    old = save(make_dataset(nodes=5), workplace.here / "old.nc").read_bytes()
    with space(100):
        done = usadel("run", workplace.device, "-o", "old.nc")
    assert done.status == 2
    assert "gap" in done.out and "nowhere" in done.out
    assert (
        done.err.count("\n") == 1 and "cannot write 'old.nc'" in done.err and "lost but for what is printed" in done.err
    )
    assert (workplace.here / "old.nc").read_bytes() == old
    assert names(workplace.here) == ["old.nc"] and names(elsewhere) == []


def test_a_result_finds_another_place(api, workplace, usadel, elsewhere, monkeypatch):
    """The disk of the result is full, that of temporary files is not."""
    real = Path.replace

    def replace(self, target):
        if Path(target).name == "sns.nc" and Path(target).parent == workplace.here:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    done = usadel("run", workplace.device)
    (found,) = elsewhere.rglob("*.nc")
    assert done.status == 2 and done.err.count("\n") == 1 and f"the result is in {found}" in done.err
    assert load(found).attrs["converged"] == 1 and names(workplace.here) == []


@pytest.mark.parametrize("figure", ["f.png", "f.pdf", "f.svg"])
def test_figures(workplace, usadel, figure):
    save(make_dataset(nodes=5, energies=41), workplace.here / "a.nc")
    with space(1000):
        done = usadel("plot", "a.nc", "gap", "-o", figure)
    assert done.status == 2 and done.out == "" and done.err.count("\n") == 1 and "cannot write" in done.err
    assert names(workplace.here) == ["a.nc"]


def test_converted_configurations(workplace, usadel):
    configuration = Path(__file__).parents[2] / "examples" / "josephson.conf"
    with space(10):
        done = usadel("convert", configuration, "y.toml", "0.25")
    assert done.status == 2 and "cannot write 'y.toml'" in done.err
    assert names(workplace.here) == []
