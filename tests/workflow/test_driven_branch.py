"""Branches in the voltage of devices whose distribution functions are solved for."""

import numpy as np
import pytest

import usadel as us
from usadel.results import branch_summary_text

SOLVED = {"nonequilibrium": True}
GAP = us.Output(quantities=["gap", "charge_current"])


def biased(layer, conductance, voltage="V"):
    barrier = us.Tunnel(conductance=conductance)
    ends = [us.NormalReservoir(voltage=sign + voltage) for sign in ("", "-")]
    return us.Stack(
        [ends[0], barrier, layer, barrier, ends[1]], temperature=0.15, tolerance=1e-4, parameters={"V": 0.0}, output=GAP
    )


def test_current_and_voltage_of_a_normal_wire():
    """Ohm's law at every voltage: resistances 1/2, 1 and 1/2."""
    branch = us.trace(biased(us.NormalMetal(length=1.0, **SOLVED), 2.0), "V", 0.0, 0.5, step=0.2)
    assert branch.converged
    voltage, current = branch.data["V"].values, branch.data.charge_current.values
    assert voltage == pytest.approx(np.linspace(0, 0.5, 6))
    assert current == pytest.approx(np.broadcast_to(voltage[:, None], current.shape), abs=1e-4)
    assert np.all(branch.data.stable == 1)


def test_a_biased_island_is_bistable():
    """On the way up the gap lives on where the normal state is stable, too; on the way down it comes back later."""
    island = us.Superconductor(name="S", length=0.2, **SOLVED)
    branch = us.trace(biased(island, 1e-3), "V", 0.2, 0.9, both=True, step=0.1)
    assert branch.converged
    up, down = (branch.data.gap.sel(direction=d).mean("position").values for d in ("up", "down"))
    assert up[0] == pytest.approx(down[0], abs=1e-3)
    assert up[0] > 0.9
    assert up[-1] == down[-1] == 0.0
    apart = np.flatnonzero(up != 0) > np.flatnonzero(down != 0).max()
    assert apart.sum() >= 2


@pytest.mark.parametrize("both", [False, True])
def test_what_is_done_survives_an_interruption(both, tmp_path):
    """Four points on the way up; or all six, and two on the way down."""

    def interrupt(event):
        if event.stage == "trace" and event.done == (9 if both else 5):
            raise KeyboardInterrupt

    with pytest.raises(us.Interrupted) as stopped:
        us.trace(
            biased(us.NormalMetal(length=1.0, **SOLVED), 2.0), "V", 0, 0.5, step=0.2, both=both, progress=interrupt
        )
    branch = stopped.value.result
    branch.save(tmp_path / "part.nc")
    data = us.load(tmp_path / "part.nc").data
    assert branch.end == "interrupted" and data.attrs["converged"] == 0
    up = np.linspace(0, 0.5, 6)
    expected = [up, [*4 * [np.nan], 0.4, 0.5]] if both else up[:4]
    assert data.charge_current.isel(position=0).values == pytest.approx(np.array(expected), abs=1e-4, nan_ok=True)


def test_a_point_without_a_stationary_state(tmp_path):
    """One voltage alone drives charge into a condensate that nothing holds: the point says so, the branch goes on."""
    device = biased(us.Superconductor(length=1.0, **SOLVED), 0.1).replace({"stack.4.voltage": 0.0})
    branch = us.trace(device, "V", 0.0, 0.3, step=0.2)
    assert not branch.converged and branch.advice.startswith("V = 0.06: the phase of a superconductor")
    assert list(branch.data.converged.values) == [1, 0, 0, 0, 0, 0]
    assert "failed" in branch_summary_text(branch.data, 1.0, "b.nc")


def test_no_critical_values():
    with pytest.raises(us.InputError, match="nonequilibrium"):
        us.critical(biased(us.Superconductor(length=1.0, **SOLVED), 0.1))
