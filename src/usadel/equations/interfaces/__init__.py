"""Interface laws, one file each, named after the kind of interface; the files of this folder are the registry.

    σA ĝ∂ĝ = (n/2) {G_T[F(ĝ_out), ĝ] - iG_φ[M, ĝ] + second order} = n [S, ĝ],   n = +1 at a left end, -1 at a right end

A law provides `scattering(interface, unit, side)`: the matrices of S as a side of the resolved interface sees them;
`unit` is the G_N that the interface's ratios refer to.
"""

from importlib import import_module
from pkgutil import iter_modules

LAWS = {found.name: import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)}
