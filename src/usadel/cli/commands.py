"""The commands. Each imports what it needs when it runs; physics and files belong to the public API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from usadel.cli.critical import critical
from usadel.cli.fit import fit
from usadel.cli.josephson import josephson
from usadel.cli.maps import finish_one, read_axes
from usadel.cli.outputs import Output
from usadel.cli.sweep import sweep
from usadel.cli.systems import (
    NOT_CONVERGED,
    Arguments,
    Assignments,
    Force,
    System,
    device_of,
    read_device,
    result_file,
    say,
)

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import usadel as us

        print(f"usadel {us.__version__}")
        raise typer.Exit


@app.callback()
def usadel(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Solve the quasiclassical Usadel equations of superconducting nanostructures.

    Start with: usadel new KIND > device.toml; usadel run device.toml; usadel plot device.nc
    """


@app.command()
def run(
    system: System,
    arguments: Arguments = None,
    assignments: Assignments = None,
    output: Annotated[str | None, result_file("solve")] = None,
    force: Force = False,
    quantities: Annotated[
        str | None,
        typer.Option(
            "--quantities",
            metavar="A,B",
            help="Variables to compute and write, such as gap,charge_current [all]. Without dos, dos_spin and "
            "distribution their maps over energy are skipped: mostly four fifths of the time of a solve.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Solve a device, write the result file and print a summary."""
    import time

    import usadel as us
    from usadel.cli.terminal import Progress, complain
    from usadel.results import summarize, summary_text

    device = read_device(system, assignments, arguments)
    if quantities is not None:
        device = device.replace({"output.quantities": [name.strip() for name in quantities.split(",")]})
    target = Output(system, "solve", device, output, force)
    start, result, advice = time.perf_counter(), None, None
    with Progress() as progress:
        try:
            try:
                result = us.solve(device, progress=progress)
            except us.NotConverged as failure:
                result, advice = failure.result, failure.advice
            data = result.file_data()  # with the density of states
        except BaseException:
            if result is not None:  # its maps are lost, but not the solve
                with target.saving(result.unmapped(), whole=False) as written:
                    complain(f"what is done is in {written}, without maps over energy")
            raise
    seconds = time.perf_counter() - start
    with target.saving(result) as path:
        summary = summarize(data, seconds=seconds, path=path)
        print(_json(summary) if as_json else summary_text(summary, result.beside))
    if not data.attrs["converged"]:
        complain(f"not converged: {advice or data.attrs.get('advice', '')}")
        raise typer.Exit(NOT_CONVERGED)


@app.command()
def trace(
    system: System,
    over: Annotated[str, typer.Option("--over", metavar="PATH=START:STOP", help="Parameter to trace, and its range.")],
    arguments: Arguments = None,
    both: Annotated[bool, typer.Option("--both", help="Sweep up and down instead, with the jumps.")] = False,
    assignments: Assignments = None,
    output: Annotated[str | None, result_file("trace")] = None,
    force: Force = False,
) -> None:
    """Follow a branch of solutions in one parameter through every fold."""
    import time

    import usadel as us
    from usadel.cli.terminal import Progress, complain
    from usadel.description import read_axis
    from usadel.results import branch_summary_text

    device = read_device(system, assignments, arguments)
    path, (start, stop) = read_axis(device, over)
    target = Output(system, "trace", device, output, force, path)
    clock = time.perf_counter()
    with Progress() as progress:
        try:
            branch = us.trace(device, path, start, stop, both=both, progress=progress)
        except us.Interrupted as stopped:
            with target.saving(stopped.result) as written:
                complain(f"what is done is in {written}")
            raise
    seconds = time.perf_counter() - clock
    with target.saving(branch) as written:
        print(branch_summary_text(branch.data, seconds, written, branch.beside))
    if not branch.converged:
        complain(f"not converged: {branch.advice}")
        raise typer.Exit(NOT_CONVERGED)


app.command()(critical)
app.command()(sweep)
app.command()(josephson)
app.command()(fit)


@app.command()
def response(
    system: System,
    arguments: Arguments = None,
    assignments: Assignments = None,
    output: Annotated[str | None, result_file("response")] = None,
    force: Force = False,
) -> None:
    """Find the derivatives of all currents and torques by what terminals are held at."""
    import usadel as us

    device = read_device(system, assignments, arguments)

    def answered(progress: Any) -> Any:
        return us.solve(device, progress=progress).response()

    finish_one(answered, us.Response, Output(system, "response", device, output, force))


@app.command()
def explore(
    system: Annotated[
        str | None, typer.Argument(help="Device: a .toml file, or a GENEUS configuration (.conf) [a choice].")
    ] = None,
    arguments: Arguments = None,
    assignments: Assignments = None,
    port: Annotated[int, typer.Option("--port", metavar="N", help="Port of the page [any that is free].")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; not this machine alone lets others in.")
    ] = "127.0.0.1",
    record: Annotated[
        str | None,
        typer.Option(
            "--record", metavar="OUT.html", help="Write a recorded page instead: answers to a few sliders in one file."
        ),
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            "--over",
            metavar="PATH=START:STOP:N",
            help="Slider to record; may be repeated [30 values of the first three numbers of the file].",
        ),
    ] = None,
) -> None:
    """Open the live page of a device, on which every value is a control, until Ctrl-C."""
    import usadel as us

    device = None if system is None else read_device(system, assignments, arguments)
    if record is not None or over:
        _record_page(device, record, over or [])
        return
    source = "" if system is None or assignments or arguments else system
    us.explore(device, port=port, browser=not no_browser, host=host, source=source)


def _record_page(device: Any, target: str | None, over: list[str]) -> None:
    """Write a recorded page, and say what is in it."""
    import usadel as us
    from usadel.cli.terminal import Progress, complain

    axes = read_axes(device, over) if over and device is not None else None
    if target is None:
        raise us.InputError("--over is for recorded pages; needed: --record OUT.html")
    with Progress() as progress:
        recording = us.explore(device, record=target, over=axes, progress=progress)
    print(f"{target}: {recording.states} states, {Path(target).stat().st_size / 1e6:.1f} MB")
    if recording.failed:
        complain(f"not converged: {recording.failed} of {recording.states} states, which the page marks")
        raise typer.Exit(NOT_CONVERGED)


@app.command()
def reproduce(
    study: Annotated[
        str, typer.Argument(metavar="STUDY", help="Figures to make: ouassou2019, morten2004 or inverse_effect.")
    ],
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for the figures [STUDY].")
    ] = None,
) -> None:
    """Make the figures of a study, as PNG, PDF and netCDF, with a summary of what was located."""
    from usadel.cli.terminal import Progress, complain
    from usadel.studies import located_text
    from usadel.studies import reproduce as make

    with Progress() as progress:
        summary = make(study, output, progress)
    print(located_text(summary))
    if not summary["converged"]:
        complain("not converged: some points failed; the summary says which figures")
        raise typer.Exit(NOT_CONVERGED)


@app.command()
def plot(
    file: Annotated[str, typer.Argument(metavar="OUT.nc", help="Result file.")],
    quantities: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUANTITY", help="Variables to show, such as gap or spin_current.x; default: a choice."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FIG", help="Figure, .png, .pdf or .svg [stem of OUT.nc + .png]."),
    ] = None,
    si: Annotated[bool, typer.Option("--si", help="Show nm, meV, K, nA, …, of a device with a table [scale].")] = False,
) -> None:
    """Draw the figure of a result file."""
    import usadel as us
    from usadel.results import check_writable

    target = check_writable(output or Path(file).stem + ".png", (".png", ".pdf", ".svg"))
    try:
        figure = us.plots.default_figure(us.load(file), quantities or None, si=si)
    except us.plots.PlotError as error:
        raise us.InputError(f"{file}: {error}") from error
    us.plots.save_figure(figure, target)
    print(target)


