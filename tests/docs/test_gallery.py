"""Scripts of the gallery: well-formed, in terms of what exists, and right, each by a fact of its physics."""

import ast
import re
import runpy
import time

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from pages import REPOSITORY
from scipy.integrate import quad

import usadel as us

GALLERY = REPOSITORY / "gallery"
SCRIPTS = sorted(GALLERY.glob("*/*.py"))
MOST_SECONDS = 40.0  # of processor time; wanted are 20 on an idle core, one of a busy machine takes twice as long
KB_TC = np.exp(np.euler_gamma) / np.pi  # in Δ0


def run(script):
    """Run a script as a reader does; its names, with the number of figures as `figures`."""
    matplotlib.use("Agg")
    pyplot.close("all")
    began = time.process_time()
    try:
        names = runpy.run_path(str(script), run_name="__main__")
        return names | {"figures": len(pyplot.get_fignums()), "seconds": time.process_time() - began}
    finally:
        pyplot.close("all")


def minigap(names):
    """0.78 Thouless energies in a long wire [Zhou et al., J. Low Temp. Phys. 110, 841]."""
    assert abs(names["minigaps"][4.0] * 16 - 0.78) < 0.03
    assert names["minigaps"][1.0] < 1


def spin_split_fit(names):
    errors = names["found"].data.standard_error
    for name, value in names["true"].items():
        assert abs(names["found"].values[name] - value) < 4 * float(errors.sel(parameter=name))


def bilayer(names):
    """The recipe of the same film is typed in the program's units."""
    recipe = us.studies.NIOBIUM_COPPER_NICKEL.device(tolerance=1e-3)
    at = {5.0: None, 13.0: None}
    for thickness in at:
        expected = 7.0 * us.critical(recipe.replace({"thickness": thickness})).value
        assert abs(names["kelvin"][list(names["thicknesses"]).index(thickness)] - expected) < 0.01


def spin_valve(names):
    assert np.all(np.diff(names["temperatures"]) > 0)
    assert 0.05 < names["switch"] < 0.5


def exchange_field(names):
    """At the tricritical point Σ Re(ω + Γ + ih)^-3 = 0."""
    data = names["found"].data
    temperature, field = float(data.tricritical_temperature[0]), float(data.tricritical_h[0])
    shifted = KB_TC * temperature * np.pi * (2 * np.arange(200_000) + 1) + 0.01 + 1j * field
    assert abs((shifted**-3).real.sum() / (abs(shifted) ** -3).sum()) < 2e-3
    assert np.all(np.diff(names["fields"]) < 0)


def spin_injection(names):
    """The fold where `usadel reproduce` locates it at a tolerance of 1e-6 (docs/ouassou2019.md)."""
    assert len(names["folds"]) == 1 and len(names["closings"]) == 1
    assert abs(names["folds"][0] - 0.8985) < 2e-3 and names["closings"][0] < names["folds"][0]


def zero_pi(names):
    phases = np.abs(names["junction"].ground_state_phase)
    crossing = names["junction"].crossings[0]
    assert set(phases.round(2)) == {0.0, 3.14} and 0.6 < crossing < 0.75


def triplet(names):
    currents = names["currents"]
    assert currents[-1] > 10 * currents[0] and np.all(np.diff(currents) > 0)


def anomalous_phase(names):
    """The reversed magnet has the reversed phase: spins turned by π about x - y, and left and right exchanged."""
    assert abs(names["phase"]) > 0.05
    assert abs(names["reversed_phase"] + names["phase"]) < 1e-3


def transistor(names):
    assert list(names["ground"][[0, -1]].round(2)) == [0.0, 3.14]


def magnets_on_top(names):
    """Weak magnets: the sine of the angle."""
    currents = np.array(names["currents"])
    assert abs(currents - currents[2] * np.sin(np.pi * names["angles"])).max() < 0.02 * currents[2]


def thermoelectric(names):
    assert names["thermopower"][0] < 1e-3 and max(names["thermopower"]) > 1
    limit = 0.8**2 / (1 - 0.8**2)
    assert 0 < max(names["merit"]) < limit


def cooler(names):
    """∫ dE (E - V) N(E) [f(E - V) - f(E)] of a weak contact."""
    temperature = 0.3 * KB_TC

    def dos(energy):
        shifted = energy + 1e-3j
        return abs((shifted / np.sqrt(shifted**2 - 1)).real)

    def occupied(energy):
        return 0.5 * (1 - np.tanh(energy / (2 * temperature)))

    def heat(energy, voltage):
        return (energy - voltage) * dos(energy) * (occupied(energy - voltage) - occupied(energy))

    expected = [quad(heat, -8, 8, (v,), points=[-1, 0, v, 1], limit=2000)[0] for v in names["voltages"]]
    assert abs(names["power"] - expected).max() < 1.5e-3


def charge_imbalance(names):
    assert names["lengths"][0.01] > names["lengths"][0.05] > names["lengths"][0.2]


