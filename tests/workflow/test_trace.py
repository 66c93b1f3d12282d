"""Branches: folds, closings, stability and the sweeps of an experiment."""

from itertools import count

import numpy as np
import pytest

import usadel as us
from usadel.branches.tracer import Tracer
from usadel.branches.up_and_down import Leg
from usadel.gap.equation import GapEquation
from usadel.gap.stability import is_stable
from usadel.states.newton import solve_states

VS = "S.spin_voltage"


def paper(axis=(0, 0, 1), **settings):
    """The device of Ouassou, Robinson and Linder (2019)."""
    magnets = [us.FerromagneticInsulator(spin_mixing=0.6, magnetization=m) for m in ([1, 0, 0], [0, 1, 0])]
    layer = us.Superconductor(name="S", length=settings.pop("length", 1.5), spin_axis=axis)
    return us.Stack([magnets[0], layer, magnets[1]], temperature=0.01, **({"tolerance": 1e-5} | settings))


def bulk(**settings):
    return us.Stack([us.Superconductor(name="S", length=1.0, spin_axis=[0, 0, 1])], **settings)


@pytest.fixture(scope="module")
def along_z():
    return us.trace(paper(), VS, 0, 1.0, step=0.03)


def test_a_homogeneous_superconductor_is_bistable_between_the_known_spin_voltages():
    """Ends of the bistable interval: exchange_field_and_spin_voltage.json of the limits (gap equation, mpmath)."""
    upper = us.trace(bulk(temperature=0.3, inelastic=0.0), VS, 0, 1.2, step=0.05)
    assert upper.folds == pytest.approx([0.6991389544237453], abs=2e-8)
    lower = us.trace(bulk(temperature=0.01, inelastic=0.01), VS, 0.3, 1.2, step=0.05)
    assert lower.gap_closings == pytest.approx([0.5000057275207821], abs=2e-8)
    assert upper.converged and lower.converged and lower.end == "gap_closing"
    gaps = lower.data.gap.isel(position=0).values
    first = np.interp(0.8, lower.data[VS][: np.argmax(lower.data[VS].values)], gaps[: np.argmax(lower.data[VS].values)])
    assert first == pytest.approx(0.9826124257309151, abs=1e-3)  # linear interpolation between points


def test_the_gap_closes_continuously_at_the_critical_temperature():
    branch = us.trace(bulk(inelastic=0.0), "temperature", 0.5, 1.2, step=0.1)
    assert branch.gap_closings == pytest.approx([1.0], abs=1e-9)
    assert branch.folds == [] and np.all(branch.data.stable == 1)


def test_the_branch_of_the_paper_has_inner_folds(along_z):
    """Three turns and a closing; that each is where solutions cease to exist is the next test's."""
    assert along_z.converged and along_z.end == "gap_closing"
    assert len(along_z.folds) == 3 and len(along_z.gap_closings) == 1
    data = along_z.data
    assert data.stable.values[0] == 1 and data.stable.values[-2] == 0
    parameter, fold, stable = (data[name].values for name in (VS, "fold", "stable"))
    for k in np.flatnonzero(fold):
        before, at, after = parameter[k - 1 : k + 2]
        assert (at - before) * (after - at) < 0  # the parameter turns there ...
        assert stable[k - 1] != stable[k + 1]  # ... and the stability changes
    assert np.all(np.abs(np.diff(stable)[~(fold[:-1] | fold[1:] | data.gap_closing.values[1:]).astype(bool)]) == 0)
    assert float(data.estimated_error.max()) <= 1e-5


@pytest.mark.parametrize("number", [0, 1, 2])
def test_at_a_fold_solutions_cease_to_exist(along_z, number):
    """Plain solves, which know nothing of branches: on one side of a fold they leave it like √distance, and on the
    other there is no solution near."""
    place = np.flatnonzero(along_z.data.fold.values)[number]
    fold, gaps = along_z.folds[number], along_z.data.gap.isel(position=0).values
    side = np.sign(along_z.data[VS].values[place - 1] - fold)  # where the branch comes from and goes to
    start, away = None, []
    for distance in (2e-2, 4e-3, 1e-3, -1e-3):
        device = paper(output=us.Output(quantities=["gap"])).replace({VS: fold + side * distance})
        start = us.solve(device, start=start)
        away.append(abs(float(start.data.gap[0]) - gaps[place]))
    assert away[1] / away[2] == pytest.approx(2.0, abs=0.25) and away[2] < 0.05
    assert away[3] > 5 * away[2]


