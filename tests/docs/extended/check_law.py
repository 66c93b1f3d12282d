"""In a copy of the package with the law of the page: it suppresses the gap at its end."""

import usadel as us


def test_it_breaks_pairs_at_its_end():
    device = us.Stack([us.Superconductor(length=3.0), us.Wetted(conductance=5.0)], temperature=0.1, tolerance=1e-3)
    gap = us.solve(device).data.gap.values
    assert gap[-1] < 0.8 * gap[0]
    assert "wetted" in device.to_toml() and us.Stack.from_toml(device.to_toml()) == device
    assert "Wetted" in us.__all__