@app.command()
def check(system: System, arguments: Arguments = None, assignments: Assignments = None) -> None:
    """Show a device with every value in force, without solving it; what cannot be solved is refused."""
    from usadel.description import check_solvable
    from usadel.results.schema import check_quantities

    device = device_of(system, assignments, arguments)
    check_quantities(device.output.quantities or ())
    check_solvable(device)
    print(device.sketch())


@app.command()
def convert(
    configuration: Annotated[str, typer.Argument(metavar="X.conf", help="GENEUS configuration.")],
    target: Annotated[str, typer.Argument(metavar="X.toml", help="Device file to write.")],
    arguments: Arguments = None,
) -> None:
    """Write a GENEUS configuration as a commented device file."""
    import usadel as us
    from usadel.description.geneus.convert import converted_text
    from usadel.results import check_writable, write_file

    path = check_writable(target, (".toml",))
    if configuration.endswith(".toml"):
        raise us.InputError(f"{configuration} is a device file already; needed: a GENEUS configuration (.conf)")
    text, notes = converted_text(configuration, arguments or ())
    say(notes)
    print(write_file(path, text.encode("utf-8")))


@app.command()
def new(
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help="Kind of device; without it: the list.")] = None,
) -> None:
    """Print a commented starter file: usadel new KIND > device.toml."""
    import usadel as us

    if kind is None:
        raise us.InputError(f"new: which KIND of device? allowed: {', '.join(us.starter_kinds())}")
    print(us.starter(kind), end="")


@app.command()
def materials(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Material, such as Nb; default: all.")] = None,
) -> None:
    """Print what sources state of materials, each number with its source."""
    from usadel.description.values.materials import materials_text

    print(materials_text(name))


@app.command()
def schema(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON schema, for editors.")] = False,
) -> None:
    """Print the reference of all keys of a device file."""
    import usadel as us

    print(_json(us.json_schema()) if as_json else us.schema_text().rstrip("\n"))


@app.command()
def info() -> None:
    """Print versions, processor, threads and the kernel cache."""
    from usadel.cli.information import information_text

    print(information_text())


@app.command()
def cite() -> None:
    """Print BibTeX entries of this software and its papers."""
    from usadel.cli.citation import bibtex

    print(bibtex(), end="")


def _json(value: Any) -> str:
    import json

    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
