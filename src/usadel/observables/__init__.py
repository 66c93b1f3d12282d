"""What is measured: from states to currents, accumulations, pair amplitudes and densities of states."""
