"""Numbers that carry measured values into the units of the program."""

import numpy as np

KB_TC = float(np.exp(np.euler_gamma) / np.pi)
"""kTc in Δ0, the gap at zero temperature."""
