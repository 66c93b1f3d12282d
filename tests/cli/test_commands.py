"""Every command: what it prints, what it writes, and its exit status."""

import json

import pytest
from synthetic_result import make_dataset

import usadel as us
from usadel.cli.commands import app
from usadel.results import load, save


def refused(done, *words, status=2):
    """One line on stderr with these words, nothing on stdout."""
    assert done.status == status
    assert done.out == ""
    assert done.err.startswith("usadel: ") and done.err.count("\n") == 1 and done.err.endswith("\n")
    assert "Traceback" not in done.err and "╭" not in done.err
    for word in words:
        assert word in done.err


def test_run_writes_and_summarizes(api, workplace, usadel):
    done = usadel("run", workplace.device)
    assert done.status == 0 and done.err == ""
    assert load(workplace.here / "sns.nc").attrs["converged"] == 1
    for part in (
        "S/N/S, made up",
        "converged",
        "yes, in",
        "gap in S1",
        "spin current",
        "estimated error",
        "sns.nc",
    ):
        assert part in done.out


def test_run_json_is_json_alone(api, workplace, usadel):
    done = usadel("run", workplace.device, "--json", "-o", "other.nc")
    summary = json.loads(done.out)
    assert done.status == 0 and summary["file"] == "other.nc" and summary["converged"] is True
    assert summary["gap"][0]["layer"] == "S1" and summary["seconds"] >= 0
    assert (workplace.here / "other.nc").is_file()


def test_run_replaces_an_older_result(api, workplace, usadel):
    save(make_dataset(nodes=5, energies=41, converged=0), workplace.here / "sns.nc")
    assert usadel("run", workplace.device).status == 0
    assert load(workplace.here / "sns.nc").attrs["converged"] == 1


def test_set_changes_the_device(api, workplace, usadel, monkeypatch):
    seen = []
    real = us.load_device

    def spy(path):
        device = real(path)
        return type("Spy", (), {"replace": lambda self, changes: seen.append(changes) or device})()

    monkeypatch.setattr(us, "load_device", spy, raising=False)
    done = usadel("run", workplace.device, "--set", "temperature=0.5", "--set", "S1.length = pi/2")
    assert done.status == 0 and seen == [{"temperature": 0.5, "S1.length": "pi/2"}]


def test_quantities_are_those_of_the_output(api, workplace, usadel):
    assert usadel("run", workplace.device, "--quantities", "gap, charge_current").status == 0
    assert [device.quantities() for device in api.calls] == [("gap", "charge_current")]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("gap,charge_curent", ["unknown quantity 'charge_curent'", "did you mean 'charge_current'?", "allowed: gap,"]),
        ("gap,,dos", ["output.quantities: must be a list of different names"]),
        ("gap,gap", ["output.quantities: must be a list of different names"]),
    ],
)
def test_unknown_quantities_are_refused(workplace, usadel, names, words):
    done = usadel("run", workplace.device, "--quantities", names)
    assert done.status == 2 and done.out == "" and done.err.count("\n") == 1
    assert all(word in done.err for word in words) and not list(workplace.here.iterdir())


def test_help_says_what_leaving_out_the_map_saves(usadel):
    text = " ".join(usadel("run", "--help").out.split())
    assert "--quantities A,B" in text and "four fifths of the time" in text


def test_not_converged(api, workplace, usadel):
    api.advice = "lower the spin voltage\nor start from a neighbour"
    done = usadel("run", workplace.device)
    assert done.status == 3 and "NO" in done.out
    assert done.err == "usadel: not converged: lower the spin voltage or start from a neighbour\n"
    assert load(workplace.here / "sns.nc").attrs["converged"] == 0
    done = usadel("run", workplace.device, "--json")
    assert done.status == 3 and json.loads(done.out)["converged"] is False and done.err.count("\n") == 1


def test_invalid_input_writes_nothing(api, workplace, usadel):
    refused(usadel("run", "missing.toml"), "missing.toml")
    bad = workplace.here / "bad.toml"
    bad.write_text('title = "x"\n[[stack]]\nkind = "superconductor"\nlength = -1\n', encoding="utf-8")
    refused(usadel("run", bad), "bad.toml", "length")
    bad.write_text("title = = 1", encoding="utf-8")
    refused(usadel("run", bad), "bad.toml")
    refused(usadel("run", workplace.device, "--set", "S9.length=1"), "S9.length")
    refused(usadel("run", workplace.device, "--set", "temperature"), "PATH=VALUE")
    refused(usadel("run", workplace.device, "--set", "=1"), "PATH=VALUE")
    assert api.calls == [] and [path.name for path in workplace.here.iterdir()] == ["bad.toml"]


