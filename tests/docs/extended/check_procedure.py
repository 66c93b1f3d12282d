"""In a copy of the package with the procedure of the page: it is called as one of `usadel` and as a command."""

import usadel as us
from usadel.__main__ import main


def test_the_command(tmp_path, capsys):
    device = us.Stack([us.Superconductor(length=3.0)], temperature=0.1, tolerance=1e-3)
    (tmp_path / "device.toml").write_text(device.to_toml(), encoding="utf-8")
    assert main(["mean-gap", str(tmp_path / "device.toml")]) == 0
    assert abs(float(capsys.readouterr().out) - us.mean_gap(device)) < 1e-5
    assert "mean_gap" in us.__all__