def nonlocal_spin_valve(names):
    """A normal wire of the length L, grounded at its end: sinh((L - x)/λ), with λ = 1/√(8 spin_flip)."""
    length = 1 / np.sqrt(8 * names["SPIN_FLIP"])
    expected = np.sinh((names["length"] - names["positions"]) / length)
    signal = names["signals"]["normal"]
    assert abs(signal / signal[0] - expected / expected[0]).max() < 2e-3
    superconducting = next(value for name, value in names["signals"].items() if name != "normal")
    assert superconducting[-1] / superconducting[0] < signal[-1] / signal[0]


def interferometer(names):
    """Even about π, and smallest there."""
    conductance = np.array(names["conductance"])
    assert abs(conductance - conductance[::-1]).max() < 1e-3
    assert conductance.argmin() == len(conductance) // 2


def spin_battery(names):
    assert abs(names["computed"] / names["closed"] - 1).max() < 0.02


def cluster(names):
    """Each point by itself, without a cluster, is the same."""
    assert names["swept"].converged
    device = names["device"].replace({"S.length": 2.0, "temperature": 0.2})
    gap = us.solve(device).data.gap
    assert abs(float(names["swept"].data.gap[-1, 0].max()) - float(gap.max())) < 2e-3


FACTS = {
    "anomalous_phase": anomalous_phase,
    "bilayer_in_nanometres": bilayer,
    "charge_imbalance": charge_imbalance,
    "cluster": cluster,
    "cooler": cooler,
    "exchange_field_diagram": exchange_field,
    "interferometer": interferometer,
    "magnets_on_top": magnets_on_top,
    "nonlocal_spin_valve": nonlocal_spin_valve,
    "proximity_minigap": minigap,
    "spin_battery_2004": spin_battery,
    "spin_injection_2019": spin_injection,
    "spin_split_fit": spin_split_fit,
    "spin_valve": spin_valve,
    "thermoelectric": thermoelectric,
    "transistor": transistor,
    "triplet": triplet,
    "zero_pi": zero_pi,
}
QUICK = ["magnets_on_top", "nonlocal_spin_valve", "spin_battery_2004", "transistor"]
"""Scripts of a few seconds; the others run in `pytest -m slow`."""


def check(name):
    (script,) = GALLERY.glob(f"*/{name}.py")
    names = run(script)
    assert names["figures"] >= 1
    assert names["seconds"] < MOST_SECONDS
    FACTS[name](names)


@pytest.mark.parametrize("name", QUICK)
def test_quick_script(name):
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(FACTS) - set(QUICK)))
def test_script(name):
    check(name)


def test_every_script_has_a_fact():
    assert {script.stem for script in SCRIPTS} == set(FACTS) and len(SCRIPTS) >= 16


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_well_formed(script):
    """A title, prose, what to try, and public names that exist."""
    text = script.read_text(encoding="utf-8")
    tree = ast.parse(text)
    title, line, _, *prose = ast.get_docstring(tree).splitlines()
    assert set(line) == {"="} and len(line) == len(title) and len(" ".join(prose)) > 150
    last = text.rpartition("# What to try\n# -----------\n# - ")[2]
    assert last.count("\n# - ") >= 1 and all(row.startswith("#") for row in last.splitlines()[1:])
    assert 30 <= len([row for row in text.splitlines() if row.strip()]) <= 60
    assert unknown_names(tree) == []
    modules = {node.names[0].name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import)}
    modules |= {node.module.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules <= {"matplotlib", "numpy", "usadel", "distributed"}


def unknown_names(tree):
    """Names after `us.` that the package, or its public rooms, do not have."""
    dotted = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = [name.split(".")[1:] for name in sorted(dotted) if re.fullmatch(r"us(\.\w+){1,2}", name)]
    public = {room: getattr(us, room).__all__ for room in ("plots", "studies")}
    return [
        name for name in names
        if name[0] not in us.__all__ or (name[0] in public and len(name) > 1 and name[1] not in public[name[0]])
    ]  # fmt: skip


def test_unknown_names_are_seen():
    tree = ast.parse("us.sove(1)\nus.plots.nothing()\nus.studies.spin_valve\nus.solve")
    assert unknown_names(tree) == [["plots", "nothing"], ["sove"]]


def test_pages_of_the_gallery_exist():
    """What `docs/questions.md` and the sections of the gallery refer to."""
    text = (REPOSITORY / "docs" / "questions.md").read_text(encoding="utf-8")
    linked = {part.partition("`")[0] for part in text.split("{doc}`gallery/")[1:]}
    assert linked == {script.relative_to(GALLERY).with_suffix("").as_posix() for script in SCRIPTS}
    assert {folder.name for folder in GALLERY.iterdir() if (folder / "GALLERY_HEADER.rst").is_file()} == {
        script.parent.name for script in SCRIPTS
    }
