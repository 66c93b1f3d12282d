"""What is narrower than a grid is seen: the same device with the narrow part as a layer of its own is the judge."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import usadel as us
from usadel.accuracy.refine import with_unseen
from usadel.algebra.modes import Mode
from usadel.observables.conservation import layer_violations
from usadel.solvers.status import Status
from usadel.transitions.first_order import follows

NOTHING = us.Output(quantities=["gap"])


def split(text, spans):
    """An expression of Z for each piece that cuts at some spans leave of [0, 1], with its width."""
    cuts = [0.0, *(edge for span in spans for edge in span), 1.0]
    for a, b in pairwise(cuts):
        yield b - a, text.replace("Z", f"({a!r}+{b - a!r}*z)")


def whole(text):
    return text.replace("Z", "z")


def junction(pieces, phase, tolerance, barrier=None):
    """A Josephson junction through a magnet in pieces (share of its length, field)."""
    length, ends = 2.0, ([], [])
    if barrier is not None:  # its ratio refers to the piece that it touches
        ends = [[us.Tunnel(conductance=barrier * share)] for share, _ in (pieces[0], pieces[-1])]
    magnets = [us.Ferromagnet(length=length * share, exchange_field=[0, 0, field]) for share, field in pieces]
    left, right = us.SuperconductingReservoir(phase=phase), us.SuperconductingReservoir()
    return us.Stack([left, *ends[0], *magnets, *ends[1], right], temperature=0.1, tolerance=tolerance, output=NOTHING)


def current(result):
    return result.data.charge_current.values[0]


# Values of an earlier version, whose grids were uniform enough to resolve the sheets: with 349 nodes at 1e-6, and in
# layers of their own.
@pytest.mark.parametrize(
    "field, phase, barrier, expected, digits",
    [("20*exp(-(60*(z-0.47))**2)", 2.25, 1.0, 0.009541, 2e-6), ("20*exp(-(80*(z-0.47))**2)", 2.25, 1.0, 0.014326, 2e-6),
     ("100*exp(-(1000*(z-0.53))**2)", 1.5, None, 0.42116, 1e-5)],
)  # fmt: skip
@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
def test_sheets_that_were_missed(field, phase, barrier, expected, digits, tolerance):
    result = us.solve(junction([(1.0, field)], phase, tolerance, barrier))
    assert abs(current(result) - expected) < tolerance + digits
    assert max(result.data.attrs[name] for name in ("estimated_error", "conservation_error")) <= tolerance


@pytest.mark.parametrize(
    "text, spans",
    [("12*exp(-(350*(Z-0.31))**2)-30*exp(-(700*(Z-0.8))**2)", [(0.298, 0.322), (0.794, 0.806)]),
     ("3*tanh(400*(Z-0.4))", [(0.39, 0.41)]), ("600*exp(-(1e4*(Z-0.6))**2)", [(0.5995, 0.6005)])],
)  # fmt: skip
def test_sheets_are_layers_of_their_own(text, spans):
    one = us.solve(junction([(1.0, whole(text))], 1.2, 1e-5))
    parts = us.solve(junction(list(split(text, spans)), 1.2, 1e-6))
    assert abs(current(one) - current(parts)) < 1.1e-5


def test_a_dip_of_a_given_gap():
    """Its phase is that of the reservoirs on both sides, which differ: the currents at the ends tell."""
    text, phase = "0.95*(1-0.9*exp(-(400*(Z-0.45))**2))", "0.5+tanh(600*(Z-0.45))"

    def device(pieces, tolerance):
        layers = [us.Superconductor(length=1.5 * w, gap=g, phase=p, self_consistent=False) for w, g, p in pieces]
        ends = [us.Tunnel(conductance=w) for w in (pieces[0][0], pieces[-1][0])]
        left, right = us.SuperconductingReservoir(phase=1.0), us.NormalReservoir()
        return us.Stack([left, ends[0], *layers, ends[1], right], temperature=0.2, tolerance=tolerance, output=NOTHING)

    spans = [(0.435, 0.465)]
    pieces = [(w, g, p) for (w, g), (_, p) in zip(split(text, spans), split(phase, spans), strict=True)]
    one = us.solve(device([(1.0, whole(text), whole(phase))], 1e-4))
    many = us.solve(device(pieces, 1e-5))
    for end in (0, -1):
        assert abs(one.data.charge_current.values[end] - many.data.charge_current.values[end]) < 1.1e-4


def test_energy_where_the_phase_of_a_given_gap_turns():
    """A step of the pair potential to all energies below D/w²: to them it is what a contact of two gaps is.

    Values next to it were off by 3e-3, at every tolerance, and by 4e-4 where the narrow part was a layer of its own.
    """
    at, width, length = 0.489, 0.0003, 2.0
    gap, phase = f"0.76*(1-0.7*exp(-((Z-{at})/{width})**2))", f"-0.64*tanh((Z-{at})/{width})"

    def device(spans, tolerance):
        cut = zip(split(gap, spans), split(phase, spans), strict=True)
        layers = [us.Superconductor(length=length * w, gap=g, phase=p, self_consistent=False) for (w, g), (_, p) in cut]
        return us.Stack(layers, temperature=0.25, tolerance=tolerance, output=NOTHING)

    one = us.solve(device([], 1e-4)).profiles()
    nodes = one.position.values[np.abs(one.position.values / length - at) < 4 * width]
    many = us.solve(device([(at - 5 * width, at + 5 * width)], 1e-5)).at(nodes).energy_accumulation.values
    assert nodes.size > 12 and np.ptp(many) > 0.5
    assert one.energy_accumulation.sel(position=nodes).values == pytest.approx(many, abs=1.1e-4)


def test_what_no_grid_follows_is_said():
    with pytest.raises(us.NotConverged, match="layer of its own") as failure:
        us.solve(junction([(1.0, "60*sin(3000*pi*z)")], 1.0, 1e-4))
    assert failure.value.result.data.attrs["status"] == "too_narrow"


def test_a_sheet_that_has_moved():
    """A neighbour's grid is dense where the sheet was."""
    there, here = ("20*exp(-(300*(z-0.3))**2)", "20*exp(-(300*(z-0.61))**2)")
    cold = us.solve(junction([(1.0, here)], 1.0, 1e-5))
    warm = us.solve(junction([(1.0, here)], 1.0, 1e-5), start=us.solve(junction([(1.0, there)], 1.0, 1e-5)))
    assert abs(current(warm) - current(cold)) < 1e-5


