"""Current-phase relations: what is kept where something fails or is interrupted, files, and what is refused."""

import warnings

import numpy as np
import pytest
from junction_devices import PI, between, weak, wire

import usadel as us
from usadel.junctions import samples


def test_phase_that_fails_is_kept_open(monkeypatch, tmp_path):
    """The relation is there without it, and says what is missing."""
    solve = samples.solve_near

    def failing(device, start):
        if device.value("stack.0.phase") == pytest.approx(0.4 + PI / 2):
            raise us.NotConverged(None, "try something else")
        return solve(device, start)

    monkeypatch.setattr(samples, "solve_near", failing)
    with pytest.raises(us.NotConverged, match=r"phase 1\.5708: try something else") as failure:
        us.josephson(wire(tolerance=1e-3))
    found = failure.value.result
    open_ = np.isnan(found.data.current.values)
    assert list(found.data.phase.values[open_] / PI) == pytest.approx([0.5, 1.5])
    assert found.critical_current == pytest.approx(1.352, abs=2e-2)
    again = us.load(found.save(tmp_path / "a.nc"))
    assert not again.converged and again.data.identical(found.data)


def test_relation_that_fails_leaves_the_others(monkeypatch):
    solve = samples.solve_near

    def failing(device, start):
        if device.value("temperature") == 0.4:
            raise us.NotConverged(None, "try something else")
        return solve(device, start)

    monkeypatch.setattr(samples, "solve_near", failing)
    with pytest.raises(us.NotConverged, match=r"temperature = 0\.4: .*try something else") as failure:
        us.josephson(wire(tolerance=1e-3), over={"temperature": [0.3, 0.4, 0.5]})
    found = failure.value.result
    assert list(found.data.converged.values) == [1, 0, 1]
    assert list(np.isfinite(found.critical_current)) == [True, False, True]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        us.plots.default_figure(found.data)


def test_interruption_keeps_what_is_done(tmp_path):
    seen = []

    def stop(event):
        seen.append(event)
        if sum(each.stage == "current-phase relation" for each in seen) > 4:
            raise KeyboardInterrupt

    with pytest.raises(us.Interrupted) as stopped:
        us.josephson(wire(tolerance=1e-3), progress=stop)
    found = us.load(stopped.value.result.save(tmp_path / "a.nc"))
    assert not found.converged and "interrupted" in found.advice
    assert found.data.sizes["phase"] >= 4 and np.all(np.isfinite(found.data.current))
    us.plots.default_figure(found.data)
    assert str(found.summary())


def test_a_map_is_resumed(tmp_path):
    """After an interruption between its points, and after one in the search for the crossing."""
    over, store = {"L": [0.45, 0.6, 0.75]}, tmp_path / "m.nc"

    def stop_at(stage, count):
        def stop(event):
            if event.stage == stage and event.done == count:
                raise KeyboardInterrupt

        return stop

    with pytest.raises(us.Interrupted) as stopped:
        us.josephson(weak(), over=over, store=store, progress=stop_at("josephson", 1))
    assert list(np.isfinite(stopped.value.result.critical_current)) == [True, False, False]
    begun = us.load(store)
    assert isinstance(begun, us.Josephson) and "2 of 3 points are not finished" in begun.advice
    us.plots.default_figure(begun.data)
    with pytest.raises(us.InputError, match="holds an unfinished map of current-phase relations"):
        us.josephson(weak(), over=over, store=store)
    with pytest.raises(us.Interrupted):
        us.josephson(weak(), over=over, store=store, resume=True, progress=stop_at("0-π crossing", 1))
    assert us.load(store).converged and not us.load(store).crossings
    found = us.josephson(weak(), over=over, store=store, resume=True)
    assert found.data.attrs["resumed_points"] == 3 and len(found.crossings) == 1
    again = us.load(store)
    assert again.data.identical(found.data)
    alone = us.josephson(weak(), over=over)
    assert alone.data.equals(found.data)
    assert us.josephson(weak(), over=over, store=store, resume=True).data.identical(found.data)


def test_two_axes_and_processes(tmp_path):
    """The same to the last bit, whoever computes it; linked axes have a name each."""
    over = {"temperature": [0.3, 0.5], ("N.length", "inelastic"): [(1.0, 0.01), (1.5, 0.02)]}
    device = wire(tolerance=1e-3)
    one, two = us.josephson(device, over=over, workers=1), us.josephson(device, over=over, workers=2)
    assert one.data.identical(two.data)
    assert one.data.current.dims == ("temperature", "N.length", "phase") and one.data.inelastic.dims == ("N.length",)
    single = us.josephson(device.replace({"temperature": 0.5, "N.length": 1.5, "inelastic": 0.02}))
    assert one.critical_current[1, 1] == pytest.approx(single.critical_current, abs=1e-9)
    assert "0 for 4 values" in str(one.summary())
    us.plots.default_figure(us.load(one.save(tmp_path / "a.nc")).data)


