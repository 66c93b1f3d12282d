"""Files are written whole or not at all, and damaged or foreign ones are refused with one line."""

import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

from usadel.results import StorageError, check_writable, load, save, storage, write_file


@pytest.fixture
def file(dataset, tmp_path):
    return save(dataset, tmp_path / "result.nc")


def refuses(call, *words):
    with pytest.raises(StorageError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message
    return message


def test_round_trip_is_exact(dataset, file):
    back = load(file)
    assert back.identical(dataset)
    assert {name: back[name].dtype.kind for name in ("gap", "layer", "component")} == {
        "gap": "f",
        "layer": "i",
        "component": dataset.component.dtype.kind,
    }


def test_interface_pair_survives(dataset, file):
    steps = np.diff(load(file).position.values)
    assert steps.min() > 0 and np.isclose(steps.min(), 1e-9, rtol=1e-3)


def test_long_device_text_and_empty_advice(dataset, tmp_path):
    dataset.attrs |= {"device": 'title = "é"\n' + "# Δ\n" * 40000, "advice": ""}
    assert load(save(dataset, tmp_path / "a.nc")).attrs == dataset.attrs


def test_plain_hdf5_reader_sees_labels_and_text(dataset, file):
    with h5py.File(file) as raw:
        assert raw["gap"].attrs["units"] == "Delta_0"
        assert raw["gap"].attrs["long_name"] == "Superconducting gap"
        assert raw["spin_current"].attrs["symbol"] == "J_s"
        assert raw.attrs["device"] == dataset.attrs["device"]
        assert raw.attrs["converged"] == 1 and raw.attrs["format_version"] == 1
        assert raw["dos"].compression == "gzip" and raw["gap"].fletcher32
        for item in raw.values():
            assert item.dtype.kind in "fiO"  # O: text; no complex compound types


def test_netcdf_library_reads_it(dataset, file):
    netcdf = pytest.importorskip("netCDF4")
    with netcdf.Dataset(file) as raw:
        assert raw.device == dataset.attrs["device"] and raw.converged == 1
        assert raw["dos_spin"].dimensions == ("component", "position", "energy")
        assert list(raw["component"][:]) == ["x", "y", "z"]
        assert np.array_equal(raw["dos"][:], dataset.dos.values)
        assert raw["gap"].units == "Delta_0" and raw["gap"].coordinates == "layer"


def test_no_temporary_file_remains(file):
    assert [path.name for path in file.parent.iterdir()] == ["result.nc"]


def test_file_permissions_follow_the_umask(file):
    previous = os.umask(0)
    os.umask(previous)
    assert file.stat().st_mode & 0o777 == 0o666 & ~previous


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failure_while_writing_leaves_the_old_file(dataset, file, monkeypatch, error):
    before = file.read_bytes()

    def full(descriptor):
        assert len(list(file.parent.iterdir())) == 2
        raise error

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError if isinstance(error, OSError) else KeyboardInterrupt):
        save(dataset, file)
    assert file.read_bytes() == before
    assert len(list(file.parent.iterdir())) == 1


def test_libraries_do_not_write_files_themselves(dataset, tmp_path, monkeypatch):
    """HDF5 crashes where the disk is full, so what it makes is written by us: nothing else opens a file to write it."""
    opened = []
    monkeypatch.setattr(Path, "open", lambda self, mode, _open=Path.open: opened.append(mode) or _open(self, mode))
    before = set(tmp_path.iterdir())
    content = storage._netcdf(dataset)
    assert set(tmp_path.iterdir()) == before and opened == []
    save(dataset, tmp_path / "a.nc")
    assert opened == ["xb"] and (tmp_path / "a.nc").stat().st_size == len(content)


def test_what_killed_writers_left_is_swept(tmp_path):
    old, young, other = (tmp_path / name for name in (".usadel-0123456789ab.tmp", ".usadel-ba9876543210.tmp", "a.tmp"))
    for file in (old, young, other):
        file.write_bytes(b"half a file")
    for file in (old, other):
        os.utime(file, (1e9, 1e9))
    check_writable(tmp_path / "a.nc")
    assert not old.exists() and young.exists() and other.exists()


