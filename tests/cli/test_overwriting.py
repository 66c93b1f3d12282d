"""What `run`, `trace` and `critical` replace, refuse and keep: real solves of a bulk superconductor, end to end."""

from dataclasses import replace

import pytest
import xarray as xr

import usadel as us
from usadel.results import load, save
from usadel.solvers.status import Status
from usadel.states import newton
from usadel.transitions import search

DEVICE = """\
temperature = 0.3
tolerance = 1e-2

[output]
quantities = ["gap"]

[[stack]]
kind = "superconductor"
name = "S"
length = 1
"""
TRACE = ("--over", "S.length=1:1.01")
COMMANDS = {"solve": ("run",), "trace": ("trace", *TRACE), "critical": ("critical",)}
NAMES = {"solve": "x.nc", "trace": "x.trace.nc", "critical": "x.critical.nc"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The bytes that each command writes for x.toml."""
    from usadel.__main__ import main

    folder = tmp_path_factory.mktemp("made")
    (folder / "x.toml").write_text(DEVICE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, *options in COMMANDS.values():
            assert main([name, "x.toml", *options]) == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted([*NAMES.values(), "x.toml"])
    return {procedure: (folder / name).read_bytes() for procedure, name in NAMES.items()}


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "x.toml").write_text(DEVICE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def unsolved(monkeypatch):
    """Fail if anything is solved; call it to allow solves again."""

    def never(*_, **__):
        raise AssertionError("solved what it had to refuse")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("solve", "trace", "critical"):
            patch.setattr(us, name, never, raising=False)
        yield patch.undo


def edited(content):
    """The device file with another length."""
    return content.replace("length = 1", "length = 2")


def refused(done, file, *words):
    assert (done.status, done.out) == (2, "") and done.err.count("\n") == 1
    for word in (f"{file} stays as it is", "-o", "--force", *words):
        assert word in done.err


def alter(path, **attributes):
    """Write other attributes into a result; None removes one."""
    data = load(path)
    data.attrs = {name: value for name, value in (data.attrs | attributes).items() if value is not None}
    save(data, path)


def test_each_command_has_a_name_of_its_own(made, here):
    for procedure, content in made.items():
        (here / "r.nc").write_bytes(content)
        attributes = load("r.nc").attrs
        assert (attributes["procedure"], attributes["source"]) == (procedure, "x.toml")


@pytest.mark.parametrize("procedure", COMMANDS)
@pytest.mark.parametrize("kind", ["text", "empty", "netcdf", "cut"])
def test_foreign_files_stay(made, here, usadel, unsolved, procedure, kind):
    file = here / NAMES[procedure]
    if kind == "netcdf":
        xr.Dataset({"gap": ("x", [1.0])}).to_netcdf(file, engine="h5netcdf")
    else:
        file.write_bytes({"text": b"a letter", "empty": b"", "cut": made["solve"][:3000]}[kind])
    before = file.read_bytes()
    name, *options = COMMANDS[procedure]
    refused(usadel(name, "x.toml", *options), file.name)
    if kind != "empty":  # an empty file that is named holds nothing to lose
        refused(usadel(name, "x.toml", *options, "-o", file.name), file.name)
    assert file.read_bytes() == before
    if kind == "text" and procedure == "solve":
        unsolved()
        assert usadel(name, "x.toml", *options, "-o", file.name, "--force").status == 0
        assert load(file.name).attrs["procedure"] == "solve"


@pytest.mark.parametrize("procedure", COMMANDS)
def test_results_of_another_kind_stay(made, here, usadel, unsolved, procedure):
    """Also those of version 0.1.0, which did not say what they are."""
    name, *options = COMMANDS[procedure]
    for other in set(COMMANDS) - {procedure}:
        file = here / NAMES[procedure]
        file.write_bytes(made[other])
        refused(usadel(name, "x.toml", *options), file.name, f"{other}, not {procedure}")
        alter(file, procedure=None, source=None)
        refused(usadel(name, "x.toml", *options), file.name, f"{other}, not {procedure}")
    unsolved()
    assert usadel(name, "x.toml", *options, "--force").status == 0
    assert load(NAMES[procedure]).attrs["procedure"] == procedure


def test_results_of_another_system_stay(made, here, usadel, unsolved):
    (here / "x.nc").write_bytes(made["solve"])
    (here / "b").mkdir()
    (here / "b" / "x.toml").write_text(DEVICE, encoding="utf-8")
    refused(usadel("run", "b/x.toml"), "x.nc", "x.toml, not of b/x.toml")
    (here / "x.conf").write_text("[superconductor]\n", encoding="utf-8")
    refused(usadel("run", "x.conf"), "x.nc", "x.toml, not of x.conf")
    assert (here / "x.nc").read_bytes() == made["solve"]
    unsolved()
    assert usadel("run", "b/x.toml", "--force").status == 0
    assert load("x.nc").attrs["source"] == "b/x.toml"


def test_a_folder_that_moves_keeps_its_results(made, here, usadel, monkeypatch):
    for folder in ("old", "new"):
        (here / folder).mkdir()
    (here / "old" / "x.toml").write_text(DEVICE, encoding="utf-8")
    (here / "old" / "x.nc").write_bytes(made["solve"])
    (here / "old").rename(here / "new" / "place")
    monkeypatch.chdir(here / "new" / "place")
    done = usadel("run", here / "new" / "place" / "x.toml")
    assert done.status == 0 and done.err == ""


def test_an_edited_file_replaces_its_own_result_and_says_so(made, here, usadel):
    (here / "x.nc").write_bytes(made["solve"])
    done = usadel("run", "x.toml")
    assert done.status == 0 and done.err == ""  # nothing differs
    for arguments in (["--set", "S.length=1.5"], []):
        done = usadel("run", "x.toml", *arguments)
        assert done.status == 0 and done.err.count("\n") == 1 and "replaced x.nc" in done.err and "x.toml" in done.err
    (here / "x.toml").write_text(edited(DEVICE), encoding="utf-8")
    assert "replaced x.nc" in usadel("run", "x.toml").err
    assert us.load("x.nc").device == us.load_device("x.toml")


def test_another_parameter_replaces_the_result_and_says_so(made, here, usadel):
    (here / "x.critical.nc").write_bytes(made["critical"])
    done = usadel("critical", "x.toml", "--find", "S.spin_voltage=0:1.4")
    assert done.status == 0 and done.err.count("\n") == 1 and "another parameter, temperature" in done.err


def test_results_of_version_0_1_0_are_known_by_their_content(made, here, usadel):
    for procedure, (name, *options) in COMMANDS.items():
        (here / NAMES[procedure]).write_bytes(made[procedure])
        alter(here / NAMES[procedure], procedure=None, source=None)
        done = usadel(name, "x.toml", *options)
        assert done.status == 0
        assert load(NAMES[procedure]).attrs["source"] == "x.toml"


def test_results_saved_from_python(here, usadel, unsolved):
    unsolved()
    us.solve(us.load_device("x.toml").replace({"S.length": 2})).save("x.nc")
    assert load("x.nc").attrs["procedure"] == "solve"
    refused(usadel("run", "x.toml"), "x.nc", "saved from Python")
    us.solve(us.load_device("x.toml")).save("x.nc")
    assert usadel("run", "x.toml").status == 0


def test_an_explicit_name_replaces_any_result(made, here, usadel):
    for procedure in COMMANDS:
        (here / "any.nc").write_bytes(made[procedure])
        alter(here / "any.nc", source="elsewhere/y.toml")
        done = usadel("run", "x.toml", "-o", "any.nc")
        assert done.status == 0 and done.err == ""
        assert load("any.nc").attrs["procedure"] == "solve"
    (here / "empty.nc").touch()
    assert usadel("run", "x.toml", "-o", "empty.nc").status == 0


JUNCTION = """\
tolerance = 1e-2
[output]
quantities = ["gap"]
[[stack]]
kind = "superconducting_reservoir"
[[stack]]
kind = "normal_metal"
length = 2
[[stack]]
kind = "superconducting_reservoir"
"""


def test_a_converged_result_stays_when_a_solve_fails(here, usadel, monkeypatch):
    (here / "x.toml").write_text(JUNCTION, encoding="utf-8")
    assert usadel("run", "x.toml").status == 0
    converged = (here / "x.nc").read_bytes()
    monkeypatch.setattr(newton, "OPTIONS", replace(newton.OPTIONS, iterations=1))
    for arguments in ([], ["--force"]):  # which overrides refusals, and nothing else
        done = usadel("run", "x.toml", *arguments)
        assert done.status == 3 and "written to           x.failed.nc" in done.out
        stays, why = done.err.splitlines()
        assert "x.nc stays" in stays and "x.failed.nc" in stays and why.startswith("usadel: not converged")
        assert (here / "x.nc").read_bytes() == converged
        assert load("x.failed.nc").attrs["converged"] == 0
    done = usadel("run", "x.toml", "--set", "stack.1.length=1")  # another device: its own result, replaced
    assert done.status == 3 and "replaced x.nc" in done.err
    assert load("x.nc").attrs["converged"] == 0
    (here / "x.nc").write_bytes(converged)
    assert usadel("run", "x.toml", "-o", "x.nc").status == 3  # named: replaced
    assert load("x.nc").attrs["converged"] == 0


def test_a_failed_result_goes_when_its_device_converges(made, here, usadel):
    unconverged = us.load(save_bytes(here / "a.nc", made["solve"])).data.assign_attrs(converged=0, source="x.toml")
    (here / "a.nc").unlink()
    save(unconverged, here / "x.failed.nc")
    assert usadel("run", "x.toml", "-o", "y.nc").status == 0 and (here / "x.failed.nc").exists()
    done = usadel("run", "x.toml")
    assert done.status == 0 and "removed x.failed.nc" in done.err and not (here / "x.failed.nc").exists()
    save(unconverged.assign_attrs(source="z.toml"), here / "x.failed.nc")  # of another device: none of its business
    (here / "x.nc").unlink()
    assert usadel("run", "x.toml").status == 0 and (here / "x.failed.nc").exists()


def save_bytes(path, content):
    path.write_bytes(content)
    return path


def test_the_place_of_a_failed_result_is_looked_at_before_the_solve(made, here, usadel, unsolved):
    (here / "x.nc").write_bytes(made["solve"])
    (here / "x.failed.nc").write_text("a letter", encoding="utf-8")
    refused(usadel("run", "x.toml"), "x.failed.nc")
    assert (here / "x.failed.nc").read_text(encoding="utf-8") == "a letter"


def test_converged_critical_values_stay_when_a_search_fails(made, here, usadel, monkeypatch):
    (here / "x.critical.nc").write_bytes(made["critical"])
    monkeypatch.setattr(search.Search, "run", lambda self: search.Transition(0.5, 0.5, order=2, status=Status(1)))
    done = usadel("critical", "x.toml")
    assert done.status == 3 and "written to x.critical.failed.nc" in done.out
    assert (here / "x.critical.nc").read_bytes() == made["critical"]


@pytest.fixture
def interrupted(monkeypatch):
    """Ctrl-C in every trace, once it has a few points."""
    trace = us.trace

    def interrupt(event):
        if event.stage == "trace" and "1.004" in event.text:
            raise KeyboardInterrupt

    monkeypatch.setattr(us, "trace", lambda *a, **k: trace(*a, **(k | {"progress": interrupt})), raising=False)


def test_an_interrupted_trace_keeps_what_is_done(made, here, usadel, interrupted):
    done = usadel("trace", "x.toml", *TRACE)
    assert done.status == 130 and "what is done is in x.trace.nc" in done.err
    assert load("x.trace.nc").attrs["branch_end"] == "interrupted" and not (here / "x.trace.failed.nc").exists()
    (here / "x.trace.nc").write_bytes(made["trace"])
    # another range, and another value of what is traced: the same device
    (here / "x.toml").write_text(DEVICE.replace("length = 1", "length = 3"), encoding="utf-8")
    done = usadel("trace", "x.toml", "--over", "S.length=0.99:1.01")
    assert done.status == 130 and "what is done is in x.trace.failed.nc" in done.err
    assert (here / "x.trace.nc").read_bytes() == made["trace"]
    assert load("x.trace.failed.nc").attrs["branch_end"] == "interrupted"
    done = usadel("trace", "x.toml", *TRACE, "-o", "x.trace.nc")
    assert done.status == 130 and "what is done is in x.trace.nc" in done.err