@pytest.mark.parametrize(
    ("output", "word"),
    [
        ("no/a.nc", "no directory"),
        ("a.txt", "must end in .nc"),
        ("folder.nc", "directory"),
        ("/proc/a.nc", "/proc/a.nc"),
    ],
)
def test_impossible_output_is_found_before_the_solve(api, workplace, usadel, output, word):
    (workplace.here / "folder.nc").mkdir()
    refused(usadel("run", workplace.device, "-o", output), word)
    assert api.calls == []


def test_interrupted(api, workplace, usadel):
    api.error = KeyboardInterrupt()
    refused(usadel("run", workplace.device), "interrupted", status=130)
    assert list(workplace.here.iterdir()) == []


def test_unexpected_failure_is_one_line_with_a_way_to_more(api, workplace, usadel, monkeypatch):
    monkeypatch.delenv("USADEL_DEBUG", raising=False)
    api.error = ZeroDivisionError("in the\nmiddle")
    refused(
        usadel("run", workplace.device),
        "unexpected ZeroDivisionError: in the middle",
        "USADEL_DEBUG=1",
        status=1,
    )
    monkeypatch.setenv("USADEL_DEBUG", "1")
    done = usadel("run", workplace.device)
    assert done.status == 1 and "Traceback" in done.err


def test_plot(api, workplace, usadel):
    usadel("run", workplace.device)
    done = usadel("plot", "sns.nc")
    assert (done.status, done.out, done.err) == (0, "sns.png\n", "")
    assert (workplace.here / "sns.png").read_bytes().startswith(b"\x89PNG")
    assert usadel("plot", "sns.nc", "gap", "spin_current.x", "-o", "fig.svg").status == 0
    assert "<svg" in (workplace.here / "fig.svg").read_text(encoding="utf-8")


def test_plot_refuses(api, workplace, usadel):
    usadel("run", workplace.device)
    refused(usadel("plot", "sns.nc", "gapp"), "sns.nc", "'gapp'", "did you mean 'gap'")
    refused(usadel("plot", "none.nc"), "none.nc", "no such file")
    refused(usadel("plot", workplace.device), "not a netCDF-4 file")
    refused(usadel("plot", "sns.nc", "-o", "fig.gif"), ".png or .pdf or .svg")
    cut = workplace.here / "cut.nc"
    cut.write_bytes((workplace.here / "sns.nc").read_bytes()[:5000])
    refused(usadel("plot", cut), "cut.nc", "damaged")
    assert not list(workplace.here.glob("*.gif")) and not list(workplace.here.glob("*.png"))


def test_check_sketches_without_solving(api, workplace, usadel):
    done = usadel("check", workplace.device, "--set", "temperature=0.25")
    assert done.status == 0 and "0.25" in done.out and api.calls == []
    assert list(workplace.here.iterdir()) == []


def test_new_prints_a_starter(api, usadel):
    for kind in us.starter_kinds():
        done = usadel("new", kind)
        assert done.status == 0 and done.out == us.starter(kind)


@pytest.mark.parametrize("arguments", [[], ["nonsense"]])
def test_new_lists_the_kinds(api, usadel, arguments):
    refused(usadel("new", *arguments), *us.starter_kinds())


def test_schema(api, usadel):
    assert usadel("schema").out.strip() == us.schema_text().strip()
    assert json.loads(usadel("schema", "--json").out) == us.json_schema()


def test_info(api, usadel):
    done = usadel("info")
    assert done.status == 0
    for word in (
        "usadel",
        us.__version__,
        "numpy",
        "numba",
        "scipy",
        "python",
        "threads",
        "kernel cache",
    ):
        assert word in done.out


def test_cite(usadel):
    done = usadel("cite")
    assert done.status == 0 and done.out.count("@") == 3 and us.__version__ in done.out
    assert done.out.count("{") == done.out.count("}")
    for part in ("12731", "212508", "Ouassou", "Morten", "10.1038/s41598-019-48945-0"):
        assert part in done.out


def test_version(usadel):
    done = usadel("--version")
    assert (done.status, done.out) == (0, f"usadel {us.__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "Missing command"),
        (["rum"], "No such command 'rum'"),
        (["run"], "Missing argument"),
        (["run", "a.toml", "--frob"], "--frob"),
        (["run", "a.toml", "-o"], "-o"),
        (["cite", "extra"], "extra"),
        (["--frob"], "--frob"),
    ],
)
def test_usage_errors_are_one_line(usadel, arguments, word):
    refused(usadel(*arguments), word, "--help")


COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands] + [None]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(usadel, command):
    done = usadel(*([command] if command else []), "--help")
    assert done.status == 0 and done.out.startswith("Usage: usadel") and done.err == ""
