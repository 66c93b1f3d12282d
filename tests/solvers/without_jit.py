"""One Newton step of a small device, so that it can be run with and without compilation.

Usage: python without_jit.py FILE [TESTS]: write the arrays to FILE; TESTS is where the helpers are.
"""

import sys
from pathlib import Path


def newton_step():
    """Residual, blocks, gap columns, solution, growth and pair response of one step."""
    import numpy as np
    from devices import Case

    from usadel import description as us
    from usadel.equations import gap
    from usadel.equations.spectral import scheme as spectral
    from usadel.solvers.elimination import solve_block_tridiagonal
    from usadel.terms import pairing

    device = us.Stack(
        [
            us.FerromagneticInsulator(spin_mixing=0.5, magnetization=[1, 1, 0]),
            us.Superconductor(length=1),
            us.Tunnel(conductance=0.7, relative_to="left"),
            us.Ferromagnet(length=0.5, exchange_field=[0.2, 0, 0.4]),
            us.NormalMetal(length=0.8, diffusion=2, spin_flip=0.2, nanowire=0.3),
            us.SuperconductingReservoir(gap=0.9, phase=1),
        ]
    )
    case = Case(device, nodes=9, energy=np.array([0.2 + 0.3j, -0.5 + 0.1j]))
    sites, layout = case.sites(), case.layout
    pairs = np.arange(layout.sites) < 9
    basis, functions = np.ones((layout.sites, 1)), pairs.astype(np.int64)
    residual, (blocks, _, _) = case.residual(), case.jacobian()
    assembled = blocks.copy()
    rhs = np.zeros((len(layout.rows), 8, 3, case.energy.size), complex)
    rhs[:, :, 0] = -residual
    rhs = rhs.reshape(len(layout.rows), 24, -1)
    first = np.where(pairs, 1, -1)
    gap.gap_columns(rhs, 3, case.state, sites, case.rows, basis, first, functions, pairing.derivatives())
    columns = rhs.copy()
    growth = solve_block_tridiagonal(blocks, rhs.reshape(len(layout.rows), 8, 3, -1))
    weights = np.ones((3, 4, case.energy.size), complex)
    value, response = gap.pair_response(case.state, rhs, layout.row_of_site, 3, weights, 0.5j * weights, layout.layer)
    return {
        "residual": residual, "blocks": assembled, "columns": columns, "solution": rhs, "growth": growth,
        "value": value, "response": response,
        "slopes": spectral.slopes(case.state, case.energy, sites, layout.offset),
    }  # fmt: skip


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    import numba
    import numpy as np

    assert numba.config.DISABLE_JIT
    np.savez(sys.argv[1], **newton_step())