def test_failure_while_moving_leaves_nothing(dataset, tmp_path, monkeypatch):
    def broken(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", broken)
    refuses(lambda: save(dataset, tmp_path / "a.nc"), "a.nc", "Input/output error")
    assert list(tmp_path.iterdir()) == []


def test_symbolic_link_is_kept(dataset, file):
    link = file.with_name("link.nc")
    link.symlink_to(file.name)
    dataset.attrs["advice"] = "through the link"
    save(dataset, link)
    assert link.is_symlink() and load(file).attrs["advice"] == "through the link"


def test_complex_data_is_refused(dataset, tmp_path):
    refuses(lambda: save(dataset.assign(gap=dataset.gap + 1j), tmp_path / "a.nc"), "complex", "gap")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("check", [check_writable, lambda path: save(xr.Dataset(), path)])
def test_impossible_places(tmp_path, check):
    refuses(lambda: check(tmp_path / "no" / "a.nc"), "a.nc", "there is no directory")
    (tmp_path / "folder.nc").mkdir()
    refuses(lambda: check(tmp_path / "folder.nc"), "is a directory")
    refuses(lambda: check(tmp_path / ("a" * 300 + ".nc")), "too long")
    if Path("/proc/self").is_dir():
        refuses(lambda: check(Path("/proc/self/a.nc")), "/proc/self/a.nc")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.nc")
        refuses(lambda: check(tmp_path / "pipe.nc"), "not a regular file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_places(dataset, file):
    file.chmod(0o444)
    refuses(lambda: check_writable(file), "read-only")
    file.parent.chmod(0o555)
    refuses(lambda: check_writable(file.parent / "new.nc"), "Permission denied")
    file.parent.chmod(0o755)


def test_wrong_ending(tmp_path):
    refuses(lambda: check_writable(tmp_path / "a.txt"), "must end in .nc")
    refuses(lambda: check_writable(tmp_path / "a.nc", (".png", ".pdf")), "must end in .png or .pdf")


def test_checking_leaves_no_trace(tmp_path):
    check_writable(tmp_path / "a.nc")
    assert list(tmp_path.iterdir()) == []


def test_any_content_is_written(tmp_path):
    assert write_file(tmp_path / "a.txt", b"whole") == tmp_path / "a.txt"
    assert (tmp_path / "a.txt").read_bytes() == b"whole"


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_truncated_file(file, kept):
    whole = file.read_bytes()
    file.write_bytes(whole[: int(kept * len(whole))])
    refuses(lambda: load(file), "result.nc", "empty" if kept == 0 else "damaged")


def test_flipped_bit_in_the_data_is_noticed(dataset, file):
    whole = bytearray(file.read_bytes())
    place = whole.find(dataset.gap.values.tobytes())
    assert place > 0  # small arrays are stored uncompressed
    whole[place + 3] ^= 4
    file.write_bytes(bytes(whole))
    refuses(lambda: load(file), "damaged")


def test_not_a_result(dataset, tmp_path):
    refuses(lambda: load(tmp_path / "none.nc"), "none.nc", "no such file")
    refuses(lambda: load(tmp_path), "is a directory")
    (tmp_path / "text.nc").write_text("gap = 1", encoding="utf-8")
    refuses(lambda: load(tmp_path / "text.nc"), "not a netCDF-4 file")
    xr.Dataset({"gap": ("x", [1.0])}).to_netcdf(tmp_path / "foreign.nc", engine="h5netcdf")
    refuses(lambda: load(tmp_path / "foreign.nc"), "not a result of usadel")
    dataset.attrs["format_version"] = "one"
    save(dataset, tmp_path / "odd.nc")
    refuses(lambda: load(tmp_path / "odd.nc"), "not a result of usadel")


def test_newer_format(dataset, tmp_path):
    dataset.attrs |= {"format_version": 2, "usadel_version": "9.1.0"}
    save(dataset, tmp_path / "new.nc")
    refuses(lambda: load(tmp_path / "new.nc"), "format 2 is newer than 1", "9.1.0")