def test_folds_do_not_depend_on_tolerance_step_and_start(along_z):
    other = us.trace(paper(tolerance=1e-6), VS, 0.3, 1.1, step=0.05)
    assert other.folds == pytest.approx(along_z.folds, abs=1e-6)
    assert other.gap_closings == pytest.approx(along_z.gap_closings, abs=1e-6)


def test_another_device_has_other_folds(along_z):
    shorter = us.trace(paper(length=1.3), VS, 0, 1.0, step=0.05)
    assert abs(shorter.folds[0] - along_z.folds[0]) > 1e-2
    assert abs(shorter.gap_closings[0] - along_z.gap_closings[0]) > 1e-2


def test_points_of_a_branch_are_solutions():
    """The last point is at STOP, where a solve of its own finds the same gap and currents."""
    branch = us.trace(paper([1, 0, 0]), VS, 0, 0.25, step=0.2)
    assert branch.end == "stop" and float(branch.data[VS][-1]) == 0.25
    alone = us.solve(paper([1, 0, 0]).replace({VS: 0.25})).data
    last = branch.data.isel(branch_point=-1)
    fractions = branch.data.position.values
    for name in ("gap", "energy_accumulation"):
        assert np.interp(fractions, alone.position, alone[name]) == pytest.approx(last[name].values, abs=2e-3)
    for component, value in zip("xyz", [0.0, 0.008295431339869954, 0.02321495409670023], strict=True):
        middle = last.spin_current.sel(component=component).values
        assert middle == pytest.approx(np.full(middle.size, value), abs=2e-5)  # fi_s_fi_points.json


def relaxed(tracer, snapshot, push):
    """Distance from a solution after forty plain fixed-point sweeps Δ ← G/K from a small push, relative to it."""
    tracer.curve.mix([snapshot], np.ones(1))
    s, basis = tracer.curve.state, tracer.curve.basis
    equation = GapEquation(s.problem, s.contour, basis)
    packs, gap, distance = s.packs, s.gap * (1 + push), []
    for _ in range(40):
        packs = solve_states(s.problem, packs, gap, 1e-8).packs
        unknowns = basis.collect(gap) + equation.mismatch(equation.value(packs), gap) / equation.coupling[0]
        gap = basis.expand(unknowns)
        distance.append(np.max(np.abs(gap - s.gap)) / np.max(np.abs(push * s.gap)))
    return distance[-1]


def test_stability_is_what_a_damped_fixed_point_iteration_does():
    tracer = Tracer(paper(tolerance=1e-4), VS, 0.5, 1.0, 0.06, count(1))
    points = list(tracer.points())
    flags = [p.stable for p in points if not p.gap_closing]
    located = tracer.located
    assert len(located) >= len(flags) and {True, False} == set(flags)
    checked = set()
    for point in located[::3]:
        tracer.curve.mix([point.snapshot], np.ones(1))
        tracer.curve.linearize(True)
        stable = is_stable(tracer.curve.solution(point.tangent))
        if stable is None or abs(point.parameter_slope) < 0.1:
            continue  # too near to a fold for forty sweeps to tell
        assert (relaxed(tracer, point.snapshot, 1e-3) < 1.0) == stable
        checked.add(stable)
    assert checked == {True, False}