def test_a_trace_that_moves_a_sheet():
    """Point by point, each as a solve of its own: a sheet is a sheet wherever it is."""
    layer = us.Superconductor(name="S", length=2.0, exchange_field=[0, 0, "8*exp(-(200*(z-place))**2)"])
    device = us.Stack(
        [us.NormalReservoir(), us.Tunnel(conductance=0.5), layer], temperature=0.3, tolerance=1e-4, output=NOTHING,
        parameters={"place": 0.2},
    )  # fmt: skip
    branch = us.trace(device, "parameters.place", 0.2, 0.8, step=0.2)
    assert branch.converged
    for number, place in ((0, 0.2), (-1, 0.8)):
        alone = us.solve(device.replace({"parameters.place": place})).data
        assert np.max(branch.data.gap.values[number]) == pytest.approx(np.max(alone.gap.values), abs=2e-4)


def test_a_search_that_moves_a_sheet_knows_that_its_grids_do_not():
    """A transition of first order is followed on given grids: what these miss is no number to give."""
    layer = us.Superconductor(name="S", length=2.0, exchange_field=[0, 0, "0.45+34*exp(-(300*(z-place))**2)"])
    device = us.Stack([layer], temperature=0.05, tolerance=1e-3, parameters={"place": 0.5}, output=NOTHING)
    state = us.solve(device).state
    for place, seen in ((0.5, True), (0.5005, True), (0.45, False), (0.1, False)):
        assert follows(state, device.replace({"place": place}).network(), 1e-3) == seen
    uniform = us.Stack([us.Superconductor(length=2.0)], temperature=0.05).network()
    assert follows(state, uniform, 1e-3)


def lossy(result, mode, site, change=1e-2):
    """Violations of a solution when a current changes at one site."""
    problem, profiles = result.solved.solution.problem, result.solved.profiles
    currents = profiles.current.copy()
    currents[site, mode] += change
    return layer_violations(problem, replace(profiles, current=currents))


def test_conserved_currents():
    """What is conserved where, seen by currents that are changed by hand."""
    spins = us.SpinActive(
        conductance=1.0, polarization=0.3, magnetization=[0, 0, 1], spin_mixing_left=0.2, spin_mixing_right=0.2,
        magnetization_left=[1, 0, 0], magnetization_right=[1, 0, 0], relative_to="left",
    )  # fmt: skip
    plain = us.Tunnel(conductance=1.0, relative_to="left")
    layers = [us.NormalMetal(length=0.5), plain, us.NormalMetal(length=0.5), spins, us.NormalMetal(length=0.4)]
    driven = us.Stack(
        [us.NormalReservoir(voltage=0.5), *layers, us.NormalReservoir()],
        temperature=0.3,
        tolerance=1e-3,
        output=NOTHING,
    )
    result = us.solve(driven)
    offset = result.solved.solution.problem.layout.offset
    assert max(layer_violations(result.solved.solution.problem, result.solved.profiles)) < 1e-3
    for mode in (Mode.CHARGE, Mode.ENERGY, Mode.SPIN_Y):  # within a layer
        assert lossy(result, mode, offset[1] + 3)[1] == pytest.approx(1e-2, rel=0.1)
    first, second, third = (slice(offset[k], offset[k + 1]) for k in range(3))
    for mode in (Mode.CHARGE, Mode.ENERGY, Mode.SPIN_Z):  # through a contact
        found = lossy(result, mode, first)
        assert found[0] == pytest.approx(1e-2, rel=0.1) and found[1] == pytest.approx(1e-2, rel=0.1)
    for mode, lost in ((Mode.CHARGE, 1e-2), (Mode.ENERGY, 1e-2), (Mode.SPIN_Z, 0.0)):  # magnets absorb spin
        assert lossy(result, mode, third)[2] == pytest.approx(lost, rel=0.1, abs=1e-4)
    assert second.start == offset[1]


def test_convergence_asks_for_conservation():
    """Currents that vary are an error of at least as much, whatever the difference of stencils says."""
    result = us.solve(junction([(1.0, 0.5)], 1.0, 1e-4))
    solved = result.solved
    currents = solved.profiles.current.copy()
    currents[5, Mode.CHARGE] += 3e-4
    worse = with_unseen(replace(solved, profiles=replace(solved.profiles, current=currents)))
    assert worse.error == pytest.approx(3e-4, rel=0.05) and solved.status == Status.CONVERGED
    assert with_unseen(solved).error == solved.error
