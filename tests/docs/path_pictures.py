"""Draws the two paths of docs/architecture.md: `python tests/docs/path_pictures.py`.

A step names the functions that do it and the file that they are in, below src/usadel; the tests look them up.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"

LEFT, BOX, LINE, RIGHT = 132, 566, 32, 184  # widths: rooms, steps, line of a loop, words of loops; all in pixels
HEIGHT, GAP, MARGIN = 46, 34, 14  # of a box; between two; around all
INK, COLOURS = "#667", ("#226", "#840", "#165")  # of lines: those that go on, and those that go back by their column


@dataclass(frozen=True)
class Step:
    """One box: its room, file, functions, what they do, and what goes on to the next.

    called : the head of a box without functions.
    """

    room: str
    file: str
    names: tuple[str, ...]
    does: str
    gives: str = ""
    called: str = ""


@dataclass(frozen=True)
class Loop:
    """An arrow back, from the step with one number to that with another, and when it is taken."""

    start: int
    end: int
    lines: tuple[str, ...]
    column: int = 0


@dataclass(frozen=True)
class Course:
    """A whole picture."""

    title: str
    steps: tuple[Step, ...]
    loops: tuple[Loop, ...]


DEVICE = Course(
    "A device, from its file to a plotted gap",
    (
        Step(
            "description/device", "description/device/load.py", ("load_device",),
            "every key checked for kind, unit and range; errors name the line",
            "Stack: layers, interfaces, reservoirs as written",
        ),
        Step(
            "solution", "solution/solve.py", ("solve",),
            "the public way in: refuses what has no stationary state, chooses the solver",
            "Stack, tolerance",
        ),
        Step(
            "description/device", "description/device/device.py", ("Stack.network",),
            "defaults filled in, expressions evaluated, neighbours found",
            "Network: every value in force",
        ),
        Step(
            "discretization", "discretization/choice.py", ("first_nodes", "make_grids"),
            "how many nodes each layer needs, how its grid is stretched",
            "Grid of every layer",
        ),
        Step(
            "energies", "energies/contour.py", ("Contour",),
            "shifted Matsubara points, and what each is worth in every layer",
            "complex energies with weights",
        ),
        Step(
            "states", "states/problem.py", (),
            "the network on grids: unknowns, rows, numbers of the kernels; packs of energies",
            "GapState: problem, contour, packs with first states, gap",
            called="Problem",
        ),
        Step(
            "gap", "gap/settle.py", ("solve_level",),
            "Newton's method from a start; then stable phases, or exactly Δ = 0",
            "GapState",
        ),
        Step(
            "gap", "gap/newton_schur.py", ("full_gap_step", "chord_gap_step"),
            "each pack eliminated; their sum over energies: A δΔ = G - KΔ, then δĝ",
            "Solution: GapState, GapLinearization, Outcome",
        ),
        Step(
            "accuracy", "accuracy/estimate.py", ("estimate", "rule_error"),
            "last steps; profiles once more with stencils of lower order",
            "Solved: Solution, Profiles, error",
        ),
        Step(
            "solvers", "solvers/refinement.py", ("refine",),
            "is the estimated error below the tolerance?",
            "Solved",
        ),
        Step(
            "observables", "observables/variables.py", ("profile_variables",),
            "profiles by name; charge with its usual sign",
            "arrays by name",
        ),
        Step(
            "results", "results/dataset.py", ("build_dataset",),
            "labels, units, dimensions; nothing that cannot be a result passes",
            "xarray.Dataset: the .data of the public Solution, and its file",
        ),
        Step("plots", "plots/profiles.py", ("profile",), "the gap over position, drawn from the dataset alone"),
    ),
    (
        Loop(7, 7, ("until the next step is", "expected to be small enough:", "Budget.nearly")),
        Loop(
            9, 3,
            ("no: more nodes where a", "layer's share of the error", "asks for them, or more",
             "energies; states carried", "over (states/transfer.py)"),
            1,
        ),
    ),
)  # fmt: skip

ENERGY = Course(
    "A real energy, through a kinetic solve",
    (
        Step(
            "kinetics", "kinetics/refine.py", ("solve_nonequilibrium",),
            "the reference equilibrium comes first: the gap, and grids to start from",
            "Kinetics: Network, Problem, gap, tolerance of the integrals",
        ),
        Step(
            "kinetics", "kinetics/reference.py", ("energy_edges",),
            "panels between edges of gaps and steps of the distributions",
            "panels of E ≥ 0",
        ),
        Step(
            "solvers", "solvers/quadrature.py", ("integrate",),
            "15 energies in every open panel",
            "real energies",
        ),
        Step(
            "states", "states/real_energies.py", ("generations", "KnownStates.neighbours"),
            "each starts from its own state, from two neighbours in E, or from nothing",
            "packs of energies with states to start from",
        ),
        Step(
            "states", "states/newton.py", ("solve_pack",),
            "Newton's method at E + iΓ; where it fails, from E + iη with η → 0",
            "γ, γ̃ at all sites (sites, 8, L), and the status of every energy",
        ),
        Step(
            "equations/kinetic", "equations/kinetic/coefficients.py", ("coefficients",),
            "J = M ∂h + Q h, ∂J + R h = 0: the 8×8 matrices from ĝ, two points per cell",
            "M, Q, R",
        ),
        Step(
            "solvers", "solvers/collocation.py", ("condense_cells",),
            "each cell between two nodes: J at its ends from h at its ends",
            "cells",
        ),
        Step(
            "equations/kinetic", "equations/kinetic/rows.py", ("assemble",),
            "J conserved at every node; interface laws; reservoirs as sources",
            "rows of real 8×8 blocks",
        ),
        Step(
            "solvers", "solvers/condensation.py", ("solve_network",),
            "chains eliminated, then the junctions where they meet",
            "δh = h - h_ref (sites, 8, L); with node_fluxes also J",
        ),
        Step(
            "observables", "observables/real_axis.py", ("densities",),
            "currents, accumulations and pair amplitudes per energy",
            "densities of this energy",
        ),
        Step(
            "kinetics", "kinetics/driven_gap.py", ("drive",),
            "only if Δ is an unknown: K Δ = G + G_δh, by steps with A⁻¹ and Anderson",
            "Integral: what δh adds",
        ),
        Step(
            "observables", "observables/profiles.py", ("Profiles.with_densities",),
            "profiles of the reference equilibrium, and what δh adds",
            "Profiles",
        ),
        Step(
            "kinetics", "kinetics/grid_error.py", ("grid_difference",),
            "the same on coarser grids at the same energies: error by the grid",
            "KineticSolved: Solved with kinetics, reference, layer_errors",
        ),
        Step("solvers", "solvers/refinement.py", ("refine",), "is the estimated error below the tolerance?"),
    ),
    (
        Loop(9, 2, ("panels with too large", "an error are halved")),
        Loop(10, 2, ("another Δ: the same", "panels, or new ones", "far from the last"), 1),
        Loop(13, 2, ("no: on_finer_grids;", "states and panels", "are carried over"), 2),
    ),
)  # fmt: skip

PICTURES = {"path_device.svg": DEVICE, "path_energy.svg": ENERGY}


def drawing(course: Course) -> str:
    """A picture as SVG."""
    columns = 1 + max(loop.column for loop in course.loops)
    width = LEFT + BOX + LINE * columns + RIGHT
    tops = [MARGIN + 24 + k * (HEIGHT + GAP) for k in range(len(course.steps))]
    height = tops[-1] + HEIGHT + MARGIN
    title = escape(course.title)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12"><title>{title}</title>',
        *(_head(colour) for colour in (INK, *COLOURS)),
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{MARGIN}" y="{MARGIN + 6}" font-size="14" font-weight="bold" fill="#223">{title}</text>',
    ]
    for step, top in zip(course.steps, tops, strict=True):
        parts += _box(step, top)
    for loop in course.loops:
        parts += _back(loop, tops, LEFT + BOX + LINE * columns + 6)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _head(colour: str) -> str:
    """The head of arrows of a colour."""
    return (
        f'<defs><marker id="head{colour[1:]}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0 8 4 0 8z" fill="{colour}"/></marker></defs>'
    )


def _box(step: Step, top: int) -> list[str]:
    called, x = step.called or ", ".join(step.names), LEFT + 10
    parts = [
        f'<text x="{MARGIN}" y="{top + 28}" fill="#446">{escape(step.room)}</text>',
        f'<rect x="{LEFT}" y="{top}" width="{BOX}" height="{HEIGHT}" rx="4" fill="#eef3fa" stroke="#446"/>',
        f'<text x="{x}" y="{top + 18}" font-family="monospace" font-weight="bold" fill="#223">{escape(called)}</text>',
        f'<text x="{LEFT + BOX - 10}" y="{top + 18}" font-size="11" text-anchor="end" fill="#667">{step.file}</text>',
        f'<text x="{x}" y="{top + 36}" fill="#223">{escape(step.does)}</text>',
    ]
    if step.gives:
        low = top + HEIGHT
        parts += [
            _arrow(f"M{x + 20} {low}V{low + GAP}", INK),
            f'<text x="{x + 32}" y="{low + 21}" font-style="italic" fill="#446">{escape(step.gives)}</text>',
        ]
    return parts


def _back(loop: Loop, tops: list[int], beside: int) -> list[str]:
    """The arrow of a loop right of the boxes, and its words, which end at the height where it begins."""
    colour, edge, alone = COLOURS[loop.column], LEFT + BOX, loop.start == loop.end
    low = tops[loop.start] + HEIGHT // 2 + (10 if alone else 0)
    high = tops[loop.end] + HEIGHT // 2 + (-10 if alone else 6 * loop.column)
    first = low + 4 - 15 * (len(loop.lines) - 1)
    return [
        _arrow(f"M{edge} {low}H{edge + LINE * (loop.column + 1) - 12}V{high}H{edge}", colour),
        *(
            f'<text x="{beside}" y="{first + 15 * k}" font-size="11.5" fill="{colour}">{escape(line)}</text>'
            for k, line in enumerate(loop.lines)
        ),
    ]


def _arrow(path: str, colour: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" marker-end="url(#head{colour[1:]})"/>'


if __name__ == "__main__":
    for name, course in PICTURES.items():
        (IMAGES / name).write_text(drawing(course), encoding="utf-8")
        print(IMAGES / name)