def test_file_is_read_again(normal, tmp_path):
    again = us.load(normal.save(tmp_path / "a.nc"))
    assert isinstance(again, us.Josephson)
    assert again.data.identical(normal.data)
    assert again.critical_current == normal.critical_current
    us.plots.default_figure(again.data)


@pytest.mark.parametrize(
    ("device", "keys", "words"),
    [
        (us.Stack([us.NormalMetal(length=1)]), {}, "0 superconducting reservoirs"),
        (wire(), {"phase": "temperature"}, "changes no phase difference"),
        (wire(), {"phase": "stack.1.length"}, "changes no phase difference"),
        (wire(), {"over": {"stack.0.phase": [0, 1]}}, "the phase and an axis at once"),
        (wire(), {"over": {"temperature": []}}, "at least one"),
        (between(us.NormalMetal(length=1)).replace({"stack.0.current": 0.1}), {}, "stack.0.current: is given"),
        (wire(), {"over": {"temperature": [0.1], "N.length": [-1.0]}}, "length"),
    ],
)
def test_refused_in_one_line(device, keys, words):
    with pytest.raises(us.InputError, match=words) as refused:
        us.josephson(device, **keys)
    assert "\n" not in str(refused.value)


def test_phase_that_is_a_parameter(normal):
    """Half of it on either bank: the difference is counted, not the parameter."""
    elements = [
        us.SuperconductingReservoir(phase="p/2"),
        us.NormalMetal(length=1),
        us.SuperconductingReservoir(phase="-p/2"),
    ]
    device = us.Stack(elements, temperature=0.3, tolerance=1e-5, parameters={"p": 1.0})
    found = us.josephson(device, "p")
    assert found.critical_current == pytest.approx(normal.critical_current, abs=2e-5)
    assert float(found.data.phase_forward) == pytest.approx(float(normal.data.phase_forward), abs=1e-3)


@pytest.mark.parametrize("mirrored", [False, True])
def test_layers_with_a_given_gap_are_banks(mirrored):
    """One that is long and a reservoir: nearly two reservoirs; from left to right counts what flows out of the left."""
    given = us.Superconductor(name="A", length=6, gap=0.997, self_consistent=False)
    elements = [given, us.NormalMetal(length=1), us.SuperconductingReservoir()]
    if mirrored:
        elements = elements[::-1]
    keys = {"temperature": 0.3, "tolerance": 1e-3}
    found = us.josephson(us.Stack(elements, **keys), "A.phase")
    current, phase = found.data.current.values, found.data.phase.values
    assert np.argmax(current) < np.argmin(current) and found.ground_state_phase == 0
    quarter = us.solve(us.Stack(elements, **keys).replace({"A.phase": -PI / 2 if mirrored else PI / 2}))
    middle = quarter.profiles().charge_current.sel(position=0.5 if mirrored else 6.5, method="nearest")
    assert current[np.argmin(np.abs(phase - PI / 2))] == pytest.approx(float(middle), abs=3e-3)


@pytest.mark.parametrize(
    ("key", "value"), [("length", "1+p/9"), ("exchange_field", (0, 0, "p/5")), ("temperature", "0.2+p/90")]
)
def test_parameter_that_changes_more_than_a_phase(key, value):
    magnet = us.Ferromagnet(**{"length": 1, "exchange_field": (0, 0, 1)} | {key: value})
    banks = us.SuperconductingReservoir(phase="p"), us.SuperconductingReservoir()
    device = us.Stack([banks[0], magnet, banks[1]], parameters={"p": 1.0})
    with pytest.raises(us.InputError, match="changes more than phases"):
        us.josephson(device, "p")


def test_current_that_does_not_come_back():
    """A phase that grows along a layer by half of what is varied: a turn of it is no turn of the device."""
    given = us.Superconductor(length=1, gap=0.5, phase="p*z", self_consistent=False)
    device = between(given, us.NormalMetal(length=1), temperature=0.3, tolerance=1e-3, parameters={"p": 1.0})
    with pytest.raises(us.InputError, match="allowed: what changes one phase difference"):
        us.josephson(device, "p")
