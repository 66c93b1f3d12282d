"""Makes the recorded explorers of the documentation anew: python tools/record.py

Their answers are stored in docs/recorded; `docs/conf.py` puts them into pages. A few minutes of processor time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import usadel as us
from usadel.explorer.standalone.recording import Recording

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / "docs" / "recorded"
TOLERANCE = 1e-4  # pictures do not show more, and finer grids take more room
SLIDERS = {
    ROOT / "examples" / "fi_s_fi.toml": {
        "S.spin_voltage": np.linspace(0, 0.96, 33),
        "temperature": np.linspace(0.02, 0.6, 30),
    },
    ROOT / "examples" / "sf_bilayer.toml": {
        "F.exchange_field.2": np.linspace(0, 8.7, 30),
        "F.length": np.linspace(0.1, 1.55, 30),
    },
    RECORDED / "sns_transistor.toml": {"V": np.linspace(0, 1.16, 30), "phase": np.linspace(0, 2.9, 30)},
}


def main() -> None:
    """Record all of them."""
    for path, over in SLIDERS.items():
        device = us.load_device(path)
        recording = Recording(device.replace({"tolerance": max(TOLERANCE, float(device.value("tolerance")))}), over)
        recording.run()
        target = RECORDED / f"{path.stem}.gz"
        target.write_bytes(recording.packed())
        print(
            f"{target.name}: {recording.states} states, {recording.failed} failed, {target.stat().st_size / 1e6:.2f} MB"
        )


if __name__ == "__main__":
    main()