def test_sweeps_jump_at_the_folds(along_z):
    both = us.trace(paper(), VS, 0, 1.0, step=0.05, both=True)
    assert both.converged
    data = both.data
    assert data.gap.dims == ("direction", "branch_point", "position")
    parameter = data[VS].values
    gap = data.gap.isel(position=data.sizes["position"] // 2)
    found = {}
    for way in ("up", "down"):
        change = np.abs(np.diff(gap.sel(direction=way).values))
        same = np.flatnonzero(np.diff(parameter) == 0)
        found[way] = [float(parameter[k]) for k in same if change[k] > 1e-3]
        assert np.all(data.stable.sel(direction=way) == 1)
    assert found["up"] == pytest.approx([along_z.folds[0], along_z.folds[2]], abs=1e-6)
    assert found["down"] == pytest.approx(along_z.gap_closings, abs=1e-6)
    between = (parameter > found["down"][0]) & (parameter < found["up"][0])
    assert np.all(gap.sel(direction="up").values[between] > 0.5)
    assert np.all(gap.sel(direction="down").values[between] == 0)
    outside = (parameter < found["down"][0]) | (parameter > found["up"][1])
    assert np.max(np.abs(np.diff(gap.values[:, outside], axis=0))) < 1e-5


def test_the_normal_state_is_a_branch_too():
    branch = us.trace(bulk(temperature=0.3, inelastic=0.0), VS, 1.0, 0.0, step=0.1)
    data = branch.data
    assert np.all(data.gap == 0) and branch.end == "stop"
    closing = branch.gap_closings[0]
    assert np.all(data.stable.values == (data[VS].values >= closing))


def test_a_device_without_unknown_gap_is_followed_along_the_range():
    reservoirs = [us.SuperconductingReservoir(name=name, phase=0.0) for name in ("A", "B")]
    junction = us.Stack([reservoirs[0], us.NormalMetal(length=1.0), reservoirs[1]], temperature=0.2, tolerance=1e-5)
    branch = us.trace(junction, "B.phase", 0, 3, step=0.2)
    assert branch.converged and branch.end == "stop" and branch.folds == []
    current = branch.data.charge_current.isel(position=0)
    alone = us.solve(junction.replace({"B.phase": 1.8}))
    assert float(current[3]) == pytest.approx(float(alone.data.charge_current[0]), abs=2e-5)


def test_a_gap_that_is_real_at_the_start_may_turn():
    """At equal phases the gap is real, and between others a supercurrent flows: the branch has that of a solve."""
    banks = [us.SuperconductingReservoir(name=name) for name in "AB"]
    wire = us.Stack([banks[0], us.Superconductor(length=2.0), banks[1]], temperature=0.6, tolerance=1e-3)
    branch = us.trace(wire, "A.phase", 0, 1.5, step=0.2)
    assert branch.converged and branch.data.sizes["position"] < 100
    current = branch.data.charge_current.isel(branch_point=-1)
    alone = us.solve(wire.replace({"A.phase": 1.5})).profiles().charge_current
    assert float(alone[0]) > 0.3
    assert np.ptp(current.values) < 2e-3
    assert float(current[0]) == pytest.approx(float(alone[0]), abs=2e-3)


def test_steps_do_not_shrink_below_what_points_miss():
    """At a loose tolerance points miss the curve by more than predictions were to: steps went to nothing."""
    banks = [us.SuperconductingReservoir(name=name) for name in "AB"]
    wire = us.Stack([banks[0], us.Superconductor(length=1.0), banks[1]], temperature=0.7, tolerance=1e-2)
    branch = us.trace(wire, "A.phase", 0, 2 * np.pi, step=0.05)
    assert branch.converged and branch.end == "stop" and branch.data.sizes["branch_point"] < 100


def test_sweeps_without_unknown_gap_see_the_same_states():
    reservoirs = [us.SuperconductingReservoir(name=name) for name in "AB"]
    junction = us.Stack([reservoirs[0], us.NormalMetal(length=1.0), reservoirs[1]], temperature=0.2, tolerance=1e-4)
    both = us.trace(junction, "B.phase", 0, 2, step=0.2, both=True)
    assert both.converged and both.data.gap.dims[0] == "direction"
    current = both.data.charge_current.isel(position=0)
    assert np.array_equal(*current.values) and np.max(np.abs(current)) > 0.1


@pytest.mark.parametrize(("start", "stop"), [(0.9, 1.1), (1.1, 0.9)])
def test_sweeps_through_a_continuous_transition(start, stop):
    """Up and down meet in one transition, whose place both find with rounding of their own."""
    both = us.trace(bulk(tolerance=1e-4), "temperature", start, stop, step=0.2, both=True)
    assert both.converged
    temperature, gap = both.data.temperature.values, both.data.gap.isel(position=0).values
    assert np.max(np.abs(gap[0] - gap[1])) < 2e-4
    transition = temperature[np.diff(temperature, append=np.nan) == 0]
    assert transition.size == 1 and np.all(gap[:, temperature > transition] == 0)
    assert np.all(gap[:, temperature < transition - 1e-6] > 0.1)


def test_sweeps_of_the_normal_state():
    both = us.trace(bulk(tolerance=1e-4), "temperature", 1.1, 1.2, step=0.2, both=True)
    assert both.converged and np.all(both.data.gap == 0) and np.all(both.data.stable == 1)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_is_done_survives_an_interruption(both, wrapped, tmp_path):
    """Wrapped: as it arrives when a compiled kernel was running."""

    def interrupt(event):
        if event.stage == "trace" and event.done == 10:
            if wrapped:
                raise SystemError from KeyboardInterrupt()
            raise KeyboardInterrupt

    with pytest.raises(us.Interrupted) as stopped:
        us.trace(bulk(tolerance=1e-4), VS, 0, 1.2, step=0.05, both=both, progress=interrupt)
    branch = stopped.value.result
    assert branch.end == "interrupted" and not branch.converged
    branch.save(tmp_path / "part.nc")
    data = us.load(tmp_path / "part.nc").data
    gap = data.gap.isel(position=0).values
    assert data.attrs["converged"] == 0 and np.sum(np.isfinite(gap)) >= 3
    assert gap.ravel()[0] == pytest.approx(0.98995, abs=1e-4)


def test_sweeps_survive_an_interruption_while_they_are_sampled(monkeypatch):
    """Every recorded point is kept, at its own value, and no more is solved for."""
    real, asked = Leg.at, []

    def interrupted(self, value):
        asked.append(value)
        if len(asked) == 5:
            raise KeyboardInterrupt
        return real(self, value)

    monkeypatch.setattr(Leg, "at", interrupted)
    with pytest.raises(us.Interrupted) as stopped:
        us.trace(bulk(tolerance=1e-4), VS, 0, 0.3, step=0.1, both=True)
    branch = stopped.value.result
    gap = branch.data.gap.isel(position=0)
    assert branch.end == "interrupted" and len(asked) == 5
    for direction in ("up", "down"):
        found = gap.sel(direction=direction).values
        assert np.sum(np.isfinite(found)) >= 3
        assert found[np.isfinite(found)] == pytest.approx(0.98995, abs=1e-3)
    us.plots.branch(branch.data, "gap")


def test_an_interruption_before_the_first_point_has_nothing_to_keep():
    def interrupt(event):
        raise KeyboardInterrupt

    for both in (False, True):
        with pytest.raises(KeyboardInterrupt) as stopped:
            us.trace(bulk(tolerance=1e-4), VS, 0, 1.2, both=both, progress=interrupt)
        assert not isinstance(stopped.value, us.Interrupted)


def test_files_hold_everything(along_z, tmp_path):
    along_z.save(tmp_path / "z.nc")
    loaded = us.load(tmp_path / "z.nc")
    assert loaded.device == along_z.device
    assert loaded.data.equals(along_z.data) and loaded.data.attrs == along_z.data.attrs


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((VS, 0, 0), "empty"),
        ((VS, 0, float("nan")), "finite"),
        ((VS, 0, "1"), "finite"),
        (("S.lenght", 1, 2), "length"),
        (("temperature", 0.1, -1), "temperature"),
    ],
)
def test_bad_ranges_are_refused(arguments, words):
    with pytest.raises(us.InputError, match=words):
        us.trace(paper(), *arguments)
    with pytest.raises(us.InputError, match="step"):
        us.trace(paper(), VS, 0, 1, step=0)
